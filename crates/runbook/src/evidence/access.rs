//! Evidence of who asked: the access log of a window of time, with the rotated files that reach into it (A63).

use crate::evidence::bundle::{Item, Kept};
use domain::said::Said;
use flate2::read::MultiGzDecoder;
use jiff::{Timestamp, fmt::strtime};
use std::{
    fs::{self, File},
    io::{self, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
    time::SystemTime,
};

/// Bytes kept of all files together.
const BYTES: usize = 16 << 20;

/// The lines of the log at `path` since then.
pub fn access(path: &str, since: Timestamp) -> Item {
    Item { name: "access.log".into(), source: path.to_owned(), found: window(path, since) }
}

fn window(path: &str, since: Timestamp) -> Result<Kept, Said> {
    let files = files(path, since)?;
    if files.is_empty() {
        return Err(Said::new(
            "ファイルがないか、対象の時間帯に書かれたものがありません",
            "no such file, or none that was written in the window",
        ));
    }
    let (mut parts, mut room, mut is_cut) = (Vec::new(), BYTES, false);
    // The newest first: if it is too much, the oldest is left out.
    for file in &files {
        let (bytes, more) =
            end_of(file, room).map_err(|error| format!("{}: {error}", file.display()))?;
        is_cut |= more;
        let kept = within(&bytes, since);
        room = room.saturating_sub(kept.len());
        parts.push(kept);
        if room == 0 {
            break;
        }
    }
    parts.reverse();
    let cut = is_cut.then(|| format!("what stands before the newest {BYTES} bytes"));
    Ok(Kept { bytes: parts.concat(), cut })
}

/// The log and its rotated files that were written since then, the newest first.
fn files(path: &str, since: Timestamp) -> Result<Vec<PathBuf>, Said> {
    let pattern = format!("{}*", glob::Pattern::escape(path));
    let paths = glob::glob(&pattern).map_err(|error| error.to_string())?;
    let written = |path: PathBuf| {
        let file = fs::metadata(&path).ok().filter(fs::Metadata::is_file)?;
        Some((file.modified().ok()?, path))
    };
    let mut found: Vec<(SystemTime, PathBuf)> = paths
        .flatten()
        .filter_map(written)
        .filter(|(at, _)| Timestamp::try_from(*at).is_ok_and(|at| at >= since))
        .collect();
    found.sort();
    found.reverse();
    Ok(found.into_iter().map(|(_, path)| path).collect())
}

/// The last `most` bytes of a file, from the start of a line, and whether there was more.
fn end_of(path: &Path, most: usize) -> io::Result<(Vec<u8>, bool)> {
    let mut file = File::open(path)?;
    let mut bytes = Vec::new();
    let is_cut = if path.extension().is_some_and(|end| end == "gz") {
        // Its end is only known at its end; a bomb goes off in no more room than this.
        let limit = 8 * BYTES;
        MultiGzDecoder::new(file).take(limit as u64).read_to_end(&mut bytes)?;
        let is_bomb = bytes.len() == limit;
        let over = bytes.len().saturating_sub(most);
        bytes.drain(..over);
        over > 0 || is_bomb
    } else {
        let over = file.metadata()?.len().saturating_sub(most as u64);
        file.seek(SeekFrom::Start(over))?;
        file.take(most as u64).read_to_end(&mut bytes)?;
        over > 0
    };
    if is_cut {
        // A line that was cut might hold half a secret, which no mask knows.
        let line = bytes.iter().position(|b| *b == b'\n').map_or(bytes.len(), |at| at + 1);
        bytes.drain(..line);
    }
    Ok((bytes, is_cut))
}

/// The lines from then on. A line that says no time belongs to the one before it.
fn within(bytes: &[u8], since: Timestamp) -> Vec<u8> {
    let mut is_inside = true;
    let mut kept = Vec::new();
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        if let Some(at) = time_in(&String::from_utf8_lossy(line)) {
            is_inside = at >= since;
        }
        if is_inside {
            kept.extend_from_slice(line);
        }
    }
    kept
}

/// The time of a request: `[26/Sep/2025:10:15:00 +0900]`, or one in the form of RFC 3339 anywhere.
fn time_in(line: &str) -> Option<Timestamp> {
    let common = line.split_once('[').and_then(|(_, rest)| rest.split_once(']'));
    let common = common.and_then(|(text, _)| strtime::parse("%d/%b/%Y:%H:%M:%S %z", text).ok());
    if let Some(at) = common.and_then(|time| time.to_timestamp().ok()) {
        return Some(at);
    }
    let words = line.split(|c: char| c == '"' || c.is_whitespace());
    words.filter(|word| word.starts_with("20")).find_map(|word| word.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_of_a_request_is_read_in_both_forms() {
        let at: Timestamp = "2025-09-26T01:15:00Z".parse().expect("a time");
        let common = r#"203.0.113.7 - - [26/Sep/2025:10:15:00 +0900] "GET / HTTP/1.1" 200 5"#;
        assert_eq!(time_in(common), Some(at));
        assert_eq!(time_in(r#"{"time":"2025-09-26T01:15:00Z","status":200}"#), Some(at));
        assert_eq!(time_in("[error] nothing of the kind"), None);
    }

    #[test]
    fn only_the_window_is_kept_with_lines_that_belong_to_it() {
        let since = "2025-09-26T01:00:00Z".parse().expect("a time");
        let log =
            "2025-09-26T00:59:59Z old\n  of the old\n2025-09-26T01:00:00Z new\n  of the new\n";
        assert_eq!(within(log.as_bytes(), since), b"2025-09-26T01:00:00Z new\n  of the new\n");
    }
}
