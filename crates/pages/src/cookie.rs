//! Cookies: what browsers keep for us, under which name, and when they bring it along.

use axum::{
    http::{HeaderMap, HeaderName, header},
    response::AppendHeaders,
};
use jiff::SignedDuration;

/// The cookies of what somebody chose; no secret is in them.
pub(crate) const LANGUAGE: &str = "hikeshi-language";
pub(crate) const THEME: &str = "hikeshi-theme";
pub(crate) const ZONE: &str = "hikeshi-zone";

/// The header that makes a browser keep or forget one.
pub(crate) type Set = AppendHeaders<[(HeaderName, String); 1]>;

/// A cookie that opens something, or is on the way to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cookie {
    /// The token of a session.
    Session,
    /// The token that says that somebody's password was right, while more is asked.
    Half,
    /// What somebody keeps while they are with a provider. It opens nothing, and comes along when the provider sends them
    /// back; no other does.
    Trip,
    /// The token that says whom a provider knows somebody as.
    Arrival,
}

impl Cookie {
    /// Its name. With the prefix, browsers take it over TLS and from this very host only.
    fn name(self, is_secure: bool) -> &'static str {
        match (self, is_secure) {
            (Self::Session, true) => "__Host-hikeshi",
            (Self::Session, false) => "hikeshi",
            (Self::Half, true) => "__Host-hikeshi-half",
            (Self::Half, false) => "hikeshi-half",
            (Self::Trip, true) => "__Host-hikeshi-trip",
            (Self::Trip, false) => "hikeshi-trip",
            (Self::Arrival, true) => "__Host-hikeshi-arrival",
            (Self::Arrival, false) => "hikeshi-arrival",
        }
    }

    /// What a browser brought.
    pub(crate) fn read(self, headers: &HeaderMap, is_secure: bool) -> Option<String> {
        read(headers, self.name(is_secure))
    }

    /// To be kept so long.
    pub(crate) fn keep(self, value: &str, length: SignedDuration, is_secure: bool) -> Set {
        let site = if self == Self::Trip { "Lax" } else { "Strict" };
        let line = line(self.name(is_secure), value, length, site, is_secure);
        AppendHeaders([(header::SET_COOKIE, line)])
    }

    /// To be forgotten.
    pub(crate) fn forget(self, is_secure: bool) -> Set {
        self.keep("", SignedDuration::ZERO, is_secure)
    }
}

/// The value for `Set-Cookie` of what somebody chose.
pub(crate) fn choice(name: &str, value: &str, length: SignedDuration, is_secure: bool) -> String {
    line(name, value, length, "Strict", is_secure)
}

fn line(name: &str, value: &str, length: SignedDuration, site: &str, is_secure: bool) -> String {
    let (secure, seconds) = (if is_secure { "; Secure" } else { "" }, length.as_secs());
    format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite={site}{secure}")
}

/// The cookie of this name that a browser brought.
pub(crate) fn read(headers: &HeaderMap, name: &str) -> Option<String> {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let pairs = all.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let found = pairs.into_iter().find(|(key, _)| *key == name).map(|(_, value)| value)?;
    percent_encoding::percent_decode_str(found).decode_utf8().ok().map(Into::into)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn cookies_are_read_one_by_one() {
        let value = HeaderValue::from_static("a=1; hikeshi=abc; hikeshi-theme=dark");
        let headers: HeaderMap = [(header::COOKIE, value)].into_iter().collect();
        assert_eq!(Cookie::Session.read(&headers, false).as_deref(), Some("abc"));
        assert_eq!(Cookie::Session.read(&headers, true), None, "it came without TLS");
        assert_eq!(read(&headers, ZONE), None);
    }

    #[test]
    fn what_opens_something_comes_along_from_no_other_site() {
        let minute = SignedDuration::from_mins(1);
        let set = |cookie: Cookie| cookie.keep("x", minute, true).0[0].1.clone();
        assert_eq!(
            set(Cookie::Session),
            "__Host-hikeshi=x; Path=/; Max-Age=60; HttpOnly; SameSite=Strict; Secure"
        );
        for strict in [Cookie::Half, Cookie::Arrival] {
            assert!(set(strict).contains("; SameSite=Strict; Secure"), "{strict:?}");
        }
        assert!(set(Cookie::Trip).contains("; SameSite=Lax; Secure"));
    }
}
