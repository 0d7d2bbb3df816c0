//! Clocks, roles, measures, the digest and the closing of what people opened, on the command line.

use crate::common::House;
use serde_json::{Value, json};

const YAML: &str = "\
services: {web: {title: Web}}
channels:
  mail: {kind: email, server: \"127.0.0.1:9\", tls: none, from: hikeshi@shop.example}
  chat: {kind: console}
contacts:
  sato: {title: Sato, mail: sato@shop.example}
  mori: {title: Mori, mail: mori@shop.example}
clocks: {respond_within: {P1: 1 business day}}
";

/// A10, A14, C3: what programs read of the deadlines of an incident.
#[test]
fn an_incident_has_its_deadlines_with_their_sources() {
    let mut house = House::new(YAML);
    house.serve();
    for (number, priority, minutes) in [("1", "P3", 1440), ("2", "P2", 240), ("3", "P0", 5)] {
        house.run_for(0, &["incident", "open", "--title", "typo", "--priority", priority]);
        let deadlines = &house.json(&["incident", "show", number])["deadlines"];
        assert_eq!(deadlines["respond_minutes"], minutes, "{deadlines}");
    }
    house.run_for(0, &["incident", "open", "--title", "slow", "--priority", "P1"]);
    let deadlines = house.json(&["incident", "show", "4"])["deadlines"].clone();
    let clocks = deadlines["clocks"].as_array().expect("clocks").clone();
    let of = |clock: &str| clocks.iter().find(|one| one["clock"] == clock).expect("is there");
    let sources = &of("respond")["sources"];
    assert_eq!(sources[0]["from"], "team", "{deadlines}");
    assert_eq!(sources[0]["what"], "clocks.respond_within.P1");
    assert_eq!(sources[0]["within"], json!({"ja": "1営業日", "en": "1 business day"}));
    assert_eq!(of("recover")["sources"][0]["from"], "document_a");
    // It was told on the console.
    let met = house.wait("the first notice", |house| {
        let view = house.json(&["incident", "show", "4"]);
        let clock = view["deadlines"]["clocks"][0].clone();
        (clock["state"] == "met").then_some(clock)
    });
    assert_eq!((&met["clock"], &met["minutes"]), (&json!("first_notice"), &json!(15)));
    let text = house.run_for(0, &["incident", "show", "4"]).stdout;
    assert!(text.contains("respond by") && text.contains("the team"), "{text}");
    let japanese = house.run_for(0, &["incident", "show", "4", "--lang", "ja"]).stdout;
    assert!(
        japanese.contains("対応期限") && japanese.contains("1営業日: チームの設定"),
        "{japanese}"
    );
    let metrics = house.open_door().get("/metrics").expect("an answer").body;
    assert!(metrics.contains("hikeshi_clocks_total{clock=\"respond\",result=\"missed\"}"));
}

/// A25: roles are given, handed over and refused.
#[test]
fn roles_are_given_and_handed_over() {
    let mut house = House::new(YAML);
    house.serve();
    house.run_for(0, &["incident", "open", "--title", "slow", "--priority", "P1"]);
    assert_eq!(house.json(&["incident", "show", "1"])["roles"], json!({}));
    house.run_for(0, &["incident", "ack", "latest", "--by", "sato"]);
    assert_eq!(house.json(&["incident", "show", "1"])["roles"], json!({"commander": "sato"}));
    let assign = ["incident", "assign", "latest"];
    house.run_for(0, &[&assign[..], &["指揮", "mori", "--by", "sato"]].concat());
    house.run_for(0, &[&assign[..], &["scribe", "kato", "--by", "kato"]].concat());
    let roles = house.json(&["incident", "show", "1"])["roles"].clone();
    assert_eq!(roles, json!({"commander": "mori", "scribe": "kato"}));
    for (role, name, said) in [
        ("scribe", "nobody", "there is no contact nobody; there are: mori, sato"),
        ("chef", "mori", "`chef` is no role"),
        ("commander", "mori", "mori is commander of INC-1 already"),
    ] {
        let refused = house.run_for(1, &[&assign[..], &[role, name]].concat());
        assert!(refused.stderr.contains(said), "{refused:?}");
    }
    let text = house.run_for(0, &["incident", "show", "1"]).stdout;
    assert!(text.contains("commander: mori") && text.contains("sato → mori (sato)"), "{text}");
    assert_eq!(house.facts_of("role_assigned").len(), 2);
}

/// A35, A53, A69: a P0 by hand, the reason for closing it, and measures before and after that.
#[test]
fn what_people_opened_is_closed_with_a_reason_and_gets_measures() {
    let mut house = House::new(YAML);
    house.serve();
    house.run_for(0, &["incident", "open", "--title", "double payments", "--priority", "P0"]);
    let measure = ["incident", "measure", "1"];
    let planned = ["watch payments", "--owner", "sre", "--due", "2020-01-31", "--by", "sato"];
    house.run_for(0, &[&measure[..], &planned].concat());
    let close = ["incident", "close", "1", "--cause", "a double submit", "--by", "sato"];
    let refused = house.run_for(1, &close);
    assert!(refused.stderr.contains("it has no recovery checklist"), "{refused:?}");
    house.run_for(0, &[&close[..], &["--unverified", "the bank confirmed it"]].concat());
    house.run_for(0, &[&measure[..], &["update the manual"]].concat());
    house.run_for(0, &["measure", "done", "M-2", "--by", "mori"]);
    house.run_for(1, &["measure", "done", "M-2"]);
    let refused = house.run_for(1, &["incident", "measure", "7", "x"]);
    assert!(refused.stderr.contains("there is no incident INC-7"), "{refused:?}");

    let view = house.json(&["incident", "show", "1"]);
    assert_eq!(view["closed_unverified"], "the bank confirmed it", "{view}");
    let measures = &view["measures"];
    assert_eq!((&measures[0]["owner"], &measures[0]["done_at"]), (&json!("sre"), &Value::Null));
    assert_eq!(measures[1]["done_by"], json!({"person": "mori"}));
    let open = house.json(&["measure", "list", "--overdue"]);
    assert_eq!((&open[0]["id"], &open[0]["overdue"]), (&json!(1), &json!(true)), "{open}");
    let text = house.run_for(0, &["incident", "show", "1"]).stdout;
    assert!(text.contains("M-1 watch payments (sre, 2020-01-31, open)"), "{text}");

    // A48: the digest has it until somebody is done with it.
    let digest = house.json(&["digest"]);
    let subject = digest["subject"].as_str().expect("a subject");
    assert!(subject.starts_with("[daily] "), "{digest}");
    assert!(digest["body"].as_str().is_some_and(|body| body.contains("M-1 watch payments")));
    assert_eq!(digest["channels"], json!(["mail"]), "the team's mail, where P3 has no route");
    house.run_for(0, &["measure", "done", "1"]);
    let digest = house.run_for(0, &["digest"]).stdout;
    assert!(!digest.contains("M-1"), "{digest}");
}
