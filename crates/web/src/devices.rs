//! Devices that receive pushes: the link that lets somebody enrol one, and which there are. What stands behind the link is a
//! page.

use crate::{
    acting::{self, Answer, By, person},
    answer::Refused,
    extract::{self, Json},
    links::{Grant, Purpose},
    state::Shared,
};
use axum::{extract::State, http::Uri};
use domain::{
    command::Command,
    fact::DeviceRemoved,
    ids::{ChannelName, ContactName},
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How long a link that enrols is good.
const GOOD_FOR: SignedDuration = SignedDuration::from_hours(1);

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Ask {
    by: String,
    #[schema(value_type = String)]
    contact: ContactName,
    #[schema(value_type = Option<String>)]
    channel: Option<ChannelName>,
}

/// A link with which somebody enrols, this once.
#[derive(Serialize, ToSchema)]
pub(crate) struct Linked {
    url: String,
    #[schema(value_type = String, format = DateTime)]
    until: Timestamp,
    #[schema(value_type = String)]
    contact: ContactName,
    #[schema(value_type = String)]
    channel: ChannelName,
}

/// A device that receives pushes.
#[derive(Serialize, ToSchema)]
pub(crate) struct Enrolled {
    id: u64,
    #[schema(value_type = String)]
    contact: ContactName,
    #[schema(value_type = String)]
    channel: ChannelName,
    title: String,
    /// The host that delivers to it.
    service: Option<String>,
    by: String,
    #[schema(value_type = String, format = DateTime)]
    added_at: Timestamp,
}

/// `POST /api/v1/devices/link`: a link with which somebody enrols their devices.
pub(crate) async fn link(State(shared): State<Shared>, Json(ask): Json<Ask>) -> Answer<Linked> {
    person(&ask.by)?;
    let Some(links) = shared.links.clone() else {
        return Err(Refused::not_found(
            "`public_url` がないため、リンクを作れません",
            "there are no links without `public_url`",
        ));
    };
    let until = shared.doors.now().saturating_add(GOOD_FOR).unwrap_or(Timestamp::MAX);
    let Ask { contact, channel, .. } = ask;
    let (wanted, whose) = (channel.clone(), contact.clone());
    let found = shared.look(move |world| {
        let mut takers = world.policy.channels.iter().filter(|(_, brief)| brief.devices.is_some());
        let named = |(name, _): &(&ChannelName, _)| wanted.as_ref().is_none_or(|one| one == *name);
        let channel = takers.find(named).map(|(name, _)| name.clone());
        (channel, world.policy.contacts.contains_key(&whose))
    });
    let (found, is_known) = found.await?;
    let Some(channel) = found.filter(|_| is_known) else {
        return Err(Refused::not_found(
            format!("連絡先 `{contact}` か、端末を登録できるチャネル (web_push) がありません"),
            format!("there is no contact `{contact}`, or no channel of the kind web_push"),
        ));
    };
    let purpose = Purpose::Device(channel.clone());
    let token = links.sign(&Grant { purpose, notice: None, person: contact.clone(), until });
    let url = format!("{}/push/{token}", links.base());
    Ok(Json(Linked { url, until, contact, channel }))
}

/// `GET /api/v1/devices`: which there are. Their addresses are shown by the name of their service alone.
pub(crate) async fn list(State(shared): State<Shared>) -> Answer<Vec<Enrolled>> {
    let devices = shared.look(|world| world.state.devices.all.clone()).await?;
    let shown = devices.iter().map(|device| {
        let one = &device.added;
        let endpoint = one.address.split(' ').next().and_then(|text| text.parse::<Uri>().ok());
        let service = endpoint.as_ref().and_then(Uri::host);
        Enrolled {
            id: one.id,
            contact: one.contact.clone(),
            channel: one.channel.clone(),
            title: one.title.clone(),
            service: service.map(ToOwned::to_owned),
            by: one.by.to_string(),
            added_at: device.at,
        }
    });
    Ok(Json(shown.collect()))
}

/// `POST /api/v1/devices/{id}/remove`.
pub(crate) async fn remove(
    State(shared): State<Shared>,
    extract::Path(id): extract::Path<u64>,
    Json(ask): Json<By>,
) -> Answer {
    let by = person(&ask.by)?;
    acting::submit(&shared, Command::RemoveDevice(DeviceRemoved { id, by })).await
}
