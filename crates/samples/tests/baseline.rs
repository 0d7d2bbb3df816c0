//! Stories of what is normal: the same hour of the last seven days, and nothing before there is enough (A13, C7).

mod common;

use common::*;
use jiff::{SignedDuration, Timestamp};
use samples::{Baseline, Lacking, Measure};

/// The baseline of errors per five minutes at an hour.
fn errors_at(shelf: &Shelf, at: Timestamp) -> Baseline {
    let window = SignedDuration::from_mins(5);
    shelf.reader().baseline(&errors(), at, window, Measure::Total).expect("reads")
}

/// Each minute from an hour to another, so many errors.
fn errors_each_minute(shelf: &Shelf, from: i64, to: i64, count: impl Fn(i64) -> f64) {
    shelf.keep(&errors(), (from * 60..to * 60).map(|n| (minute(n), count(n))));
}

fn lacks(lacking: Lacking, have_minutes: i64, need_minutes: i64) -> Baseline {
    let length = SignedDuration::from_mins;
    Baseline::NotReady { lacking, have: length(have_minutes), need: length(need_minutes) }
}

#[test]
fn without_a_day_of_history_there_is_no_baseline() {
    let shelf = Shelf::new();
    assert_eq!(errors_at(&shelf, hour(0)), lacks(Lacking::History, 0, 1440));
    errors_each_minute(&shelf, 0, 23, |_| 1.0);
    let young = errors_at(&shelf, hour(23));
    assert_eq!(young, lacks(Lacking::History, 23 * 60, 1440));
    assert_eq!(young.ratio(500.0, 10.0), None);
}

#[test]
fn after_a_day_normal_is_what_that_hour_had() {
    let shelf = Shelf::new();
    errors_each_minute(&shelf, 0, 24, |n| if n < 60 { 4.0 } else { 1.0 });
    let baseline = errors_at(&shelf, hour(24));
    assert_eq!(baseline, Baseline::Ready { median: 20.0, days: 1 });
    assert_eq!(baseline.ratio(100.0, 10.0), Some(5.0));
    assert_eq!(errors_at(&shelf, hour(25)), Baseline::Ready { median: 5.0, days: 1 });
}

#[test]
fn one_bad_night_in_seven_is_not_normal() {
    let shelf = Shelf::new();
    errors_each_minute(&shelf, 0, 7 * 24, |n| if n / 1440 == 3 { 900.0 } else { 2.0 });
    assert_eq!(errors_at(&shelf, hour(7 * 24)), Baseline::Ready { median: 10.0, days: 7 });
    // What is older than seven days is forgotten.
    errors_each_minute(&shelf, 7 * 24, 14 * 24, |_| 3.0);
    assert_eq!(errors_at(&shelf, hour(14 * 24)), Baseline::Ready { median: 15.0, days: 7 });
}

#[test]
fn a_quiet_log_makes_no_surge_infinite() {
    let shelf = Shelf::new();
    errors_each_minute(&shelf, 0, 24, |_| 0.0);
    let quiet = errors_at(&shelf, hour(24));
    assert_eq!(quiet, Baseline::Ready { median: 0.0, days: 1 });
    assert_eq!(quiet.ratio(30.0, 10.0), Some(3.0));
    assert_eq!(quiet.ratio(30.0, 0.0), None);
}

#[test]
fn an_hour_that_was_hardly_measured_is_no_baseline() {
    let shelf = Shelf::new();
    // Measured all day, but in that hour only for twenty minutes.
    errors_each_minute(&shelf, 1, 24, |_| 1.0);
    shelf.keep(&errors(), (0..20).map(|n| (minute(n), 1.0)));
    assert_eq!(errors_at(&shelf, hour(24)), lacks(Lacking::SameHour, 20, 30));
    // The gaps are gaps: forty measured minutes are enough, and they had five errors per window, not fewer.
    shelf.keep(&errors(), (20..40).map(|n| (minute(n), 1.0)));
    assert_eq!(errors_at(&shelf, hour(24)), Baseline::Ready { median: 5.0, days: 1 });
}

#[test]
fn levels_have_means_instead_of_totals() {
    let shelf = Shelf::new();
    shelf.keep(&memory(), (0..1440).map(|n| (minute(n), 70.0 + (n % 5) as f64)));
    let baseline = |window| {
        let window = SignedDuration::from_mins(window);
        shelf.reader().baseline(&memory(), hour(24), window, Measure::Mean).expect("reads")
    };
    assert_eq!(baseline(5), Baseline::Ready { median: 72.0, days: 1 });
    // No window is too odd to ask for.
    for window in [0, 7, 120, 1_000_000] {
        let Baseline::Ready { median, .. } = baseline(window) else { panic!("{window} minutes") };
        assert!((median - 72.0).abs() < 1.0, "{window} minutes: {median}");
    }
}
