//! People approve a step, refuse it and say what became of it from where they are: by a link, in Slack, in LINE. A27

use crate::{
    common::{House, RESTART},
    gateways::{PUBLIC, SECRET, Services, pressed_in_line, pressed_in_slack, reach},
};
use reqwest::Method;
use serde_json::{Value, json};

const FORM: [(&str, &str); 1] = [("content-type", "application/x-www-form-urlencoded")];

fn house(services: &Services, runbook: &str) -> House {
    let yaml = format!(
        "{}services: {{web: {{command: [sleep, \"1000\"]}}}}
clocks: {{assess_within: 0s, steady: 1s}}
escalation: [{{contacts: [sato, suzuki]}}]
routes: {{warning: {{channels: [chat, line, gate]}}}}
",
        reach(services)
    );
    House::new(&yaml).with_variable("SECRET", SECRET).with_runbook("service-down", runbook)
}

/// The path of the link in the gateway's message to a person.
fn link(house: &mut House, services: &Services, address: &str, about: &str) -> String {
    let body = house.wait("the gateway's message", |_| {
        let sent = services.sent("/gate", about);
        sent.into_iter().find(|body| body.contains(&format!("\"{address}\"")))
    });
    let body: Value = serde_json::from_str(&body).expect("JSON");
    let link = body["link"].as_str().unwrap_or_else(|| panic!("no link: {body}"));
    link.strip_prefix(PUBLIC).expect("the public address").to_owned()
}

fn post(services: &Services, house: &House, path: &str, form: &str) -> (u16, String) {
    let headers = FORM.map(|(name, value)| (name, value.to_owned()));
    let (status, _, page) = services.ask(house, Method::POST, path, &headers, form);
    (status, page)
}

/// The buttons of the message about a question: what each carries, by its verb.
fn button(elements: &Value, field: &str, verb: &str) -> String {
    let all = elements.as_array().into_iter().flatten();
    let values = all.filter_map(|one| one.pointer(field)?.as_str());
    let mut these = values.filter(|value| value.split(' ').nth(1) == Some(verb));
    these.next().unwrap_or_else(|| panic!("no {verb}: {elements}")).to_owned()
}

#[test]
fn a_link_shows_what_exactly_would_run_and_its_person_decides() {
    let services = Services::start();
    let runbook = RESTART.replace("mode: auto", "mode: approve");
    let mut house = house(&services, &runbook);
    house.serve();
    let before = house.kill_service("web");
    let path = link(&mut house, &services, "g1", "APP-1");
    let (status, _, page) = services.ask(&house, Method::GET, &path, &[], "");
    assert_eq!(status, 200, "{page}");
    let asked = house.json(&["approval", "show", "APP-1"]);
    for part in [
        "service.restart",
        "<b>restart</b> → <b>web</b>",
        asked["digest"].as_str().expect("a digest"),
        asked["evidence"][0].as_str().expect("evidence"),
        "You answer as sato.",
        "value=\"approve\"",
        "value=\"refuse\"",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert!(house.facts_of("approval_given").is_empty(), "a look approves nothing");
    // Two buttons, and none was pressed.
    assert_eq!(post(&services, &house, &path, "").0, 400);
    assert_eq!(post(&services, &house, &path, "answer=acknowledge").0, 400);
    let (status, page) = post(&services, &house, &path, "answer=approve");
    assert!(status == 200 && page.contains("Your approval is recorded."), "{status} {page}");
    assert_eq!(house.facts_of("approval_given")[0]["fact"]["by"], json!({"person": "sato"}));
    house.wait("it runs again", |house| house.service("web").filter(|now| *now != before));
    house.wait_until_calm();
    // The question is over: nothing is left to be seen or said.
    assert_eq!(services.ask(&house, Method::GET, &path, &[], "").0, 404);
    let (status, page) = post(&services, &house, &path, "answer=approve");
    assert!(status == 409 && page.contains("not waiting for an approval"), "{status} {page}");
}

/// Whoever started a run approves it nowhere; others do with a button, whose signature and address prove them.
#[test]
fn buttons_approve_and_refuse_but_never_for_whoever_started() {
    let services = Services::start();
    let runbook = RESTART.replace("effect=once", "effect=destructive");
    let mut house = house(&services, &runbook);
    house.serve();
    // The command line would wait for its end.
    let start = |house: &House| {
        let ask = json!({"by": "sato", "service": "web"});
        let answer = house.local().post("/api/v1/runbooks/service-down/run", &ask);
        assert_eq!(answer.expect("an answer").status, 200);
    };
    start(&house);
    let path = link(&mut house, &services, "g1", "APP-1");
    let (_, _, page) = services.ask(&house, Method::GET, &path, &[], "");
    assert!(page.contains("value=\"refuse\"") && !page.contains("value=\"approve\""), "{page}");
    let (status, page) = post(&services, &house, &path, "answer=approve");
    assert!(status == 409 && page.contains("somebody else must"), "{status} {page}");

    let slack = house.wait("Slack", |_| services.sent("postMessage", "APP-1").pop());
    let slack: Value = serde_json::from_str(&slack).expect("JSON");
    let elements = &slack["blocks"][1]["elements"];
    assert_eq!(elements.as_array().map(Vec::len), Some(2), "no button acknowledges: {slack}");
    let approve = button(elements, "/value", "approve");
    assert!(elements[0]["confirm"]["text"]["text"].is_string(), "it asks once more: {slack}");
    let press = |house: &House, user: &str, value: &str, channel: &str| {
        let (body, headers) = pressed_in_slack(user, value);
        let path = format!("/answer/slack/{channel}");
        services.ask(house, Method::POST, &path, &headers, &body).0
    };
    assert_eq!(press(&house, "U9", &approve, "chat"), 403, "no contact");
    assert_eq!(press(&house, "U1", &approve, "chat"), 200, "heard, and refused");
    assert!(house.facts_of("approval_given").is_empty(), "sato started it");
    let told = |house: &mut House, who: &str, what: &str| {
        house.wait("a reply to one person", |_| {
            let sent = services.sent("postEphemeral", what).pop()?;
            sent.contains(&format!("\"user\":\"{who}\"")).then_some(())
        });
    };
    told(&mut house, "U1", "somebody else must");
    let (body, _) = pressed_in_slack("U2", &approve);
    let forged = services.ask(&house, Method::POST, "/answer/slack/chat", &[], &body).0;
    assert_eq!(forged, 403);
    assert_eq!(press(&house, "U2", &approve, "chat"), 200);
    told(&mut house, "U2", "Your approval is recorded.");
    let suzuki = json!({"person": "suzuki"});
    assert_eq!(house.facts_of("approval_given")[0]["fact"]["by"], suzuki);
    house.wait_until_calm();

    start(&house);
    let push = house.wait("LINE", |_| services.sent("/push", "APP-2").pop());
    let push: Value = serde_json::from_str(&push).expect("JSON");
    let items = &push["messages"][0]["quickReply"]["items"];
    let refuse = button(items, "/action/data", "refuse");
    let (body, headers) = pressed_in_line("L2", &refuse);
    assert_eq!(services.ask(&house, Method::POST, "/answer/line/line", &headers, &body).0, 200);
    house.wait("a reply in LINE", |_| {
        let sent = services.sent("/v2/bot/message/reply", "It is refused.").pop()?;
        sent.contains("\"replyToken\":\"R1\"").then_some(())
    });
    let ended = house.facts_of("approval_ended");
    assert_eq!((&ended[0]["fact"]["how"], &ended[0]["fact"]["by"]), (&json!("denied"), &suzuki));
    // The button of the first question answers no other.
    assert_eq!(press(&house, "U2", &approve, "chat"), 200);
    assert_eq!(house.facts_of("approval_given").len(), 1);
}

/// A step that was cut off: somebody looks, and says on the page what became of it, and how they know.
#[test]
fn a_question_about_an_unknown_outcome_is_answered_by_its_link() {
    let services = Services::start();
    let runbook = RESTART
        .replace("within: 60s", "within: 3s")
        .replace("```action {name=restart", "```bash {name=renew")
        .replace("timeout=60s}\nservice.restart", "timeout=1s}\nsleep 30")
        .replace(
            "```action {name=running timeout=10s}\nservice.status",
            "```bash {name=running timeout=10s}\nfalse",
        );
    let mut house = house(&services, &runbook);
    house.serve();
    house.kill_service("web");
    house.wait("a question", |house| house.facts_of("question_asked").pop());
    let path = link(&mut house, &services, "g2", "hikeshi run answer");
    let (status, _, page) = services.ask(&house, Method::GET, &path, &[], "");
    assert!(status == 200 && page.contains("sleep 30"), "{status} {page}");
    for part in ["It was done", "Not done: run again", "I take over by hand", "name=\"reason\""] {
        assert!(page.contains(part), "{part}: {page}");
    }
    let (status, page) = post(&services, &house, &path, "answer=manual");
    assert!(status == 409 && page.contains("needs a reason"), "{status} {page}");
    let reason = "answer=manual&reason=the+log+ends+half-way+%3Cb%3E";
    let (status, page) = post(&services, &house, &path, reason);
    assert!(status == 200 && page.contains("Your answer is recorded."), "{status} {page}");
    let answered = house.facts_of("question_answered")[0]["fact"].clone();
    assert_eq!(answered["by"], json!({"person": "suzuki"}), "{answered}");
    assert_eq!(answered["reason"], "the log ends half-way <b>");
    assert_eq!(post(&services, &house, &path, reason).0, 409, "it is asked no more");
}
