//! Stories of what is kept: every value with its age, in full or rolled up, and gaps as gaps (A84 to A86).

mod common;

use common::*;
use jiff::{SignedDuration, Timestamp};
use samples::{Keep, NotRecorded, Point, Reader, Samples, SamplesError, Series};

#[test]
fn the_newest_value_is_known_with_its_age() {
    let shelf = Shelf::new();
    shelf.keep(&memory(), [(second(0), 71.5), (second(10), 72.0)]);
    let latest = shelf.reader().latest(&memory()).expect("reads").expect("is there");
    assert_eq!(latest, Point { at: second(10), value: 72.0 });
    assert_eq!(latest.age(second(25)), SignedDuration::from_secs(15));
    // The clock was set back.
    assert_eq!(latest.age(second(5)), SignedDuration::ZERO);
    assert_eq!(shelf.reader().latest(&errors()).expect("reads"), None);
}

#[test]
fn every_series_is_listed_by_name() {
    let shelf = Shelf::new();
    shelf.keep(&errors(), [(second(0), 3.0)]);
    shelf.keep(&memory(), [(second(1), 71.0)]);
    let listed = shelf.reader().series().expect("reads");
    let names: Vec<_> =
        listed.iter().map(|(series, point)| (series.to_string(), point.value)).collect();
    let expected =
        [("machine/host memory_used_percent".into(), 71.0), ("mks-backend/log errors".into(), 3.0)];
    assert_eq!(names, expected);
}

#[test]
fn a_restart_loses_nothing() {
    let shelf = Shelf::new();
    for n in 0..1000 {
        shelf.samples.record(&memory(), second(n), n as f64).expect("is taken");
    }
    // No flush: stopping writes what waits.
    let shelf = shelf.reopened();
    let buckets = shelf.curve(&memory(), 0, 1000, 1);
    assert_eq!(buckets.len(), 1000);
    assert!(buckets.iter().zip(0..).all(|(bucket, n)| bucket.mean == f64::from(n)));
    shelf.keep(&memory(), [(second(1000), 1.0)]);
    assert_eq!(shelf.curve(&memory(), 0, 1001, 3600)[0].count, 1001);
}

#[test]
fn what_was_flushed_survives_a_kill() {
    let Shelf { folder, samples } = Shelf::new();
    samples.record(&memory(), second(0), 71.0).expect("is taken");
    samples.flush().expect("is kept");
    // No close, no checkpoint: what SIGKILL leaves behind.
    std::mem::forget(samples);
    let again = Samples::open(folder.path(), Keep::default()).expect("opens");
    let latest = again.reader().latest(&memory()).expect("reads").expect("is there");
    assert_eq!((latest.value, files(folder.path(), "samples.db.damaged").len()), (71.0, 0));
}

#[test]
fn a_chart_shows_what_each_step_came_to() {
    let shelf = Shelf::new();
    shelf.keep(&memory(), (0..12).map(|n| (second(n * 10), n as f64)));
    let minutes = [(0, 0.0, 2.5, 5.0, 6), (60, 6.0, 8.5, 11.0, 6)];
    assert_eq!(told(&shelf.curve(&memory(), 0, 120, 60)), minutes);
    // Steps at both ends are whole, so that no end of a chart looks like a change.
    assert_eq!(told(&shelf.curve(&memory(), 30, 70, 60)), minutes);
    let thirties = shelf.curve(&memory(), 0, 60, 30);
    assert_eq!(told(&thirties), [(0, 0.0, 1.0, 2.0, 3), (30, 3.0, 4.0, 5.0, 3)]);
    assert_eq!(told(&shelf.curve(&memory(), 0, 120, 3600)), [(0, 0.0, 5.5, 11.0, 12)]);
}

#[test]
fn a_gap_is_a_gap_and_no_zero() {
    let shelf = Shelf::new();
    shelf.keep(&memory(), [(second(0), 50.0), (second(200), 60.0)]);
    for step in [1, 60] {
        let begins: Vec<_> =
            told(&shelf.curve(&memory(), 0, 300, step)).iter().map(|bucket| bucket.4).collect();
        assert_eq!(begins, [1, 1], "a step of {step} s");
    }
    assert!(shelf.curve(&memory(), 60, 180, 60).is_empty());
    assert!(shelf.curve(&errors(), 0, 300, 60).is_empty());
}

#[test]
fn late_values_go_where_they_belong() {
    let shelf = Shelf::new();
    shelf.keep(&memory(), [(second(130), 3.0)]);
    // The clock was set back, or a probe reports what it saw before.
    shelf.keep(&memory(), [(second(70), 2.0), (second(10), 1.0), (second(11), 5.0)]);
    let expected = [(0, 1.0, 3.0, 5.0, 2), (60, 2.0, 2.0, 2.0, 1), (120, 3.0, 3.0, 3.0, 1)];
    assert_eq!(told(&shelf.curve(&memory(), 0, 180, 60)), expected);
    let latest = shelf.reader().latest(&memory()).expect("reads").expect("is there");
    assert_eq!(latest.at, second(130));
}

#[test]
fn the_same_measurement_twice_counts_once() {
    let shelf = Shelf::new();
    shelf.keep(&memory(), [(second(5), 1.0), (second(5), 9.0)]);
    shelf.keep(&memory(), [(second(5), 9.0)]);
    for step in [1, 60, 3600] {
        let buckets = shelf.curve(&memory(), 0, 60, step);
        assert_eq!((buckets.len(), buckets[0].max, buckets[0].count), (1, 1.0, 1));
    }
}

#[test]
fn what_is_no_number_is_refused() {
    let shelf = Shelf::new();
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::MAX] {
        let refused = shelf.samples.record(&memory(), second(0), value).expect_err("is refused");
        assert!(matches!(refused, NotRecorded::NotANumber(_)), "{refused}");
    }
    shelf.samples.flush().expect("nothing failed");
    assert_eq!((shelf.reader().latest(&memory()), shelf.samples.dropped()), (Ok(None), 0));
}

#[test]
fn names_are_data_whatever_is_in_them() {
    let shelf = Shelf::new();
    let hostile = Series::new("x'; drop table series; --", "\u{0}\n\"本番\"");
    shelf.keep(&hostile, [(second(0), 1.0)]);
    assert_eq!(shelf.reader().series().expect("reads")[0].0, hostile);
    assert_eq!(shelf.curve(&hostile, 0, 60, 60).len(), 1);
}

#[test]
fn no_question_is_too_large_and_none_is_refused() {
    let shelf = Shelf::new();
    shelf.keep(&memory(), [(second(0), 1.0), (second(10), 2.0)]);
    let range = |from, to, step| shelf.reader().range(&memory(), from, to, step).expect("reads");
    let all = range(Timestamp::MIN, Timestamp::MAX, SignedDuration::ZERO);
    assert_eq!(all.buckets.iter().map(|bucket| bucket.count).sum::<u64>(), 2);
    let widest = range(Timestamp::MIN, Timestamp::MAX, SignedDuration::MAX);
    assert_eq!(widest.buckets.iter().map(|bucket| bucket.count).sum::<u64>(), 2);
    assert!(range(second(20), second(0), SignedDuration::MIN).buckets.is_empty());
    // A day in single milliseconds would be more than anybody looks at.
    let day = range(second(0), hour(24), SignedDuration::from_millis(1));
    assert_eq!(day.step, SignedDuration::from_millis(8640));
    assert_eq!(day.buckets.len(), 2);
}

#[test]
fn another_process_reads_while_one_writes() {
    let shelf = Shelf::new();
    shelf.keep(&memory(), [(second(0), 1.0)]);
    let other = Reader::open(shelf.folder.path()).expect("opens");
    assert_eq!(other.latest(&memory()).expect("reads").map(|point| point.value), Some(1.0));
    shelf.keep(&memory(), [(second(1), 2.0)]);
    assert_eq!(other.latest(&memory()).expect("reads").map(|point| point.value), Some(2.0));
    let nothing = tempfile::tempdir().expect("a folder");
    assert!(matches!(Reader::open(nothing.path()), Err(SamplesError::Storage { .. })));
    assert!(files(nothing.path(), "").is_empty(), "a reader begins no file");
}

#[test]
fn many_threads_record_at_once() {
    let shelf = Shelf::new();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let samples = &shelf.samples;
            scope.spawn(move || {
                let series = Series::new(format!("probe-{thread}"), "value");
                for n in 0..5000 {
                    samples.record(&series, second(n), n as f64).expect("is taken");
                }
            });
        }
    });
    shelf.samples.flush().expect("is kept");
    for thread in 0..4 {
        let series = Series::new(format!("probe-{thread}"), "value");
        let count: u64 = shelf.curve(&series, 0, 5000, 60).iter().map(|bucket| bucket.count).sum();
        assert_eq!(count, 5000);
    }
    assert_eq!((shelf.samples.dropped(), shelf.samples.fault()), (0, None));
}

#[test]
fn too_many_series_are_turned_away_and_the_known_ones_go_on() {
    let shelf = Shelf::keeping(Keep { max_series: 2, ..Keep::default() });
    shelf.keep(&memory(), [(second(0), 1.0)]);
    shelf.keep(&errors(), [(second(0), 1.0)]);
    let third = Series::new("new", "value");
    shelf.samples.record(&third, second(0), 1.0).expect("is taken");
    shelf.samples.record(&memory(), second(1), 2.0).expect("is taken");
    let said = shelf.samples.flush().expect_err("is turned away");
    assert_eq!(said, SamplesError::TooManySeries { limit: 2 });
    assert_eq!(shelf.samples.dropped(), 1);
    assert_eq!(shelf.reader().latest(&third).expect("reads"), None);
    shelf.keep(&memory(), [(second(2), 3.0)]);
    assert_eq!(shelf.curve(&memory(), 0, 60, 60)[0].count, 3);
    assert_eq!(shelf.samples.fault(), None);
    // The old goes all the same, and makes room for others.
    shelf.samples.record(&third, second(0), 1.0).expect("is taken");
    shelf.samples.prune(hour(24 * 401));
    assert_eq!(shelf.samples.flush(), Err(SamplesError::TooManySeries { limit: 2 }));
    shelf.keep(&third, [(hour(24 * 401), 1.0)]);
    assert_eq!(shelf.reader().series().expect("reads").len(), 1);
}

#[test]
fn a_folder_that_cannot_be_is_said() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("file");
    std::fs::write(&file, "").expect("written");
    let said = Samples::open(&file, Keep::default()).expect_err("fails").to_string();
    assert!(said.contains("samples.db") && said.contains("look at the disk"), "{said}");
}
