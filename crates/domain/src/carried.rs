//! What the larger facts carry: plain data, journaled as JSON like the facts themselves.

use crate::{
    clock::Limit,
    ids::{
        Actor, AlertId, AlertKey, ApprovalId, ChannelName, ContactName, IncidentId, NoticeId,
        RoleName, RunId, RunbookName, ScheduleName, ServiceName, SilenceId, StepName,
    },
    plan::{CheckItem, EffectKind, Guardrails, OnFail, Output, Parameter, Role, VerifyNumbers},
    rule::Symptom,
    said::Said,
    severity::{Level, Priority},
    updates::earlier,
};
use jiff::{SignedDuration, Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// See [`Fact::AlertPending`].
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

/// See [`Fact::AlertFired`].
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

/// See [`Fact::RunPlanned`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunPlanned {
    /// Its number.
    pub id: RunId,
    /// The runbook.
    pub runbook: RunbookName,
    /// The runbook's version (A90).
    pub version: Option<String>,
    /// Who approved the runbook (A90).
    pub approved_by: Option<String>,
    /// Digest of the file.
    pub digest: String,
    /// What it works on.
    pub target: ServiceName,
    /// The alert that it answers.
    pub alert: Option<AlertKey>,
    /// The incident that it serves.
    pub incident: Option<IncidentId>,
    /// Who started it.
    pub by: Actor,
    /// Reads run, everything else is only shown.
    pub dry_run: bool,
    /// Whether it may change things without asking.
    pub automatic: bool,
    /// The steps, in the order of the run.
    pub steps: Vec<StepBrief>,
    /// The verification numbers.
    pub verify: VerifyNumbers,
    /// The limits.
    pub guardrails: Guardrails,
    /// Values that the alert gave, typed, by their `HK_` names.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub parameters: BTreeMap<String, Parameter>,
    /// Values that steps give, by their names in conditions.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub facts: BTreeMap<String, Output>,
    /// Conditions that must hold before anything is changed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub guards: Vec<String>,
    /// The boxes of the runbook's checklist.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub checklist: Vec<CheckItem>,
    /// What the alert did not give, or not as it must be: nothing of the run starts then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing: Option<Said>,
    /// The step that this run takes back, if it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undoes: Option<StepName>,
}

/// What the run must know of a step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StepBrief {
    /// Its name.
    pub name: StepName,
    /// What it is for.
    pub role: Role,
    /// What repeating it does.
    pub effect: EffectKind,
    /// Its time limit in milliseconds.
    pub timeout_ms: u64,
    /// What happens when it fails.
    pub on_fail: OnFail,
    /// Digest of its body.
    pub digest: String,
    /// The step that a probe or an undo belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub belongs_to: Option<StepName>,
    /// It runs only when this holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<String>,
}

/// Why a run waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Hold {
    /// What the target needs is not measured healthy since the trouble began (A40, C10).
    Dependency(ServiceName),
    /// Another instance of the group is being repaired (A42, C11).
    Rolling(ServiceName),
    /// The last attempt on the target is too recent.
    Spacing,
    /// The target has not been looked at since its dependencies came back.
    FreshLook,
    /// How bad the incident is decides whom to ask, and how many.
    Classification,
    /// A person must agree.
    Approval(ApprovalId),
    /// A person must say what became of a step.
    Question(StepName),
    /// Somebody has stopped automation.
    Stopped,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunResult {
    /// Repaired, and verified.
    Recovered,
    /// Verified good, but whether the step did it is unknown.
    RecoveredUncertain,
    /// The trouble ended by itself before anything was changed.
    NotNeeded,
    /// The repair ran and did not help.
    NotRecovered,
    /// A step failed.
    Failed,
    /// A guardrail stopped it.
    Blocked,
    /// A person must look: the outcome of a step is unknown.
    NeedsPerson,
    /// The runbook changes nothing: it looked, and kept what it saw.
    Looked,
    /// Only shown.
    DryRun,
    /// A step was taken back.
    Undone,
    /// A person ended it, or took it over.
    TakenOver,
}

/// What a person says about a step whose outcome is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// Treat it as done.
    Done,
    /// Treat it as not done, and run it again.
    Again,
    /// Stop, people go on by hand.
    Manual,
}

impl RunResult {
    /// Whether it did what it was for: people need not go on because of it.
    pub fn is_good(self) -> bool {
        matches!(
            self,
            Self::Recovered
                | Self::RecoveredUncertain
                | Self::NotNeeded
                | Self::Looked
                | Self::DryRun
                | Self::Undone
        )
    }
}

/// See [`Fact::ApprovalAsked`]: this body, with these values, on this target.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ApprovalAsked {
    /// Its number. Whoever answers names it, and so answers what they saw.
    pub id: ApprovalId,
    /// The run.
    pub run: RunId,
    /// The step.
    pub step: StepName,
    /// What repeating it would do.
    pub effect: EffectKind,
    /// What it works on.
    pub target: ServiceName,
    /// SHA-256 of the body, in hex.
    pub digest: String,
    /// The typed values that the body gets, by their `HK_` names.
    pub values: BTreeMap<String, String>,
    /// Evidence that was kept before.
    pub evidence: Vec<String>,
    /// Why it is asked.
    pub reasons: Vec<Said>,
    /// How many people must agree.
    pub needs: u32,
    /// When it is too late.
    pub expires_at: Timestamp,
}

/// How a question ended without a yes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ApprovalEnd {
    /// A person said no.
    Denied,
    /// Nobody answered in time, or the step could not start in time.
    Expired,
    /// The body or the values are not those that were asked about.
    Void,
}

/// See [`Fact::NoticeOwed`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NoticeOwed {
    /// Its number; with the attempt it is the idempotency key.
    pub id: NoticeId,
    /// What it is about.
    pub about: About,
    /// Why it is sent.
    pub event: Event,
    /// Who is told; none: a room.
    pub to: Option<ContactName>,
    /// How, in the order of trying.
    pub ways: Vec<Way>,
    /// The subject.
    pub subject: String,
    /// The text.
    pub body: String,
    /// The priority, for channels that show it.
    pub priority: Option<Priority>,
    /// The level, for channels that show it.
    pub level: Option<Level>,
    /// Tries on one way before the next.
    pub tries: u32,
    /// First wait in milliseconds; it doubles.
    pub first_wait_ms: u64,
    /// Longest wait in milliseconds.
    pub longest_wait_ms: u64,
    /// What a person is asked besides, where it is more than to see to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asks: Option<Asks>,
    /// It is not sent before then, by a person's own rules or quiet hours; none: at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_before: Option<Timestamp>,
    /// What the person who is told answers for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<RoleName>,
}

impl NoticeOwed {
    /// A notice to a room that is tried once, without priority and level; what is otherwise is written over it.
    pub fn new(
        id: NoticeId,
        about: About,
        event: Event,
        subject: impl Into<String>,
        body: impl Into<String>,
    ) -> Self {
        Self {
            id,
            about,
            event,
            to: None,
            ways: Vec::new(),
            subject: subject.into(),
            body: body.into(),
            priority: None,
            level: None,
            tries: 1,
            first_wait_ms: 0,
            longest_wait_ms: 0,
            asks: None,
            not_before: None,
            roles: Vec::new(),
        }
    }

    /// The longest wait between two attempts.
    pub fn longest_wait(&self) -> SignedDuration {
        SignedDuration::from_millis(i64::try_from(self.longest_wait_ms).unwrap_or(i64::MAX))
    }
}

/// What a message asks its reader.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Asks {
    /// Whether they see to an incident.
    Incident(IncidentId),
    /// Whether a step may run.
    Approval(ApprovalId),
    /// What became of an attempt that nobody knows the outcome of.
    Outcome {
        /// The run.
        run: RunId,
        /// The step.
        step: StepName,
        /// The attempt.
        attempt: u32,
    },
    /// Whether a test with this code has arrived.
    Arrival(String),
}

/// One way of telling somebody.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Way {
    /// The channel.
    pub channel: ChannelName,
    /// The address on a personal channel.
    pub address: Option<String>,
}

/// What a notice is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum About {
    /// An incident.
    Incident(IncidentId),
    /// An alert that is no incident.
    Alert(AlertKey),
    /// Many alerts at once, told together; the first of them.
    Alerts(Vec<AlertKey>),
    /// A silence or a maintenance window.
    Silence(SilenceId),
    /// A run that serves no incident.
    Run(RunId),
    /// A schedule: who is on call.
    Schedule(ScheduleName),
    /// An incident, for those who do not work on it: nobody acknowledges anything there.
    News(IncidentId),
    /// A channel that is tried out, and the code with which a person says that the message arrived.
    Channel(ChannelName, String),
    /// The daily digest of a day.
    Digest(Date),
}

/// Why a notice is sent. Firing and resolved take the same road (house rule 3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// It began.
    Firing,
    /// It became worse.
    Raised,
    /// The next level is told.
    Escalated,
    /// The page is repeated.
    Repeated,
    /// A regular update.
    Update,
    /// Automation hands over to people.
    Handover,
    /// It is over.
    Resolved,
    /// Somebody must not forget it.
    Reminder,
    /// Somebody must agree to a step.
    Approval,
    /// Other people are on call.
    Shift,
    /// A channel is tried out.
    Test,
    /// Somebody is on it.
    Acknowledged,
    /// Data may be lost.
    Report,
    /// A draft waits for whoever releases it.
    Draft,
    /// A draft that was released.
    Statement,
    /// The daily digest.
    Digest,
}

impl Event {
    /// Whether it calls people to an incident, until somebody is on it.
    pub fn is_page(self) -> bool {
        matches!(self, Self::Firing | Self::Raised | Self::Escalated | Self::Repeated | Self::Shift)
    }
}

/// What shows that a message reached more than the service that accepted it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Proof {
    /// The service says that it arrived at the person's device.
    Arrived,
    /// The person answered: a button, a key, a reply, a link.
    Answered,
}

/// How one attempt at telling went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    /// The other side took it.
    Delivered,
    /// It may work later.
    TryAgain,
    /// It will never work this way.
    Hopeless,
}

/// See [`Fact::NoticeWithdrawn`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NoticeWithdrawn {
    /// The notice.
    pub notice: NoticeId,
    /// Who is on it.
    pub by: Actor,
}

/// See [`Fact::NoticeProved`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NoticeProved {
    /// The notice.
    pub notice: NoticeId,
    /// What shows it.
    pub proof: Proof,
    /// On which channel.
    pub channel: ChannelName,
    /// Who says so: the person, or the service.
    pub by: Actor,
}
