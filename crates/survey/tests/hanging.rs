//! Stories of surveys while everything hangs, and of what they leave behind: nothing.

mod common;

use common::{cleaner, contents, deps, silent_port, spec};
use domain::{
    graph::{Graph, Kind, Service},
    policy::Policy,
};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use samples::{Keep, Samples, Series};
use std::{collections::BTreeMap, fs, time::Duration};
use survey::{ServiceAsked, Status, db, log_sources, perf, service};
use tokio::time::Instant;

fn graph() -> Graph {
    let service = |name: &str, needs: &[&str]| Service {
        name: name.into(),
        title: name.to_owned(),
        kind: Kind::Process,
        system: "s".into(),
        depends_on: needs.iter().map(|name| (*name).into()).collect(),
        group: None,
        owner: None,
        attributes: BTreeMap::new(),
    };
    Graph::new([service("api", &["db"]), service("db", &[])]).expect("a graph")
}

/// A31, A56, B21, C13: sockets that accept and never answer, and a folder that stays as it is.
#[tokio::test]
async fn every_survey_ends_in_time_whatever_hangs_and_changes_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let (_listener, port) = silent_port();
    let now = Timestamp::now();
    let at = now.to_zoned(TimeZone::UTC).strftime("%d/%b/%Y:%H:%M:%S %z").to_string();
    let access = folder.path().join("access.log");
    let line =
        format!("10.0.0.1 - - [{at}] \"GET /api/users/7 HTTP/1.1\" 200 1 \"-\" \"-\" rt=0.250\n");
    fs::write(&access, line.repeat(30)).expect("written");
    fs::write(folder.path().join("app.log"), "ERROR in the log\n").expect("written");
    let hangs = format!("host: 127.0.0.1, port: {port}, user: app, timeout: 10m");
    let specs = [
        spec("db/login", &format!("{{kind: postgres, service: db, {hangs}}}")),
        spec(
            "api/health",
            &format!("{{kind: http, service: api, timeout: 10m, url: 'http://127.0.0.1:{port}/'}}"),
        ),
        spec(
            "api/log",
            &format!(
                "{{kind: log, service: api, path: '{}'}}",
                folder.path().join("app.log").display()
            ),
        ),
        spec(
            "proxy/traffic",
            &format!("{{kind: access_log, service: proxy, path: '{}'}}", access.display()),
        ),
    ];
    let before = contents(folder.path());
    let begun = Instant::now();
    let policy = Policy { graph: graph(), ..Policy::default() };
    let (deps, name, cleaner) = (deps(), "api".into(), cleaner());
    let sources = log_sources(&specs, &[]);
    let asked = ServiceAsked {
        service: &name,
        specs: &specs,
        deps: &deps,
        policy: &policy,
        sources: &sources,
        zone: TimeZone::UTC,
        now,
    };
    let (perf, db, service) = tokio::join!(
        perf(&specs, &deps, folder.path().to_owned(), now, &cleaner),
        db(&specs, &deps, now, &cleaner),
        service(&asked, &cleaner),
    );
    assert!(begun.elapsed() < Duration::from_secs(60), "A31: {:?}", begun.elapsed());
    assert_eq!(contents(folder.path()), before, "C13: changes nothing");

    // What could be looked at is there, and what could not says why (A31).
    assert_eq!(perf.status, Status::Degraded);
    let endpoint = &perf.endpoints[0];
    assert_eq!(
        (&*endpoint.route, endpoint.requests, endpoint.p95_ms),
        ("/api/users/*", 30, Some(250.0))
    );
    assert!(perf.processes.is_some_and(|processes| !processes.by_memory.is_empty()));
    let failed = perf.probes.iter().filter(|part| part.error.is_some());
    assert_eq!(
        failed.map(|part| part.name).collect::<Vec<_>>(),
        ["slow_queries", "locks", "connections"]
    );
    assert!(perf.baseline.not_ready.is_some_and(|why| why.contains("no baseline yet")));

    let db = db.expect("a database is configured");
    assert_eq!(db.status, Status::Failed);
    let step = |name: &str| db.first.steps.iter().find(|step| step.name == name).expect(name);
    assert_eq!(
        (step("dns").ok, step("tcp").ok, step("tls").ok),
        (Some(true), Some(true), Some(false))
    );
    for unseen in ["auth", "query", "provider_state"] {
        assert_eq!(step(unseen).ok, None, "never made up: {:?}", step(unseen));
        assert!(step(unseen).detail.is_some());
    }
    assert!(db.first.database.is_empty(), "nothing was counted, so there is nothing");

    assert_eq!(service.status, Status::Degraded);
    assert_eq!(service.log_tail.len(), 1);
    assert!(service.ports[0].ok, "the port accepts, and that is all it does");
    assert!(service.needs.iter().any(|look| look.service == "db"), "{service:?}");
    assert!(service.unit.is_none() && service.probes.iter().any(|part| part.name == "unit"));
}

#[tokio::test]
async fn what_is_slow_is_told_against_what_is_normal_at_this_hour() {
    let folder = tempfile::tempdir().expect("a folder");
    let now = Timestamp::now();
    let series = Series::new("proxy/traffic", "p95_ms");
    let samples = Samples::open(folder.path(), Keep::default()).expect("opens");
    // Two days in which the hour had 100 ms, and now it is 400.
    for day in 1..=2 {
        for minute in -65..65 {
            let at = now - SignedDuration::from_hours(24 * day) + SignedDuration::from_mins(minute);
            samples.record(&series, at, 100.0).expect("is taken");
        }
    }
    samples.record(&series, now, 400.0).expect("is taken");
    samples.flush().expect("is kept");
    drop(samples);
    let before = contents(folder.path());
    let perf = perf(&[], &deps(), folder.path().to_owned(), now, &cleaner()).await;
    assert_eq!(contents(folder.path()), before, "reading samples leaves no trace");
    assert_eq!(perf.baseline.ready, 1, "{:?}", perf.baseline);
    let compared = &perf.baseline.series[0];
    assert_eq!((compared.now, compared.normal, compared.ratio), (400.0, Some(100.0), Some(4.0)));
    assert_eq!(perf.status, Status::Ok, "what is not configured is no failure: {:?}", perf.probes);
}
