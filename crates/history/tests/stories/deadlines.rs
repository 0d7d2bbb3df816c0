//! The clocks of an incident, as `incident show` has them (section D, A10, A14, C3).

use crate::common::*;
use domain::{
    clock::{Clock, Limit, Origin},
    fact::{About, ClockMissed, Delivery, Fact},
    ids::{Actor, IncidentId},
    said::Said,
    severity::Priority,
};
use serde_json::{Value, json};

fn limit(clock: Clock, from: Origin, what: &str, minutes: u64) -> Limit {
    let within = Said::new(format!("{minutes}分"), format!("{minutes}m"));
    let due_at = second(usize::try_from(minutes * 60).expect("small"));
    Limit { clock, from, what: what.into(), within, minutes, due_at }
}

/// A P2 that was heard of in time, and whose response nobody began within the strictest of two limits.
fn facts() -> Vec<Fact> {
    let limits = vec![
        limit(Clock::FirstNotice, Origin::DocumentA, "P2", 60),
        limit(Clock::Respond, Origin::DocumentA, "P2", 240),
        limit(Clock::Respond, Origin::DocumentB, "api_latency@api-1", 120),
    ];
    let Fact::IncidentClassified { incident, mut classification, by } = classified(1, Priority::P2)
    else {
        unreachable!("it is one")
    };
    classification.limits = limits;
    vec![
        opened(1, "api-1", 0),
        Fact::IncidentClassified { incident, classification, by },
        notice(1, About::Incident(IncidentId(1))),
        attempted(1, 1, "mail", Delivery::Delivered, None),
    ]
}

fn missed() -> Fact {
    let limit = limit(Clock::Respond, Origin::DocumentB, "api_latency@api-1", 120);
    Fact::ClockMissed(Box::new(ClockMissed { incident: IncidentId(1), limit, is_quiet: false }))
}

fn shown(facts: &[Fact]) -> Value {
    let view = history(&journal(facts)).incident(IncidentId(1)).expect("reads");
    serde_json::to_value(view).expect("JSON")["deadlines"].clone()
}

#[test]
fn the_strictest_of_all_sources_holds_and_all_are_listed() {
    let deadlines = shown(&facts());
    assert_eq!(deadlines["respond_minutes"], 120);
    assert_eq!(deadlines["notice_minutes"], 60);
    assert_eq!(deadlines["recover_minutes"], Value::Null, "no source limits it");
    let respond = &deadlines["clocks"][1];
    assert_eq!((&respond["clock"], &respond["state"]), (&json!("respond"), &json!("running")));
    assert_eq!(respond["due_at"], "1970-01-01T02:00:00Z");
    let sources: Vec<_> =
        respond["sources"].as_array().into_iter().flatten().map(|one| &one["from"]).collect();
    assert_eq!(sources, ["document_b", "document_a"]);
}

#[test]
fn a_clock_is_met_by_what_was_measured_and_missed_for_good() {
    let mut all = facts();
    assert_eq!(shown(&all)["clocks"][0]["state"], "met", "a message was delivered");
    assert_eq!(shown(&all)["is_missed"], false);
    all.push(missed());
    all.push(Fact::IncidentAcknowledged {
        incident: IncidentId(1),
        by: Actor::Person("sato".into()),
    });
    let deadlines = shown(&all);
    assert_eq!(deadlines["is_missed"], true);
    let respond = &deadlines["clocks"][1];
    assert_eq!(respond["state"], "missed");
    assert_eq!(respond["ended_at"], "1970-01-01T00:00:05Z", "late is told, not hidden");
    let history = history(&journal(&all));
    let list = history.incidents(true, 10).expect("reads");
    assert_eq!(list[0].missed.iter().copied().collect::<Vec<_>>(), [Clock::Respond]);
}

#[test]
fn what_ended_before_anybody_had_to_respond_missed_nothing() {
    let mut all = facts();
    all.push(Fact::IncidentRecovered { incident: IncidentId(1) });
    assert_eq!(shown(&all)["clocks"][1]["state"], "not_needed");
}
