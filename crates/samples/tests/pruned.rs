//! Stories of what goes: each value in its time, the oldest first when there is no room, and never at once.

mod common;

use common::*;
use jiff::SignedDuration;
use rusqlite::Connection;
use samples::{Keep, Series};

/// The rows of a table.
fn rows(shelf: &Shelf, table: &str) -> i64 {
    let db = Connection::open(shelf.file()).expect("opens");
    db.query_row(&format!("select count(*) from {table}"), [], |row| row.get(0)).expect("counts")
}

#[test]
fn each_value_goes_in_its_time_and_what_it_came_to_stays_longer() {
    let shelf = Shelf::new();
    // Every minute for three days.
    shelf.keep(&memory(), (0..3 * 1440).map(|n| (minute(n), n as f64)));
    shelf.pruned(hour(72));
    assert_eq!(rows(&shelf, "raw"), 48 * 60);
    assert_eq!([rows(&shelf, "minutes"), rows(&shelf, "hours")], [3 * 1440, 72]);
    shelf.pruned(hour(24 * 15));
    assert_eq!([rows(&shelf, "raw"), rows(&shelf, "minutes")], [0, 2 * 1440]);
    assert_eq!(rows(&shelf, "hours"), 72);
    // The newest value is known by its age even when only hours are left.
    let latest = shelf.reader().latest(&memory()).expect("reads").expect("is there");
    assert_eq!(latest.at, minute(3 * 1440 - 1));
    shelf.pruned(hour(24 * 404));
    assert_eq!([rows(&shelf, "hours"), rows(&shelf, "series")], [0, 0]);
    assert_eq!(shelf.reader().series().expect("reads"), []);
    // The series may come back.
    shelf.keep(&memory(), [(hour(24 * 404), 1.0)]);
    assert_eq!(shelf.reader().series().expect("reads").len(), 1);
}

#[test]
fn a_chart_of_what_is_gone_in_full_has_longer_steps() {
    let shelf = Shelf::new();
    shelf.keep(&memory(), (0..3 * 1440 * 2).map(|n| (second(n * 30), n as f64)));
    shelf.pruned(hour(72));
    let step = |from, to, step| {
        let curve = shelf.reader().range(&memory(), from, to, SignedDuration::from_secs(step));
        let curve = curve.expect("reads");
        (curve.step.as_secs(), curve.buckets.len(), curve.buckets[0].count)
    };
    assert_eq!(step(hour(70), hour(71), 30), (30, 120, 1));
    assert_eq!(step(hour(10), hour(11), 30), (60, 60, 2));
    assert_eq!(step(hour(10), hour(11), 90), (120, 30, 4));
    shelf.pruned(hour(24 * 16));
    assert_eq!(step(hour(10), hour(12), 30), (3600, 2, 120));
}

#[test]
fn what_a_wrong_clock_put_into_the_future_goes() {
    let shelf = Shelf::new();
    shelf.keep(&memory(), [(minute(0), 1.0), (hour(9), 99.0)]);
    assert_eq!(shelf.reader().latest(&memory()).expect("reads").expect("is there").value, 99.0);
    shelf.keep(&errors(), [(hour(9), 5.0)]);
    shelf.pruned(minute(1));
    assert_eq!(shelf.reader().latest(&memory()).expect("reads").expect("is there").value, 1.0);
    assert_eq!(shelf.reader().latest(&errors()).expect("reads"), None);
    assert_eq!(shelf.reader().series().expect("reads").len(), 1);
    shelf.keep(&memory(), [(minute(2), 2.0)]);
    assert_eq!(shelf.reader().latest(&memory()).expect("reads").expect("is there").value, 2.0);
    assert_eq!(rows(&shelf, "hours"), 1);
}

#[test]
fn what_is_recorded_while_the_old_goes_is_kept() {
    let shelf = Shelf::new();
    shelf.keep(&memory(), (0..50_000).map(|n| (second(n), 1.0)));
    let now = hour(24 * 10);
    shelf.samples.prune(now);
    for n in 0..2000 {
        let at = now - SignedDuration::from_secs(n);
        shelf.samples.record(&errors(), at, 1.0).expect("is taken");
    }
    shelf.samples.flush().expect("is kept");
    assert_eq!(rows(&shelf, "raw"), 2000);
    assert_eq!(shelf.samples.dropped(), 0);
}

#[test]
fn the_file_stays_within_its_bound() {
    let max_bytes = 2 << 20;
    let shelf = Shelf::keeping(Keep { max_bytes, ..Keep::default() });
    let all: Vec<_> = (0..10).map(|n| Series::new(format!("probe-{n}"), "value")).collect();
    for block in 0..20 {
        for n in 0..1000 {
            for series in &all {
                let value = 0.1 * n as f64;
                shelf
                    .samples
                    .record(series, second((block * 1000 + n) * 10), value)
                    .expect("is taken");
            }
        }
        shelf.samples.flush().expect("is kept");
    }
    // Nothing was lost on the way in; the newest is there in full, and the oldest only rolled up.
    assert_eq!(shelf.samples.dropped(), 0);
    for series in &all {
        assert_eq!(shelf.curve(series, 199_000, 200_000, 10).len(), 100);
        let hours = shelf.curve(series, 0, 200_000, 3600);
        assert_eq!(hours.iter().map(|bucket| bucket.count).sum::<u64>(), 20_000);
    }
    let oldest =
        shelf.reader().range(&all[0], second(0), second(600), SignedDuration::from_secs(10));
    assert!(oldest.expect("reads").step >= SignedDuration::from_mins(1));
    let file = shelf.file();
    let shelf = shelf.reopened();
    let bytes = std::fs::metadata(&file).expect("is there").len();
    assert!(bytes <= max_bytes, "{bytes} bytes");
    assert_eq!(shelf.curve(&all[0], 199_000, 200_000, 10).len(), 100);
}

#[test]
fn a_bound_that_is_too_small_for_anything_hangs_nothing() {
    let shelf = Shelf::keeping(Keep { max_bytes: 1, ..Keep::default() });
    shelf.keep(&memory(), (0..1000).map(|n| (second(n), 1.0)));
    shelf.pruned(second(1000));
    assert_eq!(rows(&shelf, "raw"), 0);
    assert_eq!(shelf.reader().latest(&memory()).expect("reads").map(|p| p.at), Some(second(999)));
}

#[test]
fn room_that_is_not_needed_any_more_is_given_back() {
    let shelf = Shelf::new();
    shelf.keep(&memory(), (0..60_000).map(|n| (second(n), 0.1 * n as f64)));
    let shelf = shelf.reopened();
    let before = std::fs::metadata(shelf.file()).expect("is there").len();
    shelf.pruned(hour(24 * 30));
    let shelf = shelf.reopened();
    let after = std::fs::metadata(shelf.file()).expect("is there").len();
    assert!(after < before / 4, "{before} bytes became {after}");
}
