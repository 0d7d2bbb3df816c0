//! Reads what scanners print: JSON from outside, of which nothing is taken for granted.

use crate::token::without_secrets;
use domain::said::Said;
use serde_json::Value;
use supervise::program::one_line;

/// The document, or why there is none.
pub(crate) fn document(bytes: &[u8]) -> Result<Value, String> {
    serde_json::from_slice(bytes).map_err(|error| format!("its output is not JSON: {error}"))
}

/// The list at a pointer; nothing is an empty one.
pub(crate) fn list<'v>(value: &'v Value, pointer: &str) -> impl Iterator<Item = &'v Value> {
    value.pointer(pointer).and_then(Value::as_array).into_iter().flatten()
}

/// The text at a pointer, on one line and without secrets; an empty one is none.
pub(crate) fn text(value: &Value, pointer: &str) -> Option<String> {
    raw(value, pointer).map(|text| without_secrets(&one_line(text)))
}

/// The text at a pointer as it is: for names of files.
pub(crate) fn raw<'v>(value: &'v Value, pointer: &str) -> Option<&'v str> {
    value.pointer(pointer).and_then(Value::as_str).filter(|text| !text.trim().is_empty())
}

/// The first text that is there, in the scanner's own language.
pub(crate) fn title(value: &Value, pointers: &[&str]) -> Said {
    let found = pointers.iter().find_map(|pointer| text(value, pointer));
    found.map_or_else(|| Said::new("(説明なし)", "(no description)"), Said::same)
}

/// The number at a pointer, above zero.
pub(crate) fn line(value: &Value, pointer: &str) -> Option<u64> {
    value.pointer(pointer).and_then(Value::as_u64).filter(|line| *line > 0)
}
