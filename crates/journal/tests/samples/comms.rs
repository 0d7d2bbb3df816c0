//! Samples of communication: stakeholders, promises of updates, drafts, and a suspicion that data is lost.

use super::after;
use domain::{
    fact::{
        About, DataLossSuspected, DraftChanged, DraftDiscarded, DraftReleased, DraftWritten, Event,
        Fact, Late, NoticeOwed, StakeholdersInformed, UpdateAsked, UpdateOverdue, Way,
    },
    ids::{Actor, DraftId, IncidentId, NoticeId},
    severity::Priority,
    stakeholders::Audience,
};

/// The incident that all of it is about.
const INCIDENT: IncidentId = IncidentId(3);

/// One sample per kind and shape.
pub fn samples() -> Vec<Fact> {
    let by = Actor::Person("pr".into());
    let id = DraftId(2);
    let informed = |next_at, is_over, draft| {
        Fact::StakeholdersInformed(StakeholdersInformed {
            incident: INCIDENT,
            group: "board".into(),
            priority: Priority::P0,
            next_at,
            is_over,
            draft,
        })
    };
    let written = |audience, approver: Option<&str>, next_update_at| {
        Fact::DraftWritten(Box::new(DraftWritten {
            id,
            incident: INCIDENT,
            audience,
            approver_role: approver.map(Into::into),
            subject: "障害について".into(),
            body: "影響: [影響]".into(),
            next_update_at,
            by: by.clone(),
        }))
    };
    let overdue = |to: Option<&str>, why| {
        Fact::UpdateOverdue(UpdateOverdue {
            incident: INCIDENT,
            to: to.map(Into::into),
            promised_at: after(1800),
            why,
        })
    };
    vec![
        informed(Some(after(1800)), false, None),
        informed(None, true, None),
        informed(Some(after(3600)), false, Some(id)),
        Fact::UpdateAsked(UpdateAsked {
            incident: INCIDENT,
            group: "board".into(),
            promised_at: after(1800),
            draft: id,
        }),
        overdue(None, Late::Away),
        overdue(None, Late::Quiet),
        overdue(Some("board"), Late::Unwritten),
        overdue(Some("board"), Late::Dropped),
        Fact::DataLossSuspected(Box::new(DataLossSuspected {
            incident: INCIDENT,
            reason: "株価データの欠落: 12 (< 20)".into(),
            contacts: vec!["management".into()],
            vacant: vec!["legal".into()],
            by: Actor::Hikeshi,
        })),
        written(Audience::Media, Some("pr"), None),
        written(Audience::Customers, Some("pr"), None),
        written(Audience::Stakeholders, None, Some(after(1800))),
        Fact::DraftChanged(Box::new(DraftChanged {
            id,
            incident: INCIDENT,
            revision: 2,
            subject: "障害について".into(),
            body: "影響: 株価の表示".into(),
            by: by.clone(),
        })),
        Fact::DraftReleased(DraftReleased { id, incident: INCIDENT, revision: 2, by: by.clone() }),
        Fact::DraftDiscarded(DraftDiscarded {
            id,
            incident: INCIDENT,
            reason: "取り下げ".into(),
            by,
        }),
        notice(Event::Report),
        notice(Event::Draft),
        notice(Event::Statement),
    ]
}

fn notice(event: Event) -> Fact {
    Fact::NoticeOwed(Box::new(NoticeOwed {
        to: Some("management".into()),
        ways: vec![Way { channel: "mail".into(), address: Some("m@example.jp".into()) }],
        priority: Some(Priority::P0),
        tries: 3,
        first_wait_ms: 1000,
        longest_wait_ms: 30_000,
        roles: vec!["management".into()],
        ..NoticeOwed::new(
            NoticeId(12),
            About::News(INCIDENT),
            event,
            "[緊急] データ損失の疑い: Miraikakaku",
            "根拠: 株価データの欠落",
        )
    }))
}
