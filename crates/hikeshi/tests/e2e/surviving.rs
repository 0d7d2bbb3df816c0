//! hikeshi is killed: what it started lives on and is found again, what was written stays.

use crate::common::House;
use std::fs;

const TWO: &str =
    "services: {one: {command: [sleep, \"1000\"]}, two: {command: [sleep, \"1000\"]}}\n";

#[test]
fn services_outlive_a_killed_server_and_are_adopted_not_started_twice() {
    let mut house = House::new(TWO);
    house.serve();
    let before = (house.service("one"), house.service("two"));
    assert!(before.0.is_some() && before.1.is_some());
    for _ in 0..3 {
        house.kill();
        assert_eq!((house.service("one"), house.service("two")), before, "they live on");
        house.serve();
        assert_eq!((house.service("one"), house.service("two")), before, "adopted");
        assert_eq!(house.processes_of("").len(), 2, "none was started twice");
    }
    // A record that was lost on the way is found again by its mark.
    house.kill();
    fs::write(house.data().join("services/one.json"), "{\"identity\":{\"pid\"").expect("torn");
    house.serve();
    assert_eq!(house.service("one"), before.0, "found by its mark");
    assert_eq!(house.processes_of("").len(), 2);
}

#[test]
fn services_end_with_the_server_where_that_is_wished() {
    let mut house = House::new(&format!("{TWO}stop_services_on_exit: true\n"));
    house.serve();
    assert_eq!(house.processes_of("").len(), 2);
    house.stop();
    assert_eq!(house.processes_of(""), [0_u32; 0]);
}

#[test]
fn an_acknowledged_incident_is_there_after_a_kill() {
    let mut house = House::new("services: {a: {}, b: {}, c: {}, d: {}, e: {}}\n");
    house.serve();
    let services = ["a", "b", "c", "d", "e"];
    for service in services {
        let title = format!("{service} is odd");
        house.run_for(0, &["incident", "open", "--title", &title, "--service", service]);
        house.kill();
        house.serve();
    }
    let list = house.json(&["incident", "list"]);
    let titles: Vec<_> =
        list.as_array().into_iter().flatten().map(|incident| incident["title"].clone()).collect();
    for service in services {
        assert!(titles.contains(&format!("{service} is odd").into()), "{titles:?}");
    }
    assert_eq!(house.json(&["journal", "verify"])["ok"], true);
    house.run_for(0, &["incident", "ack", "INC-1"]);
}

/// A power cut in the middle of a write: the torn end was never acknowledged; everything before it is there.
#[test]
fn a_torn_last_record_costs_nothing_that_came_before() {
    let mut house = House::new(TWO);
    house.serve();
    house.run_for(0, &["incident", "open", "--title", "kept"]);
    house.kill();
    let whole = house.facts();
    house.serve();
    house.run_for(0, &["incident", "open", "--title", "torn"]);
    house.kill();
    let log = house.data().join("journal.db-wal");
    let bytes = fs::read(&log).expect("the write-ahead log is there after a kill");
    fs::write(&log, &bytes[..bytes.len() - 100]).expect("torn");

    let ran = house.run_for(0, &["journal", "verify"]);
    assert!(ran.stdout.starts_with("whole: "), "{ran:?}");
    assert_eq!(house.facts()[..whole.len()], whole, "what came before is untouched");
    house.serve();
    assert_eq!(house.json(&["incident", "show", "1"])["title"], "kept");
    house.run_for(0, &["incident", "note", "1", "and it goes on"]);
    assert_eq!(house.json(&["journal", "verify"])["ok"], true);
}
