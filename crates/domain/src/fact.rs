//! Facts: what happened. They are plain data, journaled as JSON, and stay readable for ever:
//! a new field needs a default, and every kind has a golden line in `tests/golden/`.

use crate::{
    alert_label::AlertLabelled,
    change::ChangeMarked,
    heartbeat::HeartbeatHeard,
    ids::{
        Actor, AlertId, AlertKey, ApprovalId, BoxName, ContactName, HeartbeatName, IncidentId,
        IntegrationName, RunId, RunbookName, ServiceName, SilenceId, StepName,
    },
    plan::Mode,
    rule::Symptom,
    said::Said,
    secret_access::SecretAccess,
    signal::{Ended, SharedSignal},
    silence::Silence,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use crate::{
    carried::*, carried_accounts::*, carried_attempts::*, carried_clocks::*, carried_comms::*,
    carried_contacts::*, carried_devices::*, carried_notices::*, carried_on_call::*,
    carried_paging::*, carried_runs::*, carried_team::*,
};

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
    AlertRaised(AlertRaised),
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
        observed: Said,
        /// Whether its owner must still hear of it, because it belonged to no incident.
        #[serde(default)]
        owes_word: bool,
    },
    /// The owners of many alerts hear of them in one message: those that fire, and those that are over already.
    AlertsTold {
        /// Which.
        keys: Vec<AlertKey>,
    },
    /// Signals from another system fire: new ones, or something of them is new.
    SignalsRaised {
        /// Who sent them.
        integration: IntegrationName,
        /// The signals.
        signals: Vec<SharedSignal>,
    },
    /// Signals ended.
    SignalsEnded {
        /// Which.
        signals: Vec<Ended>,
        /// Nobody spoke of them for too long; else their sender said so.
        by_silence: bool,
    },
    /// A sign of life is expected by then: a heartbeat is watched from now on, or hikeshi was away and counts anew.
    HeartbeatExpected {
        /// Which.
        name: HeartbeatName,
        /// The service that suffers when it does not come.
        service: ServiceName,
        /// When it is late.
        due_at: Timestamp,
    },
    /// A job gave a sign of life.
    HeartbeatHeard(Box<HeartbeatHeard>),
    /// A sign of life did not come.
    HeartbeatMissed {
        /// Which.
        name: HeartbeatName,
        /// When it was due.
        due_at: Timestamp,
    },
    /// Nobody expects a sign of life any more.
    HeartbeatForgotten {
        /// Which.
        name: HeartbeatName,
    },
    /// Something was changed: a deployment, a setting.
    ChangeMarked(Box<ChangeMarked>),
    /// A silence or a maintenance window was made or changed.
    SilencePut {
        /// What is silenced, and for how long.
        silence: Box<Silence>,
        /// Who did it.
        by: Actor,
        /// When its creator is reminded that it is still there.
        remind_at: Option<Timestamp>,
    },
    /// A silence begins.
    SilenceStarted {
        /// Which.
        id: SilenceId,
    },
    /// A silence is over: what still burns is judged anew.
    SilenceEnded {
        /// Which.
        id: SilenceId,
        /// Who ended it; hikeshi: its time was over.
        by: Actor,
        /// Warnings that their owners heard of before it and that are loud again: they are told anew.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        alerts: Vec<AlertKey>,
        /// Incidents that people heard of before it and that are loud again: they are paged anew.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        incidents: Vec<IncidentId>,
    },
    /// The creator of a silence was reminded of it.
    SilenceReminded {
        /// Which.
        id: SilenceId,
        /// When next.
        next_at: Option<Timestamp>,
    },
    /// Somebody may send in the name of an integration from now on.
    TokenIssued(TokenIssued),
    /// A token opens nothing any more.
    TokenRevoked {
        /// Which.
        id: u64,
        /// Who did it.
        by: Actor,
    },
    /// A program may use the API in the name of an account.
    ApiTokenIssued(Box<ApiTokenIssued>),
    /// A program has used the API with its token; written down once a day.
    ApiTokenUsed(ApiTokenUsed),
    /// A device receives for a person.
    DeviceAdded(Box<DeviceAdded>),
    /// A device receives nothing any more.
    DeviceRemoved(DeviceRemoved),
    /// Somebody says what an alert was.
    AlertLabelled(Box<AlertLabelled>),
    /// Something became of an account of the pages.
    AccountChanged(Box<AccountChanged>),
    /// Somebody asked for a secret. Whoever asks again and again for the same is written down once.
    SecretAccessed(Box<SecretAccess>),

    /// For a while, somebody else is on call.
    OverrideSet(Box<OverrideSet>),
    /// An override does not hold any more.
    OverrideRemoved(OverrideRemoved),
    /// Other people are on call now.
    ShiftChanged(Box<ShiftChanged>),

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
        /// Where it was heard of: `monitoring`, `manual`, `report`.
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
    IncidentEscalated(IncidentEscalated),
    /// Nobody is on call at a level: the next one is told at once.
    LevelSkipped(LevelSkipped),
    /// The shift has changed and nobody has acknowledged: who is on call now is paged, too.
    IncidentPassedOn(PassedOn),
    /// Nobody has acknowledged: the page is repeated.
    IncidentPaged {
        /// The incident.
        incident: IncidentId,
        /// Who is paged.
        contact: ContactName,
        /// When it is repeated if nobody acknowledges.
        next_at: Option<Timestamp>,
    },
    /// The self-check found an urgent incident for which nothing comes next.
    NextStepMissing(NextStepMissing),
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
    /// Somebody reported what the incident is about (A19). All of it is text from outside.
    ReportReceived(ReportReceived),
    /// A regular update was due and sent.
    IncidentUpdated {
        /// The incident.
        incident: IncidentId,
        /// When the next is due; none: when something changes.
        next_at: Option<Timestamp>,
    },
    /// Stakeholders hear of it, and when they hear next.
    StakeholdersInformed(StakeholdersInformed),
    /// A person is asked to write an update that is due soon.
    UpdateAsked(UpdateAsked),
    /// A promised update did not come.
    UpdateOverdue(UpdateOverdue),
    /// A clock of an incident ran out without what it waits for.
    ClockMissed(Box<ClockMissed>),
    /// Somebody has a role in an incident from now on.
    RoleAssigned(Box<RoleAssigned>),
    /// A measure was decided, so that it does not happen again.
    MeasureRecorded(Box<MeasureRecorded>),
    /// A measure is done.
    MeasureDone(MeasureDone),
    /// The digest of a day was made.
    DigestSent(Box<DigestSent>),
    /// Data may be lost: legal and management are told.
    DataLossSuspected(Box<DataLossSuspected>),
    /// A draft was begun.
    DraftWritten(Box<DraftWritten>),
    /// Its text changed.
    DraftChanged(Box<DraftChanged>),
    /// It was released.
    DraftReleased(DraftReleased),
    /// It will not be released.
    DraftDiscarded(DraftDiscarded),
    /// A box of the recovery checklist changed.
    RecoveryChecked {
        /// The incident.
        incident: IncidentId,
        /// The box.
        check: BoxName,
        /// `pass`, `fail`, `unknown`.
        result: CheckResult,
        /// What was seen.
        detail: Said,
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
        /// Why it was closed although its recovery was not verified; none: it was, or nothing had to be.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        unverified: Option<String>,
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
    AttemptIntended(AttemptIntended),
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
    AttemptSettled(AttemptSettled),
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
        reason: Said,
    },
    /// A step waits until a person agrees.
    ApprovalAsked(Box<ApprovalAsked>),
    /// A person agrees.
    ApprovalGiven {
        /// The run.
        run: RunId,
        /// The question.
        id: ApprovalId,
        /// Who.
        by: Actor,
        /// How many people must still agree.
        still_needed: u32,
        /// Until when the step may start.
        expires_at: Timestamp,
    },
    /// A question ended without a yes.
    ApprovalEnded {
        /// The run.
        run: RunId,
        /// The question.
        id: ApprovalId,
        /// How.
        how: ApprovalEnd,
        /// Who ended it.
        by: Actor,
        /// Why.
        reason: Said,
    },
    /// Nobody can tell what became of a step: a person must say so.
    QuestionAsked(QuestionAsked),
    /// A person said what became of a step.
    QuestionAnswered(QuestionAnswered),
    /// A person lets a runbook run by itself, or with approvals, after it was shown on its target.
    RunbookPromoted {
        /// Which.
        runbook: RunbookName,
        /// To what.
        to: Mode,
        /// Who.
        by: Actor,
    },
    /// A target may be touched again.
    TargetReleased {
        /// The target.
        target: ServiceName,
        /// Who said so.
        by: Actor,
    },
    /// Nothing is repaired by itself from now on.
    AutomationStopped {
        /// Why.
        reason: String,
        /// Who.
        by: Actor,
        /// Until when; none: until somebody resumes it.
        until: Option<Timestamp>,
    },
    /// Repairs begin by themselves again.
    AutomationResumed {
        /// Who.
        by: Actor,
    },
    /// A target must not be touched by itself for a while.
    TargetLatched {
        /// The target.
        target: ServiceName,
        /// Until when.
        until: Timestamp,
        /// Why.
        reason: Said,
    },
    /// Somebody must be told.
    NoticeOwed(Box<NoticeOwed>),
    /// One attempt at telling.
    NoticeAttempted(NoticeAttempted),
    /// A page that was not delivered yet is not sent any more: somebody is on it.
    NoticeWithdrawn(NoticeWithdrawn),
    /// A message that was accepted has missed its person: the next way is tried at once.
    NoticeMissed(NoticeMissed),
    /// A message reached more than the service that accepted it.
    NoticeProved(NoticeProved),
    /// A person says that an address reaches whom it should.
    ContactVerified(ContactVerified),
}
