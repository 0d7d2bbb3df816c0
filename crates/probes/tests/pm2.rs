//! Stories of the `pm2` probe: a script prints what `pm2 jlist` prints, as a real child process.

mod common;

use common::{deps, look, number, spec, text};
use domain::reading::{Observation, Reading, Value};
use std::{fs, os::unix::fs::PermissionsExt, path::Path, time::Duration};
use tempfile::TempDir;
use tokio::time::{Instant, sleep};

const BANNER: &str = "\
>>>> In-memory PM2 is out-of-date, do:
>>>> $ pm2 update
[PM2] Spawning PM2 daemon with pm2_home=/srv/app/.pm2
[PM2] PM2 Successfully daemonized
";

/// A pm2 that runs this script, and the folder that is its home.
fn pm2(script: &str) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let program = folder.path().join("pm2");
    fs::write(&program, format!("#!/bin/sh\n{script}\n")).expect("written");
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("ours");
    folder
}

/// A pm2 that prints this.
fn printing(text: &str) -> TempDir {
    let folder = pm2("cat \"$PM2_HOME/printed\"");
    fs::write(folder.path().join("printed"), text).expect("written");
    folder
}

fn probe(home: &Path, process: &str) -> String {
    let program = home.join("pm2");
    // Through sh: a file that was just written cannot be run while another test's child still holds it.
    format!(
        "{{kind: pm2, service: {process}, process: {process}, home: '{}', command: [sh, '{}', jlist]}}",
        home.display(),
        program.display()
    )
}

fn entry(name: &str, status: &str, pid: u32, restarts: u32, started_ms: i64) -> String {
    format!(
        r#"{{"pid":{pid},"name":"{name}","pm2_env":{{"status":"{status}","restart_time":{restarts},"unstable_restarts":1,"pm_uptime":{started_ms},"env":{{"DB_PASSWORD":"hunter2"}}}},"monit":{{"memory":50000000,"cpu":12.5}}}}"#
    )
}

fn online(seen: &Observation) -> Option<bool> {
    match seen.readings.get("online").and_then(Reading::measured) {
        Some(Value::Flag(online)) => Some(*online),
        _ => None,
    }
}

fn why_failed(seen: &Observation) -> &str {
    match &seen.readings["online"] {
        Reading::Failed(why) => &why.en,
        other => panic!("it was measured: {other}"),
    }
}

#[tokio::test]
async fn a_process_is_read_from_the_list_behind_all_banners() {
    let an_hour_ago = jiff::Timestamp::now().as_millisecond() - 3_600_000;
    let list = [
        entry("api-1", "online", 4711, 2, an_hour_ago),
        entry("api-2", "errored", 0, 16, an_hour_ago),
        entry("worker", "online", 10, 1, an_hour_ago),
        entry("worker", "online", 11, 3, an_hour_ago),
    ];
    let home = printing(&format!("{BANNER}[{}]\n", list.join(",")));
    let seen = look(&probe(home.path(), "api-1")).await;
    assert_eq!((online(&seen), text(&seen, "status").as_str()), (Some(true), "online"), "{seen:?}");
    assert_eq!((number(&seen, "pid"), number(&seen, "restarts")), (4711.0, 2.0));
    assert_eq!((number(&seen, "memory_bytes"), number(&seen, "cpu_percent")), (5e7, 12.5));
    assert_eq!(number(&seen, "unstable_restarts"), 1.0);
    assert!(number(&seen, "uptime_seconds") >= 3600.0);
    assert!(!format!("{seen:?}").contains("hunter2"), "environments are never shown");

    let seen = look(&probe(home.path(), "api-2")).await;
    assert_eq!((online(&seen), text(&seen, "cause").as_str()), (Some(false), "errored"));
    assert!(matches!(seen.readings["pid"], Reading::Unknown(_)), "no process, no pid");
    assert_eq!(number(&seen, "restarts"), 16.0);

    let seen = look(&probe(home.path(), "worker")).await;
    assert_eq!((number(&seen, "restarts"), number(&seen, "memory_bytes")), (4.0, 1e8), "{seen:?}");
    assert!(matches!(seen.readings["pid"], Reading::Unknown(_)), "two processes, no one pid");

    let seen = look(&probe(home.path(), "api-3")).await;
    assert_eq!((online(&seen), text(&seen, "cause").as_str()), (Some(false), "not_in_list"));
    let empty = printing("[]");
    let seen = look(&probe(empty.path(), "api-1")).await;
    assert_eq!((online(&seen), text(&seen, "cause").as_str()), (Some(false), "not_in_list"));
}

#[tokio::test]
async fn the_signal_that_ended_it_is_found_in_pm2s_own_log() {
    // A58: pm2 restarts what was killed with signal 9.
    let home = printing(&format!("[{}]", entry("api-2", "online", 9, 1, 0)));
    let log = home.path().join("pm2.log");
    let lines = "\
2026-11-22T10:00:00: PM2 log: App [api-2:1] exited with code [0] via signal [SIGKILL]
2026-11-22T10:00:01: PM2 log: App [api-20:2] exited with code [0] via signal [SIGTERM]
2026-11-22T10:00:02: PM2 log: App [api-2:1] online
";
    fs::write(&log, lines).expect("written");
    assert_eq!(text(&look(&probe(home.path(), "api-2")).await, "exit_signal"), "SIGKILL");
    let older = "App [api-2] with id [1] and pid [9], exited with code [0] via signal [SIGSEGV]\n";
    fs::write(&log, format!("{lines}{older}")).expect("written");
    assert_eq!(text(&look(&probe(home.path(), "api-2")).await, "exit_signal"), "SIGSEGV");
    let by_itself = "App [api-2:1] exited with code [1] via signal [SIGINT]\n";
    fs::write(&log, format!("{lines}{by_itself}")).expect("written");
    assert_eq!(text(&look(&probe(home.path(), "api-2")).await, "exit_signal"), "");
}

#[tokio::test]
async fn a_pm2_that_does_not_work_says_nothing_about_the_process() {
    let broken = pm2("echo 'connect EACCES token=hunter2' >&2; exit 3");
    let seen = look(&probe(broken.path(), "api-1")).await;
    let why = why_failed(&seen);
    assert!(why.contains("exit code 3: connect EACCES") && !why.contains("hunter2"), "{why}");

    let chatty = printing("[PM2] something\n[not json\n");
    let seen = look(&probe(chatty.path(), "api-1")).await;
    assert!(why_failed(&seen).contains("no list of processes"), "{seen:?}");

    let endless = pm2("exec cat /dev/zero");
    let seen = look(&probe(endless.path(), "api-1").replace("}", ", timeout: 300ms}")).await;
    assert!(why_failed(&seen).contains("no answer within"), "{seen:?}");

    let seen = look("{kind: pm2, service: s, process: s, command: [/nowhere/pm2, jlist]}").await;
    assert!(why_failed(&seen).contains("cannot start /nowhere/pm2"), "{seen:?}");
}

#[tokio::test]
async fn a_pm2_that_hangs_is_ended_with_all_that_it_started() {
    let hanging = pm2("sleep 600 & echo $! > \"$PM2_HOME/child\"; wait");
    let child = hanging.path().join("child");
    let mut looking = spec(&probe(hanging.path(), "api-1")).make(&deps());
    let pid = tokio::select! {
        seen = looking.look() => panic!("it answered: {seen:?}"),
        pid = written(&child) => pid,
    };
    drop(looking);
    let deadline = Instant::now() + Duration::from_secs(60);
    while is_running(&pid) {
        assert!(Instant::now() < deadline, "its child {pid} lives on");
        sleep(Duration::from_millis(10)).await;
    }
}

async fn written(path: &Path) -> String {
    loop {
        match fs::read_to_string(path) {
            Ok(text) if text.ends_with('\n') => return text.trim().to_owned(),
            _ => sleep(Duration::from_millis(10)).await,
        }
    }
}

/// A dead one whose parent is gone may wait for init as a zombie.
fn is_running(pid: &str) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with('Z'))
}
