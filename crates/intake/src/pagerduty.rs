//! Format `pagerduty`: the Events API v2. Datadog, CloudWatch bridges, Zabbix, Grafana and many more can send it.
//!
//! `routing_key` is compared with the integration's token and forgotten. `dedup_key` identifies an alert within the
//! integration; where it is missing it is made from the body and the time, and returned.

use crate::{
    answer::{Answer, Heard, Rejected},
    draft::{self, Draft},
    format::{Format, Reader},
    json,
    request::{Context, Request},
    signature,
    text::cut,
    word::{Change, Link, Word},
};
use domain::labels::Labels;
use serde::Serialize;
use serde_json::Value;
use std::{borrow::Cow, sync::Arc};

/// Bytes of a body.
const BODY_BYTES: usize = 512 << 10;
/// Characters of a `dedup_key`: a longer one is refused, since half a key is another key.
const KEY_CHARS: usize = 255;
/// Bytes of a summary; more is cut: better a shorter alert than none.
const SUMMARY_BYTES: usize = 1024;
/// Bytes of a summary that stands for the alert's name.
const NAME_BYTES: usize = 120;
/// Links and images of one event.
const LINKS: usize = 20;

/// The row of the table.
pub(crate) const KIND: Format = Format {
    name: "pagerduty",
    summary: (
        "PagerDuty Events API v2 (trigger・acknowledge・resolve と変更イベント)",
        "the PagerDuty Events API v2: trigger, acknowledge, resolve, and change events",
    ),
    paths: &[("POST", "/v2/enqueue"), ("POST", "/v2/change/enqueue")],
    example: "kind: pagerduty\n",
    parse: |_, _| Some(Arc::new(PagerDuty)),
};

#[derive(Debug)]
struct PagerDuty;

impl Reader for PagerDuty {
    fn read(&self, request: &Request, context: &Context) -> Result<Heard, Rejected> {
        let read = match (request.method, request.path.trim_end_matches('/')) {
            ("POST", "/v2/enqueue") => read_event,
            ("POST", "/v2/change/enqueue") => read_change,
            _ => return Err(Rejected::unknown_place(request.method, request.path)),
        };
        if request.body.len() > BODY_BYTES {
            return Err(invalid(&["the event has more than 512 KB".into()]));
        }
        let event = json::read(request.body).map_err(|why| invalid(&[why]))?;
        check_routing_key(&event, request, context)?;
        read(&event, request, context)
    }
}

fn check_routing_key(event: &Value, request: &Request, context: &Context) -> Result<(), Rejected> {
    let in_body = event.get("routing_key").and_then(Value::as_str);
    let shown = in_body.or_else(|| request.header("x-routing-key"));
    if context.proof.accepts_token(shown) {
        return Ok(());
    }
    Err(invalid(&[match shown {
        Some(_) => "Invalid routing key".into(),
        None => "'routing_key' is missing or blank".into(),
    }]))
}

#[derive(Serialize)]
struct Accepted<'a> {
    status: &'a str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    dedup_key: Option<&'a str>,
}

#[derive(Serialize)]
struct Invalid<'a> {
    status: &'a str,
    message: &'a str,
    errors: &'a [String],
}

fn invalid(errors: &[String]) -> Rejected {
    let body = Invalid { status: "invalid event", message: "Event object is invalid", errors };
    Rejected::new(errors.join("; "), Answer::json(400, &body))
}

fn read_event(event: &Value, request: &Request, context: &Context) -> Result<Heard, Rejected> {
    let mut errors = Vec::new();
    let action = json::text(event, "/event_action");
    let is_known = matches!(action, "trigger" | "acknowledge" | "resolve");
    if !is_known {
        errors.push(
            "'event_action' is invalid (must be one of the following: 'trigger', 'acknowledge' or \
             'resolve')"
                .to_owned(),
        );
    }
    let key = match json::text(event, "/dedup_key") {
        "" if is_known && action != "trigger" => {
            errors.push("'dedup_key' is missing or blank".into());
            String::new()
        }
        "" => made_key(request.body, context),
        key => key.to_owned(),
    };
    if key.chars().count() > KEY_CHARS {
        errors.push(format!("'dedup_key' is too long (maximum is {KEY_CHARS} characters)"));
    }
    if action == "trigger" {
        errors.extend(missing_of_payload(event));
    }
    if !errors.is_empty() {
        return Err(invalid(&errors));
    }
    let mut problems = Vec::new();
    let word = match action {
        "acknowledge" => Word::Acknowledge {
            fingerprint: draft::key(context.integration, "dedup_key", &key),
            by: client(event, context),
            note: String::new(),
        },
        _ => {
            let draft = draft_of(event, &key, action == "resolve", context, &mut problems);
            Word::Told(draft.told().map_err(|why| invalid(&[why]))?)
        }
    };
    let accepted =
        Accepted { status: "success", message: "Event processed", dedup_key: Some(&key) };
    Ok(Heard { words: vec![word], problems, answer: Answer::json(202, &accepted) })
}

/// A key for an event without one: an event sent again because its answer was lost makes a second alert, as there.
fn made_key(body: &[u8], context: &Context) -> String {
    let now = context.now.as_nanosecond().to_be_bytes();
    signature::hex(&signature::digest(&[context.integration.as_bytes(), &now, body])[..16])
}

fn missing_of_payload(event: &Value) -> Vec<String> {
    let mut errors = Vec::new();
    for field in ["summary", "source", "severity"] {
        if payload(event, field).trim().is_empty() {
            errors.push(format!("'payload.{field}' is missing or blank"));
        }
    }
    let severity = payload(event, "severity");
    if !matches!(severity, "" | "critical" | "error" | "warning" | "info") {
        errors.push(
            "'payload.severity' is invalid (must be one of the following: 'critical', 'warning', \
             'error' or 'info')"
                .into(),
        );
    }
    errors
}

fn payload<'a>(event: &'a Value, field: &str) -> &'a str {
    let payload = event.get("payload").and_then(|payload| payload.get(field));
    payload.and_then(Value::as_str).unwrap_or_default()
}

fn client(event: &Value, context: &Context) -> String {
    match json::text(event, "/client") {
        "" => context.integration.to_owned(),
        client => cut(client, NAME_BYTES).into_owned(),
    }
}

/// The alert. One that is resolved may come without a payload: then it has only the labels of its key.
fn draft_of(
    event: &Value,
    key: &str,
    is_resolved: bool,
    context: &Context,
    problems: &mut Vec<String>,
) -> Draft {
    let at = draft::time_or_problem(payload(event, "timestamp"), problems);
    let mut draft = if is_resolved { Draft::ended(at, context.now) } else { Draft::firing(at) };
    draft.key = Some(draft::key(context.integration, "dedup_key", key));
    let summary = cut(payload(event, "summary"), SUMMARY_BYTES);
    let name = match payload(event, "class") {
        "" => cut(&summary, NAME_BYTES),
        class => Cow::Borrowed(class),
    };
    draft.label("alertname", name);
    for field in ["severity", "source", "component", "group", "class"] {
        draft.label(field, payload(event, field));
    }
    draft.label("dedup_key", key);
    draft.label("integration", context.integration);
    if let Some(details) = event.pointer("/payload/custom_details") {
        json::flatten("", details, &mut draft.annotations);
    }
    draft.annotation("summary", summary);
    draft.annotation("client", json::text(event, "/client"));
    draft.annotation("images", lines(event, "images", "src", "alt"));
    draft.annotation("links", lines(event, "links", "href", "text"));
    draft.generator_url = json::text(event, "/client_url").to_owned();
    draft
}

fn objects<'a>(event: &'a Value, list: &str) -> impl Iterator<Item = &'a Value> {
    event.get(list).and_then(Value::as_array).into_iter().flatten().take(LINKS)
}

/// One line for each object of a list: its address and its text.
fn lines(event: &Value, list: &str, url: &str, text: &str) -> String {
    let line = |object: &Value| {
        let part = |name: &str| object.get(name).and_then(Value::as_str).unwrap_or_default();
        format!("{} {}", cut(part(url), 2048), cut(part(text), 256)).trim().to_owned()
    };
    objects(event, list).map(line).collect::<Vec<_>>().join("\n")
}

fn read_change(event: &Value, _: &Request, _: &Context) -> Result<Heard, Rejected> {
    let summary = payload(event, "summary");
    if summary.trim().is_empty() {
        return Err(invalid(&["'payload.summary' is missing or blank".into()]));
    }
    let mut problems = Vec::new();
    let link = |object: &Value| Link {
        url: cut(json::text(object, "/href"), 2048).into_owned(),
        text: cut(json::text(object, "/text"), 256).into_owned(),
    };
    let details = event.pointer("/payload/custom_details").unwrap_or(&Value::Null);
    let service = details.get("service").and_then(json::scalar);
    let mut labels = Vec::new();
    json::flatten("", details, &mut labels);
    let change = Change {
        // The sender has no key of its own for changes; the same body is the same change.
        key: signature::hex(&signature::digest(&[&without_key(event)])[..16]),
        at: draft::time_or_problem(payload(event, "timestamp"), &mut problems),
        title: cut(summary, SUMMARY_BYTES).into_owned(),
        source: cut(payload(event, "source"), SUMMARY_BYTES).into_owned(),
        service,
        links: objects(event, "links").map(link).collect(),
        labels: Labels::new(labels),
    };
    let accepted =
        Accepted { status: "success", message: "Change event processed", dedup_key: None };
    Ok(Heard { words: vec![Word::Change(change)], problems, answer: Answer::json(202, &accepted) })
}

/// The event as bytes without its routing key: not even a digest of the key leaves this file.
fn without_key(event: &Value) -> Vec<u8> {
    let mut event = event.clone();
    if let Some(map) = event.as_object_mut() {
        map.remove("routing_key");
    }
    event.to_string().into_bytes()
}
