//! What people silence on the command line: it is recorded, hidden, listed, and judged anew at the end.

use crate::{common::House, visitor::Visitor};

/// A service that cannot be reached: nothing listens on the port of discarded packets.
const DOWN: &str = "services: {web: {health: {url: 'http://127.0.0.1:9/', every: 1s}}}\n";

/// B7: inside a window nothing is opened, all is recorded; with its end what still burns is an incident.
#[test]
fn a_maintenance_window_hides_what_burns_until_it_ends() {
    let mut house = House::new(DOWN);
    house.serve();
    let begun = ["maint", "start", "--scope", "web", "--for", "30m", "--by", "sato"];
    let window = house.json(&begun)["id"].as_str().expect("an id").to_owned();
    let alert = house.wait("a hidden alert", |house| {
        let list = house.json(&["alert", "list"]);
        list.get(0).filter(|alert| alert["quiet"].is_object()).cloned()
    });
    assert_eq!(alert["quiet"]["silenced_by"], serde_json::json!([window]), "{alert}");
    assert!(alert["signals"].is_null(), "{alert}");
    assert_eq!(house.json(&["incident", "list"]), serde_json::json!([]));
    let listed = house.json(&["maint", "list"]);
    assert_eq!((&listed[0]["hides"], &listed[0]["created_by"]), (&1.into(), &"sato".into()));
    assert_eq!(listed[0]["services"], serde_json::json!(["web"]), "{listed}");

    house.run_for(0, &["maint", "end"]);
    house.wait("an incident", |house| house.json(&["incident", "list"]).get(0).cloned());
    assert!(house.json(&["alert", "list"])[0]["quiet"].is_null());
    assert_eq!(house.json(&["maint", "list"]), serde_json::json!([]));
    assert_eq!(house.json(&["maint", "list", "--all"])[0]["state"], "expired");
}

#[test]
fn a_silence_is_made_listed_and_ended() {
    let mut house = House::new("services: {web: {}}\n");
    house.serve();
    let add = |matcher, length, comment| {
        ["silence", "add", matcher, "--for", length, "--comment", comment]
    };
    let made = house.json(&add("alertname=\"Slow\", host=~\"web-.*\"", "2h", "known"));
    let id = made["id"].as_str().expect("an id");
    let listed = house.json(&["silence", "list"]);
    assert_eq!(
        listed[0]["matchers"],
        serde_json::json!(["alertname=\"Slow\"", "host=~\"web-.*\""])
    );
    assert_eq!(listed[0]["state"], "active", "{listed}");
    house.run_for(0, &["silence", "expire", &id[..8]]);
    assert_eq!(house.json(&["silence", "list"]), serde_json::json!([]));
    let again = house.run_for(1, &["silence", "expire", id]);
    assert!(again.stderr.contains("already expired"), "{again:?}");

    for (arguments, said) in [
        (&add("severity=~\".*\"", "1h", "everything")[..], "cover everything"),
        (&add("alertname=\"Slow\"", "1h", " "), "comment missing"),
        (&add("alertname=\"Slow\"", "soon", "why"), "is not a duration"),
        (&add("alertname=\"Slow\"", "0s", "why"), "end time"),
        (&add("alertname=\"Slow", "1h", "why"), "a closing quote is missing"),
        (&["maint", "start", "--scope", "wbe", "--for", "1h"], "service wbe is not in"),
        (&["maint", "end"], "there is none"),
    ] {
        let ran = house.run_for(1, arguments);
        assert!(ran.stderr.contains(said), "{arguments:?}: {ran:?}");
    }
}

/// The same on a page: a silence by its matchers, a window by its services, both ended there.
#[test]
fn what_is_quiet_is_seen_made_and_ended_on_a_page() {
    let mut house = House::new("services: {web: {title: 'W <b>'}, db: {}}\n");
    house.serve();
    let sato = Visitor::signed_in(&house, "sato", "responder");
    let viewer = Visitor::signed_in(&house, "gast", "viewer");
    let page = sato.get("/silences?matchers=alertname%3D%22Slow%22");
    assert!(page.body.contains("value=\"alertname=&#34;Slow&#34;\""), "{page:?}");
    let csrf = page.csrf();
    let make = |fields: &[(&str, &str)]| {
        let mut form = vec![("csrf", csrf.as_str()), ("minutes", "60")];
        form.extend_from_slice(fields);
        sato.post("/silences", &form).status
    };
    let slow = [("kind", "silence"), ("matchers", "alertname=\"Slow\""), ("comment", "<i>known")];
    assert_eq!(make(&slow), 303);
    let from = "2099-01-02T03:04";
    let work = [("kind", "maintenance"), ("service", "web"), ("service", "db")];
    assert_eq!(make(&[&work[..], &[("comment", "disks"), ("from", from)]].concat()), 303);
    let listed = house.json(&["silence", "list"]);
    let plain = listed.as_array().and_then(|all| all.iter().find(|one| one["kind"] == "silence"));
    let plain = plain.expect("a silence");
    assert_eq!((&plain["created_by"], &plain["state"]), (&"sato".into(), &"active".into()));
    let window = &house.json(&["maint", "list"])[0];
    assert_eq!(window["services"], serde_json::json!(["web", "db"]), "{window}");
    // As it was written, in the zone of the configuration.
    assert_eq!(window["starts_at"], "2099-01-01T18:04:00Z", "{window}");
    let page = sato.get("/silences").body;
    assert!(page.contains("W &#60;b&#62;, db") && page.contains("&#60;i&#62;known"), "{page}");
    for bad in [
        &[("kind", "silence"), ("matchers", "severity=~\".*\""), ("comment", "all")][..],
        &[("kind", "silence"), ("matchers", "a=\"b\""), ("comment", "")],
        &[("kind", "maintenance"), ("comment", "none")],
        &[("kind", "maintenance"), ("service", "wbe"), ("comment", "typo")],
    ] {
        assert!((400..500).contains(&make(bad)), "{bad:?}");
    }
    let end = format!("/silences/{}/end", plain["id"].as_str().expect("an id"));
    let seen = viewer.get("/silences").body;
    assert!(
        seen.contains("known") && !seen.contains("<form method=\"post\" action=\"/sil"),
        "{seen}"
    );
    assert_eq!(sato.post(&end, &[("csrf", csrf.as_str())]).status, 303);
    assert_eq!(house.json(&["silence", "list"]).as_array().map(Vec::len), Some(1));
    assert_eq!(sato.post(&end, &[("csrf", csrf.as_str())]).status, 409, "it is over already");
}
