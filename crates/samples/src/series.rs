//! What a value belongs to: one reading of one probe.

use std::{fmt, sync::Arc};

/// One reading of one probe, for example `memory_used_percent` of `machine/host`. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Series {
    probe: Arc<str>,
    reading: Arc<str>,
}

impl Series {
    /// The series of a probe's reading.
    pub fn new(probe: impl Into<Arc<str>>, reading: impl Into<Arc<str>>) -> Self {
        Self { probe: probe.into(), reading: reading.into() }
    }

    /// The probe's name.
    pub fn probe(&self) -> &str {
        &self.probe
    }

    /// The reading's name; it ends with the unit.
    pub fn reading(&self) -> &str {
        &self.reading
    }
}

impl fmt::Display for Series {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.probe, self.reading)
    }
}
