//! Benchmark: what a step costs beside its own work: through the server and its recorder, next to plain bash.
//!
//! `cargo bench -p hikeshi --bench step`. The recorder syncs two files, so the disk is a part of it.

#![allow(missing_docs, reason = "a program, not a library")]

#[path = "../tests/common/mod.rs"]
mod common;

use common::House;
use std::{process::Command, time::Instant};

const TURNS: usize = 60;
const LOOK: &str = "---
alert: service_down
owner: SRE
mode: manual
---
# Look
## Diagnose
```bash {name=look timeout=10s}
true
```
";

fn main() {
    let plain = median((0..TURNS).map(|_| plain_ms()).collect());
    let mut house = House::new("services: {web: {}}\n").with_runbook("look", LOOK);
    house.serve();
    for _ in 0..TURNS {
        // It ends with "no automatic response", which is a finding and no failure of the step.
        house.run(&["runbook", "run", "look", "--service", "web"]);
    }
    let took = |fact: &serde_json::Value| fact["fact"]["took_ms"].as_f64().unwrap_or(f64::NAN);
    let settled = house.facts_of("step_settled");
    let looks = settled.iter().filter(|fact| fact["fact"]["step"] == "look");
    let step = median(looks.map(took).collect());
    println!("  plain bash, one `true`: {plain:.1} ms");
    println!("  the same as a step: {step:.1} ms, {:.1} ms more", step - plain);
}

fn plain_ms() -> f64 {
    let began = Instant::now();
    let status = Command::new("/bin/bash").args(["--noprofile", "--norc", "-c", "true"]).status();
    assert!(status.is_ok_and(|status| status.success()));
    began.elapsed().as_secs_f64() * 1000.0
}

fn median(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    all[all.len() / 2]
}
