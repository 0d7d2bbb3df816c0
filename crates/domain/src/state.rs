//! State: everything that is open, folded from facts. Closed things live in the history.

use crate::{
    account::Accounts,
    alert::{Alert, Firings, Now, Pending},
    alerts::Alerts,
    carried_notices::About,
    change::ChangeMarked,
    clock::{Clock, Tally},
    deliveries::Deliveries,
    device::Devices,
    digest::Digests,
    draft::Drafts,
    guard::{Stopped, Target},
    heartbeat::Heartbeat,
    ids::{
        Actor, AlertId, AlertKey, ApprovalId, ContactName, DraftId, HeartbeatName, IncidentId,
        MeasureId, NoticeId, OverrideId, RunId, RunbookName, ScheduleName, ServiceName,
    },
    incident::Incident,
    measure::Measure,
    notice::Notice,
    rule::Symptom,
    run::Run,
    said::Said,
    schedule::Overrides,
    signals::Signals,
    silence::Silences,
    token::Token,
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Loose alerts that are told one by one within [`WORDS_WINDOW`]; more are told in one message.
pub const WORDS: usize = 10;
/// See [`WORDS`].
pub const WORDS_WINDOW: SignedDuration = SignedDuration::from_secs(60);

/// Everything that is open.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// The version that started last; none before the first start.
    pub version: Option<String>,
    /// Conditions that wait for their time.
    pub pending: BTreeMap<AlertKey, Pending>,
    /// Firing alerts.
    pub alerts: Alerts,
    /// Firing alerts that belong to no incident: those that must be placed, and warnings.
    pub loose: BTreeSet<AlertKey>,
    /// Signals of other systems that fire; each is part of an alert.
    #[serde(default)]
    pub signals: Signals,
    /// Devices that receive for people.
    #[serde(default)]
    pub devices: Devices,
    /// Tokens of integrations and of programs, by their digests.
    #[serde(default)]
    pub tokens: Vec<Token>,
    /// Who may use the pages.
    #[serde(default)]
    pub accounts: Accounts,
    /// Silences and maintenance windows.
    #[serde(default)]
    pub silences: Silences,
    /// What people have changed of schedules.
    #[serde(default)]
    pub overrides: Overrides,
    /// Who was on call by each schedule when it changed last.
    #[serde(default)]
    pub on_call: BTreeMap<ScheduleName, Vec<ContactName>>,
    /// Jobs that must give a sign of life.
    #[serde(default)]
    pub heartbeats: BTreeMap<HeartbeatName, Heartbeat>,
    /// Changes of late, newest last.
    #[serde(default)]
    pub changes: VecDeque<ChangeMarked>,
    /// Alerts outside of incidents that ended, and of whose end or beginning their owner has still to hear.
    #[serde(default)]
    pub parting: VecDeque<Parting>,
    /// When owners were told of single alerts lately: a storm is told in one message.
    #[serde(default)]
    pub told_lately: VecDeque<Timestamp>,
    /// How often keys fired lately.
    pub firings: BTreeMap<AlertKey, Firings>,
    /// Incidents that are not closed.
    pub incidents: BTreeMap<IncidentId, Incident>,
    /// Runs that are not over.
    pub runs: BTreeMap<RunId, Run>,
    /// What is remembered of targets.
    pub targets: BTreeMap<ServiceName, Target>,
    /// The last dry run of each runbook that went through.
    #[serde(default)]
    pub rehearsals: BTreeMap<RunbookName, Rehearsal>,
    /// Somebody has stopped automation.
    #[serde(default)]
    pub stopped: Option<Stopped>,
    /// Notices that are owed.
    pub notices: BTreeMap<NoticeId, Notice>,
    /// What is remembered of deliveries.
    #[serde(default)]
    pub deliveries: Deliveries,
    /// Texts that wait to be released.
    #[serde(default)]
    pub drafts: Drafts,
    /// Minutes to recover of past incidents, by cause and symptom, newest last.
    pub past: BTreeMap<String, VecDeque<u64>>,
    /// Measures that are not done yet.
    #[serde(default)]
    pub measures: BTreeMap<MeasureId, Measure>,
    /// What is collected for the daily digest.
    #[serde(default)]
    pub digests: Digests,
    /// How often each clock of an incident was kept, and how often it ran out.
    #[serde(default)]
    pub clocks: BTreeMap<Clock, Tally>,
    /// How often the self-check found an urgent incident for which nothing came next.
    #[serde(default)]
    pub next_steps_missing: u64,
    /// The last numbers that were given out.
    pub last: Last,
}

/// An alert that ended, and what it said at the end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Parting {
    /// The alert.
    pub alert: Alert,
    /// The value.
    pub observed: Said,
}

/// A dry run that went through: reads ran, guards held, everything else was shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rehearsal {
    /// On what.
    pub target: ServiceName,
    /// The digests of the steps, in the order of the run.
    pub digests: Vec<String>,
    /// Who asked for it.
    pub by: Actor,
    /// When it ended.
    pub at: Timestamp,
}

/// The last numbers that were given out.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Last {
    /// Of alerts.
    pub alert: u64,
    /// Of incidents.
    pub incident: u64,
    /// Of runs.
    pub run: u64,
    /// Of notices.
    pub notice: u64,
    /// Of questions whether a step may run.
    #[serde(default)]
    pub approval: u64,
    /// Of overrides.
    #[serde(default)]
    pub override_: u64,
    /// Of drafts.
    #[serde(default)]
    pub draft: u64,
    /// Of measures.
    #[serde(default)]
    pub measure: u64,
}

impl State {
    /// The pages of an incident that are still to be delivered.
    pub fn pages_of(&self, incident: IncidentId) -> impl Iterator<Item = &Notice> {
        let about = About::Incident(incident);
        let is_page =
            move |notice: &&Notice| notice.owed.about == about && notice.owed.event.is_page();
        self.notices.values().filter(is_page)
    }

    /// What the alert of a key is now.
    pub fn alert_now(&self, key: &AlertKey) -> Now<'_> {
        match (self.alerts.get(key), self.pending.get(key)) {
            (Some(alert), _) => Now::Firing(alert),
            (None, Some(pending)) => Now::Pending(pending),
            (None, None) => Now::Quiet,
        }
    }

    /// The band of a firing alert.
    pub fn firing_band(&self, key: &AlertKey) -> Option<usize> {
        self.alerts.get(key).map(|alert| alert.fired.band)
    }

    /// The alerts of an incident that still fire.
    pub fn alerts_of(&self, incident: &Incident) -> Vec<&Alert> {
        incident.burning.iter().filter_map(|key| self.alerts.get(key)).collect()
    }

    /// Incidents that still burn.
    pub fn burning(&self) -> impl Iterator<Item = &Incident> + Clone {
        self.incidents.values().filter(|incident| incident.is_burning())
    }

    /// The run that works on a target.
    pub fn run_on(&self, target: &ServiceName) -> Option<&Run> {
        self.runs.values().find(|run| run.planned.target == *target)
    }

    /// The next number of an alert.
    pub fn next_alert(&self) -> AlertId {
        AlertId(self.last.alert + 1)
    }

    /// The next number of an incident.
    pub fn next_incident(&self) -> IncidentId {
        IncidentId(self.last.incident + 1)
    }

    /// The next number of a run.
    pub fn next_run(&self) -> RunId {
        RunId(self.last.run + 1)
    }

    /// The next number of a question whether a step may run.
    pub fn next_approval(&self) -> ApprovalId {
        ApprovalId(self.last.approval + 1)
    }

    /// The next number of an override.
    pub fn next_override(&self) -> OverrideId {
        OverrideId(self.last.override_ + 1)
    }

    /// The next number of a draft.
    pub fn next_draft(&self) -> DraftId {
        DraftId(self.last.draft + 1)
    }

    /// The next number of a measure.
    pub fn next_measure(&self) -> MeasureId {
        MeasureId(self.last.measure + 1)
    }

    /// The next number of a notice.
    pub fn next_notice(&self) -> NoticeId {
        NoticeId(self.last.notice + 1)
    }

    /// The key under which times to recover are remembered.
    pub fn past_key(cause: &ServiceName, symptom: Symptom) -> String {
        format!("{cause} {symptom:?}")
    }

    /// When the first pending alert fires.
    pub fn next_firing(&self) -> Option<Timestamp> {
        self.pending.values().map(|pending| pending.fires_at).min()
    }
}
