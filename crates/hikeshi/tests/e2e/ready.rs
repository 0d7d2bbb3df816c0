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

fn rules(found: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let all = found["findings"].as_array().into_iter().flatten();
    all.map(|one| (text(&one["rule"]), text(&one["about"]))).collect()
}

/// A78, A90: a person without an address, a runbook that nobody reviewed, a secret that is not there.
#[test]
fn what_would_fail_at_night_is_named_by_day() {
    let mut house = House::new(TEAM).with_runbook("service-down", RESTART);
    let ran = house.run(&["doctor", "--json"]);
    assert_eq!(ran.code, 1);
    let pair = |rule: &str, about: &str| (rule.to_owned(), about.to_owned());
    let same = [pair("unreachable", "bob"), pair("review-overdue", "service-down")];
    let found = rules(&ran.json());
    assert!(same.iter().all(|one| found.contains(one)), "{found:?}");
    assert!(found.contains(&pair("not-running", "hikeshi")), "{found:?}");

    house.serve();
    let found = rules(&house.run(&["doctor", "--json"]).json());
    assert!(same.iter().all(|one| found.contains(one)), "{found:?}");
    assert!(!found.contains(&pair("not-running", "hikeshi")), "{found:?}");
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
