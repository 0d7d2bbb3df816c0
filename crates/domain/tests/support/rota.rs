//! The shop with schedules, personal rules and quiet hours: people come and go, and some of them want their peace.

use super::shop;
use domain::{
    calendar::Calendar,
    command::Command,
    hours::Hours,
    ids::{Actor, ContactName, OverrideId, ScheduleName},
    personal::{Meanwhile, NotificationRule, Personal, QuietHours},
    policy::{EscalationLevel, Policy},
    rota::{During, Layer, Part, Turns},
    schedule::Schedule,
    severity::Priority,
};
use jiff::{SignedDuration, Timestamp, civil, tz::TimeZone};
use proptest::prelude::*;
use std::{collections::BTreeMap, sync::Arc};

const PEOPLE: [&str; 3] = ["hanako", "taro", "boss"];

/// Policies under which nobody may be forgotten: with pages that repeat, and with routes that name no rhythm.
pub fn policies() -> Vec<Policy> {
    let mut told_once = policy();
    told_once.routes.values_mut().for_each(|route| route.repeat_every = None);
    let mut all_in_peace = told_once.clone();
    all_in_peace.contacts.values_mut().for_each(|contact| {
        contact.personal.quiet = Some(quiet(Meanwhile::NextPerson, 0, 23));
    });
    let mut nobody_comes = policy();
    nobody_comes.escalation.iter_mut().for_each(|level| level.contacts.clear());
    vec![shop::policy(), policy(), told_once, all_in_peace, nobody_comes]
}

/// hanako and taro take turns by the hour, the office answers in business hours, the boss comes last.
pub fn policy() -> Policy {
    let mut policy = shop::policy();
    let layer = |name: &str, people: &[&str], only| Layer {
        name: name.into(),
        turns: Turns {
            people: people.iter().map(|one| vec![ContactName::from(*one)]).collect(),
            start: civil::date(2026, 1, 1).at(0, 20, 0, 0),
            every: SignedDuration::from_hours(1),
            zone: TimeZone::UTC,
        },
        only,
        from: None,
        until: None,
    };
    let office = During::Calendar(Arc::new(Calendar::default()), Part::BusinessHours);
    let schedule = |name: &str, layer| Schedule {
        name: name.into(),
        title: name.into(),
        layers: vec![layer],
        covers: Vec::new(),
        tells: true,
    };
    let schedules = [
        schedule("sre", layer("sre", &["hanako", "taro"], Vec::new())),
        schedule("office", layer("office", &["taro"], vec![office])),
    ];
    policy.schedules = schedules.into_iter().map(|one| (one.name.clone(), one)).collect();
    let level = |after, on_call: &str, contacts: &[&str]| EscalationLevel {
        after: SignedDuration::from_mins(after),
        contacts: contacts.iter().map(|one| ContactName::from(*one)).collect(),
        on_call: [on_call]
            .iter()
            .filter(|name| !name.is_empty())
            .map(|one| ScheduleName::from(*one))
            .collect(),
        title: format!("after {after}"),
    };
    policy.escalation =
        vec![level(0, "sre", &[]), level(5, "office", &[]), level(10, "", &["boss"])];
    let rule = |channel: &str, after| NotificationRule {
        channel: channel.into(),
        after: SignedDuration::from_mins(after),
    };
    let wishes = [
        Personal {
            rules: BTreeMap::from([
                (Priority::P0, vec![rule("phone", 0), rule("mail", 1)]),
                (Priority::P1, vec![rule("mail", 0), rule("phone", 3), rule("phone", 7)]),
            ]),
            quiet: None,
        },
        Personal { rules: BTreeMap::new(), quiet: Some(quiet(Meanwhile::NextPerson, 16, 20)) },
        Personal { rules: BTreeMap::new(), quiet: Some(quiet(Meanwhile::Later, 17, 6)) },
    ];
    for (name, personal) in PEOPLE.into_iter().zip(wishes) {
        policy.contacts.get_mut(&ContactName::from(name)).expect("of the shop").personal = personal;
    }
    policy
}

fn quiet(then: Meanwhile, from: i8, to: i8) -> QuietHours {
    let time = |hour| civil::time(hour, 0, 0, 0);
    let hours = Hours { days: Vec::new(), from: time(from), to: time(to), zone: TimeZone::UTC };
    QuietHours { times: vec![During::Hours(hours)], then }
}

/// What people change of the schedules.
#[derive(Clone, Debug)]
pub enum Change {
    /// Somebody is on call instead, for so many seconds.
    Put(usize, usize, i64),
    /// An override is taken back.
    TakeBack(u64),
}

/// Any change.
pub fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        (0..2_usize, 0..PEOPLE.len(), 60..7200_i64)
            .prop_map(|(schedule, person, length)| Change::Put(schedule, person, length)),
        (0..4_u64).prop_map(Change::TakeBack),
    ]
}

impl Change {
    /// The command.
    pub fn command(&self, now: Timestamp) -> Command {
        let by = Actor::Person("hanako".into());
        match self {
            Self::Put(schedule, person, length) => Command::SetOverride {
                schedule: ["sre", "office"][*schedule].into(),
                people: vec![PEOPLE[*person].into()],
                replaces: None,
                from: now,
                until: now + SignedDuration::from_secs(*length),
                reason: "a swap".into(),
                by,
            },
            Self::TakeBack(id) => Command::RemoveOverride { id: OverrideId(*id), by },
        }
    }
}
