//! What people answer on the pages: approvals, steps of unknown outcome, and steps that are taken back.

use crate::{
    common::{House, RESTART, UNHEARD, in_vain},
    visitor::Visitor,
};
use serde_json::Value;

const WEB: &str =
    "services: {web: {command: [sleep, \"1000\"]}}\nclocks: {assess_within: 0s, steady: 1s}\n";

/// Waits until the first page shows something, and returns it.
fn shown(house: &mut House, visitor: &Visitor, path: &str, text: &str) -> String {
    house.wait(text, |_| Some(visitor.get(path).body).filter(|body| body.contains(text)))
}

#[test]
fn what_is_asked_is_shown_byte_for_byte_and_a_no_has_its_reason() {
    let ask = RESTART.replace("mode: auto", "mode: approve");
    let mut house = House::new(WEB).with_runbook("service-down", &ask);
    house.serve();
    let approver = Visitor::signed_in(&house, "sato", "approver");
    let responder = Visitor::signed_in(&house, "suzuki", "responder");
    house.kill_service("web");
    let page = shown(&mut house, &approver, "/", "May this run?");
    assert!(page.contains("<code>service.restart</code>"), "{page}");
    let digest = house.json(&["approval", "list"])[0]["digest"].as_str().map(str::to_owned);
    assert!(page.contains(&digest.expect("a digest")), "what was reviewed is what runs: {page}");
    let other = responder.get("/").body;
    assert!(other.contains("May this run?") && !other.contains("/approve\""), "{other}");
    let csrf = approver.get("/").csrf();
    let form = [("csrf", csrf.as_str()), ("reason", "not <now>"), ("back", "/incidents/1")];
    assert_eq!(approver.post("/approvals/APP-1/refuse", &form).status, 303);
    let page = shown(&mut house, &approver, "/incidents/1", "not &#60;now&#62;");
    assert!(!page.contains("May this run?"), "{page}");
    // What was answered once is answered.
    assert_eq!(approver.post("/approvals/APP-1/approve", &form).status, 404);
}

#[test]
fn a_step_that_nobody_can_tell_of_is_answered_with_its_reason() {
    let mut house = House::new(UNHEARD).with_runbook("service-down", &in_vain("1s", "sleep 60"));
    house.serve();
    let sato = Visitor::signed_in(&house, "sato", "responder");
    let page = shown(&mut house, &sato, "/", "What became of it?");
    assert!(page.contains("fix") && page.contains("value=\"manual\""), "{page}");
    let run = house.facts_of("question_asked")[0]["fact"]["run"].to_string();
    let csrf = sato.get("/").csrf();
    let answer_to = |attempt: &str, word: &str, reason: &str| {
        let form = [
            ("csrf", csrf.as_str()),
            ("answer", word),
            ("reason", reason),
            ("back", "/"),
            ("step", "fix"),
            ("attempt", attempt),
        ];
        sato.post(&format!("/runs/RUN-{run}/answer"), &form).status
    };
    let answer = |word: &str, reason: &str| answer_to("1", word, reason);
    assert_eq!(answer("perhaps", "x"), 400);
    assert_ne!(answer_to("2", "again", "x"), 303, "another attempt is another question");
    assert!(house.facts_of("question_answered").is_empty());
    assert_eq!(answer("manual", "the cable is out"), 303);
    let said = house.facts_of("question_answered");
    assert_eq!(said[0]["fact"]["by"]["person"], "sato", "{said:?}");
    assert!(!sato.get("/").body.contains("What became of it?"));
}

/// What takes the restart back.
const UNDO: &str = "\
## Undo
```action {name=stop for=restart effect=once timeout=20s}
service.stop
```
";

#[test]
fn a_step_is_taken_back_where_its_run_stands() {
    let mut house = House::new(WEB).with_runbook("service-down", &format!("{RESTART}{UNDO}"));
    house.serve();
    let sato = Visitor::signed_in(&house, "sato", "responder");
    house.kill_service("web");
    let page = shown(&mut house, &sato, "/incidents/1", "Take back");
    assert!(page.contains("name=\"step\" value=\"restart\""), "{page}");
    let csrf = sato.get("/incidents/1").csrf();
    let form = [
        ("csrf", csrf.as_str()),
        ("runbook", "service-down"),
        ("step", "restart"),
        ("service", "web"),
    ];
    assert_eq!(sato.post("/incidents/1/undo", &form).status, 303);
    let planned = house.facts_of("run_planned");
    assert_eq!(
        planned.last().map(|run| run["fact"]["by"]["person"].clone()),
        Some(Value::from("sato"))
    );
}

/// An administrator works on a page as on the command line; names may be anything.
#[test]
fn accounts_are_kept_on_their_page() {
    let mut house = House::new(WEB);
    house.serve();
    let root = Visitor::signed_in(&house, "root", "administrator");
    let csrf = root.get("/accounts").csrf();
    let name = "山田 \"x\" / ?";
    let made = root.post("/accounts", &[("csrf", &csrf), ("name", name), ("role", "viewer")]);
    assert!(made.status == 200 && made.body.contains("/welcome/"), "{made:?}");
    let change = |what: &str, role: &str| {
        let form = [("csrf", csrf.as_str()), ("name", name), ("do", what), ("role", role)];
        root.post("/accounts/change", &form).status
    };
    assert_eq!(change("role", "approver"), 303);
    assert_eq!(house.json(&["account", "list"])[1]["role"], "approver");
    assert_eq!(change("role", "king"), 400);
    assert_eq!(change("remove", ""), 303);
    assert_eq!(change("remove", ""), 404);
}

#[test]
fn alerts_are_found_by_words() {
    let mut house = House::new(WEB).with_runbook("service-down", RESTART);
    house.serve();
    let sato = Visitor::signed_in(&house, "sato", "viewer");
    house.kill_service("web");
    house.wait_until_calm();
    let shows = |path: &str| sato.get(path).body.contains("service_down@web");
    assert!(!shows("/alerts"), "it is over");
    assert!(shows("/alerts?all=1") && shows("/alerts?all=1&q=WEB+down"));
    assert!(!shows("/alerts?all=1&q=web+database"));
    let page = sato.get("/alerts?q=%22%3E%3Cscript%3E").body;
    assert!(!page.contains("\"><script>"), "{page}");
}

#[test]
fn somebody_steps_in_on_a_page_and_out_again() {
    let yaml = "services: {web: {}}\ncontacts: {sato: {title: 佐藤}, suzuki: {title: 鈴木}}\n\
                schedules: {sre: {title: SRE, people: [sato]}}\n";
    let mut house = House::new(yaml);
    house.serve();
    let suzuki = Visitor::signed_in(&house, "suzuki", "responder");
    let page = suzuki.get("/on-call");
    assert!(page.body.contains("<b>佐藤</b>"), "{page:?}");
    let csrf = page.csrf();
    let step_in = |hours: &str, reason: &str| {
        let form = [
            ("csrf", csrf.as_str()),
            ("schedule", "sre"),
            ("person", "suzuki"),
            ("hours", hours),
            ("reason", reason),
        ];
        suzuki.post("/on-call/override", &form).status
    };
    assert_eq!(step_in("1000", "a doctor"), 400);
    assert_eq!(step_in("4", "a doctor"), 303);
    assert_eq!(house.json(&["oncall", "now"])[0]["people"][0], "suzuki");
    let page = suzuki.get("/on-call").body;
    assert!(page.contains("<b>鈴木</b>") && page.contains("a doctor"), "{page}");
    let set = house.facts_of("override_set");
    assert_eq!(set[0]["fact"]["by"]["person"], "suzuki", "{set:?}");
    let form = [("csrf", csrf.as_str()), ("id", "1")];
    assert_eq!(suzuki.post("/on-call/remove", &form).status, 303);
    assert_eq!(house.json(&["oncall", "now"])[0]["people"][0], "sato");
}

/// A storm leaves the room readable: what fires is counted, not listed to its end.
#[test]
fn a_room_stays_small_in_a_storm() {
    let mut house = House::new("services: {web: {}}\n");
    house.serve();
    let sato = Visitor::signed_in(&house, "sato", "viewer");
    let alert = |number: u32| {
        let name = format!("Slow{number}");
        serde_json::json!({"labels": {"alertname": name, "service": "web", "severity": "warning"}})
    };
    let storm = Value::from((0..100).map(alert).collect::<Vec<_>>());
    assert_eq!(house.open_door().post("/api/v2/alerts", &storm).expect("an answer").status, 200);
    let open = ["incident", "open", "--title", "slow", "--priority", "P2", "--service", "web"];
    house.run_for(0, &open);
    let page = shown(&mut house, &sato, "/incidents/1", "70 more</a>");
    assert!(page.len() < 60_000, "{}", page.len());
}
