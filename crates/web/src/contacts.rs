//! Contacts: who can be reached how, and whether that is known. Addresses are shown as little as is enough to know them.

use crate::{
    acting::{self, Answer},
    extract::{Json, Path},
    state::Shared,
};
use axum::extract::State;
use domain::{
    command::Command,
    contacts::{self, is_example, masked},
    deliveries::How,
    ids::{ChannelName, ContactName, RoleName},
    policy::Contact,
    world::World,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa::ToSchema;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Confirmed {
    by: String,
    channel: String,
}

/// Somebody who can be told.
#[derive(Serialize, ToSchema)]
pub(crate) struct Person {
    #[schema(value_type = String)]
    name: ContactName,
    title: String,
    #[schema(value_type = BTreeSet<String>)]
    roles: BTreeSet<RoleName>,
    /// They must be reachable.
    needed: bool,
    channels: Vec<Way>,
}

/// A way to reach them.
#[derive(Serialize, ToSchema)]
pub(crate) struct Way {
    #[schema(value_type = String)]
    channel: ChannelName,
    /// Masked.
    address: String,
    /// `verified`, `never`, `changed`, `old` or `example`.
    standing: &'static str,
    #[schema(value_type = Option<String>, format = DateTime)]
    verified_at: Option<Timestamp>,
    by: Option<String>,
    #[schema(value_type = Option<String>)]
    how: Option<How>,
}

/// `GET /api/v1/contacts`: only on the socket, as it names people.
pub(crate) async fn list(State(shared): State<Shared>) -> Answer<Vec<Person>> {
    let shown = shared.look(|world| {
        let needed = contacts::needed(world.policy, &world.state.overrides, world.now);
        let all = world.policy.contacts.values();
        all.map(|contact| one(world, contact, needed.contains(&contact.name))).collect()
    });
    Ok(Json(shown.await?))
}

fn one(world: &World<'_>, contact: &Contact, needed: bool) -> Person {
    let personal = contact.addresses.iter().filter(|(channel, _)| !world.policy.is_room(channel));
    let channels = personal.map(|(channel, address)| {
        let standing = contacts::standing(&world.state.deliveries, contact, channel, world.now);
        let verified = standing.verified();
        Way {
            channel: channel.clone(),
            address: masked(address),
            standing: if is_example(address) { "example" } else { standing.word() },
            verified_at: verified.map(|verified| verified.at),
            by: verified.map(|verified| verified.by.to_string()),
            how: verified.map(|verified| verified.how),
        }
    });
    Person {
        name: contact.name.clone(),
        title: contact.title.clone(),
        roles: contact.roles.clone(),
        needed,
        channels: channels.collect(),
    }
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
