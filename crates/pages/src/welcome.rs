//! The page behind a one-time link: somebody chooses a password. Looking at it uses nothing up.

use crate::{
    accounts, address,
    desk::Desk,
    elsewhere,
    frame::{self, Here, Manner},
    session,
    trouble::Trouble,
    visitor::Visitor,
};
use ::accounts::{LEAST, MOST};
use askama::Template;
use axum::{
    Form,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use domain::{
    carried_accounts::AccountChange,
    ids::Actor,
    said::{Language, Said},
};
use openid::Provider;
use serde::Deserialize;

#[derive(Deserialize)]
pub(crate) struct Chosen {
    #[serde(default)]
    password: String,
    /// Instead of a password: whoever came from the provider a moment ago.
    #[serde(default)]
    connect: bool,
}

#[derive(Template)]
#[template(path = "welcome.html")]
struct Welcome<'a> {
    l: Language,
    name: &'a str,
    least: usize,
    is_unfit: bool,
    /// What the provider is called, and where it is asked who somebody is.
    provider: Option<(&'a str, String)>,
    /// As whom somebody came from there a moment ago.
    stranger: Option<String>,
}

/// `GET /welcome/{token}`.
pub(crate) async fn show(
    State(desk): State<Desk>,
    visitor: Visitor,
    Path(token): Path<String>,
) -> Result<Response, Trouble> {
    let name = owner(&desk, &visitor, &token)?;
    form(StatusCode::OK, &desk, &visitor, &name, &token, false)
}

/// `POST /welcome/{token}`: the password is kept, and whoever chose it is signed in.
pub(crate) async fn choose(
    State(desk): State<Desk>,
    visitor: Visitor,
    Path(token): Path<String>,
    headers: HeaderMap,
    Form(Chosen { password, connect }): Form<Chosen>,
) -> Result<Response, Trouble> {
    if !address::is_from_here(&headers) {
        return Err(Trouble::forbidden(&visitor, void()));
    }
    let name = owner(&desk, &visitor, &token)?;
    let by = Actor::Person(name.clone());
    if connect
        && let Some(provider) = connectable(&desk, &visitor, &name)?
        && let Some(stranger) = elsewhere::stranger(&desk, &visitor)?
    {
        accounts::change(&desk, &name, AccountChange::Connected(stranger.identity), &by)
            .await
            .map_err(|error| Trouble::refused(&visitor, error))?;
        desk.accounts.end_links(&name).map_err(|error| Trouble::fault(&visitor, &error))?;
        let gone = elsewhere::forget(&desk, &visitor)?;
        let length = provider.spec().session;
        let begun = session::begin_vouched(&desk, &visitor, &name, length, "/").await?;
        return Ok((gone, begun).into_response());
    }
    if password.chars().count() < LEAST || password.len() > MOST {
        return form(StatusCode::UNPROCESSABLE_ENTITY, &desk, &visitor, &name, &token, true);
    }
    accounts::change(&desk, &name, AccountChange::PasswordChosen, &by)
        .await
        .map_err(|error| Trouble::refused(&visitor, error))?;
    let (accounts, account) = (desk.accounts.clone(), name.clone());
    let kept =
        tokio::task::spawn_blocking(move || accounts.set_password(&account, &password)).await;
    kept.map_err(|error| Trouble::fault(&visitor, &error))?
        .map_err(|error| Trouble::fault(&visitor, &error))?;
    session::after_password(&desk, &visitor, &name, "/").await
}

fn owner(desk: &Desk, visitor: &Visitor, token: &str) -> Result<String, Trouble> {
    let found = desk.accounts.linked(token, desk.now());
    let found = found.map_err(|error| Trouble::fault(visitor, &error))?;
    found.ok_or_else(|| Trouble::missing(visitor, void()))
}

/// The provider with which this account may be connected here. A link does not go around a second factor.
fn connectable<'a>(
    desk: &'a Desk,
    visitor: &Visitor,
    name: &str,
) -> Result<Option<&'a Provider>, Trouble> {
    let factors = desk.accounts.factors(name).map_err(|error| Trouble::fault(visitor, &error))?;
    Ok(desk.provider.as_deref().filter(|_| !factors.any()))
}

fn void() -> Said {
    Said::new(
        "このリンクは使えません (期限切れ、使用済み、または正しくないリンクです)。管理者に新しいリンクを頼んでください。",
        "This link cannot be used: its day is over, it was used, or it is not one of ours. Ask an administrator for another.",
    )
}

fn form(
    status: StatusCode,
    desk: &Desk,
    visitor: &Visitor,
    name: &str,
    token: &str,
    is_unfit: bool,
) -> Result<Response, Trouble> {
    let l = visitor.language;
    let provider = connectable(desk, visitor, name)?.map(|provider| {
        let path = format!("/sign-in/openid/connect?next=%2Fwelcome%2F{token}");
        (provider.spec().title.as_str(), path)
    });
    let stranger = elsewhere::stranger(desk, visitor)?.map(|stranger| stranger.name);
    let manner = Manner::still(l.pick("ようこそ", "Welcome"), Here::Elsewhere);
    let main = Welcome { l, name, least: LEAST, is_unfit, provider, stranger };
    Ok(frame::page(status, visitor, None, &manner, &main))
}
