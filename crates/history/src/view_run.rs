//! One run of a runbook: what was planned, every attempt of every step, how it ended.

use domain::{
    fact::{
        AttemptIntended, AttemptSettled, CheckResult, Fact, Hold, QuestionAsked, RunPlanned,
        RunResult,
    },
    ids::{Actor, AlertKey, IncidentId, RunId, RunbookName, ServiceName, StepName},
    plan::{CheckItem, Outcome, Role},
    said::Said,
    tell::tell,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// One run of a runbook.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RunView {
    /// Its number.
    #[schema(value_type = u64)]
    pub run: RunId,
    /// The runbook.
    #[schema(value_type = String)]
    pub runbook: RunbookName,
    /// The runbook's version (A90).
    pub version: Option<String>,
    /// Who approved the runbook (A90).
    pub approved_by: Option<String>,
    /// Digest of the file that ran.
    pub digest: String,
    /// What it worked on.
    #[schema(value_type = String)]
    pub target: ServiceName,
    /// The alert that it answered.
    #[schema(value_type = Option<String>)]
    pub alert: Option<AlertKey>,
    /// The incident that it served.
    #[schema(value_type = Option<u64>)]
    pub incident: Option<IncidentId>,
    /// Who started it.
    #[schema(value_type = crate::shape::ActorShape)]
    pub by: Actor,
    /// Whether it only showed what it would do.
    pub dry_run: bool,
    /// When it was planned.
    #[schema(value_type = String, format = DateTime)]
    pub planned_at: Timestamp,
    /// When it was over; none: it is under way.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub finished_at: Option<Timestamp>,
    /// How it ended; none: it is under way.
    #[schema(value_type = Option<String>)]
    pub result: Option<RunResult>,
    /// Why, where that needs words.
    #[schema(value_type = crate::shape::SaidShape)]
    pub reason: Said,
    /// Why it waits now.
    #[schema(value_type = Option<serde_json::Value>)]
    pub hold: Option<Hold>,
    /// What people were asked and said, each in a sentence, oldest first.
    #[serde(default)]
    #[schema(value_type = Vec<crate::shape::SaidShape>)]
    pub answers: Vec<Said>,
    /// Verifications in a row that passed, as of the last round.
    pub passes: u32,
    /// Every attempt of every step, oldest first.
    pub steps: Vec<StepView>,
    /// The boxes of the runbook's checklist.
    #[serde(default)]
    pub checklist: Vec<ItemView>,
}

/// A box of the runbook's checklist.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ItemView {
    /// What it says, and the step that answers it.
    #[serde(flatten)]
    #[schema(value_type = crate::shape::Open)]
    pub item: CheckItem,
    /// What the last attempt of that step says; none: it has not run, or the box is for a person.
    #[schema(value_type = Option<String>)]
    pub result: Option<CheckResult>,
}

/// One attempt of a step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct StepView {
    /// The step.
    #[schema(value_type = String)]
    pub step: StepName,
    /// What it is for.
    #[schema(value_type = String)]
    pub role: Role,
    /// Which attempt, from 1.
    pub attempt: u32,
    /// Whether it changes something.
    pub changes: bool,
    /// When it was about to start.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// What identified its process; none for built-in verbs.
    pub process: Option<String>,
    /// How it ended; none: it is under way, or nobody knows yet.
    #[schema(value_type = Option<serde_json::Value>)]
    pub outcome: Option<Outcome>,
    /// Exit code, when there is one.
    pub exit: Option<i32>,
    /// How long it took, in milliseconds.
    pub took_ms: Option<u64>,
    /// The last lines of its output; text from outside.
    pub output: String,
    /// Captured values.
    pub captured: BTreeMap<String, String>,
    /// Where evidence was kept.
    pub evidence: Option<String>,
}

impl RunView {
    pub(crate) fn planned(planned: &RunPlanned, at: Timestamp) -> Self {
        Self {
            run: planned.id,
            runbook: planned.runbook.clone(),
            version: planned.version.clone(),
            approved_by: planned.approved_by.clone(),
            digest: planned.digest.clone(),
            target: planned.target.clone(),
            alert: planned.alert.clone(),
            incident: planned.incident,
            by: planned.by.clone(),
            dry_run: planned.dry_run,
            planned_at: at,
            finished_at: None,
            result: None,
            reason: Said::default(),
            hold: None,
            answers: Vec::new(),
            passes: 0,
            steps: Vec::new(),
            checklist: planned
                .checklist
                .iter()
                .map(|item| ItemView { item: item.clone(), result: None })
                .collect(),
        }
    }

    /// Follows a fact about this run.
    pub(crate) fn follow(&mut self, fact: &Fact, at: Timestamp) {
        match fact {
            Fact::RunHeld { reason, .. } => self.hold = Some(reason.clone()),
            Fact::ApprovalAsked(asked) => {
                self.hold = Some(Hold::Approval(asked.id));
                self.answers.push(tell(fact));
            }
            Fact::QuestionAsked(QuestionAsked { step, .. }) => {
                self.hold = Some(Hold::Question(step.clone()));
                self.answers.push(tell(fact));
            }
            Fact::QuestionAnswered(_) | Fact::ApprovalGiven { .. } | Fact::ApprovalEnded { .. } => {
                self.answers.push(tell(fact));
            }
            Fact::AttemptIntended(AttemptIntended { step, role, attempt, changes, .. }) => {
                self.hold = None;
                self.steps.push(StepView {
                    step: step.clone(),
                    role: *role,
                    attempt: *attempt,
                    changes: *changes,
                    at,
                    process: None,
                    outcome: None,
                    exit: None,
                    took_ms: None,
                    output: String::new(),
                    captured: BTreeMap::new(),
                    evidence: None,
                });
            }
            Fact::AttemptStarted { step, attempt, process, .. } => {
                if let Some(open) = self.attempt(step, *attempt) {
                    open.process.clone_from(process);
                }
            }
            Fact::AttemptSettled(AttemptSettled { step, attempt, outcome, .. }) => {
                let own =
                    self.checklist.iter_mut().filter(|it| it.item.step.as_ref() == Some(step));
                own.for_each(|it| it.result = answer(outcome).or(it.result));
                if let Some(open) = self.attempt(step, *attempt) {
                    open.settle(fact);
                }
            }
            Fact::RoundVerified { passes, .. } => self.passes = *passes,
            Fact::RunFinished { result, reason, .. } => {
                (self.finished_at, self.result) = (Some(at), Some(*result));
                self.reason.clone_from(reason);
                self.hold = None;
            }
            _ => {}
        }
    }

    fn attempt(&mut self, step: &StepName, number: u32) -> Option<&mut StepView> {
        self.steps.iter_mut().rev().find(|view| view.step == *step && view.attempt == number)
    }
}

/// What an attempt says to the box that names its step: nothing, when it did not run.
fn answer(outcome: &Outcome) -> Option<CheckResult> {
    match outcome {
        Outcome::Ok => Some(CheckResult::Pass),
        Outcome::Failed(_) | Outcome::Timeout => Some(CheckResult::Fail),
        Outcome::Unknown(_) => Some(CheckResult::Unknown),
        Outcome::Skipped | Outcome::Blocked(_) | Outcome::Cancelled(_) => None,
    }
}

impl StepView {
    fn settle(&mut self, fact: &Fact) {
        let Fact::AttemptSettled(AttemptSettled {
            outcome,
            exit,
            took_ms,
            output,
            captured,
            evidence,
            ..
        }) = fact
        else {
            return;
        };
        (self.outcome, self.exit, self.took_ms) = (Some(outcome.clone()), *exit, Some(*took_ms));
        self.output.clone_from(output);
        self.captured.clone_from(captured);
        self.evidence.clone_from(evidence);
    }
}
