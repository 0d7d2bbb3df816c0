//! Format `opsgenie`: the part of Opsgenie's alert API that senders use: create, close, acknowledge, note, snooze,
//! delete, and heartbeats. Opsgenie ends in April 2027; its senders only need another address and key.
//!
//! Ids are made so that nothing has to be remembered: an alert's id follows from its alias, and a request's id tells
//! what was asked, of which alert, and when. It is given out when what was asked is durable, so a question about a
//! request has its answer in the id. Tiny ids are never given out.

use crate::{
    answer::{Answer, Heard, Rejected},
    draft::Draft,
    format::{Format, Reader},
    json,
    opsgenie_id::{Action, AlertId, RequestId},
    request::{Context, Request},
    text::cut,
    word::{Ping, PingKind, Word},
};
use domain::signal::Fingerprint;
use serde::Serialize;
use serde_json::{Value, json};
use std::{borrow::Cow, sync::Arc};

/// Characters of an alias: a longer one is refused, since half a key is another key.
const ALIAS_CHARS: usize = 512;
/// Characters of a message; more is cut, as there.
const MESSAGE_CHARS: usize = 130;
/// Bytes of a description and of a note; more is cut.
const TEXT_BYTES: usize = 45_000;
/// Bytes of a name.
const NAME_BYTES: usize = 512;
/// Tags and responders of one alert.
const ENTRIES: usize = 50;

/// The row of the table.
pub(crate) const KIND: Format = Format {
    name: "opsgenie",
    summary: (
        "Opsgenie の Alert API (作成・クローズ・確認・メモ) と heartbeat",
        "Opsgenie's alert API (create, close, acknowledge, note) and heartbeats",
    ),
    paths: &[
        ("POST", "/v2/alerts"),
        ("POST", "/v2/alerts/{id}/close"),
        ("POST", "/v2/alerts/{id}/acknowledge"),
        ("POST", "/v2/alerts/{id}/notes"),
        ("POST", "/v2/alerts/{id}/snooze"),
        ("DELETE", "/v2/alerts/{id}"),
        ("GET", "/v2/alerts/requests/{id}"),
        ("GET", "/v2/heartbeats/{name}/ping"),
        ("POST", "/v2/heartbeats/{name}/ping"),
    ],
    example: "kind: opsgenie\n",
    parse: |_, _| Some(Arc::new(Opsgenie)),
};

#[derive(Debug)]
struct Opsgenie;

impl Reader for Opsgenie {
    fn read(&self, request: &Request, context: &Context) -> Result<Heard, Rejected> {
        let key = request.header("authorization").and_then(|text| text.strip_prefix("GenieKey "));
        if !context.proof.accepts_token(key.map(str::trim)) {
            return Err(refused(401, "Could not authenticate", &Value::Null));
        }
        let segments = request.segments();
        let parts: Vec<&str> = segments.iter().map(AsRef::as_ref).collect();
        match (request.method, &parts[..]) {
            ("POST", ["v2", "alerts"]) => create(request, context),
            ("GET", ["v2", "alerts", "requests", id]) => show_request(id),
            ("POST", ["v2", "alerts", id, action]) => match Action::of_path(action) {
                Some(action) => act(action, id, request, context),
                None => Err(refused(404, "This action is not known here", &Value::Null)),
            },
            ("DELETE", ["v2", "alerts", id]) => act(Action::Delete, id, request, context),
            ("GET" | "POST" | "PUT" | "PATCH", ["v2", "heartbeats", name, "ping"]) => {
                Ok(heartbeat(name, request, context))
            }
            _ => Err(refused(404, "Not found", &Value::Null)),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Accepted<'a> {
    result: &'a str,
    took: f32,
    request_id: String,
}

fn accepted(result: &str, id: RequestId) -> Answer {
    Answer::json(202, &Accepted { result, took: 0.0, request_id: id.to_string() })
}

fn refused(status: u16, message: &str, errors: &Value) -> Rejected {
    let mut body = json!({"message": message, "took": 0.0, "requestId": ""});
    if !errors.is_null() {
        body["errors"] = errors.clone();
    }
    Rejected::new(message, Answer::json(status, &body))
}

fn not_processable(field: &str, why: &str) -> Rejected {
    let mut errors = serde_json::Map::new();
    errors.insert(field.to_owned(), why.into());
    let message = "Request body is not processable. Please check the errors.";
    let refused = refused(422, message, &errors.into());
    Rejected::new(format!("{field}: {why}"), refused.answer().clone())
}

/// The body as an object; an empty one has no fields.
fn body(request: &Request) -> Result<Value, Rejected> {
    if request.body.is_empty() {
        return Ok(json!({}));
    }
    json::read(request.body).map_err(|why| refused(422, &why, &Value::Null))
}

fn create(request: &Request, context: &Context) -> Result<Heard, Rejected> {
    let body = body(request)?;
    let message = json::text(&body, "/message").trim();
    if message.is_empty() {
        return Err(not_processable("message", "Message can not be empty."));
    }
    let priority = match json::text(&body, "/priority") {
        "" => "P3",
        priority @ ("P1" | "P2" | "P3" | "P4" | "P5") => priority,
        _ => return Err(not_processable("priority", "Priority should be one of P1 to P5.")),
    };
    let (alias, alert) = match json::text(&body, "/alias").trim() {
        "" => {
            let alert = AlertId::made(context, request.body);
            (alert.to_string(), alert)
        }
        alias if alias.chars().count() > ALIAS_CHARS => {
            return Err(not_processable("alias", "Alias can have at most 512 characters."));
        }
        alias => (alias.to_owned(), AlertId::of_alias(alias)),
    };
    let fingerprint = alert.fingerprint(context);
    let mut draft = Draft::firing(None);
    draft.key = Some(fingerprint);
    label_it(&mut draft, &body, message, context);
    draft.label("alias", alias);
    draft.label("priority", priority);
    annotate(&mut draft, &body, message);
    let told = draft.told().map_err(|why| not_processable("details", &why))?;
    let mut words = vec![Word::Told(told)];
    words.extend(note(fingerprint, &body, context));
    let id = RequestId::new(Action::Create, Some(alert), context.now, request.body);
    Ok(Heard::all(words, accepted("Request will be processed", id)))
}

fn chars(text: &str, most: usize) -> Cow<'_, str> {
    match text.char_indices().nth(most) {
        Some((end, _)) => cut(text, end),
        None => Cow::Borrowed(text),
    }
}

/// Alertmanager and others send their labels as details: the name, the service and the severity are taken from there.
fn label_it(draft: &mut Draft, body: &Value, message: &str, context: &Context) {
    let detail = |name: &str| body.get("details").and_then(|details| details.get(name));
    let detail = |name: &str| detail(name).and_then(json::scalar).unwrap_or_default();
    draft.label("alertname", chars(message, MESSAGE_CHARS));
    for name in ["alertname", "service", "severity"] {
        let value = detail(name);
        if !value.is_empty() {
            draft.label(name, value);
        }
    }
    for name in ["entity", "source"] {
        draft.label(name, body.get(name).and_then(json::scalar).unwrap_or_default());
    }
    draft.label("integration", context.integration);
}

fn annotate(draft: &mut Draft, body: &Value, message: &str) {
    if let Some(details) = body.get("details") {
        json::flatten("", details, &mut draft.annotations);
    }
    let list = |name: &str, text: fn(&Value) -> Option<String>| {
        let entries = body.get(name).and_then(Value::as_array).into_iter().flatten();
        let texts: Vec<_> = entries.filter_map(text).take(ENTRIES).collect();
        cut(&texts.join(", "), TEXT_BYTES).into_owned()
    };
    let name_of = |responder: &Value| {
        ["name", "username", "id"].iter().find_map(|key| responder.get(key).and_then(json::scalar))
    };
    draft.annotation("summary", chars(message, MESSAGE_CHARS));
    draft.annotation("description", cut(json::text(body, "/description"), TEXT_BYTES));
    draft.annotation("tags", list("tags", json::scalar));
    draft.annotation("responders", list("responders", name_of));
}

fn user(body: &Value, context: &Context) -> String {
    let user = json::text(body, "/user").trim();
    let user = if user.is_empty() { context.integration } else { user };
    cut(user, NAME_BYTES).into_owned()
}

/// The note that any request may bring along.
fn note(fingerprint: Fingerprint, body: &Value, context: &Context) -> Option<Word> {
    let text = json::text(body, "/note").trim();
    let text = cut(text, TEXT_BYTES).into_owned();
    (!text.is_empty()).then(|| Word::Note { fingerprint, by: user(body, context), text })
}

fn act(action: Action, id: &str, request: &Request, context: &Context) -> Result<Heard, Rejected> {
    let body = body(request)?;
    let kind = request.query_value("identifierType").unwrap_or(Cow::Borrowed("id"));
    let alert = match &*kind {
        "alias" => Some(AlertId::of_alias(id)),
        "id" => AlertId::of_id(id),
        "tiny" => None,
        _ => return Err(not_processable("identifierType", "It is one of id, alias and tiny.")),
    };
    let request_id = RequestId::new(action, alert, context.now, request.body);
    let Some(alert) = alert else {
        // As there: accepted, and nothing happens. Ids of before the move lead nowhere.
        let problems = vec!["the id is none that was given out here; use the alias".to_owned()];
        let answer = accepted("Request will be processed", request_id);
        return Ok(Heard { words: Vec::new(), problems, answer });
    };
    let fingerprint = alert.fingerprint(context);
    let text = cut(json::text(&body, "/note").trim(), TEXT_BYTES).into_owned();
    let by = user(&body, context);
    let words = match action {
        Action::Acknowledge => vec![Word::Acknowledge { fingerprint, by, note: text }],
        Action::AddNote if text.is_empty() => {
            return Err(not_processable("note", "Note can not be empty."));
        }
        Action::AddNote => vec![Word::Note { fingerprint, by, text }],
        Action::Snooze => {
            let until = cut(json::text(&body, "/endTime"), 64);
            let text = format!("snoozed until {until} {text}").trim_end().to_owned();
            vec![Word::Note { fingerprint, by, text }]
        }
        Action::Create | Action::Close | Action::Delete => {
            let mut draft = Draft::ended(None, context.now);
            draft.key = Some(fingerprint);
            draft.label("integration", context.integration);
            draft.label("alias", if kind == "alias" { id } else { "" });
            let told = draft.told().map_err(|why| not_processable("alias", &why))?;
            note(fingerprint, &body, context).into_iter().chain([Word::Told(told)]).collect()
        }
    };
    Ok(Heard::all(words, accepted("Request will be processed", request_id)))
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown {
    data: Data,
    took: f32,
    request_id: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Data {
    success: bool,
    action: &'static str,
    processed_at: String,
    is_success: bool,
    status: &'static str,
    alert_id: String,
    alias: String,
}

fn show_request(id: &str) -> Result<Heard, Rejected> {
    let request: RequestId =
        id.parse().map_err(|()| refused(404, "Request not found", &Value::Null))?;
    let is_known = request.alert.is_some();
    let data = Data {
        success: is_known,
        action: request.action.name(),
        processed_at: crate::time::text(request.at),
        is_success: is_known,
        status: if is_known { request.action.done() } else { "Alert does not exist" },
        alert_id: request.alert.map(|alert| alert.to_string()).unwrap_or_default(),
        alias: String::new(),
    };
    let shown = Shown { data, took: 0.0, request_id: request.to_string() };
    Ok(Heard::all(Vec::new(), Answer::json(200, &shown)))
}

fn heartbeat(name: &str, request: &Request, context: &Context) -> Heard {
    let slug = cut(name, NAME_BYTES).into_owned();
    let ping = Ping { slug, kind: PingKind::Success, run: None, body: String::new(), at: None };
    let id = RequestId::new(Action::Create, None, context.now, request.body);
    Heard::all(vec![Word::Ping(ping)], accepted("PONG - Heartbeat received", id))
}
