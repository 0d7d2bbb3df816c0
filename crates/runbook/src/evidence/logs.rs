//! Evidence of files: the ends of log files, and what the steps before printed.

use crate::evidence::bundle::{Item, Kept};
use domain::said::Said;
use std::{
    fs::{self, File},
    io::{self, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
};

/// Bytes kept of the end of one log file.
const LOG_BYTES: u64 = 1 << 20;
/// Log files kept in one bundle.
const LOG_FILES: usize = 32;

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
            items.push(Item::missing(pattern, Said::new("ファイルがありません", "no such file")));
        }
        for path in paths {
            let source = path.display().to_string();
            if items.iter().any(|item| item.source == source) {
                continue;
            }
            let number = items.len() + 1;
            if number > LOG_FILES {
                items.push(Item::missing(
                    &source,
                    Said::new(
                        "ログファイルが多すぎて 1 つにまとめられません",
                        "too many log files for one bundle",
                    ),
                ));
                continue;
            }
            let found = tail(&path).map_err(|error| error.to_string().into());
            items.push(Item {
                name: format!("log-{number:02}-{}", plain_name(&path)),
                source,
                found,
            });
        }
    }
    items
}

/// The end of a file, from the start of a line.
fn tail(path: &Path) -> io::Result<Kept> {
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
    let cut = (start > 0).then(|| format!("all but the last {} of {length} bytes", bytes.len()));
    Ok(Kept { bytes, cut })
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
            found: tail(&path).map_err(|error| error.to_string().into()),
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
