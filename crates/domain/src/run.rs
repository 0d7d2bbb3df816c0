//! The life of a run: its attempts, its verification, what people said about it, and what may be repeated after which
//! outcome. What it does next is in `next_move`.

use crate::{
    approval::Approval,
    condition,
    fact::{Answer, Hold, RunPlanned, StepBrief},
    ids::StepName,
    plan::{EffectKind, OnFail, Outcome, Parameter, Role},
    said::Said,
    types,
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Attempts that may be cut off before they begin; more, and something is wrong with this machine.
const CANCELLED: u32 = 5;
/// The exit code with which a probe says that a step was not applied; 75 and all others: it cannot tell.
const NOT_APPLIED: i32 = 1;
/// While waiting for readiness, the verify steps are tried this often at first, and then each time a tenth of the wait has
/// passed again: a start of a second is seen at once, one of minutes is not asked for hundreds of times.
const READINESS_POLL: SignedDuration = SignedDuration::from_millis(500);

/// A run that is not over.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// What was planned.
    pub planned: RunPlanned,
    /// When.
    pub planned_at: Timestamp,
    /// Why it waits, if it does.
    pub hold: Option<Hold>,
    /// All attempts, oldest first.
    pub attempts: Vec<Attempt>,
    /// The verification, once the response is done.
    pub verifying: Option<Verifying>,
    /// Whether a step may run, while a person is asked or has agreed.
    #[serde(default)]
    pub approval: Option<Approval>,
    /// A step whose outcome a person must tell.
    #[serde(default)]
    pub question: Option<Question>,
    /// What people said about attempts with an unknown outcome.
    #[serde(default)]
    pub answers: Vec<Answered>,
    /// What steps have given, each of its declared type.
    #[serde(default)]
    pub facts: BTreeMap<String, Parameter>,
}

/// A step whose outcome a person must tell.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Question {
    /// The step.
    pub step: StepName,
    /// The attempt.
    pub attempt: u32,
    /// When the run ends without an answer.
    pub expires_at: Timestamp,
}

/// What a person said about an attempt with an unknown outcome.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answered {
    /// The step.
    pub step: StepName,
    /// The attempt.
    pub attempt: u32,
    /// What they said.
    pub answer: Answer,
}

/// One attempt of one step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Attempt {
    /// The step.
    pub step: StepName,
    /// Its role.
    pub role: Role,
    /// Which attempt at this step, from 1.
    pub number: u32,
    /// Which round of verification; 0 before.
    pub round: u32,
    /// When it was intended.
    pub intended_at: Timestamp,
    /// When it will have been killed.
    pub deadline: Timestamp,
    /// What identifies its process.
    pub process: Option<String>,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// Exit code, when there is one.
    #[serde(default)]
    pub exit: Option<i32>,
    /// Where it kept evidence.
    #[serde(default)]
    pub evidence: Option<String>,
    /// The values that people agreed to, where they were asked.
    #[serde(default)]
    pub approved: Option<BTreeMap<String, String>>,
}

/// The rounds of verification.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Verifying {
    /// When the response was done.
    pub since: Timestamp,
    /// Its first round.
    #[serde(default = "first_round")]
    pub first: u32,
    /// The current round.
    pub round: u32,
    /// Passes in a row.
    pub passes: u32,
    /// Since when enough passes were there.
    pub steady_since: Option<Timestamp>,
    /// When the next round may start.
    pub next_at: Timestamp,
    /// The outcome of a step before is unknown.
    pub uncertain: bool,
}

fn first_round() -> u32 {
    1
}

impl Run {
    /// A run as planned.
    pub fn new(planned: RunPlanned, at: Timestamp) -> Self {
        Self {
            planned,
            planned_at: at,
            hold: None,
            attempts: Vec::new(),
            verifying: None,
            approval: None,
            question: None,
            answers: Vec::new(),
            facts: BTreeMap::new(),
        }
    }

    /// The step of an attempt.
    pub fn brief(&self, name: &StepName) -> Option<&StepBrief> {
        self.planned.steps.iter().find(|step| step.name == *name)
    }

    /// The attempt that is under way.
    pub fn unsettled(&self) -> Option<(usize, &Attempt)> {
        self.attempts.iter().enumerate().find(|(_, attempt)| attempt.outcome.is_none())
    }

    /// Whether it has begun to change its target.
    pub fn is_acting(&self) -> bool {
        self.attempts.iter().any(|attempt| attempt.role == Role::Respond)
    }

    /// Whether enough verifications have passed in a row; it may still have to stay so.
    pub fn is_verified(&self) -> bool {
        self.verifying.as_ref().is_some_and(|verifying| verifying.steady_since.is_some())
    }

    /// The number that the next attempt of a step gets.
    pub fn next_number(&self, step: &StepName) -> u32 {
        self.last(step).map_or(1, |attempt| attempt.number.saturating_add(1))
    }

    fn last(&self, step: &StepName) -> Option<&Attempt> {
        self.attempts.iter().rev().find(|attempt| attempt.step == *step)
    }

    /// The round in which an attempt made now counts.
    pub fn round(&self) -> u32 {
        self.verifying.as_ref().map_or(0, |verifying| verifying.round)
    }

    /// Notes an outcome; once every respond step is done, verification begins.
    pub fn settle(&mut self, step: &StepName, number: u32, settled: Settled, at: Timestamp) {
        let attempt = self
            .attempts
            .iter_mut()
            .find(|attempt| attempt.step == *step && attempt.number == number);
        let Some(attempt) = attempt.filter(|attempt| attempt.outcome.is_none()) else { return };
        attempt.outcome = Some(settled.outcome);
        (attempt.exit, attempt.evidence) = (settled.exit, settled.evidence);
        if attempt.role == Role::Probe && self.in_doubt().is_none() {
            // It has cleared up what became of the step: it was done, and is verified as such, or is done again.
            self.verifying = None;
        }
        self.verify_when_done(at);
    }

    /// Takes from a step's output what is declared and of its type; the rest stays text from outside.
    pub fn learn(&mut self, step: &StepName, captured: &BTreeMap<String, String>) {
        for (name, output) in self.planned.facts.iter().filter(|(_, output)| output.step == *step) {
            let read = captured.get(name).and_then(|text| types::parse(&output.kind, text).ok());
            match read.filter(|value| output.limits.check(value).is_ok()) {
                Some(value) => drop(self.facts.insert(name.clone(), value)),
                // What was known before is not known any more.
                None => drop(self.facts.remove(name)),
            }
        }
    }

    /// Whether a condition holds, as far as this run knows.
    ///
    /// # Errors
    /// It cannot be judged.
    pub fn holds(&self, condition: &str) -> Result<bool, Said> {
        let service = self.planned.target.as_str();
        let values =
            condition::Values { facts: &self.facts, params: &self.planned.parameters, service };
        condition::holds(condition, values)
    }

    /// Whether every response was passed over because its condition does not hold.
    pub(crate) fn responds_to_nothing(&self) -> bool {
        let skipped = |step: &StepBrief| {
            self.last(&step.name).is_some_and(|last| last.outcome == Some(Outcome::Skipped))
        };
        let mut steps = self.planned.steps.iter().filter(|step| step.role == Role::Respond);
        !self.planned.dry_run && steps.all(skipped)
    }

    /// Notes what a person said about an attempt whose outcome is unknown.
    pub fn answered(&mut self, answered: Answered, at: Timestamp) {
        self.question = None;
        self.hold = None;
        self.answers.push(answered);
        self.verifying = None;
        self.verify_when_done(at);
    }

    /// Rounds are counted on through the whole run, so that a later verification never takes an earlier look for its own.
    fn verify_when_done(&mut self, at: Timestamp) {
        if self.verifying.is_some() || !self.has_responded() {
            return;
        }
        let uncertain =
            self.planned.steps.iter().any(|step| self.progress(step) == Progress::Uncertain);
        let first = self.attempts.iter().map(|attempt| attempt.round).max().unwrap_or(0) + 1;
        self.verifying = Some(Verifying {
            since: at,
            first,
            round: first,
            passes: 0,
            steady_since: None,
            next_at: at,
            uncertain,
        });
    }

    /// The attempt whose outcome is in doubt: it changed something or not, and nobody could tell so far.
    pub fn in_doubt(&self) -> Option<(usize, &Attempt)> {
        let mut steps = self.planned.steps.iter().filter(|step| step.role == Role::Respond);
        let step = steps.find(|step| self.progress(step) == Progress::Uncertain)?;
        self.attempts.iter().enumerate().rev().find(|(_, attempt)| attempt.step == step.name)
    }

    /// The probe that tells whether a step was applied, and its answer to the last attempt, if it was asked.
    pub(crate) fn probe_of(&self, step: &StepName) -> Option<(usize, Option<&Attempt>)> {
        let belongs = |probe: &StepBrief| {
            probe.role == Role::Probe && probe.belongs_to.as_ref() == Some(step)
        };
        let index = self.planned.steps.iter().position(belongs)?;
        let probe = &self.planned.steps[index].name;
        let asked = self.attempts.iter().rev().take_while(|attempt| attempt.step != *step);
        Some((index, asked.into_iter().find(|attempt| attempt.step == *probe)))
    }

    fn has_responded(&self) -> bool {
        let mut responses =
            self.planned.steps.iter().filter(|step| step.role == Role::Respond).peekable();
        responses.peek().is_some()
            && responses
                .all(|step| matches!(self.progress(step), Progress::Done | Progress::Uncertain))
    }

    /// Notes a complete round.
    pub fn complete_round(&mut self, passes: u32, next_at: Timestamp, at: Timestamp) {
        let enough = passes >= self.planned.verify.passes.max(1);
        if let Some(verifying) = &mut self.verifying {
            verifying.passes = passes;
            verifying.round = verifying.round.saturating_add(1);
            verifying.next_at = next_at;
            verifying.steady_since = enough.then(|| verifying.steady_since.unwrap_or(at));
        }
    }

    /// When the round after a complete one starts, and the passes then.
    pub fn after_round(&self, passed: bool, now: Timestamp) -> (u32, Timestamp) {
        let passes = if passed {
            self.verifying.as_ref().map_or(0, |v| v.passes).saturating_add(1)
        } else {
            0
        };
        let every = self.planned.verify.every;
        let waited = self.verifying.as_ref().map(|v| now.duration_since(v.since));
        let poll = waited.map_or(READINESS_POLL, |waited| (waited / 10).max(READINESS_POLL));
        let wait = if passed { every } else { every.min(poll) };
        (passes, now.saturating_add(wait).unwrap_or(Timestamp::MAX))
    }

    pub(crate) fn progress(&self, step: &StepBrief) -> Progress {
        let Some(last) = self.last(&step.name) else { return Progress::Fresh };
        let tries = last.number;
        match (&last.outcome, step.effect) {
            (None, _) => Progress::Waiting,
            (Some(Outcome::Ok | Outcome::Skipped), _) => Progress::Done,
            (Some(Outcome::Blocked(why)), _) => Progress::Blocked(why.clone()),
            // It never began, whatever it would have done.
            (Some(Outcome::Cancelled(_)), _) if tries <= CANCELLED => Progress::Again,
            // A diagnosis that says "no" has said something; asking again brings the same.
            (Some(Outcome::Failed(_)), EffectKind::Read) if step.on_fail == OnFail::Continue => {
                Progress::Done
            }
            (Some(_), EffectKind::Read) if tries <= 2 => Progress::Again,
            (Some(_), EffectKind::Converge) if tries <= 1 => Progress::Again,
            (
                Some(Outcome::Timeout | Outcome::Unknown(_)),
                EffectKind::Once | EffectKind::Destructive,
            ) => self.clear_up(step, last),
            (Some(_), _) if step.on_fail == OnFail::Continue => Progress::Done,
            (Some(outcome), _) => {
                let became = outcome.said();
                let why = |language| format!("{}: {}", step.name, became.text(language));
                Progress::Failed(Said::each(why))
            }
        }
    }

    /// What became of an attempt with an unknown outcome: a person's word counts before that of a probe; what can lose
    /// data is never repeated on the word of a probe.
    fn clear_up(&self, step: &StepBrief, attempt: &Attempt) -> Progress {
        let said = self.answers.iter().rev();
        let mut said = said.filter(|said| said.step == step.name && said.attempt == attempt.number);
        match said.next().map(|said| said.answer) {
            Some(Answer::Done | Answer::Manual) => return Progress::Done,
            Some(Answer::Again) => return Progress::Again,
            None => {}
        }
        let probe = self.probe_of(&step.name).and_then(|(_, asked)| asked);
        match probe.and_then(|probe| Some((probe.outcome.as_ref()?, probe.exit))) {
            Some((Outcome::Ok, _)) => Progress::Done,
            Some((Outcome::Failed(_), Some(NOT_APPLIED))) if step.effect == EffectKind::Once => {
                Progress::Again
            }
            _ => Progress::Uncertain,
        }
    }
}

/// How an attempt was settled.
#[derive(Clone, Debug)]
pub struct Settled {
    /// The outcome.
    pub outcome: Outcome,
    /// Exit code, when there is one.
    pub exit: Option<i32>,
    /// Where evidence was kept.
    pub evidence: Option<String>,
}

/// How far a step is.
#[derive(Debug, PartialEq)]
pub(crate) enum Progress {
    Fresh,
    Waiting,
    Again,
    Done,
    Uncertain,
    Blocked(Said),
    Failed(Said),
}
