//! Who is on call, asked and changed on the command line; the feed for calendars, and its private address.

use crate::common::House;
use serde_json::json;

const ROTA: &str = r#"
time_zone: Asia/Tokyo
services: {web: {}}
channels: {mail: {kind: email, server: "127.0.0.1:9", tls: none, from: h@example.jp}, room: {kind: console}}
contacts:
  sato: {title: 佐藤, mail: sato@example.jp}
  suzuki: {title: Suzuki, mail: suzuki@example.jp}
calendars: {office: {country: japan}}
schedules:
  sre: {title: "SRE; 夜間", rotation: daily, people: [sato, suzuki], from: "09:00"}
  day: {people: [sato], only: business_hours}
escalation: [{on_call: sre}]
"#;

/// A45, C17: overrides and swaps have an author and a reason, and are there after a crash.
#[test]
fn who_is_on_call_is_shown_and_changed() {
    let mut house = House::new(ROTA);
    house.serve();
    let at = |house: &House, time| house.json(&["oncall", "at", time])[1]["people"].clone();
    let (first, second) = ("2098-01-06T12:00", "2098-01-07T12:00");
    let (one, other) = (at(&house, first), at(&house, second));
    assert_ne!(one, other, "they take turns");

    house.run_for(0, &["oncall", "swap", "sre", first, second, "--reason", "exam", "--by", "sato"]);
    assert_eq!((at(&house, first), at(&house, second)), (other.clone(), one.clone()));
    let listed = house.json(&["oncall", "overrides"]);
    assert_eq!(listed.as_array().map(Vec::len), Some(2), "{listed}");

    let add = ["oncall", "override", "sre", "sato,suzuki", "--for", "2h", "--reason", "launch"];
    house.run_for(0, &add);
    assert_eq!(house.json(&["oncall", "now"])[1]["people"], json!(["sato", "suzuki"]));
    house.kill();
    house.serve();
    assert_eq!(house.json(&["oncall", "now"])[1]["people"], json!(["sato", "suzuki"]));
    house.run_for(0, &["oncall", "remove", "OVR-3"]);
    assert_eq!(house.json(&["oncall", "now"])[1]["people"].as_array().map(Vec::len), Some(1));
    assert!(house.run_for(0, &["audit"]).all().contains("launch"), "who did it, and why");

    for (arguments, said) in [
        (&["oncall", "remove", "OVR-9"][..], "no override OVR-9"),
        (&["oncall", "list", "nowhere"], "no schedule nowhere"),
        (&["oncall", "at", "noon"], "is not a time"),
        (&["oncall", "override", "sre", "x", "--for", "1h", "--reason", "y"], "no contact x"),
        (&["oncall", "override", "sre", "sato", "--for", "1h", "--reason", " "], "needs a reason"),
    ] {
        let ran = house.run_for(1, arguments);
        assert!(ran.stderr.contains(said), "{arguments:?}: {ran:?}");
    }
}

#[test]
fn gaps_are_found_and_shifts_come_from_a_file() {
    let mut house = House::new(ROTA);
    house.serve();
    let found = house.json(&["oncall", "gaps", "--days", "30"]);
    let gaps = found["gaps"].as_array().expect("a list");
    assert!(gaps.iter().all(|gap| gap["schedule"] == "day") && gaps.len() >= 15, "{found}");
    assert!(found["double_bookings"].as_array().is_some_and(|all| !all.is_empty()), "{found}");

    let file = house.path().join("shifts.ics");
    let shift = |who: &str| {
        format!(
            "BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:{who}\nDTSTART;VALUE=DATE:20980106\n\
             DTEND;VALUE=DATE:20980108\nEND:VEVENT\nEND:VCALENDAR\n"
        )
    };
    let import = ["oncall", "import", "sre", file.to_str().expect("a path")];
    std::fs::write(&file, shift("Nobody")).expect("written");
    let refused = house.run_for(1, &import);
    assert!(refused.stderr.contains("shifts.ics:2: there is no contact `Nobody`"), "{refused:?}");
    std::fs::write(&file, shift("佐藤")).expect("written");
    assert_eq!(house.json(&import), json!({"imported": 1}));
    assert_eq!(house.json(&import), json!({"imported": 0}), "a file may be imported again");
    for time in ["2098-01-06T12:00", "2098-01-07T12:00"] {
        assert_eq!(house.json(&["oncall", "at", time])[1]["people"], json!(["sato"]));
    }
}

/// Whoever has the address reads the schedule; a wrong one, another schedule and a revoked one look as if nothing were there.
#[test]
fn a_feed_is_read_by_its_address_alone() {
    let mut house = House::new(ROTA);
    house.serve();
    let made = house.json(&["oncall", "feed", "sre"]);
    let path = made["path"].as_str().expect("a path").to_owned();
    let door = house.open_door();
    let get = |path: &str| {
        let answer = door.get(path).expect("an answer");
        (answer.status, answer.body)
    };
    let (status, text) = get(&path);
    assert_eq!(status, 200, "{text}");
    assert!(text.starts_with("BEGIN:VCALENDAR\r\n"), "{text}");
    assert!(text.contains("SUMMARY:SRE\\; 夜間: 佐藤\r\n"), "{text}");
    assert!(!house.log().contains(&path), "the address stands in no log");
    let facts = house.facts_of("token_issued");
    let token = path.split('/').nth(2).expect("a token");
    assert!(!serde_json::to_string(&facts).expect("JSON").contains(token), "only its digest");

    for wrong in
        [path.replace("sre.ics", "day.ics"), path.replace("hk_", "hk_0"), path.replace(".ics", "")]
    {
        assert_eq!(get(&wrong).0, 404, "{wrong}");
    }
    house.run_for(0, &["token", "revoke", "1"]);
    assert_eq!(get(&path).0, 404, "revoked");
}
