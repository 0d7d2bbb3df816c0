//! Benchmark: commands per second made durable by the real server, through its local socket.
//!
//! `cargo bench -p hikeshi --bench socket -- [SECONDS]` (5 seconds per number of callers unless told otherwise).
//! The engine alone, and the disk alone, are in `cargo bench -p engine --bench durable`.

#![allow(missing_docs, reason = "a program, not a library")]

#[path = "../tests/common/mod.rs"]
mod common;

use common::House;
use serde_json::json;
use std::{
    thread,
    time::{Duration, Instant},
};

fn main() {
    let seconds = std::env::args().find_map(|argument| argument.parse().ok()).unwrap_or(5);
    let mut house = House::new("services: {web: {}}\n");
    house.serve();
    house.run_for(0, &["incident", "open", "--title", "load"]);
    let mut first = None;
    for callers in [1, 16, 64] {
        let rate = rate(&house, callers, Duration::from_secs(seconds));
        let alone = *first.get_or_insert(rate);
        println!(
            "  {callers:>3} callers  {rate:>8.0} commands per second, {:.1} times one caller",
            rate / alone
        );
    }
}

/// Callers that each wait until a note is durable before they write the next.
fn rate(house: &House, callers: usize, time: Duration) -> f64 {
    let note = json!({"by": "caller", "text": "this must not be lost"});
    let began = Instant::now();
    let done: usize = thread::scope(|scope| {
        let callers: Vec<_> = (0..callers)
            .map(|_| {
                let (client, note) = (house.local(), &note);
                scope.spawn(move || {
                    let mut done = 0;
                    while began.elapsed() < time {
                        let answer = client.post("/api/v1/incidents/1/note", note);
                        done += usize::from(answer.is_ok_and(|answer| answer.status == 200));
                    }
                    done
                })
            })
            .collect();
        callers.into_iter().map(|caller| caller.join().unwrap_or(0)).sum()
    });
    done as f64 / began.elapsed().as_secs_f64()
}
