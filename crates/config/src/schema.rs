//! The JSON Schema (draft 2020-12) of the configuration and of the front matter of runbooks, for editors.
//!
//! Its source is `schema/keys.txt`: every key with its type and a description in both languages. The readers stay the
//! truth: a test takes what they accept, reject and know, and holds the schema to it.

use domain::said::{Language, Said};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

const REFERENCE: &str = "#/$defs/";
const TABLE: &str = include_str!("schema/keys.txt");

/// What jiff reads as a length of time, never negative: `90s`, `1h 30m`, `PT5M`, `01:30:00`.
const DURATION: &str = "^\\+?\\s*([Pp].*|([0-9]+([.,][0-9]+)?\\s*(h|hrs?|hours?|m|mins?|minutes?|s|secs?|seconds?|ms|msecs?|millis|milliseconds?|us|µs|usecs?|micros|microseconds?|ns|nsecs?|nanos|nanoseconds?)[\\s,]*)+|[0-9]+:[0-9]{2}:[0-9]{2}([.,][0-9]+)?)$";
const BUSINESS: &str = "^[0-9]+\\s*(business (days?|hours?)|営業日|営業時間)\\s*$";
const NUMBER: &str = "^[-+]?[0-9_.]+([eE][-+]?[0-9]+)?$";
const COUNT: &str = "^\\+?[0-9_]+$";
const BYTES: &str = "^[0-9]+\\s*(B|KB|MB|GB|KiB|MiB|GiB)?\\s*$";

/// Words in whatever case, and in Japanese.
const LEVEL: &str = "^([Cc][Rr][Ii][Tt][Ii][Cc][Aa][Ll]|[Ww][Aa][Rr][Nn][Ii][Nn][Gg]|[Ii][Nn][Ff][Oo]|重大|警告|情報)$";

/// Which file a schema is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum File {
    /// `hikeshi.yaml`.
    Main,
    /// `hikeshi.local.yaml`: nothing is required, and a key without a value takes away what stands below.
    Local,
    /// The front matter of a runbook.
    Runbook,
}

/// A key of an object.
struct Key {
    name: &'static str,
    is_required: bool,
    kind: &'static str,
    description: &'static str,
}

/// Objects by name, in the order of the table.
type Objects = BTreeMap<&'static str, Vec<Key>>;

/// The schema of a file, with descriptions in a language.
///
/// ```
/// use config::schema::{File, schema};
/// use domain::said::Language;
/// let schema = schema(File::Main, Language::En);
/// assert_eq!(schema["$defs"]["root"]["properties"]["listen"]["type"][0], "string");
/// ```
pub fn schema(file: File, language: Language) -> Value {
    let objects = table(language);
    let writer = Writer { objects: &objects, is_local: file == File::Local };
    let root = if file == File::Runbook { "front" } else { "root" };
    let mut defs = Map::new();
    for name in objects.keys() {
        let kinds = writer.kinds_of(name);
        let def = if kinds.is_empty() { writer.object(name) } else { writer.by_kind(name, &kinds) };
        defs.insert(def_name(name), def);
    }
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": match file {
            File::Main => "hikeshi.yaml",
            File::Local => "hikeshi.local.yaml",
            File::Runbook => "hikeshi runbook",
        },
        "$ref": format!("{REFERENCE}{root}"),
        "$defs": reached(root, defs),
    })
}

/// The keys of the main file in their order, and what they are.
pub(crate) fn sections() -> Vec<(String, Said)> {
    let of = |language| table(language).remove("root").unwrap_or_default();
    let both = of(Language::Ja).into_iter().zip(of(Language::En));
    both.map(|(ja, en)| (ja.name.to_owned(), Said::new(ja.description, en.description))).collect()
}

/// What the root leads to; the rest belongs to other files.
fn reached(root: &str, mut defs: Map<String, Value>) -> Map<String, Value> {
    let (mut reached, mut wanted) = (Map::new(), vec![root.to_owned()]);
    while let Some(name) = wanted.pop() {
        if let Some(def) = defs.remove(&name) {
            references(&def, &mut wanted);
            reached.insert(name, def);
        }
    }
    reached
}

fn references(value: &Value, into: &mut Vec<String>) {
    match value {
        Value::String(text) => into.extend(text.strip_prefix(REFERENCE).map(str::to_owned)),
        Value::Array(all) => all.iter().for_each(|one| references(one, into)),
        Value::Object(all) => all.values().for_each(|one| references(one, into)),
        _ => {}
    }
}

fn table(language: Language) -> Objects {
    let (mut objects, mut name) = (Objects::new(), "");
    let lines = TABLE.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    for line in lines {
        if let Some(object) = line.strip_prefix("object ") {
            name = object;
            objects.insert(name, Vec::new());
        } else if let Some(other) = line.strip_prefix("+ ") {
            let key = Key { name: "+", is_required: false, kind: other, description: "" };
            objects.entry(name).or_default().push(key);
        } else if let Some((key, rest)) = line.split_once(' ')
            && let Some((kind, said)) = rest.split_once("  ")
            && let Some((ja, en)) = said.split_once(" | ")
        {
            let is_required = key.ends_with('!');
            let description = language.pick(ja, en).trim();
            let key = Key { name: key.trim_end_matches('!'), is_required, kind, description };
            objects.entry(name).or_default().push(key);
        }
    }
    objects
}

/// `probe:http` cannot stand in a reference without being escaped.
fn def_name(object: &str) -> String {
    object.replace(':', ".")
}

struct Writer<'a> {
    objects: &'a Objects,
    is_local: bool,
}

impl Writer<'_> {
    /// The kinds of an object that has some.
    fn kinds_of(&self, name: &str) -> Vec<&'static str> {
        let of = |object: &&'static str| object.strip_prefix(name)?.strip_prefix(':');
        self.objects.keys().filter_map(of).collect()
    }

    /// The keys of an object with those that it includes; a kind has those of all kinds as well.
    fn keys(&self, name: &str) -> Vec<&Key> {
        let common = name.split_once(':').map(|(object, _)| self.keys(object));
        let own = self.objects.get(name).into_iter().flatten();
        let own = own.flat_map(|key| if key.name == "+" { self.keys(key.kind) } else { vec![key] });
        common.into_iter().flatten().chain(own).collect()
    }

    fn object(&self, name: &str) -> Value {
        let (mut properties, mut required) = (Map::new(), Vec::new());
        let mut others = json!(false);
        for key in self.keys(name) {
            let mut value = self.value(key.kind);
            if self.is_local {
                value = json!({"anyOf": [value, {"type": "null"}]});
            }
            value["description"] = json!(key.description);
            if key.name == "*" {
                others = value;
                continue;
            }
            if key.is_required && !self.is_local {
                required.push(key.name);
            }
            if let (Some((_, kind)), "kind") = (name.split_once(':'), key.name) {
                value = json!({"const": kind, "description": key.description});
            }
            properties.insert(key.name.into(), value);
        }
        let mut object = json!({
            "type": ["object", "null"], "properties": properties, "additionalProperties": others,
        });
        if !required.is_empty() {
            object["required"] = json!(required);
        }
        object
    }

    /// Which keys there are, the kind decides.
    fn by_kind(&self, name: &str, kinds: &[&str]) -> Value {
        let one = |kind: &&str| {
            json!({
                "if": {"properties": {"kind": {"const": kind}}, "required": ["kind"]},
                "then": {"$ref": format!("{REFERENCE}{}.{kind}", def_name(name))},
            })
        };
        let mut object = json!({
            "type": "object",
            "properties": {"kind": {"enum": kinds}},
            "allOf": kinds.iter().map(one).collect::<Vec<_>>(),
        });
        if !self.is_local {
            object["required"] = json!(["kind"]);
        }
        object
    }

    fn value(&self, kind: &str) -> Value {
        if let Some(inside) = inside(kind, "<>") {
            let inside = match inside.strip_suffix('?') {
                Some(each) => json!({"anyOf": [self.reference(each), {"enum": ["off"]}]}),
                None if self.objects.contains_key(inside.trim_end_matches(':')) => {
                    self.reference(inside)
                }
                None => self.value(inside),
            };
            return json!({"type": ["object", "null"], "additionalProperties": inside});
        }
        if let Some(each) = inside(kind, "[]") {
            return json!({"type": ["array", "null"], "items": self.reference(each)});
        }
        if let Some(each) = kind.strip_suffix('*') {
            let one = self.value(each);
            return json!({"anyOf": [one, {"type": "array", "items": one}, {"type": "null"}]});
        }
        if kind.contains(',') {
            let all: Vec<_> = kind.split(',').map(|one| self.value(one)).collect();
            return json!({"anyOf": all});
        }
        if let Some(object) = inside(kind, "{}") {
            return self.reference(object);
        }
        let text = |pattern: &str| json!({"type": "string", "pattern": pattern});
        let either = |usual: &[&str], all| json!({"anyOf": [{"enum": usual}, text(all)]});
        match kind {
            "text" => json!({"type": ["string", "number", "boolean"]}),
            "value" => json!({"type": ["string", "number", "boolean", "null"]}),
            "flag" => json!({"enum": [true, false, "true", "false"]}),
            "count" => json!({"anyOf": [{"type": "integer", "minimum": 0}, text(COUNT)]}),
            "number" => json!({"anyOf": [{"type": "number"}, text(NUMBER)]}),
            "duration" => json!({"anyOf": [text(DURATION), {"enum": [0, "0"]}]}),
            "bytes" => json!({"anyOf": [{"type": "integer", "minimum": 0}, text(BYTES)]}),
            "secret" => text("^secret:"),
            "day" => either(&["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "^[A-Za-z]{3,9}$"),
            // Also a date with a time, for what happens once.
            "time" => text("^[Tt]?[0-9].*[0-9]"),
            "date" => text("^[0-9]{4}-?[0-9]"),
            "within" => json!({"anyOf": [text(DURATION), text(BUSINESS), {"enum": [0, "0"]}]}),
            "level" => either(&["critical", "warning", "info"], LEVEL),
            "priority" => either(&["P0", "P1", "P2", "P3"], "^[Pp][0-3]$"),
            "language" => either(&["ja", "en"], "^(ja|en|C|POSIX)([_.-].*)?$"),
            words => json!({"enum": words.split('/').collect::<Vec<_>>()}),
        }
    }

    fn reference(&self, object: &str) -> Value {
        let name = object.trim_end_matches([':', '?']);
        assert!(self.objects.contains_key(name), "keys.txt names no object `{name}`");
        json!({"$ref": format!("{REFERENCE}{}", def_name(name))})
    }
}

/// What stands between two brackets.
fn inside<'a>(kind: &'a str, brackets: &str) -> Option<&'a str> {
    let mut brackets = brackets.chars();
    kind.strip_prefix(brackets.next()?)?.strip_suffix(brackets.next()?)
}
