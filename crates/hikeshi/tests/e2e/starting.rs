//! The first minutes of a newcomer: init, config check, check, serve, and what stands in the way.

use crate::common::{HIKESHI, House, finish};
use serde_json::json;
use std::{fs, net::TcpListener, process::Command};

fn hikeshi(arguments: &[&str]) -> crate::common::Ran {
    let mut command = Command::new(HIKESHI);
    command.args(arguments).env_remove("HIKESHI_CONFIG").env_remove("HIKESHI_LANG");
    finish(command)
}

#[test]
fn init_writes_a_folder_that_is_valid_and_never_writes_over_one() {
    let place = tempfile::tempdir().expect("a folder");
    let folder = place.path().join("mine");
    let folder = folder.to_str().expect("UTF-8");
    let ran = hikeshi(&["--lang", "en", "init", folder]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.stdout.contains("hikeshi.yaml"), "{ran:?}");

    let ran = hikeshi(&["--lang", "en", "config", "check", "-c", folder]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{ran:?}");
    assert!(ran.stdout.contains("the configuration is fine"), "{ran:?}");

    let before = fs::read(place.path().join("mine/hikeshi.yaml")).expect("written");
    let ran = hikeshi(&["--lang", "en", "init", folder]);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{ran:?}");
    assert!(ran.stderr.contains("is not empty") && ran.stderr.contains("hint:"), "{ran:?}");
    assert_eq!(before, fs::read(place.path().join("mine/hikeshi.yaml")).expect("still there"));
}

/// A90's spirit: every mistake at once, with file, line and hint; in both languages.
#[test]
fn config_check_names_every_mistake_with_its_place() {
    let house =
        House::new("services:\n  web: {helth: \"http://127.0.0.1:1/\"}\n  api: {kind: grup}\n");
    let ran = house.run_for(1, &["config", "check"]);
    assert_eq!(ran.stdout, "", "mistakes go to stderr: {ran:?}");
    assert!(ran.stderr.contains("hikeshi.yaml:6"), "{ran:?}");
    assert!(ran.stderr.contains("there is no kind of service `grup`"), "{ran:?}");

    let told = house.run_for(1, &["config", "check", "--json"]).json();
    assert_eq!(told["ok"], false);
    let problem = &told["problems"][0];
    for field in ["file", "line", "message", "hint"] {
        assert!(!problem[field].is_null(), "{field}: {told}");
    }
    let japanese = house.run_for(1, &["config", "check", "--lang", "ja"]);
    assert!(japanese.stderr.contains("という種類のサービスはありません"), "{japanese:?}");
    // Whatever needs the configuration says the same and does not start.
    assert_eq!(house.run_for(1, &["serve"]).stdout, "");
}

#[test]
fn the_smallest_configuration_is_one_service() {
    // An address of its own: on 127.0.0.1 another test would get the port that is let go below.
    let listener = TcpListener::bind("127.0.0.77:0").expect("a port");
    let address = listener.local_addr().expect("bound");
    let yaml = format!(
        "services: {{web: {{}}}}\nprobes: {{web/port: {{kind: tcp, service: web, address: \"{address}\"}}}}\n"
    );
    let house = House::new(&yaml);
    assert_eq!(
        house.json(&["config", "check"]),
        json!({"ok": true, "problems": [], "services": 1, "answers": false})
    );
    let told = house.json(&["check"]);
    assert_eq!(told["status"], "ok", "{told}");
    drop(listener);
    // A43: the verdict names the service, the reason says why.
    let ran = house.run_for(2, &["check"]);
    assert!(ran.stdout.starts_with("web failed"), "{ran:?}");
}

/// The exit codes of `check` by severity (A26), in both languages (A43), data on stdout only.
#[test]
fn check_says_how_it_is_in_words_and_numbers() {
    let reading = "{when: \">= 0\", level: warning}";
    let house = House::new(
        "services:\n  web: {title: API-3}\nprobes:\n  web/port: {kind: tcp, service: web, address: \"127.0.0.1:1\"}\n",
    );
    let ran = house.run_for(2, &["check", "--lang", "ja"]);
    assert!(ran.stdout.contains("API-3 異常"), "{ran:?}");
    assert_eq!(ran.stderr, "", "{ran:?}");
    let told = house.run_for(2, &["check", "--json"]).json();
    assert_eq!(told["status"], "fail", "{told}");
    let check = &told["checks"][0];
    assert_eq!(check["id"], "web");
    assert_eq!(check["status"], "fail");
    for field in ["probe", "title", "reason", "readings", "at"] {
        assert!(!check[field].is_null(), "{field}: {told}");
    }

    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("bound").port();
    let warned = format!(
        "services: {{web: {{}}}}\nprobes: {{web/port: {{kind: tcp, service: web, address: \"127.0.0.1:{port}\"}}}}\n\
         alerts: {{slow: {{probes: [web/port], reading: latency_ms, bands: [{reading}]}}}}\n"
    );
    let house = House::new(&warned);
    assert!(house.run_for(1, &["check"]).stdout.contains("web warning"));
    assert_eq!(house.run_for(1, &["check", "--json"]).json()["status"], "warning");
}

#[test]
fn a_second_server_on_the_same_data_is_refused() {
    let mut house = House::new("services: {web: {}}\n");
    house.serve();
    let ran = house.run_for(2, &["serve"]);
    assert_eq!(ran.stdout, "");
    assert!(ran.stderr.contains("another hikeshi already runs on"), "{ran:?}");
    assert!(ran.stderr.contains("data"), "the folder is named: {ran:?}");
    assert!(house.is_ready(), "the first one is not disturbed");
}

#[test]
fn a_server_that_does_not_run_is_named_with_a_hint() {
    let house = House::new("services: {web: {}}\n");
    for arguments in [
        &["incident", "list"][..],
        &["alert", "list"],
        &["runbook", "list"],
        &["service", "status"],
        &["service", "restart", "web", "--yes"],
        &["recover", "--yes"],
    ] {
        let ran = house.run_for(2, arguments);
        assert_eq!(ran.stdout, "", "{arguments:?}");
        assert!(ran.stderr.contains("cannot be reached"), "{arguments:?}: {ran:?}");
        assert!(ran.stderr.contains("hint: start it with `hikeshi serve"), "{ran:?}");
    }
    assert!(!house.data().exists(), "asking makes no folder");
}

#[test]
fn wrong_usage_is_exit_code_2_and_completions_are_written() {
    assert_eq!(hikeshi(&["no-such-command"]).code, 2);
    assert_eq!(hikeshi(&["--lang", "tlh", "completions", "bash"]).code, 2);
    let house = House::new("services: {web: {}}\n");
    let unasked = house.run_for(2, &["service", "restart", "web"]);
    assert!(unasked.stderr.contains("add --yes"), "{unasked:?}");
    for shell in ["bash", "zsh", "fish"] {
        let ran = hikeshi(&["completions", shell]);
        assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{shell}");
        assert!(ran.stdout.contains("incident"), "{shell}");
    }
    let script = hikeshi(&["completions", "bash"]).stdout;
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("completions"), script).expect("written");
    let mut bash = Command::new("bash");
    bash.arg("-n").arg(folder.path().join("completions"));
    assert_eq!(finish(bash).code, 0, "bash reads it");
}

/// `hikeshi … | head` ends quietly, and a full output is an error that is said.
#[test]
fn an_output_that_cannot_be_written_is_no_crash() {
    let house = House::new("services: {web: {}}\n");
    let mut command = Command::new("bash");
    command.arg("-c").arg(format!(
        "{HIKESHI} config show-alerts | true; echo \"${{PIPESTATUS[0]}}\"; {HIKESHI} config check -c {} >/dev/full; echo $?",
        house.config().display()
    ));
    let ran = finish(command);
    assert_eq!(ran.stdout, "0\n2\n", "{ran:?}");
    assert!(!ran.stderr.contains("panicked"), "{ran:?}");
}
