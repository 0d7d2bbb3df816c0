//! Alerts are judged at a desk, with keys.

use crate::{
    common::House,
    driver::{self, Browser, DESK, Manner},
    town,
};

/// B36: an alert is judged with one key, and the same key takes it back; nothing else is touched.
#[test]
fn an_alert_is_judged_with_one_key() {
    if !driver::is_there() {
        return;
    }
    let mut house = town::house();
    house.serve();
    let browser = Browser::start(Manner { language: "en", ..DESK });
    town::sign_in(&house, &browser, "佐藤", "responder");
    house.kill_service("web");
    house.wait("an alert", |house| house.json(&["alert", "list"]).get(0).cloned());
    browser.open(&format!("http://{}/alerts", house.door()));
    browser.wait("an alert", |browser| browser.find("#A1"));
    let label = |house: &House| house.json(&["alert", "show", "A1"])["label"].clone();
    browser.keys("j");
    for (key, said) in
        [("f", "false".into()), ("x", "noise".into()), ("x", serde_json::Value::Null)]
    {
        browser.keys(key);
        house.wait(key, |house| (label(house) == said).then_some(()));
        // The page came anew: whoever goes on is at the same alert.
        let is_at = "return document.readyState === 'complete' && document.activeElement.id";
        browser.wait("the same alert", |browser| (browser.ask(is_at) == "A1").then_some(()));
    }
    assert_eq!(browser.complaints(), Vec::<String>::new());
}
