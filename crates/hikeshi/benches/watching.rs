//! Benchmark: five hundred people watch one incident while a thousand alerts a second arrive.
//!
//! `cargo bench -p hikeshi --bench watching`. Every second somebody leaves a note; how long until it stands on every screen is
//! what people feel. Once in quiet, once in the storm; and the storm once without anybody who watches.

#![allow(missing_docs, reason = "a program, not a library")]

#[path = "../tests/common/mod.rs"]
mod common;
#[path = "intake/load.rs"]
#[allow(dead_code, reason = "each benchmark uses its own part")]
mod load;
#[path = "../tests/e2e/visitor.rs"]
#[allow(dead_code, reason = "each benchmark uses its own part")]
mod visitor;

use common::House;
use load::Connection;
use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};
use visitor::Visitor;

const VIEWERS: usize = 500;
const ALERTS_PER_SECOND: usize = 1000;
const BATCH: usize = 20;
const NOTES: usize = 10;

const YAML: &str = "services: {web: {}}\nclocks: {assess_within: 0s}\n";

fn main() {
    let mut house = House::new(YAML);
    house.serve();
    let visitor = Visitor::signed_in(&house, "watcher", "responder");
    // The storm is of one cause: all of it belongs to the incident that everybody watches.
    let first = load::request_of(&[load::alert_named("HighLatency", 0, "critical")]);
    Connection::to(house.door()).ask(&first);
    house.wait("an incident", |house| house.json(&["incident", "list"]).get(0).cloned());
    let alone = storm(house.door(), 1_000);
    println!("  {ALERTS_PER_SECOND} alerts/s, nobody watches: {}", answers(&alone));
    wait_until_told(&house);

    let screens = Screens::open(&visitor, VIEWERS);
    let calm = notes(&house, &screens, "calm");
    println!("  {VIEWERS} watch, quiet: a note is on a screen after {}", seen(&calm));
    let (door, before, began) = (house.door(), screens.bytes(), Instant::now());
    let posting = thread::spawn(move || storm(door, 100_000));
    let burning = notes(&house, &screens, "burning");
    let posted = posting.join().expect("it posts");
    let bytes = (screens.bytes() - before) as f64 / VIEWERS as f64 / began.elapsed().as_secs_f64();
    println!(
        "  {VIEWERS} watch, {ALERTS_PER_SECOND} alerts/s: a note is on a screen after {}",
        seen(&burning)
    );
    println!("  {VIEWERS} watch, {ALERTS_PER_SECOND} alerts/s: {}", answers(&posted));
    println!("  each screen got {:.1} KiB a second", bytes / 1024.0);
    let alerts = house.json(&["alert", "list"]);
    println!("  the incident's alert is made of {} signals then", alerts[0]["signals"]);
}

/// Posts a thousand alerts a second, in twenty-fold batches, for as long as notes are left; the times of the answers.
fn storm(to: SocketAddr, first: usize) -> Vec<Duration> {
    let mut connection = Connection::to(to);
    let (began, pause) =
        (Instant::now(), Duration::from_secs(1) / (ALERTS_PER_SECOND / BATCH) as u32);
    let count = (NOTES + 2) * ALERTS_PER_SECOND / BATCH;
    let mut times: Vec<_> = (0..count)
        .map(|index| {
            let request = load::request(first + index * BATCH, BATCH);
            thread::sleep((pause * index as u32).saturating_sub(began.elapsed()));
            let asked = Instant::now();
            connection.ask(&request);
            asked.elapsed()
        })
        .collect();
    times.sort_unstable();
    times
}

/// Waits until the history knows everything.
fn wait_until_told(house: &House) {
    house.json(&["incident", "show", "1"]);
}

/// Leaves a note a second, and waits until each stands on every screen; all the times, sorted.
fn notes(house: &House, screens: &Screens, word: &str) -> Vec<Duration> {
    let local = house.local();
    let mut all = Vec::new();
    for index in 0..NOTES {
        let text = format!("{word}-{index}-noted");
        let began = Instant::now();
        screens.await_text(&text);
        let body = serde_json::json!({"by": "watcher", "text": text});
        local.post("/api/v1/incidents/1/note", &body).expect("noted");
        all.extend(screens.seen(began, Duration::from_secs(30)));
        thread::sleep(Duration::from_secs(1).saturating_sub(began.elapsed()));
    }
    all.sort_unstable();
    all
}

fn seen(times: &[Duration]) -> String {
    format!("{} ({} of {} screens)", percentiles(times), times.len(), VIEWERS * NOTES)
}

fn answers(times: &[Duration]) -> String {
    format!("alerts are answered after {}", percentiles(times))
}

fn percentiles(times: &[Duration]) -> String {
    let at = |share: f64| {
        let at = ((times.len() as f64 * share) as usize).min(times.len().saturating_sub(1));
        times.get(at).map_or(f64::NAN, |time| time.as_secs_f64() * 1000.0)
    };
    format!("{:.1} ms, p99 {:.1} ms, at most {:.1} ms", at(0.5), at(0.99), at(1.0))
}

/// What all screens share.
#[derive(Default)]
struct Board {
    wanted: String,
    seen: Vec<Instant>,
    bytes: u64,
    open: usize,
}

/// Browsers without a browser: each follows the stream of the incident's room.
struct Screens {
    board: Arc<Mutex<Board>>,
}

impl Screens {
    /// Opens so many, and waits until each shows something.
    fn open(visitor: &Visitor, count: usize) -> Self {
        let board = Arc::new(Mutex::new(Board::default()));
        let (base, cookie) = (visitor.base.clone(), visitor.cookie.clone());
        let shared = board.clone();
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("a runtime").block_on(async {
                let http = reqwest::Client::builder().no_proxy().build().expect("a client");
                let url = format!("{base}/live/incidents/1");
                let follow = || follow(http.clone(), url.clone(), cookie.clone(), shared.clone());
                futures::future::join_all((0..count).map(|_| follow())).await
            })
        });
        let screens = Self { board };
        let deadline = Instant::now() + Duration::from_secs(120);
        while screens.look(|board| board.open) < count {
            assert!(Instant::now() < deadline, "only {} screens", screens.look(|board| board.open));
            thread::sleep(Duration::from_millis(50));
        }
        screens
    }

    fn look<T>(&self, ask: impl FnOnce(&mut Board) -> T) -> T {
        ask(&mut self.board.lock().expect("no panic while it is held"))
    }

    fn bytes(&self) -> u64 {
        self.look(|board| board.bytes)
    }

    /// From now on the screens wait for this.
    fn await_text(&self, text: &str) {
        self.look(|board| (board.wanted, board.seen) = (text.to_owned(), Vec::new()));
    }

    /// How long it took until it stood on each screen; those on which it does not stand in time are missing.
    fn seen(&self, began: Instant, patience: Duration) -> Vec<Duration> {
        while self.look(|board| board.seen.len()) < VIEWERS && began.elapsed() < patience {
            thread::sleep(Duration::from_millis(5));
        }
        self.look(|board| board.seen.iter().map(|at| at.duration_since(began)).collect())
    }
}

async fn follow(http: reqwest::Client, url: String, cookie: String, board: Arc<Mutex<Board>>) {
    let answer = http.get(url).header("Cookie", cookie).send().await.expect("an answer");
    let (mut answer, mut event, mut last, mut is_open) = (answer, Vec::new(), String::new(), false);
    while let Ok(Some(chunk)) = answer.chunk().await {
        event.extend_from_slice(&chunk);
        let is_whole = event.ends_with(b"\n\n");
        let mut board = board.lock().expect("no panic while it is held");
        board.bytes += chunk.len() as u64;
        if !is_whole {
            continue;
        }
        if !std::mem::replace(&mut is_open, true) {
            board.open += 1;
        }
        let wanted = board.wanted.as_bytes();
        let has = !wanted.is_empty()
            && last != board.wanted
            && event.windows(wanted.len()).any(|part| part == wanted);
        if has {
            last.clone_from(&board.wanted);
            board.seen.push(Instant::now());
        }
        event.clear();
    }
}
