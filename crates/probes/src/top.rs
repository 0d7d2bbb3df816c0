//! Which processes use most CPU and memory: evidence that is gone when a person looks an hour later.

use crate::outside::shown;
use rustix::param::{clock_ticks_per_second, page_size};
use std::{cmp::Reverse, collections::HashMap};
use supervise::stat::Stat;
use tokio::time::Instant;

/// So many are named.
const NAMED: usize = 10;

/// CPU ticks of every process, by pid and start time.
type Ticks = HashMap<(u32, u64), u64>;

/// What is remembered between two looks.
#[derive(Default)]
pub(crate) struct Top {
    before: Option<(Instant, Ticks)>,
}

/// The lists, one line per process.
pub(crate) struct Lists {
    /// By CPU since the last look; nothing at the first.
    pub cpu: Option<String>,
    /// By memory.
    pub memory: String,
}

impl Top {
    /// Looks at all processes.
    pub fn look(&mut self) -> Lists {
        let stats = Stat::all();
        let now = Instant::now();
        let ticks =
            stats.iter().map(|stat| ((stat.pid, stat.start_ticks), stat.cpu_ticks)).collect();
        let before = self.before.replace((now, ticks));
        let cpu = before.map(|(then, ticks)| by_cpu(&stats, &ticks, (now - then).as_secs_f64()));
        Lists { cpu, memory: by_memory(&stats) }
    }
}

fn by_cpu(stats: &[Stat], before: &Ticks, seconds: f64) -> String {
    let spent = |stat: &Stat| {
        let then = before.get(&(stat.pid, stat.start_ticks)).copied().unwrap_or(0);
        stat.cpu_ticks.saturating_sub(then)
    };
    let mut busiest: Vec<(u64, &Stat)> = stats.iter().map(|stat| (spent(stat), stat)).collect();
    busiest.sort_by_key(|(ticks, stat)| (Reverse(*ticks), stat.pid));
    let per_tick = 100.0 / clock_ticks_per_second() as f64 / seconds.max(0.001);
    let lines = busiest.iter().take(NAMED).map(|(ticks, stat)| {
        format!("{:5.1} %  {}  {}", *ticks as f64 * per_tick, stat.pid, shown(&stat.comm))
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn by_memory(stats: &[Stat]) -> String {
    let mut largest: Vec<&Stat> = stats.iter().collect();
    largest.sort_by_key(|stat| (Reverse(stat.rss_pages), stat.pid));
    let mib = |stat: &Stat| stat.rss_pages as f64 * page_size() as f64 / f64::from(1 << 20);
    let lines = largest
        .iter()
        .take(NAMED)
        .map(|stat| format!("{:7.1} MiB  {}  {}", mib(stat), stat.pid, shown(&stat.comm)));
    lines.collect::<Vec<_>>().join("\n")
}
