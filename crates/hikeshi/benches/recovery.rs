//! Benchmark: from SIGKILL of a service to healthy again, next to the time that the service itself needs to start.
//!
//! `cargo bench -p hikeshi --bench recovery -- [ROUNDS]` (20 rounds unless told otherwise). The runbook restarts, then
//! asks the health address once (passes 1, steady 0 s); every other number is the built-in one.

#![allow(missing_docs, reason = "a program, not a library")]

#[path = "../tests/common/mod.rs"]
mod common;

use common::{HIKESHI, House, signal};
use jiff::Timestamp;
use rustix::process::Signal;
use serde_json::Value;
use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

/// Verified with the least numbers. In time lapse, so that 20 deaths in a minute are not flapping.
const RUNBOOK: &str = "\
---
alert: service_down
owner: SRE
mode: auto
verify: {passes: 1, every: 10s, steady: 0s, within: 60m}
limits: {rate: 1000 per 300s, spacing: 0s}
---
# Service down
## Respond
```action {name=restart effect=once timeout=60s}
service.restart
```
## Verify
```bash {name=health timeout=8s}
curl -fsS --max-time 5 -o /dev/null --url \"$HK_HEALTH_URL\"
```
";

/// What one round measured, in milliseconds after the kill.
struct Round {
    own_start: f64,
    detected: f64,
    healthy: f64,
    verified: f64,
}

fn main() {
    let rounds = std::env::args().find_map(|argument| argument.parse().ok()).unwrap_or(20);
    println!("{rounds} rounds each, verification: one answer of the health address");
    measure("a service that starts at once", "0", rounds);
    measure("a service that takes a second to start", "1", rounds);
}

/// Kills one kind of service again and again, and prints the figures.
fn measure(name: &str, pause: &str, rounds: usize) {
    let address = free_address();
    let logs = tempfile::tempdir().expect("a folder");
    let script = format!(
        "sleep {pause}; exec {HIKESHI} demo-process mks-backend --port {} --folder {}",
        address.port(),
        logs.path().display()
    );
    let argv = ["bash", "-c", &script];
    let health = format!("http://{address}/api/v1/health");
    let yaml = format!(
        "services: {{mks: {{command: {}, health: {{url: \"{health}\", every: 2s}}}}}}\n\
         time_lapse: 1000\n",
        serde_json::to_string(&argv).expect("texts")
    );
    // The yardstick comes first and alone: later the port is taken.
    let own: Vec<f64> = (0..rounds).map(|_| own_start(&argv, address)).collect();
    let mut house = House::new(&yaml).with_runbook("service-down", RUNBOOK);
    house.serve();
    let measured: Vec<Round> =
        own.into_iter().map(|own_start| round(&mut house, address, own_start)).collect();
    println!("{name}");
    show("its own start", &measured, |round| round.own_start);
    show("SIGKILL to alert fired", &measured, |round| round.detected);
    show("SIGKILL to healthy", &measured, |round| round.healthy);
    show("SIGKILL to verified", &measured, |round| round.verified);
    let own = median(&measured, |round| round.own_start);
    let (healthy, verified) =
        (median(&measured, |round| round.healthy), median(&measured, |round| round.verified));
    println!(
        "  healthy again in {:.2} times its own start ({:.1} ms more), verified in {:.2} times ({:.1} ms more)",
        healthy / own,
        healthy - own,
        verified / own,
        verified - own
    );
}

fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port")
}

/// How long the service takes from its start to its first good answer, with nobody in between.
fn own_start(argv: &[&str], address: SocketAddr) -> f64 {
    let began = Instant::now();
    let mut command = Command::new(argv[0]);
    command.args(&argv[1..]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut service = command.spawn().expect("it starts");
    wait_until_healthy(address);
    let took = began.elapsed();
    service.kill().expect("our own child");
    service.wait().expect("our own child");
    took.as_secs_f64() * 1000.0
}

fn round(house: &mut House, address: SocketAddr, own_start: f64) -> Round {
    wait_until_watched(house);
    let before = house.local().get("/api/v1/status").expect("an answer").json();
    let position = before["position"].as_u64().expect("a number");
    let service = house.service("mks").expect("it runs");
    let (killed, began) = (Timestamp::now(), Instant::now());
    signal(service.pid, Signal::KILL);
    while service.is_alive() {
        thread::yield_now();
    }
    wait_until_healthy(address);
    let healthy = began.elapsed().as_secs_f64() * 1000.0;
    let facts = house.wait("the alert is over", |house| {
        let path = format!("/api/v1/timeline?after={position}&limit=1000");
        let facts = house.local().get(&path).ok()?.json();
        at(&facts, "alert_resolved").and(at(&facts, "run_finished")).is_some().then_some(facts)
    });
    let since = |kind: &str| {
        let at = at(&facts, kind).expect("it happened");
        at.duration_since(killed).as_secs_f64() * 1000.0
    };
    let (detected, verified) = (since("alert_fired"), since("run_finished"));
    Round { own_start, detected, healthy, verified }
}

/// Deaths come to services that have been well for a while: every probe must have seen this one since its last repair.
fn wait_until_watched(house: &mut House) {
    let since = Timestamp::now();
    house.wait("every probe has looked", |house| {
        let readings = house.local().get("/api/v1/readings").ok()?.json();
        let is_seen = |probe: &str| {
            let look = &readings[probe][0];
            let at: Option<Timestamp> = look["at"].as_str().and_then(|text| text.parse().ok());
            look["readings"]["up"]["measured"] == true && at > Some(since)
        };
        (is_seen("mks/process") && is_seen("mks/health")).then_some(())
    });
}

/// When the first fact of this kind happened.
fn at(facts: &Value, kind: &str) -> Option<Timestamp> {
    let fact = facts.as_array()?.iter().find(|fact| fact["kind"] == kind)?;
    fact["at"].as_str()?.parse().ok()
}

fn wait_until_healthy(address: SocketAddr) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !is_healthy(address).unwrap_or(false) {
        assert!(Instant::now() < deadline, "the service does not come back");
        thread::sleep(Duration::from_millis(1));
    }
}

fn is_healthy(address: SocketAddr) -> std::io::Result<bool> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    stream.write_all(b"GET /api/v1/health HTTP/1.0\r\n\r\n")?;
    let mut answer = [0; 12];
    stream.read_exact(&mut answer)?;
    Ok(answer.ends_with(b" 200"))
}

fn show(name: &str, measured: &[Round], of: fn(&Round) -> f64) {
    let most = measured.iter().map(of).fold(0.0, f64::max);
    println!("  {name:<24} median {:>7.1} ms, most {most:>7.1} ms", median(measured, of));
}

fn median(measured: &[Round], of: fn(&Round) -> f64) -> f64 {
    let mut values: Vec<f64> = measured.iter().map(of).collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}
