//! Stories of what the history tells of incidents, alerts, runs and notices.

#[path = "stories/arrivals.rs"]
mod arrivals;
mod common;
#[path = "stories/comms.rs"]
mod comms;
#[path = "stories/deadlines.rs"]
mod deadlines;

use common::*;
use domain::{
    fact::{About, AlertRaised, CheckResult, Delivery, Fact, Hold, RunResult},
    ids::{Actor, AlertId, IncidentId, NoticeId, RunId},
    plan::Role,
    severity::{Level, Priority},
};
use history::{AlertState, IncidentState, NoticeState, Subject};
use journal::MemoryJournal;
use serde_json::{Value, json};

/// A17, A22, A23, A24, A25, A66: the story of one incident, whole.
#[test]
fn a_closed_incident_tells_its_whole_story() {
    let history = history(&journal(&a_whole_incident()));
    let view = history.incident(IncidentId(1)).expect("reads").expect("is there");
    assert_eq!((view.state, view.priority), (IncidentState::Closed, Some(Priority::P1)));
    assert_eq!(view.cause.component.as_str(), "api-1");
    assert_eq!(view.classification.expect("classified").rule, "service_down");
    assert_eq!(view.eta.expect("assessed").minutes, None, "unknown is unknown, not a number");
    assert_eq!(view.impact.expect("assessed").functions[0].as_str(), "prediction");
    assert_eq!(view.resources[0].role, "SRE");
    assert_eq!((view.times.occurred, view.times.detected), (second(1), second(4)));
    assert_eq!((view.times.responded, view.times.repaired), (Some(second(19)), Some(second(19))));
    assert_eq!((view.times.recovered, view.times.closed), (Some(second(22)), Some(second(24))));
    assert_eq!(view.escalation.contacts, ["sato".into()]);
    assert_eq!(view.recovery.checklist.get("api"), Some(&CheckResult::Pass));
    assert_eq!(view.review.as_deref(), Some("良し"));
    assert_eq!(view.evidence[0].path, "evidence/RUN-1");
    assert_eq!((view.alerts.len(), view.alerts[0].state), (1, AlertState::Resolved));
    let kinds: Vec<_> = view.timeline.iter().map(|line| line.kind.as_str()).collect();
    let stages = [
        "detected",
        "assessed",
        "classified",
        "escalated",
        "responding",
        "repaired",
        "recovered",
        "reviewed",
        "closed",
    ];
    let shown: Vec<_> = kinds.iter().copied().filter(|kind| stages.contains(kind)).collect();
    assert_eq!(shown, stages);
    assert_eq!(
        kinds[..2],
        ["alert_pending", "alert_fired"],
        "what came before it was opened is part of it"
    );
}

/// A90
#[test]
fn an_action_says_what_ran_by_whose_leave_and_how_it_ended() {
    let history = history(&journal(&a_whole_incident()));
    let view = history.incident(IncidentId(1)).expect("reads").expect("is there");
    let run = &view.actions[0];
    assert_eq!((run.version.as_deref(), run.approved_by.as_deref()), (Some("1.2"), Some("tanaka")));
    assert_eq!(
        (run.result, run.passes, run.incident),
        (Some(RunResult::Recovered), 1, Some(IncidentId(1)))
    );
    let steps: Vec<_> =
        run.steps.iter().map(|step| (step.step.as_str(), step.changes, step.took_ms)).collect();
    assert_eq!(steps, [("collect", false, Some(120)), ("restart", true, Some(120))]);
    let boxes: Vec<_> = run.checklist.iter().map(|it| (it.item.text.as_str(), it.result)).collect();
    assert_eq!(boxes, [("api-1 is up", Some(CheckResult::Pass)), ("users are served", None)]);
    assert_eq!(history.run(RunId(1)).expect("reads").as_ref(), Some(run));
    assert_eq!(history.run(RunId(9)).expect("reads"), None);
}

/// A28: every attempt is stored, the one that failed and the one on the fallback.
#[test]
fn a_notice_shows_every_attempt() {
    let history = history(&journal(&a_whole_incident()));
    let view = history.incident(IncidentId(1)).expect("reads").expect("is there");
    let notice = &view.notices[0];
    assert_eq!(
        (notice.id, notice.state, notice.next_at),
        (NoticeId(1), NoticeState::Delivered, None)
    );
    let attempts: Vec<_> =
        notice.attempts.iter().map(|attempt| (attempt.channel.as_str(), attempt.outcome)).collect();
    assert_eq!(attempts, [("mail", Delivery::TryAgain), ("chat", Delivery::Delivered)]);
}

#[test]
fn a_notice_is_pending_until_it_is_delivered_or_no_way_is_left() {
    let mut facts = vec![fired(1, "db", 0), notice(1, About::Alert(key("db")))];
    let state = |facts: &[Fact]| {
        let view = history(&journal(facts)).alert("A1").expect("reads").expect("is there");
        view.notices[0].state
    };
    assert_eq!(state(&facts), NoticeState::Pending);
    facts.push(attempted(1, 1, "mail", Delivery::TryAgain, Some(9)));
    assert_eq!(state(&facts), NoticeState::Pending);
    facts.push(attempted(1, 2, "mail", Delivery::Hopeless, None));
    assert_eq!(state(&facts), NoticeState::GivenUp);
}

#[test]
fn the_json_of_an_incident_is_what_programs_rely_on() {
    let history = history(&journal(&a_whole_incident()));
    let view = history.incident(IncidentId(1)).expect("reads");
    let json = serde_json::to_value(view).expect("JSON");
    assert_eq!(json["id"], 1);
    assert_eq!(json["state"], "closed");
    assert_eq!(json["priority"], "P1");
    assert_eq!(json["cause"], json!({"component": "api-1", "symptom": "service_down"}));
    assert_eq!(json["times"]["detected"], "1970-01-01T00:00:04Z");
    assert_eq!(json["times"]["acknowledged"], Value::Null);
    assert_eq!(json["eta"], json!({"minutes": null, "basis": "no similar incident"}));
    assert_eq!(json["recovery"]["checklist"]["api"], "pass");
    assert_eq!(json["escalation"]["level"], 1);
    assert_eq!(json["notices"][0]["attempts"][0]["outcome"], "try_again");
    assert_eq!(json["notices"][0]["about"], json!({"incident": 1}));
    let detected = &json["timeline"][3];
    assert_eq!((&detected["kind"], &detected["position"]), (&json!("detected"), &json!(4)));
    assert!(detected["text"]["ja"].as_str().is_some_and(|ja| ja.starts_with("検知 INC-1")));
    assert_eq!(detected["fact"]["fact"], "incident_opened");
}

#[test]
fn lists_show_the_newest_first_and_can_leave_out_what_is_over() {
    let mut facts = a_whole_incident();
    facts.extend([
        fired(2, "api-2", 25),
        opened(2, "api-2", 25),
        joined("api-2", 2),
        fired(3, "db", 28),
    ]);
    let history = history(&journal(&facts));
    let ids = |open| {
        let all = history.incidents(open, 10).expect("reads");
        all.into_iter().map(|incident| incident.id.0).collect::<Vec<_>>()
    };
    assert_eq!((ids(false), ids(true)), (vec![2, 1], vec![2]));
    let alerts = history.alerts(true, usize::MAX).expect("reads");
    let alerts: Vec<_> = alerts.iter().map(|alert| (alert.id.0, alert.incident)).collect();
    assert_eq!(alerts, [(3, None), (2, Some(IncidentId(2)))]);
    assert_eq!(history.alerts(false, 1).expect("reads").len(), 1);
    let counts = history.counts().expect("reads");
    assert_eq!(
        (counts.incidents, counts.incidents_open, counts.alerts, counts.alerts_open),
        (2, 1, 3, 2)
    );
}

#[test]
fn an_alert_is_found_by_number_by_key_and_by_rule() {
    let facts = [
        pending("db", 0),
        Fact::AlertDropped { key: key("db") },
        pending("db", 2),
        fired(1, "db", 2),
        Fact::AlertRaised(AlertRaised {
            condition: String::new(),
            key: key("db"),
            level: Level::Critical,
            priority: Some(Priority::P0),
            band: 0,
            observed: "worse".into(),
            reason: "all of them".into(),
        }),
        resolved(1, "db"),
        fired(2, "db", 6),
    ];
    let history = history(&journal(&facts));
    let id = |name| history.alert(name).expect("reads").map(|alert| alert.summary.id);
    assert_eq!((id("A1"), id("1")), (Some(AlertId(1)), Some(AlertId(1))));
    assert_eq!((id("service_down@db"), id("service_down")), (Some(AlertId(2)), Some(AlertId(2))));
    assert_eq!(id("disk@db"), None);
    let first = history.alert("A1").expect("reads").expect("is there");
    // B9: how long its limit leaves from its firing, in whole minutes: 299 seconds here.
    assert_eq!(first.summary.respond_minutes, Some(4));
    assert_eq!(first.summary.priority, Some(Priority::P0));
    assert_eq!(
        (first.summary.state, first.summary.resolved_at),
        (AlertState::Resolved, Some(second(5)))
    );
    let kinds: Vec<_> = first.timeline.iter().map(|line| line.kind.as_str()).collect();
    let own = ["alert_pending", "alert_fired", "alert_raised", "alert_resolved"];
    assert_eq!(kinds, own, "the pending time that was dropped is not part of it");
}

#[test]
fn a_run_that_began_before_the_incident_is_one_of_its_actions() {
    let facts = [
        fired(1, "api-1", 0),
        planned(1, "api-1"),
        intended(1, "api-1", "restart", Role::Respond),
        opened(1, "api-1", 0),
        joined("api-1", 1),
        Fact::RunHeld { run: RunId(1), reason: Hold::Dependency("db".into()), until: None },
    ];
    let history = history(&journal(&facts));
    let view = history.incident(IncidentId(1)).expect("reads").expect("is there");
    assert_eq!((view.actions.len(), view.actions[0].steps.len()), (1, 1));
    assert_eq!(view.actions[0].hold, Some(Hold::Dependency("db".into())));
    assert_eq!(view.actions[0].steps[0].outcome, None, "it is under way, nobody knows yet");
    let run = history.run(RunId(1)).expect("reads").expect("is there");
    assert_eq!(run.incident, Some(IncidentId(1)));
}

#[test]
fn a_latch_is_part_of_the_story_that_it_ends() {
    let facts = [
        fired(1, "api-1", 0),
        planned(1, "api-1"),
        opened(1, "api-1", 0),
        joined("api-1", 1),
        finished(1, "api-1", RunResult::Blocked),
        Fact::TargetLatched {
            target: "api-1".into(),
            until: second(1800),
            reason: "3 in 300 s".into(),
        },
    ];
    let view = history(&journal(&facts)).incident(IncidentId(1)).expect("reads").expect("is there");
    assert_eq!(view.timeline.last().map(|line| line.kind.as_str()), Some("latched"));
    assert!(view.handed_over);
}

fn merging() -> Vec<Fact> {
    vec![
        fired(1, "api-1", 0),
        opened(1, "api-1", 0),
        joined("api-1", 1),
        planned(1, "api-1"),
        notice(1, About::Incident(IncidentId(1))),
        Fact::IncidentAcknowledged { incident: IncidentId(1), by: Actor::Person("sato".into()) },
        fired(2, "db", 6),
        opened(2, "db", 6),
        joined("db", 2),
        classified(2, Priority::P1),
        Fact::IncidentMerged { incident: IncidentId(1), into: IncidentId(2) },
        // What still belongs to the first is told by the second.
        attempted(1, 1, "mail", Delivery::Delivered, None),
        finished(1, "api-1", RunResult::Recovered),
        resolved(1, "api-1"),
    ]
}

#[test]
fn an_incident_that_was_merged_lives_on_in_the_other() {
    let history = history(&journal(&merging()));
    let survivor = history.incident(IncidentId(2)).expect("reads").expect("is there");
    assert_eq!(survivor.title, "db 停止");
    assert_eq!(
        (survivor.state, survivor.priority),
        (IncidentState::Classified, Some(Priority::P1))
    );
    assert_eq!(survivor.times.occurred, second(0));
    assert_eq!(survivor.times.acknowledged, Some(second(5)));
    assert_eq!(survivor.alerts.len(), 2);
    assert_eq!(survivor.actions[0].result, Some(RunResult::Recovered));
    assert_eq!(survivor.notices[0].state, NoticeState::Delivered);
    assert_eq!(survivor.timeline.len(), merging().len(), "all of it is its story now");
    assert_eq!(
        history.run(RunId(1)).expect("reads").and_then(|run| run.incident),
        Some(IncidentId(2))
    );

    let gone = history.incident(IncidentId(1)).expect("reads").expect("is there");
    assert_eq!((gone.state, gone.merged_into), (IncidentState::Merged, Some(IncidentId(2))));
    assert_eq!((gone.title.as_str(), gone.times.closed), ("api-1 停止", Some(second(10))));
    assert_eq!(gone.notices[0].state, NoticeState::Delivered);

    let list = history.incidents(true, 10).expect("reads");
    assert_eq!((list.len(), list[0].occurred_at), (1, second(0)));
    assert_eq!(list[0].acknowledged_by, Some(Actor::Person("sato".into())));
}

#[test]
fn a_merge_of_a_merge_points_to_the_last() {
    let mut facts = merging();
    facts.extend([
        opened(3, "host", 20),
        Fact::IncidentMerged { incident: IncidentId(2), into: IncidentId(3) },
        Fact::IncidentNoted { incident: IncidentId(1), text: "late".into(), by: Actor::Hikeshi },
        resolved(2, "db"),
    ]);
    let history = history(&journal(&facts));
    let last = history.incident(IncidentId(3)).expect("reads").expect("is there");
    assert_eq!(last.alerts.len(), 2);
    let kinds: Vec<_> = last.timeline.iter().rev().take(2).map(|line| line.kind.as_str()).collect();
    assert_eq!(kinds, ["alert_resolved", "noted"]);
}

#[test]
fn a_live_tail_goes_on_where_it_stopped() {
    let journal = journal(&a_whole_incident());
    let history = history(&journal);
    let (mut from, mut seen) = (0, Vec::new());
    loop {
        let lines = history.timeline(from, 7).expect("reads");
        let Some(last) = lines.last() else { break };
        from = last.position + 1;
        seen.extend(lines.iter().map(|line| line.position));
    }
    assert_eq!(seen, (0..a_whole_incident().len() as u64).collect::<Vec<_>>());
}

#[test]
fn a_service_has_its_own_story() {
    let history = history(&journal(&merging()));
    let service = Subject::Service("db".into());
    let lines = history.timeline_of(&service, 0, 100).expect("reads");
    let kinds: Vec<_> = lines.iter().map(|line| line.kind.as_str()).collect();
    assert_eq!(kinds, ["alert_fired", "detected", "alert_joined"]);
}

#[test]
fn nothing_is_known_of_what_never_was() {
    let history = history(&MemoryJournal::default());
    assert_eq!(history.incident(IncidentId(1)).expect("reads"), None);
    assert_eq!(history.alert("A1").expect("reads"), None);
    assert_eq!(history.counts().expect("reads"), history::stats::Counts::default());
}
