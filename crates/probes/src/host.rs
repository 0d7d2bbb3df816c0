//! Probe kind `host`: CPU, memory, swap and load of the machine, and who uses them.

use crate::{
    aside::{Aside, Blocking},
    probe::{Kind, Probe, Seat, Settings},
    top::Top,
    unseen,
};
use domain::reading::{Observation, Reading};
use domain::said::Said;
use source::{Fields, Problems};
use std::{fs, sync::Arc};

/// The row of the table.
pub(crate) const KIND: Kind = Kind {
    name: "host",
    summary: (
        "ホストの CPU・メモリー・スワップ・負荷を見る",
        "looks at the machine's CPU, memory, swap and load",
    ),
    example: "kind: host\nservice: host-1\nevery: 10s\n",
    readings: &[
        (
            "mem_used_percent",
            "メモリー使用率 = 100 × (1 − MemAvailable / MemTotal)",
            "100 × (1 − MemAvailable / MemTotal)",
        ),
        ("mem_available_bytes", "使えるメモリー", "memory that can be had"),
        ("swap_used_percent", "スワップ使用率", "swap in use"),
        ("cpu_percent", "前回からの全コアの使用率", "all cores, since the last look"),
        ("load1", "1 分間の負荷", "load of the last minute"),
        ("top_cpu", "CPU を使っているプロセス", "who uses the CPU"),
        ("top_mem", "メモリーを使っているプロセス", "who holds the memory"),
    ],
    parse,
};

#[derive(Debug)]
struct Host;

fn parse(_: &mut Fields<'_>, _: &mut Problems) -> Option<Arc<dyn Settings>> {
    Some(Arc::new(Host))
}

impl Settings for Host {
    fn make(&self, seat: Seat) -> Box<dyn Probe> {
        let looking = Looking { seat: seat.clone(), before: None, top: Top::default() };
        Aside::new(seat, "mem_used_percent", looking)
    }
}

struct Looking {
    seat: Seat,
    before: Option<CpuTicks>,
    top: Top,
}

impl Blocking for Looking {
    fn look(&mut self) -> Vec<Observation> {
        let mut seen = self.seat.observation();
        match fs::read_to_string("/proc/meminfo") {
            Ok(text) => {
                for (name, reading) in memory(&text) {
                    seen = seen.with(name, reading);
                }
            }
            Err(error) => {
                seen = seen.with(
                    "mem_used_percent",
                    Reading::Failed(Said::new(
                        format!("/proc/meminfo を読めません: {error}"),
                        format!("cannot read /proc/meminfo: {error}"),
                    )),
                );
            }
        }
        let cpu = self.cpu();
        let load = fs::read_to_string("/proc/loadavg")
            .ok()
            .and_then(|text| text.split(' ').next()?.parse().ok());
        let load = load.map_or_else(
            || {
                Reading::Failed(Said::new(
                    "/proc/loadavg を読めません",
                    "cannot read /proc/loadavg",
                ))
            },
            Reading::number,
        );
        let top = self.top.look();
        let top_cpu = top.cpu.map_or_else(unseen::second_look, Reading::text);
        vec![
            seen.with("cpu_percent", cpu)
                .with("load1", load)
                .with("top_cpu", top_cpu)
                .with("top_mem", Reading::text(top.memory)),
        ]
    }
}

impl Looking {
    fn cpu(&mut self) -> Reading {
        let text = fs::read_to_string("/proc/stat").unwrap_or_default();
        let Some(now) = CpuTicks::parse(&text) else {
            return Reading::Failed(Said::new("/proc/stat を読めません", "cannot read /proc/stat"));
        };
        match self.before.replace(now) {
            Some(before) => before.percent_until(now),
            None => unseen::second_look(),
        }
    }
}

/// Ticks of all cores since the machine started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct CpuTicks {
    idle: u64,
    all: u64,
}

impl CpuTicks {
    /// Reads the first line of `/proc/stat`; waiting for a disk counts as idle.
    fn parse(text: &str) -> Option<Self> {
        let numbers: Vec<u64> = text
            .lines()
            .next()?
            .strip_prefix("cpu ")?
            .split_whitespace()
            .filter_map(|n| n.parse().ok())
            .collect();
        // user nice system idle iowait irq softirq steal; the guest times after them are within user.
        let all = numbers.iter().take(8).sum();
        Some(Self { idle: numbers.get(3)? + numbers.get(4)?, all })
    }

    fn percent_until(self, now: Self) -> Reading {
        let all = now.all.saturating_sub(self.all);
        if all == 0 {
            return Reading::Unknown(Said::new(
                "前回の計測から時間が経っていません",
                "no time has passed since the last look",
            ));
        }
        let idle = now.idle.saturating_sub(self.idle).min(all);
        Reading::number(100.0 * (all - idle) as f64 / all as f64)
    }
}

/// The memory readings of a `/proc/meminfo`.
fn memory(text: &str) -> Vec<(&'static str, Reading)> {
    let kib = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
        line.split_whitespace().next()?.parse::<f64>().ok()
    };
    let mut readings = Vec::new();
    match (kib("MemTotal"), kib("MemAvailable")) {
        (Some(total), Some(available)) if total > 0.0 => {
            readings.push(("mem_used_percent", Reading::number(100.0 * (1.0 - available / total))));
            readings.push(("mem_available_bytes", Reading::number(available * 1024.0)));
        }
        _ => readings.push((
            "mem_used_percent",
            Reading::Failed(Said::new(
                "/proc/meminfo に MemAvailable がありません",
                "/proc/meminfo names no MemAvailable",
            )),
        )),
    }
    match (kib("SwapTotal"), kib("SwapFree")) {
        (Some(total), Some(free)) if total > 0.0 => {
            readings.push(("swap_used_percent", Reading::number(100.0 * (1.0 - free / total))));
        }
        _ => readings.push((
            "swap_used_percent",
            Reading::Unknown(Said::new(
                "このマシンにスワップはありません",
                "this machine has no swap",
            )),
        )),
    }
    readings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cache_does_not_count_as_used_memory() {
        // B5, C8: 60 % used by programs, 35 % by the cache, is 60 %.
        let text = "MemTotal: 1000 kB\nMemFree: 50 kB\nMemAvailable: 400 kB\nCached: 350 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB\n";
        let readings = memory(text);
        assert_eq!(readings[0], ("mem_used_percent", Reading::number(60.0)));
        assert_eq!(readings[1], ("mem_available_bytes", Reading::number(409_600.0)));
        assert!(matches!(readings[2].1, Reading::Unknown(_)), "no swap is no zero");
    }

    #[test]
    fn cpu_is_what_happened_between_two_looks() {
        let first = CpuTicks::parse("cpu  100 0 100 700 100 0 0 0 0 0\ncpu0 1").expect("a line");
        let second = CpuTicks::parse("cpu  180 0 110 710 100 0 0 0 0 0\ncpu0 1").expect("a line");
        assert_eq!(first.percent_until(second), Reading::number(90.0));
        assert!(matches!(first.percent_until(first), Reading::Unknown(_)));
        assert_eq!(CpuTicks::parse("intr 1"), None);
    }
}
