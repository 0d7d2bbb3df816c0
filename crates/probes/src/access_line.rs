//! One line of an access log: nginx's combined format with `rt=` (seconds), `us=` (upstreams), `ust=` (their statuses).

use jiff::{Timestamp, fmt::strtime};
use regex::Regex;
use std::sync::LazyLock;

/// A request as the proxy saw it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Line<'a> {
    pub client: &'a str,
    pub at: Timestamp,
    /// What was asked for, without its query.
    pub path: &'a str,
    pub status: u16,
    /// Until the last byte went to the client; nothing when the log does not say.
    pub latency_ms: Option<f64>,
    /// Every upstream that was tried, in order, with what it answered.
    pub tries: Vec<(&'a str, Option<u16>)>,
}

/// Reads lines; remembers the last time text, because a busy second has many lines.
#[derive(Default)]
pub(crate) struct Reader {
    last: Option<(String, Timestamp)>,
}

impl Reader {
    /// Takes a line apart; nothing when it is not of this format.
    pub fn read<'a>(&mut self, line: &'a str) -> Option<Line<'a>> {
        let found = LINE.captures(line)?;
        let text = |index: usize| found.get(index).map_or("", |part| part.as_str());
        let tail = found.get(5).map_or("", |part| part.as_str());
        Some(Line {
            client: found.get(1)?.as_str(),
            at: self.time(text(2))?,
            path: found.get(3).map_or("", |part| part.as_str()),
            status: text(4).parse().ok()?,
            latency_ms: values(&RT, tail)
                .first()
                .and_then(|rt| rt.parse::<f64>().ok())
                .map(|s| s * 1000.0),
            tries: tries(tail),
        })
    }

    fn time(&mut self, text: &str) -> Option<Timestamp> {
        if let Some((known, at)) = &self.last
            && known == text
        {
            return Some(*at);
        }
        let at = strtime::parse("%d/%b/%Y:%H:%M:%S %z", text).ok()?.to_timestamp().ok()?;
        self.last = Some((text.to_owned(), at));
        Some(at)
    }
}

/// Client, time, path of the request, status, size, referrer, agent, and the rest. nginx writes a quote inside a field as `\x22`.
static LINE: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = r#"^(\S+) .*?\[([^\]]+)\] "(?:\S+ )?([^" ?]*)[^"]*" (\d{3}) (?:\d+|-) "[^"]*" "[^"]*"(.*)$"#;
    Regex::new(pattern).expect("a constant pattern")
});
static RT: LazyLock<Regex> = LazyLock::new(|| pattern("rt"));
static US: LazyLock<Regex> = LazyLock::new(|| pattern("us"));
static UST: LazyLock<Regex> = LazyLock::new(|| pattern("ust"));

/// A value, or several with `, ` or ` : ` between them when the proxy tried several upstreams.
fn pattern(key: &str) -> Regex {
    Regex::new(&format!(r#"(?:^|\s){key}="?([^\s,"]+(?:(?:,\s*|\s:\s)[^\s,"]+)*)"#))
        .expect("a constant pattern")
}

fn values<'a>(pattern: &Regex, tail: &'a str) -> Vec<&'a str> {
    let found = pattern.captures(tail).and_then(|found| found.get(1));
    let split = |text: &'a str| {
        text.split(", ").flat_map(|part| part.split(" : ")).flat_map(|part| part.split(','))
    };
    found.map(|text| split(text.as_str()).map(str::trim).collect()).unwrap_or_default()
}

fn tries(tail: &str) -> Vec<(&str, Option<u16>)> {
    let statuses = values(&UST, tail);
    let upstreams =
        values(&US, tail).into_iter().enumerate().filter(|(_, upstream)| *upstream != "-");
    upstreams
        .map(|(index, upstream)| {
            (upstream, statuses.get(index).and_then(|status| status.parse().ok()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_read_by_its_fields() {
        let line = r#"203.0.113.7 - - [22/Nov/2026:10:00:00 +0900] "GET /api/stocks/500 HTTP/1.1" 200 512 "-" "curl/8 \x22500\x22" rt=0.123 us=127.0.0.1:8080 ust=200 uct=0.001"#;
        let read = Reader::default().read(line).expect("a line");
        assert_eq!((read.client, read.status, read.latency_ms), ("203.0.113.7", 200, Some(123.0)));
        assert_eq!(read.at, "2026-11-22T01:00:00Z".parse().expect("a time"));
        assert_eq!(read.tries, [("127.0.0.1:8080", Some(200))]);
    }

    #[test]
    fn a_request_that_was_tried_twice_names_both_upstreams() {
        let line = r#"::1 - bob [22/Nov/2026:10:00:00 +0000] "GET / HTTP/2.0" 200 1 "-" "-" rt=1.5 us=127.0.0.1:8081, 127.0.0.1:8080 ust=502, 200"#;
        let read = Reader::default().read(line).expect("a line");
        assert_eq!(read.tries, [("127.0.0.1:8081", Some(502)), ("127.0.0.1:8080", Some(200))]);
    }

    #[test]
    fn what_is_not_in_the_log_is_not_made_up() {
        let line = r#"10.0.0.1 - - [22/Nov/2026:10:00:00 +0000] "GET / HTTP/1.1" 304 - "-" "-""#;
        let read = Reader::default().read(line).expect("plain combined");
        assert_eq!((read.latency_ms, read.tries.len()), (None, 0));
        assert_eq!(Reader::default().read("hello"), None);
        assert_eq!(Reader::default().read(r#"x - - [yesterday] "GET /" 200 1 "-" "-""#), None);
    }
}
