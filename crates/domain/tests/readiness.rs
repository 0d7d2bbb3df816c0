//! Stories of readiness: what would fail at 3 a.m. is known by day (A45, A78 to A82, A90).

use domain::{
    calendar::Within,
    fact::{
        About, ContactVerified, Delivery, Event, Fact, NoticeAttempted, NoticeOwed, NoticeProved,
        Proof, Recorded, TokenIssued, Way,
    },
    finding::{self, Grade},
    ids::{Actor, ChannelName, IncidentId, NoticeId},
    personal::NotificationRule,
    policy::{ChannelBrief, Contact, EscalationLevel, Feed, Policy, Route},
    readiness,
    rule::{Rule, Symptom},
    said::Said,
    schedule::Overrides,
    severity::Priority,
    stakeholders::{Audience, Outlet},
    state::State,
};
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;

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
    all.map(|finding| (finding.grade, finding.kind, finding.about)).collect()
}

#[test]
fn a_team_that_can_be_reached_is_ready() {
    assert_eq!(found(&team(&["phone"], &["mail"])), []);
}

#[test]
fn an_emergency_that_reaches_no_phone_wakes_nobody() {
    let found = found(&team(&["mail"], &["phone"]));
    let wakes = (Grade::Error, "wakes_nobody".to_owned(), "P0".to_owned());
    assert_eq!(found, [wakes], "the second is told only half an hour later");
}

#[test]
fn a_priority_without_a_way_reaches_nobody() {
    let mut policy = team(&["phone"], &["phone"]);
    policy.routes.insert(Priority::P2, Route { channels: vec!["mail".into()], ..Route::default() });
    assert_eq!(found(&policy), [(Grade::Error, "tells_nobody".into(), "P2".into())]);
}

#[test]
fn whoever_is_called_must_have_an_address() {
    let found = found(&team(&["phone"], &[]));
    assert_eq!(found, [(Grade::Error, "contact_missing".into(), "bob".into())]);
}

/// A78, C28: nobody at all, somebody off the way up, and an address that is left of an example.
#[test]
fn whatever_reaches_nobody_is_a_missing_contact() {
    let missing = |about: &str| (Grade::Error, "contact_missing".to_owned(), about.to_owned());
    let fresh = Policy { escalation: Vec::new(), ..team(&["phone"], &["phone"]) };
    assert!(found(&fresh).contains(&missing("escalation")));
    assert!(found(&Policy::default()).contains(&missing("escalation")));

    let mut policy = team(&["phone"], &["mail"]);
    let mut legal = contact("legal", &[]);
    policy.contacts.insert(legal.name.clone(), legal.clone());
    assert_eq!(found(&policy), [missing("legal")]);
    legal.addresses.insert("mail".into(), "legal@example.com".into());
    policy.contacts.insert(legal.name.clone(), legal);
    assert_eq!(found(&policy), [missing("legal")]);
    let bob = policy.contacts.get_mut("bob").expect("of the team");
    bob.addresses.insert("mail".into(), "bob@team.example".into());
    let said: Vec<_> = readiness::of_policy(&policy, &Overrides::default(), now())
        .into_iter()
        .map(|finding| finding.said.en)
        .collect();
    assert_eq!(
        said,
        [
            "the mail of bob (b…@team.example) is still an example and reaches nobody",
            "the mail of legal (l…@example.com) is still an example and reaches nobody",
        ]
    );
}

/// A82, A51: what waits for legal, management or public relations waits for somebody.
#[test]
fn a_role_that_something_waits_for_and_nobody_holds_is_named() {
    let mut policy = team(&["phone"], &["mail"]);
    let outlet = Outlet::standard(Audience::Media, policy.language);
    policy.outlets.insert(Audience::Media, outlet);
    let vacant = |role: &str| (Grade::Warning, "role_unheld".to_owned(), role.to_owned());
    assert_eq!(found(&policy), [vacant("pr")]);
    policy.contacts.get_mut("ann").expect("of the team").roles.insert("pr".into());
    assert_eq!(found(&policy), []);

    let rule = Rule {
        name: "prices_missing".into(),
        title: Said::same("prices are missing"),
        symptom: Symptom::DataLoss,
        reading: "count".into(),
        unit: String::new(),
        bands: Vec::new(),
        clear_passes: 1,
        owner: String::new(),
        respond_within: Within::Time(SignedDuration::from_hours(1)),
        respond_from: domain::clock::Origin::Team,
    };
    policy.rules.insert(rule.name.clone(), Arc::new(rule));
    assert_eq!(found(&policy), [], "no probe measures what it judges");
    let feed = Feed {
        service: "database".into(),
        rules: vec!["prices_missing".into()],
        is_certain: false,
        no_data_after: SignedDuration::from_mins(5),
    };
    policy.probes.insert("database/prices".into(), feed);
    assert_eq!(found(&policy), [vacant("legal"), vacant("management")]);
}

#[test]
fn one_person_is_not_a_chain() {
    let policy =
        Policy { escalation: vec![level("on call", &["ann"])], ..team(&["phone"], &["mail"]) };
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
        let found = readiness::of_state(&Policy::default(), &state, later);
        found.into_iter().map(|finding| finding.kind).collect()
    };
    assert!(rules(23).is_empty());
    assert_eq!(rules(24), ["automation_stopped"]);
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
    let slow = vec![(Grade::Warning, "slow_rule".to_owned(), "ann".to_owned())];
    assert_eq!(with(vec![rule("mail", 0), rule("phone", 5)]), slow);
    assert_eq!(with(vec![rule("phone", 0), rule("mail", 5)]), []);
}

/// Facts about one message to ann's phone, in the order in which they happen.
fn message(about: About, proof: Option<Proof>) -> Vec<Fact> {
    let (notice, channel) = (NoticeId(1), ChannelName::from("phone"));
    let owed = NoticeOwed {
        to: Some("ann".into()),
        ways: vec![Way { channel: channel.clone(), address: Some("+81-50-0000-0001".into()) }],
        first_wait_ms: 1,
        longest_wait_ms: 1,
        ..NoticeOwed::new(notice, about, Event::Test, String::new(), String::new())
    };
    let attempted = NoticeAttempted {
        notice,
        attempt: 1,
        channel: channel.clone(),
        outcome: Delivery::Delivered,
        detail: "201".into(),
        next_at: None,
        next_way: 0,
        receipt: None,
        busy_until: None,
    };
    let by = Actor::Person("ann".into());
    let proved = proof.map(|proof| NoticeProved { notice, proof, channel, by });
    let facts = [Fact::NoticeOwed(Box::new(owed)), Fact::NoticeAttempted(attempted)];
    facts.into_iter().chain(proved.map(Fact::NoticeProved)).collect()
}

fn state(facts: Vec<Fact>) -> State {
    let mut state = State::default();
    facts.into_iter().for_each(|fact| state.apply(&Recorded { at: now(), fact }));
    state
}

/// What is said of somebody, by what the state holds.
fn said_of(about: &str, policy: &Policy, state: &State, after: SignedDuration) -> Vec<String> {
    let found = readiness::of_state(policy, state, now() + after).into_iter();
    found
        .filter(|one| one.about == about)
        .map(|one| format!("{}: {}", one.kind, one.said.en))
        .collect()
}

/// A78: accepted is no proof, and neither is a mailbox; a person's answer is, to a test as to a page, and so is their word.
#[test]
fn an_address_counts_once_a_person_has_answered_there() {
    let policy = team(&["phone"], &["phone"]);
    let unverified =
        "contact_unverified: it is not known whether ann is reached: phone (never confirmed)";
    let of_ann = |state: &State| said_of("ann", &policy, state, SignedDuration::ZERO);
    let test = || About::Channel("phone".into(), "code".into());
    assert_eq!(of_ann(&State::default()), [unverified]);
    assert_eq!(of_ann(&state(message(test(), None))), [unverified]);
    assert_eq!(of_ann(&state(message(test(), Some(Proof::Arrived)))), [unverified]);
    for about in [test(), About::Incident(IncidentId(1))] {
        assert!(of_ann(&state(message(about, Some(Proof::Answered)))).is_empty());
    }
    let word = ContactVerified {
        contact: "ann".into(),
        channel: "phone".into(),
        address: "+81-50-0000-0001".into(),
        by: Actor::Person("bob".into()),
    };
    assert!(of_ann(&state(vec![Fact::ContactVerified(word)])).is_empty());
}

/// A78: a new number was never confirmed, and after half a year it is asked again.
#[test]
fn what_was_confirmed_holds_for_that_address_and_not_for_ever() {
    let mut policy = team(&["phone"], &["phone"]);
    let confirmed = message(About::Channel("phone".into(), "code".into()), Some(Proof::Answered));
    let state = state(confirmed);
    let days = |days: i64| SignedDuration::from_hours(24 * days);
    assert!(said_of("ann", &policy, &state, days(182)).is_empty());
    let [old] = &said_of("ann", &policy, &state, days(183))[..] else { panic!("one finding") };
    assert!(old.ends_with("phone (confirmed more than half a year ago)"), "{old}");

    let ann = policy.contacts.get_mut("ann").expect("of the team");
    ann.addresses.insert("phone".into(), "+81-50-0000-0002".into());
    let [changed] = &said_of("ann", &policy, &state, days(0))[..] else { panic!("one finding") };
    assert!(changed.ends_with("phone (changed since it was confirmed)"), "{changed}");
}

/// Whoever only reads what others write is not tested.
#[test]
fn only_whoever_must_be_reachable_is_asked_to_confirm() {
    let mut policy = team(&["phone"], &["phone"]);
    policy.contacts.insert("press".into(), contact("press", &["mail"]));
    let about = |policy: &Policy| -> Vec<String> {
        let found = readiness::of_state(policy, &State::default(), now()).into_iter();
        found.map(|finding| finding.about).collect()
    };
    assert_eq!(about(&policy), ["ann", "bob"]);
    let route = policy.routes.get_mut(&Priority::P0).expect("a route");
    route.also.push("press".into());
    assert_eq!(about(&policy), ["ann", "bob", "press"]);
}

/// Another system that sends with a token of yesterday is not heard: that is known before.
#[test]
fn a_token_near_its_end_and_one_beyond_it_are_named() {
    let end = now() + SignedDuration::from_hours(30 * 24);
    let issued = |expires_at| {
        Fact::TokenIssued(TokenIssued {
            id: 1,
            integration: "grafana".into(),
            digest: "ab".repeat(32),
            expires_at,
            by: Actor::Hikeshi,
        })
    };
    let kinds = |expires_at, days: i64| -> Vec<String> {
        let later = now() + SignedDuration::from_hours(24 * days);
        let found =
            readiness::of_state(&Policy::default(), &state(vec![issued(expires_at)]), later);
        found.into_iter().map(|finding| finding.kind).collect()
    };
    assert!(kinds(None, 3650).is_empty());
    assert!(kinds(Some(end), 16).is_empty());
    assert_eq!(kinds(Some(end), 17), ["token_expiring"]);
    assert_eq!(kinds(Some(end), 30), ["token_expired"]);
}

#[test]
fn every_kind_of_finding_is_explained() {
    let page = include_str!("../../../docs/reference/readiness.md");
    let told: Vec<_> =
        page.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next()).collect();
    assert_eq!(told, finding::KINDS);
}
