//! Stories of hikeshi's own supervisor, with real processes.

use domain::ids::ServiceName;
use jiff::Timestamp;
use std::{fs, path::Path, sync::Arc, time::Duration};
use supervise::{Exit, Identity, Own, ServiceCommand, SuperviseError, Supervisor, stat::Stat};
use tempfile::TempDir;
use tokio::time::{Instant, sleep};

struct Place {
    folder: TempDir,
    name: ServiceName,
}

impl Place {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a folder"), name: "api-1".into() }
    }

    fn command(&self, script: &str) -> ServiceCommand {
        let argv = ["sh", "-c", script].map(String::from).to_vec();
        ServiceCommand::new(self.name.clone(), argv, self.log())
    }

    fn log(&self) -> std::path::PathBuf {
        self.folder.path().join("logs/api-1.log")
    }

    fn open(&self, command: ServiceCommand) -> Own {
        let clock = Arc::new(|| Timestamp::UNIX_EPOCH);
        Own::open(&self.folder.path().join("state"), vec![command], clock).expect("opened")
    }

    fn logged(&self) -> String {
        fs::read_to_string(self.log()).unwrap_or_default()
    }
}

/// Waits until something is so; a minute is far more than a loaded machine needs.
async fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !is_so() {
        assert!(Instant::now() < deadline, "never came: {what}");
        sleep(Duration::from_millis(5)).await;
    }
}

async fn running(own: &Own, name: &ServiceName) -> Identity {
    own.status(name).await.expect("known").running.expect("running")
}

#[tokio::test]
async fn a_service_runs_in_its_own_session_with_its_log_and_little_environment() {
    let place = Place::new();
    let mut command = place.command("echo hello; env; exec sleep 600");
    command.env.insert("PORT".into(), "8080".into());
    let own = place.open(command);
    own.start(&place.name).await.expect("started");
    let identity = running(&own, &place.name).await;
    assert_eq!(Stat::of(identity.pid).expect("it lives").session, identity.pid);
    until("the log", || place.logged().contains("PORT=8080")).await;
    let log = place.logged();
    assert!(log.contains("hello") && log.contains("PATH="), "{log}");
    // The test runner's own variables are there for us, not for the service.
    assert!(
        std::env::var_os("CARGO_MANIFEST_DIR").is_some() && !log.contains("CARGO_MANIFEST_DIR"),
        "{log}"
    );
    own.start(&place.name).await.expect("starting what runs is fine");
    assert_eq!(running(&own, &place.name).await, identity);
    own.stop(&place.name).await.expect("stopped");
    assert!(!identity.is_alive());
    let status = own.status(&place.name).await.expect("known");
    assert_eq!((status.running, status.last_exit), (None, Some(Exit::Signal(15))));
}

#[tokio::test]
async fn a_restart_is_a_new_process_and_is_counted() {
    let place = Place::new();
    let own = place.open(place.command("exec sleep 600"));
    own.start(&place.name).await.expect("started");
    let before = running(&own, &place.name).await;
    // Two people ask at the same moment: one after the other, never two processes.
    let (first, second) = tokio::join!(own.restart(&place.name), own.restart(&place.name));
    first.expect("restarted");
    second.expect("restarted");
    let after = running(&own, &place.name).await;
    assert_ne!(before, after);
    assert!(!before.is_alive());
    assert_eq!(own.status(&place.name).await.expect("known").restarts, 2);
    own.stop_all().await.expect("stopped");
    assert!(!after.is_alive());
}

#[tokio::test]
async fn who_ignores_term_is_killed() {
    let place = Place::new();
    let mut command = place.command("trap '' TERM; echo ready; while :; do sleep 1; done");
    command.stop_timeout = Duration::from_millis(200);
    let own = place.open(command);
    own.start(&place.name).await.expect("started");
    until("the trap", || place.logged().contains("ready")).await;
    own.stop(&place.name).await.expect("killed");
    let status = own.status(&place.name).await.expect("known");
    assert_eq!(status.last_exit, Some(Exit::Signal(9)));
}

#[tokio::test]
async fn what_a_dead_service_left_behind_is_ended_before_it_starts_again() {
    let place = Place::new();
    let own = place.open(place.command("sleep 600 & echo child $!; exit 3"));
    own.start(&place.name).await.expect("started");
    until("the child's pid", || place.logged().contains("child")).await;
    let pid =
        place.logged().split_whitespace().nth(1).and_then(|pid| pid.parse().ok()).expect("a pid");
    let child = Identity::of(pid).expect("the child lives on");
    let mut status = own.status(&place.name).await.expect("known");
    while status.running.is_some() {
        status = own.status(&place.name).await.expect("known");
    }
    assert_eq!(status.last_exit, Some(Exit::Code(3)));
    assert!(child.is_alive());
    own.start(&place.name).await.expect("started again");
    assert!(!child.is_alive(), "it would hold the port");
    own.stop(&place.name).await.expect("stopped");
}

#[tokio::test]
async fn a_service_survives_hikeshi_and_is_adopted_not_started_twice() {
    let place = Place::new();
    let command = place.command("exec sleep 600");
    let first = place.open(command.clone());
    first.start(&place.name).await.expect("started");
    let identity = running(&first, &place.name).await;
    drop(first);
    assert!(identity.is_alive());

    let second = place.open(command.clone());
    second.start(&place.name).await.expect("already there");
    assert_eq!(running(&second, &place.name).await, identity);
    drop(second);

    // hikeshi died after the start and before it wrote it down: the mark tells.
    fs::remove_file(place.folder.path().join("state/api-1.json")).expect("lost");
    let third = place.open(command);
    assert_eq!(running(&third, &place.name).await, identity);
    third.stop(&place.name).await.expect("stopped");
    assert!(!identity.is_alive());
    assert_eq!(third.status(&place.name).await.expect("known").last_exit, Some(Exit::Unknown));
}

#[tokio::test]
async fn a_program_that_is_not_there_is_an_error_with_its_path() {
    let place = Place::new();
    let mut command = place.command("true");
    command.argv = vec!["/nowhere/api".into()];
    let error = place.open(command.clone()).start(&place.name).await.expect_err("no such program");
    assert!(error.to_string().contains("/nowhere/api"), "{error}");
    assert!(error.said().ja.contains("起動できません"));
    command.argv = vec!["true".into()];
    command.cwd = Some(Path::new("/nowhere").into());
    let error = place.open(command).start(&place.name).await.expect_err("no such folder");
    assert!(matches!(error, SuperviseError::Exec { .. }), "{error}");
}

#[tokio::test]
async fn a_reload_reaches_the_service_and_a_stopped_one_refuses() {
    let place = Place::new();
    let own = place
        .open(place.command("trap 'echo reloaded' HUP; echo ready; while :; do sleep 0.05; done"));
    let refused = own.reload(&place.name).await.expect_err("it does not run");
    assert!(matches!(refused, SuperviseError::NotRunning(_)));
    own.start(&place.name).await.expect("started");
    until("the trap", || place.logged().contains("ready")).await;
    own.reload(&place.name).await.expect("signalled");
    until("the reload", || place.logged().contains("reloaded")).await;
    own.stop(&place.name).await.expect("stopped");
    let unknown = own.restart(&"nobody".into()).await.expect_err("not ours");
    assert!(matches!(unknown, SuperviseError::UnknownService(_)));
}
