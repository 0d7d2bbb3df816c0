//! Access logs as text: common, combined, nginx's own, and then `key=value` (`rt` in seconds, `us`, `ust`, `xff`, `auth`).

use crate::{
    access_line::{Line, SignedIn, is_filled, tries, without_query},
    access_names::Names,
};
use jiff::{Timestamp, fmt::strtime};
use regex::Regex;
use std::{borrow::Cow, sync::LazyLock};

/// Reads lines; remembers the last time text, because a busy second has many lines.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    last: Option<(String, Timestamp)>,
}

impl Reader {
    /// Takes a line apart; nothing when it is not of this format.
    pub fn read<'a>(&mut self, line: &'a str, names: &Names) -> Option<Line<'a>> {
        let found = LINE.captures(line)?;
        let text = |name: &str| found.name(name).map_or("", |part| part.as_str());
        let tail = pairs(text_of(&found, "tail"));
        let value = |names: &[String]| {
            names
                .iter()
                .find_map(|name| tail.iter().find(|(key, _)| key == name).map(|(_, value)| *value))
        };
        let key = |key: &str| tail.iter().find(|(known, _)| *known == key).map(|(_, value)| *value);
        // nginx's own format has the header behind the agent, without a name.
        let forwarded = value(&names.forwarded_for).or_else(|| key(""));
        Some(Line {
            socket: text_of(&found, "client").into(),
            forwarded_for: forwarded.filter(|text| is_filled(text)).map(Cow::from),
            signed_in: signed_in(text("user"), value(&names.authorization)),
            at: self.time(text("time"))?,
            method: text_of(&found, "method").into(),
            path: without_query(text_of(&found, "target")).into(),
            status: text("status").parse().ok()?,
            bytes: text("bytes").parse().ok(),
            latency_ms: key("rt").and_then(|rt| rt.parse::<f64>().ok()).map(|s| s * 1000.0),
            tries: tries(key("us").unwrap_or_default(), key("ust").unwrap_or_default())
                .into_iter()
                .map(|(upstream, status)| (upstream.into(), status))
                .collect(),
        })
    }

    fn time(&mut self, text: &str) -> Option<Timestamp> {
        if let Some((known, at)) = &self.last
            && known == text
        {
            return Some(*at);
        }
        let at = clock(text)?;
        self.last = Some((text.to_owned(), at));
        Some(at)
    }
}

/// A time as these logs write it.
pub(crate) fn clock(text: &str) -> Option<Timestamp> {
    strtime::parse("%d/%b/%Y:%H:%M:%S %z", text).ok()?.to_timestamp().ok()
}

/// Credentials count as said, also when there were none; an empty user does not.
pub(crate) fn signed_in(user: &str, authorization: Option<&str>) -> SignedIn {
    match authorization {
        _ if is_filled(user) => SignedIn::Yes,
        Some(text) if is_filled(text) => SignedIn::Yes,
        Some(_) => SignedIn::No,
        None => SignedIn::NotSaid,
    }
}

/// nginx writes a quote inside a field as `\x22`, Apache as `\"`. `referrer` and `agent` are not in the common format.
static LINE: LazyLock<Regex> = LazyLock::new(|| {
    let quoted = r#""(?:[^"\\]|\\.)*""#;
    let pattern = format!(
        r#"^(?<client>\S+) \S+ (?<user>.*?) \[(?<time>[^\]]+)\] "(?:(?<method>[^\s"]+) )?(?<target>[^" ]*)(?:[^"\\]|\\.)*" (?<status>\d{{3}}) (?<bytes>\d+|-)(?: {quoted} {quoted})?(?<tail>(?: .*)?)$"#
    );
    Regex::new(&pattern).expect("a constant pattern")
});

fn text_of<'a>(found: &regex::Captures<'a>, name: &str) -> &'a str {
    found.name(name).map_or("", |part| part.as_str())
}

/// The words behind: `key=value`, `key="value"` and `"value"`, which has no key. What is quoted is never a key:
/// strangers write it.
fn pairs(tail: &str) -> Vec<(&str, &str)> {
    let mut pairs = Vec::new();
    let mut rest = tail.trim_start();
    while !rest.is_empty() {
        let end = rest.find(|c: char| c == '=' || c == '"' || c.is_whitespace());
        let (key, after) = rest.split_at(end.unwrap_or(rest.len()));
        let (value, after) = match (after.strip_prefix('='), after) {
            (Some(value), _) if value.starts_with('"') => quoted(value),
            (Some(value), _) => unquoted(value),
            (None, value) if value.starts_with('"') => quoted(value),
            // A word alone says nothing to us.
            (None, after) => {
                rest = after.trim_start();
                continue;
            }
        };
        pairs.push((key, value));
        rest = after.trim_start();
    }
    pairs
}

fn quoted(text: &str) -> (&str, &str) {
    let inner = text.strip_prefix('"').unwrap_or(text);
    let mut is_escaped = false;
    let end = inner.bytes().position(|byte| {
        let ends = byte == b'"' && !is_escaped;
        is_escaped = byte == b'\\' && !is_escaped;
        ends
    });
    match end {
        Some(end) => (&inner[..end], &inner[end + 1..]),
        None => (inner, ""),
    }
}

/// Up to the next blank; those of a list (`a, b : c`) belong to it.
fn unquoted(text: &str) -> (&str, &str) {
    let mut from = 0;
    while let Some(blank) = text[from..].find(' ').map(|index| from + index) {
        from = if text[blank..].starts_with(" : ") {
            blank + 3
        } else if text[..blank].ends_with(',') {
            blank + 1
        } else {
            return text.split_at(blank);
        };
    }
    (text, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Option<Line<'_>> {
        Reader::default().read(line, &Names::default())
    }

    fn tried<'a>(line: &'a Line<'_>) -> Vec<(&'a str, Option<u16>)> {
        line.tries.iter().map(|(upstream, status)| (&**upstream, *status)).collect()
    }

    #[test]
    fn a_line_is_read_by_its_fields() {
        let line = r#"203.0.113.7 - - [22/Nov/2026:10:00:00 +0900] "GET /api/stocks/500?q=1 HTTP/1.1" 200 512 "-" "curl/8 \x22500\x22" rt=0.123 us=127.0.0.1:8080 ust=200 uct=0.001"#;
        let read = read(line).expect("a line");
        assert_eq!((&*read.socket, read.status, read.bytes), ("203.0.113.7", 200, Some(512)));
        assert_eq!((&*read.method, &*read.path), ("GET", "/api/stocks/500"));
        assert_eq!((read.latency_ms, read.signed_in), (Some(123.0), SignedIn::NotSaid));
        assert_eq!(read.at, "2026-11-22T01:00:00Z".parse().expect("a time"));
        assert_eq!(tried(&read), [("127.0.0.1:8080", Some(200))]);
    }

    #[test]
    fn a_request_that_was_tried_twice_names_both_upstreams() {
        let line = r#"::1 - bob [22/Nov/2026:10:00:00 +0000] "GET / HTTP/2.0" 200 1 "-" "-" rt=1.5 us=127.0.0.1:8081, 127.0.0.1:8080 ust=502, 200"#;
        let read = read(line).expect("a line");
        assert_eq!(tried(&read), [("127.0.0.1:8081", Some(502)), ("127.0.0.1:8080", Some(200))]);
        assert_eq!(read.signed_in, SignedIn::Yes);
    }

    #[test]
    fn what_is_not_in_the_log_is_not_made_up() {
        let line = r#"10.0.0.1 - - [22/Nov/2026:10:00:00 +0000] "GET / HTTP/1.1" 304 - "-" "-""#;
        let combined = read(line).expect("plain combined");
        assert_eq!((combined.latency_ms, combined.tries.len(), combined.bytes), (None, 0, None));
        assert_eq!(combined.forwarded_for, None);
        assert_eq!(read("hello"), None);
        assert_eq!(read(r#"x - - [yesterday] "GET /" 200 1 "-" "-""#), None);
    }

    #[test]
    fn failed_writes_are_told_by_the_status_field() {
        // A65: the common format, and its two lines.
        for line in [
            r#"10.0.200.7 - - [21/Nov/2026:10:00:00 +0900] "POST /api/v1/auth/login HTTP/1.1" 401 44"#,
            r#"198.51.100.9 - - [21/Nov/2026:10:00:01 +0900] "DELETE /api/x HTTP/1.1" 403 512"#,
        ] {
            assert!(read(line).expect("a line").is_failed_write(), "{line}");
        }
        let fine = r#"10.0.200.7 - - [21/Nov/2026:10:00:00 +0900] "PUT /api/500 HTTP/1.1" 303 401"#;
        assert!(!read(fine).expect("a line").is_failed_write());
    }

    #[test]
    fn the_forwarded_header_is_found_with_and_without_a_name() {
        let start = r#"127.0.0.1 - - [22/Nov/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 1 "-" "-""#;
        for tail in [r#" "1.1.1.1, 203.0.113.7""#, r#" rt=0.1 xff="1.1.1.1, 203.0.113.7""#] {
            let line = format!("{start}{tail}");
            let read = read(&line).expect("a line");
            assert_eq!(read.forwarded_for.as_deref(), Some("1.1.1.1, 203.0.113.7"), "{tail}");
        }
        let line = format!("{start} auth=-");
        assert_eq!(read(&line).expect("a line").signed_in, SignedIn::No);
        let line = format!("{start} auth=yes");
        assert_eq!(read(&line).expect("a line").signed_in, SignedIn::Yes);
    }

    proptest::proptest! {
        #[test]
        fn no_line_breaks_the_reading(line: String, tail in "[ -~]{0,80}") {
            let _ = read(&line);
            let start = r#"1.1.1.1 - - [22/Nov/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 1 "-" "-""#;
            let whole = format!("{start} {tail}");
            assert!(read(&whole).is_some(), "{whole}");
        }
    }

    #[test]
    fn what_strangers_write_makes_no_field() {
        let line = r#"127.0.0.1 - - [22/Nov/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 1 "x\x22 500" "\"" "1.1.1.1 rt=9 auth=yes us=127.0.0.1:1" rt=0.2 us=127.0.0.1:8080"#;
        let read = read(line).expect("a line");
        assert_eq!((read.latency_ms, read.signed_in), (Some(200.0), SignedIn::NotSaid));
        assert_eq!(tried(&read), [("127.0.0.1:8080", None)]);
    }
}
