//! Signing in and out.

use crate::{
    acting::Acting,
    assets,
    cookie::Cookie,
    desk::Desk,
    frame::{self, Here, Manner},
    session,
    trouble::Trouble,
    visitor::{Viewer, Visitor},
};
use askama::Template;
use axum::{
    Form,
    extract::{Query, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Redirect, Response},
};
use domain::said::{Language, Said};
use openid::Provider;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

#[derive(Deserialize)]
pub(crate) struct Next {
    #[serde(default)]
    pub(crate) next: String,
}

#[derive(Deserialize)]
pub(crate) struct Credentials {
    #[serde(default)]
    name: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    next: String,
}

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignIn<'a> {
    l: Language,
    name: &'a str,
    next: &'a str,
    /// Passkeys can be asked for here, by this script.
    passkeys: Option<&'a str>,
    /// Who vouches for people with an account elsewhere.
    provider: Option<WayIn>,
    /// Nobody has an account yet.
    is_first: bool,
    said: Option<&'a str>,
}

/// The button that leads to a provider.
struct WayIn {
    label: String,
    path: String,
}

impl WayIn {
    fn new(provider: &Provider, next: &str, l: Language) -> Self {
        let title = &provider.spec().title;
        let label = l.pick(format!("{title} でサインイン"), format!("Sign in with {title}"));
        let next = utf8_percent_encode(next, NON_ALPHANUMERIC);
        Self { label, path: format!("/sign-in/openid?next={next}") }
    }
}

/// What the page asks for, and says.
#[derive(Default)]
pub(crate) struct Asked<'a> {
    pub(crate) name: &'a str,
    pub(crate) next: &'a str,
    /// Nobody has an account yet.
    pub(crate) is_first: bool,
    /// Why they are not in.
    pub(crate) said: Option<Said>,
}

/// `GET /sign-in`.
pub(crate) async fn show(
    State(desk): State<Desk>,
    visitor: Visitor,
    Query(Next { next }): Query<Next>,
) -> Result<Response, Trouble> {
    if Viewer::signed_in(&desk, visitor.clone()).await.is_ok() {
        return Ok(Redirect::to(own_path(&next)).into_response());
    }
    let is_first = desk.shared.look(|world| world.state.accounts.is_empty()).await;
    let is_first = is_first.map_err(|refused| Trouble::refused(&visitor, refused))?;
    let asked = Asked { next: own_path(&next), is_first, ..Asked::default() };
    Ok(form(StatusCode::OK, &desk, &visitor, &asked))
}

/// The page.
pub(crate) fn form(
    status: StatusCode,
    desk: &Desk,
    visitor: &Visitor,
    asked: &Asked<'_>,
) -> Response {
    let l = visitor.language;
    let Asked { name, next, is_first, said } = asked;
    let passkeys = visitor.site.as_ref().map(|_| assets::PASSKEYS.path.as_str());
    let provider = desk.provider.as_ref().map(|provider| WayIn::new(provider, next, l));
    let said = said.as_ref().map(|said| said.text(l));
    let main = SignIn { l, name, next, passkeys, provider, is_first: *is_first, said };
    let manner = Manner::still(l.pick("サインイン", "Sign in"), Here::Elsewhere);
    frame::page(status, visitor, None, &manner, &main)
}

/// `POST /sign-in`.
pub(crate) async fn enter(
    State(desk): State<Desk>,
    visitor: Visitor,
    headers: HeaderMap,
    Form(given): Form<Credentials>,
) -> Result<Response, Trouble> {
    session::only_from_here(&visitor, &headers)?;
    if !session::is_password(&desk, &visitor, &given.name, given.password).await? {
        let said =
            Said::new("名前またはパスワードが違います。", "The name or the password is wrong.");
        let next = own_path(&given.next);
        let asked = Asked { name: &given.name, next, is_first: false, said: Some(said) };
        return Ok(form(StatusCode::FORBIDDEN, &desk, &visitor, &asked));
    }
    session::after_password(&desk, &visitor, &given.name, own_path(&given.next)).await
}

/// `POST /sign-out`.
pub(crate) async fn leave(State(desk): State<Desk>, acting: Acting) -> Result<Response, Trouble> {
    let visitor = &acting.viewer.visitor;
    if let Some(token) = &visitor.token {
        desk.accounts.end(token).map_err(|error| Trouble::fault(visitor, &error))?;
    }
    Ok((visitor.forgets(Cookie::Session), Redirect::to("/sign-in")).into_response())
}

/// A path on this very site; anything else is the first page.
pub(crate) fn own_path(path: &str) -> &str {
    let is_own = path.starts_with('/')
        && !path.starts_with("//")
        && path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if is_own { path } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::own_path;

    #[test]
    fn nobody_is_sent_to_another_site() {
        assert_eq!(own_path("/incidents/7?x=1"), "/incidents/7?x=1");
        for other in
            ["", "//evil.example", "https://evil.example", "/\\evil.example", "/a\r\nb", "/\t/evil"]
        {
            assert_eq!(own_path(other), "/", "{other:?}");
        }
    }
}
