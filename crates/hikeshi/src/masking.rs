//! Secrets that a target says aloud are masked before anybody hears of them (A87).

use domain::reading::{Observation, Reading, Value};
use probes::ProbeSpec;
use runbook::mask::Mask;
use source::Secret;
use survey::Cleaner;

/// Where the secrets of all probes are.
#[derive(Clone, Debug)]
pub struct Masking(Vec<Secret>);

impl Masking {
    /// Masks what these probes log in with.
    pub fn of(probes: &[ProbeSpec]) -> Self {
        Self(probes.iter().flat_map(|spec| spec.settings.secrets()).collect())
    }

    /// Their values at this moment: a rotated secret is known at once.
    pub fn values(&self) -> Vec<String> {
        let known = self.0.iter().filter_map(|secret| secret.read().ok());
        known.map(|hidden| hidden.reveal().to_owned()).collect()
    }

    /// What surveys take them out with.
    pub fn cleaner(&self) -> Cleaner {
        let mask = Mask::new(self.values());
        Cleaner::new(move |text| mask.clean(text.as_bytes()))
    }

    /// The observation without them.
    pub fn clean(&self, mut seen: Observation) -> Observation {
        if self.0.is_empty() {
            return seen;
        }
        let mask = Mask::new(self.values());
        let hide = |text: &mut String| *text = mask.clean(text.as_bytes());
        seen.detail.iter_mut().for_each(hide);
        for reading in seen.readings.values_mut() {
            match reading {
                Reading::Measured(Value::Text(text))
                | Reading::Stale { value: Value::Text(text), .. }
                | Reading::Unknown(text)
                | Reading::Failed(text) => hide(text),
                Reading::Measured(_) | Reading::Stale { .. } => {}
            }
        }
        seen
    }
}
