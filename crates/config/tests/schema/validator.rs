//! As much of JSON Schema (draft 2020-12) as ours uses, and which object of ours each mapping was taken for.

use regex::Regex;
use serde_json::{Map, Value};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Mutex,
};

/// Whether a text fits; each pattern is compiled once.
fn fits(pattern: &str, text: &str) -> bool {
    static COMPILED: Mutex<BTreeMap<String, Regex>> = Mutex::new(BTreeMap::new());
    let mut compiled = COMPILED.lock().expect("no panic");
    let pattern = compiled
        .entry(pattern.to_owned())
        .or_insert_with(|| Regex::new(pattern).expect("a pattern"));
    pattern.is_match(text)
}

/// What a document was found to be.
#[derive(Default)]
pub struct Found {
    /// What is wrong, with its path.
    pub wrong: Vec<String>,
    /// The name of the object that closes the keys of the mapping at each path.
    pub objects: BTreeMap<String, String>,
    /// Every key that stands somewhere, as `object.key`.
    pub keys: BTreeSet<String>,
}

/// Judges a document.
pub fn judge(schema: &Value, document: &Value) -> Found {
    let mut found = Found::default();
    Judge { defs: &schema["$defs"] }.value(schema, document, "", None, &mut found);
    found
}

struct Judge<'a> {
    defs: &'a Value,
}

impl Judge<'_> {
    fn value(
        &self,
        schema: &Value,
        value: &Value,
        path: &str,
        name: Option<&str>,
        found: &mut Found,
    ) {
        let Value::Object(schema) = schema else {
            if *schema == Value::Bool(false) {
                found.wrong.push(format!("{path}: not allowed"));
            }
            return;
        };
        for (keyword, what) in schema {
            match (keyword.as_str(), what) {
                ("$ref", Value::String(to)) => {
                    let name = to.strip_prefix("#/$defs/").expect("a reference to a definition");
                    assert!(!self.defs[name].is_null(), "{to} leads nowhere");
                    self.value(&self.defs[name], value, path, Some(name), found);
                }
                ("type", what) => self.kind(what, value, path, found),
                ("enum", Value::Array(all)) if !all.contains(value) => {
                    found.wrong.push(format!("{path}: {value} is none of {what}"));
                }
                ("const", what) if what != value => {
                    found.wrong.push(format!("{path}: {value} is not {what}"));
                }
                ("pattern", Value::String(pattern)) => {
                    if value.as_str().is_some_and(|text| !fits(pattern, text)) {
                        found.wrong.push(format!("{path}: {value} does not fit {pattern}"));
                    }
                }
                ("minimum", Value::Number(least)) => {
                    if value.as_f64().is_some_and(|number| Some(number) < least.as_f64()) {
                        found.wrong.push(format!("{path}: {value} is below {least}"));
                    }
                }
                ("anyOf", Value::Array(all)) => self.any(all, value, path, found),
                ("allOf", Value::Array(all)) => {
                    all.iter().for_each(|one| self.value(one, value, path, None, found));
                }
                ("if", condition) => {
                    let mut tried = Found::default();
                    self.value(condition, value, path, None, &mut tried);
                    if tried.wrong.is_empty() {
                        self.value(&schema["then"], value, path, None, found);
                    }
                }
                ("items", each) => {
                    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                        self.value(each, item, &format!("{path}/{index}"), None, found);
                    }
                }
                ("required", Value::Array(keys)) => {
                    let missing = |key: &&Value| {
                        value.is_object() && value.get(key.as_str().unwrap_or_default()).is_none()
                    };
                    for key in keys.iter().filter(missing) {
                        found.wrong.push(format!("{path}: {key} is missing"));
                    }
                }
                ("properties" | "additionalProperties", _) => {}
                ("enum" | "const" | "then" | "description" | "$schema" | "title" | "$defs", _) => {}
                (keyword, _) => {
                    panic!("the schema uses `{keyword}`, which this test does not know")
                }
            }
        }
        if let Value::Object(entries) = value {
            self.entries(schema, entries, path, name, found);
        }
    }

    fn entries(
        &self,
        schema: &Map<String, Value>,
        entries: &Map<String, Value>,
        path: &str,
        name: Option<&str>,
        found: &mut Found,
    ) {
        let known = schema.get("properties").and_then(Value::as_object);
        if let (Some(name), Some(Value::Bool(false))) = (name, schema.get("additionalProperties")) {
            found.objects.insert(path.into(), name.into());
        }
        for (key, value) in entries {
            let at = format!("{path}/{key}");
            match (known.and_then(|known| known.get(key)), schema.get("additionalProperties")) {
                (Some(own), _) => {
                    found.keys.extend(name.map(|name| format!("{name}.{key}")));
                    self.value(own, value, &at, None, found);
                }
                (None, Some(Value::Bool(false))) => {
                    found.wrong.push(format!("{path}: unknown key `{key}`"));
                }
                (None, Some(others)) => self.value(others, value, &at, None, found),
                (None, None) => {}
            }
        }
    }

    /// The alternative that fits; where none does, that is what is wrong.
    fn any(&self, all: &[Value], value: &Value, path: &str, found: &mut Found) {
        let mut last = Vec::new();
        for one in all {
            let mut tried = Found::default();
            self.value(one, value, path, None, &mut tried);
            let fits = tried.wrong.is_empty();
            found.objects.extend(tried.objects);
            found.keys.extend(tried.keys);
            if fits {
                return;
            }
            last.extend(tried.wrong);
        }
        found.wrong.push(format!("{path}: no alternative fits: {}", last.join("; ")));
    }

    fn kind(&self, what: &Value, value: &Value, path: &str, found: &mut Found) {
        let is = |name: &Value| match name.as_str().unwrap_or_default() {
            "object" => value.is_object(),
            "array" => value.is_array(),
            "string" => value.is_string(),
            "number" => value.is_number(),
            "integer" => value.as_f64().is_some_and(|number| number.fract() == 0.0),
            "boolean" => value.is_boolean(),
            "null" => value.is_null(),
            other => panic!("no type of JSON: {other}"),
        };
        let fits = match what {
            Value::Array(names) => names.iter().any(is),
            name => is(name),
        };
        if !fits {
            found.wrong.push(format!("{path}: {value} is not of type {what}"));
        }
    }
}
