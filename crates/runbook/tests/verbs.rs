//! Stories of the built-in verbs, with a real supervised process and real files.

mod world;

use domain::{plan::Outcome, reading::Reading, said::Said};
use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use std::{
    collections::BTreeSet,
    fs::{self, File},
    io::{Read, Write},
    os::unix::fs::PermissionsExt,
    path::Path,
    process::Command,
};
use world::{CANARY, Seen, World, seen, until, verb};

/// Runs until it is stopped, or until its test is over however that ended.
const SLEEPER: &str = r#"while [ -d "$FOLDER" ]; do sleep 0.05; done"#;

#[tokio::test]
async fn a_service_is_started_restarted_and_stopped_through_its_supervisor() {
    let world = World::new().supervised(SLEEPER);
    let own = world.supervisor();
    let name = &world.service.name;
    let running = async || own.status(name).await.expect("known").running;
    assert_eq!(world.perform(&verb("service.start")).await.outcome, Outcome::Ok);
    let first = running().await.expect("it runs");
    let report = world.perform(&verb("service.restart\nservice: $HK_SERVICE")).await;
    assert_eq!((report.outcome, report.captured["restarts"].as_str()), (Outcome::Ok, "1"));
    assert!(!first.is_alive() && running().await.is_some());
    let report = world.perform(&verb("service.status")).await;
    assert!(report.outcome.is_ok() && report.output.starts_with("running"), "{report:?}");
    assert_eq!(world.perform(&verb("service.stop")).await.outcome, Outcome::Ok);
    let report = world.perform(&verb("service.status")).await;
    assert_eq!(
        report.outcome,
        Outcome::Failed(Said::new("プロセスが動いていません", "the process does not run"))
    );
    assert_eq!(running().await, None);
    let report = world.perform(&verb("service.reload")).await;
    assert!(matches!(report.outcome, Outcome::Failed(why) if why.en.contains("not running")));
    let started = world.started.lock().expect("not poisoned").clone();
    assert_eq!(started, [const { None::<String> }; 6], "no process of its own");
}

#[tokio::test]
async fn a_service_that_nobody_supervises_blocks_the_step() {
    let world = World::new().supervised(SLEEPER);
    let report = world.perform(&verb("service.restart\nservice: postgres")).await;
    assert!(matches!(report.outcome, Outcome::Blocked(why) if why.en.contains("postgres")));
}

// B16, A57: 再接続試行.
#[tokio::test]
async fn a_database_is_tried_again_until_it_answers() {
    let refused =
        || seen("api-1").with("up", Reading::flag(false)).because("api-1: connection refused");
    let up = seen("api-1").with("up", Reading::flag(true));
    let world = World::new().seeing(Seen::default().with(
        "postgres",
        "api-1",
        vec![refused(), refused(), up],
    ));
    let report = world.perform(&verb("database.reconnect\nattempts: 5\nfirst_wait_ms: 1")).await;
    assert_eq!(report.outcome, Outcome::Ok);
    assert_eq!(report.captured["attempts"], "3");
    assert!(report.output.contains("attempt 2: api-1: connection refused"), "{}", report.output);
}

#[tokio::test]
async fn a_database_that_stays_away_is_a_failure_with_its_count() {
    // A port that was just free: nobody listens there.
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .expect("bound")
        .local_addr()
        .expect("an address")
        .port();
    let world = World::new().attribute("host", "host", "127.0.0.1").attribute(
        "port",
        "port",
        &port.to_string(),
    );
    let report = world.perform(&verb("database.reconnect\nattempts: 2\nfirst_wait_ms: 1")).await;
    assert!(
        matches!(&report.outcome, Outcome::Failed(why) if why.en.contains("after 2 attempts")),
        "{report:?}"
    );
    assert_eq!(report.captured["connected"], "false");
    let nowhere = World::new();
    let report = nowhere.perform(&verb("database.reconnect")).await;
    assert!(matches!(report.outcome, Outcome::Blocked(why) if why.en.contains("`host`")));
}

/// Writes 10,000 numbered lines and reopens its file on HUP. Until it was asked to, it writes slowly, so that
/// the rotation falls between its lines.
const WRITER: &str = r#"
exec >>"$FOLDER/logs/error.log"
trap 'sleep 0.2; exec >>"$FOLDER/logs/error.log"; echo reopened >>"$FOLDER/reloads"' HUP
echo ready >"$FOLDER/ready"
for ((i = 0; i < 10000; i++)); do
  echo "seq=$i"
  if ((i > 2000)) && [ ! -e "$FOLDER/reloads" ]; then sleep 0.001; fi
done
echo done >"$FOLDER/written"
while [ -d "$FOLDER" ]; do sleep 0.05; done
"#;

fn lines(folder: &Path) -> Vec<String> {
    let mut lines = Vec::new();
    for entry in fs::read_dir(folder).expect("the folder") {
        let path = entry.expect("an entry").path();
        let mut text = String::new();
        if path.extension().is_some_and(|ending| ending == "gz") {
            GzDecoder::new(File::open(&path).expect("opened"))
                .read_to_string(&mut text)
                .expect("gzip");
        } else {
            text = fs::read_to_string(&path).expect("read");
        }
        lines.extend(text.lines().filter(|line| line.starts_with("seq=")).map(str::to_owned));
    }
    lines
}

// B28: no line lost, mode kept, reopened once, compressed.
#[tokio::test]
async fn rotation_while_writing_loses_no_line_and_reopens_once() {
    let world = World::new().supervised(WRITER);
    let logs = world.path("logs");
    fs::create_dir(&logs).expect("made");
    fs::write(logs.join("error.log"), "").expect("made");
    fs::set_permissions(logs.join("error.log"), fs::Permissions::from_mode(0o640)).expect("set");
    fs::write(logs.join("empty.log"), "").expect("made");
    fs::write(logs.join("other.txt"), "not a log").expect("made");
    let world = world.attribute("log_path", "path", &logs.join("*.log").display().to_string());
    let own = world.supervisor();
    own.start(&world.service.name).await.expect("started");
    until("the first lines", || {
        fs::metadata(logs.join("error.log")).is_ok_and(|file| file.len() > 0)
    })
    .await;

    let report = world.perform(&verb("log.rotate\nkeep: 30")).await;
    assert_eq!(report.outcome, Outcome::Ok, "{}", report.output);
    assert_eq!(
        (report.captured["rotated"].as_str(), report.captured["compressed"].as_str()),
        ("1", "1")
    );
    until("the last line", || world.path("written").exists()).await;
    until("the reload", || !world.read("reloads").is_empty()).await;
    own.stop(&world.service.name).await.expect("stopped");

    assert_eq!(world.read("reloads"), "reopened\n", "one reload per run (C21)");
    assert!(world.read("logs/error.log").lines().count() > 1, "the writer went on in the new file");
    let lines = lines(&logs);
    let distinct: BTreeSet<&String> = lines.iter().collect();
    assert_eq!((lines.len(), distinct.len()), (10_000, 10_000));
    let mode = |name: &str| fs::metadata(logs.join(name)).expect(name).permissions().mode() & 0o777;
    assert_eq!((mode("error.log"), mode("error.log.20250926-101500.gz")), (0o640, 0o640));
    assert!(!logs.join("empty.log.20250926-101500").exists() && logs.join("other.txt").exists());
}

// Scenario 16 and B28: thirty are kept, and what was freed is measured.
#[tokio::test]
async fn rotation_frees_space_and_keeps_the_newest() {
    let world = World::new().supervised(SLEEPER);
    let logs = world.path("logs");
    fs::create_dir(&logs).expect("made");
    fs::write(logs.join("error.log"), "the same line again and again\n".repeat(100_000))
        .expect("written");
    for day in 1..=9 {
        let file =
            File::create(logs.join(format!("error.log.2025090{day}-000000.gz"))).expect("created");
        GzEncoder::new(file, Compression::fast()).write_all(b"old").expect("written");
    }
    // Set aside by a rotation before, which could not compress it.
    fs::write(logs.join("error.log.20250920-000000"), "seq=1\n".repeat(10_000)).expect("written");
    let mut world = world
        .attribute("log_path", "path", &logs.join("error.log").display().to_string())
        .attribute("writer", "service", "api-1");
    // The logs are a node of their own, as a disk is; who writes them stands beside.
    world.service.name = "logs".into();
    let report = world.perform(&verb("log.rotate\nkeep: 3")).await;
    assert_eq!(report.outcome, Outcome::Ok, "{}", report.output);
    let mut names: Vec<_> = fs::read_dir(&logs)
        .expect("there")
        .map(|e| e.expect("an entry").file_name().into_string().expect("a name"))
        .collect();
    names.sort();
    assert_eq!(
        names,
        [
            "error.log",
            "error.log.20250909-000000.gz",
            "error.log.20250920-000000.gz",
            "error.log.20250926-101500.gz"
        ]
    );
    assert_eq!(
        (report.captured["compressed"].as_str(), report.captured["removed"].as_str()),
        ("2", "8")
    );
    let freed: u64 = report.captured["freed_bytes"].parse().expect("a number");
    assert!(freed > 2_000_000, "{freed}");
    assert_eq!(lines(&logs).len(), 10_000);
}

#[tokio::test]
async fn nothing_to_rotate_is_fine_and_a_writer_that_nobody_can_reload_is_not() {
    let world =
        World::new().supervised(SLEEPER).attribute("log_path", "path", "/nowhere/at/all/*.log");
    let report = world.perform(&verb("log.rotate")).await;
    assert_eq!((report.outcome, report.captured["freed_bytes"].as_str()), (Outcome::Ok, "0"));
    let report = world.perform(&verb("log.rotate\nwriter: nginx")).await;
    assert!(matches!(report.outcome, Outcome::Blocked(why) if why.en.contains("nginx")));
    let world = World::new().supervised(SLEEPER);
    let report = world.perform(&verb("log.rotate")).await;
    assert!(matches!(report.outcome, Outcome::Blocked(why) if why.en.contains("log_path")));
}

// Scenario 16: whoever still writes to the old file keeps its space; saying "freed" would be a lie.
#[tokio::test]
async fn a_file_that_is_still_written_to_is_not_compressed() {
    let script = r#"exec >>"$FOLDER/logs/error.log"; trap '' HUP; echo seq=1; while [ -d "$FOLDER" ]; do sleep 0.05; done"#;
    let world = World::new().supervised(script);
    let logs = world.path("logs");
    fs::create_dir(&logs).expect("made");
    let world = world.attribute("log_path", "path", &logs.join("error.log").display().to_string());
    let own = world.supervisor();
    own.start(&world.service.name).await.expect("started");
    until("the line", || !world.read("logs/error.log").is_empty()).await;
    let report = world.perform_within(&verb("log.rotate"), std::time::Duration::from_secs(2)).await;
    assert!(
        matches!(&report.outcome, Outcome::Failed(why) if why.en.contains("still written to")),
        "{report:?}"
    );
    assert_eq!(report.captured["freed_bytes"], "0");
    assert_eq!(world.read("logs/error.log.20250926-101500"), "seq=1\n");
    own.stop(&world.service.name).await.expect("stopped");
}

// A29, A30, A87: private, checked by sha256sum, what is missing is named, no secret.
#[tokio::test]
async fn evidence_is_private_complete_and_without_secrets() {
    let mut world = World::new();
    let logs = world.path("logs");
    fs::create_dir(&logs).expect("made");
    let long =
        format!("first\n{}last password {CANARY}\n", "filler filler filler\n".repeat(100_000));
    fs::write(logs.join("api.log"), long).expect("written");
    rustix::fs::mknodat(
        rustix::fs::CWD,
        logs.join("pipe.log"),
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR,
        0,
    )
    .expect("a pipe");
    world.deps.log_sources = vec![
        logs.join("*.log").display().to_string(),
        world.path("gone/access.log").display().to_string(),
    ];
    fs::create_dir_all(world.path("runs/RUN-7")).expect("made");
    fs::write(world.path("runs/RUN-7/status-1.log"), "ActiveState=failed\n").expect("written");

    let report = world.perform(&verb("evidence.collect")).await;
    assert_eq!(report.outcome, Outcome::Ok, "{}", report.output);
    let bundle = report.evidence.expect("a path");
    assert_eq!(Path::new(&bundle), world.path("evidence/RUN-7-20250926T101500Z"));
    assert_eq!(fs::metadata(&bundle).expect("there").permissions().mode() & 0o777, 0o700);
    let checked = Command::new("sha256sum")
        .args(["-c", "--strict", "MANIFEST"])
        .current_dir(&bundle)
        .output()
        .expect("it runs");
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stdout));

    let read = |name: &str| fs::read_to_string(Path::new(&bundle).join(name)).expect(name);
    let log = read("log-01-api.log");
    assert!(log.ends_with("last password ***\n") && log.len() <= 1 << 20, "{}", log.len());
    assert!(!log.contains("first"), "only the end of a long log");
    assert_eq!(read("step-status-1.log"), "ActiveState=failed\n");
    assert!(read("MISSING").contains("gone/access.log: no such file"));
    assert!(report.captured["missing"].contains("gone/access.log"));
    assert!(read("processes.txt").contains(&std::process::id().to_string()));
    assert!(read("memory.txt").contains("MemAvailable"));
    // The journal is there, or its absence is named.
    assert!(Path::new(&bundle).join("journal.log").exists() || read("MISSING").contains("journal"));
    for entry in fs::read_dir(&bundle).expect("there") {
        let path = entry.expect("an entry").path();
        assert!(!fs::read_to_string(&path).expect("text").contains(CANARY), "{}", path.display());
        assert_eq!(fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o600);
    }
    let again = world.perform(&verb("evidence.collect")).await;
    assert!(
        again.evidence.expect("a path").ends_with("-2"),
        "an older bundle is never written over"
    );
}
