//! The handle: values in, and readers for what is kept.

use crate::{
    batch::Sample,
    error::{NotRecorded, SamplesError},
    grid,
    keep::Keep,
    queue::Queue,
    reader::Reader,
    series::Series,
    store,
    writer::Writer,
};
use jiff::Timestamp;
use std::{
    fs,
    path::Path,
    sync::Arc,
    thread::{self, JoinHandle},
};

/// Nothing measured is larger, and no sum of such values ends in infinity.
const LARGEST: f64 = 1e290;

/// Keeps measurements. There is one per folder; dropping it writes what still waits.
#[derive(Debug)]
pub struct Samples {
    queue: Arc<Queue>,
    reader: Reader,
    writer: Option<JoinHandle<()>>,
}

impl Samples {
    /// Opens the samples of a folder, `samples.db`, or begins them. A file that cannot be read is set aside as
    /// `samples.db.damaged-1` (and so on), with a warning in the log.
    ///
    /// # Errors
    /// The disk or the folder does not allow it.
    pub fn open(folder: &Path, keep: Keep) -> Result<Self, SamplesError> {
        let file = folder.join(store::FILE);
        let failed = |reason: std::io::Error| SamplesError::Storage {
            file: file.display().to_string(),
            reason: reason.to_string(),
        };
        fs::create_dir_all(folder).map_err(failed)?;
        let store = Some(store::open(&file)?);
        let (queue, reader) = (Arc::new(Queue::default()), Reader::of(file.clone()));
        let writer = Writer {
            file: file.clone(),
            keep,
            queue: Arc::clone(&queue),
            reader: reader.clone(),
            store,
            fault: None,
        };
        let thread = thread::Builder::new().name("samples".to_owned());
        let writer = Some(thread.spawn(move || writer.run()).map_err(failed)?);
        Ok(Self { queue, reader, writer })
    }

    /// Hands a value to the writer, and never waits for the disk. The order does not matter; a series has one value
    /// per millisecond, and the first stays.
    ///
    /// # Errors
    /// The value is no number, or the queue is full.
    pub fn record(&self, series: &Series, at: Timestamp, value: f64) -> Result<(), NotRecorded> {
        // Neither is true of what is no number.
        if !(-LARGEST..=LARGEST).contains(&value) {
            return Err(NotRecorded::NotANumber(value));
        }
        let sample = Sample { series: series.clone(), at_ms: grid::ms(at), value };
        if self.queue.push(sample) { Ok(()) } else { Err(NotRecorded::QueueFull) }
    }

    /// Waits until everything that was recorded before is kept, and a prune that was asked for before is done.
    ///
    /// # Errors
    /// Something of it failed: the first failure since the flush before.
    pub fn flush(&self) -> Result<(), SamplesError> {
        self.queue.flush()
    }

    /// Asks the writer to let go what has been kept long enough at `now`; ask about once a minute. What lies more than
    /// ten minutes ahead of `now` goes too: a wrong clock made it, and it would hide all that is newer.
    pub fn prune(&self, now: Timestamp) {
        self.queue.prune(now);
    }

    /// How many values were lost since the start: the queue was full, a batch failed, or there were too many series.
    pub fn dropped(&self) -> u64 {
        self.queue.dropped()
    }

    /// Why the last batch or prune failed; `None` when it did not.
    pub fn fault(&self) -> Option<SamplesError> {
        self.queue.fault()
    }

    /// Who answers questions about what is kept.
    pub fn reader(&self) -> Reader {
        self.reader.clone()
    }
}

impl Drop for Samples {
    fn drop(&mut self) {
        self.queue.close();
        if let Some(writer) = self.writer.take()
            && writer.join().is_err()
        {
            tracing::warn!("the writer of the samples ended in the middle of its work");
        }
    }
}
