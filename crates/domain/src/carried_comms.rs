//! What the facts about communication carry: plain data, journaled as JSON like the facts themselves.

use crate::{
    ids::{Actor, ContactName, DraftId, IncidentId, RoleName, StakeholderName},
    said::Said,
    severity::Priority,
    stakeholders::Audience,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// See [`Fact::StakeholdersInformed`](crate::fact::Fact::StakeholdersInformed).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StakeholdersInformed {
    /// The incident.
    pub incident: IncidentId,
    /// Who hears.
    pub group: StakeholderName,
    /// What the incident is to them now.
    pub priority: Priority,
    /// When they hear next; none: when something changes, or never again.
    pub next_at: Option<Timestamp>,
    /// Whether they hear that it is over.
    pub is_over: bool,
    /// The draft that they read; none: hikeshi wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub draft: Option<DraftId>,
}

/// See [`Fact::UpdateAsked`](crate::fact::Fact::UpdateAsked).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UpdateAsked {
    /// The incident.
    pub incident: IncidentId,
    /// Who waits for it.
    pub group: StakeholderName,
    /// When it was promised.
    pub promised_at: Timestamp,
    /// The draft that is ready to be filled in.
    pub draft: DraftId,
}

/// See [`Fact::UpdateOverdue`](crate::fact::Fact::UpdateOverdue).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UpdateOverdue {
    /// The incident.
    pub incident: IncidentId,
    /// Which stakeholders wait; none: those whom the route tells.
    pub to: Option<StakeholderName>,
    /// When it was promised.
    pub promised_at: Timestamp,
    /// Why it did not come.
    pub why: Late,
}

/// See [`Fact::DataLossSuspected`](crate::fact::Fact::DataLossSuspected).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DataLossSuspected {
    /// The incident.
    pub incident: IncidentId,
    /// What speaks for it.
    pub reason: Said,
    /// Who is told at once.
    pub contacts: Vec<ContactName>,
    /// Roles that nobody holds: whoever works on the incident must tell them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vacant: Vec<RoleName>,
    /// Who suspects it.
    pub by: Actor,
}

/// Why a promised update did not come in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Late {
    /// hikeshi was not there, or could write nothing down.
    Away,
    /// All that burns is silenced or under maintenance: nobody is told.
    Quiet,
    /// A person had to write it and did not.
    Unwritten,
    /// They are not in the configuration any more.
    Dropped,
}

/// See [`Fact::DraftWritten`](crate::fact::Fact::DraftWritten).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DraftWritten {
    /// Its number.
    pub id: DraftId,
    /// The incident.
    pub incident: IncidentId,
    /// For whom.
    pub audience: Audience,
    /// Only a contact with this role releases it; none: anybody.
    pub approver_role: Option<RoleName>,
    /// The subject.
    pub subject: String,
    /// The text.
    pub body: String,
    /// The next update that the text promises to stakeholders.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_update_at: Option<Timestamp>,
    /// Who asked for it.
    pub by: Actor,
}

/// See [`Fact::DraftChanged`](crate::fact::Fact::DraftChanged).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DraftChanged {
    /// Which.
    pub id: DraftId,
    /// The incident.
    pub incident: IncidentId,
    /// What is read on release: every change makes a new revision.
    pub revision: u32,
    /// The subject.
    pub subject: String,
    /// The text.
    pub body: String,
    /// Who.
    pub by: Actor,
}

/// See [`Fact::DraftReleased`](crate::fact::Fact::DraftReleased).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DraftReleased {
    /// Which.
    pub id: DraftId,
    /// The incident.
    pub incident: IncidentId,
    /// What was read.
    pub revision: u32,
    /// Who.
    pub by: Actor,
}

/// See [`Fact::DraftDiscarded`](crate::fact::Fact::DraftDiscarded).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DraftDiscarded {
    /// Which.
    pub id: DraftId,
    /// The incident.
    pub incident: IncidentId,
    /// Why.
    pub reason: String,
    /// Who.
    pub by: Actor,
}
