//! What a format is given: the request, and what is known beside it.

use jiff::Timestamp;
use percent_encoding::percent_decode_str;
use std::borrow::Cow;

/// A header by its name in lower case.
pub type Headers<'a> = &'a dyn Fn(&str) -> Option<&'a str>;

/// A request as it arrived, its body unpacked and within the server's limit.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// `GET`, `POST` and so on.
    pub method: &'a str,
    /// The path below the integration's own, still percent-encoded, for example `/v2/enqueue`.
    pub path: &'a str,
    /// What stands behind the question mark; empty: nothing.
    pub query: &'a str,
    /// The header `Content-Type`.
    pub content_type: Option<&'a str>,
    /// All headers.
    pub headers: Headers<'a>,
    /// The body.
    pub body: &'a [u8],
}

impl<'a> Request<'a> {
    /// A header's value, without the space around it.
    pub fn header(&self, name: &str) -> Option<&'a str> {
        (self.headers)(name).map(str::trim)
    }

    /// The parts of the path, decoded; empty ones are left out.
    pub fn segments(&self) -> Vec<Cow<'a, str>> {
        let parts = self.path.split('/').filter(|part| !part.is_empty());
        parts.map(|part| percent_decode_str(part).decode_utf8_lossy()).collect()
    }

    /// The pairs of the query, decoded.
    pub fn query_pairs(&self) -> form_urlencoded::Parse<'a> {
        form_urlencoded::parse(self.query.as_bytes())
    }

    /// The first value of a name in the query.
    pub fn query_value(&self, name: &str) -> Option<Cow<'a, str>> {
        self.query_pairs().find(|(other, _)| other == name).map(|(_, value)| value)
    }

    /// Whether the body is of this type, whatever parameters follow it.
    pub fn is_type(&self, name: &str) -> bool {
        let plain = self.content_type.and_then(|text| text.split(';').next()).unwrap_or_default();
        plain.trim().eq_ignore_ascii_case(name)
    }

    /// Whether the body is a form.
    pub fn is_form(&self) -> bool {
        self.is_type("application/x-www-form-urlencoded")
    }
}

/// What is known beside the request.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// The name of the integration.
    pub integration: &'a str,
    /// The time.
    pub now: Timestamp,
    /// How the sender proves who it is.
    pub proof: Proof<'a>,
}

/// How a sender proves who it is where that is part of the format. Nothing of it enters words, labels or errors.
#[derive(Clone, Copy)]
pub enum Proof<'a> {
    /// Whoever calls has checked it: a token in the path or in `Authorization: Bearer`.
    Checked,
    /// The format has its own place for a token (`routing_key`, `GenieKey`, `X-Gitlab-Token`); this says whether one
    /// is right, in constant time.
    Token(&'a dyn Fn(&str) -> bool),
    /// The sender signs with this secret.
    Secret(&'a [u8]),
}

impl Proof<'_> {
    /// Whether the token that a request shows lets it in.
    pub(crate) fn accepts_token(&self, shown: Option<&str>) -> bool {
        match self {
            Self::Checked => true,
            Self::Token(is_right) => shown.is_some_and(is_right),
            Self::Secret(_) => false,
        }
    }
}
