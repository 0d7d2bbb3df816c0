//! Where evidence comes from: the journal, log files, processes, memory, and what the steps before printed.

use crate::evidence::bundle::Item;
use std::{
    fs::{self, File},
    io::{self, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};
use supervise::stat::Stat;
use tokio::{
    io::AsyncReadExt,
    process::Command,
    time::{Instant, timeout_at},
};

/// Bytes kept of the end of one log file.
const LOG_BYTES: u64 = 1 << 20;
/// Log files kept in one bundle.
const LOG_FILES: usize = 32;
/// Bytes kept of the system's journal.
const JOURNAL_BYTES: u64 = 4 << 20;
/// How long the journal may take; a repair waits for it.
const JOURNAL_TIMEOUT: Duration = Duration::from_secs(10);

/// The last hour of the system's journal.
pub async fn journal(deadline: Instant) -> Item {
    let deadline = deadline.min(Instant::now() + JOURNAL_TIMEOUT);
    let found = match timeout_at(deadline, journalctl()).await {
        Ok(found) => found,
        Err(_) => Err("journalctl did not answer in time".into()),
    };
    Item { name: "journal.log".into(), source: "system journal of the last hour".into(), found }
}

async fn journalctl() -> Result<Vec<u8>, String> {
    let mut child = Command::new("journalctl")
        .args([
            "--since",
            "1 hour ago",
            "--no-pager",
            "--quiet",
            "--lines",
            "10000",
            "--output",
            "short-iso",
        ])
        .env_clear()
        .env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .env("LANG", "C.UTF-8")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| format!("journalctl cannot be run: {error}"))?;
    let mut bytes = Vec::new();
    if let Some(stdout) = child.stdout.take() {
        stdout
            .take(JOURNAL_BYTES)
            .read_to_end(&mut bytes)
            .await
            .map_err(|error| error.to_string())?;
    }
    // It may still want to print more than is kept; it is ended when `child` goes.
    if bytes.len() as u64 == JOURNAL_BYTES {
        return Ok(bytes);
    }
    let status = child.wait().await.map_err(|error| error.to_string())?;
    match (status.success(), bytes.is_empty()) {
        (true, false) => Ok(bytes),
        (true, true) => Err("the journal has no entries, or they may not be read".into()),
        (false, _) => Err(format!("journalctl: {status}")),
    }
}

/// The ends of the log files that match; a pattern without a file is an item without bytes.
/// Only plain files: opening a pipe would wait for whoever writes to it.
pub fn logs(patterns: &[String]) -> Vec<Item> {
    let mut items: Vec<Item> = Vec::new();
    for pattern in patterns {
        let paths = match glob::glob(pattern) {
            Ok(paths) => paths.flatten().filter(|path| path.is_file()).collect(),
            Err(_) => Vec::new(),
        };
        if paths.is_empty() {
            items.push(missing(pattern, "no such file"));
        }
        for path in paths {
            let source = path.display().to_string();
            if items.iter().any(|item| item.source == source) {
                continue;
            }
            let number = items.len() + 1;
            if number > LOG_FILES {
                items.push(missing(&source, "too many log files for one bundle"));
                continue;
            }
            let found = tail(&path).map_err(|error| error.to_string());
            items.push(Item {
                name: format!("log-{number:02}-{}", plain_name(&path)),
                source,
                found,
            });
        }
    }
    items
}

fn missing(source: &str, why: &str) -> Item {
    Item { name: String::new(), source: source.to_owned(), found: Err(why.to_owned()) }
}

/// The end of a file, from the start of a line.
fn tail(path: &Path) -> io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    let start = length.saturating_sub(LOG_BYTES);
    file.seek(SeekFrom::Start(start))?;
    let mut bytes = Vec::new();
    file.take(LOG_BYTES).read_to_end(&mut bytes)?;
    if start > 0 {
        // A line that was cut might hold half a secret, which no mask knows.
        let line = bytes.iter().position(|b| *b == b'\n').map_or(bytes.len(), |at| at + 1);
        bytes.drain(..line);
    }
    Ok(bytes)
}

/// The process table, the greatest first.
pub fn processes() -> Item {
    let mut all = Stat::all();
    all.sort_by_key(|stat| std::cmp::Reverse(stat.rss_pages));
    let page_kib = rustix::param::page_size() as u64 / 1024;
    let mut text =
        format!("{:>8} {:>8} S {:>12} {:>12}  COMMAND\n", "PID", "PARENT", "RSS_KIB", "CPU_TICKS");
    for stat in &all {
        let Stat { pid, parent, state, cpu_ticks, rss_pages, .. } = stat;
        let rss = rss_pages * page_kib;
        text.push_str(&format!(
            "{pid:>8} {parent:>8} {state} {rss:>12} {cpu_ticks:>12}  {}\n",
            command(stat)
        ));
    }
    let found =
        if all.is_empty() { Err("/proc cannot be read".to_owned()) } else { Ok(text.into_bytes()) };
    Item { name: "processes.txt".into(), source: "process table".into(), found }
}

fn command(stat: &Stat) -> String {
    let bytes = fs::read(format!("/proc/{}/cmdline", stat.pid)).unwrap_or_default();
    let line = String::from_utf8_lossy(&bytes).replace('\0', " ");
    let line: String =
        line.trim().chars().map(|c| if c.is_control() { ' ' } else { c }).take(400).collect();
    if line.is_empty() { format!("[{}]", stat.comm) } else { line }
}

/// Memory, swap, load and pressure, as the kernel shows them.
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
        Err("/proc cannot be read".to_owned())
    } else {
        Ok(text.into_bytes())
    };
    Item { name: "memory.txt".into(), source: "memory".into(), found }
}

/// What the steps of this run printed so far.
pub fn steps(run_folder: &Path) -> Vec<Item> {
    let Ok(entries) = fs::read_dir(run_folder) else { return Vec::new() };
    let is_output = |path: &PathBuf| path.extension().is_some_and(|ending| ending == "log");
    let mut paths: Vec<PathBuf> =
        entries.flatten().map(|entry| entry.path()).filter(is_output).collect();
    paths.sort();
    paths
        .into_iter()
        .map(|path| Item {
            name: format!("step-{}", plain_name(&path)),
            source: path.display().to_string(),
            found: tail(&path).map_err(|error| error.to_string()),
        })
        .collect()
}

/// A file name that needs no escapes anywhere.
fn plain_name(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.chars()
        .map(|c| if c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-') { c } else { '_' })
        .collect()
}
