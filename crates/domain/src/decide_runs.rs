//! What people and performers ask of runs: start, approve, answer, end, undo; stop and resume automation.

use crate::{
    advance_runs::{self, Ask},
    alert::Alert,
    approval::ANSWER_WITHIN,
    command::{Command, Refusal, StepReport},
    fact::{Answer, ApprovalEnd, AttemptSettled, Fact, QuestionAnswered, RunResult},
    ids::{Actor, ApprovalId, RunId, RunbookName, ServiceName, StepName},
    plan::{Mode, Outcome, Plan, Role},
    run::{Question, Run},
    said::Said,
    world::World,
};
use jiff::SignedDuration;

/// Decides a command about runs.
///
/// # Errors
/// What stands against it.
pub fn decide(world: &World<'_>, command: &Command) -> Result<Vec<Fact>, Refusal> {
    match command {
        Command::StartRun { runbook, service, dry_run, by } => {
            start_run(world, runbook, service, *dry_run, by)
        }
        Command::Recover { by } => recover(world, by),
        Command::Undo { runbook, step, service, by } => undo(world, runbook, step, service, by),
        Command::Promote { runbook, to, by } => promote(world, runbook, *to, by),
        Command::Approve { id, by } => approve(world, *id, by),
        Command::Deny { id, reason, by } => deny(world, *id, reason, by),
        Command::AnswerUnknown { run, asked, answer, reason, by } => {
            answer_unknown(world, *run, asked.as_ref(), *answer, reason, by)
        }
        Command::CancelRun { run, reason, by } => cancel(world, *run, reason, by),
        Command::ReleaseTarget { target, by } => release(world, target, by),
        Command::StopAutomation { reason, hold, by } => stop(world, reason, *hold, by),
        Command::ResumeAutomation { by } => resume(world, by),
        Command::StepStarted { run, step, attempt, process } => {
            Ok(step_started(world, *run, step, *attempt, process))
        }
        Command::StepSettled { run, step, attempt, report } => {
            step_settled(world, *run, step, *attempt, report)
        }
        _ => Ok(Vec::new()),
    }
}

/// A runbook that may start on a service now.
fn plan_on<'a>(
    world: &World<'a>,
    runbook: &RunbookName,
    service: &ServiceName,
) -> Result<&'a Plan, Refusal> {
    let plan = plan_named(world, runbook)?;
    if world.policy.graph.get(service).is_none() {
        return Err(Refusal::not_found(
            format!("サービス {service} は設定にありません"),
            format!("service {service} is not in the configuration"),
        ));
    }
    if let Some(other) = plan.service.as_ref().filter(|other| *other != service) {
        return Err(Refusal::conflict(
            format!("{runbook} は {other} 用です"),
            format!("{runbook} is for {other}"),
        ));
    }
    if let Some(run) = world.state.run_on(service) {
        return Err(Refusal::conflict(
            format!("{} がすでに {service} で実行中です", run.planned.id),
            format!("{} already works on {service}", run.planned.id),
        ));
    }
    Ok(plan)
}

fn start_run(
    world: &World<'_>,
    runbook: &RunbookName,
    service: &ServiceName,
    dry_run: bool,
    by: &Actor,
) -> Result<Vec<Fact>, Refusal> {
    let plan = plan_on(world, runbook, service)?;
    let alert = alert_of(world, plan, service);
    let (key, incident) =
        (alert.map(|alert| &alert.fired.key), alert.and_then(|alert| alert.incident));
    let ask = Ask { target: service, alert: key, incident, by: by.clone(), dry_run };
    Ok(vec![advance_runs::plan_run(world, plan, world.state.next_run(), ask)])
}

/// The alert that a runbook answers, where it fires.
fn alert_of<'a>(world: &World<'a>, plan: &Plan, service: &ServiceName) -> Option<&'a Alert> {
    let is_answered =
        |alert: &&Alert| alert.fired.key.service == *service && alert.fired.key.rule == plan.alert;
    world.state.alerts.values().find(is_answered)
}

/// A40: runs for everything that burns and has a runbook; the guardrails put them in order.
fn recover(world: &World<'_>, by: &Actor) -> Result<Vec<Fact>, Refusal> {
    let mut facts = Vec::new();
    let mut targets = Vec::new();
    let mut planned = 0;
    for alert in world.state.alerts.values() {
        let key = &alert.fired.key;
        let Some(plan) = world.policy.plan_for(&key.rule, &key.service) else { continue };
        if targets.contains(&&key.service) || world.state.run_on(&key.service).is_some() {
            continue;
        }
        targets.push(&key.service);
        let id = RunId(world.state.next_run().0 + planned);
        planned += 1;
        let ask = Ask {
            target: &key.service,
            alert: Some(key),
            incident: alert.incident,
            by: by.clone(),
            dry_run: false,
        };
        facts.push(advance_runs::plan_run(world, plan, id, ask));
    }
    if facts.is_empty() {
        return Err(Refusal::conflict(
            "実行できる復旧手順はありません (アラートがないか、すでに実行中です)".into(),
            "there is nothing to recover: no alert with a runbook, or its run is under way".into(),
        ));
    }
    Ok(facts)
}

fn step_started(
    world: &World<'_>,
    run: RunId,
    step: &StepName,
    attempt: u32,
    process: &Option<String>,
) -> Vec<Fact> {
    match is_open(world, run, step, attempt) {
        true => vec![Fact::AttemptStarted {
            run,
            step: step.clone(),
            attempt,
            process: process.clone(),
        }],
        false => Vec::new(),
    }
}

fn is_open(world: &World<'_>, run: RunId, step: &StepName, attempt: u32) -> bool {
    let open = world.state.runs.get(&run).and_then(|run| run.unsettled());
    open.is_some_and(|(_, open)| open.step == *step && open.number == attempt)
}

/// A second report of a settled attempt changes nothing.
fn step_settled(
    world: &World<'_>,
    run: RunId,
    step: &StepName,
    attempt: u32,
    report: &StepReport,
) -> Result<Vec<Fact>, Refusal> {
    if !is_open(world, run, step, attempt) {
        return Ok(Vec::new());
    }
    if report.outcome == Outcome::Skipped {
        return Err(Refusal::conflict(
            "実行しない手順の報告です".into(),
            "only a dry run skips a step".into(),
        ));
    }
    Ok(vec![Fact::AttemptSettled(AttemptSettled {
        run,
        step: step.clone(),
        attempt,
        outcome: report.outcome.clone(),
        exit: report.exit,
        took_ms: report.took_ms,
        output: report.output.clone(),
        captured: report.captured.clone(),
        evidence: report.evidence.clone(),
    })])
}

fn undo(
    world: &World<'_>,
    runbook: &RunbookName,
    step: &StepName,
    service: &ServiceName,
    by: &Actor,
) -> Result<Vec<Fact>, Refusal> {
    let plan = plan_on(world, runbook, service)?;
    let undo = plan.steps_for(Role::Undo).find(|undo| undo.belongs_to.as_ref() == Some(step));
    let undo = undo.ok_or_else(|| {
        Refusal::not_found(
            format!("{runbook} の {step} には取り消し手順がありません"),
            format!("{runbook} has no undo for {step}"),
        )
    })?;
    let remembered =
        world.state.targets.get(service).and_then(|target| target.given.get(runbook).cloned());
    let given = match remembered {
        Some(given) => given,
        None => {
            let alert = alert_of(world, plan, service).map(|alert| &alert.fired.key);
            advance_runs::parameters(world, plan, alert).map_err(|why| {
                Refusal::conflict(
                    format!("{runbook} は {service} でまだ何も変えていません ({})", why.ja),
                    format!("{runbook} has not changed anything on {service} yet ({})", why.en),
                )
            })?
        }
    };
    let id = world.state.next_run();
    Ok(vec![advance_runs::plan_undo(plan, undo, id, service, by.clone(), given)])
}

/// Nothing runs by itself that nobody owns, reviewed, and saw in a dry run as it is now. (That the linter has nothing
/// against it is for who can read the file.)
fn promote(
    world: &World<'_>,
    runbook: &RunbookName,
    to: Mode,
    by: &Actor,
) -> Result<Vec<Fact>, Refusal> {
    let plan = plan_named(world, runbook)?;
    let missing = |ja: &str, en: &str| {
        Refusal::incomplete(format!("{runbook}: {ja}"), format!("{runbook}: {en}"))
    };
    if plan.owner.is_none() {
        return Err(missing("担当者 (`owner:`) がありません", "it has no `owner:`"));
    }
    if plan.reviewed.is_none() {
        return Err(missing(
            "レビュー日 (`reviewed:`) がありません",
            "it has no date of review (`reviewed:`)",
        ));
    }
    let digests: Vec<_> = plan.steps.iter().map(|step| &step.digest).collect();
    let rehearsal = world.state.rehearsals.get(runbook);
    if rehearsal.is_none_or(|found| found.digests.iter().collect::<Vec<_>>() != digests) {
        return Err(missing(
            "今の内容のドライランがありません。`hikeshi runbook run --dry-run` で対象に対して確かめてください",
            "it had no dry run as it is now: `hikeshi runbook run --dry-run` shows it on its target",
        ));
    }
    Ok(vec![Fact::RunbookPromoted { runbook: runbook.clone(), to, by: by.clone() }])
}

fn plan_named<'a>(world: &World<'a>, runbook: &RunbookName) -> Result<&'a Plan, Refusal> {
    let found = world.policy.plan(runbook);
    found.map(|plan| &**plan).ok_or_else(|| {
        Refusal::not_found(
            format!("手順書 {runbook} はありません"),
            format!("there is no runbook {runbook}"),
        )
    })
}

fn asked_in<'a>(world: &World<'a>, id: ApprovalId) -> Result<&'a Run, Refusal> {
    let is_asked = |run: &&Run| run.approval.as_ref().is_some_and(|found| found.asked.id == id);
    world.state.runs.values().find(is_asked).ok_or_else(|| {
        Refusal::not_found(
            format!("{id} は承認待ちではありません"),
            format!("{id} is not waiting for an approval"),
        )
    })
}

fn approve(world: &World<'_>, id: ApprovalId, by: &Actor) -> Result<Vec<Fact>, Refusal> {
    let run = asked_in(world, id)?;
    let approval = run.approval.as_ref().expect("the run was found by it");
    approval.may_be_given(by, &run.planned.by, world.now)?;
    let still_needed = approval.still_needed().saturating_sub(1);
    let expires_at =
        if still_needed == 0 { world.after(ANSWER_WITHIN) } else { approval.expires_at };
    let run = run.planned.id;
    Ok(vec![Fact::ApprovalGiven { run, id, by: by.clone(), still_needed, expires_at }])
}

fn deny(world: &World<'_>, id: ApprovalId, reason: &str, by: &Actor) -> Result<Vec<Fact>, Refusal> {
    let run = asked_in(world, id)?;
    let how = ApprovalEnd::Denied;
    let told =
        Said::new(format!("{by} が {id} を却下: {reason}"), format!("{by} denied {id}: {reason}"));
    let reason = Said::same(reason);
    let end = Fact::ApprovalEnded { run: run.planned.id, id, how, by: by.clone(), reason };
    let finished = advance_runs::finish(world, run, RunResult::TakenOver, told);
    Ok(std::iter::once(end).chain(finished).collect())
}

fn answer_unknown(
    world: &World<'_>,
    id: RunId,
    asked: Option<&(StepName, u32)>,
    answer: Answer,
    reason: &str,
    by: &Actor,
) -> Result<Vec<Fact>, Refusal> {
    let run = world.state.runs.get(&id);
    let is_meant = |question: &&Question| {
        asked.is_none_or(|(step, attempt)| question.step == *step && question.attempt == *attempt)
    };
    let question = run.and_then(|run| run.question.as_ref().filter(is_meant));
    let Some((run, question)) = run.zip(question) else {
        return Err(Refusal::not_found(
            format!("{id} は判断待ちではありません"),
            format!("{id} asks no question"),
        ));
    };
    if reason.trim().is_empty() {
        return Err(Refusal::incomplete(
            "判断の理由が必要です".into(),
            "an answer needs a reason".into(),
        ));
    }
    let mut facts = vec![Fact::QuestionAnswered(QuestionAnswered {
        run: id,
        step: question.step.clone(),
        attempt: question.attempt,
        answer,
        reason: reason.to_owned(),
        by: by.clone(),
    })];
    let target = run.planned.target.clone();
    match answer {
        Answer::Done => {}
        Answer::Again => facts.push(Fact::TargetReleased { target, by: by.clone() }),
        Answer::Manual => {
            let why = Said::new(
                format!("{by} が引き継ぎ: {reason}"),
                format!("{by} takes over: {reason}"),
            );
            facts.extend(advance_runs::finish(world, run, RunResult::TakenOver, why));
        }
    }
    Ok(facts)
}

fn cancel(world: &World<'_>, id: RunId, reason: &str, by: &Actor) -> Result<Vec<Fact>, Refusal> {
    let Some(run) = world.state.runs.get(&id) else {
        return Err(Refusal::not_found(
            format!("{id} は実行中ではありません"),
            format!("{id} is not under way"),
        ));
    };
    if let Some((_, attempt)) = run.unsettled() {
        return Err(Refusal::conflict(
            format!("{id} の {} が実行中です。終わるまで待ってください", attempt.step),
            format!("{id} is in the midst of {}; wait until that has ended", attempt.step),
        ));
    }
    let why = Said::new(format!("{by} が終了: {reason}"), format!("{by} ended it: {reason}"));
    Ok(advance_runs::finish(world, run, RunResult::TakenOver, why))
}

fn release(world: &World<'_>, target: &ServiceName, by: &Actor) -> Result<Vec<Fact>, Refusal> {
    let latched = world.state.targets.get(target).and_then(|target| target.latched_until);
    // After the latch, too, hikeshi keeps away from what its runs have not helped.
    let gave_up = |alert: &Alert| alert.fired.key.service == *target && alert.fruitless > 0;
    if latched.is_none_or(|until| until <= world.now) && !world.state.alerts.values().any(gave_up) {
        return Err(Refusal::conflict(
            format!("{target} の自動操作は止められていません"),
            format!("{target} is not latched"),
        ));
    }
    Ok(vec![Fact::TargetReleased { target: target.clone(), by: by.clone() }])
}

fn stop(
    world: &World<'_>,
    reason: &str,
    hold: Option<SignedDuration>,
    by: &Actor,
) -> Result<Vec<Fact>, Refusal> {
    if reason.trim().is_empty() {
        return Err(Refusal::incomplete(
            "自動操作を止める理由が必要です".into(),
            "stopping automation needs a reason".into(),
        ));
    }
    let until = hold.map(|hold| world.after(hold));
    Ok(vec![Fact::AutomationStopped { reason: reason.to_owned(), by: by.clone(), until }])
}

fn resume(world: &World<'_>, by: &Actor) -> Result<Vec<Fact>, Refusal> {
    if !world.state.stopped.as_ref().is_some_and(|stopped| stopped.holds(world.now)) {
        return Err(Refusal::conflict(
            "自動操作は止められていません".into(),
            "automation is not stopped".into(),
        ));
    }
    Ok(vec![Fact::AutomationResumed { by: by.clone() }])
}
