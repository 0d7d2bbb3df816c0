//! People answer from where they are: by a link, in Slack, in LINE, by a key on the phone, by a short message. A45, A80

use crate::{
    common::House,
    gateways::{PUBLIC, SECRET, Services, reach, said_by_twilio, sha256},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::SystemTime;

fn house(services: &Services) -> House {
    let yaml = format!(
        "{}services: {{web: {{title: Web}}}}
escalation: [{{contacts: [sato]}}]
routes: {{P1: {{channels: [chat, line, phone, sms, gate]}}}}
fallback: [chat]
",
        reach(services)
    );
    House::new(&yaml).with_variable("SECRET", SECRET)
}

fn open(house: &House) {
    let title = "no <b>stock</b> & more";
    house.run_for(0, &["incident", "open", "--priority", "P1", "--title", title]);
}

/// Who took the incident, as it stands in the journal.
fn holder(house: &House) -> Value {
    let taken = house.facts_of("acknowledged");
    taken.first().map(|fact| fact["fact"]["by"].clone()).unwrap_or_default()
}

/// A link shows on GET and acts on POST: a preview acknowledges nothing. Nobody else's token opens it.
#[test]
fn a_link_acknowledges_only_when_its_person_says_so() {
    let services = Services::start();
    let mut house = house(&services);
    house.serve();
    open(&house);
    let body = house.wait("the gateway's message", |_| services.sent("/gate", "INC-1").pop());
    let body: Value = serde_json::from_str(&body).expect("JSON");
    let link = body["link"].as_str().expect("a link").to_owned();
    let path = link.strip_prefix(PUBLIC).expect("the public address").to_owned();
    for method in [Method::GET, Method::HEAD, Method::GET] {
        let (status, headers, page) = services.ask(&house, method.clone(), &path, &[], "");
        assert_eq!(status, 200, "{page}");
        if method == Method::GET {
            assert!(page.contains("no &#60;b&#62;stock&#60;/b&#62; &#38; more"), "{page}");
            assert!(page.contains("You answer as sato."), "{page}");
        }
        assert_eq!(headers["referrer-policy"], "no-referrer");
        assert_eq!(headers["cache-control"], "no-store");
    }
    assert_eq!(holder(&house), Value::Null, "a look acknowledges nothing");

    let mut forged = path.clone();
    forged.pop();
    for wrong in [forged, "/a/e30.e30".to_owned()] {
        assert_eq!(services.ask(&house, Method::POST, &wrong, &[], "").0, 404);
    }
    // The token of a report, which Twilio gets, is none for a page.
    let call = house.wait("the call", |_| services.sent("/Calls.json", "Gather").pop());
    let call: String = form_urlencoded::parse(call.as_bytes())
        .find_map(|(name, value)| (name == "StatusCallback").then(|| value.into_owned()))
        .expect("a callback");
    let report = call.rsplit('/').next().expect("a token");
    assert_eq!(services.ask(&house, Method::POST, &format!("/a/{report}"), &[], "").0, 404);
    assert_eq!(holder(&house), Value::Null);

    assert_eq!(services.ask(&house, Method::POST, &path, &[], "").0, 200);
    assert_eq!(holder(&house), json!({"person": "sato"}));
    let (status, _, page) = services.ask(&house, Method::POST, &path, &[], "");
    assert!(status == 409 && page.contains("already acknowledged by sato"), "{status} {page}");
    let proofs = house.facts_of("notice_proved");
    assert_eq!(proofs.len(), 1, "{proofs:?}");
    // Under the public name there is nothing but answers.
    assert_eq!(services.ask(&house, Method::GET, "/api/v1/status", &[], "").0, 403);
    let text = format!("{}{:?}", house.log(), house.facts());
    assert!(!text.contains(SECRET) && !text.contains(path.trim_start_matches("/a/")));
    let key = std::fs::metadata(house.data().join("answer.key")).expect("a key");
    assert_eq!(std::os::unix::fs::PermissionsExt::mode(&key.permissions()) & 0o777, 0o600);
}

/// What stands behind a link is a page as all others: the same stylesheet, in the language of who reads it, and nothing
/// inline. No script runs on it, nothing of it is kept or told on, and the name under which it is reached does not matter.
#[test]
fn the_page_behind_a_link_is_strict_and_speaks_the_language_of_its_reader() {
    let services = Services::start();
    let mut house = house(&services);
    house.serve();
    open(&house);
    let body = house.wait("the gateway's message", |_| services.sent("/gate", "INC-1").pop());
    let body: Value = serde_json::from_str(&body).expect("JSON");
    let path = body["link"].as_str().and_then(|link| link.strip_prefix(PUBLIC)).expect("a link");
    let japanese = [("accept-language", "ja,en;q=0.5".to_owned())];
    let (_, headers, page) = services.ask(&house, Method::GET, path, &japanese, "");
    assert!(
        page.contains("<html lang=\"ja\"") && page.contains("sato として回答します。"),
        "{page}"
    );
    assert!(page.contains("対応する") && !page.contains("<script"), "{page}");
    let header = |name: &str| headers[name].to_str().expect("ASCII").to_owned();
    let policy = header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'; style-src 'self'"), "{policy}");
    assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
    assert!(!policy.contains("script-src") && !policy.contains("unsafe"), "{policy}");
    assert_eq!(header("x-frame-options"), "DENY");
    assert_eq!(header("x-content-type-options"), "nosniff");
    // Also where a proxy says another name than ours; its stylesheet comes along.
    let elsewhere = [("host", "paging.example.test".to_owned())];
    assert_eq!(services.ask(&house, Method::GET, path, &elsewhere, "").0, 200);
    assert_eq!(services.ask(&house, Method::GET, "/", &elsewhere, "").0, 403);
    let style = page.split('"').find(|part| part.starts_with("/assets/") && part.ends_with(".css"));
    let (status, headers, _) =
        services.ask(&house, Method::GET, style.expect("a stylesheet"), &elsewhere, "");
    assert!(status == 200 && headers["content-type"] == "text/css; charset=utf-8", "{status}");
    let (status, headers, page) = services.ask(&house, Method::GET, "/a/x", &japanese, "");
    assert!(status == 404 && page.contains("このリンクは使えません"), "{status} {page}");
    assert_eq!(headers["referrer-policy"], "no-referrer");
    assert!(!page.contains("href=\"/\""), "it leads nowhere: {page}");
}

/// A button in Slack: fresh, signed, and pressed by a contact. The thread hears who is on it.
#[test]
fn a_button_in_slack_acknowledges() {
    let services = Services::start();
    let mut house = house(&services);
    house.serve();
    open(&house);
    let first = house.wait("a message in Slack", |_| services.sent("postMessage", "INC-1").pop());
    let first: Value = serde_json::from_str(&first).expect("JSON");
    let value = first["blocks"][1]["elements"][0]["value"].as_str().expect("a button").to_owned();
    let press = |user: &str| {
        let payload = json!({"type": "block_actions", "user": {"id": user},
            "actions": [{"action_id": "acknowledge", "value": value}]});
        form_urlencoded::Serializer::new(String::new())
            .append_pair("payload", &payload.to_string())
            .finish()
    };
    let now = SystemTime::UNIX_EPOCH.elapsed().expect("after 1970").as_secs();
    let ask = |house: &House, second: u64, signed: &str, body: &str| {
        let hex: String =
            sha256(&format!("v0:{second}:{signed}")).iter().map(|b| format!("{b:02x}")).collect();
        let headers = [
            ("x-slack-request-timestamp", second.to_string()),
            ("x-slack-signature", format!("v0={hex}")),
        ];
        services.ask(house, Method::POST, "/answer/slack/chat", &headers, body).0
    };
    let sato = press("U1");
    assert_eq!(ask(&house, now, "another body", &sato), 403, "forged");
    assert_eq!(ask(&house, now - 301, &sato, &sato), 403, "too old");
    let stranger = press("U9");
    assert_eq!(ask(&house, now, &stranger, &stranger), 403, "no contact");
    assert_eq!(services.ask(&house, Method::POST, "/answer/slack/chat", &[], &sato).0, 403);
    assert_eq!(services.ask(&house, Method::POST, "/answer/slack/line", &[], &sato).0, 404);
    assert_eq!(holder(&house), Value::Null);
    assert_eq!(ask(&house, now, &sato, &sato), 200);
    assert_eq!(holder(&house), json!({"person": "sato"}));
    assert_eq!(ask(&house, now, &sato, &sato), 200, "Slack may say it twice");
    let thread = "\"thread_ts\":\"1764380000.000100\"";
    house.wait("the answer in the thread", |_| services.sent("postMessage", thread).pop());
    assert_eq!(house.facts_of("acknowledged").len(), 1);
}

/// A button in LINE, signed over the bytes of the body.
#[test]
fn a_button_in_line_acknowledges() {
    let services = Services::start();
    let mut house = house(&services);
    house.serve();
    open(&house);
    let push = house.wait("a push", |_| services.sent("/push", "INC-1").pop());
    let push: Value = serde_json::from_str(&push).expect("JSON");
    let data = push["messages"][0]["quickReply"]["items"][0]["action"]["data"].clone();
    let ask = |house: &House, signed: &str, body: &str| {
        let headers = [("x-line-signature", STANDARD.encode(sha256(signed)))];
        services.ask(house, Method::POST, "/answer/line/line", &headers, body).0
    };
    let press = |user: &str| {
        json!({"destination": "x", "events": [{"type": "postback", "source": {"userId": user},
            "postback": {"data": data}}]})
        .to_string()
    };
    let trial = r#"{"destination":"x","events":[]}"#;
    assert_eq!(ask(&house, trial, trial), 200);
    assert_eq!(ask(&house, trial, &press("L2")), 403, "forged");
    assert_eq!(ask(&house, &press("L9"), &press("L9")), 403, "no contact");
    assert_eq!(holder(&house), Value::Null);
    assert_eq!(ask(&house, &press("L2"), &press("L2")), 200);
    assert_eq!(holder(&house), json!({"person": "suzuki"}));
}

/// Nobody takes the call: the next way at once, once, and only on the word of the service about this very call. A45
#[test]
fn a_call_that_nobody_takes_moves_on_at_once() {
    let services = Services::start();
    let mut house = house(&services);
    house.serve();
    open(&house);
    let call = house.wait("a call", |_| services.sent("/Calls.json", "Gather").pop());
    let status = form_urlencoded::parse(call.as_bytes())
        .find_map(|(name, value)| (name == "StatusCallback").then(|| value.into_owned()))
        .expect("a callback");
    let say = |house: &House, state: &str, sid: &str| {
        let fields = [("CallStatus", state), ("CallSid", sid), ("To", "+8190")];
        said_by_twilio(&services, house, &status, &status, &fields).0
    };
    let chats = || services.sent("postMessage", "INC-1").len();
    house.wait("the room hears of it itself", |_| (chats() == 1).then_some(()));
    assert_eq!(say(&house, "ringing", "CA1"), 204);
    assert_eq!(say(&house, "no-answer", "CA0"), 204, "another call");
    assert!(house.facts_of("notice_missed").is_empty());
    assert_eq!(say(&house, "no-answer", "CA1"), 204);
    assert_eq!(say(&house, "no-answer", "CA1"), 204, "Twilio may say it twice");
    house.wait("the next way", |_| (chats() == 2).then_some(()));
    assert_eq!(say(&house, "busy", "CA1"), 204, "late");
    let missed = house.facts_of("notice_missed");
    assert_eq!(missed.len(), 1, "{missed:?}");
    assert_eq!(missed[0]["fact"]["miss"], "unanswered");
    assert_eq!(services.sent("/Calls.json", "Gather").len(), 1, "no second call of the same page");
    // The ledger says so, and leaves out what is not asked for. A28
    let failed = house.json(&["notices", "--failed", "--contact", "sato", "--incident", "INC-1"]);
    assert_eq!(failed.as_array().map(Vec::len), Some(1), "{failed}");
    let notice = failed[0].clone();
    for none in [["--contact", "suzuki"], ["--incident", "INC-9"]] {
        assert_eq!(house.json(&[&["notices"], &none[..]].concat()), json!([]));
    }
    let all = house.json(&["notices"]);
    assert!(all.as_array().map_or(0, Vec::len) >= 5, "one on each way: {all}");
    house.run_for(1, &["notices", "--incident", "x"]);
    let text = house.run_for(0, &["notices", "--failed"]).stdout;
    assert!(text.contains("unanswered") && text.contains("no-answer"), "{text}");
    assert_eq!(notice["misses"][0]["detail"], "no-answer", "{notice}");
    assert_eq!(notice["attempts"][1]["channel"], "chat", "{notice}");
}

/// 4 on the phone acknowledges; `1c` by short message closes; a call that was taken is no answer.
#[test]
fn a_key_and_a_reply_answer() {
    let services = Services::start();
    let mut house = house(&services);
    house.serve();
    open(&house);
    let call = house.wait("a call", |_| services.sent("/Calls.json", "Gather").pop());
    let fields: Vec<(String, String)> =
        form_urlencoded::parse(call.as_bytes()).into_owned().collect();
    let field = |name: &str| {
        fields.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone()).expect("there")
    };
    let twiml = field("Twiml");
    let action = twiml.split("action=\"").nth(1).and_then(|rest| rest.split('"').next());
    let action = action.expect("an action").to_owned();
    let ask = |house: &House, url: &str, signed: &str, sent: &[(&str, &str)]| {
        said_by_twilio(&services, house, url, signed, sent)
    };
    let status = field("StatusCallback");
    let taken = ask(&house, &status, &status, &[("CallStatus", "completed"), ("To", "+8190")]);
    assert_eq!(taken.0, 204);
    assert_eq!(holder(&house), Value::Null, "a mailbox takes calls, too");
    assert_eq!(house.facts_of("notice_proved")[0]["fact"]["proof"], "arrived");

    let pressed = [("Digits", "4"), ("To", "+8190")];
    assert_eq!(ask(&house, &action, "https://elsewhere", &pressed).0, 403, "forged");
    let another = [("Digits", "4"), ("To", "+8191")];
    assert_eq!(ask(&house, &action, &action, &another).0, 403, "another phone");
    let nothing = ask(&house, &action, &action, &[("Digits", "9"), ("To", "+8190")]);
    assert!(nothing.0 == 200 && nothing.2.contains("Press 4 or 6."), "{nothing:?}");
    assert_eq!(holder(&house), Value::Null);
    let done = ask(&house, &action, &action, &pressed);
    assert!(done.0 == 200 && done.2.contains("You have acknowledged it."), "{done:?}");
    assert_eq!(holder(&house), json!({"person": "sato"}));

    let sms = format!("{PUBLIC}/answer/twilio/sms/sms");
    let stranger = [("From", "+8199"), ("Body", "1c")];
    assert_eq!(ask(&house, &sms, &sms, &stranger).0, 403);
    let late = ask(&house, &sms, &sms, &[("From", "+8191"), ("Body", "1a")]);
    assert!(late.2.contains("already acknowledged by sato"), "{late:?}");
    let what = ask(&house, &sms, &sms, &[("From", "+8191"), ("Body", "OK!")]);
    assert!(what.2.contains("such as 7a"), "{what:?}");
    let early = ask(&house, &sms, &sms, &[("From", "+8190"), ("Body", "1c")]);
    assert!(early.2.contains("needs a root cause"), "{early:?}");
    house.run_for(0, &["incident", "open", "--priority", "P3", "--title", "a typo"]);
    let closed = ask(&house, &sms, &sms, &[("From", "+8190"), ("Body", " 2 C ")]);
    assert!(closed.2.contains("It is closed."), "{closed:?}");
    let sato = json!({"person": "sato"});
    assert_eq!(house.facts_of("closed")[0]["fact"]["by"], sato);
}

/// A78: a test call is confirmed by a key, once; then the number is known to reach its person.
#[test]
fn a_test_call_is_confirmed_by_a_key() {
    let services = Services::start();
    let mut house = house(&services);
    house.serve();
    house.run_for(0, &["contacts", "verify", "sato", "--channel", "phone"]);
    let call = house.wait("a call", |_| services.sent("/Calls.json", "Gather").pop());
    let twiml = form_urlencoded::parse(call.as_bytes())
        .find_map(|(name, value)| (name == "Twiml").then(|| value.into_owned()))
        .expect("a text");
    assert!(twiml.contains("Press 4 to confirm that this has arrived."), "{twiml}");
    let action = twiml.split("action=\"").nth(1).and_then(|rest| rest.split('"').next());
    let action = action.expect("an action").to_owned();
    let press = |house: &House, key: &str| {
        let sent = [("Digits", key), ("To", "+8190")];
        said_by_twilio(&services, house, &action, &action, &sent).2
    };
    let way = |house: &House| {
        let list = house.json(&["contacts"]);
        let ways = list[0]["channels"].as_array().cloned().unwrap_or_default();
        ways.into_iter().find(|way| way["channel"] == "phone").expect("a way")
    };
    house.wait("the delivery", |house| {
        let list = house.json(&["channel", "list"]);
        let phone = list.as_array()?.iter().find(|one| one["name"] == "phone")?.clone();
        phone["succeeded_at"].as_str().map(drop)
    });
    assert!(press(&house, "9").contains("Press 4."));
    assert_eq!(way(&house)["standing"], "never");
    assert!(press(&house, "4").contains("Its arrival is recorded."));
    assert_eq!(way(&house)["standing"], "verified");
    assert_eq!(way(&house)["by"], "sato");
    assert!(press(&house, "4").contains("confirmed already"));
}

/// Whether a channel works is known when a person says that the test arrived.
#[test]
fn a_test_message_is_confirmed_by_its_reader() {
    let services = Services::start();
    let mut house = house(&services);
    house.serve();
    let nobody = house.run_for(1, &["channel", "test", "line"]);
    assert!(nobody.stderr.contains("--to CONTACT"), "{nobody:?}");
    house.run_for(1, &["channel", "test", "line", "--to", "nobody"]);
    house.run_for(1, &["channel", "test", "pigeon"]);
    house.run_for(0, &["channel", "test", "line", "--to", "sato"]);
    let push = house.wait("the test", |_| services.sent("/push", "confirm").pop());
    let push: Value = serde_json::from_str(&push).expect("JSON");
    let text = push["messages"][0]["text"].as_str().expect("a text");
    let code = text.split("channel confirm ").nth(1).and_then(|rest| rest.split('\n').next());
    let code = code.expect("a code").to_owned();
    let line = |house: &House| {
        let list = house.json(&["channel", "list"]);
        list.as_array().expect("a list").iter().find(|one| one["name"] == "line").cloned()
    };
    house.wait("the delivery", |house| line(house)?["succeeded_at"].as_str().map(drop));
    assert_eq!(line(&house).expect("line")["proved_at"], Value::Null, "a 200 is no proof");
    house.run_for(1, &["channel", "confirm", "wrong"]);
    house.run_for(0, &["channel", "confirm", &code]);
    assert!(line(&house).expect("line")["proved_at"].is_string());
    house.run_for(1, &["channel", "confirm", &code]);
    let metrics = house.open_door().get("/metrics").expect("metrics").body;
    assert!(metrics.contains("hikeshi_channel_failures{channel=\"line\"} 0"), "{metrics}");
}
