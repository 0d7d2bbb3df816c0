//! Section D: in every story, a clock that has run out is written down at once, and once; what was kept never runs out.

use crate::support::{
    story::{Act, story},
    town::Town,
};
use domain::{
    clock::Clock,
    digest::DigestPolicy,
    fact::{DigestSent, Fact},
    ids::IncidentId,
};
use jiff::{SignedDuration, civil, tz::TimeZone};
use proptest::prelude::*;
use std::collections::BTreeSet;

fn often(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

/// A town whose digest is read in a room, an hour after the stories begin.
fn town() -> Town {
    let mut policy = Town::new().policy;
    policy.digest = Some(DigestPolicy {
        at: civil::time(4, 0, 0, 0),
        zone: TimeZone::get("Asia/Tokyo").expect("a zone"),
        only_business_days: false,
        channels: policy.channels.keys().cloned().collect(),
        contacts: Vec::new(),
    });
    Town::under(policy)
}

fn play(acts: &[Act], jumps: &[i64]) -> Result<Town, TestCaseError> {
    let mut town = town();
    for (act, jump) in acts.iter().zip(jumps) {
        act.play(&mut town);
        town.now += SignedDuration::from_secs(*jump);
        town.pass(SignedDuration::ZERO);
        for incident in town.state.incidents.values() {
            let late = incident.open_limits().find(|limit| limit.due_at <= town.now);
            prop_assert!(late.is_none(), "{} is not written down: {:?}", incident.id, late);
        }
    }
    Ok(town)
}

proptest! {
    #![proptest_config(often(64))]

    #[test]
    fn a_clock_runs_out_once_and_not_after_it_was_kept(
        acts in story(40),
        jumps in prop::collection::vec(prop_oneof![4 => Just(0), 1 => 0..20_000_i64], 40),
    ) {
        let town = play(&acts, &jumps)?;
        let mut missed: BTreeSet<(IncidentId, Clock)> = BTreeSet::new();
        let mut responded: BTreeSet<IncidentId> = BTreeSet::new();
        for recorded in &town.facts {
            match &recorded.fact {
                Fact::ClockMissed(one) => {
                    prop_assert!(one.limit.due_at <= recorded.at, "it has run out");
                    let is_new = missed.insert((one.incident, one.clock()));
                    prop_assert!(is_new, "{:?} of {} ran out twice", one.clock(), one.incident);
                    let is_kept = one.clock() == Clock::Respond && responded.contains(&one.incident);
                    prop_assert!(!is_kept, "{} was answered before", one.incident);
                }
                Fact::IncidentAcknowledged { incident, .. } | Fact::RepairVerified { incident, .. } => {
                    responded.insert(*incident);
                }
                _ => {}
            }
        }
        for incident in town.state.incidents.values() {
            let deadlines = &incident.deadlines;
            let both = deadlines.met.keys().find(|clock| deadlines.missed.contains_key(clock));
            prop_assert!(both.is_none(), "{} both kept and missed {:?}", incident.id, both);
        }
    }

    /// A day has one digest, whatever the clock does, and a P3 is in one of them or waits for the next.
    #[test]
    fn a_day_has_one_digest_and_no_p3_is_left_out(
        acts in story(40),
        jumps in prop::collection::vec(prop_oneof![4 => Just(0), 1 => -3_000..40_000_i64], 40),
    ) {
        let town = play(&acts, &jumps)?;
        let mut days = BTreeSet::new();
        let mut told: BTreeSet<IncidentId> = BTreeSet::new();
        for recorded in &town.facts {
            if let Fact::DigestSent(sent) = &recorded.fact {
                let DigestSent { day, incidents, .. } = &**sent;
                prop_assert!(days.insert(*day), "two digests of {}", day);
                told.extend(incidents);
            }
        }
        let small = |incident: &&domain::incident::Incident| {
            incident.classification.as_ref().is_some_and(|c| c.priority == domain::severity::Priority::P3)
        };
        for incident in town.state.incidents.values().filter(small) {
            let waits = town.state.digests.small.contains_key(&incident.id);
            prop_assert!(waits || told.contains(&incident.id), "{} is forgotten", incident.id);
        }
    }
}
