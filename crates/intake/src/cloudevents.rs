//! Format `cloudevents`: CloudEvents 1.0 over HTTP, binary, structured and in batches.
//!
//! An event whose type ends with one of the configured endings fires or resolves an alert; else its `data.status` says
//! so; any other event is a change. Source and id tell an event from another.

use crate::{
    answer::{Answer, Heard, ProblemList, Rejected},
    draft::{self, Draft},
    format::{Format, Reader},
    json,
    request::{Context, Request},
    signature,
    text::cut,
    word::{Change, Word},
};
use domain::labels::Labels;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};
use source::{Fields, Problems};
use std::{collections::HashSet, sync::Arc};

/// Words of `data.status`.
const FIRING: &[&str] = &["firing", "alerting", "failed", "failure", "error", "critical", "down"];
const RESOLVED: &[&str] = &["resolved", "ok", "normal", "succeeded", "success", "recovered", "up"];

/// The row of the table.
pub(crate) const KIND: Format = Format {
    name: "cloudevents",
    summary: (
        "CloudEvents 1.0 (binary・structured・batch)",
        "CloudEvents 1.0: binary, structured, batch",
    ),
    paths: &[("POST", "/")],
    example: "\
kind: cloudevents
firing: [.firing, .failed]           # endings of types
resolved: [.resolved, .succeeded]
",
    parse,
};

#[derive(Debug)]
struct CloudEvents {
    firing: Vec<String>,
    resolved: Vec<String>,
}

fn parse(fields: &mut Fields, problems: &mut Problems) -> Option<Arc<dyn Reader>> {
    let mut endings = |key: &'static str, usual: [&str; 2]| {
        let written = fields.optional(key).map(|node| node.texts(problems));
        let endings = written.unwrap_or_else(|| Some(usual.map(str::to_owned).to_vec()))?;
        // Everything ends with nothing.
        Some(endings.into_iter().filter(|ending| !ending.is_empty()).collect())
    };
    let firing = endings("firing", [".firing", ".failed"])?;
    let resolved = endings("resolved", [".resolved", ".succeeded"])?;
    Some(Arc::new(CloudEvents { firing, resolved }))
}

impl Reader for CloudEvents {
    fn read(&self, request: &Request, context: &Context) -> Result<Heard, Rejected> {
        if request.method != "POST" {
            return Err(Rejected::unknown_place(request.method, request.path));
        }
        let (mut words, mut problems) = (Vec::new(), ProblemList::default());
        let mut seen = HashSet::new();
        for (index, event) in events(request)?.into_iter().enumerate() {
            let event = match Event::of(event) {
                Ok(event) => event,
                Err(why) => {
                    problems.push(format!("event {index}: {why}"));
                    continue;
                }
            };
            if !seen.insert((event.source.clone(), event.id.clone())) {
                continue;
            }
            match self.word(&event, context) {
                Ok(word) => words.push(word),
                Err(why) => problems.push(format!("event {index}: {why}")),
            }
        }
        Ok(Heard::partly(words, problems.told(), Answer::empty(202)))
    }
}

/// The events of a request, each as one object in the structured form.
fn events(request: &Request) -> Result<Vec<Value>, Rejected> {
    let body = || json::read(request.body).map_err(|why| Rejected::plain(400, why));
    if request.is_type("application/cloudevents+json") {
        return Ok(vec![body()?]);
    }
    if request.is_type("application/cloudevents-batch+json") {
        return match body()? {
            Value::Array(events) => Ok(events),
            _ => Err(Rejected::plain(400, "a batch is a list of events")),
        };
    }
    if request.header("ce-specversion").is_none() {
        return Err(Rejected::plain(
            415,
            "neither ce-specversion nor a content type of CloudEvents",
        ));
    }
    let mut event = Map::new();
    for name in ["specversion", "id", "source", "type", "subject", "time"] {
        if let Some(value) = request.header(&format!("ce-{name}")) {
            let value = percent_decode_str(value).decode_utf8_lossy().into_owned();
            event.insert(name.to_owned(), value.into());
        }
    }
    if !request.body.is_empty() {
        // Data of another type is text of the sender.
        let text = || String::from_utf8_lossy(request.body).into_owned().into();
        event.insert("data".to_owned(), json::read(request.body).unwrap_or_else(|_| text()));
    }
    Ok(vec![event.into()])
}

struct Event {
    id: String,
    source: String,
    kind: String,
    subject: String,
    time: String,
    data: Value,
}

impl Event {
    fn of(mut event: Value) -> Result<Self, String> {
        let text = |name: &str| event.get(name).and_then(Value::as_str).unwrap_or_default();
        if text("specversion") != "1.0" {
            return Err("`specversion` is not \"1.0\"".into());
        }
        let required = |name: &str| match text(name) {
            "" => Err(format!("`{name}` is missing")),
            text => Ok(text.to_owned()),
        };
        let (id, source, kind) = (required("id")?, required("source")?, required("type")?);
        let (subject, time) = (text("subject").to_owned(), text("time").to_owned());
        let data = event.get_mut("data").map(Value::take).unwrap_or_default();
        Ok(Self { id, source, kind, subject, time, data })
    }

    fn data_text(&self, names: &[&str]) -> String {
        let found = names.iter().find_map(|name| self.data.get(name).and_then(json::scalar));
        found.unwrap_or_default()
    }
}

impl CloudEvents {
    fn word(&self, event: &Event, context: &Context) -> Result<Word, String> {
        let mut problems = Vec::new();
        let at = draft::time_or_problem(&event.time, &mut problems);
        if let Some(why) = problems.pop() {
            return Err(why);
        }
        let Some((stem, is_firing)) = self.meaning(event) else {
            return Ok(Word::Change(change(event, at)));
        };
        let mut draft = if is_firing { Draft::firing(at) } else { Draft::ended(at, context.now) };
        draft.label("alertname", stem);
        draft.label("source", &event.source);
        draft.label("subject", &event.subject);
        draft.label("integration", context.integration);
        let labels = Labels::new(draft.labels.iter().map(|(name, value)| (name, value)));
        draft.key = Some(domain::signal::Fingerprint(labels.hash64()));
        draft.label("severity", event.data_text(&["severity"]));
        draft.label("service", event.data_text(&["service"]));
        json::flatten("", &event.data, &mut draft.annotations);
        draft.annotation("summary", event.data_text(&["summary", "message", "description"]));
        Ok(Word::Told(draft.told()?))
    }

    /// The type without its ending, and whether it fires; none: it is no alert.
    fn meaning<'a>(&self, event: &'a Event) -> Option<(&'a str, bool)> {
        let stem = |endings: &[String]| {
            endings.iter().find_map(|ending| event.kind.strip_suffix(ending.as_str()))
        };
        let status = event.data_text(&["status"]).to_lowercase();
        stem(&self.firing)
            .map(|stem| (stem, true))
            .or_else(|| stem(&self.resolved).map(|stem| (stem, false)))
            .or_else(|| FIRING.contains(&&*status).then_some((&*event.kind, true)))
            .or_else(|| RESOLVED.contains(&&*status).then_some((&*event.kind, false)))
    }
}

fn change(event: &Event, at: Option<jiff::Timestamp>) -> Change {
    let mut labels = Vec::new();
    json::flatten("", &event.data, &mut labels);
    let own = [("type", &event.kind), ("subject", &event.subject)];
    labels.extend(own.map(|(name, value)| (name.to_owned(), value.clone())));
    let title = format!("{} {}", event.kind, event.subject);
    Change {
        key: signature::hex(
            &signature::digest(&[event.source.as_bytes(), event.id.as_bytes()])[..16],
        ),
        at,
        title: cut(title.trim(), 1024).into_owned(),
        source: cut(&event.source, 1024).into_owned(),
        service: Some(event.data_text(&["service"])).filter(|name| !name.is_empty()),
        links: Vec::new(),
        labels: Labels::new(labels),
    }
}
