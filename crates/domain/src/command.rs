//! Commands: what people, probes, performers and the clock ask of the core, and why it may refuse.

use crate::{
    alert_label::AlertLabelled,
    carried_accounts::{AccountChange, Admission, ApiTokenIssued},
    change::Change,
    fact::{Answer, Delivery, DeviceAdded, DeviceRemoved, Miss, Proof, RootCause},
    heartbeat::PingKind,
    ids::{
        AccountName, Actor, ApprovalId, ChannelName, ContactName, DraftId, HeartbeatName,
        IncidentId, IntegrationName, MeasureId, NoticeId, OverrideId, RunId, RunbookName,
        ScheduleName, ServiceName, SilenceId, StepName,
    },
    incident_role::IncidentRole,
    plan::{Mode, Outcome},
    reading::Observation,
    said::Said,
    secret_access::SecretAccess,
    severity::Priority,
    signal::{Fingerprint, Told},
    silence::Silence,
    stakeholders::Audience,
};
use jiff::{SignedDuration, Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What can be asked. The time comes beside it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "snake_case")]
pub enum Command {
    /// hikeshi has started.
    Boot {
        /// Its version.
        version: String,
        /// Attempts of an earlier life that go on, or of whose end there is a record: they will be reported.
        #[serde(default)]
        attached: Vec<Attached>,
    },
    /// A probe has looked.
    Observe(Observation),
    /// Another system speaks of its alerts.
    Hear {
        /// Which.
        integration: IntegrationName,
        /// What it says.
        signals: Vec<Told>,
    },
    /// A job gives a sign of life.
    Ping {
        /// Which.
        name: HeartbeatName,
        /// Which sign.
        kind: PingKind,
        /// Which run, where the sender tells runs apart.
        run: Option<String>,
        /// What the job says; may be empty.
        detail: String,
    },
    /// Another system or a person tells of a change, such as a deployment.
    Mark {
        /// Who tells it.
        integration: IntegrationName,
        /// What was changed.
        change: Box<Change>,
    },
    /// A user reports that something is wrong (A19).
    Report {
        /// Who, as they name themselves.
        from: String,
        /// What they say.
        text: String,
        /// The service that they name; a name that nobody knows counts as text.
        service: Option<ServiceName>,
        /// How it came: `cli`, or the name of an integration.
        via: String,
    },
    /// Somebody has taken an alert on, in the system that sent it.
    AcknowledgeSignal {
        /// That system.
        integration: IntegrationName,
        /// The alert, by its number.
        fingerprint: Fingerprint,
        /// Who.
        by: Actor,
        /// What they add; may be empty.
        note: String,
    },
    /// Somebody notes something about an alert, in the system that sent it.
    NoteSignal {
        /// That system.
        integration: IntegrationName,
        /// The alert, by its number.
        fingerprint: Fingerprint,
        /// Who.
        by: Actor,
        /// What.
        text: String,
    },
    /// Somebody says what an alert was.
    LabelAlert(AlertLabelled),
    /// A person or a client makes a silence or a maintenance window, or changes one.
    PutSilence {
        /// What is asked for, with the number that a new one gets.
        silence: Box<Silence>,
        /// The number of the one that is changed.
        edits: Option<SilenceId>,
        /// Who.
        by: Actor,
    },
    /// A person or a client ends a silence now.
    ExpireSilence {
        /// Which.
        id: SilenceId,
        /// Who.
        by: Actor,
    },
    /// A person puts somebody else on call for a while.
    SetOverride {
        /// The schedule.
        schedule: ScheduleName,
        /// Who is on call instead.
        people: Vec<ContactName>,
        /// In whose place; none: instead of everybody.
        replaces: Option<ContactName>,
        /// From then on; what is past stays as it was.
        from: Timestamp,
        /// Up to then.
        until: Timestamp,
        /// Why.
        reason: String,
        /// Who.
        by: Actor,
    },
    /// A person takes an override back.
    RemoveOverride {
        /// Which.
        id: OverrideId,
        /// Who.
        by: Actor,
    },
    /// A person suspects that data is lost.
    SuspectDataLoss {
        /// The incident.
        incident: IncidentId,
        /// What speaks for it.
        reason: String,
        /// Who.
        by: Actor,
    },
    /// A person begins a draft.
    WriteDraft {
        /// The incident; none: the newest that is open.
        incident: Option<IncidentId>,
        /// For whom.
        audience: Audience,
        /// Who.
        by: Actor,
    },
    /// A person fills in what is blank in a draft.
    FillDraft {
        /// Which.
        id: DraftId,
        /// What stands in the place of each blank, by its name.
        values: BTreeMap<String, String>,
        /// Who.
        by: Actor,
    },
    /// A person writes the text of a draft anew.
    EditDraft {
        /// Which.
        id: DraftId,
        /// The subject; none: as it is.
        subject: Option<String>,
        /// The text; none: as it is.
        body: Option<String>,
        /// Who.
        by: Actor,
    },
    /// A person lets a draft go out.
    ReleaseDraft {
        /// Which.
        id: DraftId,
        /// The revision that they have read.
        revision: u32,
        /// Who.
        by: Actor,
    },
    /// A person throws a draft away.
    DiscardDraft {
        /// Which.
        id: DraftId,
        /// Why.
        reason: String,
        /// Who.
        by: Actor,
    },
    /// Two shifts of a schedule are exchanged.
    SwapShifts {
        /// The schedule.
        schedule: ScheduleName,
        /// A time within the one.
        one: Timestamp,
        /// A time within the other.
        other: Timestamp,
        /// Why.
        reason: String,
        /// Who.
        by: Actor,
    },
    /// Somebody may send in the name of an integration.
    IssueToken {
        /// Which.
        integration: IntegrationName,
        /// SHA-256 of the token, in hex.
        digest: String,
        /// Until when; none: until it is revoked.
        expires_at: Option<Timestamp>,
        /// Who makes it.
        by: Actor,
    },
    /// A token must open nothing any more.
    RevokeToken {
        /// Its number.
        id: u64,
        /// Who.
        by: Actor,
    },
    /// A program may use the API in somebody's name; its number is given here.
    IssueApiToken(Box<ApiTokenIssued>),
    /// A program has used the API with the token of this number.
    UseApiToken(u64),
    /// A device enrols; its number is given here.
    AddDevice(Box<DeviceAdded>),
    /// A device must receive nothing any more.
    RemoveDevice(DeviceRemoved),
    /// Something must become of an account of the pages.
    ChangeAccount {
        /// Whose.
        account: AccountName,
        /// What.
        change: AccountChange,
        /// Who.
        by: Actor,
    },
    /// Somebody comes in with an account elsewhere.
    AdmitAccount(Box<Admission>),
    /// Somebody asked for a secret.
    RecordAccess(Box<SecretAccess>),
    /// Time has passed.
    Tick,
    /// A person reports an incident (A20).
    OpenIncident {
        /// What it is.
        title: String,
        /// How bad.
        priority: Priority,
        /// The service, where known.
        service: Option<ServiceName>,
        /// Who.
        by: Actor,
    },
    /// A person takes an incident.
    Acknowledge {
        /// Which.
        incident: IncidentId,
        /// Who.
        by: Actor,
    },
    /// A person writes something down.
    Note {
        /// Which.
        incident: IncidentId,
        /// The text.
        text: String,
        /// Who.
        by: Actor,
    },
    /// A person changes the priority.
    SetPriority {
        /// Which.
        incident: IncidentId,
        /// The new one.
        priority: Priority,
        /// Why.
        reason: String,
        /// Who.
        by: Actor,
    },
    /// A person closes an incident.
    Close {
        /// Which.
        incident: IncidentId,
        /// The root cause; P0 and P1 need it.
        cause: RootCause,
        /// Why it is closed although its recovery cannot be verified; empty: it must be.
        #[serde(default)]
        unverified: String,
        /// Who.
        by: Actor,
    },
    /// A person gives a role in an incident to somebody.
    AssignRole {
        /// Which.
        incident: IncidentId,
        /// The role.
        role: IncidentRole,
        /// Who gets it: a contact, or whoever asks.
        to: String,
        /// Who.
        by: Actor,
    },
    /// A person writes down a measure, so that it does not happen again.
    RecordMeasure {
        /// After which incident; it may be closed.
        incident: IncidentId,
        /// What is to be done.
        text: String,
        /// Who does it.
        owner: Option<String>,
        /// By which day.
        due: Option<Date>,
        /// Who.
        by: Actor,
    },
    /// A measure is done.
    FinishMeasure {
        /// Which.
        id: MeasureId,
        /// Who.
        by: Actor,
    },
    /// A person starts a runbook.
    StartRun {
        /// Which.
        runbook: RunbookName,
        /// On what.
        service: ServiceName,
        /// Only show.
        dry_run: bool,
        /// Who.
        by: Actor,
    },
    /// A person asks for the staged recovery of everything that burns.
    Recover {
        /// Who.
        by: Actor,
    },
    /// A person takes a step of a runbook back.
    Undo {
        /// The runbook.
        runbook: RunbookName,
        /// The step that is taken back.
        step: StepName,
        /// On what.
        service: ServiceName,
        /// Who.
        by: Actor,
    },
    /// A person lets a runbook run by itself, or with approvals.
    Promote {
        /// Which.
        runbook: RunbookName,
        /// To what.
        to: Mode,
        /// Who.
        by: Actor,
    },
    /// A person agrees to a step.
    Approve {
        /// What they were asked.
        id: ApprovalId,
        /// Who.
        by: Actor,
    },
    /// A person does not agree to a step.
    Deny {
        /// What they were asked.
        id: ApprovalId,
        /// Why.
        reason: String,
        /// Who.
        by: Actor,
    },
    /// A person says what became of a step whose outcome is unknown.
    AnswerUnknown {
        /// The run.
        run: RunId,
        /// The attempt that they were asked about; none: whichever is asked about.
        asked: Option<(StepName, u32)>,
        /// What they say.
        answer: Answer,
        /// Why.
        reason: String,
        /// Who.
        by: Actor,
    },
    /// A person ends a run before its next step.
    CancelRun {
        /// Which.
        run: RunId,
        /// Why.
        reason: String,
        /// Who.
        by: Actor,
    },
    /// A person lets automation touch a target again.
    ReleaseTarget {
        /// Which.
        target: ServiceName,
        /// Who.
        by: Actor,
    },
    /// A person stops everything that hikeshi does to services by itself.
    StopAutomation {
        /// Why.
        reason: String,
        /// For how long; none: until somebody resumes it.
        hold: Option<SignedDuration>,
        /// Who.
        by: Actor,
    },
    /// A person lets it go on.
    ResumeAutomation {
        /// Who.
        by: Actor,
    },
    /// A performer has started a step.
    StepStarted {
        /// The run.
        run: RunId,
        /// The step.
        step: StepName,
        /// The attempt.
        attempt: u32,
        /// What identifies the process.
        process: Option<String>,
    },
    /// A performer is done with a step.
    StepSettled {
        /// The run.
        run: RunId,
        /// The step.
        step: StepName,
        /// The attempt.
        attempt: u32,
        /// What came out.
        report: StepReport,
    },
    /// A notifier is done with an attempt.
    NoticeSettled {
        /// The notice.
        notice: NoticeId,
        /// The attempt.
        attempt: u32,
        /// How it went.
        outcome: Delivery,
        /// The other side's answer, or the error.
        detail: String,
        /// What the service calls the message.
        receipt: Option<String>,
        /// For how many milliseconds the service wants no further message.
        wait_ms: Option<u64>,
    },
    /// A message reached more than the service that accepted it. Said again, it changes nothing.
    ProveNotice {
        /// The notice.
        notice: NoticeId,
        /// What shows it.
        proof: Proof,
        /// Who says so.
        by: Actor,
    },
    /// A message that was accepted has missed its person. Said again, it changes nothing.
    MissNotice {
        /// The notice.
        notice: NoticeId,
        /// On which channel.
        channel: ChannelName,
        /// What the service calls the message, where it says so.
        receipt: Option<String>,
        /// How.
        miss: Miss,
        /// The word of the service.
        detail: String,
        /// Who says so.
        by: Actor,
    },
    /// Send a message that tries out a channel.
    TestChannel {
        /// The channel.
        channel: ChannelName,
        /// To whom, on a personal channel.
        to: Option<ContactName>,
        /// What the person is asked to send back.
        code: String,
        /// Who asks.
        by: Actor,
    },
    /// A person's word that an address reaches whom it should.
    VerifyContact {
        /// Whom.
        contact: ContactName,
        /// On which channel.
        channel: ChannelName,
        /// Who says so.
        by: Actor,
    },
    /// The message that tried out a channel has arrived.
    ConfirmTest {
        /// The code in it.
        code: String,
        /// Who says so.
        by: Actor,
    },
}

/// An attempt that outlived hikeshi.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attached {
    /// The run.
    pub run: RunId,
    /// The step.
    pub step: StepName,
    /// The attempt.
    pub attempt: u32,
}

/// What a performer reports of a step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StepReport {
    /// How it ended.
    pub outcome: Outcome,
    /// Exit code, when there is one.
    pub exit: Option<i32>,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
    /// The last lines of its output, masked and cut.
    pub output: String,
    /// Captured values.
    pub captured: BTreeMap<String, String>,
    /// Where evidence was kept.
    pub evidence: Option<String>,
}

impl StepReport {
    /// A report with an outcome and nothing else.
    pub fn of(outcome: Outcome) -> Self {
        Self {
            outcome,
            exit: None,
            took_ms: 0,
            output: String::new(),
            captured: BTreeMap::new(),
            evidence: None,
        }
    }
}

/// Why a command is not carried out; a sentence for whoever asked (house rule 9).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .said.en)]
pub struct Refusal {
    /// A short stable word for programs: `not_found`, `conflict`, `incomplete`.
    pub kind: &'static str,
    /// The sentence.
    pub said: Said,
}

impl Refusal {
    /// The thing is not there.
    pub fn not_found(ja: String, en: String) -> Self {
        Self { kind: "not_found", said: Said::new(ja, en) }
    }

    /// There is no open incident of that number.
    pub fn no_incident(id: IncidentId) -> Self {
        Self::not_found(
            format!("開いているインシデント {id} はありません"),
            format!("there is no open incident {id}"),
        )
    }

    /// Something stands against it now.
    pub fn conflict(ja: String, en: String) -> Self {
        Self { kind: "conflict", said: Said::new(ja, en) }
    }

    /// Something is missing in the command.
    /// Whoever asks may not.
    pub fn forbidden(ja: String, en: String) -> Self {
        Self { kind: "forbidden", said: Said::new(ja, en) }
    }

    /// Something is missing.
    pub fn incomplete(ja: String, en: String) -> Self {
        Self { kind: "incomplete", said: Said::new(ja, en) }
    }
}
