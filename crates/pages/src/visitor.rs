//! Who looks: everybody has a language, a look and a zone; who is signed in has a name and rights as well.

use crate::{
    address,
    cookie::{self, Cookie, Set},
    desk::Desk,
    when::Clock,
};
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
use jiff::{SignedDuration, tz::TimeZone};
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
    /// To keep a cookie so long.
    pub(crate) fn keeps(&self, cookie: Cookie, value: &str, length: SignedDuration) -> Set {
        cookie.keep(value, length, self.is_secure)
    }

    /// To forget a cookie.
    pub(crate) fn forgets(&self, cookie: Cookie) -> Set {
        cookie.forget(self.is_secure)
    }

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
        let chosen =
            cookie::read(headers, cookie::LANGUAGE).and_then(|code| Language::from_code(&code));
        let language = match chosen.or_else(|| asked(headers)) {
            Some(language) => language,
            None => {
                let configured = desk.shared.look(|world| world.policy.language).await;
                configured.unwrap_or_default()
            }
        };
        Ok(Self {
            language,
            theme: cookie::read(headers, cookie::THEME)
                .and_then(|name| Theme::of(&name))
                .unwrap_or_default(),
            zone: cookie::read(headers, cookie::ZONE).and_then(|name| TimeZone::get(&name).ok()),
            is_secure,
            token: Cookie::Session.read(headers, is_secure),
            half: Cookie::Half.read(headers, is_secure),
            trip: Cookie::Trip.read(headers, is_secure),
            arrival: Cookie::Arrival.read(headers, is_secure),
            site: address::site(desk.public.as_ref(), headers),
        })
    }
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
}
