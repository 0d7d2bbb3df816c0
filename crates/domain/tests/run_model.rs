//! The life of a run against a small model, written down once more and apart: what may be repeated after which outcome.
//!
//! The table is that of the specification ("failed", "timeout, unknown" by effect). The model knows a respond step with a
//! probe and a verification; the run is driven by the same outcomes and must do the same things in the same order.

use domain::{
    fact::{Answer, RunPlanned, RunResult, StepBrief},
    ids::{Actor, RunId},
    next_move::{self, Move},
    plan::{EffectKind, Guardrails, OnFail, Outcome, Role, VerifyNumbers},
    run::{Answered, Attempt, Question, Run, Settled},
};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

/// What was done, in order.
#[derive(Clone, Debug, PartialEq)]
enum Deed {
    Respond,
    Probe,
    Ask,
    End(RunResult),
}

/// What the world answers.
#[derive(Clone, Debug)]
struct Answers {
    /// To each attempt of the respond step.
    responds: Vec<End>,
    /// Whether each verification is good in the end.
    verifies: Vec<bool>,
    /// To each probe: 0 applied, 1 not applied, else it cannot tell.
    probes: Vec<i32>,
    /// To each question.
    people: Vec<Answer>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum End {
    Ok,
    Failed,
    Timeout,
    Unknown,
}

/// An endless supply: the last answer is given for ever.
fn take<T: Clone>(from: &[T], index: &mut usize) -> T {
    let found = from[(*index).min(from.len() - 1)].clone();
    *index += 1;
    found
}

/// The specification's table.
fn model(effect: EffectKind, answers: &Answers) -> Vec<Deed> {
    let (mut r, mut v, mut p, mut q) = (0, 0, 0, 0);
    let (mut deeds, mut tries) = (Vec::new(), 0);
    'attempt: loop {
        deeds.push(Deed::Respond);
        tries += 1;
        let dangerous = matches!(effect, EffectKind::Once | EffectKind::Destructive);
        let mut doubt = false;
        match take(&answers.responds, &mut r) {
            End::Ok => {}
            End::Failed if dangerous => break deeds.push(Deed::End(RunResult::Failed)),
            End::Timeout | End::Unknown if dangerous => doubt = true,
            // One more try.
            _ if tries <= 1 => continue 'attempt,
            _ => break deeds.push(Deed::End(RunResult::Failed)),
        }
        loop {
            if take(&answers.verifies, &mut v) {
                let end = if doubt { RunResult::RecoveredUncertain } else { RunResult::Recovered };
                deeds.push(Deed::End(end));
                break 'attempt;
            }
            if !doubt {
                deeds.push(Deed::End(RunResult::NotRecovered));
                break 'attempt;
            }
            deeds.push(Deed::Probe);
            match take(&answers.probes, &mut p) {
                0 => doubt = false,
                1 if effect == EffectKind::Once => continue 'attempt,
                _ => {
                    deeds.push(Deed::Ask);
                    match take(&answers.people, &mut q) {
                        Answer::Done => doubt = false,
                        Answer::Again => continue 'attempt,
                        Answer::Manual => {
                            deeds.push(Deed::End(RunResult::TakenOver));
                            break 'attempt;
                        }
                    }
                }
            }
        }
    }
    deeds
}

/// Drives a run with the same answers, as the engine does.
fn drive(effect: EffectKind, answers: &Answers, limit: usize) -> Vec<Deed> {
    let mut run = Run::new(planned(effect), Timestamp::UNIX_EPOCH);
    let mut now = Timestamp::UNIX_EPOCH;
    let (mut r, mut v, mut p, mut q) = (0, 0, 0, 0);
    let (mut deeds, mut is_good): (Vec<Deed>, Option<bool>) = (Vec::new(), None);
    let mut verified_since = None;
    while deeds.len() < limit {
        let since = run.verifying.as_ref().map(|verifying| verifying.since);
        if since != verified_since {
            verified_since = since;
            is_good = since.map(|_| take(&answers.verifies, &mut v));
        }
        match next_move::next(&run, now) {
            Move::Wait(until) => now = until.expect("somebody reports at once"),
            Move::Read(index) | Move::Change(index) => {
                let step = run.planned.steps[index].clone();
                let (outcome, exit) = match step.role {
                    Role::Verify if is_good == Some(true) => (Outcome::Ok, Some(0)),
                    Role::Verify => (Outcome::Failed("exit code 7".into()), Some(7)),
                    Role::Probe => {
                        deeds.push(Deed::Probe);
                        match take(&answers.probes, &mut p) {
                            0 => (Outcome::Ok, Some(0)),
                            code => {
                                (Outcome::Failed(format!("exit code {code}").into()), Some(code))
                            }
                        }
                    }
                    _ => {
                        deeds.push(Deed::Respond);
                        match take(&answers.responds, &mut r) {
                            End::Ok => (Outcome::Ok, Some(0)),
                            End::Failed => (Outcome::Failed("exit code 1".into()), Some(1)),
                            End::Timeout => (Outcome::Timeout, None),
                            End::Unknown => (Outcome::Unknown("killed".into()), None),
                        }
                    }
                };
                attempt(&mut run, &step, Settled { outcome, exit, evidence: None }, now);
            }
            Move::Round { passed } => {
                let (passes, next_at) = run.after_round(passed, now);
                run.complete_round(passes, next_at, now);
            }
            Move::Ask(index) => {
                deeds.push(Deed::Ask);
                let asked = run.attempts[index].clone();
                let (step, attempt) = (asked.step.clone(), asked.number);
                run.question = Some(Question { step, attempt, expires_at: Timestamp::MAX });
                let answer = take(&answers.people, &mut q);
                if answer == Answer::Manual {
                    deeds.push(Deed::End(RunResult::TakenOver));
                    break;
                }
                run.answered(Answered { step: asked.step, attempt: asked.number, answer }, now);
            }
            Move::Finish(result, _) => {
                deeds.push(Deed::End(result));
                break;
            }
            Move::Lost(_) => unreachable!("every attempt is settled at once"),
        }
        now += SignedDuration::from_millis(100);
    }
    deeds
}

fn attempt(run: &mut Run, step: &StepBrief, settled: Settled, now: Timestamp) {
    let number = run.next_number(&step.name);
    run.attempts.push(Attempt {
        step: step.name.clone(),
        role: step.role,
        number,
        round: run.round(),
        intended_at: now,
        deadline: now,
        process: None,
        outcome: None,
        exit: None,
        evidence: None,
        approved: None,
    });
    run.settle(&step.name, number, settled, now);
}

fn planned(effect: EffectKind) -> RunPlanned {
    let step = |name: &str, role, effect| StepBrief {
        name: name.into(),
        role,
        effect,
        timeout_ms: 1000,
        on_fail: OnFail::Stop,
        digest: String::new(),
        belongs_to: (role == Role::Probe).then(|| "repair".into()),
        condition: None,
    };
    RunPlanned {
        id: RunId(1),
        runbook: "model".into(),
        version: None,
        approved_by: None,
        digest: String::new(),
        target: "web".into(),
        alert: None,
        incident: None,
        by: Actor::Hikeshi,
        dry_run: false,
        automatic: true,
        steps: vec![
            step("repair", Role::Respond, effect),
            step("was-done", Role::Probe, EffectKind::Read),
            step("health", Role::Verify, EffectKind::Read),
        ],
        verify: VerifyNumbers::default(),
        guardrails: Guardrails::default(),
        parameters: Default::default(),
        facts: Default::default(),
        guards: Vec::new(),
        checklist: Vec::new(),
        missing: None,
        undoes: None,
    }
}

fn ends() -> impl Strategy<Value = Answers> {
    let end = prop_oneof![Just(End::Ok), Just(End::Failed), Just(End::Timeout), Just(End::Unknown)];
    let word = prop_oneof![Just(Answer::Done), Just(Answer::Again), Just(Answer::Manual)];
    (
        prop::collection::vec(end, 1..4),
        prop::collection::vec(any::<bool>(), 1..4),
        prop::collection::vec(prop_oneof![Just(0), Just(1), Just(75)], 1..4),
        prop::collection::vec(word, 1..4),
    )
        .prop_map(|(responds, verifies, probes, mut people)| {
            // Sooner or later somebody takes over; else a story could go on for ever.
            people.push(Answer::Manual);
            Answers { responds, verifies, probes, people }
        })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_run_does_what_the_table_says(answers in ends(), kind in 0..3_usize) {
        let effect = [EffectKind::Converge, EffectKind::Once, EffectKind::Destructive][kind];
        // A probe that always says "not applied" lets a restart begin again; its rate is for the guardrails.
        let forever = effect == EffectKind::Once && answers.probes.last() == Some(&1);
        prop_assume!(!forever);
        let expected = model(effect, &answers);
        prop_assert_eq!(drive(effect, &answers, 100), expected);
    }
}
