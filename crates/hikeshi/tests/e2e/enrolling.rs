//! A person enrols a phone by a link, and is paged there; a phone that is gone is forgotten.

use crate::{
    common::House,
    gateways::{PUBLIC, Services},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use reqwest::Method;
use serde_json::{Value, json};

/// The public key of the example in RFC 8291: any browser's would do.
const KEY: &str =
    "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";

fn house(keys: &Value) -> House {
    let yaml = format!(
        "public_url: {PUBLIC}/
services: {{web: {{command: [sleep, \"1000\"]}}}}
channels:
  push: {{kind: web_push, public_key: {}, private_key_env: PUSH, contact: 'mailto:ops@example.jp', services: [127.0.0.1], pager: true}}
contacts: {{sato: {{}}}}
escalation: [{{contacts: [sato]}}]
routes: {{P0: {{channels: [push]}}, P1: {{channels: [push]}}}}
",
        keys["public_key"].as_str().expect("a key")
    );
    House::new(&yaml).with_variable("PUSH", keys["private_key"].as_str().expect("a key"))
}

fn enrol(services: &Services, house: &House, path: &str, endpoint: &str) -> (u16, String) {
    let auth = URL_SAFE_NO_PAD.encode([7; 16]);
    let body = json!({"title": "佐藤の携帯\u{202e}", "subscription": {
        "endpoint": endpoint, "expirationTime": null, "keys": {"p256dh": KEY, "auth": auth}}});
    let headers = [("content-type", "application/json".to_owned())];
    let (status, _, text) = services.ask(house, Method::POST, path, &headers, &body.to_string());
    (status, text)
}

#[test]
fn a_phone_is_enrolled_by_a_link_paged_and_forgotten_when_it_is_gone() {
    let services = Services::start();
    let bare = House::new("services: {}");
    let mut house = house(&bare.json(&["device", "keys"]));
    house.serve();
    let unready = house.run(&["doctor", "--json"]).json();
    let kinds = |found: &Value| -> Vec<String> {
        let all = found["findings"].as_array().expect("findings").iter();
        all.filter_map(|one| one["kind"].as_str().map(str::to_owned)).collect()
    };
    assert!(kinds(&unready).contains(&"contact_missing".to_owned()), "{unready}");

    let made = house.json(&["device", "link", "sato"]);
    let path = made["url"].as_str().and_then(|url| url.strip_prefix(PUBLIC)).expect("a link");
    let (status, headers, page) = services.ask(&house, Method::GET, path, &[], "");
    assert_eq!(status, 200, "{page}");
    let policy = headers["content-security-policy"].to_str().expect("ASCII");
    assert!(policy.contains("script-src 'self'") && policy.contains("default-src 'none'"));
    assert!(!policy.contains("unsafe") && policy.contains("form-action 'none'"), "{policy}");
    assert_eq!(headers["referrer-policy"], "no-referrer");
    assert_eq!(headers["cache-control"], "no-store");
    assert!(page.contains("sato") && page.contains("data-key=\"B"), "{page}");
    for script in ["/push/page.js", "/push/worker.js"] {
        let (status, headers, _) = services.ask(&house, Method::GET, script, &[], "");
        let kind = headers["content-type"].to_str().expect("ASCII");
        assert_eq!((status, kind), (200, "text/javascript; charset=utf-8"));
    }
    assert!(house.facts_of("device_added").is_empty(), "a look enrols nothing");

    let good = services.at("/send/1");
    assert_eq!(enrol(&services, &house, "/push/e30.e30", &good).0, 404, "no link of ours");
    let (status, said) = enrol(&services, &house, path, "https://10.0.0.1/x");
    assert_eq!(status, 400, "{said}");
    assert_eq!(enrol(&services, &house, path, &good).0, 204);
    assert_eq!(enrol(&services, &house, path, &services.at("/gone/2")).0, 204);
    let list = house.json(&["device", "list"]);
    assert_eq!((list[0]["contact"].clone(), list[0]["by"].clone()), (json!("sato"), json!("sato")));
    assert_eq!(list[0]["title"], "佐藤の携帯");
    assert_eq!(list[0]["service"], "127.0.0.1");
    let ready = house.run(&["doctor", "--json"]).json();
    assert!(!kinds(&ready).contains(&"contact_missing".to_owned()), "{ready}");

    house.run_for(0, &["channel", "test", "push", "--to", "sato"]);
    house.wait("the gone device to be forgotten", |house| {
        let list = house.json(&["device", "list"]);
        (list.as_array().map(Vec::len) == Some(1)).then_some(())
    });
    let gone = &house.facts_of("device_removed")[0]["fact"];
    assert_eq!((&gone["id"], &gone["by"]), (&json!(2), &json!({"system": "push"})));
    assert_eq!(services.count("/send/1"), 1);

    // A new life knows the devices of the last.
    house.kill();
    house.serve();
    assert_eq!(house.json(&["device", "list"])[0]["id"], 1);
    house.run_for(0, &["device", "remove", "1"]);
    assert_eq!(house.json(&["device", "list"]), json!([]));
    let refused = house.run(&["channel", "test", "push", "--to", "sato"]);
    assert_ne!(refused.code, 0, "nobody is left to try it on: {}", refused.all());
}
