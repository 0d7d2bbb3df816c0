//! B36 to B38: people say what an alert was, on the page, on the command line, over the API; the last word counts.

use crate::{common::House, visitor::Visitor};
use serde_json::json;

/// A service that cannot be reached: nothing listens on the port of discarded packets.
const DOWN: &str = "services: {web: {health: {url: 'http://127.0.0.1:9/', every: 1s}}}\n";

#[test]
fn the_last_word_about_an_alert_counts_and_has_a_name() {
    let mut house = House::new(DOWN);
    house.serve();
    let sato = Visitor::signed_in(&house, "sato", "responder");
    let viewer = Visitor::signed_in(&house, "gast", "viewer");
    house.wait("an alert", |house| house.json(&["alert", "list"]).get(0).cloned());
    let page = sato.get("/alerts?q=web&all=1");
    assert!(page.body.contains("id=\"A1\"") && page.body.contains("value=\"noise\""), "{page:?}");
    let csrf = page.csrf();
    let say = |word: &str, back: &str| {
        let form = [("csrf", csrf.as_str()), ("label", word), ("back", back)];
        sato.post("/alerts/A1/label", &form)
    };
    let back = "/alerts?q=web&all=1";
    let answer = say("false", back);
    assert_eq!((answer.status, answer.header("location")), (303, "/alerts?q=web&all=1#A1"));
    assert_eq!(house.json(&["alert", "list"])[0]["label"], "false");
    let pressed = sato.get(back).body;
    assert!(pressed.contains("value=\"none\" aria-pressed=\"true\""), "{pressed}");
    // Nobody is led elsewhere, and what is no word is refused.
    assert_eq!(say("true", "//evil.example").header("location"), "/#A1");
    assert_eq!(say("maybe", back).status, 400);
    // Who may only look cannot say it.
    let seen = viewer.get("/alerts").body;
    assert!(!seen.contains("/alerts/A1/label"), "{seen}");

    house.run_for(0, &["alert", "label", "service_down@web", "noise"]);
    assert_eq!(house.json(&["alert", "show", "A1"])["label"], "noise");
    house.run_for(0, &["alert", "label", "A1", "none"]);
    assert_eq!(house.json(&["alert", "show", "A1"])["label"], json!(null));
    house.run_for(1, &["alert", "label", "A99", "true"]);
    let facts = house.facts_of("alert_labelled");
    let words: Vec<_> = facts.iter().map(|entry| entry["fact"]["label"].clone()).collect();
    assert_eq!(words, [json!("false"), json!("true"), json!("noise"), json!(null)]);
    assert_eq!(facts[0]["fact"]["by"]["person"], "sato");
}
