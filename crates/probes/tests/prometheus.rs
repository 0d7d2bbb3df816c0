//! Stories of the probes that read Prometheus' notations: `prometheus` from recorded scrapes, both from a real one.

mod common;

use common::{
    again, deps, look, number,
    serving::{Server, said},
    spec, text, up,
};
use domain::reading::{Observation, Reading};
use jiff::{SignedDuration, Timestamp};
use probes::Deps;
use std::{
    fs,
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};
use tempfile::TempDir;

const EXPOSITION: &str = include_str!("recorded/exposition.txt");

fn unknown(seen: &Observation, name: &str) -> String {
    match &seen.readings[name] {
        Reading::Unknown(why) | Reading::Failed(why) => why.en.clone(),
        other => panic!("{name} is {other}"),
    }
}

#[tokio::test]
async fn chosen_metrics_are_read_and_the_rest_is_counted() {
    // B30, B32.
    let target = Server::start(said(200, EXPOSITION)).await;
    let seen = look(&format!(
        "kind: prometheus
service: api-1
url: {}/metrics
metrics:
  rejected: http_requests_total{{code=\"400\"}}
  requests: {{metric: http_requests_total, labels: {{method: post}}, take: sum}}
  slowest: {{metric: http_request_duration_seconds_bucket, take: max}}
  buckets: {{metric: http_request_duration_seconds_bucket, take: count}}
  dotted: '{{\"my.dotted.metric\",\"error code\"=\"none\"}}'
  quantile: rpc_duration_seconds
  weird: something_weird
  ambiguous: http_requests_total
  gone: mks_system_disk_percent
",
        target.url
    ))
    .await;
    assert_eq!((up(&seen), number(&seen, "samples")), (Some(true), 20.0), "{seen:?}");
    assert!(number(&seen, "latency_ms") > 0.0);
    assert_eq!((number(&seen, "rejected"), number(&seen, "requests")), (3.0, 1030.0));
    assert_eq!((number(&seen, "slowest"), number(&seen, "buckets")), (144320.0, 3.0));
    assert_eq!(number(&seen, "dotted"), -0.5);
    assert_eq!(unknown(&seen, "gone"), "not exported");
    assert_eq!(unknown(&seen, "quantile"), "the value is NaN");
    assert_eq!(unknown(&seen, "weird"), "the value is inf");
    assert!(unknown(&seen, "ambiguous").contains("2 series match"), "{seen:?}");
    assert!(seen.detail.expect("what is missing").en.contains("gone: not exported"));
    let accept = target.last().headers["accept"].to_str().expect("text").to_owned();
    assert!(accept.contains("version=1.0.0") && accept.contains("version=0.0.4"), "{accept}");
}

#[tokio::test]
async fn a_counter_becomes_a_rate_over_two_looks() {
    let clock = Arc::new(Mutex::new(Timestamp::UNIX_EPOCH));
    let told = clock.clone();
    let deps = Deps { clock: Arc::new(move || *told.lock().expect("no panic")), ..deps() };
    let counters = |ok: u32, failed: u32| {
        said(200, format!("r{{code=\"200\"}} {ok}\nr{{code=\"500\"}} {failed}\n"))
    };
    let target = Server::start(counters(1000, 7)).await;
    let text = format!(
        "{{kind: prometheus, service: api-1, url: '{}', metrics: {{rate: {{metric: r, take: rate}}}}}}",
        target.url
    );
    let mut probe = spec(&text).make(&deps);
    let mut next = async |said: Option<_>, seconds: i64| {
        *clock.lock().expect("no panic") += SignedDuration::from_secs(seconds);
        said.into_iter().for_each(|said| target.says(said));
        again(&mut probe).await
    };
    assert_eq!(unknown(&next(None, 0).await, "rate"), "a rate needs two looks");
    assert_eq!(number(&next(Some(counters(1040, 17)), 10).await, "rate"), 5.0);
    // Restarted: 20 and 0 since then.
    assert_eq!(number(&next(Some(counters(20, 0)), 10).await, "rate"), 2.0);
    // Away, and back with what was there before: nothing is made up for the time between.
    assert_eq!(unknown(&next(Some(said(200, "other 1\n")), 10).await, "rate"), "not exported");
    assert!(unknown(&next(Some(counters(900, 900)), 10).await, "rate").contains("two looks"));
    assert_eq!(number(&next(Some(counters(900, 901)), 2).await, "rate"), 0.5);
}

#[tokio::test]
async fn a_target_that_exports_nothing_readable_is_down_with_the_line() {
    let target = Server::start(said(200, "up 1\n<html>\n")).await;
    let text = format!(
        "{{kind: prometheus, service: api-1, url: '{}', body_limit: 1KiB, metrics: {{up_value: up}}}}",
        target.url
    );
    let seen = look(&text).await;
    assert_eq!((up(&seen), text_of(&seen)), (Some(false), "garbage".into()));
    assert_eq!(
        seen.detail.as_ref().map(|said| said.en.as_str()),
        Some("line 2 is no sample: <html>")
    );
    assert!(matches!(seen.readings["up_value"], Reading::Failed(_)), "{seen:?}");
    for (said, cause) in
        [(said(503, "starting"), "status"), (said(200, "x 1\n".repeat(1000)), "body")]
    {
        target.says(said);
        let seen = look(&text).await;
        assert_eq!((up(&seen), text_of(&seen)), (Some(false), cause.into()));
    }
}

fn text_of(seen: &Observation) -> String {
    text(seen, "cause")
}

/// A real Prometheus that scrapes itself; it ends when it is dropped.
struct Prometheus {
    url: String,
    server: Child,
    _folder: TempDir,
}

impl Prometheus {
    /// Nothing when it is not installed; then the story is told nowhere, and CI does not accept that.
    fn start() -> Option<Self> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        if !std::env::split_paths(&path).any(|folder| folder.join("prometheus").is_file()) {
            assert!(std::env::var_os("CI").is_none(), "apt-get install prometheus");
            eprintln!("skipped: Prometheus is not installed (apt-get install prometheus)");
            return None;
        }
        // Somebody may take the port between our letting it go and Prometheus' taking it.
        (0..5).find_map(|_| Self::try_start()).map(Some).expect("Prometheus never became ready")
    }

    fn try_start() -> Option<Self> {
        let folder = tempfile::tempdir().expect("a folder");
        let free =
            TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("its address");
        let config = format!(
            "global: {{scrape_interval: 1s}}\nscrape_configs:\n- job_name: self\n  static_configs:\n  - targets: ['{free}']\n"
        );
        let file = folder.path().join("prometheus.yml");
        fs::write(&file, config).expect("written");
        let mut server = run(&file, &folder.path().join("data"), &free.to_string());
        let url = format!("http://{free}");
        let deadline = Instant::now() + Duration::from_secs(60);
        while Instant::now() < deadline {
            if server.try_wait().expect("ours").is_some() {
                return None;
            }
            if std::net::TcpStream::connect(free).is_ok() {
                return Some(Self { url, server, _folder: folder });
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = server.kill();
        let _ = server.wait();
        None
    }

    fn ask(&self, query: &str, more: &str) -> String {
        format!("kind: promql\nservice: api-1\nurl: {}\nquery: {query}\n{more}", self.url)
    }
}

fn run(config: &Path, data: &Path, address: &str) -> Child {
    Command::new("prometheus")
        .arg(format!("--config.file={}", config.display()))
        .arg(format!("--storage.tsdb.path={}", data.display()))
        .arg(format!("--web.listen-address={address}"))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("prometheus runs")
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

#[tokio::test]
async fn a_real_prometheus_is_scraped_and_asked() {
    let Some(prometheus) = Prometheus::start() else { return };
    let asked = prometheus.ask("up{job=\"self\"}", "");
    let deadline = Instant::now() + Duration::from_secs(60);
    let mut seen = look(&asked).await;
    while !matches!(seen.readings["value"], Reading::Measured(_)) {
        // Starting (503), then nothing scraped yet: neither is a value.
        assert!(Instant::now() < deadline, "it never scraped itself: {seen:?}");
        tokio::time::sleep(Duration::from_millis(100)).await;
        seen = look(&asked).await;
    }
    assert_eq!((number(&seen, "value"), number(&seen, "series")), (1.0, 1.0));

    let scalar = look(&prometheus.ask("scalar(vector(2)) * 21", "")).await;
    assert_eq!(number(&scalar, "value"), 42.0);
    let none = look(&prometheus.ask("nobody_exports_this", "")).await;
    assert_eq!((unknown(&none, "value"), number(&none, "series")), ("no series".into(), 0.0));
    let none = look(&prometheus.ask("nobody_exports_this", "empty_is: 0\n")).await;
    assert_eq!(number(&none, "value"), 0.0);
    let many = "prometheus_http_requests_total >= 0 or vector(1) or label_replace(vector(5), 'a', 'b', '', '')";
    let many = format!("'{}'", many.replace('\'', "''"));
    let several = look(&prometheus.ask(&many, "")).await;
    assert!(unknown(&several, "value").contains("series match"), "{several:?}");
    let count = look(&prometheus.ask(&many, "take: count\n")).await;
    assert_eq!(number(&count, "value"), number(&count, "series"));
    let wrong = look(&prometheus.ask("'sum('", "")).await;
    let why = unknown(&wrong, "value");
    assert!(why.contains("bad_data") && why.contains("parse error"), "its own words: {why}");
    let range = look(&prometheus.ask("'up[5m]'", "")).await;
    assert!(unknown(&range, "value").contains("a matrix"), "{range:?}");

    let scraped = look(&format!(
        "{{kind: prometheus, service: prometheus, url: '{}/metrics', metrics: {{\
         build: {{metric: prometheus_build_info, take: sum}}, \
         slow: {{metric: prometheus_http_request_duration_seconds_count, take: sum}}}}}}",
        prometheus.url
    ))
    .await;
    assert_eq!((up(&scraped), number(&scraped, "build")), (Some(true), 1.0), "{scraped:?}");
    assert!(number(&scraped, "samples") > 100.0 && number(&scraped, "slow") > 0.0);
}

#[tokio::test]
async fn warnings_are_passed_on_and_an_unreachable_server_is_no_value() {
    let server = Server::start(said(
        200,
        r#"{"status":"success","warnings":["store api: connection\u001b refused"],"data":{"resultType":"vector","result":[
           {"metric":{"job":"api"},"value":[1700000000.1,"3"]},{"metric":{"job":"db"},"value":[1700000000.1,"4"]}]}}"#,
    ))
    .await;
    let asked = format!(
        "{{kind: promql, service: s, url: '{}/prom/', query: 'a{{b=\"c d\"}}', take: max, timeout: 5s}}",
        server.url
    );
    let seen = look(&asked).await;
    assert_eq!((number(&seen, "value"), number(&seen, "series")), (4.0, 2.0), "{seen:?}");
    assert_eq!(
        seen.detail.as_ref().map(|said| said.en.as_str()),
        Some("2 series; warning: store api: connection  refused"),
        "half an answer is said to be one"
    );
    let uri = server.last().uri.to_string();
    assert_eq!(uri, "/prom/api/v1/query?query=a%7Bb%3D%22c+d%22%7D&timeout=5000ms");
    server.says(said(503, "Service Unavailable"));
    assert!(unknown(&look(&asked).await, "value").contains("HTTP 503 Service Unavailable"));
    server.says(said(200, "<html>login</html>"));
    assert!(unknown(&look(&asked).await, "value").contains("not JSON"));
    let nobody = look("{kind: promql, service: s, url: 'http://127.0.0.1:1', query: up}").await;
    assert!(unknown(&nobody, "value").contains("refused"), "{nobody:?}");
    assert_eq!(nobody.readings.len(), 1, "nothing but the failure is said");
}
