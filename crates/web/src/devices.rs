//! Devices that receive pushes: the link that lets somebody enrol one, the page behind it, and which there are.

use crate::{
    acting::{self, Answer, By, person},
    answer::Refused,
    extract::{self, Json},
    linked::{over, page_with},
    links::{Grant, Purpose},
    state::Shared,
};
use axum::{
    extract::{Path, State},
    http::{StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use domain::{
    command::Command,
    fact::{DeviceAdded, DeviceRemoved},
    ids::{Actor, ChannelName, ContactName},
    outside_text::{self, markup},
    policy::Enrolment,
    said::{Language, Said},
};
use engine::EngineError;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

/// How long a link that enrols is good.
const GOOD_FOR: SignedDuration = SignedDuration::from_hours(1);
/// Characters of what a person calls a device, and of its address.
const TITLE: usize = 60;
const ADDRESS: usize = 1500;
/// Nothing but the page's own script runs, and it speaks to nobody but us.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; script-src 'self'; worker-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'";
const PAGE: &str = include_str!("push/page.js");
const WORKER: &str = include_str!("push/worker.js");

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Ask {
    by: String,
    #[schema(value_type = String)]
    contact: ContactName,
    #[schema(value_type = Option<String>)]
    channel: Option<ChannelName>,
}

/// What a page sends: the browser's subscription
/// (<https://www.w3.org/TR/push-api/#dom-pushsubscription-tojson>), and what the person calls the device.
#[derive(Deserialize)]
pub(crate) struct Enrols {
    #[serde(default)]
    title: String,
    subscription: Subscription,
}

#[derive(Deserialize)]
struct Subscription {
    endpoint: String,
    keys: Keys,
}

#[derive(Deserialize)]
struct Keys {
    p256dh: String,
    auth: String,
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
        let endpoint = one.address.split(' ').next().and_then(address);
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

/// `GET /push/{token}`: the page on which a device enrols. It changes nothing.
pub(crate) async fn show(State(shared): State<Shared>, Path(token): Path<String>) -> Response {
    let Some((language, grant, enrolment)) = granted(&shared, &token).await else {
        return over(Language::Ja);
    };
    let pick = |ja: &'static str, en: &'static str| language.pick(ja, en);
    let whom = language.pick(
        format!("{} への通知を、この端末で受け取ります。", grant.person),
        format!("This device receives what is sent to {}.", grant.person),
    );
    let words = [
        ("key", enrolment.key.as_str()),
        (
            "done",
            pick(
                "登録しました。試験通知で確かめてください。",
                "It is enrolled. Try it with a test message.",
            ),
        ),
        (
            "denied",
            pick(
                "通知が許可されていません。ブラウザの設定で許可してください。",
                "Notifications are not allowed: allow them in the settings of the browser.",
            ),
        ),
        ("failed", pick("登録できませんでした:", "It could not be enrolled:")),
        (
            "unable",
            pick(
                "このブラウザはプッシュ通知を受け取れません。iPhone では、共有メニューから「ホーム画面に追加」し、そこから開いてください。",
                "This browser takes no push messages. On an iPhone, add this page to the Home Screen from the share menu, and open it there.",
            ),
        ),
    ];
    let data: String =
        words.iter().map(|(name, text)| format!(" data-{name}=\"{}\"", markup(text))).collect();
    let label = pick("端末の名前", "What this device is called");
    let button = pick("この端末で受け取る", "Receive on this device");
    let body = format!(
        "<p>{}</p><form id=\"enrol\"{data}><p><label>{label}<br><input name=\"title\" maxlength=\"{TITLE}\"></label></p>\
         <button>{button}</button></form><p id=\"said\" role=\"status\"></p>\
         <noscript><p>{}</p></noscript>",
        markup(&whom),
        pick("登録には JavaScript が必要です。", "Enrolling needs JavaScript."),
    );
    let head = "<link rel=\"manifest\" href=\"/push/manifest.json\"><script src=\"/push/page.js\" defer></script>";
    page_with(StatusCode::OK, language, POLICY, head, &body)
}

/// `POST /push/{token}`: the device enrols.
pub(crate) async fn enrol(
    State(shared): State<Shared>,
    Path(token): Path<String>,
    Json(asked): Json<Enrols>,
) -> Response {
    let Some((language, grant, enrolment)) = granted(&shared, &token).await else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let Purpose::Device(channel) = grant.purpose else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let Subscription { endpoint, keys } = asked.subscription;
    let address = format!("{endpoint} {} {}", keys.p256dh, keys.auth);
    let is_ours = is_service(&enrolment, &endpoint);
    let is_plain = address.len() <= ADDRESS
        && address.split(' ').count() == 3
        && address.chars().all(|c| c.is_ascii_graphic() || c == ' ');
    if !is_ours || !is_plain {
        let said = Said::new(
            "このブラウザのプッシュサービスは `services` にありません。",
            "the push service of this browser is not among `services`.",
        );
        return (StatusCode::BAD_REQUEST, said.text(language).to_owned()).into_response();
    }
    let title = outside_text::line(&asked.title, TITLE);
    let by = Actor::Person(grant.person.to_string());
    let device = DeviceAdded { id: 0, contact: grant.person, channel, title, address, by };
    match shared.submit(Command::AddDevice(Box::new(device))).await {
        Ok(_) => StatusCode::NO_CONTENT.into_response(),
        Err(EngineError::Refused(refusal)) => {
            (StatusCode::CONFLICT, refusal.said.text(language).to_owned()).into_response()
        }
        Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

/// The script of the page.
pub(crate) async fn page() -> Response {
    script(PAGE)
}

/// The script that stays on the device.
pub(crate) async fn worker() -> Response {
    script(WORKER)
}

/// What makes the page an app on a home screen; it opens as the page that was added.
pub(crate) async fn manifest() -> Json<Value> {
    Json(json!({"name": "hikeshi", "short_name": "hikeshi", "display": "standalone"}))
}

fn script(text: &'static str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/javascript; charset=utf-8"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    (headers, text).into_response()
}

async fn granted(shared: &Shared, token: &str) -> Option<(Language, Grant, Enrolment)> {
    let grant = shared.links.as_ref()?.read(token, shared.doors.now())?;
    let Purpose::Device(channel) = grant.purpose.clone() else { return None };
    let found = shared.look(move |world| {
        let brief = world.policy.channels.get(&channel);
        (world.policy.language, brief.and_then(|brief| brief.devices.clone()))
    });
    let (language, enrolment) = found.await.ok()?;
    Some((language, grant, enrolment?))
}

/// The address of a device as an address of the web; none: it is none. What stands before an `@` is no host.
fn address(text: &str) -> Option<Uri> {
    text.parse().ok()
}

/// Whether a device may receive there.
fn is_service(enrolment: &Enrolment, endpoint: &str) -> bool {
    address(endpoint).is_some_and(|uri| {
        let parts = uri.scheme_str().zip(uri.host());
        parts.is_some_and(|(scheme, host)| enrolment.allows(scheme, host))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_named_services_deliver() {
        let services = ["fcm.googleapis.com", "*.notify.windows.com"].map(str::to_owned).to_vec();
        let enrolment = Enrolment { key: String::new(), services };
        let allows = |text: &str| is_service(&enrolment, text);
        assert!(allows("https://fcm.googleapis.com/fcm/send/x:y"));
        assert!(allows("https://wns2-par02p.notify.windows.com/w/?token=x"));
        for other in [
            "http://fcm.googleapis.com/x",
            "https://fcm.googleapis.com@10.0.0.1/x",
            "https://fcm.googleapis.com\\@10.0.0.1/x",
            "https://10.0.0.1/fcm.googleapis.com",
            "https://notify.windows.com/x",
            "https://evilnotify.windows.com/x",
            "file:///etc/passwd",
            "",
        ] {
            assert!(!allows(other), "{other}");
        }
    }
}
