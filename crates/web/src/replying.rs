//! What people answer in Slack, in LINE and on their phones: proved to come from the service, then one command in the name
//! of the contact whose address it came from. Nobody else is heard.
//!
//! - Slack: `v0=` and HMAC-SHA256 over `v0:timestamp:body`, five minutes at most
//!   (<https://docs.slack.dev/authentication/verifying-requests-from-slack>); the form field `payload` is JSON
//!   (<https://docs.slack.dev/reference/interaction-payloads/block_actions-payload>).
//! - LINE: base64 of HMAC-SHA256 over the body (<https://developers.line.biz/en/docs/messaging-api/verify-webhook-signature/>);
//!   what was asked for stands in `postback.data`. A request without events is LINE's trial, and is answered well.
//! - Twilio: base64 of HMAC-SHA1 over the public address and the sorted fields (<https://www.twilio.com/docs/usage/security>).

use crate::{
    links::{Grant, Purpose},
    state::Shared,
};
use axum::{
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use domain::{
    command::Command,
    fact::{About, Proof, RootCause},
    ids::{Actor, ChannelName, ContactName, IncidentId, NoticeId},
    said::{Language, Said},
};
use engine::EngineError;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha1::Sha1;
use sha2::Sha256;
use source::Hidden;
use std::collections::BTreeMap;

/// Requests of Slack that are older than this are not heard.
const OLDEST_SECONDS: i64 = 300;

/// What a person wants.
#[derive(Clone, Copy)]
enum Wish {
    Acknowledge,
    Close,
}

/// `POST /answer/slack/{channel}`.
pub(crate) async fn slack(
    State(shared): State<Shared>,
    Path(channel): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let Some(secret) = secret(&shared, &channel, "slack").await else { return unknown() };
    let stamp = text(&headers, "x-slack-request-timestamp");
    let age = stamp.parse::<i64>().map(|then| shared.doors.now().as_second().saturating_sub(then));
    let signature = text(&headers, "x-slack-signature").strip_prefix("v0=").and_then(unhex);
    let mut mac = mac::<Hmac<Sha256>>(&secret);
    mac.update(format!("v0:{stamp}:").as_bytes());
    mac.update(&body);
    let is_fresh = age.is_ok_and(|age| age.abs() <= OLDEST_SECONDS);
    if !is_fresh || signature.is_none_or(|signature| mac.verify_slice(&signature).is_err()) {
        return forged(&channel);
    }
    let fields = form(&body);
    let payload: Value =
        fields.get("payload").and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
    let asked = payload["actions"][0]["value"].as_str().and_then(asked);
    let (Some((incident, notice)), Some(user)) = (asked, payload["user"]["id"].as_str()) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let Some(person) = person(&shared, &channel, user).await else { return stranger(&channel) };
    match act(&shared, Wish::Acknowledge, incident, &person, &[notice]).await {
        Ok(_) | Err(Answer::Refused(_)) => StatusCode::OK.into_response(),
        Err(Answer::Fault) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

/// `POST /answer/line/{channel}`.
pub(crate) async fn line(
    State(shared): State<Shared>,
    Path(channel): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let Some(secret) = secret(&shared, &channel, "line").await else { return unknown() };
    let signature = STANDARD.decode(text(&headers, "x-line-signature"));
    let mut mac = mac::<Hmac<Sha256>>(&secret);
    mac.update(&body);
    if signature.is_err() || signature.is_ok_and(|given| mac.verify_slice(&given).is_err()) {
        return forged(&channel);
    }
    let Ok(document) = serde_json::from_slice::<Value>(&body) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let events = document["events"].as_array().cloned().unwrap_or_default();
    let mut status = StatusCode::OK;
    for event in events.iter().filter(|event| event["type"] == "postback").take(100) {
        let asked = event["postback"]["data"].as_str().and_then(asked);
        let (Some((incident, notice)), Some(user)) = (asked, event["source"]["userId"].as_str())
        else {
            continue;
        };
        match person(&shared, &channel, user).await {
            Some(person) => {
                if let Err(Answer::Fault) =
                    act(&shared, Wish::Acknowledge, incident, &person, &[notice]).await
                {
                    status = StatusCode::SERVICE_UNAVAILABLE;
                }
            }
            None => status = stranger(&channel).status(),
        }
    }
    status.into_response()
}

/// `POST /answer/twilio/{channel}/voice/{token}`: a key was pressed during a call.
pub(crate) async fn voice(
    State(shared): State<Shared>,
    Path((channel, token)): Path<(String, String)>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let Some(fields) = twilio(&shared, &channel, uri.path(), &headers, &body).await else {
        return forged(&channel);
    };
    let language = shared.look(|world| world.policy.language).await.unwrap_or(Language::Ja);
    let Some((grant, person)) = called(&shared, &channel, &token, &fields).await else {
        return stranger(&channel);
    };
    let wish = match fields.get("Digits").map(String::as_str) {
        Some("4") => Wish::Acknowledge,
        Some("6") => Wish::Close,
        _ => {
            let said = Said::new("4 か 6 を押してください。", "Press 4 or 6.");
            return spoken(language, &said);
        }
    };
    let Purpose::Report(Some(incident)) = grant.purpose else { return unknown() };
    spoken(language, &said(wish, act(&shared, wish, incident, &person, &[grant.notice]).await))
}

/// `POST /answer/twilio/{channel}/status/{token}`: what became of a call or a short message.
pub(crate) async fn status(
    State(shared): State<Shared>,
    Path((channel, token)): Path<(String, String)>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let Some(fields) = twilio(&shared, &channel, uri.path(), &headers, &body).await else {
        return forged(&channel);
    };
    let Some((grant, _)) = called(&shared, &channel, &token, &fields).await else {
        return stranger(&channel);
    };
    let state = fields.get("CallStatus").or_else(|| fields.get("MessageStatus"));
    if matches!(state.map(String::as_str), Some("completed" | "delivered")) {
        // A mailbox takes calls, too: it has arrived, and nobody has answered.
        let (proof, by) = (Proof::Arrived, Actor::System(channel));
        let proved = shared.submit(Command::ProveNotice { notice: grant.notice, proof, by }).await;
        if proved.is_err() {
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        }
    }
    StatusCode::NO_CONTENT.into_response()
}

/// `POST /answer/twilio/{channel}/sms`: a reply such as `7a` or `7c`.
pub(crate) async fn sms(
    State(shared): State<Shared>,
    Path(channel): Path<String>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let Some(fields) = twilio(&shared, &channel, uri.path(), &headers, &body).await else {
        return forged(&channel);
    };
    let language = shared.look(|world| world.policy.language).await.unwrap_or(Language::Ja);
    let from = fields.get("From").map(String::as_str).unwrap_or_default();
    let Some(person) = person(&shared, &channel, from).await else { return stranger(&channel) };
    let Some((wish, incident)) = fields.get("Body").and_then(|text| code(text)) else {
        let said = Said::new(
            "番号と a (対応) または c (クローズ) を返信してください。例: 7a",
            "Reply with a number and a (acknowledge) or c (close), such as 7a",
        );
        return written(language, &said);
    };
    let (name, to) = (ChannelName::from(channel.as_str()), person.clone());
    let notices = shared.look(move |world| {
        let about = About::Incident(incident);
        let awaited = world.state.deliveries.awaited.iter();
        let is_meant = |one: &domain::deliveries::Awaited| {
            one.about == about && one.channel == name && one.to.as_ref() == Some(&to)
        };
        awaited.filter(|(_, one)| is_meant(one)).map(|(id, _)| *id).collect::<Vec<_>>()
    });
    let notices = notices.await.unwrap_or_default();
    written(language, &said(wish, act(&shared, wish, incident, &person, &notices).await))
}

/// Why nothing was done.
enum Answer {
    Refused(Said),
    Fault,
}

/// One command in the name of the person; that they answered is proof of the notices, also when it came too late.
async fn act(
    shared: &Shared,
    wish: Wish,
    incident: IncidentId,
    person: &ContactName,
    notices: &[NoticeId],
) -> Result<(), Answer> {
    let by = Actor::Person(person.to_string());
    let command = match wish {
        Wish::Acknowledge => Command::Acknowledge { incident, by: by.clone() },
        Wish::Close => Command::Close {
            incident,
            cause: RootCause {
                technical: String::new(),
                process: String::new(),
                human: String::new(),
            },
            unverified: String::new(),
            by: by.clone(),
        },
    };
    let done = shared.submit(command).await;
    if let Err(EngineError::Refused(_)) | Ok(_) = &done {
        for notice in notices {
            let (notice, proof, by) = (*notice, Proof::Answered, by.clone());
            let _ = shared.submit(Command::ProveNotice { notice, proof, by }).await;
        }
    }
    match done {
        Ok(_) => Ok(()),
        Err(EngineError::Refused(refusal)) => Err(Answer::Refused(refusal.said)),
        Err(_) => Err(Answer::Fault),
    }
}

fn said(wish: Wish, done: Result<(), Answer>) -> Said {
    match (wish, done) {
        (Wish::Acknowledge, Ok(())) => {
            Said::new("対応開始を記録しました。", "You have acknowledged it.")
        }
        (Wish::Close, Ok(())) => Said::new("クローズしました。", "It is closed."),
        (_, Err(Answer::Refused(said))) => said,
        (_, Err(Answer::Fault)) => Said::new(
            "記録できませんでした。もう一度お試しください。",
            "It could not be recorded. Please try again.",
        ),
    }
}

/// `acknowledge INC-7 N12`, as our buttons say it.
fn asked(text: &str) -> Option<(IncidentId, NoticeId)> {
    let mut words = text.split(' ');
    let (verb, incident, notice) = (words.next()?, words.next()?, words.next()?);
    (verb == "acknowledge" && words.next().is_none()).then_some(())?;
    Some((incident.parse().ok()?, notice.parse().ok()?))
}

/// `7a`, `7 A`, `INC-7c`; what is not a code is none.
fn code(text: &str) -> Option<(Wish, IncidentId)> {
    let text: String = text.split_whitespace().collect::<String>().to_ascii_lowercase();
    let (number, letter) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let wish = match letter {
        "a" => Wish::Acknowledge,
        "c" => Wish::Close,
        _ => return None,
    };
    Some((wish, number.parse().ok()?))
}

/// The contact with this address on the channel. An address that two contacts share is nobody's.
async fn person(shared: &Shared, channel: &str, address: &str) -> Option<ContactName> {
    let (channel, address) = (ChannelName::from(channel), address.to_owned());
    let found = shared.look(move |world| {
        let all = world.policy.contacts.values();
        let mut these = all.filter(|one| one.addresses.get(&channel) == Some(&address));
        let first = these.next().map(|one| one.name.clone());
        first.filter(|_| these.next().is_none())
    });
    found.await.ok().flatten()
}

/// What a token in an address grants, when the number that was called is that of its person.
async fn called(
    shared: &Shared,
    channel: &str,
    token: &str,
    fields: &BTreeMap<String, String>,
) -> Option<(Grant, ContactName)> {
    let grant = shared.links.as_ref()?.read(token, shared.doors.now())?;
    if !matches!(grant.purpose, Purpose::Report(_)) {
        return None;
    }
    let to = fields.get("To").or_else(|| fields.get("Called"))?;
    let person = person(shared, channel, to).await?;
    (person == grant.person).then_some((grant, person))
}

async fn secret(shared: &Shared, channel: &str, service: &str) -> Option<Hidden> {
    let answering = shared.doors.answering(channel, service)?;
    let reader = shared.safe.reader(format!("channel {channel}"));
    match reader.read(&answering.secret).await {
        Ok(secret) => Some(secret),
        Err(why) => {
            tracing::error!("{channel}: an answer cannot be checked: {why}");
            None
        }
    }
}

/// The fields of a request that Twilio signed.
async fn twilio(
    shared: &Shared,
    channel: &str,
    path: &str,
    headers: &HeaderMap,
    body: &[u8],
) -> Option<BTreeMap<String, String>> {
    let secret = secret(shared, channel, "twilio").await?;
    let links = shared.links.as_ref()?;
    let given = STANDARD.decode(text(headers, "x-twilio-signature")).ok()?;
    let fields = form(body);
    let mut mac = mac::<Hmac<Sha1>>(&secret);
    mac.update(format!("{}{path}", links.base()).as_bytes());
    for (name, value) in &fields {
        mac.update(name.as_bytes());
        mac.update(value.as_bytes());
    }
    mac.verify_slice(&given).ok().map(|()| fields)
}

fn mac<M: KeyInit>(secret: &Hidden) -> M {
    M::new_from_slice(secret.reveal().trim().as_bytes())
        .unwrap_or_else(|_| unreachable!("HMAC takes a key of any length"))
}

fn form(body: &[u8]) -> BTreeMap<String, String> {
    form_urlencoded::parse(body).into_owned().collect()
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let pairs = (0..text.len()).step_by(2);
    pairs.map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok()).collect()
}

fn spoken(language: Language, said: &Said) -> Response {
    let code = language.pick("ja-JP", "en-US");
    twiml(&format!("<Say language=\"{code}\">{}</Say><Hangup/>", xml(said.text(language))))
}

fn written(language: Language, said: &Said) -> Response {
    twiml(&format!("<Message>{}</Message>", xml(said.text(language))))
}

fn twiml(body: &str) -> Response {
    let text = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response>{body}</Response>");
    ([(header::CONTENT_TYPE, "text/xml; charset=utf-8")], text).into_response()
}

fn xml(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn unknown() -> Response {
    StatusCode::NOT_FOUND.into_response()
}

fn forged(channel: &str) -> Response {
    let shown: String = channel.chars().filter(|c| !c.is_control()).take(64).collect();
    tracing::warn!("{shown}: an answer without a good signature was refused");
    StatusCode::FORBIDDEN.into_response()
}

fn stranger(channel: &str) -> Response {
    let shown: String = channel.chars().filter(|c| !c.is_control()).take(64).collect();
    tracing::warn!("{shown}: an answer came from an address that is no contact's, and was refused");
    StatusCode::FORBIDDEN.into_response()
}
