//! What may be told outside of incidents: those that were urgent, or of which customers were told, with their alerts and
//! the texts that were released for customers. No text of ours is in it: whoever tells it has words of their own.

use crate::summary::{AlertSummary, IncidentSummary};
use domain::ids::DraftId;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// An incident as far as it may be told outside.
#[derive(Clone, Debug, PartialEq)]
pub struct Outward {
    /// Its times, its priority, and the service that explains it.
    pub incident: IncidentSummary,
    /// Its alerts, oldest first.
    pub alerts: Vec<AlertSummary>,
    /// What customers were told, oldest first.
    pub statements: Vec<Statement>,
}

/// A text that was released for customers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// The draft that it was.
    pub draft: DraftId,
    /// Its subject.
    pub subject: String,
    /// Its text.
    pub body: String,
    /// When it was released; none: it waits.
    pub released_at: Option<Timestamp>,
}
