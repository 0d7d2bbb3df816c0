//! What lines have in common: the message with its numbers, ids, addresses and quoted words replaced.

use crate::log_time;
use regex::Regex;
use serde_json::Value;
use std::{borrow::Cow, sync::LazyLock};

/// The keys under which loggers write the message as JSON.
const KEYS: [&str; 5] = ["message", "msg", "event", "error", "text"];
/// So much of a line tells what it is about.
const CHARS: usize = 200;

/// The pattern of a line.
pub(crate) fn of(line: &str) -> String {
    let message = message(line);
    let mut text: String = message.chars().take(4 * CHARS).collect();
    text = log_time::pattern().replace_all(&text, "<time>").into_owned();
    for (pattern, word) in &*WORDS {
        if let Cow::Owned(replaced) = pattern.replace_all(&text, *word) {
            text = replaced;
        }
    }
    probes::outside::shown_up_to(CHARS, &text)
}

/// What a line says: its message when it is JSON.
fn message(line: &str) -> Cow<'_, str> {
    if line.trim_start().starts_with('{')
        && let Ok(Value::Object(fields)) = serde_json::from_str::<Value>(line)
        && let Some(text) = KEYS.iter().find_map(|key| fields.get(*key)?.as_str())
    {
        return Cow::Owned(text.to_owned());
    }
    Cow::Borrowed(line.trim())
}

/// In this order: a number within an id must not be replaced before the id is.
static WORDS: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
    let words = [
        (r#""(?:[^"\\]|\\.)*"|'[^']*'|`[^`]*`|「[^」]*」"#, "<text>"),
        (r"\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b", "<address>"),
        (r"\b[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\b", "<id>"),
        (r"\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b", "<address>"),
        (r"(?:\b[0-9a-fA-F]{1,4}:){3,7}[0-9a-fA-F]{1,4}\b|\[?\B::1\b\]?(?::\d+)?", "<address>"),
        (r"\b0x[0-9a-fA-F]+\b", "<id>"),
        (r"\b(?:[0-9]+[a-fA-F]|[a-fA-F]+[0-9])[0-9a-fA-F]{6,}\b", "<id>"),
        (r"\b\d+(?:[.,]\d+)*", "<n>"),
    ];
    let made = |(pattern, word)| (Regex::new(pattern).expect("a constant pattern"), word);
    words.into_iter().map(made).collect()
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_one_cause_have_one_pattern() {
        for (lines, pattern) in [
            (
                [
                    "2026-11-22 10:00:00 ERROR price of 7203.T is 210 s old (limit 120)",
                    "2026-11-22 10:07:13 ERROR price of 9984.T is 1,345 s old (limit 120)",
                ],
                "<time> ERROR price of <n>.T is <n> s old (limit <n>)",
            ),
            (
                [
                    "ERROR connect 10.0.0.7:5432 as \"app\" failed, request 7f3b9c2d11aa",
                    "ERROR connect 10.0.0.9:5432 as \"batch\" failed, request 00ff9c2d11ab",
                ],
                "ERROR connect <address> as <text> failed, request <id>",
            ),
            (
                [
                    r#"{"level":"ERROR","message":"user a@example.com: 3 tries","n":1}"#,
                    r#"{"level":"ERROR","message":"user b@example.org: 12 tries","n":2}"#,
                ],
                "user <address>: <n> tries",
            ),
        ] {
            for line in lines {
                assert_eq!(of(line), pattern, "{line}");
            }
        }
    }

    #[test]
    fn different_causes_stay_different_and_a_huge_line_is_cut() {
        assert_ne!(of("ERROR disk is full"), of("ERROR database is gone"));
        assert!(of(&"x".repeat(100_000)).chars().count() <= CHARS + 1);
    }
}
