//! A89, C27: a password from Google's Secret Manager is used, written down and shown nowhere; when the manager is down, the
//! glass is broken, and everybody hears of it.

use crate::{
    common::House,
    fake_google::{FakeGoogle, Mood},
    secrets::{talkative_database, with_canary},
};
use serde_json::Value;
use std::{
    fs,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};
use tempfile::TempDir;
use tokio::runtime::Runtime;

const CANARY: &str = "zz-manager-canary";

struct Scene {
    house: House,
    google: FakeGoogle,
    heard: Arc<AtomicBool>,
    outside: TempDir,
    // Google lives as long as it does.
    _runtime: Runtime,
}

/// A house whose database password is kept by Google, and for emergencies in a file.
fn scene(mood: Mood) -> Scene {
    let runtime = Runtime::new().expect("tokio");
    let google = runtime.block_on(FakeGoogle::start(mood));
    let (port, heard) = talkative_database(CANARY);
    let outside = tempfile::tempdir().expect("a folder");
    let (glass, go) = (outside.path().join("glass"), outside.path().join("go"));
    fs::write(&glass, CANARY).expect("written");
    let logs = outside.path().join("app.log");
    fs::write(&logs, format!("ERROR login with {CANARY} failed\n")).expect("written");
    let yaml = format!(
        "secrets:
  db-password:
    sources: [env:NEVER_SET_HERE, 'google:projects/p/secrets/db']
    break_glass: 'file:{}'
services:
  db: {{kind: database}}
  task: {{command: [sleep, \"1000\"], go: {}}}
probes:
  db/login: {{kind: postgres, service: db, host: 127.0.0.1, port: {port}, user: app, database: app, password: secret:db-password, every: 1s, timeout: 5s}}
evidence_logs: [\"{}\"]
",
        glass.display(),
        go.display(),
        logs.display()
    );
    let mut house = House::new(&yaml).with_runbook("use", USE);
    for (name, value) in google.variables() {
        house = house.with_variable(name, &value);
    }
    Scene { house, google, heard, outside, _runtime: runtime }
}

/// Reads its secret twice, says it aloud, and waits until the test has looked at the processes.
const USE: &str = r#"---
alert: service_down
service: task
owner: SRE
mode: manual
---
# Use a secret
## Diagnose
```bash {name=use timeout=60s secrets=db-password}
test "$(stat -L -c %a "$HK_SECRET_DB_PASSWORD")" = 400
printf 'it has %s bytes and is: ' "$(wc -c < "$HK_SECRET_DB_PASSWORD")"
cat "$HK_SECRET_DB_PASSWORD"
until test -e "$HK_GO"; do sleep 0.1; done
```
```action {name=evidence role=evidence timeout=30s}
evidence.collect
```
"#;

/// The arguments and environments of all processes that hold the canary.
fn processes_with_canary() -> Vec<String> {
    let entries = fs::read_dir("/proc").expect("Linux").flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let files = pids.flat_map(|pid| ["cmdline", "environ"].map(|it| format!("/proc/{pid}/{it}")));
    files
        .filter(|file| {
            let bytes = fs::read(file).unwrap_or_default();
            bytes.windows(CANARY.len()).any(|window| window == CANARY.as_bytes())
        })
        .collect()
}

fn accesses(house: &House) -> Vec<Value> {
    let list = house.json(&["audit"]);
    let list = list.as_array().expect("a list").iter();
    list.filter(|one| one["event"] == "credential_access").cloned().collect()
}

#[test]
fn a_password_of_the_manager_is_used_written_down_and_shown_nowhere() {
    let Scene { mut house, google, heard, outside, _runtime } = scene(Mood::Gives(CANARY.into()));
    house.serve();
    house.wait("the password is used", |_| heard.load(Ordering::Relaxed).then_some(()));
    assert_eq!(google.calls("secret"), 1, "held, however often it is needed");

    let mut running =
        house.command(&["runbook", "run", "use", "--service", "task", "--by", "sato"]);
    let mut running = running.spawn().expect("it starts");
    house.wait("the step runs", |house| {
        let started = house.facts_of("step_started");
        started.iter().any(|fact| fact["fact"]["step"] == "use").then_some(())
    });
    assert_eq!(processes_with_canary(), Vec::<String>::new());
    fs::write(outside.path().join("go"), "").expect("written");
    running.wait().expect("it ends");
    house.wait("the run is over", |house| house.facts_of("run_finished").pop());
    let settled = house.facts_of("step_settled");
    let used = settled.iter().find(|fact| fact["fact"]["step"] == "use").expect("it was settled");
    assert_eq!(used["fact"]["outcome"], "ok", "{used}");
    let output = used["fact"]["output"].as_str().unwrap_or_default();
    assert!(output.contains(&format!("{} bytes and is: ***", CANARY.len())), "{output}");

    // Everybody who had it is in the journal, once, with a name and without the value.
    let accesses = accesses(&house);
    let purposes: Vec<_> =
        accesses.iter().filter_map(|one| one["fact"]["purpose"].as_str()).collect();
    assert_eq!(purposes, ["probe db/login", "step use of use in RUN-1"]);
    assert_eq!((&accesses[0]["who"], &accesses[1]["who"]), (&"hikeshi".into(), &"sato".into()));
    for access in &accesses {
        let fact = &access["fact"];
        assert_eq!(fact["source"], "google:projects/p/secrets/db", "{fact}");
        assert_eq!((&fact["result"], &fact["break_glass"]), (&"given".into(), &false.into()));
    }
    for arguments in [
        &["check", "--json"][..],
        &["diagnose", "db", "--json"],
        &["audit"],
        &["audit", "--json"],
        &["run", "show", "RUN-1", "--json"],
        &["journal", "show", "--json"],
        &["alert", "list", "--all", "--json"],
        &["config", "check", "--json"],
    ] {
        let ran = house.run(arguments);
        assert!(!ran.all().contains(CANARY), "{arguments:?}: {ran:?}");
    }
    for path in ["/api/v1/readings", "/api/v1/timeline", "/api/v1/runs/RUN-1", "/metrics"] {
        let answer = house.open_door().get(path).expect("an answer");
        assert!(!answer.body.contains(CANARY), "{path}: {}", answer.body);
    }
    assert!(!house.log().contains(CANARY), "{}", house.log());
    house.stop();
    let found = with_canary(&house.config(), CANARY);
    assert!(found.is_empty(), "nowhere in the folder, evidence included: {found:?}");
}

#[test]
fn the_glass_is_broken_when_the_manager_is_down_and_everybody_hears_of_it() {
    let Scene { mut house, google, heard, outside: _outside, _runtime } =
        scene(Mood::Says(503, "UNAVAILABLE"));
    house.serve();
    house.wait("the password is used", |_| heard.load(Ordering::Relaxed).then_some(()));
    let alert = house.wait("the alert of hikeshi's own", |house| {
        let alert = house.run(&["alert", "show", "security_break_glass", "--json"]);
        (alert.code == 0).then(|| alert.json())
    });
    assert!(alert.to_string().contains("HTTP 503 UNAVAILABLE"), "{alert}");

    // A person who looks closer is one more, by name.
    let db = house.run(&["diagnose", "db", "--json", "--by", "sato"]).json();
    assert_eq!(db["credential_source"], "break_glass", "{db}");
    let broken = |house: &House, who: &str| {
        let list = accesses(house);
        list.iter().filter(|one| one["who"] == who && one["fact"]["break_glass"] == true).count()
    };
    assert_eq!(broken(&house, "sato"), 1);
    assert!(broken(&house, "hikeshi") >= 1);
    house.stop();

    // Without a server it is written into the journal before it is handed out.
    let db = house.run(&["diagnose", "db", "--json", "--by", "suzuki"]).json();
    assert_eq!(db["credential_source"], "break_glass", "{db}");
    assert_eq!(broken(&house, "suzuki"), 1);
    let verified = house.json(&["journal", "verify"]);
    assert_eq!(verified["ok"], true);
    let since = house.json(&["audit", "--since", "2099-01-01T00:00:00Z"]);
    assert_eq!(since.as_array().map(Vec::len), Some(0));

    // The manager answers again, and says no: that is no emergency.
    google.set(Mood::Says(403, "PERMISSION_DENIED"));
    let db = house.run(&["diagnose", "db", "--json"]);
    assert!(db.json()["credential_source"].is_null(), "{db:?}");
    assert!(db.all().contains("HTTP 403 PERMISSION_DENIED"), "{db:?}");
    google.set(Mood::Gives(CANARY.into()));
    let db = house.run(&["diagnose", "db", "--json"]).json();
    assert_eq!(db["credential_source"], "google", "{db}");
}

#[test]
fn an_undeclared_secret_is_a_mistake_with_its_place() {
    let yaml = "services: {db: {kind: database, ci_token: t0ken-in-the-open}}
secrets: {db-password: 'env:X'}
probes:
  db/login: {kind: postgres, service: db, user: app, password: secret:db-pasword}
";
    let house = House::new(yaml).with_runbook("use", &USE.replace("service: task\n", ""));
    let ran = house.run_for(1, &["config", "check"]);
    for part in [
        "did you mean `db-password`?",
        "the value of `ci_token` stands here for everybody to read",
        "`$HK_GO` is not declared",
    ] {
        assert!(ran.all().contains(part), "{part}: {ran:?}");
    }
    assert!(!ran.all().contains("t0ken"), "{ran:?}");
}
