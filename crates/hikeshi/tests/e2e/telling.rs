//! What users, jobs and deployments tell hikeshi over its command line and its socket.

use crate::common::House;

/// A19: two reports of one thing are one incident.
#[test]
fn what_users_report_is_one_incident() {
    let mut house = House::new("services: {web: {title: Web}}\n");
    house.serve();
    let hostile = "no \u{1b}[31mchart\n<script>alert(1)</script>";
    let report = ["report", "--from", "support", "--text", hostile, "--service", "web"];
    let first = house.run_for(0, &report);
    assert_eq!(first.stdout.trim(), "INC-1", "{first:?}");
    let second = house.json(&["report", "--text", "still no chart"]);
    assert_eq!(second["incident"], 1, "{second}");
    let empty = house.run_for(1, &["report", "--text", " "]);
    assert!(empty.stderr.contains("the report is empty"), "{empty:?}");

    let view = house.json(&["incident", "show", "latest"]);
    assert_eq!((&view["reports"], &view["source"]), (&2.into(), &"report".into()), "{view}");
    assert_eq!(view["priority"], "P3", "{view}");
    let text = house.run_for(0, &["incident", "show", "1"]).stdout;
    assert!(!text.contains('\u{1b}') && text.contains("support"), "{text}");
    house.run_for(0, &["incident", "close", "1"]);
}

/// A15: a job that fails is an alert; its success ends it; a job that nobody expects is refused.
#[test]
fn a_job_gives_its_signs_of_life() {
    let mut house = House::new(
        "services: {web: {title: Web}}\nheartbeats: {backup: {service: web, every: 24h, level: warning}}\n",
    );
    house.serve();
    assert_eq!(house.json(&["heartbeat", "list"])[0]["state"], "unknown");
    house.run_for(0, &["ping", "backup", "--start", "--run", "a"]);
    assert_eq!(house.json(&["heartbeat", "list"])[0]["state"], "running");
    house.run_for(0, &["ping", "backup", "--exit", "3", "--text", "no space left", "--run", "a"]);
    let failed = house.json(&["heartbeat", "list"]);
    assert_eq!(failed[0]["state"], "failed", "{failed}");
    let alerts = house.json(&["alert", "list"]);
    assert_eq!(alerts[0]["key"], "heartbeat_failed{backup}@web", "{alerts}");
    assert_eq!(alerts[0]["observed"], "exit code 3: no space left", "{alerts}");
    house.run_for(0, &["ping", "backup"]);
    assert_eq!(house.json(&["alert", "list"]), serde_json::json!([]));
    assert_eq!(house.json(&["heartbeat", "list"])[0]["state"], "good");
    let unknown = house.run_for(1, &["ping", "nothing"]);
    assert!(
        unknown.stderr.contains("heartbeat nothing is not in the configuration"),
        "{unknown:?}"
    );
    house.run_for(2, &["ping", "backup", "--start", "--fail"]);
}
