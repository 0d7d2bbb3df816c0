//! What a run does next: a pure function of the run and the time. Whether a step that changes something may start is not
//! decided here but in `guard`.

use crate::{
    fact::RunResult,
    plan::{EffectKind, Outcome, Role},
    run::{Progress, Run, Verifying},
    said::Said,
};
use jiff::{SignedDuration, Timestamp};

/// A performer that is silent for this long after a deadline has lost the step.
const SILENCE: SignedDuration = SignedDuration::from_secs(60);

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
    /// Nobody can tell what became of this attempt: ask a person.
    Ask(usize),
    /// It is over.
    Finish(RunResult, Said),
}

/// What the run does next.
pub fn next(run: &Run, now: Timestamp) -> Move {
    if let Some(why) = &run.planned.missing {
        return Move::Finish(RunResult::Blocked, why.clone());
    }
    if let Some((index, attempt)) = run.unsettled() {
        let lost_at = attempt.deadline.saturating_add(SILENCE).unwrap_or(Timestamp::MAX);
        return if lost_at <= now { Move::Lost(index) } else { Move::Wait(Some(lost_at)) };
    }
    if let Some(question) = &run.question {
        if now < question.expires_at {
            return Move::Wait(Some(question.expires_at));
        }
        let step = &question.step;
        let why = Said::new(
            format!("{step} の結果について回答がありませんでした"),
            format!("nobody said what became of {step}"),
        );
        return Move::Finish(RunResult::NeedsPerson, why);
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
    // Only a runbook without a response comes here.
    let result = if run.planned.dry_run { RunResult::DryRun } else { RunResult::Looked };
    Move::Finish(result, Said::default())
}

/// What hikeshi cannot do by itself is a person's; a dry run has shown all that there is.
fn handed_over(run: &Run, why: Said) -> Move {
    match run.planned.dry_run {
        true => Move::Finish(RunResult::DryRun, Said::default()),
        false => Move::Finish(RunResult::NeedsPerson, why),
    }
}

/// The target is not well and nobody knows whether the step ran: its probe is asked, then a person.
fn clear_doubt(run: &Run) -> Move {
    let Some((index, attempt)) = run.in_doubt() else {
        let why = Said::new("結果の分からない手順があります", "the outcome of a step is unknown");
        return Move::Finish(RunResult::NeedsPerson, why);
    };
    match run.probe_of(&attempt.step) {
        Some((probe, None)) => Move::Read(probe),
        _ => Move::Ask(index),
    }
}

fn next_in_verification(run: &Run, verifying: &Verifying, now: Timestamp) -> Move {
    if run.responds_to_nothing() {
        let why =
            Said::new("条件を満たす対応手順がありません", "the condition of no response holds");
        return handed_over(run, why);
    }
    let numbers = &run.planned.verify;
    let steps: Vec<_> = run
        .planned
        .steps
        .iter()
        .enumerate()
        .filter(|(_, step)| step.role == Role::Verify)
        .collect();
    if steps.is_empty() {
        return match &run.planned.undoes {
            Some(_) => Move::Finish(RunResult::Undone, Said::default()),
            None => {
                let why =
                    Said::new("手順書に確認手順がありません", "the runbook has no verification");
                handed_over(run, why)
            }
        };
    }
    if run.planned.dry_run && verifying.round > verifying.first {
        return Move::Finish(RunResult::DryRun, Said::default());
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
            return Move::Finish(result, Said::default());
        }
    } else if verifying.round > verifying.first && verifying.passes == 0 && now >= patience_ends {
        return if verifying.uncertain {
            clear_doubt(run)
        } else {
            let within = numbers.within;
            let why = Said::new(
                format!("{within:#} 以内に正常になりませんでした"),
                format!("not healthy within {within:#}"),
            );
            Move::Finish(RunResult::NotRecovered, why)
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
