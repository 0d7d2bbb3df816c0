//! JSON without a fixed shape: reading it, saying what is wrong without repeating it, flattening it.

use crate::text::cut;
use serde_json::{Value, error::Category};

/// Entries that one document may become when it is flattened.
const ENTRIES: usize = 100;
/// Bytes of one flattened value.
const VALUE_BYTES: usize = 8 << 10;
/// Objects in objects that become dotted names; what is deeper stays JSON.
const LEVELS: usize = 4;

/// Reads a document. Bytes that are no UTF-8 become `U+FFFD`, as in Go, so that one of them does not cost an alert.
///
/// # Errors
/// What is wrong and where; never the content, which may hold secrets.
pub(crate) fn read(body: &[u8]) -> Result<Value, String> {
    let text = String::from_utf8_lossy(body);
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    serde_json::from_str(text).map_err(|error| format!("the body is not JSON: {}", why(&error)))
}

/// What is wrong and where, without what stands there.
pub(crate) fn why(error: &serde_json::Error) -> String {
    match error.classify() {
        Category::Data => {
            format!("a value has the wrong type at line {} column {}", error.line(), error.column())
        }
        _ => error.to_string(),
    }
}

/// A scalar as text; `null`, lists and objects have none.
pub(crate) fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// The text at a pointer; empty where there is none.
pub(crate) fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// A document as pairs of dotted names and texts, bounded and cut: `{"a": {"b": 1}}` is `a.b` and `1`.
pub(crate) fn flatten(prefix: &str, value: &Value, pairs: &mut Vec<(String, String)>) {
    flatten_at(prefix, value, 0, pairs.len() + ENTRIES, pairs);
}

fn flatten_at(
    name: &str,
    value: &Value,
    level: usize,
    most: usize,
    pairs: &mut Vec<(String, String)>,
) {
    if pairs.len() >= most {
        return;
    }
    match value {
        Value::Null => {}
        Value::Object(map) if level < LEVELS => {
            for (key, value) in map {
                let name = if name.is_empty() { key.clone() } else { format!("{name}.{key}") };
                flatten_at(&name, value, level + 1, most, pairs);
            }
        }
        other => {
            let text = scalar(other).unwrap_or_else(|| other.to_string());
            let name = if name.is_empty() { "details" } else { name };
            let name = cut(name, crate::limits::NAME_BYTES).into_owned();
            pairs.push((name, cut(&text, VALUE_BYTES).into_owned()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_document_becomes_pairs() {
        let mut pairs = Vec::new();
        let document = json!({"a": {"b": 1, "c": [1, 2]}, "d": null, "e": true, "": "x"});
        flatten("", &document, &mut pairs);
        let told: Vec<_> = pairs.iter().map(|(n, v)| format!("{n}={v}")).collect();
        assert_eq!(told, ["details=x", "a.b=1", "a.c=[1,2]", "e=true"]);
    }

    #[test]
    fn a_huge_document_stays_bounded() {
        let mut pairs = Vec::new();
        let wide: serde_json::Map<_, _> =
            (0..1000).map(|n| (n.to_string(), json!("x".repeat(20_000)))).collect();
        flatten("", &Value::Object(wide), &mut pairs);
        assert_eq!(pairs.len(), ENTRIES);
        assert!(pairs.iter().all(|(_, value)| value.len() <= VALUE_BYTES));
    }

    /// A parser that follows every bracket would end the process.
    #[test]
    fn nesting_deeper_than_128_is_refused() {
        let deep = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
        assert!(read(deep(127).as_bytes()).is_ok());
        let error = read(deep(100_000).as_bytes()).expect_err("too deep");
        assert!(error.contains("recursion limit exceeded"), "{error}");
    }

    #[test]
    fn an_error_does_not_repeat_what_it_read() {
        let error = serde_json::from_str::<u8>("\"secret\"").expect_err("a text");
        assert_eq!(why(&error), "a value has the wrong type at line 1 column 8");
        let error = read(b"{\"routing_key\": secret").expect_err("broken");
        assert!(!error.contains("secret"), "{error}");
    }
}
