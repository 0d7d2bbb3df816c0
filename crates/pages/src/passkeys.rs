//! Passkeys in the browser: what a script of ours asks an authenticator, and what becomes of its answer. A form is sent
//! twice: to hear what is to be asked, and with the answer.

use crate::{
    acting::Acting, cookie::Cookie, desk::Desk, security, session, sign_in::own_path,
    trouble::Trouble, visitor::Visitor,
};
use ::accounts::{ALGORITHMS, Accounts, AccountsError, Reply, Site};
use axum::{
    Form, Json,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use domain::{
    carried_accounts::{AccountChange, Factor},
    said::Said,
};
use serde::Deserialize;
use serde_json::{Value, json};

/// How long a browser waits for an authenticator, in milliseconds.
const PATIENCE_MS: u32 = 300_000;
/// The longest name of a passkey, in characters.
const LONGEST: usize = 100;

#[derive(Deserialize)]
pub(crate) struct Answered {
    #[serde(default)]
    reply: String,
    #[serde(default)]
    next: String,
}

/// `POST /settings/security/passkey/options`: what to ask for a new passkey, of whoever knows the password.
pub(crate) async fn to_add(State(desk): State<Desk>, acting: Acting) -> Result<Response, Trouble> {
    let viewer = &acting.viewer;
    let name = viewer.name.as_str();
    let site = site(&viewer.visitor)?;
    let password = acting.password();
    if !session::is_password(&desk, &viewer.visitor, name, password).await? {
        let said = session::not_the_password(&desk, viewer)?;
        return Ok(plainly(&viewer.visitor, &said));
    }
    let kept = |error: AccountsError| Trouble::fault(&viewer.visitor, &error);
    let challenge = desk.accounts.challenge(Some(name), desk.now()).map_err(kept)?;
    let known = desk.accounts.passkey_ids(name).map_err(kept)?;
    let credential = |id: &String| json!({"type": "public-key", "id": id});
    let algorithm = |number: i64| json!({"type": "public-key", "alg": number});
    let asked = json!({
        "challenge": challenge, "timeout": PATIENCE_MS, "attestation": "none",
        "rp": {"id": site.domain, "name": "hikeshi"},
        "user": {"id": Accounts::user_handle(name), "name": name, "displayName": name},
        "pubKeyCredParams": ALGORITHMS.map(algorithm),
        "excludeCredentials": known.iter().map(credential).collect::<Vec<Value>>(),
        "authenticatorSelection": {"residentKey": "required", "userVerification": "required"},
    });
    Ok(Json(asked).into_response())
}

/// `POST /settings/security/passkey`: the answer becomes a passkey. That its challenge was handed out shows that the password
/// was right a moment ago.
pub(crate) async fn add(State(desk): State<Desk>, acting: Acting) -> Result<Response, Trouble> {
    let viewer = &acting.viewer;
    let (visitor, name, now) = (&viewer.visitor, viewer.name.as_str(), desk.now());
    let kept = |error: AccountsError| Trouble::fault(visitor, &error);
    let (site, reply) = (site(visitor)?, reply(visitor, acting.field("reply"))?);
    let title: String =
        acting.field("title").chars().filter(|c| !c.is_control()).take(LONGEST).collect();
    let title = if title.is_empty() { "passkey".to_owned() } else { title };
    let new = desk.accounts.new_passkey(name, &reply, &site, now).map_err(kept)?;
    let new = new.map_err(|unfit| acting.bad(unfit.to_string()))?;
    security::write_down(&desk, viewer, AccountChange::FactorAdded(Factor::Passkey)).await?;
    if !desk.accounts.add_passkey(name, &title, &new, now).map_err(kept)? {
        let said = Said::new(
            "パスキーが多すぎるか、すでに登録されています。先に使わないものを削除してください。",
            "There are too many passkeys, or this one is here already: remove those that you do not use.",
        );
        return Err(acting.forbidden(said));
    }
    security::after_first(&desk, viewer).await
}

/// `POST /sign-in/passkey/options`: what to ask of whoever signs in; the authenticator says who they are.
pub(crate) async fn to_sign_in(
    State(desk): State<Desk>,
    visitor: Visitor,
    headers: HeaderMap,
) -> Result<Response, Trouble> {
    session::only_from_here(&visitor, &headers)?;
    let site = site(&visitor)?;
    let challenge = desk.accounts.challenge(None, desk.now());
    let challenge = challenge.map_err(|error| Trouble::fault(&visitor, &error))?;
    let asked = json!({
        "challenge": challenge, "timeout": PATIENCE_MS, "rpId": site.domain, "userVerification": "required",
    });
    Ok(Json(asked).into_response())
}

/// `POST /sign-in/passkey`: the authenticator has verified its holder, which is two factors in one.
pub(crate) async fn sign_in(
    State(desk): State<Desk>,
    visitor: Visitor,
    headers: HeaderMap,
    Form(answered): Form<Answered>,
) -> Result<Response, Trouble> {
    session::only_from_here(&visitor, &headers)?;
    let (site, reply) = (site(&visitor)?, reply(&visitor, &answered.reply)?);
    let owner = desk.accounts.signed_in_with(&reply, &site, desk.now());
    let owner = owner.map_err(|error| Trouble::fault(&visitor, &error))?;
    let name = owner.map_err(|unfit| {
        tracing::warn!("a passkey was refused: {unfit}");
        let said = Said::new(
            "このパスキーではサインインできませんでした。もう一度試すか、パスワードを使ってください。",
            format!("This passkey does not sign in: {unfit}. Try again, or use the password."),
        );
        Trouble::forbidden(&visitor, said)
    })?;
    if let Some((token, _)) = session::half(&desk, &visitor)? {
        desk.accounts.end_half(&token).map_err(|error| Trouble::fault(&visitor, &error))?;
    }
    let begun = session::begin(&desk, &visitor, &name, own_path(&answered.next)).await?;
    Ok((visitor.forgets(Cookie::Half), begun).into_response())
}

/// Passkeys belong to a domain; an address of numbers is none.
fn site(visitor: &Visitor) -> Result<Site, Trouble> {
    visitor.site.clone().ok_or_else(|| {
        let said = Said::new(
            "パスキーは名前のあるアドレス (localhost か公開アドレス) でのみ使えます。",
            "Passkeys need an address with a name: localhost, or the public address.",
        );
        Trouble::forbidden(visitor, said)
    })
}

fn reply(visitor: &Visitor, text: &str) -> Result<Reply, Trouble> {
    serde_json::from_str(text)
        .map_err(|error| Trouble::refused(visitor, web::Refused::bad(error.to_string())))
}

/// For the script, which shows it beside the button.
fn plainly(visitor: &Visitor, said: &Said) -> Response {
    (StatusCode::FORBIDDEN, said.text(visitor.language).to_owned()).into_response()
}
