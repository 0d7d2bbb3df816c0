//! Stories of the file: it catches up, survives a restart, and is made anew whenever it cannot be trusted.

mod common;

use common::*;
use domain::{
    fact::{Fact, Recorded},
    ids::{AlertKey, IncidentId},
};
use history::{Facts, History, HistoryError};
use journal::{Entry, Journal, JournalError, MemoryJournal, Position, SqliteJournal, SqliteReader};
use rusqlite::Connection;
use serde_json::Value;
use std::path::Path;

/// Everything that the history can tell, as JSON.
fn everything(history: &History) -> Value {
    let incidents = history.incidents(false, 100).expect("reads");
    let views: Vec<_> =
        incidents.iter().map(|incident| history.incident(incident.id).expect("reads")).collect();
    let alerts = history.alerts(false, 100).expect("reads");
    let alert_views: Vec<_> =
        alerts.iter().map(|alert| history.alert(&alert.id.to_string()).expect("reads")).collect();
    let tail = history.timeline(0, 1000).expect("reads");
    serde_json::to_value((
        incidents,
        views,
        alerts,
        alert_views,
        tail,
        history.counts().expect("reads"),
    ))
    .expect("JSON")
}

fn caught_up(file: &Path, journal: &MemoryJournal) -> History {
    let mut history = History::open(file).expect("opens");
    history.catch_up(journal).expect("catches up");
    history
}

#[test]
fn fact_by_fact_or_all_at_once_is_the_same_history() {
    let facts = a_whole_incident();
    let whole = history(&journal(&facts));
    let (mut journal, mut step_by_step) =
        (MemoryJournal::default(), History::open(":memory:").expect("opens"));
    for fact in &facts {
        append(&mut journal, std::slice::from_ref(fact));
        assert_eq!(step_by_step.catch_up(&journal).expect("catches up"), 1);
        let _ = everything(&step_by_step);
    }
    assert_eq!(everything(&step_by_step), everything(&whole));
    step_by_step.rebuild().expect("is made anew");
    assert_eq!(step_by_step.catch_up(&journal).expect("catches up"), facts.len() as u64);
    assert_eq!(everything(&step_by_step), everything(&whole));
}

#[test]
fn a_restart_in_the_middle_changes_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("history.db");
    let facts = a_whole_incident();
    let mut journal = MemoryJournal::default();
    for part in facts.chunks(6) {
        append(&mut journal, part);
        let mut history = History::open(&file).expect("opens");
        assert_eq!(history.catch_up(&journal).expect("catches up"), part.len() as u64);
        // No close, no checkpoint: what SIGKILL leaves behind.
        std::mem::forget(history);
    }
    assert_eq!(everything(&caught_up(&file, &journal)), everything(&history(&journal)));
}

#[test]
fn one_reads_ones_own_writes() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut writer = SqliteJournal::open(&folder.path().join("journal.db")).expect("opens");
    let reader = writer.reader().expect("opens");
    let mut both = (History::open(folder.path().join("history.db")).expect("opens"), reader);
    append(&mut writer, &a_whole_incident());
    let (history, reader): &mut (History, SqliteReader) = &mut both;
    history.catch_up(reader).expect("catches up");
    assert!(history.incident(IncidentId(1)).expect("reads").is_some());
    assert_eq!(history.catch_up(&writer).expect("catches up"), 0);
}

#[test]
fn another_layout_is_made_anew() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("history.db");
    let journal = journal(&a_whole_incident());
    drop(caught_up(&file, &journal));
    let raw = Connection::open(&file).expect("opens");
    raw.execute_batch("drop table incidents; pragma user_version = 99;").expect("writes");
    drop(raw);
    assert_eq!(everything(&caught_up(&file, &journal)), everything(&history(&journal)));
}

#[test]
fn a_damaged_file_is_set_aside_and_made_anew() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("history.db");
    std::fs::write(&file, "no database ".repeat(1000)).expect("written");
    let journal = journal(&a_whole_incident());
    assert_eq!(everything(&caught_up(&file, &journal)), everything(&history(&journal)));
    assert!(folder.path().join("history.db.damaged").exists());
}

#[test]
fn damage_that_a_question_meets_is_repaired_by_the_next_catch_up() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("history.db");
    let journal = journal(&a_whole_incident());
    let mut history = caught_up(&file, &journal);
    let raw = Connection::open(&file).expect("opens");
    raw.execute("update incidents set row = '{'", []).expect("writes");
    drop(raw);
    let error = history.incidents(false, 10).expect_err("is damaged");
    assert!(matches!(&error, HistoryError::Damaged { .. }), "{error}");
    assert!(error.to_string().contains("rebuilt from the journal"), "{error}");
    assert_eq!(history.catch_up(&journal).expect("catches up"), a_whole_incident().len() as u64);
    assert_eq!(history.incidents(false, 10).expect("reads").len(), 1);
}

#[test]
fn another_programs_database_is_left_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("journal.db");
    append(&mut SqliteJournal::open(&file).expect("opens"), &a_whole_incident());
    let error = History::open(&file).err().expect("refuses").to_string();
    assert!(error.contains("another program's database"), "{error}");
    let end = SqliteReader::open(&file).expect("opens").verify().expect("is whole");
    assert_eq!(end, a_whole_incident().len() as Position);
}

#[test]
fn another_journal_makes_the_history_anew() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("history.db");
    drop(caught_up(&file, &journal(&a_whole_incident())));
    // Restored from a backup, it ends earlier; or it is another one altogether.
    for other in
        [journal(&a_whole_incident()[..9]), journal(&[fired(1, "db", 0), opened(1, "db", 0)])]
    {
        assert_eq!(everything(&caught_up(&file, &other)), everything(&history(&other)));
    }
}

/// A journal that fails once.
struct Failing<'a>(&'a MemoryJournal, Position);

impl Facts for Failing<'_> {
    fn read(&self, from: Position, limit: usize) -> Result<Vec<Entry>, JournalError> {
        if from >= self.1 {
            return Err(JournalError::Storage { file: "memory".into(), reason: "gone".into() });
        }
        Journal::read(self.0, from, limit.min(5))
    }
}

#[test]
fn what_was_folded_before_the_journal_failed_stays() {
    let journal = journal(&a_whole_incident());
    let mut history = History::open(":memory:").expect("opens");
    let error = history.catch_up(&Failing(&journal, 10)).expect_err("fails").to_string();
    assert!(error.contains("gone"), "{error}");
    assert_eq!(history.next().expect("reads"), 10);
    history.catch_up(&journal).expect("catches up");
    assert_eq!(everything(&history), everything(&common::history(&journal)));
}

#[test]
fn a_hundred_thousand_facts_are_caught_up_with() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut journal = SqliteJournal::open(&folder.path().join("journal.db")).expect("opens");
    let quiet = |n: u32| Recorded {
        at: second(0),
        fact: Fact::AlertDropped { key: AlertKey::new("cpu", format!("api-{}", n % 50)) },
    };
    for frame in 0..100 {
        let facts: Vec<_> = (0..1000).map(|n| quiet(frame * 1000 + n)).collect();
        journal.append(journal.end(), &facts).expect("appends");
    }
    append(&mut journal, &a_whole_incident());
    let mut history = History::open(folder.path().join("history.db")).expect("opens");
    assert_eq!(history.catch_up(&journal).expect("catches up"), journal.end());
    let view = history.incident(IncidentId(1)).expect("reads").expect("is there");
    assert_eq!(view.timeline[0].position, 100_001);
}
