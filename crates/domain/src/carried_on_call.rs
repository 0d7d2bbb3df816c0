//! What the facts about who is on call carry: plain data, journaled as JSON like the facts themselves.

use crate::{
    ids::{Actor, ContactName, IncidentId, OverrideId, ScheduleName},
    schedule::Override,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// See [`Fact::OverrideSet`](crate::fact::Fact::OverrideSet).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OverrideSet {
    /// Who, when and why.
    #[serde(flatten)]
    pub change: Override,
    /// Who did it.
    pub by: Actor,
}

/// See [`Fact::OverrideRemoved`](crate::fact::Fact::OverrideRemoved).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OverrideRemoved {
    /// Which.
    pub id: OverrideId,
    /// Its schedule.
    pub schedule: ScheduleName,
    /// Who did it.
    pub by: Actor,
}

/// See [`Fact::ShiftChanged`](crate::fact::Fact::ShiftChanged).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ShiftChanged {
    /// By which schedule.
    pub schedule: ScheduleName,
    /// Who was; none: the schedule is new.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub was: Option<Vec<ContactName>>,
    /// Who is; empty: nobody.
    pub is: Vec<ContactName>,
    /// When it changes next, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

/// See [`Fact::LevelSkipped`](crate::fact::Fact::LevelSkipped).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LevelSkipped {
    /// The incident.
    pub incident: IncidentId,
    /// The level, from 1.
    pub level: u32,
    /// What the level is called.
    pub title: String,
    /// By which schedules nobody is on call.
    pub schedules: Vec<ScheduleName>,
    /// People of the level who are left in peace now: somebody else is called in their place.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub in_peace: Vec<ContactName>,
}

/// See [`Fact::IncidentPassedOn`](crate::fact::Fact::IncidentPassedOn).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PassedOn {
    /// The incident.
    pub incident: IncidentId,
    /// Who has come.
    pub contacts: Vec<ContactName>,
    /// When the page is repeated if nobody acknowledges; none: told once.
    pub next_page_at: Option<Timestamp>,
}
