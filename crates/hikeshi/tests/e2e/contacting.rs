//! The contact book: people are asked to confirm that they are reached, and `hikeshi doctor` names who has not. A78, A79

use crate::common::{House, sink::Sink};
use serde_json::Value;

const PUBLIC: &str = "https://hikeshi.example.jp";
const ANN: &str = "+81-50-0000-0001";

fn team(sink: &Sink, ann: &str) -> String {
    let way = format!("kind: webhook, personal: true, url: \"{}\"", sink.url());
    format!(
        "public_url: {PUBLIC}
services: {{web: {{command: [sleep, \"1000\"]}}}}
channels:
  phone: {{{way}, pager: true}}
  gate: {{{way}}}
contacts:
  ann: {{title: Ann, phone: \"{ann}\", gate: ann}}
  bob: {{title: Bob, phone: \"+81-50-0000-0002\"}}
  press: {{title: The press, gate: press}}
escalation:
  - {{title: on call, contacts: [ann, bob]}}
"
    )
}

/// The test message that came on a channel for somebody.
fn message(house: &mut House, sink: &Sink, channel: &str, to: &str) -> Value {
    let line = format!("Channel: {channel}\n");
    house.wait("the test message", |_| {
        let all = sink.told().into_iter().map(|told| told.body);
        all.filter(|body| body["to"] == to)
            .find(|body| body["body"].as_str().is_some_and(|text| text.contains(&line)))
    })
}

/// Who is named as unverified, in the order of the names.
fn unverified(house: &House) -> Vec<Value> {
    let found = house.run(&["doctor", "--json"]).json()["findings"].clone();
    let all = found.as_array().into_iter().flatten();
    let these = all.filter(|one| one["kind"] == "contact_unverified");
    these.map(|one| one["about"].clone()).collect()
}

/// Of one contact on one channel: the standing, and what shows it.
fn standing(house: &House, name: &str, channel: &str) -> (Value, Value) {
    let list = house.json(&["contacts"]);
    let all = list.as_array().into_iter().flatten();
    let mut ways = all
        .filter(|contact| contact["name"] == name)
        .flat_map(|contact| contact["channels"].as_array().into_iter().flatten());
    let way = ways.find(|way| way["channel"] == channel).expect("a way");
    (way["standing"].clone(), way["how"].clone())
}

#[test]
fn people_confirm_that_they_are_reached_and_doctor_stops_naming_them() {
    let sink = Sink::start();
    let mut house = House::new(&team(&sink, ANN));
    house.serve();
    assert_eq!(
        unverified(&house),
        ["ann", "bob"],
        "nobody has confirmed, and the press is not asked"
    );

    let sent = house.json(&["contacts", "verify"]);
    assert_eq!(sent["sent"].as_array().map(Vec::len), Some(3), "{sent}");
    // By the link, as a browser does it.
    let link = message(&mut house, &sink, "phone", "ann")["link"].clone();
    let path = link.as_str().and_then(|link| link.strip_prefix(PUBLIC)).expect("a link").to_owned();
    assert_eq!(house.open_door().get(&path).expect("a page").status, 200);
    assert_eq!(standing(&house, "ann", "phone").0, "never", "a look confirms nothing");
    assert_eq!(house.open_door().post(&path, &Value::Null).expect("an answer").status, 200);
    assert_eq!(standing(&house, "ann", "phone"), ("verified".into(), "test".into()));
    assert_eq!(unverified(&house), ["ann", "bob"], "her other way is open");
    // By the code in the message.
    let text = message(&mut house, &sink, "gate", "ann")["body"].clone();
    let (_, code) =
        text.as_str().and_then(|text| text.split_once("channel confirm ")).expect("a code");
    house.run_for(0, &["channel", "confirm", code.trim()]);
    assert_eq!(unverified(&house), ["bob"]);
    // By somebody's word.
    message(&mut house, &sink, "phone", "bob");
    house.run_for(0, &["contacts", "verify", "bob", "--channel", "phone", "--confirmed"]);
    assert_eq!(standing(&house, "bob", "phone"), ("verified".into(), "word".into()));
    assert_eq!(unverified(&house), [] as [Value; 0]);
    assert_eq!(house.json(&["contacts", "verify"])["sent"], Value::Array(Vec::new()));

    // It holds over a restart, and for this number only. The number itself stands nowhere in full.
    house.kill();
    house.serve();
    assert_eq!(standing(&house, "ann", "phone").0, "verified");
    let shown = house.run(&["contacts"]).stdout;
    assert!(shown.contains("…0001") && shown.contains("verified"), "{shown}");
    house.stop();
    house.configure(&team(&sink, "+81-50-0000-0009"));
    house.serve();
    assert_eq!(standing(&house, "ann", "phone").0, "changed");
    assert_eq!(unverified(&house), ["ann"]);
    let said = house.run(&["doctor"]).all();
    assert!(said.contains("phone (changed since it was confirmed)"), "{said}");
    let timeline = house.open_door().get("/api/v1/timeline?limit=1000").expect("a timeline").body;
    assert!(timeline.contains("contact_verified"), "{timeline}");
    for text in [shown, said, timeline, house.log()] {
        assert!(!text.contains(ANN) && !text.contains("0000-0009"), "{text}");
    }
}

#[test]
fn whom_nobody_knows_and_what_cannot_be_sent_is_said() {
    let sink = Sink::start();
    let mut house = House::new(&team(&sink, ANN));
    house.serve();
    let unknown = house.run_for(2, &["contacts", "verify", "dora"]);
    assert!(unknown.all().contains("there are ann, bob, press"), "{unknown:?}");
    let nowhere = house.run_for(1, &["contacts", "verify", "bob", "--channel", "gate"]);
    assert!(nowhere.all().contains("no address"), "{nowhere:?}");
    house.run_for(1, &["contacts", "verify", "bob", "--channel", "gate", "--confirmed"]);
    house.run_for(2, &["contacts", "verify", "bob", "--confirmed"]);
    assert!(house.facts_of("contact_verified").is_empty());
    assert!(sink.told().is_empty());
}

/// A token with an end lets nobody in after it, and shows when it ends before that.
#[test]
fn a_token_may_have_an_end() {
    let sink = Sink::start();
    let mut house =
        House::new(&format!("{}integrations: {{grafana: {{kind: grafana}}}}\n", team(&sink, ANN)));
    house.serve();
    house.run_for(0, &["token", "new", "grafana", "--expires", "10d"]);
    let found = house.run(&["doctor", "--json"]).json()["findings"].clone();
    let all = found.as_array().into_iter().flatten();
    let ending: Vec<_> = all.filter(|one| one["about"] == "grafana").collect();
    assert!(matches!(&ending[..], [one] if one["kind"] == "token_expiring"), "{ending:?}");
    let list = house.json(&["token", "list"]);
    assert!(list[0]["expires_at"].is_string(), "{list}");
    for wrong in ["soon", "-1d", "0s"] {
        let ran = house.run(&["token", "new", "grafana", &format!("--expires={wrong}")]);
        assert_ne!(ran.code, 0, "{wrong}");
    }
    assert_eq!(house.json(&["token", "list"]).as_array().map(Vec::len), Some(1));
}
