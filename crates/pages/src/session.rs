//! How a session begins: with a password, with more where more is asked, and with what stands against guessing.

use crate::{
    accounts, address,
    cookie::Cookie,
    desk::Desk,
    trouble::Trouble,
    visitor::{Viewer, Visitor},
};
use ::accounts::{HALF_GOOD_FOR, SESSION_GOOD_FOR};
use axum::{
    http::HeaderMap,
    response::{IntoResponse, Redirect, Response},
};
use domain::{carried_accounts::AccountChange, ids::Actor, said::Said};
use jiff::SignedDuration;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

/// Refuses what another site sends: nobody is signed in without wanting it.
pub(crate) fn only_from_here(visitor: &Visitor, headers: &HeaderMap) -> Result<(), Trouble> {
    if address::is_from_here(headers) {
        return Ok(());
    }
    let said = Said::new(
        "別のサイトから送られたサインインは受け付けません。",
        "Signing in is not accepted from another site.",
    );
    Err(Trouble::forbidden(visitor, said))
}

/// Whether this is the account's password; whoever guesses waits.
pub(crate) async fn is_password(
    desk: &Desk,
    visitor: &Visitor,
    name: &str,
    password: String,
) -> Result<bool, Trouble> {
    let tried = desk.tries.take(name, desk.now());
    tried.map_err(|again_at| Trouble::guessing(visitor, again_at, desk.now()))?;
    let (accounts, account) = (desk.accounts.clone(), name.to_owned());
    let checked = tokio::task::spawn_blocking(move || accounts.is_right(&account, &password)).await;
    let is_right = checked.map_err(|error| Trouble::fault(visitor, &error))?;
    let is_right = is_right.map_err(|error| Trouble::fault(visitor, &error))?;
    if is_right {
        desk.tries.forgive(name);
    }
    Ok(is_right)
}

/// Why nothing was done that takes the password: it was another one, or there is none yet.
pub(crate) fn not_the_password(desk: &Desk, viewer: &Viewer) -> Result<Said, Trouble> {
    let has_one = desk.accounts.has_password(viewer.name.as_str());
    if has_one.map_err(|error| Trouble::fault(&viewer.visitor, &error))? {
        return Ok(Said::new("パスワードが違います。", "The password is wrong."));
    }
    Ok(Said::new(
        "このアカウントにはまだパスワードがありません。管理者に hikeshi account link を頼んで、先に決めてください。",
        "This account has no password yet. Ask an administrator for hikeshi account link, and choose one first.",
    ))
}

/// Takes one try of a code, which counts until it is forgiven.
pub(crate) fn may_try_code(desk: &Desk, visitor: &Visitor, name: &str) -> Result<(), Trouble> {
    let tried = desk.codes.take(name, desk.now());
    tried.map_err(|again_at| Trouble::guessing(visitor, again_at, desk.now()))
}

/// The password was right: a session begins, or more is asked.
pub(crate) async fn after_password(
    desk: &Desk,
    visitor: &Visitor,
    name: &str,
    next: &str,
) -> Result<Response, Trouble> {
    let fault = |error| Trouble::fault(visitor, &error);
    if !desk.accounts.factors(name).map_err(fault)?.any() {
        return begin(desk, visitor, name, next).await;
    }
    let token = desk.accounts.begin_half(name, desk.now()).map_err(fault)?;
    let cookie = visitor.keeps(Cookie::Half, &token, HALF_GOOD_FOR);
    let next = utf8_percent_encode(next, NON_ALPHANUMERIC);
    Ok((cookie, Redirect::to(&format!("/sign-in/code?next={next}"))).into_response())
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
    write_down(desk, name).await;
    let cookie = visitor.keeps(Cookie::Session, &token, SESSION_GOOD_FOR);
    Ok((cookie, Redirect::to(next)).into_response())
}

/// Begins a session for somebody whom a provider vouches for, and goes on: from here, because browsers send no strict cookie
/// along from there.
pub(crate) async fn begin_vouched(
    desk: &Desk,
    visitor: &Visitor,
    name: &str,
    length: SignedDuration,
    next: &str,
) -> Result<Response, Trouble> {
    let token = desk.accounts.begin_vouched(name, length, desk.now());
    let token = token.map_err(|error| Trouble::fault(visitor, &error))?;
    write_down(desk, name).await;
    let cookie = visitor.keeps(Cookie::Session, &token, length);
    Ok((cookie, Trouble::once_more(visitor, next)).into_response())
}

async fn write_down(desk: &Desk, name: &str) {
    let by = Actor::Person(name.to_owned());
    // A journal that takes no facts keeps nobody out: then more than ever somebody must look.
    if let Err(refused) = accounts::change(desk, name, AccountChange::SignedIn, &by).await {
        tracing::warn!("{name} signed in, which could not be written down: {}", refused.said.en);
    }
}

/// The token that says that somebody's password was right, and whose; none: nobody's is, or that is too long ago.
pub(crate) fn half(desk: &Desk, visitor: &Visitor) -> Result<Option<(String, String)>, Trouble> {
    let Some(token) = &visitor.half else { return Ok(None) };
    let name = desk.accounts.half(token, desk.now());
    let name = name.map_err(|error| Trouble::fault(visitor, &error))?;
    Ok(name.map(|name| (token.clone(), name)))
}
