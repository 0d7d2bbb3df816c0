//! Stories of a file that cannot be trusted: it is set aside, and hikeshi goes on without what was in it.

mod common;

use common::*;
use rusqlite::Connection;
use samples::{Keep, Samples, SamplesError};
use std::{
    fs::{self, OpenOptions},
    io::{Seek, SeekFrom, Write},
    path::Path,
};

/// Opens the samples, records, and finds only that.
fn begins_anew(folder: &Path) {
    let samples = Samples::open(folder, Keep::default()).expect("opens");
    assert_eq!(samples.reader().series().expect("reads"), []);
    samples.record(&memory(), second(0), 1.0).expect("is taken");
    samples.flush().expect("is kept");
    assert_eq!(samples.reader().series().expect("reads").len(), 1);
}

/// Writes garbage over all pages but the first, as a disk does.
fn scratch(file: &Path) {
    let length = fs::metadata(file).expect("is there").len();
    let mut file = OpenOptions::new().write(true).open(file).expect("opens");
    file.seek(SeekFrom::Start(4096)).expect("seeks");
    file.write_all(&vec![0xa5; usize::try_from(length - 4096).expect("is small")]).expect("writes");
}

#[test]
fn garbage_is_set_aside() {
    let folder = tempfile::tempdir().expect("a folder");
    for _ in 0..2 {
        fs::write(folder.path().join("samples.db"), "no database ".repeat(1000)).expect("written");
        begins_anew(folder.path());
    }
    let aside = files(folder.path(), "samples.db.damaged");
    assert_eq!(aside, ["samples.db.damaged-1", "samples.db.damaged-2"]);
}

#[test]
fn another_programs_database_is_set_aside_whole() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("samples.db");
    let other = Connection::open(&file).expect("opens");
    other
        .execute_batch("create table recipes (name text); insert into recipes values ('soba');")
        .expect("writes");
    drop(other);
    begins_anew(folder.path());
    let aside = Connection::open(folder.path().join("samples.db.damaged-1")).expect("opens");
    let name: String =
        aside.query_row("select name from recipes", [], |row| row.get(0)).expect("is whole");
    assert_eq!(name, "soba");
}

#[test]
fn another_layout_is_set_aside() {
    let shelf = Shelf::new();
    shelf.keep(&memory(), [(second(0), 1.0)]);
    let file = shelf.file();
    let Shelf { folder, samples } = shelf;
    drop(samples);
    Connection::open(&file)
        .expect("opens")
        .execute_batch("pragma user_version = 99")
        .expect("writes");
    let said = samples::Reader::open(folder.path()).expect_err("is none of this version");
    assert!(matches!(said, SamplesError::Foreign { .. }), "{said}");
    begins_anew(folder.path());
}

#[test]
fn no_more_than_nine_files_are_set_aside() {
    let folder = tempfile::tempdir().expect("a folder");
    for _ in 0..11 {
        fs::write(folder.path().join("samples.db"), "no database ".repeat(100)).expect("written");
        drop(Samples::open(folder.path(), Keep::default()).expect("opens"));
    }
    assert_eq!(files(folder.path(), "samples.db.damaged").len(), 9);
}

#[test]
fn an_empty_file_is_begun() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("samples.db"), "").expect("written");
    begins_anew(folder.path());
    assert!(files(folder.path(), "samples.db.damaged").is_empty());
}

#[test]
fn damage_that_is_met_while_writing_costs_what_was_in_the_file_and_nothing_later() {
    let shelf = Shelf::new();
    shelf.keep(&memory(), (0..20_000).map(|n| (second(n), 0.1 * n as f64)));
    let file = shelf.file();
    let shelf = shelf.reopened();
    scratch(&file);
    // The start noticed it, or the first batch does.
    shelf.samples.record(&memory(), second(30_000), 1.0).expect("is taken");
    let said = shelf.samples.flush().expect_err("is damaged").to_string();
    assert!(said.contains("set aside"), "{said}");
    assert_eq!(shelf.samples.dropped(), 1);
    shelf.keep(&memory(), [(second(30_001), 2.0)]);
    let latest = shelf.reader().latest(&memory()).expect("reads").expect("is there");
    assert_eq!((latest.value, shelf.samples.fault()), (2.0, None));
    assert!(
        files(shelf.folder.path(), "samples.db.damaged").contains(&"samples.db.damaged-1".into())
    );
}

#[test]
fn damage_that_a_question_meets_is_mended_by_the_writer() {
    let shelf = Shelf::new();
    shelf.keep(&memory(), [(second(0), 1.0)]);
    let raw = Connection::open(shelf.file()).expect("opens");
    raw.execute("update series set last_value = 'many'", []).expect("writes");
    drop(raw);
    let said = shelf.reader().latest(&memory()).expect_err("is damaged");
    assert!(matches!(said, SamplesError::Damaged { .. }), "{said}");
    shelf.samples.record(&errors(), second(1), 1.0).expect("is taken");
    assert!(shelf.samples.flush().is_err());
    shelf.keep(&errors(), [(second(2), 2.0)]);
    assert_eq!(shelf.reader().series().expect("reads").len(), 1);
    assert_eq!(shelf.reader().latest(&memory()), Ok(None));
}

#[test]
fn a_disk_that_fails_for_a_while_costs_that_while() {
    let shelf = Shelf::new();
    shelf.keep(&memory(), [(second(0), 1.0)]);
    // Somebody holds the file for longer than anyone waits.
    let other = Connection::open(shelf.file()).expect("opens");
    other.execute_batch("begin exclusive").expect("locks");
    shelf.samples.record(&memory(), second(1), 2.0).expect("is taken");
    let said = shelf.samples.flush().expect_err("is locked");
    assert!(matches!(said, SamplesError::Storage { .. }), "{said}");
    assert_eq!((shelf.samples.dropped(), shelf.samples.fault()), (1, Some(said)));
    other.execute_batch("rollback").expect("lets go");
    shelf.keep(&memory(), [(second(2), 3.0)]);
    assert_eq!(shelf.curve(&memory(), 0, 60, 60)[0].count, 2);
}
