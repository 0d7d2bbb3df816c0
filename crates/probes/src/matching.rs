//! The files and folders that a pattern matches.

use domain::said::Said;
use jiff::Timestamp;
use std::{fs, io, path::PathBuf, time::SystemTime};

/// A pattern that matches more is a mistake, and reading on would cost more than it tells.
const MOST: usize = 100_000;

/// One match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub path: PathBuf,
    pub modified: Timestamp,
    pub size: u64,
    pub is_folder: bool,
}

/// The files that match, in the order of their names; folders are none.
///
/// # Errors
/// A sentence when the pattern is none, or a folder cannot be read.
pub fn files(pattern: &str) -> Result<Vec<PathBuf>, String> {
    let mut paths = Vec::new();
    for path in glob::glob(pattern).map_err(|error| format!("{pattern}: {error}"))? {
        match path {
            Ok(path) if path.is_dir() => {}
            Ok(path) => paths.push(path),
            Err(error) => return Err(format!("{}: {}", error.path().display(), error.error())),
        }
    }
    Ok(paths)
}

/// Everything that matches, the newest first; links count as what they lead to.
///
/// # Errors
/// A sentence when the pattern is none, or a folder cannot be read.
pub(crate) fn newest_first(pattern: &str) -> Result<Vec<Found>, Said> {
    let paths = glob::glob(pattern).map_err(|error| {
        Said::new(
            format!("`{pattern}` はパターンではありません: {error}"),
            format!("`{pattern}` is no pattern: {error}"),
        )
    })?;
    let mut all = Vec::new();
    for path in paths {
        let path = path.map_err(|error| {
            Said::new(format!("読めません: {error}"), format!("cannot read {error}"))
        })?;
        match found(path) {
            Ok(found) => all.push(found),
            // It went away, or leads nowhere: then it is no match.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error.to_string().into()),
        }
        if all.len() > MOST {
            return Err(Said::new(
                format!("`{pattern}` に {MOST} を超えるファイルが一致します。絞ってください"),
                format!("`{pattern}` matches more than {MOST} files; narrow it"),
            ));
        }
    }
    all.sort_by(|a, b| b.modified.cmp(&a.modified).then_with(|| b.path.cmp(&a.path)));
    Ok(all)
}

fn found(path: PathBuf) -> io::Result<Found> {
    let about =
        |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", path.display()));
    let metadata = fs::metadata(&path).map_err(about)?;
    let modified = metadata.modified().map_err(about)?;
    let modified = Timestamp::try_from(modified)
        .or_else(|_| Timestamp::try_from(SystemTime::UNIX_EPOCH))
        .map_err(|error| io::Error::other(error.to_string()))?;
    Ok(Found { modified, size: metadata.len(), is_folder: metadata.is_dir(), path })
}
