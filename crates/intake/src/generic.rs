//! Format `generic`: any JSON, or a form, by a mapping that the configuration writes down.

use crate::{
    answer::{Answer, Heard, ProblemList, Rejected},
    draft::{self, Draft},
    format::{Format, Reader},
    json,
    recipe::Recipe,
    request::{Context, Request},
    time,
    word::Word,
};
use domain::{said::Said, signal::Told};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use source::{Fields, Node, Problems};
use std::sync::Arc;

/// The row of the table.
pub(crate) const KIND: Format = Format {
    name: "generic",
    summary: (
        "任意の JSON (またはフォーム) を設定の対応表で読む",
        "any JSON, or a form, by a mapping in the configuration",
    ),
    paths: &[("POST", "/"), ("PUT", "/")],
    example: "\
kind: generic
items: /alerts               # a list, one alert each; without it the document is one alert
name: /check                 # the alert's name; without it that of the integration
key: \"{{/host}}/{{/check}}\"    # what identifies it; without it all labels
summary: \"{{/host}}: {{/msg}}\"
status: {at: /state, firing: [CRITICAL, WARNING], resolved: [OK]}   # without it: always firing
severity: /level?            # a question mark: may be missing
service: /service?
started: /since?             # RFC 3339, or seconds or milliseconds since 1970
url: /link?
labels: {host: /host, team: web}
annotations: {output: /output?}
",
    parse,
};

/// Where in a document everything is.
#[derive(Debug)]
struct Mapping {
    items: Option<String>,
    name: Option<Recipe>,
    key: Option<Recipe>,
    summary: Recipe,
    status: Option<Status>,
    severity: Option<Recipe>,
    service: Option<Recipe>,
    started: Option<Recipe>,
    url: Option<Recipe>,
    labels: Vec<(String, Recipe)>,
    annotations: Vec<(String, Recipe)>,
}

#[derive(Debug)]
struct Status {
    at: Recipe,
    /// In lower case, like the next.
    firing: Vec<String>,
    resolved: Vec<String>,
}

fn parse(fields: &mut Fields, problems: &mut Problems) -> Option<Arc<dyn Reader>> {
    let items = fields.optional("items").and_then(|node| parse_items(node, problems));
    let mut recipe =
        |key: &'static str| fields.optional(key).and_then(|node| Recipe::parse(node, problems));
    let (name, key) = (recipe("name"), recipe("key"));
    let (severity, service) = (recipe("severity"), recipe("service"));
    let (started, url) = (recipe("started"), recipe("url"));
    let summary =
        fields.required("summary", problems).and_then(|node| Recipe::parse(node, problems));
    let status = fields.optional("status").map(|node| parse_status(node, problems));
    let labels = parse_pairs(fields, "labels", problems);
    let annotations = parse_pairs(fields, "annotations", problems);
    Some(Arc::new(Mapping {
        items,
        name,
        key,
        summary: summary?,
        status: match status {
            None => None,
            Some(status) => Some(status?),
        },
        severity,
        service,
        started,
        url,
        labels,
        annotations,
    }))
}

fn parse_items(node: &Node, problems: &mut Problems) -> Option<String> {
    let text = node.text(problems)?;
    if !text.is_empty() && !text.starts_with('/') {
        let said = Said::new(
            format!("`{text}` は JSON ポインターではありません"),
            format!("`{text}` is not a JSON pointer"),
        );
        problems.add(&node.place, said);
    }
    Some(text)
}

fn parse_status(node: &Node, problems: &mut Problems) -> Option<Status> {
    let mut fields = Fields::open(node, problems)?;
    let at = fields.required("at", problems).and_then(|node| Recipe::parse(node, problems));
    let mut words = |key: &'static str| {
        let node = fields.required(key, problems)?;
        let words = node.texts(problems)?.iter().map(|word| word.to_lowercase()).collect();
        Some((node, words))
    };
    let (firing, resolved) = (words("firing"), words("resolved"));
    fields.finish(problems);
    let ((_, firing), (place, resolved)): ((_, Vec<String>), (_, Vec<String>)) =
        (firing?, resolved?);
    if let Some(both) = resolved.iter().find(|word| firing.contains(word)) {
        let said = Said::new(
            format!("`{both}` が firing と resolved の両方にあります"),
            format!("`{both}` is both firing and resolved"),
        );
        problems.add(&place.place, said);
    }
    Some(Status { at: at?, firing, resolved })
}

fn parse_pairs(
    fields: &mut Fields,
    key: &'static str,
    problems: &mut Problems,
) -> Vec<(String, Recipe)> {
    let Some(entries) = fields.optional(key).and_then(|node| node.entries(problems)) else {
        return Vec::new();
    };
    let pair = |(name, _, node): &(String, _, Node)| {
        Recipe::parse(node, problems).map(|recipe| (name.clone(), recipe))
    };
    entries.iter().filter_map(pair).collect()
}

#[derive(Serialize)]
struct Taken<'a> {
    accepted: usize,
    problems: &'a [String],
}

impl Reader for Mapping {
    fn read(&self, request: &Request, context: &Context) -> Result<Heard, Rejected> {
        if !matches!(request.method, "POST" | "PUT") {
            return Err(Rejected::unknown_place(request.method, request.path));
        }
        let document = document(request).map_err(|why| Rejected::plain(400, why))?;
        let (mut words, mut problems) = (Vec::new(), ProblemList::default());
        let mut status = 202;
        for (place, item) in self.items_of(&document)? {
            let mut found = Vec::new();
            match self.told(item, context, &mut found) {
                Ok(told) => words.push(Word::Told(told)),
                Err(why) => {
                    found.push(why);
                    status = 400;
                }
            }
            found.into_iter().for_each(|why| problems.push(format!("{place}{why}")));
        }
        let problems = problems.told();
        let taken = Taken { accepted: words.len(), problems: &problems };
        let answer = Answer::json(status, &taken);
        Ok(Heard { words, problems, answer })
    }
}

fn document(request: &Request) -> Result<Value, String> {
    if !request.is_form() {
        return json::read(request.body);
    }
    let pairs = form_urlencoded::parse(request.body);
    Ok(Value::Object(pairs.map(|(name, value)| (name.into(), value.into_owned().into())).collect()))
}

impl Mapping {
    /// The alerts of a document, each with its place for messages.
    fn items_of<'a>(&self, document: &'a Value) -> Result<Vec<(String, &'a Value)>, Rejected> {
        let Some(pointer) = &self.items else { return Ok(vec![(String::new(), document)]) };
        let list = document.pointer(pointer).and_then(Value::as_array).ok_or_else(|| {
            Rejected::plain(400, format!("items: `{pointer}` is not a list in the document"))
        })?;
        let place = |index: usize| format!("{pointer}/{index}: ");
        Ok(list.iter().enumerate().map(|(index, item)| (place(index), item)).collect())
    }

    /// One alert. Without its key or its status it is none; anything else that is missing is a problem, and the alert
    /// counts without it.
    fn told(
        &self,
        item: &Value,
        context: &Context,
        problems: &mut Vec<String>,
    ) -> Result<Told, String> {
        let key = self.key.as_ref().map(|recipe| recipe.apply(item)).transpose();
        let key = key.map_err(|missing| format!("key: {missing}"))?;
        let is_firing = self.status.as_ref().map_or(Ok(true), |status| status.is_firing(item))?;
        let mut take = |what: &str, recipe: &Recipe| {
            recipe.apply(item).unwrap_or_else(|missing| {
                problems.push(format!("{what}: {missing}"));
                String::new()
            })
        };
        let mut maybe = |what: &str, recipe: &Option<Recipe>| {
            recipe.as_ref().map(|recipe| take(what, recipe)).unwrap_or_default()
        };
        let name = maybe("name", &self.name);
        let (severity, service) =
            (maybe("severity", &self.severity), maybe("service", &self.service));
        let (started, url) = (maybe("started", &self.started), maybe("url", &self.url));
        let summary = take("summary", &self.summary);
        let mut pairs = |what: &str, recipes: &[(String, Recipe)]| -> Vec<(String, String)> {
            let pair = |(name, recipe): &(String, Recipe)| {
                (name.clone(), take(&format!("{what}.{name}"), recipe))
            };
            recipes.iter().map(pair).collect()
        };
        let (labels, annotations) =
            (pairs("labels", &self.labels), pairs("annotations", &self.annotations));
        let starts_at = moment(&started).unwrap_or_else(|why| {
            problems.push(format!("started: {why}"));
            None
        });
        let mut draft = if is_firing {
            Draft::firing(starts_at)
        } else {
            Draft { starts_at, ..Draft::ended(None, context.now) }
        };
        let name = if name.is_empty() { context.integration.to_owned() } else { name };
        draft.label("alertname", name);
        draft.label("severity", severity);
        draft.label("service", service);
        draft.labels.extend(labels);
        draft.label("integration", context.integration);
        if let Some(key) = key {
            draft.key = Some(draft::key(context.integration, "key", &key));
            draft.label("key", key);
        }
        draft.annotation("summary", summary);
        draft.annotations.extend(annotations);
        draft.generator_url = url;
        draft.told()
    }
}

impl Status {
    fn is_firing(&self, item: &Value) -> Result<bool, String> {
        let word = self.at.apply(item).map_err(|missing| format!("status: {missing}"))?;
        let small = word.trim().to_lowercase();
        match (self.firing.contains(&small), self.resolved.contains(&small)) {
            (true, _) => Ok(true),
            (_, true) => Ok(false),
            _ => Err(format!(
                "status: `{}` is neither in `firing` nor in `resolved`",
                crate::text::cut(&word, 64)
            )),
        }
    }
}

fn moment(text: &str) -> Result<Option<Timestamp>, String> {
    match text.trim().parse() {
        Ok(number) => Ok(time::from_number(number)),
        Err(_) => time::read(text),
    }
}
