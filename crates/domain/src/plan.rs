//! A runbook as typed data: what the Markdown of a team means to the engine (the parser is the room `runbook`).

use crate::{
    ids::{RuleName, RunbookName, ServiceName, StepName},
    said::Said,
    severity::Level,
    types::Limits,
};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fmt};

pub use crate::types::Parameter;

/// What a step is for; the order of the variants is the order of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Looks at what is wrong; decides nothing by itself.
    Diagnose,
    /// Keeps what a repair would destroy; runs before it (C9).
    Evidence,
    /// Repairs.
    Respond,
    /// Says whether the repair worked.
    Verify,
    /// Says whether a step whose outcome is unknown was applied.
    Probe,
    /// Takes a step back.
    Undo,
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Diagnose => "diagnose",
            Self::Evidence => "evidence",
            Self::Respond => "respond",
            Self::Verify => "verify",
            Self::Probe => "probe",
            Self::Undo => "undo",
        })
    }
}

/// What repeating a step would do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EffectKind {
    /// Changes nothing.
    Read,
    /// Repeating gives the same end state.
    Converge,
    /// Repeating may hurt: a restart.
    Once,
    /// Can lose data or a whole service; approval cannot be switched off.
    Destructive,
}

impl fmt::Display for EffectKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Read => "read",
            Self::Converge => "converge",
            Self::Once => "once",
            Self::Destructive => "destructive",
        })
    }
}

/// What happens when a step fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnFail {
    /// The run stops and is escalated.
    Stop,
    /// The run goes on; only for evidence and diagnose.
    Continue,
    /// The run stops and is escalated at once, without a verification.
    Escalate,
}

/// How the output of a step becomes typed facts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Capture {
    /// Lines of `key=value`.
    Kv,
    /// One JSON object.
    Json,
}

/// What a step does. The body is a constant: nothing is ever templated into it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Body {
    /// A script for bash, run from a file with its digest.
    Shell(String),
    /// A built-in verb with constant arguments, for example `service.restart`.
    Action {
        /// The verb.
        verb: String,
        /// Its arguments by name; `$HK_…` references are resolved by the performer, typed.
        arguments: BTreeMap<String, String>,
    },
}

impl Body {
    /// What exactly runs, for people: the script as it stands, or the verb with a line per argument.
    pub fn text(&self) -> String {
        match self {
            Self::Shell(text) => text.clone(),
            Self::Action { verb, arguments } => {
                let lines = arguments.iter().map(|(name, value)| format!("\n{name}: {value}"));
                format!("{verb}{}", lines.collect::<String>())
            }
        }
    }
}

/// What a step that only looks needs beyond looking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Need {
    /// To write files outside of its own folder.
    Files,
    /// To gain rights, as `sudo` does.
    Privileges,
}

/// One executable fence of a runbook.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Its name, unique in the file.
    pub name: StepName,
    /// What it is for.
    pub role: Role,
    /// What repeating it would do.
    pub effect: EffectKind,
    /// What it does.
    pub body: Body,
    /// Its time limit; there is no infinite.
    pub timeout: SignedDuration,
    /// The step that a probe or an undo belongs to.
    pub belongs_to: Option<StepName>,
    /// How its output is read.
    pub capture: Option<Capture>,
    /// Exit codes that count as success.
    pub ok_exit: Vec<u8>,
    /// What happens when it fails.
    pub on_fail: OnFail,
    /// Line of the fence in its file.
    pub line: u32,
    /// SHA-256 of the body in hex: what is reviewed, approved and run.
    pub digest: String,
    /// The `HK_` names that it uses.
    pub uses: Vec<String>,
    /// What it needs beyond looking, where it only looks.
    pub needs: Vec<Need>,
    /// Names of secrets that it gets in files in memory.
    #[serde(default)]
    pub secrets: Vec<String>,
}

/// Whether a runbook runs by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// A person starts it.
    Manual,
    /// It starts by itself and asks before steps that are not `read` or `converge`.
    Approve,
    /// It runs by itself, inside the guardrails.
    Auto,
}

/// When a repair counts as verified: all verify steps pass `passes` times in a row, `every` apart, then stay so for `steady`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerifyNumbers {
    /// Passes in a row.
    pub passes: u32,
    /// Time between two passes.
    pub every: SignedDuration,
    /// How long it must stay good after the passes.
    pub steady: SignedDuration,
    /// How long to wait for the first pass before the repair counts as failed (C12).
    pub within: SignedDuration,
}

impl Default for VerifyNumbers {
    fn default() -> Self {
        Self {
            passes: 3,
            every: SignedDuration::from_secs(10),
            steady: SignedDuration::from_secs(120),
            within: SignedDuration::from_secs(60),
        }
    }
}

/// Limits that hold whatever a runbook says (document B: 3 per 300 s, 30 s apart).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Guardrails {
    /// Changing attempts per target in `rate_window`.
    pub rate_limit: u32,
    /// The sliding window of the limit.
    pub rate_window: SignedDuration,
    /// Least time between two attempts on one target.
    pub rate_spacing: SignedDuration,
    /// How long a target stays latched once the limit was hit.
    pub latch: SignedDuration,
}

impl Default for Guardrails {
    fn default() -> Self {
        Self {
            rate_limit: 3,
            rate_window: SignedDuration::from_secs(300),
            rate_spacing: SignedDuration::from_secs(30),
            latch: SignedDuration::from_mins(30),
        }
    }
}

/// A value that an alert gives: a label, read as a type. What is not of it never reaches a step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Input {
    /// The declared type.
    pub kind: String,
    /// The label.
    pub label: String,
    /// What the value must also be.
    pub limits: Limits,
}

/// A value that a step gives: a line of its output, read as a type. What is not declared, or not of its type, is evidence
/// and nothing else.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Output {
    /// The step whose capture has it.
    pub step: StepName,
    /// The declared type.
    pub kind: String,
    /// What the value must also be.
    pub limits: Limits,
}

/// A whole runbook.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// The file's name without its ending.
    pub name: RunbookName,
    /// The file, as the person gave it.
    pub file: String,
    /// Its first heading.
    pub title: String,
    /// The alert that it answers.
    pub alert: RuleName,
    /// The service that it is for; none: every service with that alert.
    pub service: Option<ServiceName>,
    /// The level that the document states.
    pub level: Option<Level>,
    /// How soon somebody must respond.
    pub respond_within: Option<SignedDuration>,
    /// Who owns it.
    pub owner: Option<String>,
    /// Whether it runs by itself.
    pub mode: Mode,
    /// Version, as the document states it (A90).
    pub version: Option<String>,
    /// Who approved it (A90).
    pub approved_by: Option<String>,
    /// Day of the last review, as written.
    pub reviewed: Option<String>,
    /// Parameters that the file declares itself, as `HK_` names.
    pub parameters: BTreeMap<String, Parameter>,
    /// Values that the alert gives in its labels, by their `HK_` names.
    pub inputs: BTreeMap<String, Input>,
    /// Values that steps give, by their names in conditions.
    pub facts: BTreeMap<String, Output>,
    /// Conditions that must hold before anything is changed.
    pub guards: Vec<String>,
    /// Steps that run only when a condition holds.
    pub conditions: BTreeMap<StepName, String>,
    /// The confirmation boxes (確認項目).
    pub checklist: Vec<CheckItem>,
    /// Executable steps, in document order.
    pub steps: Vec<Step>,
    /// The verification numbers.
    pub verify: VerifyNumbers,
    /// The limits.
    pub guardrails: Guardrails,
    /// SHA-256 of the whole file in hex.
    pub digest: String,
}

/// A box of a runbook's checklist: for a person, or ticked by the step that it names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckItem {
    /// What it says.
    pub text: String,
    /// The step whose outcome answers it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<StepName>,
}

impl Plan {
    /// The steps of one role, in document order.
    pub fn steps_for(&self, role: Role) -> impl Iterator<Item = &Step> {
        self.steps.iter().filter(move |step| step.role == role)
    }

    /// One step by its name.
    pub fn step(&self, name: &StepName) -> Option<&Step> {
        self.steps.iter().find(|step| step.name == *name)
    }
}

/// How an attempt of a step ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The exit code is known and counts as success; the process tree is gone.
    Ok,
    /// It ended without success; it may have partly happened.
    Failed(Said),
    /// The time limit passed, the tree was killed and seen gone; the effect is unknown.
    Timeout,
    /// Started and not settled: hikeshi or the host went down, or the tree would not die.
    Unknown(Said),
    /// Never started: a parameter, a guard or a changed file stood in the way.
    Blocked(Said),
    /// Never started: a dry run only shows it, or its condition does not hold.
    Skipped,
    /// Never started, although it was meant to: hikeshi went down before. It may be tried anew.
    Cancelled(Said),
}

impl Outcome {
    /// Whether it succeeded.
    pub fn is_ok(&self) -> bool {
        *self == Self::Ok
    }

    /// What became of it, in a few words for people.
    pub fn said(&self) -> Said {
        let with = |ja: &str, en: &str, why: &Said| {
            Said::new(format!("{ja}: {}", why.ja), format!("{en}: {}", why.en))
        };
        match self {
            Self::Ok => Said::new("成功", "ok"),
            Self::Failed(why) => with("失敗", "failed", why),
            Self::Timeout => Said::new("時間切れ", "timeout"),
            Self::Unknown(why) => with("結果不明", "unknown", why),
            Self::Blocked(why) => with("実行せず", "blocked", why),
            Self::Skipped => Said::new("実行せず", "skipped"),
            Self::Cancelled(why) => with("開始前に中止", "cancelled", why),
        }
    }
}

/// English, for logs; people see [`Outcome::said`].
impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.said().en)
    }
}
