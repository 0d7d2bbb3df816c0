//! Handlers that act: each is one command with the name of whoever asks; answered when it is durable.

use crate::{
    answer::Refused,
    extract::{Json, Path},
    state::Shared,
    worded,
};
use axum::extract::State;
use domain::{
    command::Command,
    fact::RootCause,
    ids::{Actor, IncidentId},
    severity::Priority,
};
use journal::Position;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What most handlers answer with.
pub type Answer<T = Done> = Result<Json<T>, Refused>;

/// It is durable.
#[derive(Serialize, ToSchema)]
pub struct Done {
    /// Where the journal ended then.
    #[schema(value_type = u64)]
    pub(crate) position: Position,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct Started {
    #[schema(value_type = u64)]
    pub(crate) position: Position,
    /// The run that works on the service now.
    pub(crate) run: u64,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct Recovering {
    #[schema(value_type = u64)]
    position: Position,
    /// The runs that this started.
    runs: Vec<u64>,
}

/// Who asks, where nothing else is said.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct By {
    /// Their name.
    pub by: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Open {
    by: String,
    title: String,
    #[schema(schema_with = worded::priority)]
    priority: Priority,
    service: Option<String>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Note {
    by: String,
    text: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SetPriority {
    by: String,
    #[schema(schema_with = worded::priority)]
    priority: Priority,
    reason: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Close {
    by: String,
    #[serde(default)]
    technical: String,
    #[serde(default)]
    process: String,
    #[serde(default)]
    human: String,
    #[serde(default)]
    unverified: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Run {
    by: String,
    service: String,
    #[serde(default)]
    dry_run: bool,
}

pub(crate) async fn open(State(shared): State<Shared>, Json(ask): Json<Open>) -> Answer {
    let by = person(&ask.by)?;
    let service = ask.service.map(Into::into);
    submit(&shared, Command::OpenIncident { title: ask.title, priority: ask.priority, service, by })
        .await
}

pub(crate) async fn acknowledge(
    State(shared): State<Shared>,
    Path(id): Path<String>,
    Json(ask): Json<By>,
) -> Answer {
    let command = Command::Acknowledge { incident: incident(&id)?, by: person(&ask.by)? };
    submit(&shared, command).await
}

pub(crate) async fn note(
    State(shared): State<Shared>,
    Path(id): Path<String>,
    Json(ask): Json<Note>,
) -> Answer {
    let command = Command::Note { incident: incident(&id)?, text: ask.text, by: person(&ask.by)? };
    submit(&shared, command).await
}

pub(crate) async fn priority(
    State(shared): State<Shared>,
    Path(id): Path<String>,
    Json(ask): Json<SetPriority>,
) -> Answer {
    let (incident, by) = (incident(&id)?, person(&ask.by)?);
    submit(
        &shared,
        Command::SetPriority { incident, priority: ask.priority, reason: ask.reason, by },
    )
    .await
}

pub(crate) async fn close(
    State(shared): State<Shared>,
    Path(id): Path<String>,
    Json(ask): Json<Close>,
) -> Answer {
    let cause = RootCause { technical: ask.technical, process: ask.process, human: ask.human };
    let (incident, by) = (incident(&id)?, person(&ask.by)?);
    let command = Command::Close { incident, cause, unverified: ask.unverified, by };
    submit(&shared, command).await
}

/// Answers with the number of the run that works on the service now.
pub(crate) async fn run(
    State(shared): State<Shared>,
    Path(name): Path<String>,
    Json(ask): Json<Run>,
) -> Answer<Started> {
    let by = person(&ask.by)?;
    let service = domain::ids::ServiceName::from(ask.service.as_str());
    let command = Command::StartRun {
        runbook: name.into(),
        service: service.clone(),
        dry_run: ask.dry_run,
        by,
    };
    let Json(Done { position }) = submit(&shared, command).await?;
    let run = shared
        .ask(move |state, _, _, _| {
            state.run_on(&service).map_or(state.last.run, |run| run.planned.id.0)
        })
        .await?;
    Ok(Json(Started { position, run }))
}

pub(crate) async fn recover(
    State(shared): State<Shared>,
    Json(ask): Json<By>,
) -> Answer<Recovering> {
    let by = person(&ask.by)?;
    let before = shared.ask(|state, _, _, _| state.last.run).await?;
    let Json(Done { position }) = submit(&shared, Command::Recover { by }).await?;
    let after = shared.ask(|state, _, _, _| state.last.run).await?;
    Ok(Json(Recovering { position, runs: (before + 1..=after).collect() }))
}

pub(crate) fn incident(text: &str) -> Result<IncidentId, Refused> {
    text.parse().map_err(Refused::bad)
}

/// A person by the name that they give.
///
/// # Errors
/// It is no name.
pub fn person(name: &str) -> Result<Actor, Refused> {
    let is_name =
        !name.trim().is_empty() && name.len() <= 100 && !name.chars().any(char::is_control);
    if is_name {
        Ok(Actor::Person(name.to_owned()))
    } else {
        Err(Refused::bad("`by` must be a name of 1 to 100 characters"))
    }
}

pub(crate) async fn submit(shared: &Shared, command: Command) -> Answer {
    let position = shared.submit(command).await?;
    Ok(Json(Done { position }))
}
