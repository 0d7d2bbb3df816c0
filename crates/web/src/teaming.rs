//! Who does what in an incident, and the measures after it: each a command with the name of whoever asks.

use crate::{
    acting::{self, Answer, By, person},
    answer::Refused,
    extract::{Json, Path},
    state::Shared,
    worded,
};
use axum::extract::State;
use domain::{
    command::Command,
    ids::{IncidentId, MeasureId},
    incident_role::IncidentRole,
    world::World,
};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Assign {
    by: String,
    #[schema(schema_with = worded::role)]
    role: String,
    to: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Record {
    by: String,
    text: String,
    owner: Option<String>,
    #[schema(value_type = Option<String>, format = Date)]
    due: Option<Date>,
}

/// A measure that is not done.
#[derive(Serialize, ToSchema)]
pub(crate) struct Open {
    #[schema(value_type = u64)]
    id: MeasureId,
    #[schema(value_type = u64)]
    incident: IncidentId,
    text: String,
    owner: Option<String>,
    #[schema(value_type = Option<String>, format = Date)]
    due: Option<Date>,
    overdue: bool,
}

/// `POST /api/v1/incidents/{id}/roles`.
pub(crate) async fn assign(
    State(shared): State<Shared>,
    Path(id): Path<String>,
    Json(ask): Json<Assign>,
) -> Answer {
    let (incident, by) = (acting::incident(&id)?, person(&ask.by)?);
    let role: IncidentRole = ask.role.parse().map_err(Refused::bad)?;
    acting::submit(&shared, Command::AssignRole { incident, role, to: ask.to, by }).await
}

/// `POST /api/v1/incidents/{id}/measures`; the incident may be closed.
pub(crate) async fn record(
    State(shared): State<Shared>,
    Path(id): Path<String>,
    Json(ask): Json<Record>,
) -> Answer {
    let (incident, by) = (acting::incident(&id)?, person(&ask.by)?);
    let Record { text, owner, due, .. } = ask;
    acting::submit(&shared, Command::RecordMeasure { incident, text, owner, due, by }).await
}

/// `GET /api/v1/measures`: those that are not done.
pub(crate) async fn measures(State(shared): State<Shared>) -> Answer<Vec<Open>> {
    let all = |world: &World<'_>| {
        let today = world.now.to_zoned(world.policy.zone.clone()).date();
        let all = world.state.measures.iter().map(|(id, measure)| Open {
            id: *id,
            incident: measure.incident,
            text: measure.text.clone(),
            owner: measure.owner.clone(),
            due: measure.due,
            overdue: measure.is_overdue(today),
        });
        all.collect::<Vec<_>>()
    };
    Ok(Json(shared.look(all).await?))
}

/// `POST /api/v1/measures/{id}/done`.
pub(crate) async fn finish(
    State(shared): State<Shared>,
    Path(id): Path<String>,
    Json(ask): Json<By>,
) -> Answer {
    let id: MeasureId = id.parse().map_err(Refused::bad)?;
    acting::submit(&shared, Command::FinishMeasure { id, by: person(&ask.by)? }).await
}
