//! What is measured is kept, shown with its age, and judged: the dashboard, the samples, and an attack in the log.

use crate::common::House;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::{fs, path::Path};

fn yaml(log: &Path) -> String {
    let log = log.display();
    format!(
        "services: {{proxy: {{kind: external}}, machine: {{kind: host}}}}
probes:
  machine/host: {{kind: host, service: machine, every: 500ms}}
  machine/disk: {{kind: disk, service: machine, paths: [/], every: 500ms}}
  proxy/traffic: {{kind: access_log, service: proxy, path: '{log}', minimum_requests: 5, every: 500ms}}
  proxy/security: {{kind: access_security, service: proxy, path: '{log}', every: 500ms}}
alerts: {{cpu_usage: off, memory_usage: off, disk_usage: off, inode_usage: off}}
"
    )
}

fn lines(count: usize, client: &str, request: &str, status: u16) -> String {
    let at = Timestamp::now().strftime("%d/%b/%Y:%H:%M:%S +0000");
    format!("{client} - - [{at}] \"{request} HTTP/1.1\" {status} 9 \"-\" \"-\" rt=0.040\n")
        .repeat(count)
}

/// A84 to A86, C22: three groups, each value with its age or its reason, and a history.
#[test]
fn the_dashboard_shows_what_is_measured_and_says_what_is_not() {
    let folder = tempfile::tempdir().expect("a folder");
    let log = folder.path().join("access.log");
    fs::write(
        &log,
        lines(30, "203.0.113.7", "GET /", 200) + &lines(10, "203.0.113.8", "GET /", 502),
    )
    .expect("written");
    let mut house = House::new(&yaml(&log));
    house.serve();
    let dashboard = house.wait("everything was measured and kept", |house| {
        let dashboard = house.open_door().get("/api/v1/dashboard?step=1m").ok()?.json();
        let has_history =
            |value: &Value| value["history"].as_array().is_some_and(|it| !it.is_empty());
        let all = [
            &dashboard["system"]["cpu"],
            &dashboard["system"]["memory"],
            &dashboard["system"]["disk"],
            &dashboard["app"]["p95_ms"],
            &dashboard["app"]["error_rate"],
            &dashboard["business"]["users"],
        ];
        let is_there = |value: &&Value| value["value"].is_number() && has_history(value);
        all.iter().all(is_there).then_some(dashboard)
    });
    assert_eq!(
        (&dashboard["app"]["p95_ms"]["value"], &dashboard["app"]["p95_ms"]["unit"]),
        (&json!(40.0), &json!("ms"))
    );
    assert_eq!(dashboard["app"]["error_rate"]["value"], 25.0);
    assert!(dashboard["app"]["error_rate"]["age_seconds"].as_i64().is_some_and(|age| age < 120));
    let users = &dashboard["business"]["users"];
    assert_eq!((&users["value"], &users["estimate"]), (&json!(2.0), &json!(true)), "{users}");
    let bucket = &dashboard["app"]["error_rate"]["history"][0];
    assert_eq!(
        (&bucket["min"], &bucket["mean"], &bucket["max"]),
        (&json!(25.0), &json!(25.0), &json!(25.0))
    );
    // What nobody measures has a reason, not a number.
    let accuracy = &dashboard["business"]["accuracy"];
    assert_eq!((&accuracy["value"], &accuracy["mape"]), (&Value::Null, &Value::Null));
    assert!(
        accuracy["reason"]["en"].as_str().is_some_and(|it| it.contains("not configured")),
        "{accuracy}"
    );
    let full = &dashboard["system"]["disk_full_in"]["reason"]["en"];
    assert!(full.as_str().is_some_and(|it| it.contains("too little was measured")), "{full}");

    // One series, all series, the command line, and the state of it all.
    let one = house.local().get("/api/v1/samples/proxy%2Ftraffic/p95_ms?from=1h&step=60");
    let one = one.expect("an answer").json();
    assert_eq!(
        (&one["latest"]["value"], &one["step_seconds"]),
        (&json!(40.0), &json!(60.0)),
        "{one}"
    );
    let all = house.local().get("/api/v1/samples?probe=machine%2Fhost").expect("an answer").json();
    assert!(
        all.as_array().is_some_and(|it| it.iter().any(|it| it["reading"] == "cpu_percent")),
        "{all}"
    );
    let none = house.local().get("/api/v1/samples/proxy%2Ftraffic/nothing").expect("an answer");
    assert_eq!(none.status, 404, "{none:?}");
    let bad = house.local().get("/api/v1/dashboard?from=yesterday").expect("an answer");
    assert_eq!(bad.status, 400, "{bad:?}");
    let shown = house.run_for(0, &["dashboard"]).stdout;
    assert!(shown.contains("p95_ms            40 ms") && shown.contains("estimate"), "{shown}");
    assert!(shown.contains("accuracy          not available (not configured"), "{shown}");
    let status = house.local().get("/api/v1/status").expect("an answer").json();
    assert_eq!(status["samples"], json!({"dropped": 0, "fault": null}));
    let metrics = house.open_door().get("/metrics").expect("an answer").body;
    assert!(metrics.contains("hikeshi_samples_dropped_total 0\n"), "{metrics}");
    assert!(metrics.contains("hikeshi_samples_fault 0\n"), "{metrics}");

    // The past outlives the server.
    house.kill();
    house.serve();
    let again = house.local().get("/api/v1/samples/proxy%2Ftraffic/p95_ms").expect("an answer");
    assert!(again.json()["history"].as_array().is_some_and(|it| !it.is_empty()), "{again:?}");
}

/// Samples are no facts: without them there is no past, and everything else goes on.
#[test]
fn without_samples_the_present_is_still_shown() {
    let folder = tempfile::tempdir().expect("a folder");
    let log = folder.path().join("access.log");
    fs::write(&log, lines(30, "203.0.113.7", "GET /", 200)).expect("written");
    let mut house = House::new(&yaml(&log));
    fs::create_dir_all(house.data()).expect("a folder");
    fs::write(house.data().join("samples.db"), "this is no database, and never was one")
        .expect("written");
    house.serve();
    let value = house.wait("the present is shown", |house| {
        let dashboard = house.local().get("/api/v1/dashboard").ok()?.json();
        let value = dashboard["app"]["error_rate"]["value"].clone();
        value.is_number().then_some(value)
    });
    assert_eq!(value, 0.0);
    assert!(house.log().contains("samples"), "what was set aside is said: {}", house.log());
}

/// A61, C33: sixty failed sign-ins of one client are an incident that names the client.
#[test]
fn an_attack_in_the_log_becomes_an_incident_that_names_the_client() {
    let folder = tempfile::tempdir().expect("a folder");
    let log = folder.path().join("access.log");
    fs::write(&log, lines(50, "198.51.100.9", "GET /", 200)).expect("written");
    let mut house = House::new(&yaml(&log));
    house.serve();
    let attack = lines(60, "203.0.113.7", "POST /api/v1/auth/login?password=hunter2", 401);
    let mut file = fs::File::options().append(true).open(&log).expect("opened");
    std::io::Write::write_all(&mut file, attack.as_bytes()).expect("written");
    let alert = house.wait("the attack is an alert", |house| {
        let alerts = house.local().get("/api/v1/alerts").ok()?.json();
        let is_ours = |it: &&Value| it["key"] == "security_brute_force@proxy";
        alerts.as_array()?.iter().find(is_ours).cloned()
    });
    assert_eq!(
        (&alert["priority"], &alert["owner"]),
        (&json!("P1"), &json!("Security")),
        "{alert}"
    );
    let said = alert.to_string();
    assert!(said.contains("203.0.113.7") && !said.contains("hunter2"), "{said}");
    let incident = house.wait("it is an incident with a priority", |house| {
        let incidents = house.local().get("/api/v1/incidents").ok()?.json();
        incidents.as_array()?.iter().find(|it| !it["priority"].is_null()).cloned()
    });
    assert_eq!(incident["priority"], "P1", "{incident}");
}
