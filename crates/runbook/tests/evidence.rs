//! Stories of `evidence.collect`: what the incident will be judged by, before a repair destroys it.

mod world;

use domain::{
    graph::{Graph, Kind, Service},
    plan::Outcome,
    reading::Reading,
};
use flate2::{Compression, write::GzEncoder};
use jiff::Timestamp;
use serde_json::Value;
use std::{
    fs::{self, File, FileTimes},
    io::Write,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
};
use world::{CANARY, Seen, World, seen, verb};

/// As journald answers with `-o json`: a text, and the bytes of one that is none.
const JOURNALCTL: &str = r#"
printf '%s\n' '{"__REALTIME_TIMESTAMP":"1758881699000000","PRIORITY":"6","SYSLOG_IDENTIFIER":"mks","_PID":"7","MESSAGE":"newer"}'
printf '%s\n' '{"__REALTIME_TIMESTAMP":"1758881600000000","PRIORITY":"3","SYSLOG_IDENTIFIER":"mks","_PID":"7","MESSAGE":"#;

/// The secret as a list of bytes, in which nobody would find it.
fn journalctl() -> String {
    let bytes: Vec<String> =
        format!("login \u{1b}{CANARY}").bytes().map(|byte| byte.to_string()).collect();
    format!("{}[{}]}}'", JOURNALCTL, bytes.join(","))
}

fn write_old(path: &Path, bytes: &[u8], at: &str) {
    let mut file = File::create(path).expect("created");
    file.write_all(bytes).expect("written");
    let at: Timestamp = at.parse().expect("a time");
    file.set_times(FileTimes::new().set_modified(at.into())).expect("ours");
}

fn request(at: &str, path: &str) -> String {
    format!("203.0.113.7 - - [26/Sep/2025:{at} +0900] \"POST {path} HTTP/1.1\" 401 44\n")
}

struct Bundle(PathBuf);

impl Bundle {
    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.0.join(name)).expect(name)
    }

    fn manifest(&self) -> Value {
        serde_json::from_str(&self.read("manifest.json")).expect("JSON")
    }

    fn sha256(&self, name: &str) -> String {
        let output = Command::new("sha256sum").arg(self.0.join(name)).output().expect("it runs");
        String::from_utf8_lossy(&output.stdout)[..64].to_owned()
    }
}

fn database() -> Service {
    Service {
        name: "db".into(),
        title: "PostgreSQL".into(),
        kind: Kind::Database,
        system: "miraikakaku".into(),
        depends_on: Vec::new(),
        group: None,
        owner: None,
        attributes: [].into(),
    }
}

// A29, A30, A63: the unit's journal, the access log with what was rotated out of it, and the databases behind the target.
#[tokio::test]
async fn journals_access_logs_and_databases_are_kept_with_a_manifest() {
    let up = seen("db").with("up", Reading::flag(false)).because("too many clients");
    let mut world = World::new()
        .program("journalctl", &journalctl())
        .seeing(Seen::default().with("postgres", "db", vec![up]))
        .attribute("unit", "systemd_unit", "mks-backend.service");
    let access = world.path("access.log");
    write_old(
        &access,
        (request("19:10:00", "/login") + &request("19:11:00", "/login")).as_bytes(),
        "2025-09-26T10:11:00Z",
    );
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    let before = request("18:00:00", "/long-ago") + &request("19:05:00", "/just-before");
    gzip.write_all(before.as_bytes()).expect("written");
    let gzip = gzip.finish().expect("gzip");
    write_old(&world.path("access.log.1.gz"), &gzip, "2025-09-26T10:06:00Z");
    write_old(&world.path("access.log.2"), b"of another day\n", "2025-09-25T10:00:00Z");
    let mut world_service = world.service.clone();
    world_service.depends_on = vec!["db".into()];
    world.graph = Graph::new([world_service, database()]).expect("a graph");
    let world = world.attribute("access_log", "path", &access.display().to_string());

    let report = world.perform(&verb("evidence.collect\nsince: 30m")).await;
    assert_eq!(report.outcome, Outcome::Ok, "{}", report.output);
    let bundle = Bundle(report.evidence.expect("a path").into());
    assert_eq!(
        bundle.read("journal-unit.log"),
        "2025-09-26T10:13:20.000Z <3> mks[7]: login ***\n2025-09-26T10:14:59.000Z <6> mks[7]: newer\n"
    );
    let calls = world.calls();
    let unit = "--output=json|--all|--no-pager|--quiet|--reverse|--lines=10000|--since=-1800s|--unit=mks-backend.service|";
    assert!(calls.contains(&unit.to_owned()) && calls.len() == 2, "{calls:?}");
    let log = bundle.read("access.log");
    let paths: Vec<_> = log.lines().filter_map(|line| line.split_whitespace().nth(6)).collect();
    assert_eq!(paths, ["/just-before", "/login", "/login"], "the window, oldest first");
    assert!(bundle.read("database-db.txt").contains("too many clients\nup: false\n"));

    let manifest = bundle.manifest();
    assert_eq!(manifest["about"]["window_seconds"], 1800);
    let files = manifest["files"].as_array().expect("a list");
    for file in files {
        let name = file["name"].as_str().expect("a name");
        assert_eq!(file["sha256"], bundle.sha256(name), "{name}");
        assert_eq!(file["bytes"], bundle.read(name).len(), "{name}");
    }
    assert_eq!(report.captured["manifest_sha256"], bundle.sha256("manifest.json"));
    assert_eq!(report.captured["files"], files.len().to_string());
    let checked = Command::new("sha256sum")
        .args(["-c", "--strict", "--quiet", "MANIFEST"])
        .current_dir(&bundle.0)
        .status();
    assert!(checked.expect("it runs").success());
    let mode = fs::metadata(&bundle.0).expect("there").permissions().mode() & 0o777;
    assert_eq!(mode, 0o700);
}

#[tokio::test]
async fn what_was_cut_and_what_is_missing_stands_in_the_manifest() {
    let mut world = World::new();
    fs::write(world.path("api.log"), "a line\n".repeat(200_000)).expect("written");
    world.deps.log_sources =
        vec![world.path("api.log").display().to_string(), "/nowhere/at/all.log".into()];
    world.service.kind = Kind::Database;
    let world = world.attribute("access_log", "path", "/nowhere/access.log");
    let report = world.perform(&verb("evidence.collect")).await;
    assert_eq!(report.outcome, Outcome::Ok, "missing evidence stops no repair");
    let bundle = Bundle(report.evidence.expect("a path").into());
    let manifest = bundle.manifest();
    let files = manifest["files"].as_array().expect("a list");
    let log = files.iter().find(|file| file["name"] == "log-01-api.log").expect("the log");
    assert_eq!(log["cut"], "all but the last 1048572 of 1400000 bytes");
    let missing = manifest["missing"].to_string();
    for source in ["system journal", "/nowhere/at/all.log", "/nowhere/access.log", "database api-1"]
    {
        assert!(missing.contains(source), "{source}: {missing}");
        assert!(
            report.captured["missing"].contains(source) && bundle.read("MISSING").contains(source)
        );
    }
    assert!(missing.contains("journalctl is not here") && missing.contains("no postgres probe"));
}

// A sick source holds up its own part, not the repair.
#[tokio::test]
async fn a_journal_that_hangs_is_missing_in_time() {
    let world = World::new().program("journalctl", "sleep 600");
    let limit = std::time::Duration::from_secs(8);
    let report = world.perform_within(&verb("evidence.collect"), limit).await;
    assert_eq!(report.outcome, Outcome::Ok, "{}", report.output);
    assert!(report.captured["missing"].contains("journalctl did not end in time"), "{report:?}");
    assert!(report.captured["files"].parse::<u32>().expect("a number") >= 2);
}

// `-u` of something that looks like an option is none: it is a value.
#[tokio::test]
async fn a_hostile_unit_is_no_option() {
    let world =
        World::new().program("journalctl", "exit 1").attribute("unit", "const", "--vacuum-size=1");
    let report = world.perform(&verb("evidence.collect")).await;
    assert_eq!(report.outcome, Outcome::Ok);
    assert!(world.calls().iter().any(|call| call.ends_with("|--unit=--vacuum-size=1|")));
    assert!(!world.calls().iter().any(|call| call.contains("|--vacuum-size=1|")));
}
