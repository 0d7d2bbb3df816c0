//! Signing in and out.

use crate::{
    acting::Acting,
    assets,
    desk::Desk,
    frame::{self, Here, Manner},
    session,
    trouble::Trouble,
    visitor::{self, Viewer, Visitor, set_cookie},
};
use askama::Template;
use axum::{
    Form,
    extract::{Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{AppendHeaders, IntoResponse, Redirect, Response},
};
use domain::said::Language;
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
    /// Nobody has an account yet.
    is_first: bool,
    is_wrong: bool,
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
    Ok(form(StatusCode::OK, &visitor, "", own_path(&next), is_first, false))
}

fn form(
    status: StatusCode,
    visitor: &Visitor,
    name: &str,
    next: &str,
    is_first: bool,
    is_wrong: bool,
) -> Response {
    let l = visitor.language;
    let passkeys = visitor.site.as_ref().map(|_| assets::PASSKEYS.path.as_str());
    let main = SignIn { l, name, next, passkeys, is_first, is_wrong };
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
        return Ok(form(
            StatusCode::FORBIDDEN,
            &visitor,
            &given.name,
            own_path(&given.next),
            false,
            true,
        ));
    }
    session::after_password(&desk, &visitor, &given.name, own_path(&given.next)).await
}

/// `POST /sign-out`.
pub(crate) async fn leave(State(desk): State<Desk>, acting: Acting) -> Result<Response, Trouble> {
    let visitor = &acting.viewer.visitor;
    if let Some(token) = &visitor.token {
        desk.accounts.end(token).map_err(|error| Trouble::fault(visitor, &error))?;
    }
    let cookie = set_cookie(visitor::session(visitor.is_secure), "", 0, visitor.is_secure);
    Ok((AppendHeaders([(header::SET_COOKIE, cookie)]), Redirect::to("/sign-in")).into_response())
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
