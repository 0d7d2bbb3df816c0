//! What a format says about itself, and what reads its requests.

use crate::{
    answer::{Heard, Rejected},
    request::{Context, Request},
};
use domain::said::Said;
use source::{Fields, Problems};
use std::{fmt, sync::Arc};

/// Reads requests of one format as one integration has configured it.
pub trait Reader: fmt::Debug + Send + Sync {
    /// The words of a request.
    ///
    /// # Errors
    /// Nothing of the request counts; why, and the answer that the format's clients expect.
    fn read(&self, request: &Request, context: &Context) -> Result<Heard, Rejected>;
}

/// One wire format: a row of the table.
pub struct Format {
    /// Its name, the `kind` of an integration.
    pub name: &'static str,
    /// What it is for, in Japanese and English.
    pub summary: (&'static str, &'static str),
    /// Methods and paths that it answers below the integration's own path.
    pub paths: &'static [(&'static str, &'static str)],
    /// Its keys in the configuration, as YAML.
    pub example: &'static str,
    /// Reads those keys.
    pub parse: fn(&mut Fields, &mut Problems) -> Option<Arc<dyn Reader>>,
}

impl Format {
    /// What it is for.
    pub fn summary(&self) -> Said {
        Said::new(self.summary.0, self.summary.1)
    }
}

impl fmt::Debug for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}
