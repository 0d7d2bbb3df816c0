//! `hikeshi scan`, as a person or a script asks for it.

use crate::common::House;
use std::{fs, os::unix::fs::PermissionsExt};

/// A64: without a server, with a configuration, with a hostile name.
#[test]
fn weak_places_are_told_by_severity_and_nothing_hostile_reaches_the_terminal() {
    let house = House::new("services: {}\n");
    let tree = house.path().join("tree");
    fs::create_dir(&tree).expect("made");
    let secret = "hunter2hunter2";
    let file = tree.join("a\nb\u{1b}[31m.py");
    fs::write(&file, format!("url = 'postgres://app:{secret}@db/x'\n")).expect("written");
    let tree = tree.display().to_string();
    let ask = |code, more: &[&str]| house.run_for(code, &[&["scan", &tree], more].concat());

    let text = ask(1, &["--lang", "en"]).stdout;
    assert!(text.starts_with("high (1)\n") && text.contains(r"a\nb\u{1b}[31m.py:1: "), "{text}");
    assert!(text.contains("not run: gitleaks") || text.contains("looked: gitleaks"), "{text}");
    assert!(!text.contains('\u{1b}') && !text.contains(secret), "{text:?}");
    assert!(ask(1, &["--lang", "ja"]).stdout.starts_with("高 (1)\n"));

    let json = ask(1, &["--json"]).json();
    assert_eq!((&json["counts"]["high"], &json["findings"][0]["line"]), (&1.into(), &1.into()));
    assert!(!json.to_string().contains(secret), "{json}");
    ask(0, &["--fail-on", "critical"]);

    fs::remove_file(&file).expect("ours");
    ask(0, &[]);
    fs::set_permissions(house.config(), fs::Permissions::from_mode(0o777)).expect("ours");
    let json = ask(1, &["--json"]).json();
    assert_eq!(json["findings"][0]["rule"], "world-writable", "its own folder: {json}");
    assert_eq!(house.run(&["scan", "/nowhere/at/all"]).code, 2);
}
