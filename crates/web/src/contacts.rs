//! Contacts: who can be reached how, and whether that is known. Addresses are shown as little as is enough to know them.

use crate::{
    acting::{self, Answer},
    state::Shared,
};
use axum::{
    Json,
    extract::{Path, State},
};
use domain::{
    command::Command,
    contacts::{self, is_example, masked},
    ids::ChannelName,
    policy::Contact,
    world::World,
};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Confirmed {
    by: String,
    channel: String,
}

/// `GET /api/v1/contacts`: only on the socket, as it names people.
pub(crate) async fn list(State(shared): State<Shared>) -> Answer {
    let shown = shared.look(|world| {
        let needed = contacts::needed(world.policy, &world.state.overrides, world.now);
        let all = world.policy.contacts.values();
        all.map(|contact| one(world, contact, needed.contains(&contact.name))).collect()
    });
    Ok(Json(shown.await?))
}

fn one(world: &World<'_>, contact: &Contact, needed: bool) -> Value {
    let personal = contact.addresses.iter().filter(|(channel, _)| !world.policy.is_room(channel));
    let channels = personal.map(|(channel, address)| {
        let standing = contacts::standing(&world.state.deliveries, contact, channel, world.now);
        let verified = standing.verified();
        json!({
            "channel": channel,
            "address": masked(address),
            "standing": if is_example(address) { "example" } else { standing.word() },
            "verified_at": verified.map(|verified| verified.at),
            "by": verified.map(|verified| verified.by.to_string()),
            "how": verified.map(|verified| verified.how),
        })
    });
    json!({
        "name": contact.name,
        "title": contact.title,
        "roles": contact.roles,
        "needed": needed,
        "channels": channels.collect::<Vec<_>>(),
    })
}

/// `POST /api/v1/contacts/{name}/confirmed`: a person's word that an address reaches whom it should.
pub(crate) async fn confirmed(
    State(shared): State<Shared>,
    Path(name): Path<String>,
    Json(ask): Json<Confirmed>,
) -> Answer {
    let by = acting::person(&ask.by)?;
    let channel = ChannelName::from(ask.channel);
    let command = Command::VerifyContact { contact: name.into(), channel, by };
    acting::submit(&shared, command).await
}
