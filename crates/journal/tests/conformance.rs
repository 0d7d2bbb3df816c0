//! One suite that every back end runs: the contract of the journal as stories.

use domain::{
    fact::{Fact, Recorded},
    ids::AlertKey,
};
use jiff::Timestamp;
use journal::{Entry, Journal, JournalError, MemoryJournal, SqliteJournal, SqliteReader};

fn fact(name: &str) -> Recorded {
    Recorded {
        at: Timestamp::UNIX_EPOCH,
        fact: Fact::AlertDropped { key: AlertKey::new("r", name) },
    }
}

fn names(entries: &[Entry]) -> Vec<String> {
    let name = |entry: &Entry| match &entry.recorded.fact {
        Fact::AlertDropped { key } => format!("{}:{}", entry.position, key.service),
        other => panic!("unexpected {other:?}"),
    };
    entries.iter().map(name).collect()
}

fn facts_come_back_in_order_from_any_position(journal: &mut dyn Journal) {
    assert_eq!(journal.append(0, &[fact("a"), fact("b")]).expect("appends"), 2);
    assert_eq!(journal.append(2, &[fact("c")]).expect("appends"), 3);
    assert_eq!(names(&journal.read(0, 100).expect("reads")), ["0:a", "1:b", "2:c"]);
    assert_eq!(names(&journal.read(1, 100).expect("reads from inside a frame")), ["1:b", "2:c"]);
    assert!(journal.read(3, 100).expect("reads the end").is_empty());
}

fn a_writer_that_lost_count_is_refused_and_nothing_is_written(journal: &mut dyn Journal) {
    let end = journal.append(journal.end(), &[fact("x")]).expect("appends");
    let refused = journal.append(end - 1, &[fact("y")]);
    assert!(matches!(refused, Err(JournalError::Conflict { actual, .. }) if actual == end));
    assert_eq!(journal.end(), end);
}

fn an_empty_commit_changes_nothing(journal: &mut dyn Journal) {
    let end = journal.end();
    assert_eq!(journal.append(end, &[]).expect("appends nothing"), end);
}

fn the_newest_snapshot_wins(journal: &mut dyn Journal) {
    assert!(journal.load_snapshot().expect("loads").is_none());
    journal.append(0, &[fact("a"), fact("b")]).expect("appends");
    journal.save_snapshot(1, &mut |out| out.write_all(b"one")).expect("saves");
    journal.save_snapshot(2, &mut |out| out.write_all(b"two")).expect("saves");
    assert_eq!(journal.load_snapshot().expect("loads"), Some((2, b"two".to_vec())));
}

fn suite(make: impl Fn(&std::path::Path) -> Box<dyn Journal>) {
    let stories: [fn(&mut dyn Journal); 4] = [
        facts_come_back_in_order_from_any_position,
        a_writer_that_lost_count_is_refused_and_nothing_is_written,
        an_empty_commit_changes_nothing,
        the_newest_snapshot_wins,
    ];
    for story in stories {
        let folder = tempfile::tempdir().expect("a folder");
        story(&mut *make(&folder.path().join("journal.db")));
    }
}

#[test]
fn memory_keeps_the_contract() {
    suite(|_| Box::new(MemoryJournal::default()));
}

#[test]
fn sqlite_keeps_the_contract() {
    suite(|file| Box::new(SqliteJournal::open(file).expect("opens")));
}

#[test]
fn what_was_appended_is_there_after_the_process_is_gone() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("journal.db");
    let mut journal = SqliteJournal::open(&file).expect("opens");
    journal.append(0, &[fact("a")]).expect("appends");
    // No close, no checkpoint: what SIGKILL leaves behind.
    std::mem::forget(journal);
    let again = SqliteJournal::open(&file).expect("opens again");
    assert_eq!(names(&again.read(0, 10).expect("reads")), ["0:a"]);
}

#[test]
fn a_torn_last_record_costs_only_what_was_never_acknowledged() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("journal.db");
    let mut journal = SqliteJournal::open(&file).expect("opens");
    journal.append(0, &[fact("a")]).expect("appends");
    let before = std::fs::read(file.with_extension("db-wal")).expect("a log");
    journal.append(1, &[fact("b")]).expect("appends");
    let after = std::fs::read(file.with_extension("db-wal")).expect("a log");
    let torn = folder.path().join("torn.db");
    std::fs::copy(&file, &torn).expect("copies");
    // The power went while the second record was being written: half of it is on the disk.
    let half = before.len() + (after.len() - before.len()) / 2;
    std::fs::write(torn.with_extension("db-wal"), &after[..half]).expect("writes");
    let mut again = SqliteJournal::open(&torn).expect("opens");
    assert_eq!(names(&again.read(0, 10).expect("reads")), ["0:a"]);
    assert_eq!(again.append(1, &[fact("c")]).expect("goes on"), 2);
}

#[test]
fn a_journal_from_another_version_is_not_touched() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("journal.db");
    drop(SqliteJournal::open(&file).expect("opens"));
    let raw = rusqlite::Connection::open(&file).expect("opens");
    raw.pragma_update(None, "user_version", 99).expect("writes");
    drop(raw);
    let error = SqliteJournal::open(&file).expect_err("refuses").to_string();
    assert!(
        error.contains("layout 99") && error.contains("use the version that wrote it"),
        "{error}"
    );
}

#[test]
fn another_programs_file_is_not_a_journal() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("journal.db");
    std::fs::write(
        &file,
        "this is not a database, it is somebody's notes, long enough to be taken for a header",
    )
    .expect("writes");
    let error = SqliteJournal::open(&file).expect_err("refuses").to_string();
    assert!(error.contains("not a journal"), "{error}");
}

#[test]
fn verify_finds_a_gap_and_a_frame_that_was_changed() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("journal.db");
    let mut journal = SqliteJournal::open(&file).expect("opens");
    for (position, name) in (0..).zip(["a", "b", "c"]) {
        journal.append(position, &[fact(name)]).expect("appends");
    }
    assert_eq!(SqliteReader::open(&file).expect("opens").verify().expect("is whole"), 3);
    let raw = rusqlite::Connection::open(&file).expect("opens");
    raw.execute("update frames set facts = '[{]' where first = 2", []).expect("writes");
    let error =
        SqliteReader::open(&file).expect("opens").verify().expect_err("is damaged").to_string();
    assert!(error.contains("position 2"), "{error}");
    raw.execute("delete from frames where first = 1", []).expect("writes");
    let error =
        SqliteReader::open(&file).expect("opens").verify().expect_err("has a gap").to_string();
    assert!(error.contains("missing"), "{error}");
}
