//! What the facts about people in and after an incident carry: roles, and measures against its coming again.

use crate::{
    ids::{Actor, IncidentId, MeasureId},
    incident_role::IncidentRole,
};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// See [`Fact::RoleAssigned`](crate::fact::Fact::RoleAssigned).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RoleAssigned {
    /// The incident.
    pub incident: IncidentId,
    /// The role.
    pub role: IncidentRole,
    /// Who has it from now on.
    pub to: String,
    /// Who had it before.
    pub before: Option<String>,
    /// Who says so.
    pub by: Actor,
}

/// See [`Fact::MeasureRecorded`](crate::fact::Fact::MeasureRecorded).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MeasureRecorded {
    /// Its number.
    pub id: MeasureId,
    /// After which incident; it may be closed.
    pub incident: IncidentId,
    /// What is to be done.
    pub text: String,
    /// Who does it.
    pub owner: Option<String>,
    /// By which day.
    pub due: Option<Date>,
    /// Who wrote it down.
    pub by: Actor,
}

/// See [`Fact::MeasureDone`](crate::fact::Fact::MeasureDone).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MeasureDone {
    /// Which.
    pub id: MeasureId,
    /// After which incident.
    pub incident: IncidentId,
    /// Who says so.
    pub by: Actor,
}
