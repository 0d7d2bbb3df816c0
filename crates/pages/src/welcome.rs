//! The page behind a one-time link: somebody chooses a password. Looking at it uses nothing up.

use crate::{
    accounts, address,
    desk::Desk,
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
    response::Response,
};
use domain::{
    carried_accounts::AccountChange,
    ids::Actor,
    said::{Language, Said},
};
use serde::Deserialize;

#[derive(Deserialize)]
pub(crate) struct Chosen {
    #[serde(default)]
    password: String,
}

#[derive(Template)]
#[template(path = "welcome.html")]
struct Welcome<'a> {
    l: Language,
    name: &'a str,
    least: usize,
    is_unfit: bool,
}

/// `GET /welcome/{token}`.
pub(crate) async fn show(
    State(desk): State<Desk>,
    visitor: Visitor,
    Path(token): Path<String>,
) -> Result<Response, Trouble> {
    let name = owner(&desk, &visitor, &token)?;
    Ok(form(StatusCode::OK, &visitor, &name, false))
}

/// `POST /welcome/{token}`: the password is kept, and whoever chose it is signed in.
pub(crate) async fn choose(
    State(desk): State<Desk>,
    visitor: Visitor,
    Path(token): Path<String>,
    headers: HeaderMap,
    Form(Chosen { password }): Form<Chosen>,
) -> Result<Response, Trouble> {
    if !address::is_from_here(&headers) {
        return Err(Trouble::forbidden(&visitor, void()));
    }
    let name = owner(&desk, &visitor, &token)?;
    if password.chars().count() < LEAST || password.len() > MOST {
        return Ok(form(StatusCode::UNPROCESSABLE_ENTITY, &visitor, &name, true));
    }
    let by = Actor::Person(name.clone());
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

fn void() -> Said {
    Said::new(
        "このリンクは使えません (期限切れ、使用済み、または正しくないリンクです)。管理者に新しいリンクを頼んでください。",
        "This link cannot be used: its day is over, it was used, or it is not one of ours. Ask an administrator for another.",
    )
}

fn form(status: StatusCode, visitor: &Visitor, name: &str, is_unfit: bool) -> Response {
    let l = visitor.language;
    let manner = Manner::still(l.pick("ようこそ", "Welcome"), Here::Elsewhere);
    frame::page(status, visitor, None, &manner, &Welcome { l, name, least: LEAST, is_unfit })
}
