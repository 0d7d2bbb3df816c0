//! `GET /api/v1/digest`: what the daily digest would say now, and when the next one goes out.

use crate::{acting::Answer, state::Shared};
use axum::{Json, extract::State};
use domain::{advance_digest, world::World};
use serde_json::json;

pub(crate) async fn preview(State(shared): State<Shared>) -> Answer {
    let found = |world: &World<'_>| {
        let (message, digests) = (advance_digest::preview(world), &world.state.digests);
        let policy = world.policy.digest.as_ref();
        json!({
            "subject": message.subject, "body": message.body,
            "since": digests.since(world.now), "next_at": advance_digest::next_at(world),
            "last_day": digests.last.as_ref().map(|last| last.day),
            "channels": policy.map(|policy| &policy.channels),
            "incidents": digests.small.keys().collect::<Vec<_>>(),
        })
    };
    Ok(Json(shared.look(found).await?))
}
