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

    /// The series of a probe whose own service is `own`, about the service `of`: its own needs no mention, any other stands
    /// behind an `@`.
    ///
    /// ```
    /// use samples::Series;
    /// assert_eq!(Series::about("web/log", "proxy", "api-1", "p95_ms").to_string(), "web/log@api-1 p95_ms");
    /// assert_eq!(Series::about("web/log", "proxy", "proxy", "p95_ms").to_string(), "web/log p95_ms");
    /// ```
    pub fn about(probe: &str, own: &str, of: &str, reading: &str) -> Self {
        if own == of {
            Self::new(probe, reading)
        } else {
            Self::new(format!("{probe}@{of}"), reading)
        }
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
