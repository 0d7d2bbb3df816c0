//! The few numbers about the machine that the mks backend reports; what cannot be read is absent.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

/// Memory of the machine.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Memory {
    /// Of a hundred parts, how many are not available.
    pub used_percent: f64,
    /// What is available, in MiB.
    pub available_mib: f64,
}

/// The file system a path is on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Disk {
    /// Of a hundred parts that a user may fill, how many are.
    pub used_percent: f64,
    /// What a user may still fill, in GiB.
    pub free_gib: f64,
}

/// CPU time, compared with the last time it was asked for.
#[derive(Debug)]
pub struct Cpu(Mutex<Option<Ticks>>);

#[derive(Clone, Copy, Debug, PartialEq)]
struct Ticks {
    busy: u64,
    all: u64,
}

impl Cpu {
    /// Begins to measure.
    pub fn new() -> Cpu {
        Cpu(Mutex::new(read_ticks()))
    }

    /// Use of all cores since the last call, in percent.
    pub fn percent(&self) -> Option<f64> {
        let now = read_ticks()?;
        let before = self.0.lock().unwrap_or_else(PoisonError::into_inner).replace(now)?;
        let all = now.all.checked_sub(before.all).filter(|ticks| *ticks > 0)?;
        Some(now.busy.saturating_sub(before.busy) as f64 * 100.0 / all as f64)
    }
}

/// Memory as the kernel counts it.
pub fn memory() -> Option<Memory> {
    parse_memory(&std::fs::read_to_string("/proc/meminfo").ok()?)
}

/// The file system below `path`.
pub fn disk(path: &Path) -> Option<Disk> {
    let status = rustix::fs::statvfs(path).ok()?;
    let used = status.f_blocks.checked_sub(status.f_bfree)?;
    let usable = used.checked_add(status.f_bavail).filter(|blocks| *blocks > 0)?;
    let gib = 1024.0 * 1024.0 * 1024.0;
    Some(Disk {
        used_percent: used as f64 * 100.0 / usable as f64,
        free_gib: status.f_bavail as f64 * status.f_frsize as f64 / gib,
    })
}

fn parse_memory(text: &str) -> Option<Memory> {
    let kib = |name: &str| -> Option<f64> {
        let line = text.lines().find_map(|line| line.strip_prefix(name))?;
        line.trim().strip_suffix("kB")?.trim().parse().ok()
    };
    let (total, available) = (kib("MemTotal:")?, kib("MemAvailable:")?);
    let used_percent = (total > 0.0).then(|| (total - available) * 100.0 / total)?;
    Some(Memory { used_percent, available_mib: available / 1024.0 })
}

fn read_ticks() -> Option<Ticks> {
    parse_ticks(&std::fs::read_to_string("/proc/stat").ok()?)
}

fn parse_ticks(text: &str) -> Option<Ticks> {
    let line = text.lines().next()?.strip_prefix("cpu ")?;
    let ticks: Vec<u64> =
        line.split_whitespace().take(8).map(|word| word.parse().ok()).collect::<Option<_>>()?;
    let all = ticks.iter().sum();
    let idle: u64 = ticks.iter().skip(3).take(2).sum();
    Some(Ticks { busy: all - idle, all })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_what_is_available_not_what_is_free() {
        let text = "MemTotal:  2048 kB\nMemFree: 1 kB\nMemAvailable:  1024 kB\n";
        let memory = parse_memory(text).expect("parses");
        assert_eq!(memory, Memory { used_percent: 50.0, available_mib: 1.0 });
        assert_eq!(parse_memory("MemTotal: 2048 kB\n"), None, "unknown, not zero");
    }

    #[test]
    fn waiting_for_a_disk_is_not_busy() {
        let ticks = parse_ticks("cpu  10 0 5 80 5 0 0 0 0 0\ncpu0 1\n").expect("parses");
        assert_eq!(ticks, Ticks { busy: 15, all: 100 });
        assert_eq!(parse_ticks("intr 5"), None);
    }

    #[test]
    fn this_machine_has_a_disk_and_memory() {
        assert!(disk(Path::new("/")).is_some_and(|disk| disk.used_percent <= 100.0));
        assert!(memory().is_some_and(|memory| memory.available_mib > 0.0));
    }
}
