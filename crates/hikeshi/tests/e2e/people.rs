//! What people do with incidents on the command line, and what they are refused.

use crate::common::House;

#[test]
fn an_incident_is_opened_taken_noted_and_closed() {
    let mut house = House::new("services: {web: {title: Web}}\n");
    house.serve();
    let opened =
        ["incident", "open", "--title", "logins fail", "--priority", "p2", "--service", "web"];
    house.run_for(0, &opened);
    let list = house.json(&["incident", "list"]);
    assert_eq!(list.as_array().map(Vec::len), Some(1), "{list}");
    assert_eq!(list[0]["title"], "logins fail");
    assert_eq!(list[0]["priority"], "P2");

    house.run_for(0, &["incident", "ack", "latest", "--by", "sato"]);
    let again = house.run_for(1, &["incident", "ack", "INC-1", "--by", "suzuki"]);
    assert!(again.stderr.contains("already acknowledged by sato"), "{again:?}");
    house.run_for(0, &["incident", "note", "1", "looking at the login service", "--by", "sato"]);
    let empty = house.run_for(1, &["incident", "note", "1", "  "]);
    assert!(empty.stderr.contains("the note is empty"), "{empty:?}");

    // A21: a change of priority needs its reason.
    let raised = ["incident", "priority", "1", "P1", "--reason"];
    house.run_for(1, &[&raised[..], &[""]].concat());
    house.run_for(0, &[&raised[..], &["half of the users"]].concat());

    // A68: a P1 is not closed without its cause.
    let refused = house.run_for(1, &["incident", "close", "latest"]);
    assert_eq!(refused.stdout, "");
    assert!(refused.stderr.contains("needs a root cause"), "{refused:?}");
    let japanese = house.run_for(1, &["incident", "close", "latest", "--lang", "ja"]);
    assert!(japanese.stderr.contains("根本原因が必要です"), "{japanese:?}");
    let cause = ["--cause", "expired certificate", "--process", "no reminder", "--human", "none"];
    house.run_for(0, &[&["incident", "close", "latest"][..], &cause].concat());

    let view = house.json(&["incident", "show", "1"]);
    assert_eq!(view["state"], "closed", "{view}");
    assert_eq!(view["root_cause"]["technical"], "expired certificate", "{view}");
    for time in ["occurred", "detected", "acknowledged", "recovered", "closed"] {
        assert!(view["times"][time].is_string(), "{time}: {}", view["times"]);
    }
    let kinds: Vec<_> = view["timeline"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|entry| entry["kind"].clone())
        .collect();
    for kind in ["detected", "classified", "acknowledged", "noted", "recovered", "closed"] {
        assert!(kinds.iter().any(|found| found == kind), "{kind}: {kinds:?}");
    }
    let text = house.run_for(0, &["incident", "show", "1"]).stdout;
    assert!(text.contains("looking at the login service") && text.contains("sato"), "{text}");
    assert_eq!(house.json(&["incident", "list"]), serde_json::json!([]));
    assert_eq!(house.json(&["incident", "list", "--all"])[0]["state"], "closed");
}

#[test]
fn what_is_not_there_is_said_and_is_exit_code_1() {
    let mut house = House::new("services: {web: {}}\n");
    house.serve();
    for (arguments, said) in [
        (&["incident", "show", "99"][..], "there is no incident INC-99"),
        (&["incident", "ack", "99"], "there is no open incident INC-99"),
        (&["incident", "show", "../../etc"], ""),
        (&["alert", "show", "A7"], "there is no alert"),
        (&["runbook", "show", "nothing"], "there is no runbook nothing"),
        (&["runbook", "run", "nothing", "--service", "web"], "there is no runbook nothing"),
        (&["service", "status", "nothing"], "there is no service nothing"),
        (&["service", "restart", "nothing", "--yes"], "nothing"),
        (&["recover", "--yes"], "there is nothing to recover"),
        (&["incident", "open", "--title", "x", "--service", "nothing"], "service nothing"),
    ] {
        let ran = house.run_for(1, arguments);
        assert!(ran.stderr.contains(said), "{arguments:?}: {ran:?}");
        assert_eq!(ran.stdout, "", "{arguments:?}");
    }
}

/// Text from people is data: it reaches the terminal without control characters and JSON as it is.
#[test]
fn hostile_text_from_people_is_only_text() {
    let mut house = House::new("services: {web: {}}\n");
    house.serve();
    let title = "\u{1b}]0;owned\u{7}\u{1b}[2J $(touch /tmp/owned) '; drop table frames; --";
    house.run_for(0, &["incident", "open", "--title", title]);
    for arguments in [&["incident", "list"][..], &["incident", "show", "1"], &["journal", "show"]] {
        let ran = house.run_for(0, arguments);
        let is_bad = |c: char| c.is_control() && c != '\n';
        assert!(!ran.all().contains(is_bad), "{arguments:?}: {ran:?}");
        assert!(ran.stdout.contains("$(touch /tmp/owned)"), "{arguments:?}: {ran:?}");
    }
    assert_eq!(house.json(&["incident", "list"])[0]["title"], title);
    assert_eq!(house.json(&["journal", "verify"])["ok"], true);
    // A name that is no name is refused before it is written anywhere.
    house.run_for(1, &["incident", "ack", "1", "--by", "\u{1b}[31m"]);
}

/// The socket is for this user alone, and so is the folder around it (A87's spirit).
#[test]
fn only_the_owner_may_act() {
    use std::os::unix::fs::PermissionsExt;
    let mut house = House::new("services: {web: {}}\n");
    house.serve();
    let mode = |path: &std::path::Path| {
        std::fs::metadata(path).expect("there").permissions().mode() & 0o777
    };
    assert_eq!(mode(&house.data()), 0o700);
    assert_eq!(mode(&house.data().join("hikeshi.sock")), 0o600);
}
