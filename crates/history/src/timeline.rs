//! A line of a timeline: a fact, when, and its sentence in both languages.

use domain::{fact::Fact, said::Said, tell};
use jiff::Timestamp;
use journal::{Entry, Position};
use serde::{Deserialize, Serialize};

/// A line of a timeline.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TimelineEntry {
    /// Where it stands in the journal.
    pub position: Position,
    /// When.
    pub at: Timestamp,
    /// A stable word for programs: `detected`, `step_settled`.
    pub kind: String,
    /// The sentence.
    pub text: Said,
    /// The fact itself.
    pub fact: Fact,
}

impl From<Entry> for TimelineEntry {
    fn from(entry: Entry) -> Self {
        let fact = entry.recorded.fact;
        Self {
            position: entry.position,
            at: entry.recorded.at,
            kind: tell::kind(&fact).to_owned(),
            text: tell::tell(&fact),
            fact,
        }
    }
}
