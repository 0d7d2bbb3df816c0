//! The machine as `top`, `df` and `free` show it (A34).

use crate::{
    cleaner::Cleaner,
    part::{self, Part},
    processes::{self, Process},
};
use probes::mounts;
use serde::Serialize;
use std::{fs, time::Duration};

/// The machine.
#[derive(Clone, Debug, Serialize)]
pub struct Host {
    /// Every real file system.
    pub filesystems: Vec<FileSystem>,
    /// Memory; nothing when it could not be read.
    pub memory: Option<Memory>,
    /// The processes that use most CPU now.
    pub top_cpu: Vec<Process>,
    /// The processes that hold most memory.
    pub top_memory: Vec<Process>,
    /// How the looking went.
    pub probes: Vec<Part>,
}

/// How full one file system is, counted as `df` does.
#[derive(Clone, Debug, Serialize)]
pub struct FileSystem {
    /// Where it is mounted.
    pub mount: String,
    /// Bytes in use.
    pub used_bytes: f64,
    /// Bytes that ordinary users can still have.
    pub free_bytes: f64,
    /// What is in use, of what ordinary users can have.
    pub used_percent: f64,
    /// Files in use; nothing where their number has no limit.
    pub inodes_used_percent: Option<f64>,
}

/// Memory and swap, in bytes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Memory {
    /// All there is.
    pub total_bytes: u64,
    /// What programs can still have, caches given back.
    pub available_bytes: u64,
    /// All swap there is.
    pub swap_total_bytes: u64,
    /// Swap that is free.
    pub swap_free_bytes: u64,
}

/// Looks at the machine; every part within the limit.
pub async fn host(cleaner: &Cleaner, limit: Duration) -> Host {
    let (disks, memory, processes) = tokio::join!(
        part::within("filesystems", None, limit, part::aside(filesystems)),
        part::within("memory", None, limit, part::aside(memory)),
        part::within("processes", None, limit, processes::processes(cleaner)),
    );
    let top = processes.1.unwrap_or_default();
    Host {
        filesystems: disks.1.unwrap_or_default(),
        memory: memory.1,
        top_cpu: top.by_cpu,
        top_memory: top.by_memory,
        probes: vec![disks.0, memory.0, processes.0],
    }
}

fn filesystems() -> Result<Vec<FileSystem>, String> {
    let points = mounts::mount_points().map_err(|error| error.to_string())?;
    // One that this user may not look at hides no other.
    let usages = points.iter().filter_map(|point| mounts::usage(point).ok().flatten());
    let found = usages.map(|usage| FileSystem {
        mount: usage.place,
        used_bytes: usage.used_bytes,
        free_bytes: usage.free_bytes,
        used_percent: usage.used_percent,
        inodes_used_percent: usage.inodes_used_percent,
    });
    Ok(found.collect())
}

fn memory() -> Result<Memory, String> {
    let text = fs::read_to_string("/proc/meminfo").map_err(|error| error.to_string())?;
    of_meminfo(&text).ok_or_else(|| "/proc/meminfo names no MemAvailable".into())
}

fn of_meminfo(text: &str) -> Option<Memory> {
    let bytes = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
        Some(line.split_whitespace().next()?.parse::<u64>().ok()? * 1024)
    };
    Some(Memory {
        total_bytes: bytes("MemTotal")?,
        available_bytes: bytes("MemAvailable")?,
        swap_total_bytes: bytes("SwapTotal")?,
        swap_free_bytes: bytes("SwapFree")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_in_bytes_and_without_a_number_there_is_none() {
        let text = "MemTotal: 1000 kB\nMemAvailable: 400 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB\n";
        let memory = of_meminfo(text).expect("complete");
        assert_eq!((memory.total_bytes, memory.available_bytes), (1_024_000, 409_600));
        assert_eq!(of_meminfo("MemTotal: 1000 kB\n"), None);
    }

    #[tokio::test]
    async fn this_machine_has_disks_memory_and_processes() {
        // A34.
        let cleaner = Cleaner::new(str::to_owned);
        let host = host(&cleaner, part::PART_LIMIT).await;
        assert!(!host.filesystems.is_empty(), "{host:?}");
        assert!(host.memory.is_some_and(|memory| memory.available_bytes > 0));
        assert!(!host.top_cpu.is_empty() && !host.top_memory.is_empty());
    }
}
