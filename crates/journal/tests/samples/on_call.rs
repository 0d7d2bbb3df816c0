//! Samples of who is on call: overrides, changes of shift, and what they mean for incidents.

use super::after;
use domain::{
    fact::{
        About, Event, Fact, LevelSkipped, NoticeOwed, OverrideRemoved, OverrideSet, PassedOn,
        ShiftChanged, Way,
    },
    ids::{Actor, IncidentId, NoticeId, OverrideId},
    schedule::Override,
};

/// One sample per kind, and every shape of an override and of a change.
pub fn samples() -> Vec<Fact> {
    let by = Actor::Person("suzuki".into());
    let change = |replaces: Option<&str>| Override {
        id: OverrideId(4),
        schedule: "sre".into(),
        people: vec!["tanaka".into(), "ito".into()],
        replaces: replaces.map(Into::into),
        from: after(0),
        until: after(7200),
        reason: "通院".into(),
    };
    vec![
        Fact::OverrideSet(Box::new(OverrideSet { change: change(None), by: by.clone() })),
        Fact::OverrideSet(Box::new(OverrideSet { change: change(Some("sato")), by: by.clone() })),
        Fact::OverrideRemoved(OverrideRemoved { id: OverrideId(4), schedule: "sre".into(), by }),
        Fact::ShiftChanged(Box::new(ShiftChanged {
            schedule: "sre".into(),
            was: None,
            is: vec!["sato".into()],
            until: None,
        })),
        Fact::ShiftChanged(Box::new(ShiftChanged {
            schedule: "sre".into(),
            was: Some(vec!["sato".into()]),
            is: Vec::new(),
            until: Some(after(3600)),
        })),
        Fact::LevelSkipped(LevelSkipped {
            incident: IncidentId(3),
            level: 1,
            title: "on call".into(),
            schedules: vec!["sre".into()],
            in_peace: Vec::new(),
        }),
        Fact::LevelSkipped(LevelSkipped {
            incident: IncidentId(3),
            level: 2,
            title: "level 2".into(),
            schedules: Vec::new(),
            in_peace: vec!["tanaka".into()],
        }),
        Fact::IncidentPassedOn(PassedOn {
            incident: IncidentId(3),
            contacts: vec!["suzuki".into()],
            next_page_at: Some(after(300)),
        }),
        Fact::NoticeOwed(Box::new(NoticeOwed {
            to: Some("suzuki".into()),
            ways: vec![Way { channel: "mail".into(), address: Some("suzuki@example.jp".into()) }],
            tries: 3,
            first_wait_ms: 1000,
            longest_wait_ms: 30_000,
            ..NoticeOwed::new(
                NoticeId(9),
                About::Schedule("sre".into()),
                Event::Shift,
                "[info] 当番開始: SRE",
                "交代時刻: 2026-11-22 09:00 JST",
            )
        })),
    ]
}
