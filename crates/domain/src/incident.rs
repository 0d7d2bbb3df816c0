//! The life of an incident: detected, assessed, classified, escalated, responding, recovered, reviewed, closed (A17).

use crate::{
    clock::{Clock, Deadlines, Limit},
    fact::{Assessment, CheckResult, Classification, RootCause},
    ids::{Actor, AlertKey, BoxName, ContactName, IncidentId, ServiceName},
    incident_role::IncidentRole,
    rule::Symptom,
    severity::Priority,
    updates::Updates,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The source of an incident that a person opened.
pub const MANUAL: &str = "manual";
/// The source of an incident that a report of a user opened.
pub const REPORT: &str = "report";

/// Where an incident stands. The order is the only one in which it moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Found.
    Detected,
    /// Scope and roles known.
    Assessed,
    /// Priority decided.
    Classified,
    /// People told.
    Escalated,
    /// Somebody or something works on it.
    Responding,
    /// Good again.
    Recovered,
    /// Written up.
    Reviewed,
}

/// An open incident.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Incident {
    /// Its number.
    pub id: IncidentId,
    /// What it is called.
    pub title: String,
    /// The system that it hurts.
    pub system: String,
    /// The service that explains it.
    pub cause: ServiceName,
    /// The trouble of that service.
    pub symptom: Symptom,
    /// Where it was heard of.
    pub source: String,
    /// Where it stands.
    pub stage: Stage,
    /// Its times.
    pub times: Times,
    /// Until when assessment gathers.
    pub assess_until: Timestamp,
    /// Alerts that belong to it and still fire.
    pub burning: BTreeSet<AlertKey>,
    /// Alerts that belonged to it and are resolved.
    pub resolved: BTreeSet<AlertKey>,
    /// When the last of its alerts ended.
    pub quiet_since: Option<Timestamp>,
    /// Scope, time to recover, roles.
    pub assessment: Option<Assessment>,
    /// Priority and what decided it.
    pub classification: Option<Classification>,
    /// The priority that was measured when a person decided otherwise; only something worse raises it again by itself.
    #[serde(default)]
    pub overruled: Option<Priority>,
    /// Who acknowledged it.
    pub acknowledged_by: Option<Actor>,
    /// The escalation level that was told last; 0: nobody yet.
    pub level: u32,
    /// When the next level is told.
    pub next_level_at: Option<Timestamp>,
    /// When an unacknowledged page is repeated.
    pub next_page_at: Option<Timestamp>,
    /// How many pages were repeated.
    pub pages: u32,
    /// Everybody who was told at a level or by a repeated page.
    #[serde(default)]
    pub paged: BTreeSet<ContactName>,
    /// The self-check found that nothing came next for it.
    #[serde(default)]
    pub is_stranded: bool,
    /// When the next update is due.
    pub next_update_at: Option<Timestamp>,
    /// Automation gave up and people were told.
    pub handed_over: bool,
    /// The recovery checklist.
    pub checklist: BTreeMap<BoxName, CheckResult>,
    /// The root cause, once written down.
    pub root_cause: Option<RootCause>,
    /// How many users reported it.
    #[serde(default)]
    pub reports: u32,
    /// What stakeholders were promised, and what was not kept.
    #[serde(default)]
    pub updates: Updates,
    /// Legal and management were told that data may be lost.
    #[serde(default)]
    pub data_loss_suspected: bool,
    /// How its clocks went.
    #[serde(default)]
    pub deadlines: Deadlines,
    /// Who does what, as people said it; see [`Incident::holder`].
    #[serde(default)]
    pub roles: BTreeMap<IncidentRole, String>,
    /// Measures that were decided so far, in words.
    #[serde(default)]
    pub measures: Vec<String>,
}

/// The four times of a report (A66) and two more.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Times {
    /// 発生: the first bad look.
    pub occurred: Timestamp,
    /// 検知: hikeshi knew.
    pub detected: Timestamp,
    /// 対応開始: the first of acknowledgement and verified automatic repair (C3).
    pub responded: Option<Timestamp>,
    /// A person took it.
    pub acknowledged: Option<Timestamp>,
    /// A repair by itself was verified.
    pub repaired: Option<Timestamp>,
    /// 復旧完了.
    pub recovered: Option<Timestamp>,
}

impl Incident {
    /// How urgent it is; before classification the least.
    pub fn priority(&self) -> Priority {
        self.classification.as_ref().map_or(Priority::P3, |found| found.priority)
    }

    /// Whether it is not over yet: recovered and reviewed incidents only wait for their closing.
    pub fn is_burning(&self) -> bool {
        self.stage < Stage::Recovered
    }

    /// The limits of one of its clocks, the strictest first.
    pub fn limits(&self, clock: Clock) -> Vec<&Limit> {
        let all = self.classification.iter().flat_map(|found| &found.limits);
        let mut limits: Vec<_> = all.filter(|limit| limit.clock == clock).collect();
        limits.sort_by_key(|limit| limit.due_at);
        limits
    }

    /// The limits that run out next, of clocks whose end has not come. Those of updates are kept in [`Incident::updates`].
    pub fn open_limits(&self) -> impl Iterator<Item = &Limit> {
        let is_open = |clock: &Clock| {
            let is_done = match clock {
                Clock::FirstNotice => self.deadlines.noticed_at.is_some(),
                Clock::Respond => self.times.responded.is_some(),
                Clock::Update => true,
                Clock::Recover => false,
            };
            self.is_burning() && !is_done && !self.deadlines.is_settled(*clock)
        };
        let all = || self.classification.iter().flat_map(|found| &found.limits);
        let open = Clock::ALL.into_iter().filter(is_open);
        open.filter_map(move |clock| {
            all().filter(|limit| limit.clock == clock).min_by_key(|limit| limit.due_at)
        })
    }

    /// Who has a role. Whoever acknowledged is the commander until somebody else is named: the acknowledgement says it
    /// already, and a second fact could say otherwise.
    pub fn holder(&self, role: IncidentRole) -> Option<&str> {
        let first = match &self.acknowledged_by {
            Some(Actor::Person(name)) if role == IncidentRole::Commander => Some(name.as_str()),
            _ => None,
        };
        self.roles.get(&role).map(String::as_str).or(first)
    }

    /// Whether people brought it up: only people know what it is and when it is over.
    pub fn is_by_hand(&self) -> bool {
        matches!(self.source.as_str(), MANUAL | REPORT)
    }
}
