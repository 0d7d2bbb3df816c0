//! Stories of the `process` probe with real processes and hikeshi's own supervisor.

mod common;

use common::{again, deps, number, spec, text, up};
use domain::reading::Reading;
use probes::{Deps, Schedule};
use std::{fs, sync::Arc, time::Duration};
use supervise::{Identity, Own, ServiceCommand, Signal, Supervisor};
use tokio::{process::Command, sync::mpsc, time::timeout};

const LONG: Duration = Duration::from_secs(60);

#[tokio::test]
async fn a_process_by_its_pid_file_lives_until_it_dies() {
    let folder = tempfile::tempdir().expect("a folder");
    let pid_file = folder.path().join("api-1.pid");
    let text_of_spec =
        format!("{{kind: process, service: api-1, pid_file: '{}'}}", pid_file.display());
    let mut probe = spec(&text_of_spec).make(&deps());
    let seen = again(&mut probe).await;
    assert_eq!((up(&seen), text(&seen, "cause").as_str()), (Some(false), "no_pid_file"));

    let mut child = Command::new("sleep").arg("600").spawn().expect("sleep starts");
    let pid = child.id().expect("it was not waited for");
    fs::write(&pid_file, format!("{pid}\n")).expect("written");
    let seen = again(&mut probe).await;
    assert_eq!((up(&seen), number(&seen, "pid")), (Some(true), f64::from(pid)), "{seen:?}");
    assert!(number(&seen, "uptime_s") < 3600.0);
    assert!(matches!(seen.readings["cpu_percent"], Reading::Unknown(_)), "one look is no rate");
    assert!(number(&again(&mut probe).await, "cpu_percent") >= 0.0);

    child.start_kill().expect("our own child");
    timeout(LONG, probe.woken()).await.expect("its death wakes the probe");
    let seen = again(&mut probe).await;
    assert_eq!((up(&seen), text(&seen, "cause").as_str()), (Some(false), "dead"));
    child.wait().await.expect("reaped");
}

#[tokio::test]
async fn a_pid_file_older_than_its_process_is_stale() {
    let folder = tempfile::tempdir().expect("a folder");
    let pid_file = folder.path().join("old.pid");
    fs::write(&pid_file, std::process::id().to_string()).expect("written");
    let long_ago = std::time::SystemTime::UNIX_EPOCH + LONG;
    fs::File::options()
        .append(true)
        .open(&pid_file)
        .and_then(|file| file.set_modified(long_ago))
        .expect("dated");
    let seen =
        common::look(&format!("{{kind: process, service: s, pid_file: '{}'}}", pid_file.display()))
            .await;
    assert_eq!((up(&seen), text(&seen, "cause").as_str()), (Some(false), "stale_pid_file"));

    fs::write(&pid_file, "not a number").expect("written");
    let seen =
        common::look(&format!("{{kind: process, service: s, pid_file: '{}'}}", pid_file.display()))
            .await;
    assert_eq!(up(&seen), None, "who cannot look says nothing about the process");
}

#[tokio::test]
async fn a_process_is_found_by_the_look_of_it() {
    let mut child =
        Command::new("sleep").arg("600.0425").kill_on_drop(true).spawn().expect("sleep starts");
    let probe = "{kind: process, service: s, match: {exe: sleep, cmdline: '600.0425'}}";
    // Between fork and exec it still looks like us.
    let mut seen = common::look(probe).await;
    while up(&seen) != Some(true) {
        seen = common::look(probe).await;
    }
    assert_eq!(number(&seen, "pid"), f64::from(child.id().expect("alive")));
    child.kill().await.expect("killed");
    assert_eq!(text(&common::look(probe).await, "cause"), "no_match");
}

#[tokio::test]
async fn the_death_of_a_supervised_service_is_reported_at_once_with_how_it_ended() {
    let folder = tempfile::tempdir().expect("a folder");
    let command = ServiceCommand::new(
        "api-1",
        vec!["sleep".into(), "600".into()],
        folder.path().join("api-1.log"),
    );
    let own = Arc::new(
        Own::open(&folder.path().join("state"), vec![command], deps().clock).expect("opened"),
    );
    own.start(&"api-1".into()).await.expect("started");
    let deps = Deps { supervisor: Some(own.clone()), ..deps() };
    let (sink, mut observations) = mpsc::unbounded_channel();
    // It looks once an hour: only the death itself can bring the second observation.
    let probe = spec("{kind: process, service: api-1, supervised: api-1, every: 1h}");
    let schedule = Schedule::start(vec![probe], &deps, sink);
    let first = timeout(LONG, observations.recv()).await.expect("in time").expect("looked");
    assert_eq!(up(&first), Some(true));

    let pid = number(&first, "pid") as u32;
    let process = Identity::of(pid).expect("alive").open().expect("a handle").expect("alive");
    process.signal(Signal::KILL).expect("our own child");
    let second = timeout(LONG, observations.recv()).await.expect("in time").expect("looked");
    assert_eq!(up(&second), Some(false));
    assert_eq!(text(&second, "exit"), "ended by signal 9");

    // And after a restart, asked at once, it is up and watched again.
    own.restart(&"api-1".into()).await.expect("restarted");
    schedule.look_now(&"api-1".into());
    let third = timeout(LONG, observations.recv()).await.expect("in time").expect("looked");
    assert_eq!((up(&third), number(&third, "restarts")), (Some(true), 1.0));
    own.stop_all().await.expect("stopped");
    let fourth = timeout(LONG, observations.recv()).await.expect("in time").expect("looked");
    assert_eq!(up(&fourth), Some(false));
}

/// The kernel counts the memory of a process that was just born late, so this looks at one that has lived: ours.
#[tokio::test]
async fn the_memory_of_a_process_is_measured() {
    let folder = tempfile::tempdir().expect("a folder");
    let pid_file = folder.path().join("own.pid");
    fs::write(&pid_file, std::process::id().to_string()).expect("written");
    let text_of_spec =
        format!("{{kind: process, service: own, pid_file: '{}'}}", pid_file.display());
    let seen = again(&mut spec(&text_of_spec).make(&deps())).await;
    assert!(number(&seen, "rss_bytes") > 1e6, "{seen:?}");
}
