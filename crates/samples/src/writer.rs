//! Who writes: one thread that takes what waits, keeps it, and lets the old go. Whatever fails, the next batch tries anew.

use crate::{
    batch::{self, Sample},
    error::{SamplesError, said},
    keep::Keep,
    prune::{self, Cut},
    queue::Queue,
    reader::Reader,
    size,
    store::{self, Store},
};
use jiff::Timestamp;
use std::{path::PathBuf, sync::Arc};

/// The only one who writes to the file.
pub(crate) struct Writer {
    pub file: PathBuf,
    pub keep: Keep,
    pub queue: Arc<Queue>,
    pub reader: Reader,
    /// `None` after a failure, until it can be opened again.
    pub store: Option<Store>,
    /// What failed the last time: a failure that goes on is told once.
    pub fault: Option<SamplesError>,
}

impl Writer {
    /// Works until the queue is closed.
    pub(crate) fn run(mut self) {
        loop {
            let work = self.queue.next();
            let mut fault = self.attempt(|writer| writer.write(&work.values));
            if let Some(now) = work.prune {
                // Even when nothing can be written: there may be room afterwards.
                fault = fault.or(self.attempt(|writer| writer.prune(now)));
            }
            fault = fault.or(self.attempt(Self::check));
            self.fault.clone_from(&fault);
            self.queue.done(&work, fault);
            if work.is_last {
                // The last to close the file brings what its log holds into it, which a reader cannot.
                let _nobody_reads = self.reader.pause();
                self.store = None;
                return;
            }
        }
    }

    /// What went wrong, if anything did; the next attempt begins without it.
    fn attempt(
        &mut self,
        act: impl FnOnce(&mut Self) -> Result<u64, SamplesError>,
    ) -> Option<SamplesError> {
        let fault = match act(self) {
            Ok(0) => return None,
            Ok(_) => SamplesError::TooManySeries { limit: self.keep.max_series },
            Err(fault) => {
                self.give_up(&fault);
                fault
            }
        };
        if self.fault.as_ref() != Some(&fault) {
            tracing::warn!("{fault}");
        }
        Some(fault)
    }

    /// Keeps the values; says how many were turned away, as there are too many series.
    fn write(&mut self, values: &[Sample]) -> Result<u64, SamplesError> {
        if values.is_empty() {
            return Ok(0);
        }
        let written = self.with_store(|store, keep| batch::write(store, values, keep.max_series));
        let lost = *written.as_ref().unwrap_or(&(values.len() as u64));
        self.queue.drop_values(lost);
        let turned_away = written?;
        self.with_store(|store, keep| size::shrink(store, keep.max_bytes))?;
        Ok(turned_away)
    }

    /// Between two bites, what was recorded meanwhile is written.
    fn prune(&mut self, now: Timestamp) -> Result<u64, SamplesError> {
        let mut turned_away = 0;
        let mut cut = self.with_store(|store, keep| Cut::by_age(store, keep, now))?;
        while self.with_store(|store, _| cut.bite(store))? {
            turned_away += self.write_waiting()?;
        }
        self.with_store(|store, keep| prune::forget_series(store, keep, now))?;
        self.with_store(|store, keep| size::shrink(store, keep.max_bytes))?;
        while self.with_store(|store, _| size::let_air_out(store))? {
            turned_away += self.write_waiting()?;
        }
        Ok(turned_away)
    }

    fn write_waiting(&mut self) -> Result<u64, SamplesError> {
        let waiting = self.queue.waiting();
        self.write(&waiting)
    }

    /// What a question met is the writer's to mend.
    fn check(&mut self) -> Result<u64, SamplesError> {
        if !self.reader.take_damage() {
            return Ok(0);
        }
        let (file, reason) = (self.file.display().to_string(), "a question met it".to_owned());
        Err(SamplesError::Damaged { file, reason })
    }

    fn with_store<T>(
        &mut self,
        act: impl FnOnce(&mut Store, &Keep) -> rusqlite::Result<T>,
    ) -> Result<T, SamplesError> {
        if self.store.is_none() {
            // It may be set aside, which nobody may watch with the file open.
            let _nobody_reads = self.reader.pause();
            self.store = Some(store::open(&self.file)?);
        }
        let store = self.store.as_mut().expect("it was opened above");
        act(store, &self.keep).map_err(|error| said(&self.file, &error))
    }

    /// What is half known is forgotten: the file is opened anew for the next batch, and without the damage.
    fn give_up(&mut self, fault: &SamplesError) {
        // A full disk has done the file no harm, and it stays open. SQLite deletes its log with the last connection: the
        // journal would take that room, call itself well, and be stuck again as soon as the log is begun anew.
        let is_full = matches!(fault, SamplesError::Full { .. });
        if is_full && self.store.as_mut().is_some_and(|store| store.relearn().is_ok()) {
            return;
        }
        let _nobody_reads = self.reader.pause();
        self.store = None;
        if matches!(fault, SamplesError::Damaged { .. }) {
            // Whatever questions met, they met it in this file.
            self.reader.take_damage();
            if let Err(error) = store::set_aside(&self.file, fault) {
                tracing::warn!("{error}");
            }
        }
    }
}

impl Drop for Writer {
    /// Also when the thread panicked: who waits for it must not wait forever.
    fn drop(&mut self) {
        self.queue.end();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::series::Series;

    fn values(name: &str, count: i64) -> Vec<Sample> {
        let series = Series::new(name, "reading");
        (0..count).map(|at_ms| Sample { series: series.clone(), at_ms, value: 1.0 }).collect()
    }

    /// Else the room that others find would come and go with the samples.
    #[test]
    fn on_a_full_disk_the_file_stays_open_and_goes_on_afterwards() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join(store::FILE);
        let mut writer = Writer {
            file: file.clone(),
            keep: Keep::default(),
            queue: Arc::new(Queue::default()),
            reader: Reader::of(file.clone()),
            store: Some(store::open(&file).expect("a new file")),
            fault: None,
        };
        let most = |writer: &Writer, pages: i64| {
            let store = writer.store.as_ref().expect("it is open");
            store.connection.pragma_update(None, "max_page_count", pages).expect("set");
        };
        assert_eq!(writer.attempt(|writer| writer.write(&values("before", 1))), None);
        // As small as it can be, which is as large as it is.
        most(&writer, 1);
        let fault = writer.attempt(|writer| writer.write(&values("meanwhile", 5000)));
        assert!(matches!(fault, Some(SamplesError::Full { .. })), "{fault:?}");
        let known = &writer.store.as_ref().expect("it stays open").ids;
        assert_eq!(known.len(), 1, "what was rolled back is not known: {known:?}");
        most(&writer, 1 << 30);
        assert_eq!(writer.attempt(|writer| writer.write(&values("meanwhile", 5000))), None);
        let known = writer.reader.series().expect("it can be read");
        assert_eq!(known.len(), 2, "{known:?}");
    }
}
