//! Signing in and out.

use crate::{
    accounts,
    acting::Acting,
    address,
    desk::Desk,
    frame::{self, Here, Manner},
    trouble::Trouble,
    visitor::{Viewer, Visitor, session, set_cookie},
};
use ::accounts::SESSION_GOOD_FOR;
use askama::Template;
use axum::{
    Form,
    extract::{Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{AppendHeaders, IntoResponse, Redirect, Response},
};
use domain::{
    carried_accounts::AccountChange,
    ids::Actor,
    said::{Language, Said},
};
use serde::Deserialize;

#[derive(Deserialize)]
pub(crate) struct Next {
    #[serde(default)]
    next: String,
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
    if Viewer::of(&desk, visitor.clone()).await.is_ok() {
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
    let main = SignIn { l, name, next, is_first, is_wrong };
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
    if !address::is_from_here(&headers) {
        let said = Said::new(
            "別のサイトから送られたサインインは受け付けません。",
            "Signing in is not accepted from another site.",
        );
        return Err(Trouble::forbidden(&visitor, said));
    }
    if let Err(again_at) = desk.tries.take(&given.name, desk.now()) {
        let seconds = again_at.duration_since(desk.now()).as_secs() + 1;
        let said = Said::new(
            format!("間違いが続いたため、{seconds} 秒後にもう一度お試しください。"),
            format!("There were too many wrong passwords. Try again in {seconds} seconds."),
        );
        return Err(Trouble::too_often(&visitor, said));
    }
    let (accounts, name, password) = (desk.accounts.clone(), given.name.clone(), given.password);
    let checked = tokio::task::spawn_blocking(move || accounts.is_right(&name, &password)).await;
    let is_right = checked.map_err(|error| Trouble::fault(&visitor, &error))?;
    if !is_right.map_err(|error| Trouble::fault(&visitor, &error))? {
        return Ok(form(
            StatusCode::FORBIDDEN,
            &visitor,
            &given.name,
            own_path(&given.next),
            false,
            true,
        ));
    }
    desk.tries.forgive(&given.name);
    begin(&desk, &visitor, &given.name, own_path(&given.next)).await
}

/// Begins a session, and goes on.
pub(crate) async fn begin(
    desk: &Desk,
    visitor: &Visitor,
    name: &str,
    next: &str,
) -> Result<Response, Trouble> {
    let token = desk.accounts.begin(name, desk.now());
    let token = token.map_err(|error| Trouble::fault(visitor, &error))?;
    let by = Actor::Person(name.to_owned());
    // A journal that takes no facts keeps nobody out: then more than ever somebody must look.
    if let Err(refused) = accounts::change(desk, name, AccountChange::SignedIn, &by).await {
        tracing::warn!("{name} signed in, which could not be written down: {}", refused.said);
    }
    let seconds = SESSION_GOOD_FOR.as_secs();
    let cookie = set_cookie(session(visitor.is_secure), &token, seconds, visitor.is_secure);
    Ok((AppendHeaders([(header::SET_COOKIE, cookie)]), Redirect::to(next)).into_response())
}

/// `POST /sign-out`.
pub(crate) async fn leave(State(desk): State<Desk>, acting: Acting) -> Result<Response, Trouble> {
    let visitor = &acting.viewer.visitor;
    if let Some(token) = &visitor.token {
        desk.accounts.end(token).map_err(|error| Trouble::fault(visitor, &error))?;
    }
    let cookie = set_cookie(session(visitor.is_secure), "", 0, visitor.is_secure);
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
