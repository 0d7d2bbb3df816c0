//! Files that this version did not write: a clear error, exit code 2, and nothing is touched.

use crate::common::House;
use rusqlite::Connection;
use std::{fs, path::Path};

fn house_with(make: impl FnOnce(&Path)) -> House {
    let house = House::new("services: {web: {}}\n");
    fs::create_dir_all(house.data()).expect("a folder");
    make(&house.data().join("journal.db"));
    house
}

fn is_refused(house: &House, said: &str) {
    let file = house.data().join("journal.db");
    let before = fs::read(&file).expect("there");
    for arguments in [&["serve"][..], &["journal", "verify"], &["journal", "show"]] {
        let ran = house.run_for(2, arguments);
        assert_eq!(ran.stdout, "", "{arguments:?}");
        assert!(ran.stderr.contains(said), "{arguments:?}: {ran:?}");
        assert!(ran.stderr.contains("journal.db"), "the file is named: {ran:?}");
        assert_eq!(fs::read(&file).expect("there"), before, "{arguments:?} touches nothing");
    }
}

#[test]
fn a_journal_from_another_version_is_refused() {
    let house = house_with(|file| {
        let other = Connection::open(file).expect("a database");
        let text = "create table frames (first integer primary key, count integer, facts text);
            pragma application_id = 0x68696b65; pragma user_version = 99;";
        other.execute_batch(text).expect("written");
    });
    is_refused(&house, "layout 99, this version reads 1");
    let ran = house.run_for(2, &["journal", "verify"]);
    assert!(ran.stderr.contains("use the version that wrote it"), "{ran:?}");
}

#[test]
fn a_database_of_another_program_is_refused() {
    let house = house_with(|file| {
        let other = Connection::open(file).expect("a database");
        other.execute_batch("create table orders (id integer primary key);").expect("written");
    });
    is_refused(&house, "another program's database");
}

#[test]
fn a_file_that_is_no_database_is_refused() {
    let house = house_with(|file| fs::write(file, "dear diary\n".repeat(1000)).expect("written"));
    is_refused(&house, "not a database");
}

/// A fact that a broken disk has changed is found, and its place is named.
#[test]
fn a_damaged_frame_is_found() {
    let mut house = House::new("services: {web: {}}\n");
    house.serve();
    house.run_for(0, &["incident", "open", "--title", "before"]);
    house.kill();
    let journal = Connection::open(house.data().join("journal.db")).expect("our journal");
    let text = "update frames set facts = replace(facts, '\"fact\"', '\"tcaf\"') where first > 0";
    assert!(journal.execute(text, []).expect("changed") > 0);
    drop(journal);
    let ran = house.run_for(1, &["journal", "verify"]);
    assert!(ran.stderr.contains("the frame at position"), "{ran:?}");
    let ran = house.run_for(2, &["serve"]);
    assert!(ran.stderr.contains("restore the file from a backup"), "{ran:?}");
}

#[test]
fn a_journal_that_is_not_there_is_named() {
    let house = House::new("services: {web: {}}\n");
    let ran = house.run_for(2, &["journal", "show"]);
    assert!(ran.stderr.contains("journal.db"), "{ran:?}");
    assert!(!house.data().exists(), "looking makes nothing");
}
