//! Evidence of the machine: the process table and memory, as the kernel shows them.

use crate::evidence::bundle::{Item, Kept};
use domain::said::Said;
use std::fs;
use supervise::stat::Stat;

/// More processes than this are not listed; the greatest come first.
const PROCESSES: usize = 5000;

/// The process table, the greatest first.
pub fn processes() -> Item {
    let mut all = Stat::all();
    all.sort_by_key(|stat| std::cmp::Reverse(stat.rss_pages));
    let page_kib = rustix::param::page_size() as u64 / 1024;
    let mut text =
        format!("{:>8} {:>8} S {:>12} {:>12}  COMMAND\n", "PID", "PARENT", "RSS_KIB", "CPU_TICKS");
    for stat in all.iter().take(PROCESSES) {
        let Stat { pid, parent, state, cpu_ticks, rss_pages, .. } = stat;
        let rss = rss_pages * page_kib;
        text.push_str(&format!(
            "{pid:>8} {parent:>8} {state} {rss:>12} {cpu_ticks:>12}  {}\n",
            command(stat)
        ));
    }
    let cut =
        all.len().checked_sub(PROCESSES + 1).map(|more| format!("{} more processes", more + 1));
    let found = if all.is_empty() {
        Err(Said::new("/proc を読めません", "/proc cannot be read"))
    } else {
        Ok(Kept { bytes: text.into_bytes(), cut })
    };
    Item { name: "processes.txt".into(), source: "process table".into(), found }
}

fn command(stat: &Stat) -> String {
    let bytes = fs::read(format!("/proc/{}/cmdline", stat.pid)).unwrap_or_default();
    let line = String::from_utf8_lossy(&bytes).replace('\0', " ");
    let line: String =
        line.trim().chars().map(|c| if c.is_control() { ' ' } else { c }).take(400).collect();
    if line.is_empty() { format!("[{}]", stat.comm) } else { line }
}

/// Memory, swap, load and pressure.
pub fn memory() -> Item {
    let mut text = String::new();
    for path in [
        "/proc/meminfo",
        "/proc/swaps",
        "/proc/loadavg",
        "/proc/pressure/memory",
        "/proc/pressure/io",
    ] {
        if let Ok(part) = fs::read_to_string(path) {
            text.push_str(&format!("== {path}\n{part}"));
        }
    }
    let found = if text.is_empty() {
        Err(Said::new("/proc を読めません", "/proc cannot be read"))
    } else {
        Ok(text.into())
    };
    Item { name: "memory.txt".into(), source: "memory".into(), found }
}
