//! Stories of the supervisors that are programs, `pm2` and `docker`: stand-ins that answer as the real ones did, and
//! write down what they were told.

use domain::ids::ServiceName;
use std::{
    fs,
    io::Write,
    path::PathBuf,
    process::{Command, Stdio},
    sync::Arc,
};
use supervise::{Exit, SuperviseError, Supervisor, Target, kinds};
use tempfile::TempDir;

struct Place(TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// A program that writes down its arguments, one line per call, and does this.
    fn program(&self, name: &str, body: &str) -> &Self {
        let here = self.0.path().display();
        let text = format!("#!/bin/bash\nHERE='{here}'\necho \"$@\" >>\"$HERE/calls\"\n{body}\n");
        // Written by another process: as long as one of ours may hold it open for writing, it cannot be run.
        let mut install = Command::new("install")
            .args(["-m", "755", "/dev/stdin"])
            .arg(self.path(name))
            .stdin(Stdio::piped())
            .spawn()
            .expect("install runs");
        let mut stdin = install.stdin.take().expect("a pipe");
        stdin.write_all(text.as_bytes()).expect("written");
        drop(stdin);
        assert!(install.wait().expect("it ends").success());
        self
    }

    fn supervisor(&self, kind: &str, name: &str) -> Arc<dyn Supervisor> {
        let program = ("program".to_owned(), self.path(kind).display().to_string());
        let target = Target { service: api(), name: name.into(), options: [program].into() };
        (kinds::by_name(kind).expect("the row").make)(target).expect("a supervisor")
    }

    fn calls(&self) -> Vec<String> {
        let text = fs::read_to_string(self.path("calls")).unwrap_or_default();
        let _ = fs::remove_file(self.path("calls"));
        text.lines().map(str::to_owned).collect()
    }
}

fn api() -> ServiceName {
    "api".into()
}

/// As pm2 7.0.4 does it: a banner, then the list; the state of each number is a file.
const PM2: &str = r#"
state() { cat "$HERE/state$1" 2>/dev/null || echo online; }
case "$1" in
  jlist)
    echo "[PM2] Spawning PM2 daemon with pm2_home=/x"
    echo '[{"name":"other","pm_id":0,"pid":1,"pm2_env":{"status":"stopped"}},'
    for id in 4 7; do
      echo '{"name":"api-1","pm_id":'$id',"pid":'$PPID',"pm2_env":{"status":"'$(state $id)'","pm_uptime":1700000000000,"restart_time":3,"exit_code":1,"env":{"DB_PASSWORD":"hunter2"}}}'
      [ $id = 4 ] && echo ,
    done
    echo ']' ;;
  stop) echo stopped >"$HERE/state$2" ;;
  restart|reload) echo "$(cat "$HERE/next" 2>/dev/null || echo online)" >"$HERE/state$2" ;;
  *) echo "unknown: $1" >&2; exit 1 ;;
esac"#;

// A42: by number, so that no name can mean more than itself; one after the other.
#[tokio::test]
async fn pm2_is_told_numbers_one_after_the_other() {
    let place = Place::new();
    let pm2 = place.program("pm2", PM2).supervisor("pm2", "api-1");
    pm2.restart(&api()).await.expect("restarted");
    assert_eq!(place.calls(), ["jlist", "restart 4", "restart 7", "jlist"]);
    pm2.start(&api()).await.expect("they run");
    assert_eq!(place.calls(), ["jlist", "jlist"], "what runs is left alone");
    pm2.stop(&api()).await.expect("stopped");
    let status = pm2.status(&api()).await.expect("known");
    assert_eq!((status.running, status.restarts), (None, 6));
    assert_eq!(status.last_exit, Some(Exit::Code(1)));
    pm2.start(&api()).await.expect("started");
    let status = pm2.status(&api()).await.expect("known");
    assert_eq!(status.running.map(|identity| identity.pid), Some(std::process::id()));
    pm2.reload(&api()).await.expect("reloaded");
}

#[tokio::test]
async fn a_process_that_does_not_come_up_in_pm2_is_a_failure() {
    let place = Place::new();
    let pm2 = place.program("pm2", PM2).supervisor("pm2", "api-1");
    fs::write(place.path("next"), "errored").expect("written");
    let error = pm2.restart(&api()).await.expect_err("it came not up");
    assert!(error.to_string().contains("api-1 (4) is `errored`, not online"), "{error}");
    assert!(!error.to_string().contains("hunter2"));
    let gone = place.supervisor("pm2", "all");
    let error = gone.restart(&api()).await.expect_err("no process of that name");
    assert!(error.to_string().contains("pm2 keeps no process all"), "{error}");
    assert!(!place.calls().iter().any(|call| call.contains("all")), "not everything");
}

#[tokio::test]
async fn a_program_that_is_not_there_or_fails_is_said() {
    let place = Place::new();
    let pm2 = place.supervisor("pm2", "api-1");
    let error = pm2.status(&api()).await.expect_err("no program");
    assert!(matches!(error, SuperviseError::Program { .. }), "{error}");
    place.program("pm2", "echo -e '\\e[31m[PM2][ERROR] \\e[39mcannot reach' >&2; exit 1");
    let error = pm2.status(&api()).await.expect_err("it failed");
    assert_eq!(error.said().en, "api: pm2: exit code 1: [PM2][ERROR] cannot reach");
}

const DOCKER: &str = r#"
state=$(cat "$HERE/state" 2>/dev/null || echo running)
case "$1" in
  inspect)
    [ $state = running ] && pid=$PPID || pid=0
    echo '[{"RestartCount":2,"State":{"Status":"'$state'","Running":'$([ $state = running ] && echo true || echo false)',"Pid":'$(cat "$HERE/pid" 2>/dev/null || echo $pid)',"ExitCode":137,"StartedAt":"2025-09-26T10:15:00.5Z"}}]' ;;
  start|restart) cat "$HERE/next" 2>/dev/null >"$HERE/state" || echo running >"$HERE/state" ;;
  stop) echo exited >"$HERE/state" ;;
esac"#;

#[tokio::test]
async fn a_container_is_restarted_stopped_and_asked_to_reload() {
    let place = Place::new();
    let docker = place.program("docker", DOCKER).supervisor("docker", "mks-backend");
    docker.restart(&api()).await.expect("restarted");
    docker.reload(&api()).await.expect("asked");
    let status = docker.status(&api()).await.expect("known");
    assert_eq!(status.running.map(|identity| identity.pid), Some(std::process::id()));
    assert_eq!((status.restarts, status.last_exit), (2, None));
    docker.stop(&api()).await.expect("stopped");
    let status = docker.status(&api()).await.expect("known");
    assert_eq!((status.running, status.last_exit), (None, Some(Exit::Code(137))));
    let calls = place.calls();
    assert!(calls.contains(&"restart -- mks-backend".to_owned()), "{calls:?}");
    assert!(calls.contains(&"kill --signal HUP -- mks-backend".to_owned()), "{calls:?}");
    assert!(calls.contains(&"inspect --type container -- mks-backend".to_owned()), "{calls:?}");
}

#[tokio::test]
async fn a_container_that_dies_at_once_or_lives_elsewhere_is_said() {
    let place = Place::new();
    let docker = place.program("docker", DOCKER).supervisor("docker", "mks-backend");
    fs::write(place.path("next"), "restarting").expect("written");
    let error = docker.restart(&api()).await.expect_err("it is not up");
    assert!(error.to_string().contains("is `restarting`, not running"), "{error}");
    fs::write(place.path("state"), "running").expect("written");
    fs::write(place.path("pid"), "4194999").expect("no pid is that great");
    let error = docker.status(&api()).await.expect_err("elsewhere");
    assert!(error.to_string().contains("not on this machine"), "{error}");
}

/// The real thing, where it is installed (`HIKESHI_TEST_PM2=/path/to/pm2`): what the stand-in claims is true of it.
#[tokio::test]
async fn the_real_pm2_restarts_by_number() {
    let Some(program) = std::env::var_os("HIKESHI_TEST_PM2") else {
        eprintln!("skipped: HIKESHI_TEST_PM2 does not name a pm2 program");
        return;
    };
    let place = Place::new();
    let home = place.path("home").display().to_string();
    fs::write(place.path("app.js"), "setInterval(() => {}, 1000)\n").expect("written");
    let pm2 = |arguments: &[&str]| {
        let mut command = Command::new(&program);
        let ended =
            command.args(arguments).env("PM2_HOME", &home).current_dir(place.0.path()).output();
        assert!(ended.expect("it runs").status.success());
    };
    pm2(&["start", "app.js", "--name", "api-1"]);
    let options = [("program", program.to_string_lossy().into_owned()), ("home", home.clone())];
    let target = Target {
        service: api(),
        name: "api-1".into(),
        options: options.map(|(key, value)| (key.to_owned(), value)).into(),
    };
    let supervisor = (kinds::by_name("pm2").expect("the row").make)(target).expect("a supervisor");
    let before = supervisor.status(&api()).await.expect("known").running.expect("it runs");
    supervisor.restart(&api()).await.expect("restarted");
    let after = supervisor.status(&api()).await.expect("known").running.expect("it runs");
    assert_ne!(before, after, "another process");
    supervisor.stop(&api()).await.expect("stopped");
    assert_eq!(supervisor.status(&api()).await.expect("known").running, None);
    supervisor.start(&api()).await.expect("started");
    supervisor.reload(&api()).await.expect("reloaded");
    pm2(&["kill"]);
}

/// The real thing, where there is a container to play with (`HIKESHI_TEST_DOCKER=its-name`).
#[tokio::test]
async fn the_real_docker_restarts_a_container() {
    let Ok(container) = std::env::var("HIKESHI_TEST_DOCKER") else {
        eprintln!("skipped: HIKESHI_TEST_DOCKER names no container");
        return;
    };
    let target = Target { service: api(), name: container, options: [].into() };
    let docker = (kinds::by_name("docker").expect("the row").make)(target).expect("a supervisor");
    docker.start(&api()).await.expect("it runs");
    let before = docker.status(&api()).await.expect("known").running.expect("it runs");
    docker.restart(&api()).await.expect("restarted");
    let status = docker.status(&api()).await.expect("known");
    assert!(status.running.as_ref().is_some_and(|after| *after != before), "another process");
    assert!(status.started_at.is_some() && status.last_exit.is_none(), "{status:?}");
    docker.reload(&api()).await.expect("asked");
    docker.stop(&api()).await.expect("stopped");
    let status = docker.status(&api()).await.expect("known");
    assert!(status.running.is_none() && status.last_exit.is_some(), "{status:?}");
    docker.stop(&api()).await.expect("stopped is stopped");
    docker.start(&api()).await.expect("started");
}
