//! What holds in every story, also in those that nobody thought of.

#[path = "properties/arrivals.rs"]
mod arrivals;
#[path = "properties/clocks.rs"]
mod clocks;
#[path = "properties/customers.rs"]
mod customers;
#[path = "properties/next_step.rs"]
mod next_step;
#[path = "properties/quiet.rs"]
mod quiet;
mod support;

use domain::{
    fact::{AttemptIntended, AttemptSettled, Delivery, Fact, NoticeAttempted, NoticeWithdrawn},
    ids::{NoticeId, RunId, ServiceName, StepName},
    plan::{EffectKind, Guardrails, Outcome},
    state::State,
};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use support::{
    shop::SIGHTS,
    story::{Act, story},
    town::{Channels, Town},
};

fn play(acts: &[Act]) -> Town {
    let mut town = Town::new();
    acts.iter().for_each(|act| act.play(&mut town));
    town
}

/// A shrunk story is printed with its failure; a folder of old failures is not kept.
fn often(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(often(96))]

    /// The journal is the memory: folded from the first fact, through JSON, it gives the state that decided.
    #[test]
    fn the_facts_alone_give_the_state(acts in story(40)) {
        let town = play(&acts);
        prop_assert_eq!(&town.folded(), &town.state);
        let json = serde_json::to_string(&town.state).expect("plain data");
        let read: State = serde_json::from_str(&json).expect("a snapshot is read");
        prop_assert_eq!(&read, &town.state);
    }

    /// The same story leads to the same facts: nothing but the command and the time decides.
    #[test]
    fn the_same_story_ends_the_same(acts in story(20)) {
        prop_assert_eq!(play(&acts).facts, play(&acts).facts);
    }

    /// A clock that is set back or forth in the middle of a fire: no panic, no chain without end, and the same memory.
    #[test]
    fn a_clock_that_jumps_breaks_nothing(acts in story(30), jumps in prop::collection::vec(-7200..7200_i64, 30)) {
        let mut town = Town::new();
        for (act, jump) in acts.iter().zip(jumps) {
            act.play(&mut town);
            town.now += SignedDuration::from_secs(jump);
        }
        town.pass(SignedDuration::from_mins(1));
        prop_assert_eq!(&town.folded(), &town.state);
    }

    /// Document B: 3 attempts per 300 s, whatever a runbook, a person, a crash or an unknown outcome wants.
    #[test]
    fn no_target_is_changed_more_often_than_the_limit(acts in story(40)) {
        let town = play(&acts);
        let limits = Guardrails::default();
        for (target, changes) in changes(&town) {
            for window in changes.windows(limits.rate_limit as usize + 1) {
                let took = window[window.len() - 1].duration_since(window[0]);
                prop_assert!(took >= limits.rate_window, "{target} was changed {} times in {took:#}", window.len());
            }
            for pair in changes.windows(2) {
                prop_assert!(pair[1].duration_since(pair[0]) >= limits.rate_spacing, "{target}: {pair:?}");
            }
        }
    }

    /// A step that must not run twice does not run again in its run after nobody knows how it ended.
    #[test]
    fn what_is_unknown_is_not_repeated(acts in story(40)) {
        let town = play(&acts);
        let once = once_steps(&town);
        let mut unknown = BTreeSet::new();
        for recorded in &town.facts {
            match &recorded.fact {
                Fact::AttemptSettled(AttemptSettled { run, step, outcome: Outcome::Unknown(_) | Outcome::Timeout, .. }) => {
                    unknown.insert((*run, step.clone()));
                }
                Fact::AttemptIntended(AttemptIntended { run, step, .. }) => {
                    let key = (*run, step.clone());
                    prop_assert!(!(once.contains(&key) && unknown.contains(&key)), "{run} {step} ran again");
                }
                _ => {}
            }
        }
    }

    /// Healthy while healthy changes nothing and writes nothing (house choice 2).
    #[test]
    fn a_quiet_day_writes_nothing(minutes in 1..60_i64, level in 0.0..0.99_f64) {
        let mut town = Town::new();
        let written = town.facts.len();
        for (sees, sight) in town.sees.iter_mut().zip(&SIGHTS) {
            *sees = Some(sight.good * (0.5 + level));
        }
        town.pass(SignedDuration::from_mins(minutes));
        prop_assert_eq!(&town.facts[written..], &[]);
    }

    /// A look that says what is known writes nothing, in whatever trouble.
    #[test]
    fn what_is_known_is_not_written_again(acts in story(40), probes in prop::collection::vec(0..SIGHTS.len(), 1..30)) {
        let mut town = play(&acts);
        let all_known = |town: &mut Town| (0..SIGHTS.len()).for_each(|probe| (0..6).for_each(|_| town.look(probe)));
        // Twice: the looks at one service may release what waited for another.
        all_known(&mut town);
        all_known(&mut town);
        let written = town.facts.len();
        probes.into_iter().for_each(|probe| town.look(probe));
        prop_assert_eq!(&town.facts[written..], &[]);
    }

    /// Whoever is owed a word gets it once channels work, exactly once, also through crashes (house rule 3).
    #[test]
    fn every_notice_that_is_owed_is_delivered(acts in story(40)) {
        let mut town = play(&acts);
        town.channels = Channels::Work;
        town.pass(SignedDuration::from_mins(5));
        let overdue = town.now - SignedDuration::from_mins(2);
        let mut open = BTreeMap::new();
        for recorded in &town.facts {
            match &recorded.fact {
                Fact::NoticeOwed(owed) => {
                    prop_assert_eq!(open.insert(owed.id, (recorded.at, None)), None, "two notices have one number");
                }
                Fact::NoticeAttempted(NoticeAttempted { notice, outcome, next_at, .. }) => {
                    let (_, last) = open.get_mut(notice).expect("only what is owed is tried");
                    prop_assert_ne!(*last, Some(Delivery::Delivered), "{} was delivered twice", notice);
                    prop_assert!(next_at.is_some() || *outcome != Delivery::TryAgain, "{} was given up", notice);
                    *last = Some(*outcome);
                }
                // Somebody is on it: it wakes nobody up any more.
                Fact::NoticeWithdrawn(NoticeWithdrawn { notice, .. }) => {
                    let withdrawn = open.remove(notice).expect("only what is owed is withdrawn");
                    prop_assert_ne!(withdrawn.1, Some(Delivery::Delivered), "{} was delivered", notice);
                }
                _ => {}
            }
        }
        let undelivered = |(since, last): &(Timestamp, Option<Delivery>)| *since < overdue && *last != Some(Delivery::Delivered);
        // Hopeless on its only way: nothing is owed any more.
        let is_owed = |id: &NoticeId| town.state.notices.contains_key(id);
        let late: Vec<_> = open.iter().filter(|(id, notice)| is_owed(id) && undelivered(notice)).collect();
        prop_assert!(late.is_empty(), "still owed: {late:?}");
        let lost: Vec<_> = open.iter().filter(|(id, notice)| !is_owed(id) && undelivered(notice)).collect();
        prop_assert!(lost.iter().all(|(_, (_, last))| *last == Some(Delivery::Hopeless)), "lost: {lost:?}");
    }

    /// Success is never claimed while something burns: an incident recovers only after its alerts are over.
    #[test]
    fn nothing_recovers_while_it_burns(acts in story(40)) {
        let town = play(&acts);
        let mut state = State::default();
        for recorded in &town.facts {
            if let Fact::IncidentRecovered { incident } = &recorded.fact {
                let burning = &state.incidents[incident].burning;
                prop_assert!(burning.is_empty(), "{incident} recovered, and {burning:?} fires");
            }
            state.apply(recorded);
        }
    }
}

/// When attempts that change something were intended, by target.
fn changes(town: &Town) -> BTreeMap<ServiceName, Vec<Timestamp>> {
    let mut changes: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for recorded in &town.facts {
        if let Fact::AttemptIntended(AttemptIntended { target, changes: true, .. }) = &recorded.fact
        {
            changes.entry(target.clone()).or_default().push(recorded.at);
        }
    }
    changes
}

/// The steps of all runs that must not be repeated.
fn once_steps(town: &Town) -> BTreeSet<(RunId, StepName)> {
    let planned = town.facts.iter().filter_map(|recorded| match &recorded.fact {
        Fact::RunPlanned(planned) => Some(planned),
        _ => None,
    });
    let once = |kind| kind == EffectKind::Once;
    planned
        .flat_map(|planned| {
            let steps = planned.steps.iter().filter(move |step| once(step.effect));
            steps.map(|step| (planned.id, step.name.clone()))
        })
        .collect()
}

/// The stories above are about something: fires break out, runs are planned, people are told, and it ends.
#[test]
fn a_fire_in_the_shop_is_put_out() {
    let mut town = Town::new();
    Act::See(1, Some(true)).play(&mut town);
    Act::See(2, Some(true)).play(&mut town);
    town.pass(SignedDuration::from_mins(20));
    let told: BTreeSet<_> =
        town.facts.iter().map(|recorded| domain::tell::kind(&recorded.fact)).collect();
    for kind in [
        "alert_fired",
        "detected",
        "classified",
        "escalated",
        "run_planned",
        "repaired",
        "recovered",
        "reviewed",
        "notice_attempted",
    ] {
        assert!(told.contains(kind), "no fact `{kind}`, only {told:?}");
    }
    assert!(
        town.state.alerts.is_empty() && town.state.runs.is_empty() && town.state.notices.is_empty()
    );
}
