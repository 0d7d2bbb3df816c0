//! The API against its own description: a validator reads the document, and Schemathesis sends what it allows and what it
//! forbids to the real server. What it finds is a bug of the server or of the description.

use crate::common::House;
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// Checks that do not apply here, each with its reason.
const LEFT_OUT: [&str; 1] = [
    // A name that is in no configuration, a `from` after its `to`, a length that is none: a schema cannot say these.
    "positive_data_acceptance",
];
/// Always the same tries.
const SEED: &str = "20261129";

fn tools() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/schemathesis/bin");
    if folder.join("schemathesis").is_file() {
        return Some(folder);
    }
    assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "schemathesis is missing");
    eprintln!("SKIPPED: schemathesis is not installed; `cargo xtask test --install` does so");
    None
}

/// A house with a little of everything, so that what shows has something to show.
fn house() -> House {
    let yaml = "services: {web: {}, db: {}}\ncontacts: {ann: {title: Ann}}\n\
                heartbeats: {backup: {service: db, every: 24h}}\n";
    let mut house = House::new(yaml);
    house.serve();
    house.run_for(0, &["incident", "open", "--title", "logins fail", "--priority", "P2"]);
    house.run_for(0, &["report", "--from", "a customer", "--text", "it is slow"]);
    house.run_for(0, &["account", "add", "root", "--role", "administrator"]);
    house
}

/// Tries every operation; with a token it may do everything.
fn tried(house: &House, tools: &Path, token: Option<&str>) {
    // A token in an argument would be seen by everybody on the machine.
    let config = house.path().join("schemathesis.toml");
    let header =
        token.map_or("", |_| "headers = { Authorization = \"Bearer ${HIKESHI_TOKEN}\" }\n");
    fs::write(&config, header).expect("written");
    let ran = Command::new(tools.join("schemathesis"))
        .arg("--config-file")
        .arg(&config)
        .args(["run", &format!("http://{}/api/v1/openapi.json", house.door())])
        .args(["--checks", "all", "--exclude-checks", &LEFT_OUT.join(",")])
        .args([
            "--phases",
            "examples,coverage,fuzzing",
            "--max-examples",
            "4",
            "--seed",
            SEED,
            "--max-time",
            "60",
        ])
        .args([
            "--continue-on-failure",
            "--no-shrink",
            "--generation-database",
            "none",
            "--no-color",
        ])
        // It would end the token with which everything is tried; `tokens.rs` has its story.
        .args(["--exclude-path", "/api/v1/tokens/{id}/revoke"])
        // It cannot write mails; `telling.rs` hands them in.
        .args(["--exclude-path", "/api/v1/reports/mail"])
        .env("HIKESHI_TOKEN", token.unwrap_or_default())
        .current_dir(house.path())
        .output()
        .expect("it starts");
    let said = String::from_utf8_lossy(&ran.stdout);
    assert!(ran.status.success(), "{said}{}", String::from_utf8_lossy(&ran.stderr));
    println!(
        "{}",
        said.lines()
            .rev()
            .take(25)
            .collect::<Vec<_>>()
            .into_iter()
            .rev()
            .collect::<Vec<_>>()
            .join("\n")
    );
}

#[test]
fn the_document_is_valid() {
    let Some(tools) = tools() else { return };
    let document = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/openapi.json");
    let ran = Command::new(tools.join("openapi-spec-validator"))
        .args(["--schema", "3.1"])
        .arg(document)
        .output()
        .expect("it starts");
    assert!(ran.status.success(), "{ran:?}");
}

#[test]
fn a_program_gets_what_the_description_says() {
    let Some(tools) = tools() else { return };
    let house = house();
    let new = ["token", "new", "--api", "p", "--account", "root", "--scope", "admin"];
    let token = house.json(&new)["token"].as_str().expect("a token").to_owned();
    tried(&house, &tools, Some(&token));
}

#[test]
fn whoever_shows_no_token_gets_what_the_description_says() {
    let Some(tools) = tools() else { return };
    tried(&house(), &tools, None);
}

/// What Schemathesis found first: numbers that no position has were a fault of ours.
#[test]
fn a_number_that_nothing_has_finds_nothing() {
    let house = house();
    let door = house.open_door();
    let status = |path: &str| door.get(path).expect("an answer").status;
    for huge in ["9223372036854775808", "18446744073709551615"] {
        let late = door.get(&format!("/api/v1/timeline?after={huge}")).expect("an answer");
        assert_eq!((late.status, late.json()), (200, serde_json::json!([])));
        assert_eq!(status(&format!("/api/v1/audit?before={huge}")), 200);
        for thing in ["incidents", "alerts", "runs", "approvals"] {
            assert_eq!(status(&format!("/api/v1/{thing}/{huge}")), 404, "{thing}");
        }
    }
}

/// Every refusal has the one shape, whoever finds the mistake.
#[test]
fn what_cannot_be_read_is_refused_in_json() {
    let house = house();
    let (door, socket) = (house.open_door(), house.local());
    let kind = |answer: crate::common::client::Answer| {
        let kind = answer.json()["error"]["kind"].as_str().unwrap_or_default().to_owned();
        (answer.status, kind)
    };
    let bad = (400, "bad_request".to_owned());
    for path in ["/api/v1/incidents?limit=x", "/api/v1/incidents/x", "/api/v1/oncall?at=noon"] {
        assert_eq!(kind(door.get(path).expect("an answer")), bad, "{path}");
    }
    let lacks = serde_json::json!({"by": "ann", "title": "x"});
    assert_eq!(kind(socket.post("/api/v1/incidents", &lacks).expect("an answer")), bad);
    let more = serde_json::json!({"by": "ann", "reason": "x"});
    let path = "/api/v1/incidents/1/acknowledge";
    assert_eq!(kind(socket.post(path, &more).expect("an answer")), bad);
}
