//! Facts: what happened. They are plain data, journaled as JSON, and stay readable for ever:
//! a new field needs a default, and every kind has a golden line in `tests/golden/`.

use crate::{
    ids::{
        Actor, AlertId, AlertKey, BoxName, ChannelName, ContactName, IncidentId, NoticeId, RunId,
        RunbookName, ServiceName, StepName,
    },
    plan::{EffectKind, Guardrails, OnFail, Outcome, Role, VerifyNumbers},
    rule::Symptom,
    severity::{Level, Priority},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A fact and when it happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recorded {
    /// When.
    pub at: Timestamp,
    /// What.
    #[serde(flatten)]
    pub fact: Fact,
}

/// What can happen. Values that the policy had at the time are baked in, so that folding never reads the policy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "fact", rename_all = "snake_case")]
pub enum Fact {
    /// hikeshi started; every attempt that was under way before is unsettled.
    EngineStarted {
        /// Its version.
        version: String,
    },

    /// A rule's condition is met and must hold for a while before it fires.
    AlertPending(AlertPending),
    /// The condition ended before it fired.
    AlertDropped {
        /// Which.
        key: AlertKey,
    },
    /// An alert fires.
    AlertFired(Box<AlertFired>),
    /// A firing alert became worse.
    AlertRaised {
        /// Which.
        key: AlertKey,
        /// Its new level.
        level: Level,
        /// Its new priority.
        priority: Option<Priority>,
        /// The band that is met now.
        band: usize,
        /// The value.
        observed: String,
        /// Why.
        reason: String,
    },
    /// An alert fires again and again; it ends only after it has been good for a while.
    AlertFlapping {
        /// Which.
        key: AlertKey,
        /// Firings in the window.
        firings: u32,
    },
    /// A flapping alert is good now; it ends when it stays so.
    AlertSteadying {
        /// Which.
        key: AlertKey,
        /// When it ends if nothing happens.
        until: Timestamp,
    },
    /// A flapping alert is bad again.
    AlertUnsteady {
        /// Which.
        key: AlertKey,
    },
    /// An alert ended.
    AlertResolved {
        /// Which.
        key: AlertKey,
        /// Its number.
        id: AlertId,
        /// The value.
        observed: String,
    },

    /// An incident was found.
    IncidentOpened {
        /// Its number.
        id: IncidentId,
        /// What it is called.
        title: String,
        /// The system that it hurts.
        system: String,
        /// The service that explains it.
        cause: ServiceName,
        /// The trouble of that service.
        symptom: Symptom,
        /// Where it was heard of: `monitoring`, `manual`.
        source: String,
        /// When it began, from the first bad look.
        occurred_at: Timestamp,
        /// Until when assessment gathers what belongs to it.
        assess_until: Timestamp,
        /// Who opened it.
        by: Actor,
    },
    /// An alert belongs to an incident.
    AlertJoined {
        /// The alert.
        key: AlertKey,
        /// The incident.
        incident: IncidentId,
    },
    /// Another service explains an incident better.
    CauseChanged {
        /// The incident.
        incident: IncidentId,
        /// The new title.
        title: String,
        /// The service.
        cause: ServiceName,
        /// Its trouble.
        symptom: Symptom,
    },
    /// Two incidents turned out to have one cause.
    IncidentMerged {
        /// The one that ends.
        incident: IncidentId,
        /// The one that goes on.
        into: IncidentId,
    },
    /// Scope, time to recover and roles were determined.
    IncidentAssessed {
        /// The incident.
        incident: IncidentId,
        /// What was found.
        assessment: Assessment,
    },
    /// The priority was decided, at first or again.
    IncidentClassified {
        /// The incident.
        incident: IncidentId,
        /// The decision.
        classification: Classification,
        /// Who decided.
        by: Actor,
    },
    /// The next people are told.
    IncidentEscalated {
        /// The incident.
        incident: IncidentId,
        /// The level, from 1.
        level: u32,
        /// What the level is called.
        title: String,
        /// Who is told.
        contacts: Vec<ContactName>,
        /// Why.
        reason: String,
        /// When the next level is told if it is still open; none: this was the last.
        next_at: Option<Timestamp>,
        /// When the page is repeated if nobody acknowledges; none: told once.
        next_page_at: Option<Timestamp>,
    },
    /// Nobody has acknowledged: the page is repeated.
    IncidentPaged {
        /// The incident.
        incident: IncidentId,
        /// Who is paged.
        contact: ContactName,
        /// When it is repeated if nobody acknowledges.
        next_at: Option<Timestamp>,
    },
    /// A repair began, or somebody took it.
    IncidentResponding {
        /// The incident.
        incident: IncidentId,
        /// Who.
        by: Actor,
    },
    /// A person took it.
    IncidentAcknowledged {
        /// The incident.
        incident: IncidentId,
        /// Who.
        by: Actor,
    },
    /// A person wrote something down.
    IncidentNoted {
        /// The incident.
        incident: IncidentId,
        /// The text.
        text: String,
        /// Who.
        by: Actor,
    },
    /// A regular update was due and sent.
    IncidentUpdated {
        /// The incident.
        incident: IncidentId,
        /// When the next is due.
        next_at: Timestamp,
    },
    /// A box of the recovery checklist changed.
    RecoveryChecked {
        /// The incident.
        incident: IncidentId,
        /// The box.
        check: BoxName,
        /// `pass`, `fail`, `unknown`.
        result: CheckResult,
        /// What was seen.
        detail: String,
    },
    /// A repair was seen to work.
    RepairVerified {
        /// The incident.
        incident: IncidentId,
        /// The run.
        run: RunId,
    },
    /// Everything is good again.
    IncidentRecovered {
        /// The incident.
        incident: IncidentId,
    },
    /// The review was written.
    IncidentReviewed {
        /// The incident.
        incident: IncidentId,
        /// The text.
        review: String,
        /// Who.
        by: Actor,
    },
    /// The root cause was written down (A68).
    CauseRecorded {
        /// The incident.
        incident: IncidentId,
        /// The three parts.
        cause: RootCause,
        /// Who.
        by: Actor,
    },
    /// It is over.
    IncidentClosed {
        /// The incident.
        incident: IncidentId,
        /// Who.
        by: Actor,
    },

    /// A runbook will run.
    RunPlanned(Box<RunPlanned>),
    /// A run waits before it changes anything.
    RunHeld {
        /// The run.
        run: RunId,
        /// Why.
        reason: Hold,
        /// Until when at most, where that is known.
        until: Option<Timestamp>,
    },
    /// An attempt of a step is about to start; written before anything starts.
    AttemptIntended {
        /// The run.
        run: RunId,
        /// The target, for the rate limit.
        target: ServiceName,
        /// The step.
        step: StepName,
        /// Its role.
        role: Role,
        /// Which attempt at this step, from 1.
        attempt: u32,
        /// Whether it changes something.
        changes: bool,
        /// When it will have been killed.
        deadline: Timestamp,
    },
    /// The attempt's process runs.
    AttemptStarted {
        /// The run.
        run: RunId,
        /// The step.
        step: StepName,
        /// The attempt.
        attempt: u32,
        /// What identifies the process across a restart: `pid:start_time`; none for built-in verbs.
        process: Option<String>,
    },
    /// The attempt ended.
    AttemptSettled {
        /// The run.
        run: RunId,
        /// The step.
        step: StepName,
        /// The attempt.
        attempt: u32,
        /// How.
        outcome: Outcome,
        /// Exit code, when there is one.
        exit: Option<i32>,
        /// How long it took, in milliseconds.
        took_ms: u64,
        /// The last lines of its output, masked and cut; text from outside.
        output: String,
        /// Captured values.
        captured: BTreeMap<String, String>,
        /// Where evidence was kept.
        evidence: Option<String>,
    },
    /// One round of the verify steps passed or did not.
    RoundVerified {
        /// The run.
        run: RunId,
        /// Whether all passed.
        passed: bool,
        /// Passes in a row so far.
        passes: u32,
        /// When the next round starts.
        next_at: Timestamp,
    },
    /// A run is over.
    RunFinished {
        /// The run.
        run: RunId,
        /// Its target.
        target: ServiceName,
        /// How.
        result: RunResult,
        /// Why, where that needs words.
        reason: String,
    },
    /// A target must not be touched by itself for a while.
    TargetLatched {
        /// The target.
        target: ServiceName,
        /// Until when.
        until: Timestamp,
        /// Why.
        reason: String,
    },

    /// Somebody must be told.
    NoticeOwed(Box<NoticeOwed>),
    /// One attempt at telling.
    NoticeAttempted {
        /// The notice.
        notice: NoticeId,
        /// Which attempt, from 1.
        attempt: u32,
        /// On which channel.
        channel: ChannelName,
        /// How it went.
        outcome: Delivery,
        /// The other side's answer, or the error.
        detail: String,
        /// When it is tried again; none: delivered, or given up.
        next_at: Option<Timestamp>,
        /// Index into the ways for the next attempt.
        next_way: usize,
    },
}

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
    pub observed: String,
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
    pub observed: String,
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
    pub observed: String,
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
    /// Only shown.
    DryRun,
}

impl RunResult {
    /// Whether the target is healthy afterwards.
    pub fn is_good(self) -> bool {
        matches!(self, Self::Recovered | Self::RecoveredUncertain | Self::NotNeeded | Self::DryRun)
    }
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
