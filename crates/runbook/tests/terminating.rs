//! Stories of `process.terminate`, with real processes that only these stories know.

mod world;

use domain::plan::Outcome;
use runbook::{Limits, limits::is_protected};
use std::{
    fs,
    process::{Child, Command, Stdio},
    time::Duration,
};
use supervise::Identity;
use world::{World, until, verb};

/// A child under a name that nobody else has; it ends with its story.
struct Named {
    child: Child,
    name: String,
}

impl Named {
    /// A copy of bash under another name. `script` tells it how to behave.
    fn start(world: &World, kind: &str, script: &str) -> Self {
        let name = format!("hk{kind}{}", std::process::id());
        let path = world.path(&name);
        // Copied by another process: as long as one of ours may hold it open for writing, it cannot be run.
        let copied = Command::new("cp").arg("/bin/bash").arg(&path).status().expect("cp runs");
        assert!(copied.success());
        let child = Command::new(&path)
            .args(["-c", script])
            .env("FOLDER", world.folder.path())
            .stdin(Stdio::piped())
            .spawn()
            .expect("it starts");
        Self { child, name }
    }

    fn identity(&self) -> Identity {
        Identity::of(self.child.id()).expect("it lives")
    }
}

impl Drop for Named {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn allowing(mut world: World, name: &str) -> World {
    world.deps.limits = Limits { may_end: [name.to_owned()].into(), ..Limits::default() };
    world
}

async fn ready(world: &World) {
    until("it is ready", || world.path("ready").exists()).await;
}

const POLITE: &str = r#"echo >"$FOLDER/ready"; read -r"#;
const STUBBORN: &str = r#"trap '' TERM; echo >"$FOLDER/ready"; read -r; read -r"#;

// A60: graceful first, verified.
#[tokio::test]
async fn a_process_is_asked_and_seen_gone() {
    let world = World::new();
    let named = Named::start(&world, "a", POLITE);
    let world = allowing(world, &named.name);
    ready(&world).await;
    let identity = named.identity();
    let text = format!("process.terminate\nprocess_name: {}", named.name);
    let report = world.perform(&verb(&text)).await;
    assert_eq!(report.outcome, Outcome::Ok, "{}", report.output);
    assert_eq!(report.captured["signals"], "TERM");
    assert_eq!(report.captured["pid"], identity.pid.to_string());
    assert!(report.captured["held_kib"].parse::<u64>().expect("a number") > 0);
    assert!(!identity.is_alive());
    let report = world.perform(&verb(&text)).await;
    assert!(
        matches!(report.outcome, Outcome::Blocked(why) if why.en.contains("there is no process"))
    );
}

#[tokio::test]
async fn who_does_not_listen_is_killed_after_the_wait() {
    let world = World::new();
    let named = Named::start(&world, "b", STUBBORN);
    let world = allowing(world, &named.name);
    ready(&world).await;
    let identity = named.identity();
    let pid = identity.pid;
    let text = format!("process.terminate\nprocess_name: {}\npid: {pid}\nwait: 1s", named.name);
    let report = world.perform(&verb(&text)).await;
    assert_eq!(report.outcome, Outcome::Ok, "{}", report.output);
    assert_eq!(report.captured["signals"], "TERM, KILL");
    assert!(!identity.is_alive());
}

// C26: the pid of another process is no licence, and neither is a name that nobody allowed.
#[tokio::test]
async fn only_allowed_names_end_and_a_pid_must_have_the_name() {
    let world = World::new();
    let named = Named::start(&world, "c", POLITE);
    ready(&world).await;
    let text = format!("process.terminate\nprocess_name: {}", named.name);
    let report = world.perform(&verb(&text)).await;
    assert!(
        matches!(&report.outcome, Outcome::Blocked(why) if why.en.contains("may_end")),
        "{report:?}"
    );
    let world = allowing(world, &named.name);
    let me = std::process::id();
    let report = world.perform(&verb(&format!("{text}\npid: {me}"))).await;
    assert!(
        matches!(&report.outcome, Outcome::Blocked(why) if why.en.contains("no process")),
        "{report:?}"
    );
    assert!(named.identity().is_alive());
}

#[tokio::test]
async fn neither_hikeshi_nor_what_started_it_is_ended() {
    let own = fs::read_to_string("/proc/self/comm").expect("a name").trim().to_owned();
    let world = allowing(World::new(), &own);
    let pid = std::process::id();
    let text = format!("process.terminate\nprocess_name: {own}\npid: {pid}");
    let report = world.perform(&verb(&text)).await;
    assert!(
        matches!(&report.outcome, Outcome::Blocked(why) if why.en.contains("it is hikeshi")),
        "{report:?}"
    );
    for name in [
        "postgres",
        "sshd",
        "systemd",
        "PM2 v7.0.4: God Daemon",
        "containerd-shim-runc-v2",
        "hikeshi",
    ] {
        assert!(is_protected(name), "{name}");
        let world = allowing(World::new(), name);
        let report =
            world.perform(&verb(&format!("process.terminate\nprocess_name: {name}"))).await;
        assert!(matches!(&report.outcome, Outcome::Blocked(_)), "{name}: {report:?}");
    }
}

// A program that calls itself something harmless is still what its file says.
#[tokio::test]
async fn a_database_under_another_name_is_left_alone() {
    let world = World::new();
    let path = world.path("postgres");
    assert!(Command::new("cp").arg("/bin/bash").arg(&path).status().expect("cp runs").success());
    let name = format!("hkd{}", std::process::id());
    let script = format!(r#"printf {name} >/proc/$$/comm; echo >"$FOLDER/ready"; read -r"#);
    let child = Command::new(&path)
        .args(["-c", &script])
        .env("FOLDER", world.folder.path())
        .stdin(Stdio::piped())
        .spawn()
        .expect("it starts");
    let named = Named { child, name };
    let world = allowing(world, &named.name);
    ready(&world).await;
    let report =
        world.perform(&verb(&format!("process.terminate\nprocess_name: {}", named.name))).await;
    assert!(
        matches!(&report.outcome, Outcome::Blocked(why) if why.en.contains("protected")),
        "{report:?}"
    );
    assert!(named.identity().is_alive());
}

#[tokio::test]
async fn a_step_without_time_for_the_wait_does_not_begin() {
    let world = World::new();
    let named = Named::start(&world, "e", POLITE);
    let world = allowing(world, &named.name);
    ready(&world).await;
    let text = format!("process.terminate\nprocess_name: {}", named.name);
    let report = world.perform_within(&verb(&text), Duration::from_secs(15)).await;
    assert!(
        matches!(&report.outcome, Outcome::Blocked(why) if why.en.contains("more than 20 s")),
        "{report:?}"
    );
    assert!(named.identity().is_alive());
}

#[tokio::test]
async fn a_hostile_name_ends_nothing() {
    for hostile in ["--help", ";rm -rf /", "$(id)", "-9", "*", "a b"] {
        let world = allowing(World::new(), "node").attribute("victim", "const", hostile);
        let report = world.perform(&verb("process.terminate\nprocess_name: $HK_VICTIM")).await;
        assert!(matches!(report.outcome, Outcome::Blocked(_)), "{hostile}: {report:?}");
    }
    let world = allowing(World::new(), "node").attribute("victim", "const", "1");
    let report =
        world.perform(&verb("process.terminate\nprocess_name: node\npid: $HK_VICTIM")).await;
    assert!(matches!(report.outcome, Outcome::Blocked(why) if why.en.contains("from 2 to")));
}
