//! Stories over several requests: what one of them began, another finds again.

use domain::signal::{Fingerprint, Told};
use intake::{Context, Heard, Proof, UNTIL_TOLD, Word, kinds, written};
use jiff::Timestamp;
use serde_json::{Value, json};

fn heard_by(integration: &str, format: &str, target: &str, body: &Value) -> Heard {
    let format = kinds::by_name(format).expect("a format");
    let now: Timestamp = "2026-11-22T20:00:00Z".parse().expect("a time");
    let context = Context { integration, now, proof: Proof::Checked };
    let reader = kinds::example(format).expect("the example is read");
    let event =
        if body.get("workflow_run").is_some() { "workflow_run" } else { "deployment_status" };
    let request = format!("{target}\nx-github-event: {event}\n\n{body}");
    let heard =
        written::with_request("/", request.as_bytes(), |request| reader.read(request, &context));
    heard.unwrap_or_else(|rejected| panic!("{rejected}"))
}

fn heard(format: &str, target: &str, body: &Value) -> Heard {
    heard_by("ours", format, target, body)
}

fn told(heard: &Heard) -> &Told {
    let told = heard.words.iter().find_map(|word| match word {
        Word::Told(told) => Some(told),
        _ => None,
    });
    told.unwrap_or_else(|| panic!("{heard:?}"))
}

fn answer(heard: &Heard) -> Value {
    serde_json::from_slice(&heard.answer.body).expect("JSON")
}

fn trigger(key: &str) -> Value {
    let payload = json!({"summary": "down", "source": "api-1", "severity": "critical"});
    json!({"event_action": "trigger", "dedup_key": key, "payload": payload})
}

/// An event that is not repeated until it is resolved must not end by itself after five minutes.
#[test]
fn what_pagerduty_senders_trigger_burns_until_they_resolve_it() {
    let begun = heard("pagerduty", "POST /v2/enqueue", &trigger("k"));
    assert_eq!(told(&begun).ends_at, Some(UNTIL_TOLD));
    let resolve = json!({"event_action": "resolve", "dedup_key": "k"});
    let ended = heard("pagerduty", "POST /v2/enqueue", &resolve);
    assert_eq!(told(&ended).fingerprint, told(&begun).fingerprint);
    assert!(told(&ended).ends_at < told(&begun).ends_at);
}

#[test]
fn a_key_that_pagerduty_made_can_be_acknowledged() {
    let begun = heard("pagerduty", "POST /v2/enqueue", &trigger(""));
    let key = answer(&begun)["dedup_key"].clone();
    let acknowledge = json!({"event_action": "acknowledge", "dedup_key": key, "client": "phone"});
    let taken = heard("pagerduty", "POST /v2/enqueue", &acknowledge);
    let expected = Word::Acknowledge {
        fingerprint: told(&begun).fingerprint,
        by: "phone".into(),
        note: String::new(),
    };
    assert_eq!(taken.words, [expected]);
}

/// Two teams may use the same keys; neither reaches the other's alerts.
#[test]
fn the_same_key_of_another_integration_is_another_alert() {
    let number = |integration: &str, format: &str, target: &str, body: &Value| {
        told(&heard_by(integration, format, target, body)).fingerprint
    };
    let create = json!({"message": "down", "alias": "k"});
    let alerts = json!({"version": "4", "alerts": [{"status": "resolved",
        "labels": {"alertname": "A"}, "fingerprint": "0e15cccbaf2fb5cc"}]});
    for (format, target, body) in [
        ("pagerduty", "POST /v2/enqueue", &trigger("k")),
        ("opsgenie", "POST /v2/alerts", &create),
        ("alertmanager_webhook", "POST /", &alerts),
    ] {
        let ours = number("ours", format, target, body);
        assert_ne!(ours, number("theirs", format, target, body), "{format}");
        assert_ne!(ours, Fingerprint(0x0e15_cccb_af2f_b5cc), "a number is not taken on trust");
    }
}

#[test]
fn an_alert_of_opsgenie_is_found_by_alias_and_by_the_id_that_its_request_led_to() {
    for create in [json!({"message": "down", "alias": "a/b 火"}), json!({"message": "down"})] {
        let begun = heard("opsgenie", "POST /v2/alerts", &create);
        let request = answer(&begun)["requestId"].as_str().expect("an id").to_owned();
        let asked = heard("opsgenie", &format!("GET /v2/alerts/requests/{request}"), &json!({}));
        let data = &answer(&asked)["data"];
        assert_eq!((&data["action"], &data["isSuccess"]), (&json!("Create"), &json!(true)));
        assert_eq!(data["processedAt"], "2026-11-22T20:00:00.000Z");
        let id = data["alertId"].as_str().expect("an id");
        let by_id = heard("opsgenie", &format!("POST /v2/alerts/{id}/close"), &json!({}));
        assert_eq!(told(&by_id).fingerprint, told(&begun).fingerprint);
        let alias = if create["alias"].is_string() { "a%2Fb%20%E7%81%AB" } else { id };
        let target = format!("POST /v2/alerts/{alias}/close?identifierType=alias");
        let by_alias = heard("opsgenie", &target, &json!({}));
        assert_eq!(told(&by_alias).fingerprint, told(&begun).fingerprint);
    }
}

fn run(conclusion: &str, branch: &str) -> Value {
    json!({"action": "completed", "repository": {"full_name": "octo-org/api"},
        "workflow_run": {"name": "CI", "head_branch": branch, "conclusion": conclusion}})
}

#[test]
fn a_green_run_of_the_same_workflow_and_branch_ends_the_alert_of_the_red_one() {
    let red = heard("github", "POST /", &run("failure", "main"));
    let green = heard("github", "POST /", &run("success", "main"));
    assert_eq!(told(&red).fingerprint, told(&green).fingerprint);
    assert_eq!(told(&red).labels, told(&green).labels);
    let elsewhere = heard("github", "POST /", &run("success", "feature"));
    assert_ne!(told(&red).fingerprint, told(&elsewhere).fingerprint);
    assert!(heard("github", "POST /", &run("cancelled", "main")).words.is_empty());
}

/// Webhooks are delivered again when an answer is lost: a mark on the timeline stays one.
#[test]
fn a_deployment_that_is_told_twice_is_one_change() {
    let deployed = json!({"deployment_status": {"id": 7, "state": "success"},
        "deployment": {"environment": "production"}, "repository": {"full_name": "octo-org/api"}});
    let key = |heard: &Heard| match &heard.words[0] {
        Word::Change(change) => change.key.clone(),
        other => panic!("{other:?}"),
    };
    let [one, again] = [(); 2].map(|()| heard("github", "POST /", &deployed));
    assert_eq!(key(&one), key(&again));
    assert_eq!(told(&one).labels.get("alertname").as_deref(), Some("deploy_failed"));
}

/// Found by a fuzz target: an end of parts that never began, at which a debug build of the parser panics and a release
/// build reads on.
#[test]
fn a_mail_with_broken_parts_costs_its_sender_the_mail_at_most() {
    let broken = "From: sato@example.jp\nSubject: Slow\nContent-Type: multipart/mixed; boundary=b\n\n\
        --b\nContent-Type: message/rfc822\n\nContent-Type: message/rfc822\n\n\n--b--";
    match intake::report::from_mail(broken.as_bytes()) {
        Ok(read) => assert_eq!(read.expect("a person's").text, "Slow"),
        Err(rejected) => assert_eq!(rejected.status(), 400),
    }
}
