//! B19, C17: in every story, every open P0 and P1 that nobody has acknowledged has a live next step, at every moment; and
//! what personal rules and quiet hours put off is never lost, never doubled, and ends with an acknowledgement.

use crate::support::{
    rota::{self, Change},
    story::{Act, story},
    town::{Channels, Town},
};
use domain::{
    command::Command,
    fact::{About, Fact, NoticeWithdrawn},
    next_step::{self, NextStep},
    severity::Priority,
};
use jiff::SignedDuration;
use proptest::prelude::*;
use std::collections::BTreeMap;

/// The rarest page of an urgent incident is every half hour; recovery may take its time before.
const SOON: SignedDuration = SignedDuration::from_mins(35);

/// Something beside a story: the clock jumps, or a schedule is changed.
#[derive(Clone, Debug)]
enum Aside {
    Nothing,
    Jump(i64),
    Change(Change),
    /// Somebody goes on working under another policy: the configuration was read anew.
    Reload(usize),
}

fn aside() -> impl Strategy<Value = Aside> {
    prop_oneof![
        6 => Just(Aside::Nothing),
        1 => (-7200..7200_i64).prop_map(Aside::Jump),
        2 => rota::change().prop_map(Aside::Change),
        1 => (0..5_usize).prop_map(Aside::Reload),
    ]
}

fn often(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

/// Plays a story with its asides; after each act, looks.
fn play(
    acts: &[Act],
    asides: &[Aside],
    which: usize,
    mut look: impl FnMut(&Town) -> Result<(), TestCaseError>,
) -> Result<Town, TestCaseError> {
    let policies = rota::policies();
    let mut town = Town::under(policies[which].clone());
    for (act, aside) in acts.iter().zip(asides) {
        act.play(&mut town);
        match aside {
            Aside::Nothing => {}
            Aside::Jump(seconds) => {
                town.now += SignedDuration::from_secs(*seconds);
                town.pass(SignedDuration::ZERO);
            }
            Aside::Change(change) => drop(town.command(&change.command(town.now))),
            Aside::Reload(other) => town.reload(policies[*other].clone()),
        }
        look(&town)?;
    }
    Ok(town)
}

/// Nobody is forgotten now, and the next step comes soon.
fn nobody_is_forgotten(town: &Town) -> Result<(), TestCaseError> {
    let world = town.world();
    for incident in world.state.incidents.values().filter(|one| next_step::is_owed(one)) {
        let step = next_step::of(&world, incident);
        prop_assert!(step.is_ok(), "{}: {:?}: {:#?}", incident.id, step, incident);
        if let Ok(NextStep::At(at)) = step {
            let wait = at.duration_since(town.now);
            prop_assert!(wait <= SOON, "{} waits for {:#}: {:#?}", incident.id, wait, incident);
        }
    }
    let named = town.facts.iter().find(|one| matches!(one.fact, Fact::NextStepMissing(_)));
    prop_assert!(named.is_none(), "the self-check found one: {:?}", named);
    Ok(())
}

proptest! {
    #![proptest_config(often(192))]

    /// The self-check never finds anything: not after a crash, a jump of the clock, an override, the end of quiet, a new
    /// configuration; not where nobody is on call, and not where everybody wants their peace.
    #[test]
    fn every_urgent_incident_has_a_next_step(
        acts in story(40),
        asides in prop::collection::vec(aside(), 40),
        which in 0..5_usize,
    ) {
        play(&acts, &asides, which, nobody_is_forgotten)?;
    }

}

proptest! {
    // Hours and days go by in these.
    #![proptest_config(often(24))]

    /// The way in which an urgent incident is left alone: for hours nobody acknowledges it, and somebody is paged in every
    /// half hour of them.
    #[test]
    fn pages_go_on_for_hours(which in 0..5_usize, hours in 1..4_i64, probe in 0..4_usize) {
        let mut town = Town::under(rota::policies()[which].clone());
        town.steps = crate::support::town::Steps::Fail;
        Act::See(probe, Some(true)).play(&mut town);
        Act::See(4, Some(true)).play(&mut town);
        town.pass(SignedDuration::from_mins(5));
        for _ in 0..hours * 2 {
            let before = town.facts.len();
            town.pass(SignedDuration::from_mins(31));
            let owed = town.state.incidents.values().find(|one| next_step::is_owed(one));
            let Some(incident) = owed else { return Ok(()) };
            let about = About::Incident(incident.id);
            let is_page = |fact: &Fact| {
                matches!(fact, Fact::NoticeOwed(owed) if owed.about == about && owed.event.is_page())
            };
            let waits = town.state.notices.values().any(|one| one.owed.about == about);
            prop_assert!(waits || town.facts[before..].iter().any(|one| is_page(&one.fact)), "{}", incident.id);
        }
    }

    /// A page that waits for its time is delivered when it has come, or withdrawn because somebody is on it or it is over.
    #[test]
    fn what_waits_is_sent_or_withdrawn(
        acts in story(40),
        asides in prop::collection::vec(aside(), 40),
        which in 1..4_usize,
    ) {
        // Whoever reports a delivery is believed. What nobody was asked to deliver, nobody reports.
        let is_report = |act: &Act| matches!(act, Act::Command(command) if matches!(**command, Command::NoticeSettled { .. }));
        let acts: Vec<_> = acts.into_iter().filter(|act| !is_report(act)).collect();
        let mut town = play(&acts, &asides, which, |_| Ok(()))?;
        town.channels = Channels::Work;
        let end = town.state.notices.values().filter_map(|one| one.owed.not_before).max();
        let wait = end.map_or(SignedDuration::ZERO, |end| end.duration_since(town.now));
        town.pass(wait.max(SignedDuration::ZERO) + SignedDuration::from_mins(5));
        let late: Vec<_> = town.state.notices.values()
            .filter(|one| one.owed.not_before.is_some_and(|at| town.now.duration_since(at) > SignedDuration::from_mins(2)))
            .collect();
        prop_assert!(late.is_empty(), "still owed: {:?}", late);
        let mut waiting = BTreeMap::new();
        for recorded in &town.facts {
            match &recorded.fact {
                Fact::NoticeOwed(owed) => {
                    let Some(at) = owed.not_before else { continue };
                    prop_assert!(at > recorded.at, "put off into the past");
                    prop_assert_ne!(owed.priority, Some(Priority::P0).filter(|_| owed.to != Some("hanako".into())), "a P0 waits for nobody's peace");
                    waiting.insert(owed.id, at);
                }
                Fact::NoticeAttempted(tried) => {
                    if let Some(at) = waiting.get(&tried.notice) {
                        prop_assert!(recorded.at >= *at, "{} went out too early", tried.notice);
                    }
                }
                Fact::NoticeWithdrawn(NoticeWithdrawn { notice, .. }) => drop(waiting.remove(notice)),
                _ => {}
            }
        }
    }

    /// Once somebody is on it, or it is over, nothing of a personal rule is begun any more.
    #[test]
    fn an_answer_ends_what_waits(
        acts in story(40),
        asides in prop::collection::vec(aside(), 40),
        which in 1..4_usize,
    ) {
        play(&acts, &asides, which, |town| {
            for notice in town.state.notices.values() {
                let About::Incident(id) = notice.owed.about else { continue };
                let waits = notice.owed.event.is_page() && !notice.has_begun(town.now);
                let incident = town.state.incidents.get(&id);
                // What became worse after the answer is told anew; after it, whatever a clock says that is set back between.
                let last = |is: &dyn Fn(&Fact) -> bool| {
                    town.facts.iter().rposition(|recorded| is(&recorded.fact))
                };
                let owed = last(&|fact| matches!(fact, Fact::NoticeOwed(owed) if owed.id == notice.owed.id));
                let answered = last(&|fact| {
                    matches!(fact, Fact::IncidentAcknowledged { incident, .. } if *incident == id)
                });
                let is_anew = |at| at <= notice.owed_at || answered < owed;
                let is_open = incident.is_some_and(|one| {
                    one.is_burning() && one.times.acknowledged.is_none_or(is_anew)
                });
                // What had begun before goes on to whoever it was for, also when the clock is set back to before its time.
                let ends = incident.map(|one| [one.times.acknowledged, one.times.recovered]);
                let begins = notice.owed.not_before;
                let had_begun = ends.into_iter().flatten().flatten().any(|end| begins <= Some(end));
                prop_assert!(!waits || is_open || had_begun, "{:?} waits for {:?}", notice.owed, incident);
            }
            Ok(())
        })?;
    }
}

/// A fire that nobody has acknowledged, and after whose last page the state has lost what comes next.
fn stranded(policy: domain::policy::Policy) -> Town {
    let mut town = Town::under(policy);
    town.steps = crate::support::town::Steps::Fail;
    Act::See(0, Some(true)).play(&mut town);
    town.pass(SignedDuration::from_secs(40));
    let incident = town.state.incidents.values_mut().find(|one| next_step::is_owed(one));
    let incident = incident.expect("the database is gone");
    (incident.next_level_at, incident.next_page_at) = (None, None);
    town.state.notices.clear();
    assert_eq!(next_step::missing(&town.world()).count(), 1);
    assert_eq!(next_step::findings(&town.world()).len(), 1, "the doctor names it");
    town
}

/// What has no next step is named and counted once, and people are paged anew: it has one again.
#[test]
fn what_has_no_next_step_is_named_and_paged_anew() {
    let mut town = stranded(crate::support::shop::policy());
    let before = town.facts.len();
    town.pass(SignedDuration::from_secs(1));
    let facts: Vec<_> =
        town.facts[before..].iter().map(|one| domain::tell::kind(&one.fact)).collect();
    assert!(facts.starts_with(&["next_step_missing", "escalated", "notice_owed"]), "{facts:?}");
    assert_eq!(town.state.next_steps_missing, 1);
    assert_eq!(next_step::missing(&town.world()).count(), 0);
}

/// Where no channel reaches anybody, it is named once and stays a finding; it is not said again with every look.
#[test]
fn where_nobody_can_be_reached_it_stays_a_finding() {
    let mut town = stranded(crate::support::shop::policy());
    let mut policy = crate::support::shop::policy();
    policy.channels.clear();
    town.reload(policy);
    town.pass(SignedDuration::from_mins(10));
    assert_eq!(town.state.next_steps_missing, 1);
    assert_eq!(next_step::findings(&town.world()).len(), 1);
}
