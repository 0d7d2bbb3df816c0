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
    answered::{self, Unanswered},
    links::{Grant, Purpose},
    state::{Reply, Shared},
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
    fact::{About, Miss, Proof},
    ids::{Actor, ChannelName, ContactName, NoticeId},
    outside_text::{self, markup},
    said::{Language, Said},
    wish::Wish,
};
use hmac::{Hmac, KeyInit, Mac};
use intake::signature::{signs, unhex};
use serde_json::Value;
use sha1::Sha1;
use sha2::Sha256;
use source::Hidden;
use std::collections::BTreeMap;

/// Requests of Slack that are older than this are not heard.
const OLDEST_SECONDS: i64 = 300;
/// Characters of an error code.
const ERROR: usize = 20;

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
    let is_fresh = age.is_ok_and(|age| age.abs() <= OLDEST_SECONDS);
    let signature = text(&headers, "x-slack-signature").strip_prefix("v0=").and_then(unhex);
    let parts: [&[u8]; 4] = [b"v0:", stamp.as_bytes(), b":", &body];
    if !is_fresh || !is_signed::<Hmac<Sha256>>(&secret, &parts, signature) {
        return forged(&channel);
    }
    let fields = form(&body);
    let payload: Value =
        fields.get("payload").and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
    let pressed = payload["actions"][0]["value"].as_str().and_then(pressed);
    let (Some((notice, wish)), Some(user)) = (pressed, payload["user"]["id"].as_str()) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let press = Press { channel: &channel, address: user, to: user };
    by_button(&shared, &press, &wish, notice).await.into_response()
}

/// `POST /answer/line/{channel}`.
pub(crate) async fn line(
    State(shared): State<Shared>,
    Path(channel): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let Some(secret) = secret(&shared, &channel, "line").await else { return unknown() };
    let signature = STANDARD.decode(text(&headers, "x-line-signature")).ok();
    if !is_signed::<Hmac<Sha256>>(&secret, &[&body], signature) {
        return forged(&channel);
    }
    let Ok(document) = serde_json::from_slice::<Value>(&body) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let events = document["events"].as_array().cloned().unwrap_or_default();
    let mut status = StatusCode::OK;
    for event in events.iter().filter(|event| event["type"] == "postback").take(100) {
        let pressed = event["postback"]["data"].as_str().and_then(pressed);
        let (Some((notice, wish)), Some(user)) = (pressed, event["source"]["userId"].as_str())
        else {
            continue;
        };
        let to = event["replyToken"].as_str().unwrap_or_default();
        let press = Press { channel: &channel, address: user, to };
        let answer = by_button(&shared, &press, &wish, notice).await;
        if answer != StatusCode::OK {
            status = answer;
        }
    }
    status.into_response()
}

/// A button that was pressed.
struct Press<'a> {
    channel: &'a str,
    /// The address of the person.
    address: &'a str,
    /// What a reply goes to.
    to: &'a str,
}

/// A button was pressed under an address, and the person is told what became of it. What is refused, such as an approval by whoever started the run, is answered
/// well: the service has done its part, and the journal has not moved.
async fn by_button(
    shared: &Shared,
    press: &Press<'_>,
    wish: &Wish,
    notice: NoticeId,
) -> StatusCode {
    let channel = press.channel;
    let Some(person) = person(shared, channel, press.address).await else {
        return stranger(channel).status();
    };
    let reason = format!("answered with a button on {channel}");
    let done = answered::carry_out(shared, wish, &reason, &person, &[notice]).await;
    let status = match &done {
        Ok(()) => StatusCode::OK,
        Err(Unanswered::Refused(said)) => {
            tracing::info!("{channel}: {person}: `{wish}` was refused: {}", said.en);
            StatusCode::OK
        }
        Err(Unanswered::Fault) => StatusCode::SERVICE_UNAVAILABLE,
    };
    let language = shared.look(|world| world.policy.language).await.unwrap_or(Language::Ja);
    let text = said(wish, done).text(language).to_owned();
    (shared.replies)(Reply { channel: channel.into(), to: press.to.to_owned(), text });
    status
}

/// `POST /answer/twilio/{channel}/voice/{token}`: a key was pressed during a call.
pub(crate) async fn voice(
    State(shared): State<Shared>,
    Path((channel, token)): Path<(String, String)>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let (fields, grant) = match called(&shared, &channel, &token, &uri, &headers, &body).await {
        Ok(called) => called,
        Err(refused) => return refused,
    };
    let language = shared.look(|world| world.policy.language).await.unwrap_or(Language::Ja);
    let Purpose::Report(incident) = grant.purpose else { return unknown() };
    let wish = match (fields.get("Digits").map(String::as_str), incident) {
        (Some("4"), Some(incident)) => Wish::Acknowledge(incident),
        (Some("6"), Some(incident)) => Wish::Close(incident),
        (_, Some(_)) => {
            let said = Said::new("4 か 6 を押してください。", "Press 4 or 6.");
            return spoken(language, &said);
        }
        (Some("4"), None) => match tested(&shared, grant.notice).await {
            Some(code) => Wish::Confirm(code),
            None => {
                let said = Said::new("この試験は確認済みです。", "This test is confirmed already.");
                return spoken(language, &said);
            }
        },
        (_, None) => return spoken(language, &Said::new("4 を押してください。", "Press 4.")),
    };
    let done =
        answered::carry_out(&shared, &wish, "", &grant.person, grant.notice.as_slice()).await;
    spoken(language, &said(&wish, done))
}

/// The code of a test message that nobody has confirmed yet.
async fn tested(shared: &Shared, notice: Option<NoticeId>) -> Option<String> {
    let notice = notice?;
    let code =
        shared.look(move |world| match &world.state.deliveries.awaited.get(&notice)?.about {
            About::Channel(_, code) => Some(code.clone()),
            _ => None,
        });
    code.await.ok().flatten()
}

/// `POST /answer/twilio/{channel}/status/{token}`: what became of a call or a short message
/// (<https://www.twilio.com/docs/voice/api/call-resource#call-status-values>,
/// <https://www.twilio.com/docs/messaging/api/message-resource#message-status-values>).
pub(crate) async fn status(
    State(shared): State<Shared>,
    Path((channel, token)): Path<(String, String)>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let (fields, grant) = match called(&shared, &channel, &token, &uri, &headers, &body).await {
        Ok(called) => called,
        Err(refused) => return refused,
    };
    let field = |names: [&str; 2]| names.iter().find_map(|name| fields.get(*name)).cloned();
    let state = field(["CallStatus", "MessageStatus"]).unwrap_or_default();
    let Some(notice) = grant.notice else { return unknown() };
    let by = Actor::System(channel.clone());
    let command = match state.as_str() {
        // A mailbox takes calls, too: it has arrived, and nobody has answered.
        "completed" | "delivered" => Command::ProveNotice { notice, proof: Proof::Arrived, by },
        "no-answer" | "busy" | "failed" | "canceled" | "undelivered" => Command::MissNotice {
            notice,
            channel: channel.as_str().into(),
            receipt: field(["CallSid", "MessageSid"]),
            miss: match state.as_str() {
                "no-answer" | "busy" => Miss::Unanswered,
                _ => Miss::Undelivered,
            },
            detail: match fields.get("ErrorCode") {
                Some(code) => format!("{state}, error {}", outside_text::line(code, ERROR)),
                None => state,
            },
            by,
        },
        _ => return StatusCode::NO_CONTENT.into_response(),
    };
    if shared.submit(command).await.is_err() {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
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
    let Some(wish) = fields.get("Body").and_then(|text| code(text)) else {
        let said = Said::new(
            "番号と a (対応) または c (クローズ) を返信してください。例: 7a",
            "Reply with a number and a (acknowledge) or c (close), such as 7a",
        );
        return written(language, &said);
    };
    let (name, to) = (ChannelName::from(channel.as_str()), person.clone());
    let (Wish::Acknowledge(incident) | Wish::Close(incident)) = wish else { return unknown() };
    let notices = shared.look(move |world| {
        let about = About::Incident(incident);
        let awaited = world.state.deliveries.awaited.iter();
        let is_meant = |one: &domain::deliveries::Awaited| {
            one.about == about && one.channel == name && one.to.as_ref() == Some(&to)
        };
        awaited.filter(|(_, one)| is_meant(one)).map(|(id, _)| *id).collect::<Vec<_>>()
    });
    let notices = notices.await.unwrap_or_default();
    let done = answered::carry_out(&shared, &wish, "", &person, &notices).await;
    written(language, &said(&wish, done))
}

fn said(wish: &Wish, done: Result<(), Unanswered>) -> Said {
    done.map_or_else(Unanswered::said, |()| wish.thanks())
}

/// `N12 approve APP-3`, as our buttons say it.
fn pressed(text: &str) -> Option<(NoticeId, Wish)> {
    let (notice, wish) = text.split_once(' ')?;
    Some((notice.parse().ok()?, wish.parse().ok()?))
}

/// `7a`, `7 A`, `INC-7c`; what is not a code is none.
fn code(text: &str) -> Option<Wish> {
    let text: String = text.split_whitespace().collect::<String>().to_ascii_lowercase();
    let (number, letter) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let incident = number.parse().ok()?;
    match letter {
        "a" => Some(Wish::Acknowledge(incident)),
        "c" => Some(Wish::Close(incident)),
        _ => None,
    }
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

/// What Twilio reports of a call or a message, and what the token in its address grants: signed, and about the number of
/// the person whom it was meant for.
async fn called(
    shared: &Shared,
    channel: &str,
    token: &str,
    uri: &Uri,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<(BTreeMap<String, String>, Grant), Response> {
    let fields = twilio(shared, channel, uri.path(), headers, body).await;
    let fields = fields.ok_or_else(|| forged(channel))?;
    let grant = shared.granted(token).filter(|grant| matches!(grant.purpose, Purpose::Report(_)));
    let to = fields.get("To").or_else(|| fields.get("Called"));
    let (Some(grant), Some(to)) = (grant, to) else { return Err(stranger(channel)) };
    if person(shared, channel, to).await.as_ref() != Some(&grant.person) {
        return Err(stranger(channel));
    }
    Ok((fields, grant))
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
    let given = STANDARD.decode(text(headers, "x-twilio-signature")).ok();
    let fields = form(body);
    let mut parts = vec![links.base().as_bytes(), path.as_bytes()];
    parts.extend(fields.iter().flat_map(|(name, value)| [name.as_bytes(), value.as_bytes()]));
    is_signed::<Hmac<Sha1>>(&secret, &parts, given).then_some(fields)
}

fn is_signed<M: Mac + KeyInit>(secret: &Hidden, parts: &[&[u8]], given: Option<Vec<u8>>) -> bool {
    given.is_some_and(|given| signs::<M>(secret.reveal().trim().as_bytes(), parts, &given))
}

fn form(body: &[u8]) -> BTreeMap<String, String> {
    form_urlencoded::parse(body).into_owned().collect()
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

fn spoken(language: Language, said: &Said) -> Response {
    let code = language.pick("ja-JP", "en-US");
    twiml(&format!("<Say language=\"{code}\">{}</Say><Hangup/>", markup(said.text(language))))
}

fn written(language: Language, said: &Said) -> Response {
    twiml(&format!("<Message>{}</Message>", markup(said.text(language))))
}

fn twiml(body: &str) -> Response {
    let text = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response>{body}</Response>");
    ([(header::CONTENT_TYPE, "text/xml; charset=utf-8")], text).into_response()
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
