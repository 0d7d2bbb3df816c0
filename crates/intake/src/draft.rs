//! A draft of one alert, for formats that are read as documents: pairs first, then checked and told.

use crate::{limits, time, word::UNTIL_TOLD};
use domain::{
    labels::Labels,
    signal::{Fingerprint, Told},
};
use jiff::Timestamp;

/// An alert before it is checked. Of a name that comes twice, the last value counts; an empty value is none.
#[derive(Clone, Debug, Default)]
pub(crate) struct Draft {
    /// What identifies it; none: its labels.
    pub key: Option<Fingerprint>,
    pub labels: Vec<(String, String)>,
    pub annotations: Vec<(String, String)>,
    pub generator_url: String,
    pub starts_at: Option<Timestamp>,
    pub ends_at: Option<Timestamp>,
}

impl Draft {
    /// One that fires until its sender says otherwise.
    pub fn firing(starts_at: Option<Timestamp>) -> Self {
        Self { starts_at, ends_at: Some(UNTIL_TOLD), ..Self::default() }
    }

    /// One that has ended; a sender whose clock is ahead has ended it now.
    pub fn ended(ends_at: Option<Timestamp>, now: Timestamp) -> Self {
        Self { ends_at: Some(ends_at.map_or(now, |at| at.min(now))), ..Self::default() }
    }

    pub fn label(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.labels.push((name.into(), value.into()));
    }

    pub fn annotation(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.annotations.push((name.into(), value.into()));
    }

    /// Checks it against the limits.
    ///
    /// # Errors
    /// What is too much or missing, as a sentence.
    pub fn told(self) -> Result<Told, String> {
        let labels = limits::labels(&self.labels)?;
        let annotations = limits::annotations(&self.annotations)?;
        limits::together(&labels, &annotations)?;
        if self.generator_url.len() > limits::URL_BYTES {
            return Err(format!("its link has more than {} bytes", limits::URL_BYTES));
        }
        let fingerprint = self.key.unwrap_or(Fingerprint(labels.hash64()));
        // An alert that ended before it began, by the clocks of others, has ended.
        let starts_at = self.starts_at.filter(|start| self.ends_at.is_none_or(|end| *start <= end));
        let generator_url = self.generator_url.into();
        let ends_at = self.ends_at;
        Ok(Told { fingerprint, labels, annotations, generator_url, starts_at, ends_at })
    }
}

/// The number of what a sender knows by a key of its own: the same key of another integration is another alert.
pub(crate) fn key(integration: &str, name: &str, value: &str) -> Fingerprint {
    Fingerprint(Labels::new([("integration", integration), (name, value)]).hash64())
}

/// A time that a sender gave along; one that cannot be read costs the time, not the alert.
pub(crate) fn time_or_problem(text: &str, problems: &mut Vec<String>) -> Option<Timestamp> {
    time::read(text).unwrap_or_else(|why| {
        problems.push(why);
        None
    })
}
