//! Folds what runbooks do, and what people are asked about it, into state.

use crate::{
    approval::Approval,
    fact::{
        AttemptIntended, AttemptSettled, Fact, Hold, QuestionAnswered, QuestionAsked, RunPlanned,
        RunResult,
    },
    guard::Stopped,
    ids::{Actor, IncidentId, RunId, ServiceName},
    run::{Answered, Attempt, Question, Run, Settled},
    state::{Rehearsal, State},
};
use jiff::Timestamp;

/// Changes that are remembered per target: more than any window counts.
const REMEMBERED: usize = 64;

impl State {
    pub(crate) fn apply_run(&mut self, fact: &Fact, at: Timestamp) {
        match fact {
            Fact::RunPlanned(planned) => self.planned(planned, at),
            Fact::RunHeld { run, reason, .. } => {
                self.with_run(*run, |run| run.hold = Some(reason.clone()))
            }
            Fact::AttemptIntended(AttemptIntended {
                run,
                target,
                step,
                role,
                attempt,
                changes,
                deadline,
            }) => {
                if *changes {
                    self.changed(target, at);
                    self.remember_values(*run, target);
                }
                self.with_run(*run, |run| {
                    run.hold = None;
                    // An approval counts for one attempt.
                    let approval = if *changes { run.approval.take() } else { None };
                    run.attempts.push(Attempt {
                        step: step.clone(),
                        role: *role,
                        number: *attempt,
                        round: run.round(),
                        intended_at: at,
                        deadline: *deadline,
                        process: None,
                        outcome: None,
                        exit: None,
                        evidence: None,
                        approved: approval.map(|approval| approval.asked.values),
                    });
                });
            }
            Fact::AttemptStarted { run, step, attempt, process } => self.with_run(*run, |run| {
                let open =
                    run.attempts.iter_mut().find(|a| a.step == *step && a.number == *attempt);
                if let Some(open) = open {
                    open.process.clone_from(process);
                }
            }),
            Fact::AttemptSettled(AttemptSettled {
                run,
                step,
                attempt,
                outcome,
                exit,
                evidence,
                captured,
                ..
            }) => {
                let settled =
                    Settled { outcome: outcome.clone(), exit: *exit, evidence: evidence.clone() };
                self.with_run(*run, |run| {
                    run.learn(step, captured);
                    run.settle(step, *attempt, settled, at);
                });
            }
            Fact::RoundVerified { run, passes, next_at, .. } => {
                self.with_run(*run, |run| run.complete_round(*passes, *next_at, at));
            }
            Fact::RunFinished { run, target, result, reason } => {
                if *result == RunResult::DryRun && reason.is_empty() {
                    self.rehearsed(*run, at);
                }
                self.finished(*run, target, *result, at)
            }
            Fact::TargetLatched { target, until, .. } => {
                self.targets.entry(target.clone()).or_default().latched_until = Some(*until);
            }
            Fact::TargetReleased { target, .. } => {
                self.targets.entry(target.clone()).or_default().latched_until = None;
                self.alerts.change_all_of(target, |alert| alert.fruitless = 0);
            }
            Fact::AutomationStopped { reason, by, until } => {
                let (reason, by) = (reason.clone(), by.clone());
                self.stopped = Some(Stopped { reason, by, since: at, until: *until });
            }
            Fact::AutomationResumed { .. } => self.stopped = None,
            fact => self.apply_answer(fact, at),
        }
    }

    /// What people are asked about a run, and what they say.
    fn apply_answer(&mut self, fact: &Fact, at: Timestamp) {
        match fact {
            Fact::ApprovalAsked(asked) => {
                self.last.approval = self.last.approval.max(asked.id.0);
                self.with_run(asked.run, |run| {
                    run.hold = Some(Hold::Approval(asked.id));
                    run.approval = Some(Approval::new((**asked).clone()));
                });
            }
            Fact::ApprovalGiven { run, by, expires_at, .. } => self.with_run(*run, |run| {
                if let Some(approval) = &mut run.approval {
                    approval.given.push(by.clone());
                    approval.expires_at = *expires_at;
                }
            }),
            Fact::ApprovalEnded { run, .. } => self.with_run(*run, |run| run.approval = None),
            Fact::QuestionAsked(QuestionAsked { run, step, attempt, expires_at, .. }) => {
                self.hand_over(*run);
                self.with_run(*run, |run| {
                    run.hold = Some(Hold::Question(step.clone()));
                    run.question = Some(Question {
                        step: step.clone(),
                        attempt: *attempt,
                        expires_at: *expires_at,
                    });
                });
            }
            Fact::QuestionAnswered(QuestionAnswered { run, step, attempt, answer, .. }) => {
                let (step, attempt, answer) = (step.clone(), *attempt, *answer);
                self.with_run(*run, |run| run.answered(Answered { step, attempt, answer }, at));
            }
            _ => {}
        }
    }

    fn planned(&mut self, planned: &RunPlanned, at: Timestamp) {
        self.last.run = self.last.run.max(planned.id.0);
        self.runs.insert(planned.id, Run::new(planned.clone(), at));
    }

    fn with_run(&mut self, id: RunId, change: impl FnOnce(&mut Run)) {
        if let Some(run) = self.runs.get_mut(&id) {
            change(run);
        }
    }

    fn changed(&mut self, target: &ServiceName, at: Timestamp) {
        let changes = &mut self.targets.entry(target.clone()).or_default().changes;
        changes.push_back(at);
        while changes.len() > REMEMBERED {
            changes.pop_front();
        }
    }

    fn remember_values(&mut self, run: RunId, target: &ServiceName) {
        let Some(planned) = self.runs.get(&run).map(|run| &run.planned) else { return };
        if !planned.parameters.is_empty() {
            let given = &mut self.targets.entry(target.clone()).or_default().given;
            given.insert(planned.runbook.clone(), planned.parameters.clone());
        }
    }

    fn finished(&mut self, run: RunId, target: &ServiceName, result: RunResult, at: Timestamp) {
        let Some(run) = self.runs.remove(&run) else { return };
        if !run.planned.dry_run {
            self.targets.entry(target.clone()).or_default().finished_at = Some(at);
        }
        if let Some(alert) = run.planned.alert.as_ref().filter(|_| !run.planned.dry_run) {
            let by_itself = run.planned.by == Actor::Hikeshi;
            self.alerts.change(alert, |alert| {
                alert.looked |= result == RunResult::Looked;
                alert.fruitless += u32::from(by_itself && !result.is_good());
            });
        }
        if !result.is_good() && result != RunResult::NotRecovered {
            self.handed_over(run.planned.incident);
        }
    }

    fn rehearsed(&mut self, run: RunId, at: Timestamp) {
        let Some(planned) = self.runs.get(&run).map(|run| &run.planned) else { return };
        let rehearsal = Rehearsal {
            target: planned.target.clone(),
            digests: planned.steps.iter().map(|step| step.digest.clone()).collect(),
            by: planned.by.clone(),
            at,
        };
        self.rehearsals.insert(planned.runbook.clone(), rehearsal);
    }

    fn hand_over(&mut self, run: RunId) {
        self.handed_over(self.runs.get(&run).and_then(|run| run.planned.incident));
    }

    /// Automation has nothing more to offer: people must go on.
    fn handed_over(&mut self, incident: Option<IncidentId>) {
        if let Some(incident) = incident.and_then(|id| self.incidents.get_mut(&id)) {
            incident.handed_over = true;
        }
    }
}
