//! Stories of the `access_log` probe in depth: JSON lines, clients behind proxies, writes that failed.

mod common;

use common::{again, deps, number, spec};
use jiff::{Timestamp, ToSpan};
use probes::Deps;
use std::{fs, path::Path, sync::Arc};

fn now() -> Timestamp {
    "2026-11-22T01:00:00Z".parse().expect("a time")
}

fn frozen() -> Deps {
    Deps { clock: Arc::new(now), ..deps() }
}

fn text_of(path: &Path, more: &str) -> String {
    format!(
        "{{kind: access_log, service: proxy, path: '{}', minimum_requests: 2{more}}}",
        path.display()
    )
}

/// A line as nginx writes JSON.
fn json(seconds_ago: i64, client: &str, forwarded: &str, request: &str, status: u16) -> String {
    let at = now() - seconds_ago.seconds();
    format!(
        "{{\"time_iso8601\":\"{at}\",\"remote_addr\":\"{client}\",\"http_x_forwarded_for\":\"{forwarded}\",\"request\":\"{request} HTTP/1.1\",\"status\":{status},\"body_bytes_sent\":1000,\"request_time\":\"0.250\",\"upstream_addr\":\"127.0.0.1:8080\",\"upstream_status\":\"{status}\"}}\n"
    )
}

#[tokio::test]
async fn json_lines_are_measured_like_any_other() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("access.json");
    let lines: String = (0..60)
        .map(|second| {
            let status = if second % 4 == 0 { 503 } else { 200 };
            json(second, "203.0.113.7", "-", "GET /api/stocks?status=500", status)
        })
        .collect();
    fs::write(&path, lines).expect("written");
    let text = text_of(
        &path,
        ", window: 1m, instances: {'127.0.0.1:8080': api-1}, routes: {/api/stocks: search}",
    );
    let seen = spec(&text).make(&frozen()).look().await;
    let services: Vec<_> = seen.iter().map(|one| one.service.as_str()).collect();
    assert_eq!(services, ["proxy", "api-1", "search"]);
    for one in &seen {
        assert_eq!((number(one, "error_rate_percent"), number(one, "requests")), (25.0, 60.0));
        assert_eq!((number(one, "p95_ms"), number(one, "requests_per_s")), (250.0, 1.0));
        assert_eq!(number(one, "bytes_out"), 60_000.0);
    }
}

#[tokio::test]
async fn failed_writes_are_counted_by_their_status_field() {
    // A65: the two lines that a filter for the text `20[012]` drops, and some that it keeps by mistake.
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("access.log");
    let lines = "\
10.0.200.7 - - [22/Nov/2026:09:59:00 +0900] \"POST /api/v1/auth/login HTTP/1.1\" 401 44
198.51.100.9 - - [22/Nov/2026:09:59:01 +0900] \"DELETE /api/x HTTP/1.1\" 403 512
198.51.100.9 - - [22/Nov/2026:09:59:02 +0900] \"PUT /api/500 HTTP/1.1\" 201 403
198.51.100.9 - - [22/Nov/2026:09:59:03 +0900] \"POST /api/x HTTP/1.1\" 303 0
198.51.100.9 - - [22/Nov/2026:09:59:04 +0900] \"GET /api/missing HTTP/1.1\" 404 12
";
    fs::write(&path, lines).expect("written");
    let seen = again(&mut spec(&text_of(&path, "")).make(&frozen())).await;
    assert_eq!((number(&seen, "writes_failed"), number(&seen, "requests")), (2.0, 5.0));
    assert_eq!(number(&seen, "distinct_clients"), 2.0);
}

#[tokio::test]
async fn clients_are_told_apart_only_through_trusted_proxies() {
    // C22, C25: three visitors behind our proxy, and a stranger who claims to be ten.
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("access.json");
    let behind =
        (1..=3).map(|n| json(n, "10.0.0.1", &format!("6.6.6.6, 203.0.113.{n}"), "GET /", 200));
    let stranger = (1..=10).map(|n| json(n, "198.51.100.9", &format!("192.0.2.{n}"), "GET /", 200));
    fs::write(&path, behind.chain(stranger).collect::<String>()).expect("written");
    for (trusted, clients) in [("", 2.0), (", trusted_proxies: [127.0.0.1, 10.0.0.0/8]", 4.0)] {
        let seen = again(&mut spec(&text_of(&path, trusted)).make(&frozen())).await;
        assert_eq!(number(&seen, "distinct_clients"), clients, "{trusted}");
    }
}

#[tokio::test]
async fn a_field_with_another_name_is_found_when_it_is_written_down() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("access.json");
    let line = "{\"StartUTC\":\"2026-11-22T00:59:30Z\",\"ClientHost\":\"203.0.113.7\",\"DownstreamStatus\":500,\"Duration_ns\":3000000}\n";
    fs::write(&path, line.repeat(4)).expect("written");
    let names = ", fields: {time: StartUTC, client: ClientHost, status: DownstreamStatus, latency: Duration_ns}";
    let seen = again(&mut spec(&text_of(&path, names)).make(&frozen())).await;
    assert_eq!((number(&seen, "error_rate_percent"), number(&seen, "p50_ms")), (100.0, 3.0));
}
