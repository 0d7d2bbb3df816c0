//! Follows one growing file through rotation by rename and by copy-and-truncate; no line twice.

use serde::{Deserialize, Serialize};
use std::{
    fs::{self, File, Metadata},
    io::{self, Read, Seek, SeekFrom},
    os::unix::fs::{FileExt, MetadataExt},
    path::{Path, PathBuf},
};

/// So much of the file's beginning tells it from one that was written anew in its place.
const HEAD: usize = 256;
/// A line longer than this is given up and counted as nothing.
const LONGEST_LINE: usize = 1 << 20;
/// No look reads more than this; the rest waits for the next.
const BYTES_PER_LOOK: u64 = 8 << 20;

/// How far a file was read: what survives a restart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    device: u64,
    inode: u64,
    offset: u64,
    head_length: usize,
    head_hash: u64,
}

/// Where to begin in a file that was never read.
#[derive(Clone, Copy, Debug)]
pub enum Start {
    /// At its end: what is there is old.
    End,
    /// At most so many bytes before its end.
    Back(u64),
}

/// A file that is read as it grows. Keeps it open, so that what a rotation moved away is still read to its end.
pub struct Follower {
    path: PathBuf,
    open: Option<Open>,
}

struct Open {
    file: File,
    position: Position,
}

impl Follower {
    /// Follows `path` from where `saved` ends, or from `start`.
    ///
    /// # Errors
    /// It cannot be opened or read.
    pub fn begin(path: &Path, saved: Option<&Position>, start: Start) -> io::Result<Self> {
        let path = path.to_owned();
        let open = match saved {
            Some(saved) => match find(&path, saved)? {
                Some(file) => Some(Open { file, position: saved.clone() }),
                // It was rotated away and is gone: the new file is all new.
                None => Open::at(&path, |_| 0)?,
            },
            None => Open::at(&path, |size| match start {
                Start::End => size,
                Start::Back(bytes) => size.saturating_sub(bytes),
            })?,
        };
        Ok(Self { path, open })
    }

    /// Whether this very file is the one that is read.
    pub fn holds(&self, there: &Metadata) -> bool {
        self.open.as_ref().is_some_and(|open| open.is(there))
    }

    /// How far the file was read.
    pub fn position(&self) -> Option<&Position> {
        self.open.as_ref().map(|open| &open.position)
    }

    /// Hands every complete new line to `each`.
    ///
    /// # Errors
    /// When the file is not there or cannot be read; what was read before that stays read.
    pub fn read(&mut self, mut each: impl FnMut(&str)) -> io::Result<()> {
        let mut budget = BYTES_PER_LOOK;
        // More than one rotation between two looks leaves files that only their names could tell.
        for _ in 0..2 {
            if let Some(open) = &mut self.open {
                open.check_truncated()?;
                open.read(&mut budget, &mut each)?;
            }
            let there = match fs::metadata(&self.path) {
                // Moved away and not yet made anew: the writer may still write to the one that we hold.
                Err(error) if error.kind() == io::ErrorKind::NotFound && self.open.is_some() => {
                    return Ok(());
                }
                there => there?,
            };
            if self.open.as_ref().is_some_and(|open| open.is(&there)) {
                return Ok(());
            }
            // A deleted file gives its space back only when nobody holds it: a full disk matters more than
            // the rest of its lines.
            let is_deleted = self.open.as_ref().is_some_and(Open::is_deleted);
            if budget == 0 && !is_deleted {
                return Ok(());
            }
            self.open = Open::at(&self.path, |_| 0)?;
        }
        Ok(())
    }
}

impl Open {
    fn at(path: &Path, offset: impl Fn(u64) -> u64) -> io::Result<Option<Self>> {
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let meta = file.metadata()?;
        let offset = line_start(&file, offset(meta.len()))?;
        let mut position = Position {
            device: meta.dev(),
            inode: meta.ino(),
            offset,
            head_length: 0,
            head_hash: 0,
        };
        position.remember_head(&file)?;
        Ok(Some(Self { file, position }))
    }

    fn is(&self, there: &Metadata) -> bool {
        (there.dev(), there.ino()) == (self.position.device, self.position.inode)
    }

    fn is_deleted(&self) -> bool {
        self.file.metadata().is_ok_and(|meta| meta.nlink() == 0)
    }

    /// Copy-and-truncate keeps the file and empties it: it is shorter now, or begins otherwise.
    fn check_truncated(&mut self) -> io::Result<()> {
        if self.file.metadata()?.len() < self.position.offset
            || !self.position.has_same_head(&self.file)?
        {
            self.position.offset = 0;
            self.position.head_length = 0;
        }
        Ok(())
    }

    fn read(&mut self, budget: &mut u64, each: &mut impl FnMut(&str)) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(self.position.offset))?;
        let mut waiting: Vec<u8> = Vec::new();
        let mut chunk = vec![0; 64 << 10];
        while *budget > 0 {
            let count = self.file.read(&mut chunk)?;
            if count == 0 {
                break;
            }
            *budget = budget.saturating_sub(count as u64);
            waiting.extend_from_slice(&chunk[..count]);
            let mut rest = 0;
            while let Some(length) = waiting[rest..].iter().position(|byte| *byte == b'\n') {
                each(&String::from_utf8_lossy(&waiting[rest..rest + length]));
                rest += length + 1;
            }
            waiting.drain(..rest);
            self.position.offset += rest as u64;
            if waiting.len() > LONGEST_LINE {
                self.position.offset += waiting.len() as u64;
                waiting.clear();
            }
        }
        self.position.remember_head(&self.file)
    }
}

impl Position {
    /// Remembers the beginning, once there is enough of it.
    fn remember_head(&mut self, file: &File) -> io::Result<()> {
        if self.head_length < HEAD {
            let head = head(file, HEAD)?;
            self.head_length = head.len();
            self.head_hash = hash(&head);
        }
        Ok(())
    }

    fn has_same_head(&self, file: &File) -> io::Result<bool> {
        let head = head(file, self.head_length)?;
        Ok(self.head_length == 0
            || (head.len() == self.head_length && hash(&head) == self.head_hash))
    }
}

/// The file that was read before: still at its path, or renamed beside it.
fn find(path: &Path, saved: &Position) -> io::Result<Option<File>> {
    let folder = path.parent().unwrap_or(Path::new("/"));
    let mut candidates = vec![path.to_owned()];
    if let Ok(entries) = fs::read_dir(folder) {
        candidates.extend(entries.flatten().map(|entry| entry.path()));
    }
    for candidate in candidates {
        let Ok(meta) = fs::metadata(&candidate) else { continue };
        if meta.is_file() && (meta.dev(), meta.ino()) == (saved.device, saved.inode) {
            let file = File::open(&candidate)?;
            // An inode number is used again: only with the same beginning is it the same file. At its own
            // path, another beginning means that it was truncated, which the next read sees.
            if candidate == path || saved.has_same_head(&file)? {
                return Ok(Some(file));
            }
        }
    }
    Ok(None)
}

/// The start of the first whole line from here on, so that no half line is read.
fn line_start(file: &File, offset: u64) -> io::Result<u64> {
    if offset == 0 {
        return Ok(0);
    }
    let mut at = offset - 1;
    let mut chunk = vec![0; 64 << 10];
    loop {
        let count = file.read_at(&mut chunk, at)?;
        match chunk[..count].iter().position(|byte| *byte == b'\n') {
            Some(index) => return Ok(at + index as u64 + 1),
            // The last line is not finished yet: it is new when it is.
            None if count == 0 => return last_line_start(file, offset),
            None => at += count as u64,
        }
    }
}

fn last_line_start(file: &File, before: u64) -> io::Result<u64> {
    let begin = before.saturating_sub(LONGEST_LINE as u64);
    let mut bytes = vec![0; usize::try_from(before - begin).unwrap_or(0)];
    file.read_exact_at(&mut bytes, begin)?;
    let index = bytes.iter().rposition(|byte| *byte == b'\n');
    Ok(index.map_or(begin, |index| begin + index as u64 + 1))
}

fn head(file: &File, length: usize) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; length];
    let mut filled = 0;
    while filled < length {
        match file.read_at(&mut bytes[filled..], filled as u64)? {
            0 => break,
            count => filled += count,
        }
    }
    bytes.truncate(filled);
    Ok(bytes)
}

/// FNV-1a: kept in files, so it must be the same in every version of hikeshi.
fn hash(bytes: &[u8]) -> u64 {
    let mix = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, mix)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    struct Story {
        folder: tempfile::TempDir,
        follower: Option<Follower>,
    }

    impl Story {
        fn new() -> Self {
            Self { folder: tempfile::tempdir().expect("a folder"), follower: None }
        }

        fn path(&self) -> PathBuf {
            self.folder.path().join("app.log")
        }

        fn write(&self, text: &str) {
            let mut file =
                File::options().append(true).create(true).open(self.path()).expect("opened");
            file.write_all(text.as_bytes()).expect("written");
        }

        fn rename(&self) {
            fs::rename(self.path(), self.folder.path().join("app.log.1")).expect("renamed");
        }

        fn read(&mut self) -> Vec<String> {
            let path = self.path();
            let follower = self
                .follower
                .get_or_insert_with(|| Follower::begin(&path, None, Start::End).expect("begun"));
            let mut lines = Vec::new();
            follower.read(|line| lines.push(line.to_owned())).expect("read");
            lines
        }

        /// hikeshi stops and starts: only the position is left.
        fn restart(&mut self) {
            let saved = self.follower.take().and_then(|follower| follower.position().cloned());
            self.follower =
                Some(Follower::begin(&self.path(), saved.as_ref(), Start::End).expect("begun"));
        }
    }

    #[test]
    fn only_new_and_complete_lines_are_read() {
        let mut story = Story::new();
        story.write("old\nhalf");
        assert_eq!(story.read(), [""; 0]);
        story.write(" whole\nnew\nunfin");
        assert_eq!(story.read(), ["half whole", "new"]);
        story.write("ished\n");
        assert_eq!(story.read(), ["unfinished"]);
        assert_eq!(story.read(), [""; 0]);
    }

    #[test]
    fn a_rotation_by_rename_loses_and_repeats_nothing() {
        let mut story = Story::new();
        story.write("old\n");
        story.read();
        story.write("before\n");
        story.rename();
        story.write("after\n");
        assert_eq!(story.read(), ["before", "after"]);
        // And once more, with hikeshi down meanwhile.
        story.write("last of two\n");
        story.rename();
        story.write("first of three\n");
        story.restart();
        assert_eq!(story.read(), ["last of two", "first of three"]);
    }

    #[test]
    fn a_rotation_by_copy_and_truncate_is_seen_even_when_the_file_is_long_again() {
        let mut story = Story::new();
        story.write("one\n");
        story.read();
        fs::write(story.path(), "").expect("truncated");
        story.write("two\n");
        assert_eq!(story.read(), ["two"]);
        fs::write(story.path(), "").expect("truncated");
        story.write("three, longer than what was there\n");
        assert_eq!(story.read(), ["three, longer than what was there"]);
    }

    #[test]
    fn a_restart_counts_no_line_twice() {
        let mut story = Story::new();
        story.write("old\n");
        story.read();
        story.write("a\n");
        assert_eq!(story.read(), ["a"]);
        story.write("b\n");
        story.restart();
        assert_eq!(story.read(), ["b"]);
    }

    #[test]
    fn a_line_without_end_does_not_fill_the_memory() {
        let mut story = Story::new();
        story.write("old\n");
        story.read();
        story.write(&"x".repeat(3 << 20));
        story.write("\nnext\n");
        assert_eq!(story.read().last().map(String::as_str), Some("next"));
    }
}
