//! The JSON Schema for editors says what the readers say: they are asked, the schema is held to their answers.

mod corpus;
mod validator;

use config::schema::{File, schema};
use corpus::{Reader, accepted, document, english, front, fronts, load, node};
use domain::said::Language;
use serde_json::{Map, Value};
use source::{Node, Problems, Shape};
use std::collections::{BTreeMap, BTreeSet};
use validator::{Found, judge};

/// A key that no reader knows, and that is near to none.
const UNKNOWN: &str = "zzzzzzzzzzzzzzzzzzzzzzzzzzzzzz";

/// The keys that a reader names when it meets one that it does not know.
fn known_keys(problems: &Problems) -> Option<BTreeSet<String>> {
    let unknown = format!("unknown key `{UNKNOWN}`");
    let sorted = problems.sorted();
    let problem = sorted.iter().find(|problem| problem.message.en == unknown)?;
    let keys = problem.hint.as_ref()?.en.strip_prefix("known keys: ")?;
    Some(keys.split(", ").map(str::to_owned).collect())
}

/// Every place of a document, with the way to change it.
fn places(node: &Node, path: &str, into: &mut Vec<(String, Node)>) {
    into.push((path.to_owned(), node.clone()));
    match &node.shape {
        Shape::List(nodes) => {
            for (index, node) in nodes.iter().enumerate() {
                places(node, &format!("{path}/{index}"), into);
            }
        }
        Shape::Map(entries) => {
            for (key, _, node) in entries {
                places(node, &format!("{path}/{key}"), into);
            }
        }
        Shape::Scalar(_) | Shape::Empty => {}
    }
}

/// The document with something else at a path.
fn with(node: &Node, path: &str, at: &str, other: &Shape) -> Node {
    if path == at {
        return Node::made_up(node.place.clone(), other.clone());
    }
    let shape = match &node.shape {
        Shape::List(nodes) => {
            let one = |(index, node)| with(node, &format!("{path}/{index}"), at, other);
            Shape::List(nodes.iter().enumerate().map(one).collect())
        }
        Shape::Map(entries) => {
            let one = |(key, place, node): &(String, source::Place, Node)| {
                (key.clone(), place.clone(), with(node, &format!("{path}/{key}"), at, other))
            };
            Shape::Map(entries.iter().map(one).collect())
        }
        other => other.clone(),
    };
    Node::made_up(node.place.clone(), shape)
}

/// What the schema and a reader say about the same documents.
#[derive(Default)]
struct Compared {
    /// The keys that the reader knows, by the object that the schema takes the mapping for.
    read: BTreeMap<String, BTreeSet<String>>,
    /// The keys that stand in accepted documents.
    seen: BTreeSet<String>,
    differences: Vec<String>,
}

impl Compared {
    fn take(&mut self, name: &str, document_: &Node, schema: &Value, reader: Reader) {
        let said = reader(document_);
        assert!(said.is_empty(), "{name} is not accepted: {}", english(&said));
        for as_text in [false, true] {
            let Found { wrong, objects, keys } = judge(schema, &document(document_, as_text));
            if !wrong.is_empty() {
                self.differences.push(format!("{name}: accepted, but: {}", wrong.join("\n  ")));
                return;
            }
            self.seen.extend(keys);
            // What people copy from is long, and has no key that the others lack.
            if !as_text && !name.contains('/') {
                self.changed(name, document_, &objects, schema, reader);
            }
        }
    }

    fn changed(
        &mut self,
        name: &str,
        document_: &Node,
        objects: &BTreeMap<String, String>,
        schema: &Value,
        reader: Reader,
    ) {
        let mut all = Vec::new();
        places(document_, "", &mut all);
        for (path, node) in all {
            let scalar = |text: &str| Node::made_up(node.place.clone(), Shape::Scalar(text.into()));
            if let Shape::Map(entries) = &node.shape
                && let Some(object) = objects.get(&path)
            {
                let mut more = entries.clone();
                more.push((UNKNOWN.into(), node.place.clone(), scalar("1")));
                let changed = with(document_, "", &path, &Shape::Map(more));
                let problems = reader(&changed);
                if let Some(keys) = known_keys(&problems) {
                    self.read.entry(object.clone()).or_default().extend(keys);
                }
                self.compare(
                    &format!("{name}{path} with an unknown key"),
                    &changed,
                    &problems,
                    schema,
                );
            }
            if matches!(node.shape, Shape::Scalar(_)) {
                let map = Shape::Map(vec![("a".into(), node.place.clone(), scalar("b"))]);
                for other in [map, Shape::Scalar("zz zz!".into())] {
                    let changed = with(document_, "", &path, &other);
                    let problems = reader(&changed);
                    self.compare(
                        &format!("{name}{path} with {other:?}"),
                        &changed,
                        &problems,
                        schema,
                    );
                }
            }
        }
    }

    /// What the reader takes, the schema takes; where the reader speaks of a key or a type, the schema does, too. More is
    /// not asked of it: it knows no names of services.
    fn compare(&mut self, what: &str, changed: &Node, problems: &Problems, schema: &Value) {
        let wrong = judge(schema, &document(changed, false)).wrong;
        let said = english(problems);
        let is_about_form = said.contains(&format!("unknown key `{UNKNOWN}`"))
            || said.contains(&format!("`{UNKNOWN}` is not a route"))
            || said.contains("expected a mapping of keys")
            || said.contains("expected a text, found a")
            || said.contains("found `zz zz!`");
        if problems.is_empty() && !wrong.is_empty() {
            self.differences.push(format!("{what}: accepted, but: {}", wrong.join("; ")));
        }
        if is_about_form && wrong.is_empty() {
            self.differences.push(format!("{what}: the schema does not see: {said}"));
        }
    }

    /// Every key of the schema is one that a reader knows and that stands in an accepted document, and the other way round.
    fn check(&mut self, schema: &Value) {
        for (name, object) in schema["$defs"].as_object().expect("definitions") {
            let is_closed = object["additionalProperties"] == Value::Bool(false);
            if !is_closed || BY_TABLE.contains(&name.as_str()) {
                continue;
            }
            let none = Map::new();
            let written = object["properties"].as_object().unwrap_or(&none);
            let written: BTreeSet<String> = written.keys().cloned().collect();
            let mut read = self.read.remove(name).unwrap_or_default();
            if name == "health" {
                // Read as a probe whose kind and service are given.
                read.retain(|key| !["kind", "service"].contains(&key.as_str()));
            }
            if written != read {
                let missing: Vec<_> = read.difference(&written).collect();
                let invented: Vec<_> = written.difference(&read).collect();
                self.differences.push(format!(
                    "{name}: not in the schema: {missing:?}; not read: {invented:?}"
                ));
            }
            for key in &written {
                // What all kinds have in common need not stand in each of them.
                let is_common =
                    ["kind", "service", "every", "timeout", "pager"].contains(&key.as_str());
                if !is_common && !self.seen.iter().any(|seen| stands(seen, name, key)) {
                    self.differences.push(format!("{name}.{key} stands in no accepted document"));
                }
            }
        }
        assert!(self.differences.is_empty(), "{}", self.differences.join("\n"));
    }
}

/// A key that several objects include needs to stand in one of them only.
fn stands(seen: &str, object: &str, key: &str) -> bool {
    let family = object.split('.').next().unwrap_or_default();
    seen.strip_suffix(key).is_some_and(|of| {
        of.strip_suffix('.').is_some_and(|of| {
            of == object
                || (object.contains('.') && of.starts_with(family))
                || REQUESTS.contains(&of) && REQUESTS.contains(&object)
        })
    })
}

/// Objects that include the keys of a request.
const REQUESTS: [&str; 3] = ["health", "step", "probe.http"];
/// Objects whose readers take their keys from a table, or have a sentence of their own for an unknown one.
const BY_TABLE: [&str; 2] = ["supervise", "routes"];
#[test]
fn the_schema_of_the_configuration_is_what_the_readers_say() {
    let schema = schema(File::Main, Language::En);
    let mut compared = Compared::default();
    for (name, document) in accepted() {
        compared.take(&name, &document, &schema, load);
    }
    compared.check(&schema);
}

#[test]
fn the_schema_of_front_matter_is_what_the_reader_says() {
    let schema = schema(File::Runbook, Language::En);
    let mut compared = Compared::default();
    for (name, document) in fronts() {
        compared.take(&name, &document, &schema, front);
    }
    compared.check(&schema);
}

#[test]
fn keys_that_stand_in_tables_are_those_of_the_tables() {
    let schema = schema(File::Main, Language::Ja);
    let keys: BTreeSet<_> = schema["$defs"]["supervise"]["properties"]
        .as_object()
        .expect("keys")
        .keys()
        .cloned()
        .collect();
    let kinds = supervise::kinds::KINDS.iter();
    let table = kinds.flat_map(|kind| kind.options.iter().copied().chain([kind.name]));
    assert_eq!(keys, table.map(str::to_owned).collect());
    let kinds = |name: &str| -> BTreeSet<String> {
        let all = schema["$defs"][name]["properties"]["kind"]["enum"].as_array().expect("kinds");
        all.iter().map(|kind| kind.as_str().expect("a name").to_owned()).collect()
    };
    let names = |all: Vec<&str>| all.into_iter().map(str::to_owned).collect::<BTreeSet<_>>();
    assert_eq!(kinds("probe"), names(probes::kinds::KINDS.iter().map(|kind| kind.name).collect()));
    assert_eq!(
        kinds("channel"),
        names(notify::kinds::KINDS.iter().map(|kind| kind.name).collect())
    );
    assert_eq!(
        kinds("integration"),
        names(intake::kinds::KINDS.iter().map(|kind| kind.name).collect())
    );
}

/// What lies over another file requires nothing, and may take keys away.
#[test]
fn an_overlay_may_be_small() {
    let overlay = "{services: {web: {health: ~}}, probes: {x: {every: 1s}}, listen: ~}";
    let document = document(&node(overlay), false);
    let found = judge(&schema(File::Local, Language::En), &document);
    assert!(found.wrong.is_empty(), "{:?}", found.wrong);
    assert!(!judge(&schema(File::Main, Language::En), &document).wrong.is_empty());
}

#[test]
fn every_key_is_explained_in_both_languages() {
    for language in [Language::Ja, Language::En] {
        let schema = schema(File::Main, language);
        for (name, object) in schema["$defs"].as_object().expect("definitions") {
            for (key, value) in object["properties"].as_object().into_iter().flatten() {
                let said = value["description"].as_str().unwrap_or_default();
                let is_by_kind = key == "kind" && object["allOf"].is_array();
                assert!(!said.is_empty() || is_by_kind, "{name}.{key}");
            }
        }
    }
}

/// Lengths of time as jiff reads them are lengths of time for the schema, and others are not.
#[test]
fn lengths_of_time_are_those_that_are_read() {
    let schema = schema(File::Main, Language::En);
    for text in [
        "0",
        "500ms",
        "30s",
        "5m",
        "1h 30m",
        "1h30m",
        "PT5M",
        "pt1h",
        "2 hours, 30 minutes",
        "1.5h",
        "01:30:00",
        "10 secs",
        "1hr",
        "3µs",
        "5",
        "soon",
        "-5m",
        "1d",
        "5 parsecs",
        "m",
    ] {
        let written = node(&format!("{{services: {{}}, silence_reminder: '{text}'}}"));
        let is_read = !english(&load(&written)).contains("expected a duration");
        let fits = judge(&schema, &document(&written, true)).wrong.is_empty();
        assert!(!is_read || fits, "{text} is read, but does not fit");
        assert!(is_read || !fits || text == "-5m" || text == "1d", "{text} fits, but is not read");
    }
}
