//! The end of a log, line by line, bounded however long the log is; and where it was read to the last time.

use probes::follow::{Follower, Position, Start};
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

/// So much of the end of a log is read.
pub(crate) const BACK: u64 = 32 << 20;
/// One reading goes on for so many pieces of 8 MiB at most, even where a log grows faster than it is read.
const PIECES: usize = 8;

/// Hands the lines at the end of a log to `each`; or those after a place that was remembered. Gives back the new place.
///
/// # Errors
/// It is not there or cannot be read.
pub(crate) fn read(
    path: &Path,
    after: Option<&Position>,
    mut each: impl FnMut(&str),
) -> io::Result<Option<Position>> {
    let mut follower = Follower::begin(path, after, Start::Back(BACK))?;
    let mut before = None;
    for _ in 0..PIECES {
        follower.read(&mut each)?;
        let now = follower.position().cloned();
        if now == before {
            break;
        }
        before = now;
    }
    Ok(before)
}

/// Where every log was read to when somebody asked the last time (B34).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// By path.
    pub files: BTreeMap<PathBuf, Position>,
}

impl Asked {
    /// What was remembered; nothing when nobody asked yet.
    ///
    /// # Errors
    /// The file is there and cannot be read.
    pub fn load(path: &Path) -> io::Result<Self> {
        match fs::read(path) {
            Ok(bytes) => Ok(serde_json::from_slice(&bytes)?),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(error),
        }
    }

    /// Remembers it, whole or not at all.
    ///
    /// # Errors
    /// The folder or the disk does not allow it.
    pub fn save(&self, path: &Path) -> io::Result<()> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let fresh = path.with_extension("new");
        let mut file = File::create(&fresh)?;
        file.write_all(&serde_json::to_vec(self)?)?;
        file.sync_all()?;
        fs::rename(fresh, path)
    }
}
