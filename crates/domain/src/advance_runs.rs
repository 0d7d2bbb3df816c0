//! What time does to runs: they are planned for alerts that have a runbook, and go from step to step.

use crate::{
    alert::Alert,
    alerts::Special,
    approval,
    fact::{
        AlertRaised, ApprovalAsked, ApprovalEnd, AttemptIntended, AttemptSettled, Event, Fact,
        QuestionAsked, RunPlanned, RunResult, StepBrief,
    },
    guard::{self, Gate},
    ids::{Actor, AlertKey, IncidentId, RunId, ServiceName},
    inputs,
    next_move::{self, Move},
    plan::{EffectKind, Mode, Outcome, Parameter, Plan, Role, Step},
    run::Run,
    said::Said,
    severity::Priority,
    telling,
    world::World,
};
use jiff::SignedDuration;
use std::collections::BTreeMap;

/// Plans a run for a firing alert that has a runbook and whose target is free.
pub fn plan_one(world: &World<'_>) -> Vec<Fact> {
    let mut answered = world.state.alerts.special(Special::WithRunbook);
    let wanting = answered.find(|alert| wants_run(world, alert));
    let Some((alert, plan)) = wanting.and_then(|alert| {
        let key = &alert.fired.key;
        world.policy.plan_for(&key.rule, &key.service).map(|plan| (alert, plan))
    }) else {
        return Vec::new();
    };
    let ask = Ask {
        target: &alert.fired.key.service,
        alert: Some(&alert.fired.key),
        incident: alert.incident,
        by: Actor::Hikeshi,
        dry_run: false,
    };
    vec![plan_run(world, plan, world.state.next_run(), ask)]
}

fn wants_run(world: &World<'_>, alert: &Alert) -> bool {
    let key = &alert.fired.key;
    let Some(plan) =
        alert.fired.runbook.as_ref().and_then(|_| world.policy.plan_for(&key.rule, &key.service))
    else {
        return false;
    };
    if alert.looked || world.state.stopped.as_ref().is_some_and(|stopped| stopped.holds(world.now))
    {
        return false;
    }
    if plan.mode == Mode::Manual || world.state.run_on(&key.service).is_some() {
        return false;
    }
    // It has said that it gives up.
    if alert.fruitless > plan.guardrails.rate_limit {
        return false;
    }
    // Nothing is repaired by itself while people work on it, or while something else explains it.
    if world.quiet.is_quiet(world.state, key) {
        return false;
    }
    // An alert may still fire while its target is healthy again: good looks are being counted, or it flaps.
    let Some(bad) = world.watch.bad_seen(key) else { return false };
    let Some(target) = world.state.targets.get(&key.service) else { return true };
    let latched = target.latched_until.is_some_and(|until| until > world.now);
    !latched && target.finished_at.is_none_or(|at| bad > at)
}

/// What a run is asked for.
#[derive(Clone, Debug)]
pub struct Ask<'a> {
    /// What it works on.
    pub target: &'a ServiceName,
    /// The alert that it answers.
    pub alert: Option<&'a AlertKey>,
    /// The incident that it serves.
    pub incident: Option<IncidentId>,
    /// Who starts it.
    pub by: Actor,
    /// Only show.
    pub dry_run: bool,
}

/// The parameters of a plan, with what the alert gives.
///
/// # Errors
/// The alert does not give what the plan needs.
pub fn parameters(
    world: &World<'_>,
    plan: &Plan,
    alert: Option<&AlertKey>,
) -> Result<BTreeMap<String, Parameter>, Said> {
    let signal = alert.and_then(|key| world.state.signals.members(key).next());
    let words = alert.map(|key| world.watch.words(key)).unwrap_or_default();
    let said = |label: &str| {
        let of_signal = signal.and_then(|signal| signal.labels.get(label));
        of_signal.map(Into::into).or_else(|| words.get(label).map(|text| (*text).to_owned()))
    };
    let given = inputs::read(world.policy, plan, said)?;
    Ok(plan.parameters.clone().into_iter().chain(given).collect())
}

/// Plans a run. When the alert does not give what the runbook needs, that ends it before anything starts.
pub fn plan_run(world: &World<'_>, plan: &Plan, id: RunId, ask: Ask<'_>) -> Fact {
    let (parameters, missing) = match parameters(world, plan, ask.alert) {
        Ok(parameters) => (parameters, None),
        Err(why) => (plan.parameters.clone(), Some(why)),
    };
    Fact::RunPlanned(Box::new(RunPlanned {
        steps: plan.steps.iter().map(|step| brief(plan, step)).collect(),
        parameters,
        facts: plan.facts.clone(),
        guards: plan.guards.clone(),
        checklist: plan.checklist.clone(),
        missing,
        ..without_steps(plan, id, ask)
    }))
}

/// A run of nothing but the step that takes another one back, with the values that were `given` to that one.
pub fn plan_undo(
    plan: &Plan,
    undo: &Step,
    id: RunId,
    target: &ServiceName,
    by: Actor,
    given: BTreeMap<String, Parameter>,
) -> Fact {
    let ask = Ask { target, alert: None, incident: None, by, dry_run: false };
    Fact::RunPlanned(Box::new(RunPlanned {
        steps: vec![StepBrief { role: Role::Respond, ..brief(plan, undo) }],
        undoes: undo.belongs_to.clone(),
        parameters: given,
        ..without_steps(plan, id, ask)
    }))
}

/// What every run of a plan takes from it and from whoever asks.
fn without_steps(plan: &Plan, id: RunId, ask: Ask<'_>) -> RunPlanned {
    RunPlanned {
        id,
        runbook: plan.name.clone(),
        version: plan.version.clone(),
        approved_by: plan.approved_by.clone(),
        digest: plan.digest.clone(),
        target: ask.target.clone(),
        alert: ask.alert.cloned(),
        incident: ask.incident,
        by: ask.by,
        dry_run: ask.dry_run,
        automatic: plan.mode == Mode::Auto,
        steps: Vec::new(),
        verify: plan.verify,
        guardrails: plan.guardrails,
        parameters: BTreeMap::new(),
        facts: BTreeMap::new(),
        guards: Vec::new(),
        checklist: Vec::new(),
        missing: None,
        undoes: None,
    }
}

fn brief(plan: &Plan, step: &Step) -> StepBrief {
    StepBrief {
        name: step.name.clone(),
        role: step.role,
        effect: step.effect,
        timeout_ms: u64::try_from(step.timeout.as_millis()).unwrap_or(0),
        on_fail: step.on_fail,
        digest: step.digest.clone(),
        belongs_to: step.belongs_to.clone(),
        condition: plan.conditions.get(&step.name).cloned(),
    }
}

/// The next move of the first run that has one.
pub fn progress(world: &World<'_>) -> Vec<Fact> {
    world
        .state
        .runs
        .values()
        .map(|run| step(world, run))
        .find(|facts| !facts.is_empty())
        .unwrap_or_default()
}

fn step(world: &World<'_>, run: &Run) -> Vec<Fact> {
    let id = run.planned.id;
    match next_move::next(run, world.now) {
        Move::Wait(_) => Vec::new(),
        Move::Read(index) => if_meant(world, run, index, start),
        Move::Change(index) => if_meant(world, run, index, change),
        Move::Lost(index) => {
            let why = Said::new("実行側から報告がありません", "the performer did not report");
            vec![settle_unknown(run, index, why)]
        }
        Move::Round { passed } => {
            let (passes, next_at) = run.after_round(passed, world.now);
            vec![Fact::RoundVerified { run: id, passed, passes, next_at }]
        }
        Move::Ask(index) => ask_about(world, run, index),
        Move::Finish(result, reason) => finish(world, run, result, reason),
    }
}

/// Nobody knows whether a step ran: a person says so, and meanwhile nothing touches the target by itself.
fn ask_about(world: &World<'_>, run: &Run, index: usize) -> Vec<Fact> {
    let Some(attempt) = run.attempts.get(index) else { return Vec::new() };
    let (step, outcome) = (&attempt.step, attempt.outcome.as_ref().map(Outcome::said));
    let outcome = outcome.unwrap_or_default();
    let reason = Said::new(
        format!("{step} が実行されたかどうか分かりません ({})", outcome.ja),
        format!("nobody can tell whether {step} was done ({})", outcome.en),
    );
    let (id, latch) = (run.planned.id, run.planned.guardrails.latch);
    let mut facts = vec![
        Fact::QuestionAsked(QuestionAsked {
            run: id,
            step: attempt.step.clone(),
            attempt: attempt.number,
            reason: reason.clone(),
            expires_at: world.after(latch),
        }),
        Fact::TargetLatched {
            target: run.planned.target.clone(),
            until: world.after(latch),
            reason: reason.clone(),
        },
    ];
    facts.extend(telling::of_question(world, run, attempt, &reason));
    facts
}

/// A step with a condition runs when it holds, is passed over when it does not, and nothing goes on when nobody can tell.
fn if_meant(
    world: &World<'_>,
    run: &Run,
    index: usize,
    go: fn(&World<'_>, &Run, usize) -> Vec<Fact>,
) -> Vec<Fact> {
    let condition = run.planned.steps.get(index).and_then(|brief| brief.condition.as_ref());
    match condition.map(|condition| run.holds(condition)) {
        None | Some(Ok(true)) => go(world, run, index),
        Some(Ok(false)) => pass_over(world, run, index),
        Some(Err(why)) => finish(world, run, RunResult::Blocked, why),
    }
}

/// The first guard of the runbook that does not hold, or cannot be judged.
fn objection(run: &Run) -> Option<Said> {
    run.planned.guards.iter().find_map(|guard| match run.holds(guard) {
        Ok(true) => None,
        Ok(false) => Some(Said::new(
            format!("前提条件 `{guard}` が成り立ちません"),
            format!("the guard `{guard}` does not hold"),
        )),
        Err(why) => Some(why),
    })
}

fn change(world: &World<'_>, run: &Run, index: usize) -> Vec<Fact> {
    let Some(brief) = run.planned.steps.get(index) else { return Vec::new() };
    if let Some(why) = objection(run) {
        let result = if run.planned.dry_run { RunResult::DryRun } else { RunResult::Blocked };
        return finish(world, run, result, why);
    }
    if run.planned.dry_run {
        return start(world, run, index);
    }
    match guard::check(run, brief, world.state.runs.values(), world.surroundings()) {
        Gate::Open => start(world, run, index),
        Gate::Held(reason, _) if run.hold.as_ref() == Some(&reason) => Vec::new(),
        Gate::Held(reason, until) => vec![Fact::RunHeld { run: run.planned.id, reason, until }],
        Gate::Ask { reasons, needs, values } => {
            let asked = ApprovalAsked {
                id: world.state.next_approval(),
                run: run.planned.id,
                step: brief.name.clone(),
                effect: brief.effect,
                target: run.planned.target.clone(),
                digest: brief.digest.clone(),
                values,
                evidence: run.attempts.iter().filter_map(|a| a.evidence.clone()).collect(),
                reasons,
                needs,
                expires_at: world.after(approval::ANSWER_WITHIN),
            };
            let told = telling::of_approval(world, run, &asked);
            std::iter::once(Fact::ApprovalAsked(Box::new(asked))).chain(told).collect()
        }
        Gate::Lapsed(how) => lapse(world, run, how),
        Gate::NotNeeded => {
            let why = Said::new("アラートは解消済みです", "the alert is over");
            finish(world, run, RunResult::NotNeeded, why)
        }
        Gate::Blocked(reason) | Gate::Exhausted(reason) => {
            finish(world, run, RunResult::Blocked, reason)
        }
    }
}

/// An approval that came too late ends the run; one that was for something else is asked for anew.
fn lapse(world: &World<'_>, run: &Run, how: ApprovalEnd) -> Vec<Fact> {
    let Some(approval) = &run.approval else { return Vec::new() };
    let asked = &approval.asked;
    let reason = match how {
        ApprovalEnd::Void => Said::new(
            "依頼の後に手順または値が変わりました",
            "the step or its values have changed since it was asked",
        ),
        _ if approval.still_needed() > 0 => {
            let (step, within) = (&asked.step, approval::ANSWER_WITHIN);
            Said::new(
                format!("{step} は {within:#} 以内に承認されませんでした"),
                format!("nobody approved {step} within {within:#}"),
            )
        }
        _ => Said::new(
            format!("{} を承認の有効期間内に開始できませんでした", asked.step),
            format!("{} could not start while its approval held", asked.step),
        ),
    };
    let (id, by) = (asked.id, Actor::Hikeshi);
    let end = Fact::ApprovalEnded { run: asked.run, id, how, by, reason: reason.clone() };
    let finished =
        (how != ApprovalEnd::Void).then(|| finish(world, run, RunResult::Blocked, reason));
    std::iter::once(end).chain(finished.into_iter().flatten()).collect()
}

/// Intends an attempt. In a dry run, what would change something is settled as skipped in the same commit.
fn start(world: &World<'_>, run: &Run, index: usize) -> Vec<Fact> {
    let Some(brief) = run.planned.steps.get(index) else { return Vec::new() };
    let (id, step, attempt) = (run.planned.id, brief.name.clone(), run.next_number(&brief.name));
    let changes =
        brief.effect != EffectKind::Read && brief.role == Role::Respond && !run.planned.dry_run;
    let timeout = SignedDuration::from_millis(i64::try_from(brief.timeout_ms).unwrap_or(i64::MAX));
    let mut facts = vec![Fact::AttemptIntended(AttemptIntended {
        run: id,
        target: run.planned.target.clone(),
        step: step.clone(),
        role: brief.role,
        attempt,
        changes,
        deadline: world.after(timeout),
    })];
    if run.planned.dry_run && brief.effect != EffectKind::Read {
        facts.push(settled(id, step, attempt, Outcome::Skipped));
    }
    facts
}

fn pass_over(world: &World<'_>, run: &Run, index: usize) -> Vec<Fact> {
    let Some(brief) = run.planned.steps.get(index) else { return Vec::new() };
    let (id, step, attempt) = (run.planned.id, brief.name.clone(), run.next_number(&brief.name));
    let intended = Fact::AttemptIntended(AttemptIntended {
        run: id,
        target: run.planned.target.clone(),
        step: step.clone(),
        role: brief.role,
        attempt,
        changes: false,
        deadline: world.now,
    });
    vec![intended, settled(id, step, attempt, Outcome::Skipped)]
}

/// Settles an attempt as unknown.
pub fn settle_unknown(run: &Run, index: usize, why: Said) -> Fact {
    let attempt = &run.attempts[index];
    settled(run.planned.id, attempt.step.clone(), attempt.number, Outcome::Unknown(why))
}

fn settled(run: RunId, step: crate::ids::StepName, attempt: u32, outcome: Outcome) -> Fact {
    Fact::AttemptSettled(AttemptSettled {
        run,
        step,
        attempt,
        outcome,
        exit: None,
        took_ms: 0,
        output: String::new(),
        captured: Default::default(),
        evidence: None,
    })
}

/// Ends a run. When automation did not end well, it does not touch the target again by itself for a while; an alert
/// outside an incident then becomes one, because automation has nothing more to offer (B17).
pub fn finish(world: &World<'_>, run: &Run, result: RunResult, reason: Said) -> Vec<Fact> {
    let target = run.planned.target.clone();
    let mut facts = vec![Fact::RunFinished {
        run: run.planned.id,
        target: target.clone(),
        result,
        reason: reason.clone(),
    }];
    if run.planned.dry_run {
        return facts;
    }
    if let (RunResult::Recovered, Some(incident)) = (result, run.planned.incident) {
        facts.push(Fact::RepairVerified { incident, run: run.planned.id });
    }
    if result.is_good() || result == RunResult::NotRecovered {
        return facts;
    }
    let latched = world
        .state
        .targets
        .get(&target)
        .and_then(|target| target.latched_until)
        .is_some_and(|until| until > world.now);
    if !latched && run.planned.by == Actor::Hikeshi {
        facts.push(Fact::TargetLatched {
            target,
            until: world.after(run.planned.guardrails.latch),
            reason: reason.clone(),
        });
    }
    let alert = run.planned.alert.as_ref().and_then(|key| world.state.alerts.get(key));
    if let Some(alert) = alert.filter(|alert| alert.incident.is_none()) {
        facts.push(Fact::AlertRaised(AlertRaised {
            key: alert.fired.key.clone(),
            condition: alert.fired.condition.clone(),
            level: alert.fired.level,
            priority: alert.fired.priority.max(Some(Priority::P2)),
            band: alert.fired.band,
            observed: alert.fired.observed.clone(),
            reason: Said::new(
                format!("自動復旧を断念: {}", reason.ja),
                format!("automatic repair gave up: {}", reason.en),
            ),
        }));
        facts.extend(telling::of_alert(
            world,
            alert,
            Event::Handover,
            &reason,
            world.state.next_notice(),
        ));
    }
    facts
}
