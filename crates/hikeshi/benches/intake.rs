//! Benchmark: taking in alerts, hikeshi and Alertmanager side by side in one run, as ratios.
//!
//! `cargo bench -p hikeshi --bench intake`. Every 200 of hikeshi is durable; Alertmanager's is not. The disk's own rate
//! stands next to it, and both servers share the machine with the client.

#![allow(missing_docs, reason = "a program, not a library")]

#[path = "../tests/common/mod.rs"]
mod common;
#[path = "intake/hook.rs"]
mod hook;
#[path = "intake/load.rs"]
mod load;
#[path = "intake/servers.rs"]
mod servers;

use hook::Hook;
use load::{Connection, Load, alert_named, get};
use servers::Server;
use std::{
    fs::OpenOptions,
    io::{Seek, SeekFrom, Write},
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

/// Alerts in all, per batch, and connections.
const LOADS: [(usize, usize, usize); 6] = [
    (4_000, 1, 1),
    (16_000, 1, 4),
    (30_000, 1, 32),
    (60_000, 10, 4),
    (100_000, 100, 4),
    (100_000, 100, 8),
];

fn main() {
    println!("  one write and fdatasync of the disk: {:.3} ms", sync_ms());
    let hook = Hook::start();
    let servers = || [Some(Server::hikeshi(hook.address)), Server::alertmanager(hook.address)];
    let pair: Vec<Server> = servers().into_iter().flatten().collect();
    if pair.len() < 2 {
        println!("  Alertmanager is not installed: no ratios");
    }
    idle_pages(&pair, &hook);
    storm_pages(&pair, &hook);
    drop(pair);
    let pair: Vec<Server> = servers().into_iter().flatten().collect();
    let idle: Vec<f64> = pair.iter().map(Server::resident_mib).collect();
    row("idle", &pair, "MiB", &idle);
    let mut first = 0;
    for (alerts, batch, connections) in LOADS {
        taken(&pair, "distinct", Load { alerts, batch, connections, first });
        taken(&pair, "repeated", Load { alerts, batch, connections, first });
        first += alerts;
    }
    drop(pair);
    let pair: Vec<Server> = servers().into_iter().flatten().collect();
    taken(&pair, "distinct", Load { alerts: 100_000, batch: 100, connections: 4, first: 0 });
    let resident: Vec<f64> = pair.iter().map(Server::resident_mib).collect();
    row("100,000 active", &pair, "MiB", &resident);
    let listed: Vec<f64> = pair.iter().map(list_ms).collect();
    row("GET /api/v2/alerts at 100,000", &pair, "ms", &listed);
}

fn row(what: &str, pair: &[Server], unit: &str, figures: &[f64]) {
    let named = pair.iter().zip(figures);
    let figures_text: Vec<_> =
        named.map(|(server, figure)| format!("{} {figure:.2} {unit}", server.name)).collect();
    let ratio = match figures {
        [ours, theirs] => format!(", ratio {:.2}", ours / theirs),
        _ => String::new(),
    };
    println!("  {what}: {}{ratio}", figures_text.join(", "));
}

fn taken(pair: &[Server], word: &str, load: Load) {
    let (mut rates, mut cpus, mut slow) = (Vec::new(), Vec::new(), Vec::new());
    for server in pair {
        let before = server.cpu();
        let took = load::post(server.door, load);
        rates.push(took.rate);
        cpus.push((server.cpu() - before) * 100_000.0 / load.alerts as f64);
        slow.push(took.percentile_ms(0.99));
    }
    let what = format!("{word}, batches of {:>3}, {:>2} connections", load.batch, load.connections);
    row(&what, pair, "alerts/s", &rates);
    row("    CPU seconds per 100,000", pair, "s", &cpus);
    row("    p99 of the answer", pair, "ms", &slow);
}

fn list_ms(server: &Server) -> f64 {
    let mut connection = Connection::to(server.door);
    let took = (0..3).map(|_| {
        let began = Instant::now();
        connection.ask(&get("/api/v2/alerts"));
        began.elapsed().as_secs_f64() * 1000.0
    });
    took.fold(f64::INFINITY, f64::min)
}

/// From a post to the page, one at a time.
fn idle_pages(pair: &[Server], hook: &Hook) {
    let all: Vec<_> =
        pair.iter().enumerate().map(|(lot, server)| pages(server, hook, lot * 1000, 50)).collect();
    row(
        "post to webhook, idle, median",
        pair,
        "ms",
        &all.iter().map(|p| p[p.len() / 2]).collect::<Vec<_>>(),
    );
    row(
        "post to webhook, idle, p99",
        pair,
        "ms",
        &all.iter().map(|p| p[p.len() * 99 / 100]).collect::<Vec<_>>(),
    );
}

/// The same, while 5,000 other alerts come each second.
fn storm_pages(pair: &[Server], hook: &Hook) {
    let mut all = Vec::new();
    for (lot, server) in pair.iter().enumerate() {
        let is_over = AtomicBool::new(false);
        let found = thread::scope(|scope| {
            scope.spawn(|| storm(server, &is_over));
            let found = pages(server, hook, 10_000 + lot * 1000, 100);
            is_over.store(true, Ordering::Relaxed);
            found
        });
        all.push(found);
    }
    row(
        "post to webhook, in a storm, median",
        pair,
        "ms",
        &all.iter().map(|p| p[p.len() / 2]).collect::<Vec<_>>(),
    );
    row(
        "post to webhook, in a storm, p99",
        pair,
        "ms",
        &all.iter().map(|p| p[p.len() * 99 / 100]).collect::<Vec<_>>(),
    );
}

fn storm(server: &Server, is_over: &AtomicBool) {
    let mut connection = Connection::to(server.door);
    let mut first = 10_000_000;
    while !is_over.load(Ordering::Relaxed) {
        let began = Instant::now();
        connection.ask(&load::request(first, 50));
        first += 50;
        thread::sleep(Duration::from_millis(10).saturating_sub(began.elapsed()));
    }
}

/// Times from posting an alert of its own name to its page, sorted.
fn pages(server: &Server, hook: &Hook, first: usize, count: usize) -> Vec<f64> {
    let mut connection = Connection::to(server.door);
    let mut took = Vec::new();
    for number in first..first + count {
        let name = format!("Probe{number}");
        let body =
            format!("[{}]", alert_named(&name, number, "critical").replace("backend", &name));
        let request = format!(
            "POST /api/v2/alerts HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        let began = Instant::now();
        connection.ask(request.as_bytes());
        let heard = hook.wait_for(&name).expect("the page arrives");
        took.push(heard.duration_since(began).as_secs_f64() * 1000.0);
        thread::sleep(Duration::from_millis(20));
    }
    took.sort_by(f64::total_cmp);
    took
}

/// What one durable write costs here: 4 KiB over existing bytes, the median of many.
fn sync_ms() -> f64 {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
    let path = folder.path().join("sync");
    let mut file =
        OpenOptions::new().create(true).truncate(true).write(true).open(path).expect("a file");
    file.write_all(&vec![0; 1 << 20]).and_then(|()| file.sync_all()).expect("written");
    let mut took: Vec<f64> = (0..400u64)
        .map(|turn| {
            let began = Instant::now();
            file.seek(SeekFrom::Start(turn % 256 * 4096)).expect("inside");
            file.write_all(&[1; 4096]).and_then(|()| file.sync_data()).expect("written");
            began.elapsed().as_secs_f64() * 1000.0
        })
        .collect();
    took.sort_by(f64::total_cmp);
    took[took.len() / 2]
}
