//! Stories of the `freshness` probe: what is late on a business day is not late on a weekend.

mod common;

use common::{
    again, deps, number,
    serving::{Server, said},
    spec, text,
};
use domain::reading::{Observation, Reading, Value};
use jiff::{Timestamp, civil, tz::TimeZone};
use probes::{Deps, Probe};
use std::{
    fs::{self, File},
    path::Path,
    sync::{Arc, Mutex},
    time::SystemTime,
};

const EXPECTED: &str = "expected: {days: [mon, tue, wed, thu, fri], by: '18:00', zone: Asia/Tokyo, holidays: [2026-11-23]}";

/// A time in Tokyo. 2026-11-20 is a Friday, Monday the 23rd a holiday.
fn tokyo(text: &str) -> Timestamp {
    let zone = TimeZone::get("Asia/Tokyo").expect("bundled");
    zone.to_timestamp(text.parse::<civil::DateTime>().expect("a time")).expect("in range")
}

fn late(seen: &Observation) -> Option<bool> {
    match seen.readings["late"].measured() {
        Some(Value::Flag(late)) => Some(*late),
        _ => None,
    }
}

/// A probe whose clock is told.
struct Told {
    clock: Arc<Mutex<Timestamp>>,
    probe: Box<dyn Probe>,
}

impl Told {
    fn new(text: &str) -> Self {
        let clock = Arc::new(Mutex::new(Timestamp::UNIX_EPOCH));
        let told = clock.clone();
        let deps = Deps { clock: Arc::new(move || *told.lock().expect("no panic")), ..deps() };
        Self { clock, probe: spec(text).make(&deps) }
    }

    async fn at(&mut self, time: &str) -> Observation {
        *self.clock.lock().expect("no panic") = tokyo(time);
        again(&mut self.probe).await
    }
}

fn write(path: &Path, modified: &str) {
    fs::write(path, "7203,2900\n").expect("written");
    let file = File::options().write(true).open(path).expect("ours");
    file.set_modified(SystemTime::from(tokyo(modified))).expect("ours");
}

#[tokio::test]
async fn a_weekend_and_a_holiday_without_new_prices_are_quiet() {
    let folder = tempfile::tempdir().expect("a folder");
    write(&folder.path().join("1119.csv"), "2026-11-19T17:40");
    write(&folder.path().join("1120.csv"), "2026-11-20T17:30");
    let pattern = folder.path().join("*.csv");
    let mut probe = Told::new(&format!(
        "{{kind: freshness, service: prices, path: '{}', {EXPECTED}}}",
        pattern.display()
    ));
    for quiet in [
        "2026-11-20T17:31",
        "2026-11-20T18:01",
        "2026-11-21T12:00",
        "2026-11-22T23:59",
        "2026-11-23T18:01",
        "2026-11-24T17:59:59",
        "2026-11-24T18:00",
    ] {
        let seen = probe.at(quiet).await;
        assert_eq!(
            (late(&seen), number(&seen, "late_seconds")),
            (Some(false), 0.0),
            "{quiet}: {seen:?}"
        );
        assert_eq!(text(&seen, "expected_at"), "2026-11-24T18:00:00+09:00");
    }
    let seen = probe.at("2026-11-24T18:01").await;
    assert_eq!((late(&seen), number(&seen, "late_seconds")), (Some(true), 60.0), "{seen:?}");
    assert_eq!(number(&seen, "age_seconds"), (4 * 24 * 60 + 31) as f64 * 60.0);
    let why = seen.detail.expect("a reason");
    assert!(
        why.en.contains("1120.csv") && why.en.contains("were due by 2026-11-24T18:00:00+09:00"),
        "{why}"
    );

    // They come late, and all is well until tomorrow.
    write(&folder.path().join("1124.csv"), "2026-11-24T18:30");
    let seen = probe.at("2026-11-24T18:31").await;
    assert_eq!(late(&seen), Some(false), "{seen:?}");
    assert_eq!(text(&seen, "expected_at"), "2026-11-25T18:00:00+09:00");
}

#[tokio::test]
async fn lateness_counts_from_the_first_deadline_that_was_missed() {
    let folder = tempfile::tempdir().expect("a folder");
    write(&folder.path().join("p.csv"), "2026-11-18T17:00");
    let path = folder.path().join("p.csv");
    let mut probe = Told::new(&format!(
        "{{kind: freshness, service: prices, path: '{}', {EXPECTED}}}",
        path.display()
    ));
    assert_eq!(late(&probe.at("2026-11-19T17:00").await), Some(false));
    let seen = probe.at("2026-11-20T18:00").await;
    assert_eq!((late(&seen), number(&seen, "late_seconds")), (Some(true), 86400.0));
}

#[tokio::test]
async fn no_data_at_all_is_late_and_a_time_to_come_is_no_measurement() {
    let folder = tempfile::tempdir().expect("a folder");
    let pattern = folder.path().join("*.csv");
    let mut probe = Told::new(&format!(
        "{{kind: freshness, service: prices, path: '{}', {EXPECTED}}}",
        pattern.display()
    ));
    let seen = probe.at("2026-11-21T12:00").await;
    assert_eq!(late(&seen), Some(true), "{seen:?}");
    assert!(matches!(seen.readings["age_seconds"], Reading::Unknown(_)), "no age is made up");
    write(&folder.path().join("forecast.csv"), "2026-11-27T17:00");
    let seen = probe.at("2026-11-21T12:00").await;
    assert!(
        matches!(&seen.readings["late"], Reading::Failed(why) if why.en.contains("yet to come")),
        "{seen:?}"
    );
}

#[tokio::test]
async fn the_newest_time_may_stand_in_a_json_answer() {
    let server = Server::start(said(200, r#"{"prices": {"newest": "2026-11-20"}}"#)).await;
    let mut probe = Told::new(&format!(
        "{{kind: freshness, service: prices, url: '{}/api/status', pointer: /prices/newest, {EXPECTED}}}",
        server.url
    ));
    assert_eq!(late(&probe.at("2026-11-22T12:00").await), Some(false), "a date is of its zone");
    assert_eq!(late(&probe.at("2026-11-24T18:01").await), Some(true));
    server.says(said(200, r#"{"prices": {"newest": "2026-11-24T17:59:00+09:00"}}"#));
    assert_eq!(late(&probe.at("2026-11-24T18:01").await), Some(false));
    server.says(said(200, r#"{"prices": {"newest": null}}"#));
    assert_eq!(
        late(&probe.at("2026-11-24T18:01").await),
        Some(true),
        "nothing is as late as can be"
    );
    for (said, part) in [
        (said(503, "down"), "HTTP 503 down"),
        (said(200, r#"{"prices": {}}"#), "not in the answer"),
        (said(200, r#"{"prices": {"newest": "soon"}}"#), "no time that can be read"),
    ] {
        server.says(said);
        let seen = probe.at("2026-11-24T18:01").await;
        assert!(
            matches!(&seen.readings["late"], Reading::Failed(why) if why.en.contains(part)),
            "{seen:?}"
        );
    }
}
