//! A line of the access log: nginx's combined format, then request time and upstream.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::fmt::Write;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

/// What is logged of one request.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Who asked.
    pub client: IpAddr,
    /// When the answer was complete.
    pub at: Timestamp,
    /// For example `GET /api/stocks/7203.T HTTP/1.1`.
    pub request: String,
    /// What the client was answered.
    pub status: u16,
    /// How long the body of the answer was.
    pub bytes: usize,
    /// Where the client came from.
    pub referer: Option<String>,
    /// What the client says it is.
    pub agent: Option<String>,
    /// From the first byte of the request to the last of the answer.
    pub request_time: Duration,
    /// The server that was asked last, if any.
    pub upstream: Option<UpstreamEntry>,
}

/// What is logged of the server behind.
#[derive(Clone, Debug)]
pub struct UpstreamEntry {
    /// Where it listens.
    pub address: SocketAddr,
    /// What it answered, 502 where it could not be reached, 504 where it did not answer.
    pub status: u16,
    /// How long the connection took; unknown where there was none.
    pub connect_time: Option<Duration>,
}

impl Entry {
    /// The line without its end: `CLIENT - - [TIME] "REQUEST" STATUS BYTES "REFERER" "AGENT"
    /// rt=SECONDS us=ADDRESS ust=STATUS uct=SECONDS`, with `-` for what is unknown.
    pub fn line(&self) -> String {
        let at = self.at.to_zoned(TimeZone::UTC).strftime("%d/%b/%Y:%H:%M:%S %z");
        let mut line = format!(
            "{} - - [{at}] \"{}\" {} {} \"{}\" \"{}\" rt={:.3}",
            self.client,
            escape(&self.request),
            self.status,
            self.bytes,
            escape(self.referer.as_deref().unwrap_or("-")),
            escape(self.agent.as_deref().unwrap_or("-")),
            self.request_time.as_secs_f64(),
        );
        let written = match &self.upstream {
            Some(upstream) => {
                let connect = match upstream.connect_time {
                    Some(time) => format!("{:.3}", time.as_secs_f64()),
                    None => "-".into(),
                };
                write!(line, " us={} ust={} uct={connect}", upstream.address, upstream.status)
            }
            None => write!(line, " us=- ust=- uct=-"),
        };
        written.expect("a String takes everything");
        line
    }
}

/// Quotes, backslashes and everything not printable are written as `\xHH`, as nginx does.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'"' | b'\\' | ..=0x1f | 0x7f.. => {
                write!(escaped, "\\x{byte:02X}").expect("a String takes everything");
            }
            _ => escaped.push(char::from(byte)),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry() -> Entry {
        Entry {
            client: IpAddr::from([203, 0, 113, 7]),
            at: "2026-11-22T01:02:03Z".parse().expect("a time"),
            request: "GET /api/stocks/7203.T HTTP/1.1".into(),
            status: 200,
            bytes: 123,
            referer: None,
            agent: Some("visitor/1".into()),
            request_time: Duration::from_millis(123),
            upstream: Some(UpstreamEntry {
                address: SocketAddr::from(([127, 0, 0, 1], 8080)),
                status: 200,
                connect_time: Some(Duration::from_millis(1)),
            }),
        }
    }

    #[test]
    fn a_request_is_logged_in_combined_format_with_time_and_upstream() {
        assert_eq!(
            entry().line(),
            "203.0.113.7 - - [22/Nov/2026:01:02:03 +0000] \"GET /api/stocks/7203.T HTTP/1.1\" \
             200 123 \"-\" \"visitor/1\" rt=0.123 us=127.0.0.1:8080 ust=200 uct=0.001"
        );
    }

    #[test]
    fn an_answer_of_the_proxy_itself_has_no_upstream() {
        let line = Entry { upstream: None, ..entry() }.line();
        assert!(line.ends_with("rt=0.123 us=- ust=- uct=-"), "{line}");
    }

    #[test]
    fn a_hostile_agent_can_neither_end_its_quotes_nor_the_line() {
        let line = Entry { agent: Some("x\" 500 \n\\日".into()), ..entry() }.line();
        assert!(line.contains("\"x\\x22 500 \\x0A\\x5C\\xE6\\x97\\xA5\""), "{line}");
    }
}
