//! What holds for whatever jobs, deployments and users tell, and whenever power fails meanwhile.

use crate::support::{shop, town::Town};
use domain::{
    change::Change,
    command::Command,
    fact::{Fact, Recorded, ReportReceived},
    heartbeat::{HeartbeatPolicy, PingKind, missed_key},
    ids::{AlertKey, HeartbeatName},
    severity::Level,
    state::State,
};
use jiff::{SignedDuration, Timestamp};
use proptest::{collection::vec, prelude::*};

const PERIOD: SignedDuration = SignedDuration::from_secs(600);
const GRACE: SignedDuration = SignedDuration::from_secs(120);

#[derive(Clone, Debug)]
enum Act {
    Ping(PingKind, Option<u8>),
    Pass(i64),
    Crash,
}

fn act() -> impl Strategy<Value = Act> {
    let kind = prop_oneof![
        4 => Just(PingKind::Success),
        3 => Just(PingKind::Start),
        1 => Just(PingKind::Fail),
        1 => Just(PingKind::Log),
        1 => any::<u8>().prop_map(PingKind::Exit),
    ];
    prop_oneof![
        5 => (kind, prop::option::of(0..3_u8)).prop_map(|(kind, run)| Act::Ping(kind, run)),
        5 => prop_oneof![3 => 1..130_i64, 1 => 130..900_i64].prop_map(Act::Pass),
        1 => Just(Act::Crash),
    ]
}

fn name() -> HeartbeatName {
    "backup".into()
}

fn key() -> AlertKey {
    missed_key(&name(), &"db".into())
}

/// The shop with a job that must run every ten minutes.
fn town() -> Town {
    let mut policy = shop::policy();
    let expected = HeartbeatPolicy::new("db".into(), PERIOD, GRACE, Level::Critical);
    policy.heartbeats.insert(name(), expected);
    Town::under(policy)
}

fn play(acts: &[Act]) -> Town {
    let mut town = town();
    for act in acts {
        match act {
            Act::Ping(kind, run) => {
                let run = run.map(|run| run.to_string());
                let ping = Command::Ping { name: name(), kind: *kind, run, detail: String::new() };
                town.command(&ping).expect("it is in the policy");
            }
            Act::Pass(seconds) => town.pass(SignedDuration::from_secs(*seconds)),
            Act::Crash => town.crash(),
        }
    }
    town
}

/// How often a sign was missed since the last success.
fn missed_since_success(facts: &[Recorded]) -> usize {
    let is_success =
        |fact: &Fact| matches!(fact, Fact::HeartbeatHeard(heard) if heard.kind.is_success());
    let since = facts.iter().rposition(|recorded| is_success(&recorded.fact)).unwrap_or(0);
    let is_missed = |recorded: &&Recorded| matches!(recorded.fact, Fact::HeartbeatMissed { .. });
    facts[since..].iter().filter(is_missed).count()
}

fn often(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(often(96))]

    /// A15: whatever came before, a silence longer than period and grace is one alert that fires, in an incident.
    #[test]
    fn a_silence_is_never_overheard(acts in vec(act(), 0..40)) {
        let mut town = play(&acts);
        town.pass(PERIOD + GRACE + SignedDuration::from_secs(1));
        prop_assert_eq!(missed_since_success(&town.facts), 1);
        let alert = town.state.alerts.get(&key()).expect("it fires");
        prop_assert!(!alert.is_steadying());
        let incident = alert.incident.expect("it is critical");
        prop_assert!(town.state.incidents[&incident].burning.contains(&key()));
    }

    /// Nothing is missed before its time: not before the period and grace after a success, and never while hikeshi knows
    /// of no reason.
    #[test]
    fn nothing_is_missed_too_early(acts in vec(act(), 0..40)) {
        let town = play(&acts);
        let (mut success, mut starts): (Option<Timestamp>, Vec<Timestamp>) = (None, Vec::new());
        for Recorded { at, fact } in &town.facts {
            match fact {
                Fact::HeartbeatHeard(heard) if heard.kind.is_success() => success = Some(*at),
                Fact::HeartbeatHeard(heard) if heard.kind == PingKind::Start => starts.push(*at),
                Fact::HeartbeatMissed { .. } => {
                    let began = success.unwrap_or(town.facts[0].at);
                    let is_silent = at.duration_since(began) >= PERIOD + GRACE;
                    let hangs = starts.iter().any(|start| at.duration_since(*start) >= GRACE);
                    prop_assert!(is_silent || hangs, "missed at {at}, last success {success:?}");
                }
                _ => {}
            }
        }
    }

    /// An alert of a job ends with a success and with nothing else.
    #[test]
    fn only_a_success_ends_what_was_missed(acts in vec(act(), 0..40)) {
        let town = play(&acts);
        let mut state = State::default();
        for recorded in &town.facts {
            if matches!(&recorded.fact, Fact::AlertResolved { key: ended, .. } if *ended == key()) {
                prop_assert_eq!(state.heartbeats[&name()].missed, None);
            }
            state.apply(recorded);
        }
        prop_assert_eq!(&town.folded(), &town.state);
    }

    /// A19: what a user says is in exactly one incident, cut and otherwise untouched, whatever it is.
    #[test]
    fn no_report_is_lost(texts in vec((any::<String>(), prop::option::of("db|api-1|nowhere|\\PC*")), 1..8)) {
        let mut town = Town::new();
        let mut accepted = 0;
        for (text, service) in &texts {
            let (from, via) = (text.clone(), text.clone());
            let service = service.as_deref().map(Into::into);
            let report = Command::Report { from, text: text.clone(), service, via };
            let is_taken = town.command(&report).is_ok();
            prop_assert_eq!(is_taken, !text.trim().is_empty());
            accepted += u32::from(is_taken);
        }
        let counted: u32 = town.state.incidents.values().map(|incident| incident.reports).sum();
        prop_assert_eq!(counted, accepted);
        prop_assert_eq!(&town.folded(), &town.state);
    }
}

#[test]
fn a_long_report_is_cut_and_a_strange_name_is_one_line() {
    let mut town = Town::new();
    let report = Command::Report {
        from: "a\nb\u{1b}[2J".into(),
        text: "火".repeat(5000),
        service: None,
        via: "mail".into(),
    };
    town.command(&report).expect("taken");
    let received = town.facts.iter().find_map(|recorded| match &recorded.fact {
        Fact::ReportReceived(ReportReceived { from, text, .. }) => {
            Some((from.clone(), text.chars().count()))
        }
        _ => None,
    });
    assert_eq!(received, Some(("a b [2J".to_owned(), 2001)));
}

#[test]
fn a_change_told_twice_is_one_and_only_a_hundred_are_remembered() {
    let mut town = Town::new();
    let mark = |key: String| Command::Mark {
        integration: "ci".into(),
        change: Box::new(Change { key, title: "deploy".into(), ..Change::default() }),
    };
    for _ in 0..2 {
        town.command(&mark("same".into())).expect("taken");
    }
    assert_eq!(town.state.changes.len(), 1);
    for number in 0..150 {
        town.command(&mark(number.to_string())).expect("taken");
    }
    assert_eq!(town.state.changes.len(), 100);
    let empty = Change { title: " \n ".into(), ..Change::default() };
    let refused =
        town.command(&Command::Mark { integration: "ci".into(), change: Box::new(empty) });
    assert_eq!(refused.expect_err("nothing is said").kind, "incomplete");
}

/// A heartbeat that the team strikes out takes its alerts with it.
#[test]
fn what_nobody_expects_any_more_is_forgotten() {
    let mut town = play(&[Act::Ping(PingKind::Fail, None), Act::Pass(800)]);
    assert_eq!(town.state.alerts.len(), 2);
    town.policy.heartbeats.clear();
    town.pass(SignedDuration::from_secs(1));
    assert!(town.state.alerts.is_empty() && town.state.heartbeats.is_empty());
}
