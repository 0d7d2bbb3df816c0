//! `hikeshi diagnose` and `hikeshi logs`, as a person or a script asks them.

use crate::common::House;
use std::{
    fs,
    net::TcpListener,
    time::{Duration, Instant},
};

fn house_with_logs() -> House {
    let house = House::new("");
    let folder = house.path().display();
    house.configure(&format!(
        "services: {{task: {{command: [sleep, \"1000\"]}}, proxy: {{kind: process}}}}
probes:
  task/log: {{kind: log, service: task, path: \"{folder}/app.log\"}}
  proxy/traffic: {{kind: access_log, service: proxy, path: \"{folder}/access.log\"}}
"
    ));
    house
}

/// A33, B34: counts, groups, and nothing twice.
#[test]
fn the_last_errors_are_told_and_are_not_new_any_more() {
    let house = house_with_logs();
    let log = house.path().join("app.log");
    let lines: String =
        (0..250).map(|n| format!("{{\"level\":\"ERROR\",\"message\":\"try {n}\"}}\n")).collect();
    fs::write(&log, format!("{lines}{{\"level\":\"INFO\",\"message\":\"no ERROR\"}}\n"))
        .expect("written");
    let told = house.run_for(1, &["logs", "errors", "--limit", "100", "--json"]).json();
    assert_eq!((told["lines"].as_array().map(Vec::len), &told["total"]), (Some(100), &250.into()));
    assert_eq!(told["groups"][0]["pattern"], "try <n>");
    for key in ["count", "first", "last", "example"] {
        assert!(told["groups"][0].get(key).is_some(), "{key}");
    }
    let again = house.json(&["logs", "errors", "--new"]);
    assert_eq!(again["total"], 0);
    let text = house.run_for(1, &["logs", "errors"]).stdout;
    assert!(text.contains("try <n>") && text.contains("total: 250"), "{text}");
    fs::remove_file(&log).expect("ours");
    house.run_for(2, &["logs", "errors"]);
}

/// A65, without any configuration.
#[test]
fn failed_writes_are_found_in_any_file() {
    let house = House::new("services: {}\n");
    let file = house.path().join("a.log");
    let lines = "10.0.200.7 - - [21/Nov/2026:10:00:00 +0900] \"POST /api/v1/auth/login HTTP/1.1\" 401 44\n\
                 198.51.100.9 - - [21/Nov/2026:10:00:01 +0900] \"DELETE /api/x HTTP/1.1\" 403 512\n";
    fs::write(&file, lines).expect("written");
    let file = file.display().to_string();
    let ask = ["logs", "access", "--file", &file, "--writes-failed"];
    assert_eq!(house.run_for(1, &[&ask[..], &["--json"]].concat()).json()["total"], 2);
    let text = house.run_for(1, &ask).stdout;
    assert!(text.contains("198.51.100.9") && text.contains("403"), "{text}");
    assert_eq!(house.run(&["logs", "access", "--file", "/nowhere/a.log"]).code, 2);
}

/// B21, with a server and without.
#[test]
fn a_service_is_told_with_its_unit_its_log_and_what_burns() {
    let mut house = house_with_logs();
    fs::write(house.path().join("app.log"), "ERROR first\nINFO last\n").expect("written");
    house.serve();
    let told = house.json(&["diagnose", "service", "task"]);
    for key in ["unit", "restarts", "exit", "pid", "ports", "needs"] {
        assert!(told.get(key).is_some(), "{key}: {told}");
    }
    assert_eq!((&told["unit"]["kind"], &told["unit"]["runs"]), (&"process".into(), &true.into()));
    assert_eq!(told["pid"].as_f64(), house.service("task").map(|own| f64::from(own.pid)));
    assert_eq!(told["log_tail"][1]["text"], "INFO last");
    assert!(
        told["recent"]["alerts"].is_array() && told["recent"]["not_measured"].is_null(),
        "{told}"
    );
    house.kill();
    let told = house.run(&["diagnose", "service", "task", "--json"]).json();
    assert!(told["recent"]["not_measured"].is_string(), "{told}");
    assert_eq!(house.run(&["diagnose", "service", "nobody"]).code, 2);
    let text = house.run(&["diagnose", "service", "task"]).stdout;
    assert!(text.contains("INFO last") && text.contains("process"), "{text}");
}

/// A31, A56: what hangs is named, in less than a minute; what is not configured is said.
#[test]
fn surveys_end_in_time_and_say_what_they_could_not_see() {
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = silent.local_addr().expect("bound").port();
    let house = House::new(&format!(
        "services: {{db: {{kind: database}}}}
probes:
  db/login: {{kind: postgres, service: db, timeout: 10m, host: 127.0.0.1, port: {port}, user: app}}
"
    ));
    let begun = Instant::now();
    let perf = house.run_for(1, &["diagnose", "perf", "--json"]).json();
    assert!(begun.elapsed() < Duration::from_secs(60), "A31");
    assert_eq!(perf["status"], "degraded");
    assert!(
        perf["probes"]
            .as_array()
            .is_some_and(|all| all.iter().any(|part| part["error"].is_string()))
    );
    assert!(!perf["baseline"].is_null() && !perf["processes"].is_null());
    let db = house.run_for(1, &["diagnose", "db", "--json"]).json();
    let steps: Vec<_> =
        db["steps"].as_array().into_iter().flatten().map(|step| &step["name"]).collect();
    assert_eq!(steps, ["dns", "tcp", "tls", "auth", "query", "provider_state"]);
    assert!(!house.data().exists(), "C13: a look makes no folder");

    let bare = House::new("services: {task: {kind: process}}\n");
    assert_eq!(bare.run(&["diagnose", "db"]).code, 2);
    assert_eq!(bare.run(&["diagnose", "logs"]).code, 2);
    assert_eq!(bare.json(&["diagnose", "perf"])["status"], "ok");
}

/// C14.
#[test]
fn a_log_that_is_not_there_is_named() {
    let house = house_with_logs();
    fs::write(house.path().join("app.log"), "ERROR x\n").expect("written");
    let told = house.run_for(1, &["diagnose", "logs", "--json"]).json();
    assert_eq!(told["status"], "degraded");
    let logs = told["logs"].as_array().expect("a list");
    let of = |name: &str| logs.iter().find(|log| log["source"] == name).expect(name);
    assert_eq!(of("task/log")["levels"]["ERROR"], 1);
    assert_eq!(of("proxy/traffic")["exists"], false);
    let text = house.run_for(1, &["diagnose", "logs"]).stdout;
    assert!(text.contains("does not exist"), "{text}");
}
