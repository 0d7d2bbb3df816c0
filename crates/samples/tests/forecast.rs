//! Stories of disks that fill: when, or that they do not, or that nobody can say yet.

mod common;

use common::*;
use jiff::{SignedDuration, Timestamp};
use samples::{Forecast, Series};

fn disk() -> Series {
    Series::new("machine/disk", "used_percent")
}

/// A disk that was looked at each minute from one to another.
fn looked_at(from: i64, to: i64, used: impl Fn(i64) -> f64) -> Shelf {
    let shelf = Shelf::new();
    shelf.keep(&disk(), (from..to).map(|n| (minute(n), used(n))));
    shelf
}

fn full(shelf: &Shelf, now: Timestamp) -> Forecast {
    shelf.reader().forecast(&disk(), 100.0, now).expect("reads")
}

/// Between which minutes the disk is full.
fn assert_full_between(forecast: Forecast, from: i64, to: i64) {
    let Forecast::At(at) = forecast else { panic!("{forecast:?}") };
    assert!(at >= minute(from) && at <= minute(to), "{at}");
}

#[test]
fn a_disk_that_fills_evenly_is_full_when_the_line_says_so() {
    let shelf = looked_at(0, 360, |n| 40.0 + n as f64 / 10.0);
    assert_full_between(full(&shelf, minute(360)), 599, 601);
}

#[test]
fn peaks_and_noise_bend_nothing() {
    let noise = |n: i64| ((n * 7919) % 13) as f64 / 13.0;
    // Every tenth look met a large file that was gone again.
    let peak = |n: i64| if n % 10 == 0 { 20.0 } else { 0.0 };
    let shelf = looked_at(0, 360, |n| 30.0 + n as f64 / 10.0 + noise(n) + peak(n));
    assert_full_between(full(&shelf, minute(360)), 640, 740);
}

#[test]
fn a_disk_that_does_not_fill_is_said_to_be_so() {
    let level = looked_at(0, 360, |_| 80.0);
    assert_eq!(full(&level, minute(360)), Forecast::NotFilling);
    let restless = looked_at(0, 360, |n| 80.0 + ((n * 7919) % 13) as f64);
    assert_eq!(full(&restless, minute(360)), Forecast::NotFilling);
    let emptying = looked_at(0, 360, |n| 80.0 - n as f64 / 100.0);
    assert_eq!(full(&emptying, minute(360)), Forecast::NotFilling);
    let glacial = looked_at(0, 360, |n| 10.0 + n as f64 * 1e-6);
    assert_eq!(full(&glacial, minute(360)), Forecast::NotFilling);
}

#[test]
fn what_began_to_fill_within_the_hour_is_not_averaged_away() {
    let shelf = looked_at(0, 360, |n| 50.0 + (n - 305).max(0) as f64 / 2.0);
    // At 77.0 percent, half a percent a minute.
    assert_full_between(full(&shelf, minute(360)), 395, 415);
}

#[test]
fn a_disk_that_was_cleaned_up_fills_from_where_it_is() {
    let used = |n| if n < 320 { 60.0 + n as f64 / 10.0 } else { 40.0 + (n - 320) as f64 / 10.0 };
    let shelf = looked_at(0, 360, used);
    assert_full_between(full(&shelf, minute(360)), 915, 925);
}

#[test]
fn a_full_disk_is_full_now() {
    let shelf = looked_at(0, 3, |_| 100.0);
    assert_eq!(full(&shelf, minute(3)), Forecast::At(minute(3)));
}

#[test]
fn too_little_is_said_to_be_too_little() {
    let too_little = |minutes| Forecast::TooLittle {
        have: SignedDuration::from_mins(minutes),
        need: SignedDuration::from_mins(30),
    };
    assert_eq!(full(&Shelf::new(), minute(0)), too_little(0));
    let young = looked_at(0, 12, |n| n as f64);
    assert_eq!(full(&young, minute(12)), too_little(11));
    // The probe has not seen the disk for an hour.
    let stale = looked_at(0, 300, |n| n as f64 / 10.0);
    assert_eq!(full(&stale, minute(360)), too_little(0));
    // No limit is no limit that can be reached.
    let filling = looked_at(0, 60, |n| n as f64);
    let without = filling.reader().forecast(&disk(), f64::NAN, minute(60)).expect("reads");
    assert_eq!(without, Forecast::NotFilling);
}

#[test]
fn a_probe_that_looks_seldom_is_enough_over_six_hours() {
    let shelf = Shelf::new();
    shelf.keep(&disk(), (0..24).map(|n| (minute(n * 15), 40.0 + n as f64)));
    assert_full_between(full(&shelf, minute(350)), 890, 910);
    let begun = Shelf::new();
    begun.keep(&disk(), (0..4).map(|n| (minute(n * 15), 40.0 + n as f64)));
    let (have, need) = (SignedDuration::from_mins(45), SignedDuration::from_hours(3));
    assert_eq!(full(&begun, minute(50)), Forecast::TooLittle { have, need });
}
