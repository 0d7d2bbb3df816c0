//! What the facts about alerts and incidents carry: plain data, journaled as JSON like the facts themselves.

use crate::{
    clock::Limit,
    ids::{AlertId, AlertKey, IncidentId, RunbookName, ServiceName},
    rule::Symptom,
    said::Said,
    severity::{Level, Priority},
    updates::earlier,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// See [`Fact::AlertPending`](crate::fact::Fact::AlertPending).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AlertPending {
    /// Which.
    pub key: AlertKey,
    /// The band that is met.
    pub band: usize,
    /// When the first bad look was.
    pub since: Timestamp,
    /// When it fires.
    pub fires_at: Timestamp,
    /// The value.
    pub observed: Said,
}

/// See [`Fact::AlertFired`](crate::fact::Fact::AlertFired).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AlertFired {
    /// Its number.
    pub id: AlertId,
    /// Which.
    pub key: AlertKey,
    /// What it is called.
    pub title: String,
    /// What trouble it sees.
    pub symptom: Symptom,
    /// How loud.
    pub level: Level,
    /// The priority that it means by itself.
    pub priority: Option<Priority>,
    /// The band that is met.
    pub band: usize,
    /// The condition in words.
    pub condition: String,
    /// The value.
    pub observed: Said,
    /// The first bad look.
    pub occurred_at: Timestamp,
    /// Who owns it.
    pub owner: String,
    /// When somebody must have responded.
    pub respond_by: Timestamp,
    /// The runbook that answers it by itself.
    pub runbook: Option<RunbookName>,
    /// Made quieter because other instances of its group still serve (scenario 1).
    pub redundant: bool,
    /// It is made of signals from other systems, and ends with the last of them.
    #[serde(default)]
    pub is_outside: bool,
}

/// What assessment found (A22, A24, A25).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Assessment {
    /// Services that are hurt: those that alert and those that need them.
    pub services: Vec<ServiceName>,
    /// Functions that users cannot use.
    pub functions: Vec<ServiceName>,
    /// Share of requests that fail, in percent, where it is measured.
    pub request_share_percent: Option<f64>,
    /// Expected minutes to recover; none: unknown.
    pub eta_minutes: Option<u64>,
    /// What the expectation rests on.
    pub eta_basis: String,
    /// Roles that are needed, and whether somebody holds them.
    pub roles: Vec<NeededRole>,
    /// Changes shortly before it began, newest first, one line each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub recent_changes: Vec<String>,
}

/// A role that an incident needs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NeededRole {
    /// The role: `SRE`, `DBA`.
    pub role: String,
    /// Whether a contact for it is in the configuration.
    pub available: bool,
}

/// The priority and what decided it (A23).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Classification {
    /// The priority.
    pub priority: Priority,
    /// The rule that decided: `core_journey_dead`, `api_latency`.
    pub rule: String,
    /// The numbers that decided.
    pub observed: Said,
    /// Why it changed, when a person or new numbers changed it.
    pub reason: Option<String>,
    /// When somebody must have responded.
    pub respond_by: Timestamp,
    /// The allowed minutes, the strictest of all sources (C3).
    pub respond_minutes: u64,
    /// Where the deadline comes from.
    pub deadline_sources: Vec<String>,
    /// When stakeholders hear next; none: on change.
    pub next_update_at: Option<Timestamp>,
    /// All limits of all clocks, each with its source; of a clock, the one that runs out first holds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub limits: Vec<Limit>,
}

impl Classification {
    /// An update that was promised already comes then, or earlier: a change of priority breaks no promise.
    #[must_use]
    pub fn keeping(mut self, promised: Option<Timestamp>) -> Self {
        self.next_update_at = earlier(self.next_update_at, promised);
        self
    }
}

/// The root cause in its three parts (A68).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RootCause {
    /// 技術的原因.
    pub technical: String,
    /// プロセス的原因.
    pub process: String,
    /// 人的原因.
    pub human: String,
}

/// The result of a box.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckResult {
    /// Good for long enough.
    Pass,
    /// Measured bad.
    Fail,
    /// Not measured, or not good for long enough yet.
    Unknown,
}

/// See [`Fact::AlertRaised`](crate::fact::Fact::AlertRaised).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AlertRaised {
    /// Which.
    pub key: AlertKey,
    /// Its new level.
    pub level: Level,
    /// Its new priority.
    pub priority: Option<Priority>,
    /// The band that is met now.
    pub band: usize,
    /// The condition of that band in words; as it was, when it is empty.
    #[serde(default)]
    pub condition: String,
    /// The value.
    pub observed: Said,
    /// Why.
    pub reason: Said,
}

/// See [`Fact::ReportReceived`](crate::fact::Fact::ReportReceived).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReportReceived {
    /// The incident.
    pub incident: IncidentId,
    /// Who, as they name themselves.
    pub from: String,
    /// What they say.
    pub text: String,
    /// The service that they name, whether there is one or not.
    #[serde(default)]
    pub service: Option<String>,
    /// How it came: `cli`, or the name of an integration.
    pub via: String,
}
