//! Stories of the `log`, `access_log` and `disk` probes with real files.

mod common;

use common::{again, deps, deps_in, number, spec, text};
use domain::{
    reading::{Observation, Reading},
    said::Said,
};
use jiff::{Timestamp, ToSpan, tz::TimeZone};
use probes::{Deps, look_once};
use std::{
    fs::{self, File},
    io::Write,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use tempfile::TempDir;

struct Place {
    folder: TempDir,
}

impl Place {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a folder") }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        let mut file =
            File::options().append(true).create(true).open(self.path(name)).expect("opened");
        file.write_all(text.as_bytes()).expect("written");
    }

    fn log_spec(&self) -> String {
        format!(
            "{{kind: log, service: mks-backend, path: '{}', window: 1h}}",
            self.path("*.log").display()
        )
    }

    fn deps(&self) -> Deps {
        deps_in(&self.path("state"))
    }
}

fn is_unknown(seen: &Observation, name: &str) -> bool {
    matches!(seen.readings.get(name), Some(Reading::Unknown(_)))
}

#[tokio::test]
async fn errors_are_counted_once_across_rotation_and_restart() {
    // B34.
    let place = Place::new();
    place.write("app.log", "ERROR before hikeshi came\n");
    let mut probe = spec(&place.log_spec()).make(&place.deps());
    assert!(is_unknown(&again(&mut probe).await, "errors"), "the first look only marks the place");
    probe.taken();
    place.write(
        "app.log",
        "{\"level\":\"INFO\",\"message\":\"no ERROR here\"}\n{\"level\":\"ERROR\",\"message\":\"x\"}\n2026-11-22 10:00:00 | CRITICAL | login password=hunter2\n",
    );
    let seen = again(&mut probe).await;
    assert_eq!(number(&seen, "errors"), 2.0, "{seen:?}");
    assert_eq!(text(&seen, "last_error"), "2026-11-22 10:00:00 | CRITICAL | login password=***");
    probe.taken();

    // hikeshi goes; the log is rotated, written to on both sides, and hikeshi comes back.
    drop(probe);
    place.write("app.log", "ERROR last of the old\n");
    fs::rename(place.path("app.log"), place.path("app.log.1")).expect("rotated");
    place.write("app.log", "ERROR first of the new\n");
    place.write("other.log", "FATAL in a file that is all new\n");
    let mut probe = spec(&place.log_spec()).make(&place.deps());
    let seen = again(&mut probe).await;
    assert_eq!(number(&seen, "errors"), 3.0, "{seen:?}");
    assert_eq!(number(&seen, "errors_in_window"), 5.0);
    probe.taken();
    assert_eq!(number(&again(&mut probe).await, "errors"), 0.0);
}

#[tokio::test]
async fn what_nobody_took_is_reported_again_and_a_check_moves_nothing() {
    let place = Place::new();
    place.write("app.log", "");
    let mut probe = spec(&place.log_spec()).make(&place.deps());
    again(&mut probe).await;
    probe.taken();
    place.write("app.log", "ERROR one\n");
    for _ in 0..2 {
        let seen =
            look_once(vec![spec(&place.log_spec())], &place.deps(), Duration::from_secs(60)).await;
        assert_eq!(number(&seen[0].1[0], "errors"), 1.0);
    }
    assert_eq!(number(&again(&mut probe).await, "errors"), 1.0);
    place.write("app.log", "ERROR two\n");
    assert_eq!(number(&again(&mut probe).await, "errors"), 2.0, "the first was not taken");
}

#[tokio::test]
async fn a_log_that_is_not_there_is_failed_not_zero() {
    let place = Place::new();
    let mut probe = spec(&place.log_spec()).make(&place.deps());
    let seen = again(&mut probe).await;
    assert!(
        matches!(&seen.readings["errors"], Reading::Failed(why) if why.en.contains("does not exist")),
        "{seen:?}"
    );
    place.write("app.log", "ERROR in a file that was not there before\n");
    assert_eq!(number(&again(&mut probe).await, "errors"), 1.0);

    // A file that opens and cannot be read, even by root.
    let mut probe = spec("{kind: log, service: s, path: /proc/self/mem}").make(&deps());
    let seen = again(&mut probe).await;
    assert!(
        matches!(&seen.readings["errors"], Reading::Failed(why) if why.en.contains("/proc/self/mem")),
        "{seen:?}"
    );
    assert_eq!(number(&seen, "unreadable"), 1.0);
}

#[tokio::test]
async fn a_big_log_and_a_deleted_one_that_is_still_open_are_seen() {
    // B6.
    let place = Place::new();
    let file = File::create(place.path("big.log")).expect("created");
    file.set_len(1_100_000_000).expect("a file with a hole");
    let mut held = File::create(place.path("gone.log")).expect("created");
    held.write_all(&vec![b'x'; 1 << 20]).expect("written");
    held.sync_all().expect("on disk");
    fs::remove_file(place.path("gone.log")).expect("deleted");
    let mut probe = spec(&place.log_spec()).make(&deps());
    let seen = again(&mut probe).await;
    assert_eq!(number(&seen, "size_bytes"), 1_100_000_000.0);
    assert!(number(&seen, "deleted_open_bytes") >= 1_048_576.0, "{seen:?}");
}

/// A line of the proxy's log.
fn line(at: Timestamp, status: u16, seconds: f64, upstream: &str) -> String {
    let at = at.to_zoned(TimeZone::UTC).strftime("%d/%b/%Y:%H:%M:%S %z");
    format!(
        "203.0.113.7 - - [{at}] \"GET /api HTTP/1.1\" {status} 5 \"-\" \"curl\" rt={seconds:.3} us={upstream} ust={status}\n"
    )
}

fn access_spec(path: &Path) -> String {
    format!(
        "{{kind: access_log, service: proxy, path: '{}', instances: {{'127.0.0.1:8080': api-1, '127.0.0.1:8081': api-2}}}}",
        path.display()
    )
}

#[tokio::test]
async fn error_rate_and_latency_are_those_of_the_window_in_all_and_per_instance() {
    // C5, C6.
    let place = Place::new();
    let now: Timestamp = "2026-11-22T01:00:00Z".parse().expect("a time");
    let deps = Deps { clock: Arc::new(move || now), ..deps() };
    for second in 0..40 {
        place.write(
            "access.log",
            &line(now - 20.minutes() + second.seconds(), 500, 60.0, "127.0.0.1:8080"),
        );
    }
    let mut probe = spec(&access_spec(&place.path("access.log"))).make(&deps);
    let seen = again(&mut probe).await;
    assert_eq!(
        seen.readings["error_rate_percent"],
        Reading::Unknown(Said::new(
            "リクエストが足りません: 20 件必要なところ 0 件",
            "insufficient traffic: 0 of 20"
        ))
    );

    for second in 0..100 {
        let (status, seconds) = if second % 5 == 0 { (502, 10.0) } else { (200, 0.1) };
        let upstream = if status == 502 { "127.0.0.1:8081" } else { "127.0.0.1:8080" };
        place.write(
            "access.log",
            &line(now - 100.seconds() + second.seconds(), status, seconds, upstream),
        );
    }
    let seen = probe.look().await;
    let [all, first, second] = seen.as_slice() else { panic!("{seen:?}") };
    assert_eq!((number(all, "error_rate_percent"), number(all, "requests")), (20.0, 100.0));
    assert_eq!((number(all, "p50_ms"), number(all, "p95_ms")), (100.0, 10_000.0));
    assert_eq!((first.service.as_str(), number(first, "error_rate_percent")), ("api-1", 0.0));
    assert_eq!((second.service.as_str(), number(second, "error_rate_percent")), ("api-2", 100.0));
    assert_eq!(number(second, "p95_ms"), 10_000.0);
}

#[tokio::test]
async fn a_log_of_another_format_is_failed_not_quiet() {
    let place = Place::new();
    place.write("access.log", "hello\nworld\n");
    let mut probe = spec(&access_spec(&place.path("access.log"))).make(&deps());
    let seen = again(&mut probe).await;
    assert!(
        matches!(&seen.readings["error_rate_percent"], Reading::Failed(why) if why.en.contains("expected format"))
    );
}

#[tokio::test]
async fn a_folder_is_measured_against_its_budget_and_disks_as_df_does() {
    // B3.
    let place = Place::new();
    fs::create_dir(place.path("spool")).expect("made");
    let mut file = File::create(place.path("spool/filled")).expect("created");
    file.write_all(&vec![1; 15 << 20]).and_then(|()| file.sync_all()).expect("on disk");
    let folder = place.path("spool");
    let seen = common::look(&format!(
        "{{kind: disk, service: s, folder: '{}', budget: 16MiB}}",
        folder.display()
    ))
    .await;
    assert!((93.0..95.0).contains(&number(&seen, "used_percent")), "{seen:?}");
    assert_eq!(text(&seen, "worst"), folder.display().to_string());

    let seen = common::look("{kind: disk, service: host-1}").await;
    assert!(number(&seen, "used_percent") > 0.0 && number(&seen, "free_bytes") > 0.0, "{seen:?}");
    let seen = common::look("{kind: disk, service: host-1, paths: [/, /nowhere]}").await;
    assert_eq!(number(&seen, "unmeasured"), 1.0);
    let seen = common::look("{kind: disk, service: host-1, paths: [/nowhere]}").await;
    assert!(matches!(seen.readings["used_percent"], Reading::Failed(_)));
}

#[tokio::test]
async fn a_host_has_its_rates_from_the_second_look_on() {
    // B5, C8.
    let mut probe = spec("{kind: host, service: host-1}").make(&deps());
    let first = again(&mut probe).await;
    assert!(is_unknown(&first, "cpu_percent") && is_unknown(&first, "top_cpu"));
    assert!((0.0..=100.0).contains(&number(&first, "mem_used_percent")));
    assert!(number(&first, "load1") >= 0.0 && text(&first, "top_mem").contains("MiB"));
    let mut second = again(&mut probe).await;
    while is_unknown(&second, "cpu_percent") {
        // Not one clock tick has passed.
        second = again(&mut probe).await;
    }
    assert!((0.0..=100.0).contains(&number(&second, "cpu_percent")));
    assert!(text(&second, "top_cpu").lines().count() <= 10);
}

#[tokio::test]
async fn every_route_has_its_own_error_rate() {
    let place = Place::new();
    let now: Timestamp = "2026-11-22T01:00:00Z".parse().expect("a time");
    let deps = Deps { clock: Arc::new(move || now), ..deps() };
    for second in 0..60 {
        let at = now - 60.seconds() + second.seconds();
        let search = line(at, 500, 0.1, "127.0.0.1:8080");
        let prediction = line(at, 200, 0.1, "127.0.0.1:8080");
        place.write("access.log", &search.replace("GET /api ", "GET /api/stocks/search?q=7203 "));
        let path = format!("GET /api/finance/stocks/{second}.T/predictions ");
        place.write("access.log", &prediction.replace("GET /api ", &path));
    }
    let text_of_spec = format!(
        "{{kind: access_log, service: proxy, path: '{}', routes: {{/api/stocks/search: search, /api/finance/stocks/*/predictions: prediction}}}}",
        place.path("access.log").display()
    );
    let seen = spec(&text_of_spec).make(&deps).look().await;
    let rates: Vec<_> = seen
        .iter()
        .map(|one| {
            (one.service.as_str(), number(one, "error_rate_percent"), number(one, "requests"))
        })
        .collect();
    assert_eq!(rates, [("proxy", 50.0, 120.0), ("search", 100.0, 60.0), ("prediction", 0.0, 60.0)]);
}

#[tokio::test]
async fn a_folder_in_place_of_a_log_is_named_as_one() {
    let place = Place::new();
    let folder = place.path("access.log");
    fs::create_dir(&folder).expect("a folder");
    let text_of_spec = format!("{{kind: log, service: api, path: '{}'}}", folder.display());
    let seen = again(&mut spec(&text_of_spec).make(&deps())).await;
    assert!(
        matches!(&seen.readings["errors"], Reading::Failed(why) if why.en.contains("is a folder"))
    );
}
