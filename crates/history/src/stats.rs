//! How much there is.

use serde::{Deserialize, Serialize};

/// How much there is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Facts that are folded.
    pub facts: u64,
    /// Incidents ever.
    pub incidents: u64,
    /// Incidents that are neither closed nor merged.
    pub incidents_open: u64,
    /// Alerts ever.
    pub alerts: u64,
    /// Alerts that fire.
    pub alerts_open: u64,
    /// Runs ever.
    pub runs: u64,
    /// Notices ever.
    pub notices: u64,
}
