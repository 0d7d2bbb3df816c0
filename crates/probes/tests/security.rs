//! Stories of the `access_security` probe: each attack is seen and named, and ordinary visitors are not (A61).

mod common;

use common::{deps, number, spec, text};
use domain::reading::{Observation, Reading};
use jiff::{Timestamp, ToSpan};
use probes::{Deps, Probe};
use std::{
    fmt::Write,
    fs,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};
use tempfile::TempDir;

const DETECTORS: [&str; 6] =
    ["open_write", "bulk_export", "brute_force", "low_and_slow", "path_scan", "error_client"];

/// A site with its log, its clock, and hikeshi watching.
struct Site {
    folder: TempDir,
    now: Arc<Mutex<Timestamp>>,
    log: String,
    probe: Box<dyn Probe>,
}

impl Site {
    fn new(more: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let begin: Timestamp = "2026-11-22T01:00:00Z".parse().expect("a time");
        let now = Arc::new(Mutex::new(begin));
        let clock = Arc::clone(&now);
        let clock = move || *clock.lock().unwrap_or_else(PoisonError::into_inner);
        let path = folder.path().join("access.log");
        fs::write(&path, "").expect("written");
        let text =
            format!("{{kind: access_security, service: proxy, path: '{}'{more}}}", path.display());
        let probe = spec(&text).make(&Deps { clock: Arc::new(clock), ..deps() });
        Self { folder, now, log: String::new(), probe }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("access.log")
    }

    fn now(&self) -> Timestamp {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn pass(&self, seconds: i64) {
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        *now += seconds.seconds();
    }

    /// A request now. `tail` is what the log says behind.
    fn request(&mut self, client: &str, request: &str, status: u16, tail: &str) {
        let at = self.now().strftime("%d/%b/%Y:%H:%M:%S +0000").to_string();
        let line = writeln!(
            self.log,
            "{client} - - [{at}] \"{request} HTTP/1.1\" {status} 1000 \"-\" \"Mozilla/5.0\" rt=0.01{tail}"
        );
        line.expect("a String takes everything");
    }

    async fn look(&mut self) -> Observation {
        use std::io::Write;
        let mut file = fs::File::options().append(true).open(self.path()).expect("opened");
        file.write_all(self.log.as_bytes()).expect("written");
        self.log.clear();
        self.probe.look().await.remove(0)
    }
}

/// The detectors that say so.
fn suspected(seen: &Observation) -> Vec<&str> {
    let is_true = |name: &&str| seen.readings.get(*name) == Some(&Reading::flag(true));
    DETECTORS.into_iter().filter(is_true).collect()
}

#[tokio::test]
async fn sixty_failed_sign_ins_of_one_client_are_brute_force() {
    // A61: the client is named, with numbers and lines.
    let mut site = Site::new("");
    for attempt in 0..60 {
        site.request("203.0.113.7", "POST /api/v1/auth/login?password=hunter2", 401, "");
        site.request(&format!("198.51.100.{attempt}"), "POST /api/v1/auth/login", 200, "");
        site.pass(1);
    }
    let seen = site.look().await;
    assert_eq!(suspected(&seen), ["brute_force"], "{seen:?}");
    assert_eq!(text(&seen, "client"), "203.0.113.7");
    let evidence = text(&seen, "evidence");
    assert!(evidence.contains("60 of 60 attempts to sign in failed within 5m"), "{evidence}");
    assert!(evidence.contains("POST /api/v1/auth/login 401") && !evidence.contains("hunter2"));
    assert_eq!(seen.detail.as_ref().map(|said| said.en.as_str()), Some(evidence.as_str()));
    // It is over when it has not happened for the window.
    site.pass(360);
    assert_eq!(suspected(&site.look().await), [""; 0]);
}

#[tokio::test]
async fn the_address_behind_a_trusted_proxy_is_the_one_that_is_named() {
    // C25: and who is not behind one cannot shift the blame.
    let mut site = Site::new(", trusted_proxies: [127.0.0.1], fields: {forwarded_for: xff}");
    for _ in 0..30 {
        site.request("127.0.0.1", "POST /login", 401, " xff=\"9.9.9.9, 203.0.113.7\"");
        site.request("198.51.100.9", "GET /x", 200, " xff=\"203.0.113.8\"");
    }
    let seen = site.look().await;
    assert_eq!(text(&seen, "client"), "203.0.113.7");
    assert!(!text(&seen, "evidence").contains("9.9.9.9"));
}

#[tokio::test]
async fn many_missing_paths_of_one_client_are_a_scan_and_an_error_client() {
    let mut site = Site::new("");
    for number in 0..120 {
        site.request("203.0.113.7", &format!("GET /wp-{number}.php"), 404, "");
        site.request("198.51.100.9", "GET /missing.png", 404, "");
        site.request("198.51.100.9", "GET /", 200, "");
    }
    let seen = site.look().await;
    assert_eq!(suspected(&seen), ["path_scan", "error_client"], "{seen:?}");
    assert_eq!(text(&seen, "client"), "203.0.113.7");
    let evidence = text(&seen, "evidence");
    assert!(evidence.contains("120 of 120 requests were refused"), "{evidence}");
}

#[tokio::test]
async fn a_write_without_sign_in_is_seen_once_the_log_tells_who_signed_in() {
    let mut site = Site::new("");
    site.request("203.0.113.7", "POST /api/admin/users", 201, "");
    let seen = site.look().await;
    assert!(
        matches!(&seen.readings["open_write"], Reading::Unknown(why) if why.en.contains("does not say")),
        "an empty user may only mean that nothing fills it: {seen:?}"
    );
    site.request("203.0.113.8", "POST /api/admin/users", 201, " auth=yes");
    site.request("203.0.113.9", "POST /api/admin/login", 200, " auth=-");
    site.request("203.0.113.9", "DELETE /api/admin/users/1", 403, " auth=-");
    let seen = site.look().await;
    assert_eq!(suspected(&seen), ["open_write"], "now the first one counts: {seen:?}");
    assert_eq!(text(&seen, "client"), "203.0.113.7");

    let mut site = Site::new("");
    site.request("203.0.113.9", "DELETE //api/%61dmin/users/1", 204, " auth=-");
    let seen = site.look().await;
    assert_eq!(
        (suspected(&seen), text(&seen, "client")),
        (vec!["open_write"], "203.0.113.9".into())
    );
}

#[tokio::test]
async fn exports_in_bulk_are_seen_by_count_and_by_bytes() {
    let mut site = Site::new(", bulk_export: {limit: 50, limit_bytes: 1MB}");
    for _ in 0..50 {
        site.request("203.0.113.7", "GET /api/export/prices", 200, "");
    }
    assert_eq!(suspected(&site.look().await), ["bulk_export"]);

    let mut site = Site::new(", bulk_export: {limit: 50, limit_bytes: 5KB}");
    for _ in 0..5 {
        site.request("203.0.113.7", "GET /reports/all.csv", 200, "");
        site.request("203.0.113.8", "GET /reports/all.csv", 403, "");
    }
    let seen = site.look().await;
    assert!(text(&seen, "evidence").contains("5 exports with 5000 bytes"), "{seen:?}");
}

#[tokio::test]
async fn many_clients_that_each_fail_a_little_are_seen_together() {
    let mut site = Site::new("");
    for client in 0..40 {
        for _ in 0..3 {
            site.request(&format!("198.51.100.{client}"), "POST /login", 401, "");
            site.pass(10);
        }
    }
    let seen = site.look().await;
    assert_eq!(suspected(&seen), ["low_and_slow"], "{seen:?}");
    assert!(text(&seen, "evidence").contains("40 clients failed to sign in"));
    assert_eq!(text(&seen, "client"), "", "nobody alone");

    // The same, on a site where most people get in.
    let mut site = Site::new("");
    for client in 0..40 {
        site.request(&format!("198.51.100.{client}"), "POST /login", 401, "");
        site.request(&format!("198.51.100.{client}"), "POST /login", 200, "");
    }
    assert_eq!(suspected(&site.look().await), [""; 0], "people mistype");
}

#[tokio::test]
async fn ordinary_visitors_are_never_suspected() {
    // The visitors of the demo, for ten minutes; some mistype a password, one follows an old link, one is lost.
    let mut site = Site::new("");
    let journey = [
        "GET /",
        "GET /api/stocks/search?q=72",
        "GET /api/stocks/7203.T",
        "GET /api/finance/stocks/7203.T/price?days=30",
        "GET /api/finance/stocks/7203.T/predictions",
        "GET /api/market/summary",
        "GET /api/finance/rankings/predictions",
        "GET /api/predictions/accuracy/summary",
    ];
    for second in 0..600 {
        for visitor in 0..16 {
            let client = format!("203.0.113.{}", 10 + visitor);
            site.request(&client, journey[(second + visitor) % journey.len()], 200, " auth=-");
            if second % 60 == visitor {
                site.request(&client, "POST /api/auth/login", 401, " auth=-");
                site.request(&client, "POST /api/auth/login", 200, " auth=-");
                site.request(&client, "GET /old", 404, " auth=-");
                site.request(&client, "POST /api/watchlist", 201, " auth=yes");
                site.request(&client, "GET /api/export/mine.csv", 200, " auth=yes");
            }
        }
        site.pass(1);
        if second % 60 == 59 {
            let seen = site.look().await;
            for name in DETECTORS {
                assert_eq!(seen.readings[name], Reading::flag(false), "{name}: {:?}", seen.detail);
            }
        }
    }
    // A fire is no attack: everything fails for everybody.
    for visitor in 0..16 {
        for _ in 0..200 {
            site.request(&format!("203.0.113.{}", 10 + visitor), "GET /api/stocks/7203.T", 502, "");
        }
    }
    assert_eq!(suspected(&site.look().await), [""; 0]);
}

#[tokio::test]
async fn who_is_allowed_is_never_suspected_and_a_detector_can_be_off() {
    let mut site = Site::new(", allow: [192.0.2.0/24], path_scan: off, error_client: off");
    for number in 0..200 {
        site.request("192.0.2.9", "POST /login", 401, "");
        site.request("203.0.113.7", &format!("GET /{number}"), 404, "");
    }
    let seen = site.look().await;
    assert_eq!(suspected(&seen), [""; 0], "{seen:?}");
    assert!(!seen.readings.contains_key("path_scan"));
}

#[tokio::test]
async fn a_flood_of_hostile_clients_stays_within_bounds_and_is_told() {
    let mut site = Site::new(", max_clients: 100");
    for number in 0..5_000_u32 {
        let [_, b, c, d] = number.to_be_bytes();
        let request = format!("GET /{}\\x22{}", "x".repeat(50), "é".repeat(10));
        site.request(&format!("10.{b}.{c}.{d}"), &request, 404, "");
        // The one who really does it is seen again and again, so never the oldest.
        if number % 20 == 0 {
            site.request("203.0.113.7", "POST /login", 401, "");
        }
    }
    let seen = site.look().await;
    assert_eq!(suspected(&seen), ["brute_force", "error_client"], "{seen:?}");
    assert_eq!(text(&seen, "client"), "203.0.113.7");
    assert!(number(&seen, "forgotten_clients") > 4_800.0, "{seen:?}");
}

#[tokio::test]
async fn a_log_that_is_not_there_is_failed_not_safe() {
    let mut site = Site::new("");
    fs::remove_file(site.path()).expect("removed");
    let seen = site.probe.look().await.remove(0);
    assert!(
        matches!(&seen.readings["open_write"], Reading::Failed(why) if why.en.contains("access.log")),
        "{seen:?}"
    );
}
