//! What people are asked about runs, and what they answer; and the switch for everything that hikeshi does by itself.

use crate::{
    acting::{Answer, By, person, submit},
    answer::Refused,
    state::Shared,
};
use axum::{
    Json,
    extract::{Path, State},
};
use domain::{
    approval::Approval,
    command::Command,
    fact::Answer as Word,
    finding::Finding,
    ids::{ApprovalId, RunId},
    next_step,
    plan::Mode,
    policy::Policy,
    readiness,
    run::Run,
    world::World,
};
use jiff::SignedDuration;
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reason {
    by: String,
    #[serde(default)]
    reason: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Stop {
    by: String,
    reason: String,
    #[serde(rename = "for")]
    hold: Option<SignedDuration>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Said {
    by: String,
    answer: Word,
    reason: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Promote {
    by: String,
    to: Mode,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Undo {
    by: String,
    step: String,
    service: String,
}

/// The questions that wait for an answer: what exactly would run.
pub(crate) async fn approvals(State(shared): State<Shared>) -> Answer {
    let all = |world: &World<'_>| {
        let asked = world.state.runs.values().filter_map(|run| view(run, world.policy));
        json!(asked.collect::<Vec<_>>())
    };
    Ok(Json(shared.look(all).await?))
}

/// One of them.
pub(crate) async fn approval(State(shared): State<Shared>, Path(id): Path<String>) -> Answer {
    let id: ApprovalId = id.parse().map_err(Refused::bad)?;
    let one = move |world: &World<'_>| {
        let mut all = world.state.runs.values().filter_map(|run| view(run, world.policy));
        all.find(|view| view["id"] == json!(id))
    };
    let found = shared.look(one).await?;
    found.map(Json).ok_or_else(|| {
        Refused::not_found(
            format!("{id} は承認待ちではありません"),
            format!("{id} is not waiting for an approval"),
        )
    })
}

fn view(run: &Run, policy: &Policy) -> Option<Value> {
    let Approval { asked, given, expires_at } = run.approval.as_ref()?;
    let mut view = json!(asked);
    view["runbook"] = json!(run.planned.runbook);
    view["started_by"] = json!(run.planned.by);
    view["given"] = json!(given);
    view["expires_at"] = json!(expires_at);
    view["body"] = json!(policy.body_asked(&run.planned.runbook, asked));
    Some(view)
}

pub(crate) async fn approve(
    State(shared): State<Shared>,
    Path(id): Path<String>,
    Json(ask): Json<By>,
) -> Answer {
    let (id, by) = (id.parse().map_err(Refused::bad)?, person(&ask.by)?);
    submit(&shared, Command::Approve { id, by }).await
}

pub(crate) async fn deny(
    State(shared): State<Shared>,
    Path(id): Path<String>,
    Json(ask): Json<Reason>,
) -> Answer {
    let (id, by) = (id.parse().map_err(Refused::bad)?, person(&ask.by)?);
    submit(&shared, Command::Deny { id, reason: ask.reason, by }).await
}

pub(crate) async fn answer(
    State(shared): State<Shared>,
    Path(id): Path<String>,
    Json(ask): Json<Said>,
) -> Answer {
    let (run, by) = (run(&id)?, person(&ask.by)?);
    submit(
        &shared,
        Command::AnswerUnknown { run, asked: None, answer: ask.answer, reason: ask.reason, by },
    )
    .await
}

pub(crate) async fn end(
    State(shared): State<Shared>,
    Path(id): Path<String>,
    Json(ask): Json<Reason>,
) -> Answer {
    let (run, by) = (run(&id)?, person(&ask.by)?);
    submit(&shared, Command::CancelRun { run, reason: ask.reason, by }).await
}

pub(crate) async fn promote(
    State(shared): State<Shared>,
    Path(name): Path<String>,
    Json(ask): Json<Promote>,
) -> Answer {
    let by = person(&ask.by)?;
    submit(&shared, Command::Promote { runbook: name.into(), to: ask.to, by }).await
}

/// Answers with the number of the run that takes the step back.
pub(crate) async fn undo(
    State(shared): State<Shared>,
    Path(name): Path<String>,
    Json(ask): Json<Undo>,
) -> Answer {
    let by = person(&ask.by)?;
    let (step, service) = (ask.step.into(), ask.service.into());
    let Json(mut answer) =
        submit(&shared, Command::Undo { runbook: name.into(), step, service, by }).await?;
    answer["run"] = json!(shared.ask(|state, _, _, _| state.last.run).await?);
    Ok(Json(answer))
}

pub(crate) async fn release(
    State(shared): State<Shared>,
    Path(name): Path<String>,
    Json(ask): Json<By>,
) -> Answer {
    let by = person(&ask.by)?;
    submit(&shared, Command::ReleaseTarget { target: name.into(), by }).await
}

/// Whether automation is stopped, by whom, why and until when; which targets are latched, which windows hold.
pub(crate) async fn automation(State(shared): State<Shared>) -> Answer {
    let all = |world: &World<'_>| {
        let stopped = world.state.stopped.as_ref().filter(|stopped| stopped.holds(world.now));
        let targets = world.state.targets.iter().filter_map(|(name, target)| {
            let until = target.latched_until.filter(|until| *until > world.now)?;
            Some(json!({"service": name, "until": until}))
        });
        let names = world.policy.graph.services().map(|service| &service.name);
        let frozen = names.filter_map(|name| {
            let holds = |freeze: &&domain::freeze::Freeze| {
                freeze.holds(name, &world.policy.graph, world.now)
            };
            let freeze = world.policy.freezes.iter().find(holds)?;
            Some(json!({"service": name, "freeze": freeze.name}))
        });
        json!({
            "stopped": stopped,
            "latched": targets.collect::<Vec<_>>(),
            "frozen": frozen.collect::<Vec<_>>(),
        })
    };
    Ok(Json(shared.look(all).await?))
}

/// What would fail when it is needed, worst first: the list that `hikeshi doctor` begins with.
pub(crate) async fn readiness(State(shared): State<Shared>) -> Answer {
    let found = readiness_of(&shared).await?;
    Ok(Json(json!(found)))
}

/// What would fail when it is needed, as far as the running server knows: worst first.
///
/// # Errors
/// The writer has stopped.
pub async fn readiness_of(shared: &Shared) -> Result<Vec<Finding>, Refused> {
    let certificate = shared.tls.as_ref().map(|tls| tls.ends_at());
    let all = move |world: &World<'_>| {
        let mut found = readiness::of_policy(world.policy, &world.state.overrides, world.now);
        found.extend(certificate.and_then(|end| readiness::of_certificate(end, world.now)));
        found.extend(readiness::of_state(world.policy, world.state, world.now));
        found.extend(next_step::findings(world));
        found
    };
    shared.look(all).await
}

pub(crate) async fn stop(State(shared): State<Shared>, Json(ask): Json<Stop>) -> Answer {
    let by = person(&ask.by)?;
    submit(&shared, Command::StopAutomation { reason: ask.reason, hold: ask.hold, by }).await
}

pub(crate) async fn resume(State(shared): State<Shared>, Json(ask): Json<By>) -> Answer {
    submit(&shared, Command::ResumeAutomation { by: person(&ask.by)? }).await
}

fn run(text: &str) -> Result<RunId, Refused> {
    text.parse().map_err(Refused::bad)
}
