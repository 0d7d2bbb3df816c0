//! `top`, twice within a moment: which processes use the CPU now, and which hold the memory.

use crate::cleaner::Cleaner;
use rustix::param::{clock_ticks_per_second, page_size};
use serde::Serialize;
use std::{cmp::Reverse, collections::HashMap, time::Duration};
use supervise::stat::Stat;
use tokio::time::{Instant, sleep};

/// So many are named.
const NAMED: usize = 10;
/// Between the two looks.
const MOMENT: Duration = Duration::from_millis(500);

/// Who uses most.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Processes {
    /// By CPU.
    pub by_cpu: Vec<Process>,
    /// By memory.
    pub by_memory: Vec<Process>,
}

/// One process.
#[derive(Clone, Debug, Serialize)]
pub struct Process {
    /// Its process id.
    pub pid: u32,
    /// The name of its program.
    pub name: String,
    /// CPU within the moment, 100 is one core.
    pub cpu_percent: f64,
    /// Memory that it holds.
    pub rss_bytes: u64,
}

/// Looks twice.
pub(crate) async fn processes(cleaner: &Cleaner) -> Result<Processes, String> {
    let (before, begun) = (Stat::all(), Instant::now());
    sleep(MOMENT).await;
    let (after, seconds) = (Stat::all(), begun.elapsed().as_secs_f64());
    if after.is_empty() {
        return Err("cannot read /proc".into());
    }
    let before: HashMap<_, _> =
        before.iter().map(|stat| ((stat.pid, stat.start_ticks), stat.cpu_ticks)).collect();
    let per_tick = 100.0 / clock_ticks_per_second() as f64 / seconds;
    let process = |stat: &Stat| {
        // One that began within the moment spent all of its time in it.
        let then = before.get(&(stat.pid, stat.start_ticks)).copied().unwrap_or(0);
        Process {
            pid: stat.pid,
            name: cleaner.clean(&stat.comm),
            cpu_percent: stat.cpu_ticks.saturating_sub(then) as f64 * per_tick,
            rss_bytes: stat.rss_pages * page_size() as u64,
        }
    };
    let mut by_cpu: Vec<Process> = after.iter().map(process).collect();
    let mut by_memory = by_cpu.clone();
    by_cpu.sort_by(|a, b| b.cpu_percent.total_cmp(&a.cpu_percent).then(a.pid.cmp(&b.pid)));
    by_memory.sort_by_key(|process| (Reverse(process.rss_bytes), process.pid));
    by_cpu.truncate(NAMED);
    by_memory.truncate(NAMED);
    Ok(Processes { by_cpu, by_memory })
}
