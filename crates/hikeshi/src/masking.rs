//! Secrets that a target says aloud are masked before anybody hears of them (A87).

use domain::reading::{Observation, Reading, Value};
use domain::said::Said;
use runbook::mask::Mask;
use secrets::Safe;
use source::Secret;
use std::sync::{Arc, PoisonError, RwLock};
use survey::Cleaner;

/// Where all secrets are, and who hands them out. Clones share, also what they learn later.
#[derive(Clone, Debug)]
pub struct Masking {
    safe: Safe,
    secrets: Arc<RwLock<Vec<Secret>>>,
}

impl Masking {
    /// Masks what this safe hands out, and what lies on this machine for these secrets.
    pub fn of(safe: &Safe, secrets: Vec<Secret>) -> Self {
        Self { safe: safe.clone(), secrets: Arc::new(RwLock::new(secrets)) }
    }

    /// From now on masks these as well, as after the configuration was read again. Those before stay: a log
    /// speaks of them for longer than the configuration.
    pub fn learn(&self, secrets: Vec<Secret>) {
        let mut known = self.secrets.write().unwrap_or_else(PoisonError::into_inner);
        for secret in secrets {
            if !known.contains(&secret) {
                known.push(secret);
            }
        }
    }

    /// Their values at this moment: a rotated secret is known at once, and the one before it for as long as somebody may
    /// still speak of it.
    pub fn values(&self) -> Vec<String> {
        let secrets = self.secrets.read().unwrap_or_else(PoisonError::into_inner).clone();
        let here = secrets.iter().flat_map(|secret| self.safe.on_this_machine(secret));
        let all = self.safe.handed().into_iter().chain(here);
        all.map(|hidden| hidden.reveal().to_owned()).collect()
    }

    /// The same for whoever writes or shows evidence, each time anew.
    pub fn known(&self) -> Arc<dyn Fn() -> Vec<String> + Send + Sync> {
        let masking = self.clone();
        Arc::new(move || masking.values())
    }

    /// What surveys take them out with.
    pub fn cleaner(&self) -> Cleaner {
        let masking = self.clone();
        // Secrets are handed out while a survey goes on.
        Cleaner::new(move |text| Mask::new(masking.values()).clean(text.as_bytes()))
    }

    /// The observation without them.
    pub fn clean(&self, mut seen: Observation) -> Observation {
        let values = self.values();
        if values.is_empty() {
            return seen;
        }
        let mask = Mask::new(values);
        let hide = |text: &mut String| *text = mask.clean(text.as_bytes());
        let hide_in = |said: &mut Said| *said = said.within(|text| mask.clean(text.as_bytes()));
        seen.detail.iter_mut().for_each(hide_in);
        for reading in seen.readings.values_mut() {
            match reading {
                Reading::Measured(Value::Text(text))
                | Reading::Stale { value: Value::Text(text), .. } => hide(text),
                Reading::Unknown(why) | Reading::Failed(why) => hide_in(why),
                Reading::Measured(_) | Reading::Stale { .. } => {}
            }
        }
        seen
    }
}
