//! How somebody wants to see the pages: language, colours, zone. It lies with their browser.

use crate::{
    address, cookie,
    desk::Desk,
    frame::{self, Here, Manner},
    sign_in::own_path,
    trouble::Trouble,
    visitor::{Theme, Viewer, Visitor},
};
use askama::Template;
use axum::{
    Form,
    extract::State,
    http::{HeaderMap, header},
    response::{AppendHeaders, IntoResponse, Redirect, Response},
};
use domain::said::{Language, Said};
use jiff::{SignedDuration, tz::TimeZone};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

/// A year.
const KEPT: SignedDuration = SignedDuration::from_hours(365 * 24);

#[derive(Template)]
#[template(path = "settings.html")]
struct Settings<'a> {
    l: Language,
    theme: Theme,
    /// The zone that they chose; empty: that of the configuration.
    zone: String,
    configured: String,
    viewer: &'a Viewer,
    role: &'a str,
}

/// `GET /settings`.
pub(crate) async fn show(State(desk): State<Desk>, viewer: Viewer) -> Result<Response, Trouble> {
    let visitor = &viewer.visitor;
    let configured = desk.shared.look(|world| name_of(&world.policy.zone)).await;
    let configured = configured.map_err(|refused| Trouble::refused(visitor, refused))?;
    let l = visitor.language;
    let role = crate::words::rights(viewer.rights);
    let zone = visitor.zone.as_ref().map(name_of).unwrap_or_default();
    let main =
        Settings { l, theme: visitor.theme, zone, configured, viewer: &viewer, role: role.text(l) };
    let manner = Manner::still(l.pick("表示設定", "Settings"), Here::Settings);
    Ok(frame::of(&viewer, &manner, &main))
}

fn name_of(zone: &TimeZone) -> String {
    zone.iana_name().unwrap_or("UTC").to_owned()
}

#[derive(Deserialize)]
pub(crate) struct Wanted {
    language: Option<String>,
    theme: Option<String>,
    zone: Option<String>,
    #[serde(default)]
    next: String,
}

/// `POST /settings`: also before anybody has signed in, and only the visitor's own browser remembers it.
pub(crate) async fn choose(
    visitor: Visitor,
    headers: HeaderMap,
    Form(wanted): Form<Wanted>,
) -> Result<Response, Trouble> {
    if !address::is_from_here(&headers) {
        let said =
            Said::new("別のサイトからは変更できません。", "Another site cannot change this.");
        return Err(Trouble::forbidden(&visitor, said));
    }
    let mut cookies = Vec::new();
    let mut keep = |name: &str, value: &str| {
        let value = utf8_percent_encode(value, NON_ALPHANUMERIC).to_string();
        let value = cookie::choice(name, &value, KEPT, visitor.is_secure);
        cookies.push((header::SET_COOKIE, value));
    };
    if let Some(language) = wanted.language.as_deref().and_then(Language::from_code) {
        keep(cookie::LANGUAGE, language.pick("ja", "en"));
    }
    if let Some(theme) = wanted.theme.as_deref().and_then(Theme::of) {
        keep(cookie::THEME, theme.name());
    }
    if let Some(zone) = wanted.zone.as_deref().map(str::trim) {
        if !zone.is_empty() && TimeZone::get(zone).is_err() {
            let said = Said::new(
                format!("タイムゾーン「{zone}」はありません。例: Asia/Tokyo, UTC"),
                format!("There is no time zone “{zone}”. Examples: Asia/Tokyo, UTC"),
            );
            return Err(Trouble::missing(&visitor, said));
        }
        keep(cookie::ZONE, zone);
    }
    Ok((AppendHeaders(cookies), Redirect::to(own_path(&wanted.next))).into_response())
}
