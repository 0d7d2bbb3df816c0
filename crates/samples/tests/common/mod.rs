//! What the stories share: a folder, a clock that is pushed, and two series.

#![allow(dead_code, reason = "each story uses some of it")]

use jiff::{SignedDuration, Timestamp};
use samples::{Bucket, Keep, Reader, Samples, Series};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// Samples in a folder of their own.
pub struct Shelf {
    pub folder: TempDir,
    pub samples: Samples,
}

impl Shelf {
    pub fn new() -> Self {
        Self::keeping(Keep::default())
    }

    pub fn keeping(keep: Keep) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let samples = Samples::open(folder.path(), keep).expect("opens");
        Self { folder, samples }
    }

    /// Stopped and started again.
    pub fn reopened(self) -> Self {
        let Self { folder, samples } = self;
        drop(samples);
        let samples = Samples::open(folder.path(), Keep::default()).expect("opens");
        Self { folder, samples }
    }

    /// Recorded, and on the disk.
    pub fn keep(&self, series: &Series, values: impl IntoIterator<Item = (Timestamp, f64)>) {
        for (at, value) in values {
            self.samples.record(series, at, value).expect("is taken");
        }
        self.samples.flush().expect("is kept");
    }

    /// Pruned at a time.
    pub fn pruned(&self, now: Timestamp) {
        self.samples.prune(now);
        self.samples.flush().expect("is pruned");
    }

    pub fn reader(&self) -> Reader {
        self.samples.reader()
    }

    /// The curve of a series; times and step in seconds.
    pub fn curve(&self, series: &Series, from: i64, to: i64, step: i64) -> Vec<Bucket> {
        let step = SignedDuration::from_secs(step);
        self.reader().range(series, second(from), second(to), step).expect("reads").buckets
    }

    pub fn file(&self) -> PathBuf {
        self.folder.path().join("samples.db")
    }
}

/// A whole hour of a whole day, and seconds after it.
pub fn second(seconds: i64) -> Timestamp {
    let noon: Timestamp = "2027-03-01T12:00:00Z".parse().expect("a time");
    noon + SignedDuration::from_secs(seconds)
}

pub fn minute(minutes: i64) -> Timestamp {
    second(minutes * 60)
}

pub fn hour(hours: i64) -> Timestamp {
    second(hours * 3600)
}

pub fn memory() -> Series {
    Series::new("machine/host", "memory_used_percent")
}

pub fn errors() -> Series {
    Series::new("mks-backend/log", "errors")
}

/// Begin (in seconds), min, mean, max and count, to compare with.
pub fn told(buckets: &[Bucket]) -> Vec<(i64, f64, f64, f64, u64)> {
    let seconds = |at: Timestamp| at.duration_since(second(0)).as_secs();
    buckets.iter().map(|b| (seconds(b.at), b.min, b.mean, b.max, b.count)).collect()
}

/// The names of the files in a folder that begin like this.
pub fn files(folder: &Path, beginning: &str) -> Vec<String> {
    let names = folder.read_dir().expect("a folder").map(|entry| entry.expect("an entry"));
    let mut names: Vec<_> =
        names.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.retain(|name| name.starts_with(beginning));
    names.sort();
    names
}
