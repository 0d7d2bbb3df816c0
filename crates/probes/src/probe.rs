//! What a probe is, what it is given, and what a kind of probe says about itself.

use crate::subject::Subject;
use domain::{
    ids::{ProbeName, ServiceName},
    reading::{Observation, Reading},
    said::Said,
};
use futures::future::BoxFuture;
use jiff::Timestamp;
use secrets::{Reader, Safe};
use source::{Fields, Problems, Secret};
use std::{fmt, path::PathBuf, sync::Arc, time::Duration};
use supervise::Supervisor;

pub use supervise::Clock;

/// A probe keeps its own timeout; it is cut this long after that, should it not.
pub(crate) const GRACE: Duration = Duration::from_secs(2);

/// What all probes share.
#[derive(Clone)]
pub struct Deps {
    /// Where the time comes from.
    pub clock: Clock,
    /// Who knows the services that hikeshi starts.
    pub supervisor: Option<Arc<dyn Supervisor>>,
    /// Where log probes keep how far they have read; without it they begin anew after a start.
    pub state_folder: Option<PathBuf>,
    /// What was measured before: for baselines and forecasts, which are unknown without it.
    pub samples: Option<samples::Reader>,
    /// Where secrets are had from.
    pub safe: Safe,
}

/// Who looks, at what, for how long: the place that one probe works from.
#[derive(Clone)]
pub struct Seat {
    /// The probe.
    pub probe: ProbeName,
    /// The service it looks at.
    pub service: ServiceName,
    /// How long a look may take.
    pub timeout: Duration,
    /// What all probes share.
    pub deps: Deps,
}

impl Seat {
    /// The time now.
    pub fn now(&self) -> Timestamp {
        (self.deps.clock)()
    }

    /// Reads secrets for this probe.
    pub fn reader(&self) -> Reader {
        self.deps.safe.reader(format!("probe {}", self.probe))
    }

    /// An observation of the seat's service, made now, with no readings yet.
    pub fn observation(&self) -> Observation {
        Observation::new(self.probe.as_str(), self.service.as_str(), self.now())
    }

    /// What to report when the probe itself could not look: no statement about the target.
    pub fn failed(&self, reading: &str, why: impl Into<Said>) -> Observation {
        let why = why.into();
        self.observation().with(reading, Reading::Failed(why.clone())).because(why)
    }
}

/// Looks at one thing.
pub trait Probe: Send {
    /// Looks once. May be dropped half-way: nothing is lost or counted twice by that.
    fn look(&mut self) -> BoxFuture<'_, Vec<Observation>>;

    /// Resolves when something happened that is worth a look at once. For most kinds nothing ever does.
    fn woken(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(std::future::pending())
    }

    /// The observations of the last look are with whoever wanted them, so it need not be repeated after a
    /// restart. Never called when a look must change nothing.
    fn taken(&mut self) {}
}

/// What a person configured for one probe, beside the keys that all have in common.
pub trait Settings: fmt::Debug + Send + Sync {
    /// The probe itself.
    fn make(&self, seat: Seat) -> Box<dyn Probe>;

    /// The names of readings that only this configuration brings, for example one per query.
    fn own_readings(&self) -> Vec<String> {
        Vec::new()
    }

    /// The secrets that it uses, so that they can be masked wherever text is kept or shown.
    fn secrets(&self) -> Vec<Secret> {
        Vec::new()
    }

    /// What it is pointed at, for a survey that looks closer than the readings.
    fn subject(&self) -> Subject {
        Subject::Readings
    }

    /// Where it asks over HTTP: scheme, host and port, without a path.
    fn origin(&self) -> Option<String> {
        None
    }
}

/// A name of a reading and what it means, in Japanese and English.
pub type ReadingMeaning = (&'static str, &'static str, &'static str);

/// Takes the keys of a kind.
pub type Parse = fn(&mut Fields<'_>, &mut Problems) -> Option<Arc<dyn Settings>>;

/// A kind of probe: a row of the table.
#[derive(Clone, Copy)]
pub struct Kind {
    /// The name that a configuration uses.
    pub name: &'static str,
    pub(crate) summary: (&'static str, &'static str),
    /// A configuration that is in the manual, and that a test reads.
    pub example: &'static str,
    /// What it measures. The first one is the one that is failed when a look never ends.
    pub readings: &'static [ReadingMeaning],
    pub(crate) parse: Parse,
}

impl Kind {
    /// What it looks at, in a sentence.
    pub fn summary(&self) -> Said {
        Said::new(self.summary.0, self.summary.1)
    }

    /// The reading that is failed when a look never ends.
    pub fn leading_reading(&self) -> &'static str {
        self.readings.first().map_or("up", |(name, ..)| name)
    }
}

impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}
