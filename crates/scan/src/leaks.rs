//! Own check: secrets of well-known forms in the files of a tree, with their lines, masked.

use crate::{
    finding::{Finding, Severity, Weakness},
    token::{TOKENS, masked},
    tree::Entry,
};
use domain::said::Said;
use rustix::fs::{Mode, OFlags};
use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

/// Its name in findings.
pub(crate) const NAME: &str = "secrets";

/// Larger files are data, not text that people write.
const FILE_BYTES: u64 = 1 << 20;
/// A byte that no text has, looked for at the beginning.
const BINARY_BYTES: usize = 8 << 10;

/// What is in one file.
#[derive(Debug, Default)]
pub(crate) struct Leaks {
    pub findings: Vec<Finding>,
    /// Whether there is a private key in it, ignored by git or not.
    pub holds_key: bool,
}

/// Looks into a file. What git ignores is looked at for keys only: their permissions count there too.
///
/// # Errors
/// It cannot be read.
pub(crate) fn look(entry: &Entry) -> io::Result<Leaks> {
    if !entry.is_file || entry.bytes > FILE_BYTES {
        return Ok(Leaks::default());
    }
    let bytes = read(&entry.path)?;
    if bytes.iter().take(BINARY_BYTES).any(|byte| *byte == 0) {
        return Ok(Leaks::default());
    }
    let text = String::from_utf8_lossy(&bytes);
    let mut leaks = Leaks::default();
    for (line, number) in text.lines().zip(1..) {
        for token in &TOKENS {
            for secret in token.find(line) {
                let is_key = token.rule == "private-key";
                leaks.holds_key |= is_key;
                if entry.is_ignored {
                    continue;
                }
                let (ja, en) = token.title;
                // The first line of a key is no secret, and the same for all.
                let mask = if is_key { String::new() } else { format!(": {}", masked(secret)) };
                let said = Said::new(format!("{ja}{mask}"), format!("{en}{mask}"));
                leaks.findings.push(Finding {
                    file: Some(entry.shown()),
                    line: Some(number),
                    ..Finding::new(NAME, Weakness::Secret, token.rule, Severity::High, said)
                });
            }
        }
    }
    Ok(leaks)
}

/// Not through a link that took the file's place, and never waiting for a pipe that did.
fn read(path: &Path) -> io::Result<Vec<u8>> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = File::from(rustix::fs::open(path, flags, Mode::empty())?);
    if !file.metadata()?.is_file() {
        return Ok(Vec::new());
    }
    let mut bytes = Vec::new();
    file.take(FILE_BYTES).read_to_end(&mut bytes)?;
    Ok(bytes)
}
