//! Stories of readiness: what would fail at 3 a.m. is known by day (A45, A78 to A82, A90).

use domain::{
    fact::{Fact, Recorded},
    ids::{Actor, ChannelName},
    personal::NotificationRule,
    policy::{ChannelBrief, Contact, EscalationLevel, Policy, Route},
    readiness::{self, Grade},
    schedule::Overrides,
    severity::Priority,
    state::State,
};
use jiff::{SignedDuration, Timestamp};

fn now() -> Timestamp {
    "2026-11-29T03:00:00Z".parse().expect("a time")
}

fn contact(name: &str, ways: &[&str]) -> Contact {
    let addresses = ways.iter().map(|way| (ChannelName::from(*way), "+81-50-0000-0001".into()));
    Contact {
        name: name.into(),
        title: name.into(),
        addresses: addresses.collect(),
        personal: Default::default(),
        roles: Default::default(),
    }
}

fn level(title: &str, contacts: &[&str]) -> EscalationLevel {
    EscalationLevel {
        after: SignedDuration::ZERO,
        contacts: contacts.iter().map(|name| (*name).into()).collect(),
        on_call: Vec::new(),
        title: title.into(),
    }
}

/// A phone that wakes, a mail that does not; ann is on call, bob comes after her.
fn team(ann: &[&str], bob: &[&str]) -> Policy {
    let brief =
        |is_pager| ChannelBrief { is_room: false, is_pager, is_mirror: false, devices: None };
    let route = Route { channels: vec!["phone".into(), "mail".into()], ..Route::default() };
    let people = [contact("ann", ann), contact("bob", bob)];
    Policy {
        channels: [("phone".into(), brief(true)), ("mail".into(), brief(false))].into(),
        contacts: people.into_iter().map(|contact| (contact.name.clone(), contact)).collect(),
        routes: [Priority::P0, Priority::P1].map(|priority| (priority, route.clone())).into(),
        escalation: vec![level("on call", &["ann"]), level("level 2", &["bob"])],
        ..Policy::default()
    }
}

fn found(policy: &Policy) -> Vec<(Grade, String, String)> {
    let all = readiness::of_policy(policy, &Overrides::default(), now()).into_iter();
    all.map(|finding| (finding.grade, finding.rule, finding.about)).collect()
}

#[test]
fn a_team_that_can_be_reached_is_ready() {
    assert_eq!(found(&team(&["phone"], &["mail"])), []);
}

#[test]
fn an_emergency_that_reaches_no_phone_wakes_nobody() {
    let found = found(&team(&["mail"], &["phone"]));
    let wakes = (Grade::Error, "wakes-nobody".to_owned(), "P0".to_owned());
    assert_eq!(found, [wakes], "the second is told only half an hour later");
}

#[test]
fn a_priority_without_a_way_reaches_nobody() {
    let mut policy = team(&["phone"], &["phone"]);
    policy.routes.insert(Priority::P2, Route { channels: vec!["mail".into()], ..Route::default() });
    assert_eq!(found(&policy), [(Grade::Error, "tells-nobody".into(), "P2".into())]);
}

#[test]
fn whoever_is_called_must_have_an_address() {
    let found = found(&team(&["phone"], &[]));
    assert_eq!(found, [(Grade::Error, "unreachable".into(), "bob".into())]);
}

#[test]
fn one_person_is_not_a_chain() {
    let policy = Policy { escalation: vec![level("on call", &["ann"])], ..team(&["phone"], &[]) };
    assert_eq!(found(&policy), [(Grade::Warning, "alone".into(), "escalation".into())]);
}

/// An automation that somebody stopped on a Friday is not forgotten until the next fire.
#[test]
fn what_was_stopped_long_ago_is_named() {
    let mut state = State::default();
    let by = Actor::Person("ann".into());
    let fact = Fact::AutomationStopped { reason: "migration".into(), by, until: None };
    state.apply(&Recorded { at: now(), fact });
    let rules = |hours: i64| -> Vec<String> {
        let later = now() + SignedDuration::from_hours(hours);
        readiness::of_state(&state, later).into_iter().map(|finding| finding.rule).collect()
    };
    assert!(rules(23).is_empty());
    assert_eq!(rules(24), ["automation-stopped"]);
}

/// A45: whoever lets an emergency wait by rules of their own is named by day.
#[test]
fn rules_that_wake_late_in_an_emergency_are_named() {
    let mut policy = team(&["phone", "mail"], &["phone"]);
    let rule = |channel: &str, minutes| NotificationRule {
        channel: channel.into(),
        after: SignedDuration::from_mins(minutes),
    };
    let mut with = |rules: Vec<NotificationRule>| {
        let ann = policy.contacts.get_mut("ann").expect("of the team");
        ann.personal.rules = [(Priority::P0, rules)].into();
        found(&policy)
    };
    let slow = vec![(Grade::Warning, "slow-rule".to_owned(), "ann".to_owned())];
    assert_eq!(with(vec![rule("mail", 0), rule("phone", 5)]), slow);
    assert_eq!(with(vec![rule("phone", 0), rule("mail", 5)]), []);
}
