//! Stories of looking again and again, and of looking once.

mod common;

use common::{deps, spec, text, up};
use probes::{ProbeSpec, Schedule, look_once};
use std::time::Duration;
use tokio::{
    net::TcpListener,
    sync::mpsc,
    time::{Instant, timeout},
};

const LONG: Duration = Duration::from_secs(60);

fn named(name: &str, text: &str) -> ProbeSpec {
    ProbeSpec { name: name.into(), ..spec(text) }
}

/// A port that accepts and never answers.
async fn hanging() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("its address").to_string();
    (listener, address)
}

#[tokio::test]
async fn a_probe_that_hangs_delays_no_other() {
    let (_held, address) = hanging().await;
    let hangs = format!(
        "{{kind: http, service: slow, url: 'http://{address}/', every: 100ms, timeout: 1h}}"
    );
    let quick = format!("{{kind: tcp, service: quick, address: '{address}', every: 100ms}}");
    let (sink, mut observations) = mpsc::unbounded_channel();
    let mut specs: Vec<_> = (0..20).map(|n| named(&format!("slow-{n}"), &hangs)).collect();
    specs.push(named("quick", &quick));
    let _schedule = Schedule::start(specs, &deps(), sink);
    for _ in 0..5 {
        let seen = timeout(LONG, observations.recv()).await.expect("in time").expect("looked");
        assert_eq!((seen.probe.as_str(), up(&seen)), ("quick", Some(true)));
    }
}

#[tokio::test]
async fn who_asks_gets_a_look_at_once_and_a_dropped_schedule_looks_no_more() {
    let (_held, address) = hanging().await;
    let probe = format!("{{kind: tcp, service: db, address: '{address}', every: 1h}}");
    let (sink, mut observations) = mpsc::unbounded_channel();
    let schedule = Schedule::start(vec![spec(&probe)], &deps(), sink);
    timeout(LONG, observations.recv())
        .await
        .expect("the first look comes by itself")
        .expect("looked");
    schedule.look_now(&"db".into());
    timeout(LONG, observations.recv()).await.expect("the second because we asked").expect("looked");
    schedule.look_now(&"unknown".into());
    drop(schedule);
    assert!(timeout(LONG, observations.recv()).await.expect("the tasks end").is_none());
}

#[tokio::test]
async fn one_look_ends_by_its_time_even_when_everything_hangs() {
    let (_held, address) = hanging().await;
    let hangs = format!("{{kind: http, service: slow, url: 'http://{address}/', timeout: 1h}}");
    let own = format!("{{kind: http, service: slow, url: 'http://{address}/', timeout: 100ms}}");
    let quick = format!("{{kind: tcp, service: quick, address: '{address}'}}");
    let specs = vec![named("hangs", &hangs), named("own timeout", &own), named("quick", &quick)];
    let begun = Instant::now();
    let seen =
        timeout(LONG, look_once(specs, &deps(), Duration::from_secs(3))).await.expect("it ends");
    assert!(begun.elapsed() < LONG);
    let names: Vec<_> = seen.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["hangs", "own timeout", "quick"], "in the order of the specs");
    let first = &seen[0].1[0];
    assert_eq!(up(first), None, "it could not be measured");
    assert!(
        first
            .detail
            .as_ref()
            .map(|said| said.en.as_str())
            .is_some_and(|why| why.contains("no answer within 3s")),
        "{first:?}"
    );
    assert_eq!(text(&seen[1].1[0], "cause"), "timeout");
    assert_eq!(up(&seen[2].1[0]), Some(true));
}
