//! What people are asked about runs, and what they answer; and the switch for everything that hikeshi does by itself.

use crate::{
    acting::{Answer, By, Done, Started, person, submit},
    answer::Refused,
    extract::{Json, Path},
    state::Shared,
    worded,
};
use axum::extract::State;
use domain::{
    approval::Approval,
    command::Command,
    fact::{Answer as Word, ApprovalAsked},
    finding::{Finding, Grade},
    guard::Stopped,
    ids::{Actor, ApprovalId, RunId, RunbookName, ServiceName},
    next_step,
    plan::Mode,
    policy::Policy,
    readiness,
    run::Run,
    world::World,
};
use history::shape::{ActorShape, SaidShape};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reason {
    by: String,
    #[serde(default)]
    reason: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Stop {
    by: String,
    reason: String,
    #[serde(rename = "for")]
    #[schema(value_type = Option<String>, example = "1h")]
    hold: Option<SignedDuration>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Said {
    by: String,
    #[schema(schema_with = worded::answer)]
    answer: Word,
    reason: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Promote {
    by: String,
    #[schema(schema_with = worded::mode)]
    to: Mode,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Undo {
    by: String,
    step: String,
    service: String,
}

/// A step that waits for a person's yes: what exactly would run.
#[derive(Serialize, ToSchema)]
pub(crate) struct Waiting {
    #[serde(flatten)]
    #[schema(value_type = AskedShape)]
    asked: ApprovalAsked,
    #[schema(value_type = String)]
    runbook: RunbookName,
    #[schema(value_type = ActorShape)]
    started_by: Actor,
    /// Who agreed so far.
    #[schema(value_type = Vec<ActorShape>)]
    given: Vec<Actor>,
    /// Null: the runbook has changed since it was asked.
    body: Option<String>,
}

/// How the core shows what was asked.
#[derive(Serialize, ToSchema)]
pub(crate) struct AskedShape {
    id: u64,
    run: u64,
    step: String,
    effect: String,
    target: String,
    digest: String,
    values: BTreeMap<String, String>,
    evidence: Vec<String>,
    reasons: Vec<SaidShape>,
    needs: u32,
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

/// What automation may not do now.
#[derive(Serialize, ToSchema)]
pub(crate) struct Automation {
    #[schema(value_type = Option<StoppedShape>)]
    stopped: Option<Stopped>,
    latched: Vec<Latched>,
    frozen: Vec<Frozen>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Stopped)]
pub(crate) struct StoppedShape {
    reason: String,
    by: ActorShape,
    #[schema(value_type = String, format = DateTime)]
    since: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    until: Option<Timestamp>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct Latched {
    #[schema(value_type = String)]
    service: ServiceName,
    #[schema(value_type = String, format = DateTime)]
    until: Timestamp,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct Frozen {
    #[schema(value_type = String)]
    service: ServiceName,
    freeze: String,
}

/// Something that would fail when it is needed.
#[derive(Serialize, ToSchema)]
pub(crate) struct Found {
    #[schema(value_type = String)]
    grade: Grade,
    kind: String,
    about: String,
    #[schema(value_type = SaidShape)]
    said: domain::said::Said,
    #[schema(value_type = SaidShape)]
    hint: domain::said::Said,
}

/// The questions that wait for an answer: what exactly would run.
pub(crate) async fn approvals(State(shared): State<Shared>) -> Answer<Vec<Waiting>> {
    let all = |world: &World<'_>| {
        world.state.runs.values().filter_map(|run| view(run, world.policy)).collect()
    };
    Ok(Json(shared.look(all).await?))
}

/// One of them.
pub(crate) async fn approval(
    State(shared): State<Shared>,
    Path(id): Path<String>,
) -> Answer<Waiting> {
    let id: ApprovalId = id.parse().map_err(Refused::bad)?;
    let one = move |world: &World<'_>| {
        let mut all = world.state.runs.values().filter_map(|run| view(run, world.policy));
        all.find(|view| view.asked.id == id)
    };
    let found = shared.look(one).await?;
    found.map(Json).ok_or_else(|| {
        Refused::not_found(
            format!("{id} は承認待ちではありません"),
            format!("{id} is not waiting for an approval"),
        )
    })
}

fn view(run: &Run, policy: &Policy) -> Option<Waiting> {
    let Approval { asked, given, expires_at } = run.approval.as_ref()?;
    // An answer may hold longer than the question: what counts stands once.
    let asked = ApprovalAsked { expires_at: *expires_at, ..asked.clone() };
    let body = policy.body_asked(&run.planned.runbook, &asked);
    let runbook = run.planned.runbook.clone();
    Some(Waiting { asked, runbook, started_by: run.planned.by.clone(), given: given.clone(), body })
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
) -> Answer<Started> {
    let by = person(&ask.by)?;
    let (step, service) = (ask.step.into(), ask.service.into());
    let Json(Done { position }) =
        submit(&shared, Command::Undo { runbook: name.into(), step, service, by }).await?;
    let run = shared.ask(|state, _, _, _| state.last.run).await?;
    Ok(Json(Started { position, run }))
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
pub(crate) async fn automation(State(shared): State<Shared>) -> Answer<Automation> {
    let all = |world: &World<'_>| {
        let stopped = world.state.stopped.as_ref().filter(|stopped| stopped.holds(world.now));
        let targets = world.state.targets.iter().filter_map(|(name, target)| {
            let until = target.latched_until.filter(|until| *until > world.now)?;
            Some(Latched { service: name.clone(), until })
        });
        let names = world.policy.graph.services().map(|service| &service.name);
        let frozen = names.filter_map(|name| {
            let holds = |freeze: &&domain::freeze::Freeze| {
                freeze.holds(name, &world.policy.graph, world.now)
            };
            let freeze = world.policy.freezes.iter().find(holds)?;
            Some(Frozen { service: name.clone(), freeze: freeze.name.to_string() })
        });
        Automation {
            stopped: stopped.cloned(),
            latched: targets.collect(),
            frozen: frozen.collect(),
        }
    };
    Ok(Json(shared.look(all).await?))
}

/// What would fail when it is needed, worst first: the list that `hikeshi doctor` begins with.
pub(crate) async fn readiness(State(shared): State<Shared>) -> Answer<Vec<Found>> {
    let found = readiness_of(&shared).await?.into_iter();
    let shown = found.map(|Finding { grade, kind, about, said, hint }| Found {
        grade,
        kind,
        about,
        said,
        hint,
    });
    Ok(Json(shown.collect()))
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
