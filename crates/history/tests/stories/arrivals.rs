//! Stories of what the history tells of deployments, of users who report, and of jobs.

use crate::common::*;
use domain::{
    change::ChangeMarked,
    fact::{Fact, ReportReceived},
    heartbeat::{HeartbeatHeard, PingKind},
    ids::IncidentId,
};
use history::{History, Subject};

fn marked(title: &str, service: Option<&str>, n: usize) -> Fact {
    Fact::ChangeMarked(Box::new(ChangeMarked {
        integration: "github".into(),
        key: String::new(),
        title: title.into(),
        source: "github".into(),
        service: service.map(Into::into),
        url: String::new(),
        made_at: second(n),
    }))
}

fn reported(incident: u64) -> Fact {
    Fact::ReportReceived(ReportReceived {
        incident: IncidentId(incident),
        from: "support".into(),
        text: "チャートが出ない".into(),
        service: None,
        via: "cli".into(),
    })
}

/// The changes on a timeline, in order.
fn changes(history: &History, subject: &Subject) -> Vec<String> {
    let timeline = history.timeline_of(subject, 0, 100).expect("reads");
    let title = |fact: &Fact| match fact {
        Fact::ChangeMarked(change) => Some(change.title.clone()),
        _ => None,
    };
    timeline.iter().filter_map(|line| title(&line.fact)).collect()
}

/// A66: a deployment stands in the incident that began soon after it, and in the one that burns when it comes.
#[test]
fn a_change_stands_on_the_timeline_of_what_it_changed_and_of_its_incident() {
    let facts = [
        marked("v1", Some("api-1"), 0),
        marked("of another", Some("api-2"), 1),
        marked("of nothing", None, 2),
        opened(1, "api-1", 3),
        marked("v2", Some("api-1"), 4),
    ];
    let history = history(&journal(&facts));
    assert_eq!(changes(&history, &Subject::Incident(IncidentId(1))), ["v1", "v2"]);
    assert_eq!(changes(&history, &Subject::Service("api-1".into())), ["v1", "v2"]);
    assert_eq!(changes(&history, &Subject::Service("api-2".into())), ["of another"]);
}

#[test]
fn a_change_of_long_ago_does_not_stand_in_an_incident() {
    let mut journal = journal(&[marked("long ago", Some("api-1"), 0)]);
    let padding = vec![marked("of nothing", None, 1); 1801];
    append(&mut journal, &padding);
    append(&mut journal, &[opened(1, "api-1", 1803)]);
    let history = history(&journal);
    assert!(changes(&history, &Subject::Incident(IncidentId(1))).is_empty());
}

/// A change of one instance stands in the incident of its group once that instance's alert belongs to it.
#[test]
fn a_change_of_what_alerts_stands_in_the_incident_that_the_alert_joins() {
    let facts = [
        marked("v3", Some("api-1"), 0),
        opened(1, "api", 1),
        fired(1, "api-1", 2),
        joined("api-1", 1),
    ];
    let history = history(&journal(&facts));
    assert_eq!(changes(&history, &Subject::Incident(IncidentId(1))), ["v3"]);
}

/// A19: reports are counted and kept, also where their incident goes on in another.
#[test]
fn reports_are_counted() {
    let merged = Fact::IncidentMerged { incident: IncidentId(2), into: IncidentId(1) };
    let facts = [
        opened(1, "api-1", 0),
        opened(2, "api-2", 1),
        reported(1),
        reported(2),
        reported(2),
        merged,
        reported(1),
    ];
    let history = history(&journal(&facts));
    let view = history.incident(IncidentId(1)).expect("reads").expect("is there");
    let listed = history.incidents(false, 10).expect("reads");
    let count = |id| listed.iter().find(|one| one.id == IncidentId(id)).map(|one| one.reports);
    assert_eq!((count(1), count(2), view.reports), (Some(4), Some(2), 4));
    let told = view.timeline.iter().filter(|line| line.kind == "report_received");
    assert_eq!(told.count(), 4);
}

#[test]
fn a_job_has_a_timeline_of_its_own() {
    let heard = HeartbeatHeard {
        name: "backup".into(),
        kind: PingKind::Success,
        run: None,
        detail: String::new(),
        due_at: Some(second(60)),
    };
    let (name, service) = (|| "backup".into(), "db".into());
    let facts = [
        Fact::HeartbeatExpected { name: name(), service, due_at: second(60) },
        Fact::HeartbeatHeard(Box::new(heard)),
        Fact::HeartbeatMissed { name: name(), due_at: second(60) },
        Fact::HeartbeatForgotten { name: name() },
    ];
    let history = history(&journal(&facts));
    let timeline = history.timeline_of(&Subject::Heartbeat(name()), 0, 10).expect("reads");
    let kinds: Vec<_> = timeline.iter().map(|line| line.kind.as_str()).collect();
    let all = ["heartbeat_expected", "heartbeat_heard", "heartbeat_missed", "heartbeat_forgotten"];
    assert_eq!(kinds, all);
}
