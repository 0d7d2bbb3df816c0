//! The page behind a link on which a device enrols for pushes, and what it loads: its script, the script that stays on the
//! device, and what makes it an app on a home screen.

use crate::{desk::Desk, frame, linked::void, trouble::Trouble, visitor::Visitor};
use askama::Template;
use axum::{
    extract::{Path, State},
    http::{StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use domain::{
    command::Command,
    fact::DeviceAdded,
    ids::{Actor, ChannelName, ContactName},
    outside_text,
    policy::Enrolment,
    said::{Language, Said},
};
use engine::EngineError;
use serde::Deserialize;
use serde_json::{Value, json};
use web::{Json, Purpose, Refused};

/// Characters of what a person calls a device, and of its address.
const TITLE: usize = 60;
const ADDRESS: usize = 1500;
/// Under addresses of their own: a script that stays on a device must be found again.
const APP: frame::App = frame::App { script: "/push/page.js", manifest: "/push/manifest.json" };

/// What the page sends: the browser's subscription
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

#[derive(Template)]
#[template(path = "enrolling.html")]
struct Enrolling<'a> {
    l: Language,
    whom: String,
    key: &'a str,
    longest: usize,
}

/// `GET /push/{token}`: it changes nothing.
pub(crate) async fn show(
    State(desk): State<Desk>,
    visitor: Visitor,
    Path(token): Path<String>,
) -> Result<Response, Trouble> {
    let granted = granted(&desk, &token).await;
    let granted = granted.map_err(|refused| Trouble::refused(&visitor, refused).apart())?;
    let Granted { person, enrolment, .. } = granted.ok_or_else(|| void(&visitor))?;
    let l = visitor.language;
    let whom = l.pick(
        format!("{person} への通知を、この端末で受け取ります。"),
        format!("This device receives what is sent to {person}."),
    );
    let main = Enrolling { l, whom, key: &enrolment.key, longest: TITLE };
    let title = l.pick("端末の登録", "Enrol a device");
    Ok(frame::apart(StatusCode::OK, &visitor, title, Some(APP), &main))
}

/// `POST /push/{token}`: the device enrols. Its script reads the answer to the person.
pub(crate) async fn enrol(
    State(desk): State<Desk>,
    visitor: Visitor,
    Path(token): Path<String>,
    Json(asked): Json<Enrols>,
) -> Response {
    let l = visitor.language;
    let Granted { channel, person, enrolment } = match granted(&desk, &token).await {
        Ok(Some(granted)) => granted,
        Ok(None) => return StatusCode::NOT_FOUND.into_response(),
        Err(refused) => return refused.into_response(),
    };
    let Subscription { endpoint, keys } = asked.subscription;
    let address = format!("{endpoint} {} {}", keys.p256dh, keys.auth);
    let is_plain = address.len() <= ADDRESS
        && address.split(' ').count() == 3
        && address.chars().all(|c| c.is_ascii_graphic() || c == ' ');
    if !is_service(&enrolment, &endpoint) || !is_plain {
        let said = Said::new(
            "このブラウザのプッシュサービスは `services` にありません。",
            "the push service of this browser is not among `services`.",
        );
        return (StatusCode::BAD_REQUEST, said.text(l).to_owned()).into_response();
    }
    let title = outside_text::line(&asked.title, TITLE);
    let by = Actor::Person(person.to_string());
    let device = DeviceAdded { id: 0, contact: person, channel, title, address, by };
    match desk.shared.submit(Command::AddDevice(Box::new(device))).await {
        Ok(_) => StatusCode::NO_CONTENT.into_response(),
        Err(EngineError::Refused(refusal)) => {
            (StatusCode::CONFLICT, refusal.said.text(l).to_owned()).into_response()
        }
        Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

/// `GET /push/page.js`: the script of the page.
pub(crate) async fn page() -> Response {
    script(include_str!("../assets/push.js"))
}

/// `GET /push/worker.js`: the script that stays on the device.
pub(crate) async fn worker() -> Response {
    script(include_str!("../assets/push_worker.js"))
}

/// `GET /push/manifest.json`: what makes the page an app on a home screen; it opens as the page that was added.
pub(crate) async fn manifest() -> Json<Value> {
    Json(json!({"name": "hikeshi", "short_name": "hikeshi", "display": "standalone"}))
}

fn script(text: &'static str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/javascript; charset=utf-8"),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    (headers, text).into_response()
}

/// Whose devices may enrol where.
struct Granted {
    channel: ChannelName,
    person: ContactName,
    enrolment: Enrolment,
}

/// What the link grants; none: it is not one that enrols, or its time is over.
async fn granted(desk: &Desk, token: &str) -> Result<Option<Granted>, Refused> {
    let Some(grant) = desk.shared.granted(token) else { return Ok(None) };
    let Purpose::Device(channel) = grant.purpose else { return Ok(None) };
    let person = grant.person;
    let find = move |world: &domain::world::World<'_>| {
        let enrolment = world.policy.channels.get(&channel)?.devices.clone()?;
        Some(Granted { channel, person, enrolment })
    };
    desk.shared.look(find).await
}

/// Whether a device may receive there.
fn is_service(enrolment: &Enrolment, endpoint: &str) -> bool {
    // As an address of the web is read: what stands before an `@` is no host.
    endpoint.parse::<Uri>().is_ok_and(|uri| {
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
