//! Who looks: everybody has a language, a look and a zone; who is signed in has a name and rights as well.

use crate::{address, desk::Desk, when::Clock};
use accounts::Site;
use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header, request::Parts},
};
use domain::{
    carried_accounts::Rights,
    ids::{AccountName, Actor},
    said::Language,
};
use jiff::tz::TimeZone;
use std::convert::Infallible;

/// Which colours somebody wants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Theme {
    /// Those of the device.
    #[default]
    Auto,
    Light,
    Dark,
}

impl Theme {
    /// Its word, in cookies, forms and the stylesheet.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    pub(crate) fn of(name: &str) -> Option<Self> {
        [Self::Auto, Self::Light, Self::Dark].into_iter().find(|theme| theme.name() == name)
    }
}

/// Anybody.
#[derive(Clone, Debug)]
pub(crate) struct Visitor {
    pub(crate) language: Language,
    pub(crate) theme: Theme,
    /// The zone that they chose; none: that of the configuration.
    pub(crate) zone: Option<TimeZone>,
    /// Whether they came over TLS.
    pub(crate) is_secure: bool,
    /// The token of their session, if they say that they have one.
    pub(crate) token: Option<String>,
    /// The token that says that their password was right, while more is asked.
    pub(crate) half: Option<String>,
    /// What they keep while they are with a provider.
    pub(crate) trip: Option<String>,
    /// The token that says whom a provider knows them as.
    pub(crate) arrival: Option<String>,
    /// To which passkeys belong that are made here; none: there can be none.
    pub(crate) site: Option<Site>,
}

impl Visitor {
    /// How this visitor reads times.
    pub(crate) fn clock(&self, desk: &Desk, configured: &TimeZone) -> Clock {
        let zone = self.zone.clone().unwrap_or_else(|| configured.clone());
        Clock { now: desk.now(), zone, language: self.language }
    }
}

/// Somebody who is signed in.
#[derive(Clone, Debug)]
pub(crate) struct Viewer {
    pub(crate) name: AccountName,
    /// A provider vouched for them.
    pub(crate) is_vouched: bool,
    /// The most that they may anywhere; what they may in a team is checked where it is asked for.
    pub(crate) rights: Rights,
    /// Stands in every form of theirs: another site cannot know it.
    pub(crate) csrf: String,
    pub(crate) visitor: Visitor,
}

impl Viewer {
    /// The name with which they act.
    pub(crate) fn actor(&self) -> Actor {
        Actor::Person(self.name.to_string())
    }

    /// Whether they may do what these rights allow.
    pub(crate) fn may(&self, rights: Rights) -> bool {
        self.rights >= rights
    }
}

impl FromRequestParts<Desk> for Visitor {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, desk: &Desk) -> Result<Self, Infallible> {
        let headers = &parts.headers;
        let is_secure = address::is_secure(desk.public.as_ref(), headers);
        let chosen = cookie(headers, LANGUAGE).and_then(|code| Language::from_code(&code));
        let language = match chosen.or_else(|| asked(headers)) {
            Some(language) => language,
            None => {
                let configured = desk.shared.look(|world| world.policy.language).await;
                configured.unwrap_or_default()
            }
        };
        Ok(Self {
            language,
            theme: cookie(headers, THEME).and_then(|name| Theme::of(&name)).unwrap_or_default(),
            zone: cookie(headers, ZONE).and_then(|name| TimeZone::get(&name).ok()),
            is_secure,
            token: cookie(headers, session(is_secure)),
            half: cookie(headers, half(is_secure)),
            trip: cookie(headers, trip(is_secure)),
            arrival: cookie(headers, arrival(is_secure)),
            site: address::site(desk.public.as_ref(), headers),
        })
    }
}

/// The cookies of what somebody chose; no secret is in them.
pub(crate) const LANGUAGE: &str = "hikeshi-language";
pub(crate) const THEME: &str = "hikeshi-theme";
pub(crate) const ZONE: &str = "hikeshi-zone";

/// The name of the session's cookie. With the prefix, browsers take it over TLS and from this very host only.
pub(crate) fn session(is_secure: bool) -> &'static str {
    if is_secure { "__Host-hikeshi" } else { "hikeshi" }
}

/// The same for the time between the password and the second step.
pub(crate) fn half(is_secure: bool) -> &'static str {
    if is_secure { "__Host-hikeshi-half" } else { "hikeshi-half" }
}

/// The same for the way to a provider and back.
pub(crate) fn trip(is_secure: bool) -> &'static str {
    if is_secure { "__Host-hikeshi-trip" } else { "hikeshi-trip" }
}

/// The same for whom a provider knows somebody as.
pub(crate) fn arrival(is_secure: bool) -> &'static str {
    if is_secure { "__Host-hikeshi-arrival" } else { "hikeshi-arrival" }
}

/// The value of a cookie of a session or a choice, for `Set-Cookie`.
pub(crate) fn set_cookie(name: &str, value: &str, seconds: i64, is_secure: bool) -> String {
    let secure = if is_secure { "; Secure" } else { "" };
    format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}")
}

/// The same of a cookie that comes along when another site sends somebody here. It opens nothing.
pub(crate) fn set_lax_cookie(name: &str, value: &str, seconds: i64, is_secure: bool) -> String {
    set_cookie(name, value, seconds, is_secure).replace("SameSite=Strict", "SameSite=Lax")
}

fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let pairs = all.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let found = pairs.into_iter().find(|(key, _)| *key == name).map(|(_, value)| value)?;
    percent_encoding::percent_decode_str(found).decode_utf8().ok().map(Into::into)
}

/// The first language of ours that a browser asks for; browsers put the one first that they like most.
fn asked(headers: &HeaderMap) -> Option<Language> {
    let text = headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()?;
    text.split(',').find_map(|part| Language::from_code(part.split(';').next()?.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn the_language_is_the_first_of_ours() {
        let asked = |text| {
            asked(
                &[(header::ACCEPT_LANGUAGE, HeaderValue::from_static(text))].into_iter().collect(),
            )
        };
        assert_eq!(asked("ja,en-US;q=0.9,en;q=0.8"), Some(Language::Ja));
        assert_eq!(asked("fr-CH, fr;q=0.9, en;q=0.8, ja;q=0.7"), Some(Language::En));
        assert_eq!(asked("de"), None);
    }

    #[test]
    fn cookies_are_read_one_by_one_and_strict() {
        let value = HeaderValue::from_static("a=1; hikeshi=abc; hikeshi-theme=dark");
        let headers: HeaderMap = [(header::COOKIE, value)].into_iter().collect();
        assert_eq!(cookie(&headers, "hikeshi").as_deref(), Some("abc"));
        assert_eq!(cookie(&headers, "hikeshi-zone"), None);
        let set = set_cookie(session(true), "x", 60, true);
        assert_eq!(set, "__Host-hikeshi=x; Path=/; Max-Age=60; HttpOnly; SameSite=Strict; Secure");
    }
}
