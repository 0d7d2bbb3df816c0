//! What the facts about clocks and the daily digest carry: plain data, journaled as JSON like the facts themselves.

use crate::{
    clock::{Clock, Limit},
    ids::IncidentId,
};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

/// See [`Fact::ClockMissed`](crate::fact::Fact::ClockMissed).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClockMissed {
    /// The incident.
    pub incident: IncidentId,
    /// The limit that ran out, with its source.
    pub limit: Limit,
    /// All that burns is silenced or under maintenance: it is written down, and nobody is told.
    pub is_quiet: bool,
}

impl ClockMissed {
    /// Which clock.
    pub fn clock(&self) -> Clock {
        self.limit.clock
    }
}

/// See [`Fact::DigestSent`](crate::fact::Fact::DigestSent).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DigestSent {
    /// Of which day.
    pub day: Date,
    /// From when on it reports.
    pub since: Timestamp,
    /// The P3 incidents that it tells of.
    pub incidents: Vec<IncidentId>,
    /// Whether anybody is told: there was something to tell, and somebody to tell it to.
    pub is_told: bool,
    /// There was something to tell, and nobody to tell it to: it waits for the next one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_stuck: bool,
}
