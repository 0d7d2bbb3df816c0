//! Performs steps: from owed work to the runbook room, and its report back to the engine.

use crate::clock;
use domain::{
    command::{Attached, Command, StepReport},
    plan::{Outcome, Step},
    policy::Policy,
    said::Said,
};
use engine::{Core, Engine, work::StepWork};
use jiff::Timestamp;
use journal::SqliteJournal;
use runbook::{Job, Performer, recorder};
use std::{sync::Arc, time::Duration};
use tokio::time::Instant;

/// An attempt that was under way when hikeshi went down.
pub struct Outlived {
    /// Which.
    pub name: Attached,
    /// Its step.
    pub step: Step,
    /// When it is killed.
    pub deadline: Timestamp,
}

/// Attempts that were under way when hikeshi went down: those with a recorder, which are waited for, and the identities
/// of the others.
pub fn unsettled(core: &Core<SqliteJournal>, policy: &Policy) -> (Vec<Outlived>, Vec<String>) {
    let (mut attached, mut lost) = (Vec::new(), Vec::new());
    for run in core.state().runs.values() {
        let Some((_, attempt)) = run.unsettled() else { continue };
        let plan = policy.plan(&run.planned.runbook);
        let step = plan.and_then(|plan| plan.step(&attempt.step));
        match step.filter(|step| recorder::is_recorded(step)) {
            Some(step) => attached.push(Outlived {
                name: Attached {
                    run: run.planned.id,
                    step: attempt.step.clone(),
                    attempt: attempt.number,
                },
                step: step.clone(),
                deadline: attempt.deadline,
            }),
            None => lost.extend(attempt.process.clone()),
        }
    }
    (attached, lost)
}

/// What is left of steps that nobody waits for is ended before anything new starts; their outcome is unknown.
pub async fn end_leftovers(lost: &[String]) {
    for process in lost {
        if let Err(error) = runbook::reap(process).await {
            tracing::error!("{}", error.en);
        }
    }
}

/// Waits for an attempt that outlived hikeshi, and reports.
pub async fn attach(one: Outlived, performer: Arc<Performer>, engine: Engine) {
    let Attached { run, step, attempt } = one.name;
    let deadline = Instant::now() + left(one.deadline);
    let report = performer.attach(run, &one.step, attempt, deadline).await;
    engine.send(Command::StepSettled { run, step, attempt, report });
}

fn left(deadline: Timestamp) -> Duration {
    Duration::try_from(deadline.duration_since(clock::now())).unwrap_or_default()
}

/// Performs one step and reports.
pub async fn perform(
    work: StepWork,
    policy: Arc<Policy>,
    performer: Arc<Performer>,
    engine: Engine,
) {
    let (run, step, attempt) = (work.planned.id, work.step.clone(), work.attempt);
    let report = report(&work, &policy, &performer, &engine).await;
    engine.send(Command::StepSettled { run, step, attempt, report });
}

async fn report(
    work: &StepWork,
    policy: &Policy,
    performer: &Performer,
    engine: &Engine,
) -> StepReport {
    let blocked = |ja: String, en: String| {
        let why = Said::new(ja, en);
        StepReport { output: why.en.clone(), ..StepReport::of(Outcome::Blocked(why)) }
    };
    let Some(brief) = work.planned.steps.iter().find(|step| step.name == work.step) else {
        return blocked(
            format!("この実行に手順 `{}` はありません", work.step),
            format!("the run has no step `{}`", work.step),
        );
    };
    let Some(plan) = policy.plan(&work.planned.runbook) else {
        return blocked(
            format!("手順書 `{}` はもう設定にありません", work.planned.runbook),
            format!("the runbook `{}` is not in the configuration any more", work.planned.runbook),
        );
    };
    let Some(step) = plan.step(&work.step) else {
        return blocked(
            format!("手順書 `{}` に手順 `{}` はもうありません", plan.name, work.step),
            format!("the runbook `{}` has no step `{}` any more", plan.name, work.step),
        );
    };
    let Some(service) = policy.graph.get(&work.planned.target) else {
        return blocked(
            format!("サービス `{}` はもう設定にありません", work.planned.target),
            format!("the service `{}` is not in the configuration any more", work.planned.target),
        );
    };
    let job = Job {
        plan,
        step,
        service,
        graph: &policy.graph,
        approved_digest: &brief.digest,
        given: &work.planned.parameters,
        approved_values: work.approved.as_ref(),
        run: work.planned.id,
        by: &work.planned.by,
        attempt: work.attempt,
        incident: work.incident,
        deadline: Instant::now() + left(work.deadline),
    };
    let (run, name, attempt) = (work.planned.id, work.step.clone(), work.attempt);
    let started = |process| engine.send(Command::StepStarted { run, step: name, attempt, process });
    performer.perform(job, started).await
}
