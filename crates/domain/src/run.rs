//! The life of a run: diagnose, evidence, respond, verify, and what may be repeated after which outcome.
//!
//! [`next`] is a pure function of the run and the time. Whether a step that changes something may start is
//! not decided here but in `guard`.

use crate::{
    fact::{Hold, RunPlanned, RunResult, StepBrief},
    ids::StepName,
    plan::{EffectKind, OnFail, Outcome, Role},
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// A performer that is silent for this long after a deadline has lost the step.
const SILENCE: SignedDuration = SignedDuration::from_secs(60);
/// While waiting for readiness, the verify steps are tried at least this often.
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
}

/// The rounds of verification.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Verifying {
    /// When the response was done.
    pub since: Timestamp,
    /// The current round, from 1.
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

/// What a run does next.
#[derive(Clone, Debug, PartialEq)]
pub enum Move {
    /// Nothing before this time; none: until somebody reports.
    Wait(Option<Timestamp>),
    /// Start this step; it changes nothing.
    Read(usize),
    /// Start this step if the guardrails allow it.
    Change(usize),
    /// The performer is silent: settle this attempt as unknown.
    Lost(usize),
    /// A round is complete.
    Round {
        /// Whether all steps passed.
        passed: bool,
    },
    /// It is over.
    Finish(RunResult, String),
}

impl Run {
    /// A run as planned.
    pub fn new(planned: RunPlanned, at: Timestamp) -> Self {
        Self { planned, planned_at: at, hold: None, attempts: Vec::new(), verifying: None }
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
    pub fn settle(&mut self, step: &StepName, number: u32, outcome: Outcome, at: Timestamp) {
        let attempt = self
            .attempts
            .iter_mut()
            .find(|attempt| attempt.step == *step && attempt.number == number);
        if let Some(attempt) = attempt {
            attempt.outcome.get_or_insert(outcome);
        }
        if self.verifying.is_none() && self.has_responded() {
            let uncertain =
                self.planned.steps.iter().any(|step| self.progress(step) == Progress::Uncertain);
            self.verifying = Some(Verifying {
                since: at,
                round: 1,
                passes: 0,
                steady_since: None,
                next_at: at,
                uncertain,
            });
        }
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
        let wait = if passed { every } else { every.min(READINESS_POLL) };
        (passes, now.saturating_add(wait).unwrap_or(Timestamp::MAX))
    }

    fn progress(&self, step: &StepBrief) -> Progress {
        let Some(last) = self.last(&step.name) else { return Progress::Fresh };
        let tries = last.number;
        match (&last.outcome, step.effect) {
            (None, _) => Progress::Waiting,
            (Some(Outcome::Ok | Outcome::Skipped), _) => Progress::Done,
            (Some(Outcome::Blocked(why)), _) => Progress::Blocked(why.clone()),
            // A diagnosis that says "no" has said something; asking again brings the same.
            (Some(Outcome::Failed(_)), EffectKind::Read) if step.on_fail == OnFail::Continue => {
                Progress::Done
            }
            (Some(_), EffectKind::Read) if tries <= 2 => Progress::Again,
            (Some(_), EffectKind::Converge) if tries <= 1 => Progress::Again,
            (
                Some(Outcome::Timeout | Outcome::Unknown(_)),
                EffectKind::Once | EffectKind::Destructive,
            ) => Progress::Uncertain,
            (Some(_), _) if step.on_fail == OnFail::Continue => Progress::Done,
            (Some(outcome), _) => Progress::Failed(format!("{}: {outcome}", step.name)),
        }
    }
}

#[derive(Debug, PartialEq)]
enum Progress {
    Fresh,
    Waiting,
    Again,
    Done,
    Uncertain,
    Blocked(String),
    Failed(String),
}

/// What the run does next.
pub fn next(run: &Run, now: Timestamp) -> Move {
    if let Some((index, attempt)) = run.unsettled() {
        let lost_at = attempt.deadline.saturating_add(SILENCE).unwrap_or(Timestamp::MAX);
        return if lost_at <= now { Move::Lost(index) } else { Move::Wait(Some(lost_at)) };
    }
    match &run.verifying {
        Some(verifying) => next_in_verification(run, verifying, now),
        None => next_before_verification(run),
    }
}

fn next_before_verification(run: &Run) -> Move {
    let mut order: Vec<_> = run
        .planned
        .steps
        .iter()
        .enumerate()
        .filter(|(_, step)| step.role <= Role::Respond)
        .collect();
    order.sort_by_key(|(_, step)| step.role);
    for (index, step) in order {
        match run.progress(step) {
            Progress::Done | Progress::Uncertain => {}
            Progress::Waiting => return Move::Wait(None),
            Progress::Blocked(why) => return Move::Finish(RunResult::Blocked, why),
            Progress::Failed(why) => return Move::Finish(RunResult::Failed, why),
            Progress::Fresh | Progress::Again if step.effect == EffectKind::Read => {
                return Move::Read(index);
            }
            Progress::Fresh | Progress::Again => return Move::Change(index),
        }
    }
    // Only a runbook without a response comes here: it looked, kept evidence, and hands over.
    Move::Finish(RunResult::NeedsPerson, "the runbook has no automatic response".into())
}

fn next_in_verification(run: &Run, verifying: &Verifying, now: Timestamp) -> Move {
    let numbers = &run.planned.verify;
    let steps: Vec<_> = run
        .planned
        .steps
        .iter()
        .enumerate()
        .filter(|(_, step)| step.role == Role::Verify)
        .collect();
    if steps.is_empty() {
        return Move::Finish(RunResult::NeedsPerson, "the runbook has no verification".into());
    }
    if run.planned.dry_run && verifying.round > 1 {
        return Move::Finish(RunResult::DryRun, String::new());
    }
    let patience_ends = verifying.since.saturating_add(numbers.within).unwrap_or(Timestamp::MAX);
    if let Some(steady) = verifying.steady_since {
        let last_round = run.attempts.last().map_or(verifying.since, |attempt| attempt.intended_at);
        if last_round.duration_since(steady) >= numbers.steady || numbers.steady.is_zero() {
            let result = if verifying.uncertain {
                RunResult::RecoveredUncertain
            } else {
                RunResult::Recovered
            };
            return Move::Finish(result, String::new());
        }
    } else if verifying.round > 1 && verifying.passes == 0 && now >= patience_ends {
        return if verifying.uncertain {
            Move::Finish(
                RunResult::NeedsPerson,
                "the outcome of a step is unknown and the target is not well".into(),
            )
        } else {
            Move::Finish(
                RunResult::NotRecovered,
                format!("not healthy within {:#}", numbers.within),
            )
        };
    }
    if now < verifying.next_at {
        return Move::Wait(Some(verifying.next_at));
    }
    for (index, step) in steps {
        let in_round =
            run.attempts.iter().rev().find(|a| a.step == step.name && a.round == verifying.round);
        match in_round.map(|attempt| &attempt.outcome) {
            None => return Move::Read(index),
            Some(Some(Outcome::Ok)) => {}
            Some(_) => return Move::Round { passed: false },
        }
    }
    Move::Round { passed: true }
}
