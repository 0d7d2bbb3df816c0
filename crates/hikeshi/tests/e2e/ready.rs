//! `hikeshi doctor`: what would fail at 3 a.m., from the command line, with and without a server.

use crate::common::{House, RESTART};
use serde_json::Value;

const TEAM: &str = "
services: {web: {command: [sleep, \"1000\"]}}
channels:
  phone: {kind: webhook, url: \"http://127.0.0.1:9/call\", personal: true, pager: true}
contacts:
  ann: {title: Ann, phone: \"+81-50-0000-0001\"}
  bob: {title: Bob}
escalation:
  - {title: on call, contacts: [ann]}
  - {title: level 2, after: 30m, contacts: [bob]}
";

fn kinds(found: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let all = found["findings"].as_array().into_iter().flatten();
    all.map(|one| (text(&one["kind"]), text(&one["about"]))).collect()
}

/// A78, A90: a person without an address, a runbook that nobody reviewed, a secret that is not there.
#[test]
fn what_would_fail_at_night_is_named_by_day() {
    let mut house = House::new(TEAM).with_runbook("service-down", RESTART);
    let ran = house.run(&["doctor", "--json"]);
    assert_eq!(ran.code, 1);
    let pair = |kind: &str, about: &str| (kind.to_owned(), about.to_owned());
    let same = [pair("contact_missing", "bob"), pair("runbook_stale", "service-down")];
    let found = kinds(&ran.json());
    assert!(same.iter().all(|one| found.contains(one)), "{found:?}");
    assert!(found.contains(&pair("not_running", "hikeshi")), "{found:?}");

    house.serve();
    let found = kinds(&house.run(&["doctor", "--json"]).json());
    assert!(same.iter().all(|one| found.contains(one)), "{found:?}");
    assert!(!found.contains(&pair("not_running", "hikeshi")), "{found:?}");
    let said = house.run(&["doctor"]).stdout;
    assert!(said.contains("bob (level 2) has no address on any channel of P0"), "{said}");
}

#[test]
fn a_secret_that_cannot_be_read_is_named_and_its_value_never() {
    let text = TEAM.replace("url: \"http://127.0.0.1:9/call\"", "url_file: /nonexistent/url");
    let house = House::new(&text);
    let ran = house.run(&["doctor", "--json"]);
    assert_eq!(ran.code, 1);
    assert!(ran.stdout.contains("/nonexistent/url"), "{}", ran.stdout);
}

/// A78: a fresh configuration is not ready, as it calls nobody.
#[test]
fn a_fresh_configuration_misses_its_contacts() {
    let house = House::new("services: {web: {title: Web}}\n");
    let found = kinds(&house.run_for(1, &["doctor", "--json"]).json());
    assert!(found.contains(&("contact_missing".to_owned(), "escalation".to_owned())), "{found:?}");
}

/// A15: a step that calls what is not on this machine any more is named with its line.
#[test]
fn a_runbook_whose_program_is_gone_is_stale() {
    let step =
        "## Diagnose\n```bash {name=look timeout=5s}\nls /\nhk-gone --all\n```\n## Respond\n";
    let runbook = RESTART.replace("owner: SRE", "owner: SRE\nreviewed: 2999-01-01");
    let house =
        House::new(TEAM).with_runbook("service-down", &runbook.replace("## Respond\n", step));
    let said = house.run_for(1, &["doctor"]).stdout;
    let line = "service-down.md:13: `hk-gone` is not on this machine";
    assert!(said.contains(line) && said.matches("runbook_stale").count() == 1, "{said}");
}

/// C28: an address that was never filled in is named, and nothing starts with it.
#[test]
fn a_placeholder_is_named_with_its_line() {
    let house = House::new(&TEAM.replace("+81-50-0000-0001", "080-XXXX-XXXX"));
    let found = house.run_for(1, &["doctor", "--json"]).json();
    let text = found["findings"][0]["said"]["en"].as_str().unwrap_or_default();
    assert!(text.contains("hikeshi.yaml:") && text.contains("still a placeholder"), "{found}");
    assert_eq!(found["findings"][0]["kind"], "configuration");
}
