//! Who asks: every question about what is kept. It never stands in the writer's way.

use crate::{
    baseline::{self, Baseline, Measure},
    curve,
    error::{SamplesError, said},
    forecast::{self, Forecast},
    grid,
    point::{Curve, Point},
    series::Series,
    store, tables,
};
use jiff::{SignedDuration, Timestamp};
use rusqlite::Connection;
use std::{
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

/// Answers questions about what is kept. Cheap to clone; one question is answered at a time, from the disk: ask where
/// waiting is fine. What was recorded within the last second may not be seen yet ([`crate::Samples::flush`]).
#[derive(Clone, Debug)]
pub struct Reader {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    file: PathBuf,
    /// Opened when somebody asks.
    connection: Mutex<Option<Connection>>,
    met_damage: AtomicBool,
}

/// While this is held nobody reads, and the file is not open.
pub(crate) struct Pause<'a> {
    _connection: MutexGuard<'a, Option<Connection>>,
}

impl Reader {
    /// Reads the samples of a folder, also while another process writes them. It leaves no trace in the folder.
    ///
    /// # Errors
    /// There are none, or they cannot be read.
    pub fn open(folder: &Path) -> Result<Self, SamplesError> {
        let reader = Self::of(folder.join(store::FILE));
        let connection = store::open_at_rest(&reader.shared.file)?;
        *reader.connection() = Some(connection);
        Ok(reader)
    }

    /// A reader of a file that is opened when somebody asks.
    pub(crate) fn of(file: PathBuf) -> Self {
        let (connection, met_damage) = (Mutex::new(None), AtomicBool::new(false));
        Self { shared: Arc::new(Shared { file, connection, met_damage }) }
    }

    /// The newest value of a series; `None` when it has none. How old it is says [`Point::age`].
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn latest(&self, series: &Series) -> Result<Option<Point>, SamplesError> {
        self.ask(|db| tables::latest(db, series))
    }

    /// Every series with its newest value, by name.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn series(&self) -> Result<Vec<(Series, Point)>, SamplesError> {
        self.ask(tables::newest)
    }

    /// A series from a time up to another, in steps: those that the two times fall into are whole.
    ///
    /// The answer's step is longer than the one asked for where only minutes or hours are kept of that time, and where
    /// there would be more than 10,000.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn range(
        &self,
        series: &Series,
        from: Timestamp,
        to: Timestamp,
        step: SignedDuration,
    ) -> Result<Curve, SamplesError> {
        let (times, step) = ((grid::ms(from), grid::ms(to)), grid::length(step).max(1));
        self.ask(|db| match tables::id(db, series)? {
            Some(id) => curve::of(db, id, times, step),
            None => Ok(Curve { step: SignedDuration::from_millis(step), buckets: Vec::new() }),
        })
    }

    /// What is normal for a series at the hour (of UTC) of `at`: the median of that hour's windows over the seven days
    /// before. Windows are whole minutes.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn baseline(
        &self,
        series: &Series,
        at: Timestamp,
        window: SignedDuration,
        measure: Measure,
    ) -> Result<Baseline, SamplesError> {
        let (at, window) = (grid::ms(at), grid::length(window).min(grid::DAY));
        self.ask(|db| match tables::id(db, series)? {
            Some(id) => baseline::of(db, id, at, window, measure),
            None => Ok(baseline::of_nothing()),
        })
    }

    /// When a series that rises reaches its limit, judged by the last hours.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn forecast(
        &self,
        series: &Series,
        limit: f64,
        now: Timestamp,
    ) -> Result<Forecast, SamplesError> {
        self.ask(|db| match tables::id(db, series)? {
            Some(id) => forecast::of(db, id, limit, grid::ms(now)),
            None => Ok(forecast::of_nothing()),
        })
    }

    /// Closes the file until the pause is over.
    pub(crate) fn pause(&self) -> Pause<'_> {
        let mut connection = self.connection();
        *connection = None;
        Pause { _connection: connection }
    }

    /// Whether damage was met since the last time that this was asked.
    pub(crate) fn take_damage(&self) -> bool {
        self.shared.met_damage.swap(false, Ordering::Relaxed)
    }

    fn ask<T>(
        &self,
        question: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, SamplesError> {
        let file = &self.shared.file;
        let mut open = self.connection();
        let connection = match open.take() {
            Some(connection) => connection,
            None => store::open_to_read(file).inspect_err(|error| self.note(error))?,
        };
        let answer = question(&connection)
            .map_err(|error| said(file, &error))
            .inspect_err(|error| self.note(error))?;
        // After a failure it is opened anew.
        *open = Some(connection);
        Ok(answer)
    }

    fn note(&self, error: &SamplesError) {
        let is_damage = matches!(error, SamplesError::Damaged { .. });
        self.shared.met_damage.fetch_or(is_damage, Ordering::Relaxed);
    }

    fn connection(&self) -> MutexGuard<'_, Option<Connection>> {
        self.shared.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
