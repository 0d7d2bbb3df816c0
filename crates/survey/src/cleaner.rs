//! Text from outside made fit to be shown: no secrets, no control characters, not too long.

use domain::reading::{Observation, Reading, Value};
use domain::said::Said;
use probes::outside::{masked, shown_up_to};
use std::{fmt, sync::Arc};

/// A log line longer than this is cut.
const CHARS: usize = 500;

/// Makes text from outside fit to be shown. Clones share.
#[derive(Clone)]
pub struct Cleaner(Arc<dyn Fn(&str) -> String + Send + Sync>);

impl Cleaner {
    /// Takes out the secrets that are known here, before what only looks like one.
    pub fn new(known_secrets: impl Fn(&str) -> String + Send + Sync + 'static) -> Self {
        Self(Arc::new(known_secrets))
    }

    /// The observation without known secrets; its texts keep their length.
    pub(crate) fn observation(&self, mut seen: Observation) -> Observation {
        let hide = |text: &mut String| *text = masked(&(self.0)(text));
        let hide_in = |said: &mut Said| *said = said.within(|text| masked(&(self.0)(text)));
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

    /// The text on one line.
    pub fn clean(&self, text: &str) -> String {
        shown_up_to(CHARS, &masked(&(self.0)(text)))
    }
}

impl fmt::Debug for Cleaner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cleaner")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_and_what_looks_like_a_secret_are_taken_out() {
        // A87.
        let cleaner = Cleaner::new(|text| text.replace("hunter2", "***"));
        let clean = cleaner.clean("login hunter2 token=abc \u{1b}[31m");
        assert_eq!(clean, "login *** token=***  [31m");
        assert_eq!(cleaner.clean(&"x".repeat(600)).chars().count(), CHARS + 1);
    }
}
