//! Who was told what, in which role and on which channel; promises and drafts of an incident (A28, A50, A51, A82).

use super::common::{assessed, attempted, classified, history, journal, notice, opened, second};
use domain::{
    fact::{About, Delivery, DraftReleased, DraftWritten, Event, Fact, Late, UpdateOverdue},
    ids::{Actor, DraftId, IncidentId},
    severity::Priority,
    stakeholders::Audience,
};
use history::{CommStatus, DraftState};

fn report(id: u64) -> Fact {
    let Fact::NoticeOwed(mut owed) = notice(id, About::News(IncidentId(1))) else {
        panic!("a notice")
    };
    owed.event = Event::Report;
    owed.to = Some("mori".into());
    owed.roles = vec!["legal".into(), "management".into()];
    Fact::NoticeOwed(owed)
}

#[test]
fn a_line_for_each_channel_that_was_tried_and_each_role() {
    let id = DraftId(1);
    let by = Actor::Person("mori".into());
    let facts = [
        opened(1, "db", 0),
        assessed(1),
        classified(1, Priority::P1),
        report(1),
        attempted(1, 1, "mail", Delivery::TryAgain, Some(1)),
        attempted(1, 2, "chat", Delivery::Delivered, None),
        Fact::UpdateOverdue(UpdateOverdue {
            incident: IncidentId(1),
            to: None,
            promised_at: second(5),
            why: Late::Away,
        }),
        Fact::IncidentUpdated { incident: IncidentId(1), next_at: None },
        Fact::DraftWritten(Box::new(DraftWritten {
            id,
            incident: IncidentId(1),
            audience: Audience::Media,
            approver_role: Some("pr".into()),
            subject: "x".into(),
            body: "y".into(),
            next_update_at: None,
            by: by.clone(),
        })),
        Fact::DraftReleased(DraftReleased { id, incident: IncidentId(1), revision: 1, by }),
    ];
    let history = history(&journal(&facts));
    let view = history.incident(IncidentId(1)).expect("reads").expect("is there");
    let lines: Vec<_> = view
        .comms
        .iter()
        .map(|line| {
            let role = line.to_role.as_ref().map(|role| role.as_str().to_owned());
            let channel = line.channel.as_ref().map(|channel| channel.as_str().to_owned());
            (role.unwrap_or_default(), channel.unwrap_or_default(), line.status)
        })
        .collect();
    let line = |role: &str, channel: &str, status| (role.to_owned(), channel.to_owned(), status);
    assert_eq!(
        lines,
        [
            line("legal", "mail", CommStatus::Failed),
            line("management", "mail", CommStatus::Failed),
            line("legal", "chat", CommStatus::Delivered),
            line("management", "chat", CommStatus::Delivered),
        ]
    );
    assert_eq!(view.updates.overdue.len(), 1);
    assert!(!view.updates.is_overdue, "it came after all");
    assert!(view.updates.overdue[0].kept_at.is_some());
    assert_eq!(view.drafts[0].status, DraftState::Released);
    assert_eq!(view.drafts[0].ended_by, Some(Actor::Person("mori".into())));
}
