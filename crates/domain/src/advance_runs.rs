//! What time does to runs: they are planned for alerts that have a runbook, and go from step to step.

use crate::{
    alert::Alert,
    alerts::Special,
    fact::{Event, Fact, RunPlanned, RunResult, StepBrief},
    guard::{self, Gate},
    ids::{Actor, AlertKey, IncidentId, RunId, ServiceName},
    plan::{EffectKind, Mode, Outcome, Plan, Role},
    run::{self, Move, Run},
    severity::Priority,
    telling,
    world::World,
};
use jiff::SignedDuration;

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
    let by = Actor::Hikeshi;
    vec![planned(
        plan,
        world.state.next_run(),
        &alert.fired.key.service,
        Some(&alert.fired.key),
        alert.incident,
        by,
        false,
    )]
}

fn wants_run(world: &World<'_>, alert: &Alert) -> bool {
    let key = &alert.fired.key;
    let Some(plan) =
        alert.fired.runbook.as_ref().and_then(|_| world.policy.plan_for(&key.rule, &key.service))
    else {
        return false;
    };
    if plan.mode == Mode::Manual || world.state.run_on(&key.service).is_some() {
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

/// The planning fact of a runbook on a target.
pub fn planned(
    plan: &Plan,
    id: RunId,
    target: &ServiceName,
    alert: Option<&AlertKey>,
    incident: Option<IncidentId>,
    by: Actor,
    dry_run: bool,
) -> Fact {
    let brief = |step: &crate::plan::Step| StepBrief {
        name: step.name.clone(),
        role: step.role,
        effect: step.effect,
        timeout_ms: u64::try_from(step.timeout.as_millis()).unwrap_or(0),
        on_fail: step.on_fail,
        digest: step.digest.clone(),
    };
    Fact::RunPlanned(Box::new(RunPlanned {
        id,
        runbook: plan.name.clone(),
        version: plan.version.clone(),
        approved_by: plan.approved_by.clone(),
        digest: plan.digest.clone(),
        target: target.clone(),
        alert: alert.cloned(),
        incident,
        by,
        dry_run,
        automatic: plan.mode == Mode::Auto,
        steps: plan.steps.iter().map(brief).collect(),
        verify: plan.verify,
        guardrails: plan.guardrails,
    }))
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
    match run::next(run, world.now) {
        Move::Wait(_) => Vec::new(),
        Move::Read(index) => start(world, run, index),
        Move::Change(index) => change(world, run, index),
        Move::Lost(index) => vec![settle_unknown(run, index, "the performer did not report")],
        Move::Round { passed } => {
            let (passes, next_at) = run.after_round(passed, world.now);
            vec![Fact::RoundVerified { run: id, passed, passes, next_at }]
        }
        Move::Finish(result, reason) => finish(world, run, result, reason),
    }
}

fn change(world: &World<'_>, run: &Run, index: usize) -> Vec<Fact> {
    let Some(brief) = run.planned.steps.get(index) else { return Vec::new() };
    if run.planned.dry_run {
        return start(world, run, index);
    }
    match guard::check(run, brief, world.state.runs.values(), world.surroundings()) {
        Gate::Open => start(world, run, index),
        Gate::Held(reason, _) if run.hold.as_ref() == Some(&reason) => Vec::new(),
        Gate::Held(reason, until) => vec![Fact::RunHeld { run: run.planned.id, reason, until }],
        Gate::NotNeeded => finish(world, run, RunResult::NotNeeded, "the alert is over".into()),
        Gate::Blocked(reason) | Gate::Exhausted(reason) => {
            finish(world, run, RunResult::Blocked, reason)
        }
    }
}

/// Intends an attempt. In a dry run, what would change something is settled as skipped in the same commit.
fn start(world: &World<'_>, run: &Run, index: usize) -> Vec<Fact> {
    let Some(brief) = run.planned.steps.get(index) else { return Vec::new() };
    let (id, step, attempt) = (run.planned.id, brief.name.clone(), run.next_number(&brief.name));
    let changes =
        brief.effect != EffectKind::Read && brief.role == Role::Respond && !run.planned.dry_run;
    let timeout = SignedDuration::from_millis(i64::try_from(brief.timeout_ms).unwrap_or(i64::MAX));
    let mut facts = vec![Fact::AttemptIntended {
        run: id,
        target: run.planned.target.clone(),
        step: step.clone(),
        role: brief.role,
        attempt,
        changes,
        deadline: world.after(timeout),
    }];
    if run.planned.dry_run && brief.effect != EffectKind::Read {
        facts.push(settled(id, step, attempt, Outcome::Skipped));
    }
    facts
}

/// Settles an attempt as unknown.
pub fn settle_unknown(run: &Run, index: usize, why: &str) -> Fact {
    let attempt = &run.attempts[index];
    settled(run.planned.id, attempt.step.clone(), attempt.number, Outcome::Unknown(why.to_owned()))
}

fn settled(run: RunId, step: crate::ids::StepName, attempt: u32, outcome: Outcome) -> Fact {
    Fact::AttemptSettled {
        run,
        step,
        attempt,
        outcome,
        exit: None,
        took_ms: 0,
        output: String::new(),
        captured: Default::default(),
        evidence: None,
    }
}

/// Ends a run. When automation did not end well, it does not touch the target again by itself for a while; an alert
/// outside an incident then becomes one, because automation has nothing more to offer (B17).
fn finish(world: &World<'_>, run: &Run, result: RunResult, reason: String) -> Vec<Fact> {
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
        facts.push(Fact::AlertRaised {
            key: alert.fired.key.clone(),
            condition: alert.fired.condition.clone(),
            level: alert.fired.level,
            priority: alert.fired.priority.max(Some(Priority::P2)),
            band: alert.fired.band,
            observed: alert.fired.observed.clone(),
            reason: format!("automatic repair gave up: {reason}"),
        });
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
