//! `GET /api/v1/digest`: what the daily digest would say now, and when the next one goes out.

use crate::{acting::Answer, extract::Json, state::Shared};
use axum::extract::State;
use domain::{
    advance_digest,
    ids::{ChannelName, IncidentId},
    world::World,
};
use jiff::{Timestamp, civil::Date};
use serde::Serialize;
use utoipa::ToSchema;

/// What would be said.
#[derive(Serialize, ToSchema)]
pub(crate) struct Preview {
    subject: String,
    body: String,
    #[schema(value_type = String, format = DateTime)]
    since: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    next_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = Date)]
    last_day: Option<Date>,
    #[schema(value_type = Option<Vec<String>>)]
    channels: Option<Vec<ChannelName>>,
    /// Those of P3 that no digest has told of.
    #[schema(value_type = Vec<u64>)]
    incidents: Vec<IncidentId>,
}

pub(crate) async fn preview(State(shared): State<Shared>) -> Answer<Preview> {
    let found = |world: &World<'_>| {
        let (message, digests) = (advance_digest::preview(world), &world.state.digests);
        let policy = world.policy.digest.as_ref();
        Preview {
            subject: message.subject,
            body: message.body,
            since: digests.since(world.now),
            next_at: advance_digest::next_at(world),
            last_day: digests.last.as_ref().map(|last| last.day),
            channels: policy.map(|policy| policy.channels.clone()),
            incidents: digests.small.keys().copied().collect(),
        }
    };
    Ok(Json(shared.look(found).await?))
}
