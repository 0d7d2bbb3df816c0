//! Benchmark: resident memory and CPU of a server that only watches, with 20 looks per second.
//!
//! `cargo bench -p hikeshi --bench idle -- [SECONDS]` (30 seconds unless told otherwise).

#![allow(missing_docs, reason = "a program, not a library")]

#[path = "../tests/common/mod.rs"]
mod common;

use common::House;
use std::{fs, net::TcpListener, thread, time::Duration};

const PROBES: usize = 20;
/// What is aimed at: under 40 MiB, under one percent of a core.
const AIM_MIB: f64 = 40.0;
const AIM_PERCENT: f64 = 1.0;

fn main() {
    let seconds = std::env::args().find_map(|argument| argument.parse().ok()).unwrap_or(30);
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("bound");
    thread::spawn(move || listener.incoming().for_each(drop));
    let mut yaml = "services:\n".to_owned();
    (0..PROBES).for_each(|number| yaml += &format!("  s{number}: {{}}\n"));
    yaml += "probes:\n";
    for number in 0..PROBES {
        yaml += &format!(
            "  s{number}/port: {{kind: tcp, service: s{number}, address: \"{address}\", every: 1s}}\n"
        );
    }
    let mut house = House::new(&yaml);
    house.serve();
    // The first looks make connections, files and buffers; they are not what idling costs.
    thread::sleep(Duration::from_secs(5));
    let looks = looks_of(&house);
    let before = cpu_seconds(house.server_pid());
    thread::sleep(Duration::from_secs(seconds));
    let spent = cpu_seconds(house.server_pid()) - before;
    let per_second = (looks_of(&house) - looks) / seconds as f64;
    let percent = 100.0 * spent / seconds as f64;
    let resident = resident_mib(house.server_pid());
    println!(
        "{PROBES} tcp probes every second, {per_second:.1} looks per second, over {seconds} s"
    );
    println!("  resident {resident:>8.1} MiB, {:.2} of the aim", resident / AIM_MIB);
    println!("  CPU      {percent:>8.2} % of a core, {:.2} of the aim", percent / AIM_PERCENT);
}

fn looks_of(house: &House) -> f64 {
    let metrics = house.local().get("/metrics").expect("an answer").body;
    let line =
        metrics.lines().find_map(|line| line.strip_prefix("hikeshi_probe_observations_total "));
    line.and_then(|number| number.parse().ok()).expect("the counter is there")
}

fn resident_mib(pid: u32) -> f64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).expect("it lives");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("Linux says it");
    let kib: f64 = line.trim().trim_end_matches(" kB").parse().expect("a number");
    kib / 1024.0
}

/// Time in user and kernel mode so far.
fn cpu_seconds(pid: u32) -> f64 {
    let ticks = supervise::stat::Stat::of(pid).expect("it lives").cpu_ticks;
    ticks as f64 / rustix::param::clock_ticks_per_second() as f64
}
