//! Stories of the probes that ask a store for a value (`json`, `loki`, `elasticsearch`) with recorded traffic.

mod common;

use common::{
    deps, look, number,
    serving::{Server, said},
    spec, text, up,
};
use domain::{
    reading::{Observation, Reading},
    said::Language,
};
use jiff::Timestamp;
use probes::{Deps, ProbeSpec};
use source::{Problems, yaml};
use std::sync::Arc;

fn why(seen: &Observation, name: &str) -> String {
    match &seen.readings[name] {
        Reading::Unknown(why) => format!("unknown: {why}"),
        Reading::Failed(why) => format!("failed: {why}"),
        other => panic!("{name} is {other}"),
    }
}

fn problems(text: &str) -> String {
    let mut problems = Problems::new();
    let node = yaml::read("probes.yaml", text, 0, &mut problems).expect("YAML");
    ProbeSpec::parse("p", &node, &mut problems);
    problems.render(Language::En)
}

#[tokio::test]
async fn json_values_are_read_and_what_is_missing_is_unknown() {
    let at: Timestamp = "2026-11-20T09:01:00Z".parse().expect("a time");
    let deps = Deps { clock: Arc::new(move || at), ..deps() };
    let server = Server::start(said(
        200,
        r#"{"queue":{"length":12},"state":"idle\u001b[0m","ready":true,"last":null,"jobs":[1],
            "run":{"ended":"2026-11-20T18:00:00"}}"#,
    ))
    .await;
    let asked = format!(
        "{{kind: json, service: batch, url: '{}/status', age_of: /run/ended, zone: Asia/Tokyo, values: {{\
         queued: /queue/length, state: /state, ready: /ready, last: /last, jobs: /jobs, first: /jobs/0, gone: /no}}}}",
        server.url
    );
    let seen = spec(&asked).make(&deps).look().await.remove(0);
    assert_eq!((up(&seen), number(&seen, "queued")), (Some(true), 12.0), "{seen:?}");
    assert_eq!(text(&seen, "state"), "idle [0m", "what a stranger says is shown harmlessly");
    assert_eq!(
        (seen.readings["ready"].clone(), number(&seen, "first")),
        (Reading::flag(true), 1.0)
    );
    assert_eq!(number(&seen, "age_seconds"), 60.0);
    assert_eq!(why(&seen, "gone"), "unknown: not in the answer");
    assert_eq!(why(&seen, "last"), "unknown: the value is null");
    assert!(why(&seen, "jobs").contains("point at one"));

    server.says(said(200, r#"{"run":{"ended":"soon"}}"#));
    let seen = spec(&asked).make(&deps).look().await.remove(0);
    assert!(why(&seen, "age_seconds").starts_with("unknown: `soon` is no time"));

    for (said, cause) in [(said(500, "oops"), "status"), (said(200, "<html>"), "body")] {
        server.says(said);
        let seen = spec(&asked).make(&deps).look().await.remove(0);
        assert_eq!((up(&seen), text(&seen, "cause").as_str()), (Some(false), cause), "{seen:?}");
        assert!(
            why(&seen, "queued").starts_with("failed")
                && why(&seen, "age_seconds").starts_with("failed")
        );
    }
}

#[test]
fn mistakes_in_the_configuration_are_named() {
    for (text, part) in [
        ("{kind: json, service: s, url: 'http://h/'}", "write `values` or `age_of`"),
        ("{kind: json, service: s, url: 'http://h/', values: {a: b}}", "write `/b`"),
        (
            "{kind: json, service: s, url: 'http://h/', values: {up: /b}}",
            "reading of this probe already",
        ),
        (
            "{kind: json, service: s, url: 'http://h/', age_of: /a, zone: Asia/Edo}",
            "no time zone `Asia/Edo`",
        ),
        ("{kind: promql, service: s, url: 'http://h/'}", "`query` is missing"),
        (
            "{kind: loki, service: s, url: 'http://h/', query: x, take: last}",
            "`take` is one of only",
        ),
        (
            "{kind: prometheus, service: s, url: 'http://h/', metrics: {a: {metric: b, take: p99}}}",
            "`take` is one of value, rate",
        ),
        (
            "{kind: prometheus, service: s, url: 'http://h/', metrics: {a: 'rate(b[5m])'}}",
            "selects no metric",
        ),
        ("{kind: elasticsearch, service: s, url: 'http://h/', index: i}", "write either `query`"),
        (
            "{kind: elasticsearch, service: s, url: 'http://h/', index: i, body: '{'}",
            "write either `query`",
        ),
    ] {
        let said = problems(text);
        assert!(said.contains(part), "{text}\n{said}");
    }
}

#[tokio::test]
async fn loki_counts_lines_and_says_why_it_cannot() {
    // Recorded from Loki's HTTP API.
    let server = Server::start(said(
        200,
        r#"{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1795165200.123,"1267"]}],
           "stats":{"summary":{"bytesProcessedPerSecond":0,"totalBytesProcessed":0,"execTime":0.003}}}}"#,
    ))
    .await;
    let asked = format!(
        "{{kind: loki, service: api-1, url: '{}', query: 'sum(count_over_time({{job=\"api\"}} |= \"ERROR\" [5m]))', \
         headers: {{X-Scope-OrgID: tenant-1}}}}",
        server.url
    );
    assert_eq!(number(&look(&asked).await, "value"), 1267.0);
    let last = server.last();
    assert_eq!(last.headers["x-scope-orgid"], "tenant-1");
    assert!(last.uri.path().ends_with("/loki/api/v1/query"), "{last:?}");
    let query = last.uri.query().expect("a query");
    assert_eq!(
        query,
        "query=sum%28count_over_time%28%7Bjob%3D%22api%22%7D+%7C%3D+%22ERROR%22+%5B5m%5D%29%29"
    );

    server.says(said(
        200,
        r#"{"status":"success","data":{"resultType":"vector","result":[],"stats":{}}}"#,
    ));
    assert_eq!(why(&look(&asked).await, "value"), "unknown: no series");
    let zero = asked.replace("headers:", "empty_is: 0, headers:");
    assert_eq!(number(&look(&zero).await, "value"), 0.0);
    server.says(said(200, r#"{"status":"success","data":{"resultType":"streams","result":[{"stream":{},"values":[["1","x"]]}],"stats":{}}}"#));
    assert!(why(&look(&asked).await, "value").contains("brings a streams"));
    // Loki refuses in plain text.
    server.says(said(400, "parse error at line 1, col 5: syntax error: unexpected IDENTIFIER\n"));
    let refused = why(&look(&asked).await, "value");
    assert!(
        refused.starts_with("failed") && refused.contains("syntax error: unexpected"),
        "{refused}"
    );
}

#[tokio::test]
async fn elasticsearch_counts_all_or_nothing() {
    // Recorded from Elasticsearch 8.
    let server = Server::start(said(
        200,
        r#"{"count":42,"_shards":{"total":5,"successful":5,"skipped":0,"failed":0}}"#,
    ))
    .await;
    let asked = format!(
        "{{kind: elasticsearch, service: api-1, url: '{}', index: 'logs-api-*', query: 'level:\"ERROR\"', since: 5m, \
         headers_env: {{authorization: PATH}}}}",
        server.url
    );
    assert_eq!(number(&look(&asked).await, "count"), 42.0);
    let last = server.last();
    assert_eq!((last.method.as_str(), last.uri.path()), ("POST", "/logs-api-*/_count"));
    assert_eq!(last.headers["content-type"], "application/json");
    assert!(last.headers.contains_key("authorization"));
    assert_eq!(
        last.body,
        r#"{"query":{"bool":{"filter":[{"query_string":{"query":"level:\"ERROR\""}},{"range":{"@timestamp":{"gte":"now-300000ms"}}}]}}}"#
    );

    server.says(said(
        200,
        r#"{"count":17,"_shards":{"total":5,"successful":3,"skipped":0,"failed":2,"failures":[{"shard":0,"index":"logs-api-1",
           "reason":{"type":"query_shard_exception","reason":"No mapping found"}}]}}"#,
    ));
    let partly = why(&look(&asked).await, "count");
    assert_eq!(
        partly,
        "failed: 2 of 5 shards could not count. the server says query_shard_exception: No mapping found"
    );
    server.says(said(
        404,
        r#"{"error":{"root_cause":[{"type":"index_not_found_exception","reason":"no such index [logs]","index":"logs"}],
           "type":"index_not_found_exception","reason":"no such index [logs]"},"status":404}"#,
    ));
    assert!(
        why(&look(&asked).await, "count")
            .contains("index_not_found_exception: no such index [logs]")
    );
    server.says(said(401, r#"{"error":"missing authentication credentials","status":401}"#));
    assert!(why(&look(&asked).await, "count").contains("missing authentication credentials"));

    let body = format!(
        "{{kind: elasticsearch, service: s, url: '{}', index: a/b, body: '{{\"query\": {{\"match_all\": {{}}}}}}'}}",
        server.url
    );
    server.says(said(
        200,
        r#"{"count":0,"_shards":{"total":1,"successful":1,"skipped":0,"failed":0}}"#,
    ));
    assert_eq!(number(&look(&body).await, "count"), 0.0);
    let last = server.last();
    assert_eq!(last.uri.path(), "/a%2Fb/_count", "a name stays one part of the path");
    assert_eq!(last.body, r#"{"query": {"match_all": {}}}"#);
}

#[tokio::test]
async fn a_secret_does_not_go_along_to_another_host() {
    let elsewhere = Server::start(said(200, "{\"a\": 1}")).await;
    let moved = said(307, "").with("location", format!("{}/stolen", elsewhere.url));
    let server = Server::start(moved).await;
    let asked = format!("{{kind: json, service: s, url: '{}', values: {{a: /a}}", server.url);
    let seen = look(&format!("{asked}, headers_env: {{x-api-key: PATH}}}}")).await;
    assert_eq!((up(&seen), text(&seen, "cause").as_str()), (Some(false), "status"), "{seen:?}");
    assert_eq!(elsewhere.count(), 0);
    let seen = look(&format!("{asked}}}")).await;
    assert_eq!((number(&seen, "a"), elsewhere.count()), (1.0, 1), "without a secret it may");
}
