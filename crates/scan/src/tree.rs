//! What is in a folder: walked once for all checks, without following links, as far as a bound.

use crate::ignored::Ignored;
use std::{
    fs, io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

/// More is not walked, and that is said.
const ENTRIES: usize = 200_000;
const DEPTH: usize = 64;
/// What others wrote or built.
const NOT_THEIRS: [&str; 4] = [".git", "node_modules", "target", "__pycache__"];

/// A file or a folder.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// Where it is, as the person named the tree.
    pub path: PathBuf,
    pub is_folder: bool,
    /// Whether it is an ordinary file: not a socket, a pipe, a device.
    pub is_file: bool,
    pub mode: u32,
    pub bytes: u64,
    /// Whether a `.gitignore` leaves it out.
    pub is_ignored: bool,
}

/// A whole tree.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    pub entries: Vec<Entry>,
    /// Folders that could not be read.
    pub closed: Vec<PathBuf>,
    /// Whether there is more than the bound.
    pub is_cut: bool,
}

impl Entry {
    /// Its name.
    pub fn name(&self) -> String {
        self.path.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    /// Its path to be told; escaping is for who shows it.
    pub fn shown(&self) -> String {
        self.path.to_string_lossy().into_owned()
    }

    fn of(path: &Path, file: &fs::Metadata, is_ignored: bool) -> Self {
        Self {
            path: path.to_owned(),
            is_folder: file.is_dir(),
            is_file: file.is_file(),
            mode: file.mode(),
            bytes: file.len(),
            is_ignored,
        }
    }
}

impl Tree {
    /// Walks a folder, or names one file.
    ///
    /// # Errors
    /// It is not there, or cannot be read.
    pub fn walk(top: &Path) -> io::Result<Self> {
        let file = fs::metadata(top)?;
        let mut tree = Self::default();
        tree.entries.push(Entry::of(top, &file, false));
        if file.is_dir() {
            fs::read_dir(top)?;
            tree.folder(top, &mut Vec::new(), false, 0);
        }
        Ok(tree)
    }

    fn folder(
        &mut self,
        folder: &Path,
        lists: &mut Vec<(PathBuf, Ignored)>,
        is_ignored: bool,
        depth: usize,
    ) {
        let Ok(entries) = fs::read_dir(folder) else {
            self.closed.push(folder.to_owned());
            return;
        };
        lists.push((folder.to_owned(), Ignored::of(folder)));
        let mut paths: Vec<_> = entries.flatten().take(ENTRIES).map(|entry| entry.path()).collect();
        paths.sort();
        for path in paths {
            if self.entries.len() >= ENTRIES {
                self.is_cut = true;
                break;
            }
            // One that went away in the meantime is not there.
            let Ok(file) = fs::symlink_metadata(&path) else { continue };
            let is_ours =
                !NOT_THEIRS.iter().any(|name| path.file_name().is_some_and(|own| own == *name));
            if file.is_symlink() || (file.is_dir() && !is_ours) {
                continue;
            }
            let is_ignored = is_ignored || judged(lists, &path, file.is_dir());
            self.entries.push(Entry::of(&path, &file, is_ignored));
            if file.is_dir() && depth < DEPTH {
                self.folder(&path, lists, is_ignored, depth + 1);
            } else if file.is_dir() {
                self.is_cut = true;
            }
        }
        lists.pop();
    }
}

/// The innermost list that says anything of a path.
fn judged(lists: &[(PathBuf, Ignored)], path: &Path, is_folder: bool) -> bool {
    let says = |(folder, list): &(PathBuf, Ignored)| {
        let below = path.strip_prefix(folder).ok()?;
        list.judge(&below.to_string_lossy(), is_folder)
    };
    lists.iter().rev().find_map(says).unwrap_or(false)
}
