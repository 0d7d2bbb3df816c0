//! What the facts about runs and approvals carry: plain data, journaled as JSON like the facts themselves.

use crate::{
    ids::{Actor, AlertKey, ApprovalId, IncidentId, RunId, RunbookName, ServiceName, StepName},
    plan::{CheckItem, EffectKind, Guardrails, OnFail, Output, Parameter, Role, VerifyNumbers},
    said::Said,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// See [`Fact::RunPlanned`](crate::fact::Fact::RunPlanned).
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

/// See [`Fact::ApprovalAsked`](crate::fact::Fact::ApprovalAsked): this body, with these values, on this target.
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
