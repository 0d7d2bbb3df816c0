//! Targets and steps that misbehave: a clear outcome, and everything else goes on.

use crate::common::{House, wait};
use serde_json::Value;
use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    thread,
    time::Duration,
};

/// A target that answers every connection as told; it lives as long as the test.
fn target(answer: fn(TcpStream)) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("bound").port();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let _ = stream.set_write_timeout(Some(Duration::from_secs(20)));
            let _ = stream.set_read_timeout(Some(Duration::from_secs(20)));
            thread::spawn(move || answer(stream));
        }
    });
    port
}

/// Bytes that are no protocol, for as long as somebody reads them.
fn garbage(mut stream: TcpStream) {
    let noise: Vec<u8> =
        (0..65536_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    while stream.write_all(&noise).is_ok() {}
}

/// An answer that begins well and never ends.
fn endless(mut stream: TcpStream) {
    let mut request = [0; 1024];
    let _ = stream.read(&mut request);
    let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    while stream.write_all(b"4\r\n....\r\n").is_ok() {}
}

/// An answer with everything that terminals obey.
fn commanding(mut stream: TcpStream) {
    let mut request = [0; 1024];
    let _ = stream.read(&mut request);
    let body =
        "\u{1b}]0;owned\u{7}\u{1b}[2J\u{1b}[31m{\"status\":\"\u{1b}[5m\\u001b[2Jbad\"}\u{9b}2J";
    let head = format!("HTTP/1.1 500 \u{1b}[2JOops\r\nContent-Length: {}\r\n\r\n", body.len());
    let _ = stream.write_all(head.as_bytes());
    let _ = stream.write_all(body.as_bytes());
}

/// Probes of targets that lie, a log that is none, and one honest service.
fn watching() -> House {
    let (noise, never, colours) = (target(garbage), target(endless), target(commanding));
    let folder = std::env::temp_dir();
    House::new(&format!(
        "services:
  honest: {{command: [sleep, \"1000\"]}}
  noise: {{health: {{url: \"http://127.0.0.1:{noise}/\", every: 1s, timeout: 2s}}}}
  endless: {{health: {{url: \"http://127.0.0.1:{never}/\", expect: {{body_contains: healthy}}, every: 1s, timeout: 2s}}}}
  colours: {{health: {{url: \"http://127.0.0.1:{colours}/\", expect: {{body_contains: healthy}}, every: 1s, timeout: 2s}}}}
  db: {{kind: database}}
  files: {{kind: host}}
probes:
  db/login: {{kind: postgres, service: db, host: 127.0.0.1, port: {noise}, user: a, database: a, every: 1s, timeout: 2s}}
  files/log: {{kind: log, service: files, path: {}, every: 1s}}
clocks: {{assess_within: 1s, steady: 1s}}
",
        folder.display(),
    ))
}

#[test]
fn targets_that_lie_are_down_and_everything_else_goes_on() {
    let mut house = watching();
    house.serve();
    house.wait("every liar has its alert", |house| {
        let alerts = house.json(&["alert", "list"]);
        let keys: Vec<_> = alerts.as_array()?.iter().map(|alert| alert["key"].clone()).collect();
        let liars = [
            "service_down@noise",
            "service_down@endless",
            "service_down@colours",
            "database_connection_failed@db",
        ];
        liars.iter().all(|key| keys.contains(&(*key).into())).then_some(())
    });
    let status = house.json(&["service", "status"]);
    let honest =
        status.as_array().into_iter().flatten().find(|service| service["name"] == "honest");
    assert_eq!(honest.expect("it is listed")["health"], "good", "{status}");
    house.run_for(0, &["incident", "note", "latest", "still here"]);

    // B35's spirit: hostile output is shown without control characters, wherever it is shown.
    let is_bad = |c: char| c.is_control() && c != '\n';
    for arguments in [
        &["check", "--within", "5"][..],
        &["alert", "list"],
        &["alert", "show", "service_down@colours"],
        &["incident", "list"],
        &["incident", "show", "latest"],
        &["journal", "show"],
    ] {
        let ran = house.run(arguments);
        let found: Vec<_> = ran.all().chars().filter(|c| is_bad(*c)).collect();
        assert!(found.is_empty(), "{arguments:?}: {found:?} in {ran:?}");
    }
    assert!(!house.log().contains(['\u{7}', '\u{9b}']), "{}", house.log());
    assert_eq!(house.json(&["journal", "verify"])["ok"], true);
}

#[test]
fn a_log_that_cannot_be_read_is_said_and_stops_nobody() {
    let house = watching();
    let told = house.run(&["check", "--within", "5", "--json"]).json();
    let checks = told["checks"].as_array().expect("a list");
    let log = checks.iter().find(|check| check["id"] == "files").expect("not forgotten");
    assert_ne!(log["status"], "ok", "{log}");
    assert_ne!(log["reason"]["ja"], "", "{log}");
}

const STEPS: &str = "\
---
alert: disk_usage
owner: SRE
mode: manual
verify: {passes: 1, every: 1s, steady: 0s, within: 2s}
---
# Steps that misbehave
## Respond
```bash {name=misbehave effect=once timeout=2s}
BODY
```
## Verify
```bash {name=well timeout=5s}
true
```
";

fn run_step(body: &str) -> (House, Value) {
    let mut house = House::new("services: {task: {command: [sleep, \"1000\"]}}\n")
        .with_runbook("misbehaving", &STEPS.replace("BODY", body));
    house.serve();
    let ran = house.run(&["runbook", "run", "misbehaving", "--service", "task", "--json"]);
    let run = ran.json();
    let steps = run["steps"].as_array().cloned().unwrap_or_default();
    let step = steps.into_iter().find(|step| step["step"] == "misbehave");
    let step = step.unwrap_or_else(|| panic!("{run}"));
    // Whatever the step did, the house stands.
    house.run_for(0, &["incident", "open", "--title", "still here"]);
    assert_eq!(house.json(&["service", "status"])[0]["health"], "good");
    assert_eq!(house.json(&["journal", "verify"])["ok"], true);
    (house, step)
}

/// A step that prints gigabytes ends at its limit; what is kept of it is bounded.
#[test]
fn a_step_that_prints_gigabytes_is_cut() {
    let (house, step) = run_step("yes 'so much to say'");
    assert_eq!(step["outcome"], "timeout", "{}", step["outcome"]);
    let said = step["output"].as_str().expect("text");
    assert!(said.contains("so much to say") && said.len() < 100_000, "{} bytes", said.len());
    let runs = walk(&house.data());
    assert!(runs < 64 << 20, "the data folder holds {runs} bytes");
}

/// A step that ignores being asked is killed with everything it started.
#[test]
fn a_step_that_ignores_a_request_to_end_is_killed() {
    let marker = format!("31{:07}", std::process::id());
    let body = format!("trap '' TERM\nsleep {marker} &\nwhile true; do sleep 0.1; done");
    let (_house, step) = run_step(&body);
    assert_eq!(step["outcome"], "timeout", "{step}");
    wait("its children are gone", || {
        let entries = std::fs::read_dir("/proc").expect("Linux").flatten();
        let lines = entries.filter_map(|entry| std::fs::read(entry.path().join("cmdline")).ok());
        let mut sleeps =
            lines.filter(|line| line.starts_with(format!("sleep\0{marker}").as_bytes()));
        sleeps.next().is_none().then_some(())
    });
}

/// Control characters of a step's output reach no terminal.
#[test]
fn a_step_that_prints_terminal_commands_is_shown_as_text() {
    let (house, step) = run_step(r"printf '\033[2J\033]0;owned\007hello\n'; exit 3");
    assert!(step["outcome"]["failed"]["en"].is_string(), "{step}");
    for arguments in [&["journal", "show"][..], &["runbook", "show", "misbehaving"]] {
        let ran = house.run_for(0, arguments);
        assert!(!ran.all().contains(|c: char| c.is_control() && c != '\n'), "{ran:?}");
    }
}

/// How many bytes the files below a folder hold.
fn walk(folder: &std::path::Path) -> u64 {
    let entries = std::fs::read_dir(folder).expect("a folder").flatten();
    entries
        .map(|entry| match entry.metadata() {
            Ok(about) if about.is_dir() => walk(&entry.path()),
            Ok(about) => about.len(),
            Err(_) => 0,
        })
        .sum()
}
