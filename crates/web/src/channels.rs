//! Channels: how each fares, and trying one out.

use crate::{
    acting::{self, Answer},
    extract::{Json, Path},
    state::Shared,
};
use axum::extract::State;
use domain::{
    command::Command,
    ids::{ChannelName, ContactName},
};
use jiff::Timestamp;
use rand::RngExt;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Letters and digits that nobody takes for one another.
const ALPHABET: &[u8] = b"23456789abcdefghjkmnpqrstuvwxyz";
/// Signs of a code.
const SIGNS: usize = 8;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Test {
    by: String,
    to: Option<String>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Confirm {
    by: String,
    code: String,
}

/// A channel, and how it fares.
#[derive(Serialize, ToSchema)]
pub(crate) struct Shown {
    #[schema(value_type = String)]
    name: ChannelName,
    room: bool,
    pager: bool,
    #[schema(value_type = Option<String>, format = DateTime)]
    succeeded_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    proved_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    failed_at: Option<Timestamp>,
    failure: String,
    failures: u64,
    #[schema(value_type = Option<String>, format = DateTime)]
    busy_until: Option<Timestamp>,
}

/// `GET /api/v1/channels`: what is configured, and how it fares.
pub(crate) async fn list(State(shared): State<Shared>) -> Answer<Vec<Shown>> {
    let shown = shared.look(|world| {
        let health = &world.state.deliveries.health;
        let one = |(name, brief): (&ChannelName, &domain::policy::ChannelBrief)| {
            let fares = health.get(name).cloned().unwrap_or_default();
            Shown {
                name: name.clone(),
                room: brief.is_room,
                pager: brief.is_pager,
                succeeded_at: fares.succeeded_at,
                proved_at: fares.proved_at,
                failed_at: fares.failed_at,
                failure: fares.failure,
                failures: fares.failures,
                busy_until: fares.busy_until.filter(|until| *until > world.now),
            }
        };
        world.policy.channels.iter().map(one).collect()
    });
    Ok(Json(shown.await?))
}

/// `POST /api/v1/channels/{name}/test`: the code stands in the message alone, so that only its reader can send it back.
pub(crate) async fn test(
    State(shared): State<Shared>,
    Path(name): Path<String>,
    Json(ask): Json<Test>,
) -> Answer {
    let by = acting::person(&ask.by)?;
    let code: String = {
        let mut random = rand::rng();
        (0..SIGNS).map(|_| char::from(ALPHABET[random.random_range(0..ALPHABET.len())])).collect()
    };
    let to = ask.to.map(ContactName::from);
    acting::submit(&shared, Command::TestChannel { channel: name.into(), to, code, by }).await
}

/// `POST /api/v1/channels/confirm`.
pub(crate) async fn confirm(State(shared): State<Shared>, Json(ask): Json<Confirm>) -> Answer {
    let by = acting::person(&ask.by)?;
    acting::submit(&shared, Command::ConfirmTest { code: ask.code.trim().to_owned(), by }).await
}
