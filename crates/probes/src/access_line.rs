//! One line of an access log, whatever its format.

use jiff::Timestamp;
use std::borrow::Cow;

/// A request as the proxy saw it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Line<'a> {
    /// Who spoke to the proxy: often another proxy.
    pub socket: Cow<'a, str>,
    /// `X-Forwarded-For`, where the log has it. Only as good as who sent it.
    pub forwarded_for: Option<Cow<'a, str>>,
    pub signed_in: SignedIn,
    pub at: Timestamp,
    pub method: Cow<'a, str>,
    /// What was asked for, without its query.
    pub path: Cow<'a, str>,
    pub status: u16,
    /// The size of the answer; nothing when the log does not say.
    pub bytes: Option<u64>,
    /// Until the last byte went to the client; nothing when the log does not say.
    pub latency_ms: Option<f64>,
    /// Every upstream that was tried, in order, with what it answered.
    pub tries: Vec<(Cow<'a, str>, Option<u16>)>,
}

/// Whether the client had signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SignedIn {
    /// The log names a user, or that there were credentials.
    Yes,
    /// The log says that there were none.
    No,
    /// The field for the user is empty: often nothing ever fills it.
    NotSaid,
}

impl Line<'_> {
    /// Whether the request was to change something.
    pub fn is_write(&self) -> bool {
        is_write(&self.method)
    }

    /// Whether it was, and was not done (A65): judged by the status field alone.
    pub fn is_failed_write(&self) -> bool {
        self.is_write() && !(200..400).contains(&self.status)
    }
}

/// Whether a method changes something.
pub(crate) fn is_write(method: &str) -> bool {
    matches!(method, "POST" | "PUT" | "PATCH" | "DELETE")
}

/// The path of what was asked for, without its query.
pub(crate) fn without_query(target: &str) -> &str {
    target.split(['?', '#']).next().unwrap_or_default()
}

/// What a field for a user or for credentials says.
pub(crate) fn is_filled(text: &str) -> bool {
    !matches!(text, "" | "-" | "no" | "false" | "0")
}

/// Upstreams and their statuses, as nginx writes several: `a, b : c`.
pub(crate) fn tries<'a>(upstreams: &'a str, statuses: &str) -> Vec<(&'a str, Option<u16>)> {
    let statuses = list(statuses);
    let named = list(upstreams).into_iter().enumerate().filter(|(_, upstream)| is_filled(upstream));
    named
        .map(|(index, upstream)| {
            (upstream, statuses.get(index).and_then(|status| status.parse().ok()))
        })
        .collect()
}

fn list(text: &str) -> Vec<&str> {
    text.split(',').flat_map(|part| part.split(" : ")).map(str::trim).collect()
}
