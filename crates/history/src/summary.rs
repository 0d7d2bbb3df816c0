//! The rows of lists: an incident and an alert, each in a few fields, kept up to date fact by fact.

use domain::{
    alert_label::AlertLabel,
    clock::Clock,
    fact::{AlertFired, AlertRaised, Fact, IncidentEscalated},
    ids::{Actor, AlertId, AlertKey, IncidentId, ServiceName},
    incident::Stage,
    rule::Symptom,
    said::Said,
    severity::{Level, Priority},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa::ToSchema;

/// Where an incident stands, also after it is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum IncidentState {
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
    /// Over.
    Closed,
    /// Went on as part of another incident.
    Merged,
}

impl From<Stage> for IncidentState {
    fn from(stage: Stage) -> Self {
        match stage {
            Stage::Detected => Self::Detected,
            Stage::Assessed => Self::Assessed,
            Stage::Classified => Self::Classified,
            Stage::Escalated => Self::Escalated,
            Stage::Responding => Self::Responding,
            Stage::Recovered => Self::Recovered,
            Stage::Reviewed => Self::Reviewed,
        }
    }
}

/// An incident in a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct IncidentSummary {
    /// Its number.
    #[schema(value_type = u64)]
    pub id: IncidentId,
    /// What it is called.
    pub title: String,
    /// Where it was heard of: `monitoring`, `manual`, `report`.
    pub source: String,
    /// Where it stands.
    pub state: IncidentState,
    /// How much it hurts; none until it is classified.
    #[schema(value_type = Option<String>)]
    pub priority: Option<Priority>,
    /// Since when it has been P0 or P1, or was so for the first time; none: it never was.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub urgent_since: Option<Timestamp>,
    /// The service that explains it.
    #[schema(value_type = String)]
    pub cause: ServiceName,
    /// The trouble of that service.
    #[schema(value_type = String)]
    pub symptom: Symptom,
    /// The escalation level that was told last; 0: nobody yet.
    pub level: u32,
    /// Who acknowledged it.
    #[schema(value_type = Option<crate::shape::ActorShape>)]
    pub acknowledged_by: Option<Actor>,
    /// The first bad look.
    #[schema(value_type = String, format = DateTime)]
    pub occurred_at: Timestamp,
    /// When it was found.
    #[schema(value_type = String, format = DateTime)]
    pub opened_at: Timestamp,
    /// When everything was good again.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub recovered_at: Option<Timestamp>,
    /// When it was closed or merged.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub closed_at: Option<Timestamp>,
    /// The incident that it went on in.
    #[schema(value_type = Option<u64>)]
    pub merged_into: Option<IncidentId>,
    /// How many users reported it.
    #[serde(default)]
    pub reports: u32,
    /// Clocks that ran out, each once.
    #[serde(default)]
    #[schema(value_type = BTreeSet<String>)]
    pub missed: BTreeSet<Clock>,
}

impl IncidentSummary {
    /// The row of a new incident; none for any other fact.
    pub(crate) fn opened(fact: &Fact, at: Timestamp) -> Option<Self> {
        let Fact::IncidentOpened { id, title, cause, symptom, source, occurred_at, .. } = fact
        else {
            return None;
        };
        Some(Self {
            id: *id,
            title: title.clone(),
            source: source.clone(),
            state: IncidentState::Detected,
            priority: None,
            urgent_since: None,
            cause: cause.clone(),
            symptom: *symptom,
            level: 0,
            acknowledged_by: None,
            occurred_at: *occurred_at,
            opened_at: at,
            recovered_at: None,
            closed_at: None,
            merged_into: None,
            reports: 0,
            missed: BTreeSet::new(),
        })
    }

    /// Whether it still has to be worked on or closed.
    pub fn is_open(&self) -> bool {
        self.closed_at.is_none()
    }

    /// Follows a fact about this incident.
    pub(crate) fn follow(&mut self, fact: &Fact, at: Timestamp) {
        match fact {
            Fact::CauseChanged { title, cause, symptom, .. } => {
                self.title.clone_from(title);
                (self.cause, self.symptom) = (cause.clone(), *symptom);
            }
            Fact::IncidentAssessed { .. } => self.reach(IncidentState::Assessed),
            Fact::IncidentClassified { classification, .. } => {
                self.priority = Some(classification.priority);
                if classification.priority >= Priority::P1 {
                    self.urgent_since.get_or_insert(at);
                }
                self.reach(IncidentState::Classified);
            }
            Fact::IncidentEscalated(IncidentEscalated { level, .. }) => {
                self.level = *level;
                self.reach(IncidentState::Escalated);
            }
            Fact::IncidentResponding { .. } => self.reach(IncidentState::Responding),
            Fact::IncidentAcknowledged { by, .. } => self.acknowledged_by = Some(by.clone()),
            Fact::ClockMissed(missed) => drop(self.missed.insert(missed.clock())),
            Fact::UpdateOverdue(_) => drop(self.missed.insert(Clock::Update)),
            Fact::ReportReceived(_) => self.reports = self.reports.saturating_add(1),
            Fact::IncidentRecovered { .. } => {
                self.recovered_at = Some(at);
                self.reach(IncidentState::Recovered);
            }
            Fact::IncidentReviewed { .. } => self.reach(IncidentState::Reviewed),
            Fact::IncidentClosed { .. } => {
                self.closed_at = Some(at);
                self.reach(IncidentState::Closed);
            }
            Fact::IncidentMerged { into, .. } => {
                self.merged_into = Some(*into);
                self.closed_at = Some(at);
                self.reach(IncidentState::Merged);
            }
            _ => {}
        }
    }

    /// Takes over from an incident that goes on in this one.
    pub(crate) fn absorb(&mut self, gone: &Self) {
        self.occurred_at = self.occurred_at.min(gone.occurred_at);
        self.reports = self.reports.saturating_add(gone.reports);
        self.urgent_since = self.urgent_since.into_iter().chain(gone.urgent_since).min();
        if self.acknowledged_by.is_none() {
            self.acknowledged_by.clone_from(&gone.acknowledged_by);
        }
    }

    fn reach(&mut self, state: IncidentState) {
        self.state = self.state.max(state);
    }
}

/// Whether an alert still fires.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AlertState {
    /// It fires.
    Firing,
    /// It is over.
    Resolved,
}

/// An alert in a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AlertSummary {
    /// Its number.
    #[schema(value_type = u64)]
    pub id: AlertId,
    /// Rule and service.
    #[schema(value_type = String)]
    pub key: AlertKey,
    /// What it is called.
    pub title: String,
    /// What trouble it sees; none: it was written down before this was.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub symptom: Option<Symptom>,
    /// How loud.
    #[schema(value_type = String)]
    pub level: Level,
    /// The priority that it means by itself.
    #[schema(value_type = Option<String>)]
    pub priority: Option<Priority>,
    /// The service.
    #[schema(value_type = String)]
    pub service: ServiceName,
    /// Whether it still fires.
    pub state: AlertState,
    /// Whether it comes and goes.
    pub flapping: bool,
    /// The first bad look.
    #[schema(value_type = String, format = DateTime)]
    pub occurred_at: Timestamp,
    /// When it fired.
    #[schema(value_type = String, format = DateTime)]
    pub fired_at: Timestamp,
    /// When it ended.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub resolved_at: Option<Timestamp>,
    /// Who owns it.
    pub owner: String,
    /// When somebody must have responded.
    #[schema(value_type = String, format = DateTime)]
    pub respond_by: Timestamp,
    /// Minutes that this leaves from its firing.
    #[serde(default)]
    pub respond_minutes: Option<i64>,
    /// The last value that was noted.
    #[schema(value_type = crate::shape::SaidShape)]
    pub observed: Said,
    /// The condition in words.
    pub condition: String,
    /// The incident that it belongs to.
    #[schema(value_type = Option<u64>)]
    pub incident: Option<IncidentId>,
    /// What people say that it was, once somebody does.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub label: Option<AlertLabel>,
}

impl AlertSummary {
    /// The row of an alert that fires.
    pub(crate) fn fired(fired: &AlertFired, at: Timestamp) -> Self {
        Self {
            id: fired.id,
            key: fired.key.clone(),
            title: fired.title.clone(),
            symptom: Some(fired.symptom),
            level: fired.level,
            priority: fired.priority,
            service: fired.key.service.clone(),
            state: AlertState::Firing,
            flapping: false,
            occurred_at: fired.occurred_at,
            fired_at: at,
            resolved_at: None,
            owner: fired.owner.clone(),
            respond_by: fired.respond_by,
            respond_minutes: Some(fired.respond_by.duration_since(at).as_mins()),
            observed: fired.observed.clone(),
            condition: fired.condition.clone(),
            incident: None,
            label: None,
        }
    }

    /// Follows a fact about this alert.
    pub(crate) fn follow(&mut self, fact: &Fact, at: Timestamp) {
        match fact {
            Fact::AlertRaised(AlertRaised { level, priority, condition, observed, .. }) => {
                (self.level, self.priority) = (*level, *priority);
                self.observed.clone_from(observed);
                if !condition.is_empty() {
                    self.condition.clone_from(condition);
                }
            }
            Fact::AlertFlapping { .. } => self.flapping = true,
            Fact::AlertResolved { observed, .. } => {
                self.state = AlertState::Resolved;
                self.resolved_at = Some(at);
                self.observed.clone_from(observed);
            }
            _ => {}
        }
    }
}
