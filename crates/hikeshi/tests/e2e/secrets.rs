//! A87: a secret from the environment is used and is nowhere to be seen.

use crate::common::{House, RESTART};
use std::{
    fs,
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

const CANARY: &str = "zz-canary";

/// A database server that asks for the password in the clear, and then says it aloud; and whether it heard `expected`.
pub fn talkative_database(expected: &'static str) -> (u16, Arc<AtomicBool>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("bound").port();
    let heard = Arc::new(AtomicBool::new(false));
    let hears = heard.clone();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let hears = hears.clone();
            thread::spawn(move || repeat_the_password(stream, expected, &hears));
        }
    });
    (port, heard)
}

/// The beginning of PostgreSQL's protocol: no TLS, please the password, wrong: "…".
fn repeat_the_password(mut stream: TcpStream, expected: &str, heard: &AtomicBool) -> Option<()> {
    let mut begin = read_message(&mut stream, 0)?;
    if begin.starts_with(&80_877_103_u32.to_be_bytes()) {
        stream.write_all(b"N").ok()?;
        begin = read_message(&mut stream, 0)?;
    }
    assert!(begin.starts_with(&196_608_u32.to_be_bytes()), "version 3 of the protocol");
    stream.write_all(b"R\0\0\0\x08\0\0\0\x03").ok()?;
    let password = read_message(&mut stream, 1)?;
    let password = String::from_utf8_lossy(&password).trim_end_matches('\0').to_owned();
    heard.fetch_or(password == expected, Ordering::Relaxed);
    let mut error = Vec::new();
    for part in
        ["SFATAL", "VFATAL", "C28P01", &format!("Mwrong password {password}, user said {password}")]
    {
        error.extend_from_slice(part.as_bytes());
        error.push(0);
    }
    error.push(0);
    let length = u32::try_from(error.len() + 4).ok()?;
    stream.write_all(&[b"E", &length.to_be_bytes()[..], &error].concat()).ok()
}

/// One message: a tag of so many bytes, a length that counts itself, the rest.
fn read_message(stream: &mut TcpStream, tag: usize) -> Option<Vec<u8>> {
    let mut head = vec![0; tag + 4];
    stream.read_exact(&mut head).ok()?;
    let length = u32::from_be_bytes(head[tag..].try_into().ok()?);
    let mut body = vec![0; usize::try_from(length).ok()?.checked_sub(4)?.min(1 << 16)];
    stream.read_exact(&mut body).ok()?;
    Some(body)
}

/// The files below a folder that hold the canary.
pub fn with_canary(folder: &Path, canary: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(with_canary(&path, canary));
        } else if let Ok(bytes) = fs::read(&path)
            && bytes.windows(canary.len()).any(|window| window == canary.as_bytes())
        {
            found.push(path);
        }
    }
    found
}

#[test]
fn a_password_is_used_and_shown_nowhere() {
    let (port, heard) = talkative_database(CANARY);
    // What an application writes into its own log is its own affair; in the evidence it is masked (A29).
    let logs = tempfile::tempdir().expect("a folder");
    fs::write(logs.path().join("app.log"), format!("ERROR login with {CANARY} failed\n"))
        .expect("written");
    let yaml = format!(
        "services:
  db: {{kind: database}}
  task: {{command: [sleep, \"1000\"], pass_env: [POSTGRES_PASSWORD], depends_on: [db]}}
probes:
  db/login: {{kind: postgres, service: db, host: 127.0.0.1, port: {port}, user: app, database: app, password_env: POSTGRES_PASSWORD, every: 1s, timeout: 5s}}
evidence_logs: [\"{}/*.log\"]
clocks: {{assess_within: 1s, steady: 1s}}
",
        logs.path().display()
    );
    let runbook = RESTART
        .replace("service_down", "database_connection_failed")
        .replace("service.restart", "database.reconnect");
    let mut house = House::new(&yaml)
        .with_runbook("database", &runbook)
        .with_variable("POSTGRES_PASSWORD", CANARY);
    house.serve();
    house.wait("the login fails and is acted upon", |house| {
        let kinds: Vec<_> = house.facts().into_iter().map(|fact| fact["kind"].clone()).collect();
        ["alert_fired", "step_settled", "classified"]
            .iter()
            .all(|kind| kinds.contains(&(*kind).into()))
            .then_some(())
    });
    assert!(heard.load(Ordering::Relaxed), "the password was really used");

    let task = house.service("task").expect("it runs");
    let environment = fs::read(format!("/proc/{}/environ", task.pid)).expect("our own child");
    assert!(String::from_utf8_lossy(&environment).contains(CANARY), "passed on by its name");
    for pid in [house.server_pid(), task.pid] {
        let line = fs::read(format!("/proc/{pid}/cmdline")).expect("it lives");
        assert!(!String::from_utf8_lossy(&line).contains(CANARY), "never in argv");
    }
    for arguments in [
        &["check"][..],
        &["check", "--json"],
        &["alert", "list", "--all", "--json"],
        &["alert", "show", "database_connection_failed", "--json"],
        &["incident", "show", "latest", "--json"],
        &["incident", "show", "latest"],
        &["journal", "show", "--json"],
        &["service", "status", "--json"],
        &["config", "check", "--json"],
    ] {
        let ran = house.run(arguments);
        assert!(!ran.all().contains(CANARY), "{arguments:?}: {ran:?}");
    }
    for path in ["/api/v1/readings", "/api/v1/timeline", "/api/v1/runbooks", "/metrics"] {
        let answer = house.open_door().get(path).expect("an answer");
        assert!(!answer.body.contains(CANARY), "{path}: {}", answer.body);
    }
    assert!(!house.log().contains(CANARY), "{}", house.log());
    house.stop();
    let found = with_canary(&house.config(), CANARY);
    assert!(found.is_empty(), "nowhere in the folder: {found:?}");
}
