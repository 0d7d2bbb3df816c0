//! The second step of signing in: the password was right, and a code is asked for.

use crate::{
    accounts, assets,
    cookie::Cookie,
    desk::Desk,
    frame::{self, Here, Manner},
    session,
    sign_in::{Next, own_path},
    trouble::Trouble,
    visitor::Visitor,
};
use ::accounts::Shown;
use askama::Template;
use axum::{
    Form,
    extract::{Query, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Redirect, Response},
};
use domain::{carried_accounts::AccountChange, ids::Actor, said::Language};
use serde::Deserialize;

#[derive(Deserialize)]
pub(crate) struct Given {
    #[serde(default)]
    code: String,
    #[serde(default)]
    next: String,
}

#[derive(Template)]
#[template(path = "second_step.html")]
struct SecondStep<'a> {
    l: Language,
    name: &'a str,
    next: &'a str,
    /// They have an authenticator app, and not only passkeys.
    has_app: bool,
    passkeys: Option<&'a str>,
    is_wrong: bool,
}

/// `GET /sign-in/code`.
pub(crate) async fn show(
    State(desk): State<Desk>,
    visitor: Visitor,
    Query(asked): Query<Next>,
) -> Result<Response, Trouble> {
    match session::half(&desk, &visitor)? {
        Some((_, name)) => form(&desk, &visitor, &name, own_path(&asked.next), false),
        None => Ok(Redirect::to("/sign-in").into_response()),
    }
}

/// `POST /sign-in/code`.
pub(crate) async fn enter(
    State(desk): State<Desk>,
    visitor: Visitor,
    headers: HeaderMap,
    Form(given): Form<Given>,
) -> Result<Response, Trouble> {
    session::only_from_here(&visitor, &headers)?;
    let fault = |error| Trouble::fault(&visitor, &error);
    let Some((token, name)) = session::half(&desk, &visitor)? else {
        return Ok(Redirect::to("/sign-in").into_response());
    };
    session::may_try_code(&desk, &visitor, &name)?;
    let shown = desk.accounts.use_code(&name, &given.code, desk.now()).map_err(fault)?;
    let next = own_path(&given.next);
    let Some(shown) = shown else {
        return form(&desk, &visitor, &name, next, true);
    };
    desk.codes.forgive(&name);
    desk.accounts.end_half(&token).map_err(fault)?;
    if let Shown::Recovery(left) = shown {
        let by = Actor::Person(name.clone());
        // As with signing in: a journal that takes no facts keeps nobody out.
        if let Err(refused) = accounts::change(&desk, &name, AccountChange::RecoveryUsed, &by).await
        {
            tracing::warn!("{name} used a recovery code, {left} are left: {}", refused.said.en);
        }
    }
    let begun = session::begin(&desk, &visitor, &name, next).await?;
    Ok((visitor.forgets(Cookie::Half), begun).into_response())
}

fn form(
    desk: &Desk,
    visitor: &Visitor,
    name: &str,
    next: &str,
    is_wrong: bool,
) -> Result<Response, Trouble> {
    let l = visitor.language;
    let factors = desk.accounts.factors(name).map_err(|error| Trouble::fault(visitor, &error))?;
    let passkeys = visitor.site.as_ref().filter(|_| factors.passkeys > 0);
    let passkeys = passkeys.map(|_| assets::PASSKEYS.path.as_str());
    let main = SecondStep { l, name, next, has_app: factors.app, passkeys, is_wrong };
    let status = if is_wrong { StatusCode::FORBIDDEN } else { StatusCode::OK };
    let manner = Manner::still(l.pick("サインイン", "Sign in"), Here::Elsewhere);
    Ok(frame::page(status, visitor, None, &manner, &main))
}
