//! What somebody signs in with besides the password: an authenticator app, passkeys, and codes for who has lost them. Whoever sits at a
//! screen that was left open changes nothing of it: that takes the password.

use crate::{
    accounts,
    acting::Acting,
    assets,
    desk::Desk,
    elsewhere,
    frame::{self, Here, Manner},
    picture::Picture,
    session,
    trouble::Trouble,
    visitor::Viewer,
    when::When,
};
use ::accounts::{AccountsError, Factors, Passkey};
use askama::Template;
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use domain::{
    carried_accounts::{AccountChange, Factor},
    said::{Language, Said},
};

/// What the page shows besides what is there.
enum Stage {
    Plain,
    /// An app was begun with: its secret as text and as a picture.
    Begun {
        secret: String,
        picture: Picture,
    },
    /// Recovery codes, which are shown here only.
    Codes(Vec<String>),
}

#[derive(Template)]
#[template(path = "security.html")]
struct Security<'a> {
    l: Language,
    csrf: &'a str,
    name: &'a str,
    factors: Factors,
    is_required: bool,
    stage: Stage,
    /// What was wrong with the form.
    wrong: Option<Said>,
    passkeys: Vec<Row>,
    /// Passkeys can be made here, by this script.
    script: Option<&'a str>,
    elsewhere: Option<Elsewhere>,
}

/// What is known of an account elsewhere.
struct Elsewhere {
    /// What the provider is called.
    title: String,
    /// Who they are there, when the two are connected.
    own: Option<String>,
    /// As whom they came from there a moment ago, when that is somebody else or nobody yet.
    stranger: Option<String>,
}

/// A passkey.
struct Row {
    number: i64,
    title: String,
    added: When,
    used: Option<When>,
}

impl Security<'_> {
    /// Whether the app that was begun with waits for its code: then nothing else is asked about it.
    fn is_begun(&self) -> bool {
        matches!(self.stage, Stage::Begun { .. })
    }

    /// Spaces help people to type it.
    fn in_fours(secret: &str) -> String {
        let fours: Vec<_> = secret.as_bytes().chunks(4).map(String::from_utf8_lossy).collect();
        fours.join(" ")
    }
}

/// `GET /settings/security`.
pub(crate) async fn show(State(desk): State<Desk>, viewer: Viewer) -> Result<Response, Trouble> {
    page(&desk, &viewer, Stage::Plain, None).await
}

/// `POST /settings/security`.
pub(crate) async fn change(State(desk): State<Desk>, acting: Acting) -> Result<Response, Trouble> {
    let (what, viewer) = (acting.field("do"), &acting.viewer);
    if what == "confirm" {
        return confirm(&desk, &acting).await;
    }
    if !matches!(what, "begin" | "remove" | "remove-passkey" | "renew" | "connect" | "disconnect") {
        return Err(acting.bad(format!("`{what}` cannot be done here")));
    }
    let password = acting.password();
    if !session::is_password(&desk, &viewer.visitor, viewer.name.as_str(), password).await? {
        let said = session::not_the_password(&desk, viewer)?;
        return page(&desk, viewer, Stage::Plain, Some(said)).await;
    }
    match what {
        "begin" => begin(&desk, viewer).await,
        "remove" => remove(&desk, &acting).await,
        "remove-passkey" => remove_passkey(&desk, &acting).await,
        "connect" => connect(&desk, viewer).await,
        "disconnect" => {
            write_down(&desk, viewer, AccountChange::Disconnected).await?;
            Ok(Redirect::to("/settings/security").into_response())
        }
        _ => {
            write_down(&desk, viewer, AccountChange::RecoveryRenewed).await?;
            let codes = kept(viewer, desk.accounts.renew_codes(viewer.name.as_str()))?;
            page(&desk, viewer, Stage::Codes(codes), None).await
        }
    }
}

async fn begin(desk: &Desk, viewer: &Viewer) -> Result<Response, Trouble> {
    let refused = |refused| Trouble::refused(&viewer.visitor, refused);
    if kept(viewer, desk.accounts.factors(viewer.name.as_str()))?.app {
        return Ok(Redirect::to("/settings/security").into_response());
    }
    let secret = kept(viewer, desk.accounts.begin_app(viewer.name.as_str()))?;
    let product = desk.shared.look(|world| world.policy.product.clone()).await.map_err(refused)?;
    let picture = Picture::of_app(&product, viewer.name.as_str(), &secret);
    page(desk, viewer, Stage::Begun { secret, picture }, None).await
}

/// The app counts once it has shown a code: a picture that was not read locks nobody out.
async fn confirm(desk: &Desk, acting: &Acting) -> Result<Response, Trouble> {
    let (viewer, code) = (&acting.viewer, acting.field("code"));
    let (name, now) = (viewer.name.as_str(), desk.now());
    session::may_try_code(desk, &viewer.visitor, name)?;
    if !kept(viewer, desk.accounts.fits_pending(name, code, now))? {
        let said = Said::new(
            "コードが違います。時刻が合っているか確かめ、次のコードを入れてください。",
            "That is not the code. See that the device's clock is right, and take the next one.",
        );
        let Some(secret) = kept(viewer, desk.accounts.pending_app(name))? else {
            return page(desk, viewer, Stage::Plain, Some(said)).await;
        };
        let product = desk.shared.look(|world| world.policy.product.clone()).await;
        let product = product.map_err(|refused| Trouble::refused(&viewer.visitor, refused))?;
        let picture = Picture::of_app(&product, name, &secret);
        return page(desk, viewer, Stage::Begun { secret, picture }, Some(said)).await;
    }
    desk.codes.forgive(name);
    write_down(desk, viewer, AccountChange::FactorAdded(Factor::App)).await?;
    kept(viewer, desk.accounts.confirm_app(name, code, now))?;
    after_first(desk, viewer).await
}

/// With the first factor come recovery codes.
pub(crate) async fn after_first(desk: &Desk, viewer: &Viewer) -> Result<Response, Trouble> {
    if kept(viewer, desk.accounts.factors(viewer.name.as_str()))?.codes > 0 {
        return Ok(Redirect::to("/settings/security").into_response());
    }
    let codes = kept(viewer, desk.accounts.renew_codes(viewer.name.as_str()))?;
    page(desk, viewer, Stage::Codes(codes), None).await
}

/// Where everybody must have a second factor, nobody takes away the last one.
pub(crate) fn may_go(desk: &Desk, acting: &Acting, which: Factor) -> Result<(), Trouble> {
    let factors = kept(&acting.viewer, desk.accounts.factors(acting.viewer.name.as_str()))?;
    let is_last = match which {
        Factor::App => factors.passkeys == 0,
        Factor::Passkey => !factors.app && factors.passkeys == 1,
    };
    if !(desk.is_factor_required && is_last) {
        return Ok(());
    }
    Err(acting.forbidden(Said::new(
        "二要素認証はこの hikeshi の設定で必須です (accounts.second_factor)。",
        "The configuration of this hikeshi asks everybody for a second factor (accounts.second_factor).",
    )))
}

async fn remove(desk: &Desk, acting: &Acting) -> Result<Response, Trouble> {
    let viewer = &acting.viewer;
    may_go(desk, acting, Factor::App)?;
    write_down(desk, viewer, AccountChange::FactorRemoved(Factor::App)).await?;
    kept(viewer, desk.accounts.remove_app(viewer.name.as_str()))?;
    Ok(Redirect::to("/settings/security").into_response())
}

async fn remove_passkey(desk: &Desk, acting: &Acting) -> Result<Response, Trouble> {
    let viewer = &acting.viewer;
    let number = acting.field("number").parse().map_err(|_| acting.bad("`number` is a number"))?;
    let own = kept(viewer, desk.accounts.passkeys(viewer.name.as_str()))?;
    if !own.iter().any(|passkey| passkey.number == number) {
        let said = Said::new("このパスキーはもうありません。", "This passkey is gone already.");
        return Err(Trouble::missing(&viewer.visitor, said));
    }
    may_go(desk, acting, Factor::Passkey)?;
    write_down(desk, viewer, AccountChange::FactorRemoved(Factor::Passkey)).await?;
    kept(viewer, desk.accounts.remove_passkey(viewer.name.as_str(), number))?;
    Ok(Redirect::to("/settings/security").into_response())
}

/// Whoever came from the provider a moment ago, in this browser, and knows the password of this account is one person.
async fn connect(desk: &Desk, viewer: &Viewer) -> Result<Response, Trouble> {
    if let Some(stranger) = elsewhere::stranger(desk, &viewer.visitor)? {
        write_down(desk, viewer, AccountChange::Connected(stranger.identity)).await?;
    }
    let gone = elsewhere::forget(desk, &viewer.visitor)?;
    Ok((gone, Redirect::to("/settings/security")).into_response())
}

/// What becomes of the account is a fact before it happens.
pub(crate) async fn write_down(
    desk: &Desk,
    viewer: &Viewer,
    change: AccountChange,
) -> Result<(), Trouble> {
    let done = accounts::change(desk, viewer.name.as_str(), change, &viewer.actor()).await;
    done.map_err(|refused| Trouble::refused(&viewer.visitor, refused))
}

fn kept<T>(viewer: &Viewer, result: Result<T, AccountsError>) -> Result<T, Trouble> {
    result.map_err(|error| Trouble::fault(&viewer.visitor, &error))
}

async fn page(
    desk: &Desk,
    viewer: &Viewer,
    stage: Stage,
    wrong: Option<Said>,
) -> Result<Response, Trouble> {
    let own = viewer.name.clone();
    let look = move |world: &domain::world::World<'_>| {
        let account = world.state.accounts.get(own.as_str());
        (world.policy.zone.clone(), account.and_then(|account| account.identity.clone()))
    };
    let (zone, identity) = desk
        .shared
        .look(look)
        .await
        .map_err(|refused| Trouble::refused(&viewer.visitor, refused))?;
    let clock = viewer.visitor.clock(desk, &zone);
    let l = viewer.visitor.language;
    let name = viewer.name.as_str();
    let row = |passkey: Passkey| Row {
        number: passkey.number,
        title: passkey.title,
        added: clock.show(passkey.added_at),
        used: clock.maybe(passkey.used_at),
    };
    let passkeys = kept(viewer, desk.accounts.passkeys(name))?.into_iter().map(row).collect();
    let script = viewer.visitor.site.as_ref().map(|_| assets::PASSKEYS.path.as_str());
    let factors = kept(viewer, desk.accounts.factors(name))?;
    let status = if wrong.is_some() { StatusCode::FORBIDDEN } else { StatusCode::OK };
    let is_required = desk.is_factor_required;
    let csrf = &viewer.csrf;
    let stranger = elsewhere::stranger(desk, &viewer.visitor)?;
    let stranger = stranger.filter(|stranger| Some(&stranger.identity) != identity.as_ref());
    let elsewhere = desk.provider.as_ref().map(|provider| Elsewhere {
        title: provider.spec().title.clone(),
        own: identity
            .filter(|identity| identity.issuer == provider.spec().issuer)
            .map(|identity| identity.subject),
        stranger: stranger.map(|stranger| stranger.name),
    });
    let main =
        Security { l, csrf, name, factors, is_required, stage, wrong, passkeys, script, elsewhere };
    let manner = Manner::still(l.pick("サインインの保護", "How you sign in"), Here::Settings);
    Ok(frame::page(status, &viewer.visitor, Some(viewer), &manner, &main))
}
