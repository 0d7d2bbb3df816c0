//! People answer on the command line: approvals, and the switch for everything that hikeshi does by itself.

use crate::common::{House, RESTART, UNHEARD};
use serde_json::Value;

const WEB: &str =
    "services: {web: {command: [sleep, \"1000\"]}}\nclocks: {assess_within: 0s, steady: 1s}\n";

fn house() -> House {
    House::new(WEB).with_runbook("service-down", &RESTART.replace("mode: auto", "mode: approve"))
}

/// The only question that waits.
fn asked(house: &mut House) -> Value {
    house.wait("somebody is asked", |house| {
        house.json(&["approval", "list"]).as_array().and_then(|list| list.first().cloned())
    })
}

#[test]
fn a_restart_waits_for_a_yes_and_shows_what_exactly_would_run() {
    let mut house = house();
    house.serve();
    let before = house.kill_service("web");
    let question = asked(&mut house);
    assert_eq!(question["step"], "restart");
    assert_eq!(question["body"], "service.restart");
    assert_eq!(question["needs"], 1);
    assert!(question["evidence"][0].is_string(), "evidence came first: {question}");
    let shown = house.run_for(0, &["approval", "show", "APP-1"]).stdout;
    assert!(shown.contains("restart → web") && shown.contains("service.restart"), "{shown}");
    assert_eq!(house.run(&["approval", "approve", "APP-1"]).code, 2, "nobody was asked");
    house.run_for(0, &["approval", "approve", "APP-1", "--yes"]);
    house.wait("it runs again", |house| house.service("web").filter(|now| *now != before));
    house.wait_until_calm();
    assert_eq!(house.json(&["approval", "list"]), Value::Array(Vec::new()));
    assert_eq!(house.run(&["approval", "approve", "APP-1", "--yes"]).code, 1);
}

/// Nobody listens there: what is asked stays asked.
#[test]
fn a_question_survives_a_kill_and_a_no_ends_the_run() {
    let mut house = House::new(UNHEARD);
    house = house.with_runbook("service-down", &RESTART.replace("mode: auto", "mode: approve"));
    house.serve();
    asked(&mut house);
    house.kill();
    house.serve();
    assert_eq!(asked(&mut house)["id"], 1, "the same question");
    house.run_for(0, &["approval", "deny", "APP-1", "--reason", "not now"]);
    let ended = house.facts_of("run_finished");
    assert_eq!(ended[0]["fact"]["result"], "taken_over");
    assert!(house.facts_of("step_intended").iter().all(|fact| fact["fact"]["step"] != "restart"));
    let latched = house.json(&["automation"]);
    assert_eq!(latched["latched"][0]["service"], "web");
    house.run_for(0, &["service", "release", "web"]);
}

#[test]
fn automation_stops_at_once_and_goes_on_when_it_is_resumed() {
    let mut house = House::new(WEB).with_runbook("service-down", RESTART);
    house.serve();
    assert_eq!(house.run(&["resume-automation"]).code, 1, "it is on");
    house.run_for(0, &["stop-automation", "--reason", "migration", "--for", "1h"]);
    let state = house.json(&["automation"]);
    assert_eq!(state["stopped"]["reason"], "migration");
    house.kill_service("web");
    house
        .wait("people hear of it", |house| (!house.facts_of("escalated").is_empty()).then_some(()));
    assert!(house.facts_of("run_planned").is_empty(), "nothing begins by itself");
    house.run_for(0, &["resume-automation"]);
    house.wait("it runs again", |house| house.service("web"));
    house.wait_until_calm();
    assert_eq!(house.json(&["automation"])["stopped"], Value::Null);
}

/// runbook-format, principle 3: from `manual` to `auto`, and not before it was shown.
#[test]
fn a_runbook_is_promoted_after_a_dry_run_and_then_runs_by_itself() {
    let text = RESTART.replace("mode: auto", "mode: manual\nreviewed: 2026-11-01\nversion: \"1\"");
    let mut house = House::new(WEB).with_runbook("service-down", &text);
    house.serve();
    let promote = ["runbook", "promote", "service-down", "--to", "auto"];
    assert!(house.run_for(1, &promote).all().contains("dry run"));
    house.run_for(0, &["runbook", "run", "service-down", "--service", "web", "--dry-run"]);
    house.run_for(0, &promote);
    let file = house.config().join("runbooks/service-down.md");
    let now = std::fs::read_to_string(&file).expect("it is there");
    assert!(now.contains("mode: \"auto\"\n") && now.contains("approved_by: "), "{now}");
    assert_eq!(house.facts_of("runbook_promoted")[0]["fact"]["to"], "auto");
    let before = house.kill_service("web");
    house.wait("it runs again", |house| house.service("web").filter(|now| *now != before));
    house.wait_until_calm();
    // Another body was not shown: it must be shown again.
    std::fs::write(&file, now.replace("service.restart", "service.start")).expect("written");
    house.stop();
    house.serve();
    assert!(house.run_for(1, &promote).all().contains("dry run"));
}
