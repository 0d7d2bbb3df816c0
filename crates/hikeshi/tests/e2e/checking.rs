//! A26: one look that changes nothing and ends in time whatever hangs, and says what it could not measure.

use crate::common::House;
use std::{
    collections::BTreeMap,
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

/// Every file below a folder with its content.
fn contents(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut all = BTreeMap::new();
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            all.insert(path.clone(), Vec::new());
            all.extend(contents(&path));
        } else {
            all.insert(path.clone(), fs::read(&path).expect("readable"));
        }
    }
    all
}

#[test]
fn a_look_at_things_that_all_hang_ends_in_time_and_changes_nothing() {
    // Connections are taken by the kernel; nobody ever answers.
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = silent.local_addr().expect("bound").port();
    let url = format!("http://127.0.0.1:{port}/health");
    let long = "timeout: 10m";
    let house = House::new(&format!(
        "services:
  web: {{health: {{url: \"{url}\", timeout: 1s}}}}
  shop: {{kind: function}}
  db: {{kind: database}}
  task: {{command: [sleep, \"1000\"]}}
  files: {{kind: host}}
probes:
  shop/journey: {{kind: journey, service: shop, {long}, steps: [{{name: first, url: \"{url}\"}}]}}
  db/login: {{kind: postgres, service: db, {long}, host: 127.0.0.1, port: {port}, user: app, database: app}}
  files/log: {{kind: log, service: files, path: {}}}
",
        std::env::temp_dir().display(),
    ));
    let before = contents(house.path());
    let began = Instant::now();
    let ran = house.run_for(2, &["check", "--within", "3", "--json"]);
    assert!(began.elapsed() < Duration::from_secs(30), "A26: complete within 30 s");
    assert_eq!(contents(house.path()), before, "A26: changes nothing");

    let told = ran.json();
    // A34: whatever hangs, the machine itself can be looked at.
    let host = &told["host"];
    assert!(host["memory"]["available_bytes"].as_u64().is_some_and(|bytes| bytes > 0), "{host}");
    for list in ["filesystems", "top_cpu", "top_memory"] {
        assert!(host[list].as_array().is_some_and(|list| !list.is_empty()), "{list}: {host}");
    }
    let checks = told["checks"].as_array().expect("a list");
    for name in ["web", "shop", "db", "task", "files"] {
        let check = checks.iter().find(|check| check["id"] == name);
        let check = check.unwrap_or_else(|| panic!("{name} is not forgotten: {told}"));
        assert_ne!(check["status"], "ok", "{check}");
        assert_ne!(check["reason"]["ja"], "", "{check}");
    }
    let text = house.run_for(2, &["check", "--within", "3"]).stdout;
    assert!(text.contains("not measured") || text.contains("failed"), "{text}");
    assert_eq!(contents(house.path()), before, "A26: changes nothing");
}

/// Also beside a running server, whose logs are followed and whose services are known.
#[test]
fn a_look_beside_a_running_server_takes_nothing_from_it() {
    let mut house = House::new("services: {task: {command: [sleep, \"1000\"]}}\n");
    house.serve();
    let pid = house.service("task").expect("it runs");
    let before = house.facts();
    let told = house.json(&["check"]);
    assert_eq!(told["checks"][0]["readings"]["pid"]["measured"], f64::from(pid.pid), "{told}");
    assert_eq!(house.service("task"), Some(pid), "it was not touched");
    assert_eq!(house.facts(), before, "nothing was written");
}
