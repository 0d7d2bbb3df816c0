//! One incident, whole: cause, impact, times, escalation, actions, evidence, recovery, notices and timeline.
//!
//! What the incident is follows from folding its facts with the core's own `State::apply`: a report says exactly what
//! the engine believed.

use crate::{
    comms::{self, CommView, DraftView, UpdatesView},
    deadlines::DeadlinesView,
    dossier::Dossier,
    measures::{self, MeasureView},
    summary::{AlertSummary, IncidentState, IncidentSummary},
    timeline::TimelineEntry,
    view_notice::NoticeView,
    view_run::RunView,
};
use domain::{
    fact::{
        AttemptSettled, CheckResult, Classification, Fact, IncidentEscalated, NeededRole, RootCause,
    },
    ids::{Actor, BoxName, ContactName, IncidentId, RunId, ServiceName, StepName},
    incident::Incident,
    incident_role::IncidentRole,
    rule::Symptom,
    severity::Priority,
    state::State,
};
use jiff::Timestamp;
use journal::Entry;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// One incident.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct IncidentView {
    /// Its number.
    #[schema(value_type = u64)]
    pub id: IncidentId,
    /// What it is called.
    pub title: String,
    /// The system that it hurts.
    pub system: String,
    /// Where it was heard of: `monitoring`, `manual`, `report`.
    pub source: String,
    /// Where it stands.
    pub state: IncidentState,
    /// How much it hurts; none until it is classified.
    #[schema(value_type = Option<String>)]
    pub priority: Option<Priority>,
    /// The rule and the numbers that decided (A23).
    #[schema(value_type = Option<crate::shape::Open>)]
    pub classification: Option<Classification>,
    /// What explains it.
    pub cause: Cause,
    /// What it hurts (A22); none until it is assessed.
    pub impact: Option<Impact>,
    /// When it is expected to be over (A24); none until it is assessed.
    pub eta: Option<Eta>,
    /// The roles that it needs (A25).
    #[schema(value_type = Vec<crate::shape::Open>)]
    pub resources: Vec<NeededRole>,
    /// How many users reported it (A19).
    #[serde(default)]
    pub reports: u32,
    /// Changes shortly before it began, newest first, one line each.
    #[serde(default)]
    pub recent_changes: Vec<String>,
    /// Its times (A66).
    pub times: TimesView,
    /// Its clocks: limits, sources, and whether they were kept (section D).
    #[serde(default)]
    pub deadlines: DeadlinesView,
    /// Who was told, and who took it.
    pub escalation: EscalationView,
    /// The incident that it went on in.
    #[schema(value_type = Option<u64>)]
    pub merged_into: Option<IncidentId>,
    /// Whether automation gave up and people were told.
    pub handed_over: bool,
    /// Its alerts, oldest first.
    pub alerts: Vec<AlertSummary>,
    /// The runs, oldest first.
    pub actions: Vec<RunView>,
    /// What was kept before anything was changed.
    pub evidence: Vec<EvidenceView>,
    /// The checklist that must pass before it counts as recovered.
    pub recovery: RecoveryView,
    /// The notices with every attempt at delivering them.
    pub notices: Vec<NoticeView>,
    /// Who was told what, and in which role: one line per message, channel and role.
    #[serde(default)]
    pub comms: Vec<CommView>,
    /// When people hear next, and which promises were not kept.
    #[serde(default)]
    pub updates: UpdatesView,
    /// Whether data may be lost; legal and management were told.
    #[serde(default)]
    pub data_loss_suspected: bool,
    /// Texts for others, oldest first.
    #[serde(default)]
    pub drafts: Vec<DraftView>,
    /// The root cause, once written down (A68).
    #[schema(value_type = Option<crate::shape::Open>)]
    pub root_cause: Option<RootCause>,
    /// Who does what; whoever acknowledged leads until somebody else is named.
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, String>)]
    pub roles: BTreeMap<IncidentRole, String>,
    /// Measures so that it does not happen again, oldest first; also those that were written down after it was closed.
    #[serde(default)]
    pub measures: Vec<MeasureView>,
    /// Why it was closed although its recovery was not verified.
    #[serde(default)]
    pub closed_unverified: Option<String>,
    /// The review, once written.
    pub review: Option<String>,
    /// Everything that happened, in order.
    pub timeline: Vec<TimelineEntry>,
    /// Earlier lines that are left out of a very long timeline.
    pub timeline_omitted: u64,
}

/// What explains an incident.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Cause {
    /// The service.
    #[schema(value_type = String)]
    pub component: ServiceName,
    /// Its trouble.
    #[schema(value_type = String)]
    pub symptom: Symptom,
}

/// What an incident hurts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Impact {
    /// Services that are hurt.
    #[schema(value_type = Vec<String>)]
    pub services: Vec<ServiceName>,
    /// Functions that users cannot use.
    #[schema(value_type = Vec<String>)]
    pub functions: Vec<ServiceName>,
    /// Share of requests that fail, in percent; none: not measured.
    pub request_share_percent: Option<f64>,
}

/// When an incident is expected to be over.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Eta {
    /// Minutes; none: unknown.
    pub minutes: Option<u64>,
    /// What the expectation rests on.
    pub basis: String,
}

/// The times of an incident.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TimesView {
    /// 発生: the first bad look.
    #[schema(value_type = String, format = DateTime)]
    pub occurred: Timestamp,
    /// 検知: hikeshi knew.
    #[schema(value_type = String, format = DateTime)]
    pub detected: Timestamp,
    /// A person took it.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub acknowledged: Option<Timestamp>,
    /// 対応開始: the first of acknowledgement and verified automatic repair (C3).
    #[schema(value_type = Option<String>, format = DateTime)]
    pub responded: Option<Timestamp>,
    /// A repair by itself was verified.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub repaired: Option<Timestamp>,
    /// 復旧完了.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub recovered: Option<Timestamp>,
    /// Closed or merged.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub closed: Option<Timestamp>,
}

/// Who was told, and who took it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct EscalationView {
    /// The level that was told last; 0: nobody yet.
    pub level: u32,
    /// Who was told so far.
    #[schema(value_type = Vec<String>)]
    pub contacts: Vec<ContactName>,
    /// When the next level is told.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub next_at: Option<Timestamp>,
    /// How many pages were repeated.
    pub pages: u32,
    /// Who took it.
    #[schema(value_type = Option<crate::shape::ActorShape>)]
    pub acknowledged_by: Option<Actor>,
}

/// Something that was kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct EvidenceView {
    /// The run that kept it.
    #[schema(value_type = u64)]
    pub run: RunId,
    /// The step.
    #[schema(value_type = String)]
    pub step: StepName,
    /// Which attempt of it, from 1.
    pub attempt: u32,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// Where it is.
    pub path: String,
}

/// The recovery checklist.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RecoveryView {
    /// The result of each box.
    #[schema(value_type = BTreeMap<String, String>)]
    pub checklist: BTreeMap<BoxName, CheckResult>,
}

/// Folds the facts of one incident.
pub(crate) struct Folding {
    id: IncidentId,
    state: State,
    last: Option<Incident>,
    contacts: Vec<ContactName>,
    review: Option<String>,
    evidence: Vec<EvidenceView>,
    drafts: Vec<DraftView>,
    measures: Vec<MeasureView>,
    closed_unverified: Option<String>,
    dossier: Dossier,
}

impl Folding {
    pub fn new(id: IncidentId) -> Self {
        Self {
            id,
            state: State::default(),
            last: None,
            contacts: Vec::new(),
            review: None,
            evidence: Vec::new(),
            drafts: Vec::new(),
            measures: Vec::new(),
            closed_unverified: None,
            dossier: Dossier::default(),
        }
    }

    /// Adds the next fact.
    pub fn add(&mut self, entry: Entry) {
        match &entry.recorded.fact {
            // The core forgets what is over; its last word is kept.
            Fact::IncidentClosed { incident, .. } | Fact::IncidentMerged { incident, .. }
                if *incident == self.id =>
            {
                self.last = self.state.incidents.get(&self.id).cloned();
                if let Fact::IncidentClosed { unverified, .. } = &entry.recorded.fact {
                    self.closed_unverified.clone_from(unverified);
                }
            }
            Fact::IncidentEscalated(IncidentEscalated { incident, contacts, .. })
                if *incident == self.id =>
            {
                let new = contacts.iter().filter(|contact| !self.contacts.contains(contact));
                let new: Vec<_> = new.cloned().collect();
                self.contacts.extend(new);
            }
            Fact::IncidentReviewed { incident, review, .. } if *incident == self.id => {
                self.review = Some(review.clone());
            }
            Fact::AttemptSettled(AttemptSettled {
                run,
                step,
                attempt,
                evidence: Some(path),
                ..
            }) => self.evidence.push(EvidenceView {
                run: *run,
                step: step.clone(),
                attempt: *attempt,
                at: entry.recorded.at,
                path: path.clone(),
            }),
            _ => {}
        }
        measures::follow(&mut self.measures, &entry.recorded.fact, entry.recorded.at);
        comms::follow(&mut self.drafts, &entry.recorded.fact, entry.recorded.at);
        self.state.apply(&entry.recorded);
        self.dossier.add(entry);
    }

    /// The view; none when the incident's beginning was not among the facts.
    pub fn finish(
        self,
        summary: &IncidentSummary,
        alerts: Vec<AlertSummary>,
    ) -> Option<IncidentView> {
        let incident = self.last.or_else(|| self.state.incidents.get(&self.id).cloned())?;
        let deadlines = DeadlinesView::new(&incident);
        let holder = |role| Some((role, incident.holder(role)?.to_owned()));
        let roles = IncidentRole::ALL.into_iter().filter_map(holder).collect();
        let assessment = incident.assessment.unwrap_or_default();
        let is_assessed = incident.stage > domain::incident::Stage::Detected;
        let (mut actions, notices) = (self.dossier.runs(), self.dossier.notices());
        actions.iter_mut().for_each(|run| run.incident = Some(self.id));
        let (timeline, timeline_omitted) = self.dossier.into_timeline();
        let times = incident.times;
        Some(IncidentView {
            id: self.id,
            title: incident.title,
            system: incident.system,
            source: incident.source,
            state: summary.state,
            priority: summary.priority,
            classification: incident.classification,
            cause: Cause { component: incident.cause, symptom: incident.symptom },
            impact: is_assessed.then_some(Impact {
                services: assessment.services,
                functions: assessment.functions,
                request_share_percent: assessment.request_share_percent,
            }),
            eta: is_assessed
                .then_some(Eta { minutes: assessment.eta_minutes, basis: assessment.eta_basis }),
            resources: assessment.roles,
            reports: incident.reports,
            recent_changes: assessment.recent_changes,
            times: TimesView {
                occurred: times.occurred,
                detected: times.detected,
                acknowledged: times.acknowledged,
                responded: times.responded,
                repaired: times.repaired,
                recovered: times.recovered,
                closed: summary.closed_at,
            },
            deadlines,
            escalation: EscalationView {
                level: incident.level,
                contacts: self.contacts,
                next_at: incident.next_level_at,
                pages: incident.pages,
                acknowledged_by: incident.acknowledged_by,
            },
            merged_into: summary.merged_into,
            handed_over: incident.handed_over,
            alerts,
            actions,
            evidence: self.evidence,
            recovery: RecoveryView { checklist: incident.checklist },
            comms: comms::lines(&notices),
            notices,
            updates: UpdatesView::new(incident.next_update_at, incident.updates),
            data_loss_suspected: incident.data_loss_suspected,
            drafts: self.drafts,
            root_cause: incident.root_cause,
            roles,
            measures: self.measures,
            closed_unverified: self.closed_unverified,
            review: self.review,
            timeline,
            timeline_omitted,
        })
    }
}
