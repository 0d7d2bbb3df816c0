//! What the facts of paging, clocks and roles carry: plain data, journaled as JSON like the facts themselves.

use crate::ids::IncidentId;
use serde::{Deserialize, Serialize};

/// See [`Fact::NextStepMissing`](crate::fact::Fact::NextStepMissing).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NextStepMissing {
    /// The incident.
    pub incident: IncidentId,
    /// Why nothing comes next.
    pub why: WhyMissing,
}

/// Why nothing comes next for an incident that nobody has acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhyMissing {
    /// No page, no level and no notice is planned.
    NothingPlanned,
    /// No channel of the configuration reaches anybody.
    NobodyReachable,
}
