//! Stories of what is learned from samples: a surge of log errors, and when a disk will be full.

mod common;

use common::{again, deps_in, number, spec};
use domain::reading::{Observation, Reading};
use jiff::{SignedDuration, Timestamp, ToSpan};
use probes::{Deps, recorded};
use samples::{Keep, Samples, Series};
use std::{
    fs,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

fn noon() -> Timestamp {
    "2026-11-22T12:00:00Z".parse().expect("a time")
}

fn kept(folder: &Path) -> Samples {
    Samples::open(folder, Keep::default()).expect("opened")
}

/// What probes are given: the samples, and a clock to push.
fn given(folder: &Path, samples: &Samples, clock: &Arc<Mutex<Timestamp>>) -> Deps {
    let clock = Arc::clone(clock);
    Deps {
        clock: Arc::new(move || *clock.lock().unwrap_or_else(PoisonError::into_inner)),
        samples: Some(samples.reader()),
        ..deps_in(folder)
    }
}

fn reason<'a>(seen: &'a Observation, name: &str) -> &'a str {
    match &seen.readings[name] {
        Reading::Unknown(why) => &why.en,
        other => panic!("{name}: {other:?}"),
    }
}

/// A log with errors at a steady pace, as the samples remember it.
fn learn(samples: &Samples, series: &Series, hours: i64, errors_per_minute: f64) {
    for minute in 0..hours * 60 {
        let at = noon() - SignedDuration::from_mins(hours * 60 - minute);
        samples.record(series, at, errors_per_minute).expect("recorded");
    }
    samples.flush().expect("kept");
}

#[tokio::test]
async fn five_times_the_errors_of_this_hour_are_a_surge_of_five() {
    // A13: 10 errors a minute are normal here, then come 50.
    let folder = tempfile::tempdir().expect("a folder");
    let (log, samples) = (folder.path().join("app.log"), kept(folder.path()));
    learn(&samples, &Series::new("probe", "errors"), 25, 10.0);
    fs::write(&log, "").expect("written");
    let clock = Arc::new(Mutex::new(noon()));
    let text = format!("{{kind: log, service: mks, path: '{}', window: 25s}}", log.display());
    let mut probe = spec(&text).make(&given(folder.path(), &samples, &clock));
    again(&mut probe).await;
    let mut lines = String::new();
    for minute in 1..=5 {
        lines.push_str(&"ERROR boom\n".repeat(50));
        fs::write(&log, &lines).expect("written");
        *clock.lock().expect("not poisoned") = noon() + SignedDuration::from_mins(minute);
        let seen = again(&mut probe).await;
        assert_eq!(number(&seen, "surge_ratio"), minute as f64, "{seen:?}");
        probe.taken();
    }
    // The window of the other reading is a person's choice; that of the surge is not.
    *clock.lock().expect("not poisoned") = noon() + 6.minutes();
    let seen = again(&mut probe).await;
    assert_eq!((number(&seen, "errors_in_window"), number(&seen, "surge_ratio")), (0.0, 5.0));
}

#[tokio::test]
async fn a_quiet_log_is_measured_against_the_floor() {
    // C7: normal is never less than 10 errors in 5 minutes.
    let folder = tempfile::tempdir().expect("a folder");
    let (log, samples) = (folder.path().join("app.log"), kept(folder.path()));
    learn(&samples, &Series::new("probe", "errors"), 25, 0.0);
    fs::write(&log, "").expect("written");
    let clock = Arc::new(Mutex::new(noon()));
    let text = format!("{{kind: log, service: mks, path: '{}'}}", log.display());
    let mut probe = spec(&text).make(&given(folder.path(), &samples, &clock));
    again(&mut probe).await;
    fs::write(&log, "ERROR boom\n".repeat(20)).expect("written");
    assert_eq!(number(&again(&mut probe).await, "surge_ratio"), 2.0);
}

#[tokio::test]
async fn without_a_day_of_history_a_surge_cannot_be_said() {
    // C7: baseline_not_ready, and the absolute limit alone counts.
    let folder = tempfile::tempdir().expect("a folder");
    let (log, samples) = (folder.path().join("app.log"), kept(folder.path()));
    learn(&samples, &Series::new("probe", "errors"), 3, 10.0);
    fs::write(&log, "").expect("written");
    let clock = Arc::new(Mutex::new(noon()));
    let text = format!("{{kind: log, service: mks, path: '{}'}}", log.display());
    let mut probe = spec(&text).make(&given(folder.path(), &samples, &clock));
    again(&mut probe).await;
    fs::write(&log, "ERROR boom\n".repeat(250)).expect("written");
    let seen = again(&mut probe).await;
    assert_eq!(reason(&seen, "surge_ratio"), "baseline not ready: have 3 h, need 24 h");
    assert_eq!(number(&seen, "errors_in_window"), 250.0);
    let seen = again(&mut spec(&text).make(&deps_in(folder.path()))).await;
    assert!(
        matches!(&seen.readings["surge_ratio"], Reading::Unknown(_)),
        "nothing is kept: {seen:?}"
    );
}

/// Two hours of a folder that fills by so much a minute, up to `level` percent.
fn fill(samples: &Samples, level: f64, percent_per_minute: f64) {
    for minute in 0..120 {
        let at = noon() - SignedDuration::from_mins(120 - minute);
        let value = level - percent_per_minute * (120 - minute) as f64;
        samples.record(&Series::new("probe", "used_percent"), at, value).expect("recorded");
    }
    samples.flush().expect("kept");
}

#[tokio::test]
async fn a_disk_that_fills_says_in_how_many_hours_it_is_full() {
    // C1: less than 4 hours is critical.
    for (level, percent_per_minute, hours) in [(70.0, 0.25, 2.0), (70.0, 0.0, 8760.0)] {
        let folder = tempfile::tempdir().expect("a folder");
        let samples = kept(folder.path());
        fill(&samples, level, percent_per_minute);
        let clock = Arc::new(Mutex::new(noon()));
        let text = format!(
            "{{kind: disk, service: s, folder: '{}', budget: 1GiB}}",
            folder.path().display()
        );
        let seen = again(&mut spec(&text).make(&given(folder.path(), &samples, &clock))).await;
        let full = number(&seen, "full_in_hours");
        assert!((full - hours).abs() < 0.1, "{full} instead of {hours}: {seen:?}");
        let is_told = seen
            .detail
            .as_ref()
            .map(|said| said.en.as_str())
            .unwrap_or_default()
            .contains("is full in 2.0 h");
        assert_eq!(is_told, hours < 100.0, "{seen:?}");
    }
}

#[tokio::test]
async fn of_several_disks_the_one_that_fills_first_counts() {
    let folder = tempfile::tempdir().expect("a folder");
    let samples = kept(folder.path());
    let clock = Arc::new(Mutex::new(noon()));
    let text = "{kind: disk, service: s, paths: [/, /dev/shm]}";
    let mut probe = spec(text).make(&given(folder.path(), &samples, &clock));
    let seen = again(&mut probe).await;
    let why = "too little was measured: have 0 min, need 30 min";
    assert_eq!(reason(&seen, "full_in_hours"), why);
    // /dev/shm is the emptier one, and fills.
    for minute in 0..120 {
        let at = noon() - SignedDuration::from_mins(120 - minute);
        for (reading, value) in
            [("used_percent:/", 80.0), ("used_percent:/dev/shm", minute as f64 * 0.5)]
        {
            samples.record(&Series::new("probe", reading), at, value).expect("recorded");
        }
    }
    samples.flush().expect("kept");
    let seen = again(&mut probe).await;
    let full = number(&seen, "full_in_hours");
    assert!((1.2..1.5).contains(&full), "40 % at half a percent a minute: {full}");
    assert!(
        seen.detail
            .as_ref()
            .map(|said| said.en.as_str())
            .is_some_and(|it| it.contains("/dev/shm is full in")),
        "{seen:?}"
    );
    // What it measures is kept under the names that it asks for.
    let names: Vec<_> =
        recorded::values(&"s".into(), &seen).iter().map(|(series, _)| series.to_string()).collect();
    assert!(names.contains(&"probe used_percent:/dev/shm".to_owned()), "{names:?}");
}
