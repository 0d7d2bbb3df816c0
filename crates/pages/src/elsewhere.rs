//! Signing in with an account elsewhere: there, back, and what becomes of whoever has no account here yet.

use crate::{
    cookie::{Cookie, Set},
    desk::Desk,
    session,
    sign_in::{self, Asked, Next, own_path},
    trouble::Trouble,
    visitor::Visitor,
};
use accounts::HALF_GOOD_FOR;
use axum::{
    extract::{Query, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{
    account,
    carried_accounts::{Admission, Granted, Identity},
    command::Command,
    ids::{AccountName, Actor},
    said::Said,
};
use openid::{Arrival, Fault, Flow, Provider, Return, Spec};
use serde::{Deserialize, Serialize};

/// Where the provider sends people back.
pub(crate) const BACK: &str = "/sign-in/openid/back";
/// Where an account here and one elsewhere are connected.
const SECURITY: &str = "/settings/security";

/// What the browser keeps while it is there.
#[derive(Serialize, Deserialize)]
struct Trip {
    flow: Flow,
    next: String,
    /// They are to be connected with an account here, and not signed in.
    is_to_connect: bool,
}

/// Somebody whom the provider knows and who has shown no account here yet.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Stranger {
    pub(crate) identity: Identity,
    /// What they are called there.
    pub(crate) name: String,
}

/// `GET /sign-in/openid`: off to the provider.
pub(crate) async fn go(
    State(desk): State<Desk>,
    visitor: Visitor,
    Query(Next { next }): Query<Next>,
) -> Result<Response, Trouble> {
    leave(&desk, &visitor, own_path(&next), false).await
}

/// `GET /sign-in/openid/connect`: the same, to come back with an account to be connected.
pub(crate) async fn go_to_connect(
    State(desk): State<Desk>,
    visitor: Visitor,
    Query(Next { next }): Query<Next>,
) -> Result<Response, Trouble> {
    leave(&desk, &visitor, own_path(&next), true).await
}

async fn leave(
    desk: &Desk,
    visitor: &Visitor,
    next: &str,
    is_to_connect: bool,
) -> Result<Response, Trouble> {
    let provider = provider(desk, visitor)?;
    match provider.begin(&desk.link(BACK), desk.now()).await {
        Ok((url, flow)) => {
            let trip = Trip { flow, next: next.to_owned(), is_to_connect };
            let json =
                serde_json::to_vec(&trip).map_err(|error| Trouble::fault(visitor, &error))?;
            let cookie = visitor.keeps(Cookie::Trip, &URL_SAFE_NO_PAD.encode(json), HALF_GOOD_FOR);
            Ok((cookie, Redirect::to(url.as_str())).into_response())
        }
        Err(fault) => Ok(failed(desk, visitor, next, &fault)),
    }
}

/// `GET /sign-in/openid/back`: who came back.
pub(crate) async fn back(
    State(desk): State<Desk>,
    visitor: Visitor,
    Query(returned): Query<Return>,
) -> Result<Response, Trouble> {
    let provider = provider(&desk, &visitor)?;
    let kept = visitor.trip.as_ref().and_then(|text| URL_SAFE_NO_PAD.decode(text).ok());
    let trip: Option<Trip> = kept.and_then(|json| serde_json::from_slice(&json).ok());
    let Some(trip) = trip else {
        return Ok(failed(&desk, &visitor, "/", &Fault::Astray));
    };
    let next = own_path(&trip.next);
    let turn = desk.arrivals.acquire().await.map_err(|error| Trouble::fault(&visitor, &error))?;
    let came = provider.finish(&trip.flow, &desk.link(BACK), &returned, desk.now()).await;
    drop(turn);
    let answer = match came {
        Ok(arrival) => arrive(&desk, &visitor, provider, arrival, &trip).await?,
        Err(fault) => failed(&desk, &visitor, next, &fault),
    };
    Ok((visitor.forgets(Cookie::Trip), answer).into_response())
}

/// The provider vouches for somebody: they come in, or show first which account is theirs.
async fn arrive(
    desk: &Desk,
    visitor: &Visitor,
    provider: &Provider,
    arrival: Arrival,
    trip: &Trip,
) -> Result<Response, Trouble> {
    let (spec, next) = (provider.spec(), own_path(&trip.next));
    let identity = arrival.identity.clone();
    let name = arrival.name.clone().map(AccountName::from);
    let wanted = name.clone();
    let look = move |world: &domain::world::World<'_>| {
        let accounts = &world.state.accounts;
        let is_taken = wanted.is_some_and(|name| accounts.contains_key(name.as_str()));
        (account::of_identity(accounts, &identity).cloned(), is_taken)
    };
    let (owner, is_taken) =
        desk.shared.look(look).await.map_err(|refused| Trouble::refused(visitor, refused))?;
    if trip.is_to_connect {
        let cookie = remember(desk, visitor, arrival)?;
        return Ok((cookie, Trouble::once_more(visitor, next)).into_response());
    }
    let Some(granted) = granted(spec, &arrival) else {
        return Ok(kept_out(desk, visitor, spec, &arrival, next));
    };
    if owner.is_none() && (granted.is_none() || is_taken) {
        let said = unconnected(spec, &arrival, is_taken);
        let cookie = remember(desk, visitor, arrival)?;
        let page = ask_again(StatusCode::OK, desk, visitor, SECURITY, said);
        return Ok((cookie, page).into_response());
    }
    let Some(name) = owner.clone().or(name) else {
        return Ok(refused(desk, visitor, next, nameless(spec)));
    };
    let admission = Admission {
        identity: arrival.identity,
        name: Some(name.clone()),
        granted,
        is_decided_there: !spec.roles.is_empty(),
        by: Actor::System(spec.title.clone()),
    };
    match desk.shared.submit(Command::AdmitAccount(Box::new(admission))).await {
        Ok(_) => {}
        // A journal that takes no facts keeps nobody out who was in before.
        Err(error) if owner.is_some() => tracing::warn!("{name} may what they did: {error}"),
        Err(error) => return Err(Trouble::refused(visitor, error.into())),
    }
    session::begin_vouched(desk, visitor, name.as_str(), spec.session, next).await
}

/// What they may by their groups; `None`: those who are in none of these groups stay out; `Some(None)`: no account is made.
fn granted(spec: &Spec, arrival: &Arrival) -> Option<Option<Granted>> {
    let groups = arrival.groups.as_deref().unwrap_or_default();
    let granted = spec.entitled(groups);
    (granted.is_some() || spec.roles.is_empty()).then_some(granted)
}

/// The browser keeps a token of who they are there.
fn remember(desk: &Desk, visitor: &Visitor, arrival: Arrival) -> Result<Set, Trouble> {
    let name = arrival.name.unwrap_or_else(|| arrival.identity.subject.clone());
    let stranger = Stranger { identity: arrival.identity, name };
    let json = serde_json::to_string(&stranger).map_err(|error| Trouble::fault(visitor, &error))?;
    let token = desk.accounts.keep_arrival(&json, desk.now());
    let token = token.map_err(|error| Trouble::fault(visitor, &error))?;
    Ok(visitor.keeps(Cookie::Arrival, &token, HALF_GOOD_FOR))
}

/// Whom the provider knows who looks at this page, if somebody came a moment ago.
pub(crate) fn stranger(desk: &Desk, visitor: &Visitor) -> Result<Option<Stranger>, Trouble> {
    let Some(token) = &visitor.arrival else { return Ok(None) };
    let found = desk.accounts.arrival(token, desk.now());
    let found = found.map_err(|error| Trouble::fault(visitor, &error))?;
    Ok(found.and_then(|json| serde_json::from_str(&json).ok()))
}

/// They are connected: the token is used up.
pub(crate) fn forget(desk: &Desk, visitor: &Visitor) -> Result<Set, Trouble> {
    if let Some(token) = &visitor.arrival {
        desk.accounts.end_arrival(token).map_err(|error| Trouble::fault(visitor, &error))?;
    }
    Ok(visitor.forgets(Cookie::Arrival))
}

fn provider<'a>(desk: &'a Desk, visitor: &Visitor) -> Result<&'a Provider, Trouble> {
    desk.provider.as_deref().ok_or_else(|| {
        let said = Said::new(
            "外部アカウントでのサインインは設定されていません (accounts.openid_connect)。",
            "Signing in with an account elsewhere is not configured (accounts.openid_connect).",
        );
        Trouble::missing(visitor, said)
    })
}

fn failed(desk: &Desk, visitor: &Visitor, next: &str, fault: &Fault) -> Response {
    tracing::warn!("nobody came in with an account elsewhere: {}", fault.said().en);
    let status = match fault {
        Fault::Unreachable(_) => StatusCode::SERVICE_UNAVAILABLE,
        Fault::Unfit(_) => StatusCode::BAD_GATEWAY,
        Fault::Denied(_) => StatusCode::FORBIDDEN,
        Fault::Astray => StatusCode::BAD_REQUEST,
    };
    ask_again(status, desk, visitor, next, fault.said())
}

fn refused(desk: &Desk, visitor: &Visitor, next: &str, said: Said) -> Response {
    ask_again(StatusCode::FORBIDDEN, desk, visitor, next, said)
}

/// The page on which people sign in, with why they are not in.
fn ask_again(
    status: StatusCode,
    desk: &Desk,
    visitor: &Visitor,
    next: &str,
    said: Said,
) -> Response {
    let asked = Asked { next, said: Some(said), ..Asked::default() };
    sign_in::form(status, desk, visitor, &asked)
}

/// In none of the groups; which claim says so is for whoever runs hikeshi.
fn kept_out(
    desk: &Desk,
    visitor: &Visitor,
    spec: &Spec,
    arrival: &Arrival,
    next: &str,
) -> Response {
    let subject = &arrival.identity.subject;
    match &arrival.groups {
        None => tracing::warn!("{subject} stays out: {} says no `{}`", spec.title, spec.groups),
        Some(_) => tracing::warn!("{subject} stays out: none of their groups is among `roles`"),
    }
    let said = Said::new(
        format!(
            "{} のグループのどれにも、hikeshi の権限がありません。管理者に相談してください。",
            spec.title
        ),
        format!("None of your groups at {} may come in here. Ask an administrator.", spec.title),
    );
    refused(desk, visitor, next, said)
}

fn nameless(spec: &Spec) -> Said {
    let Spec { title, name, .. } = spec;
    tracing::warn!("no account is made: {title} says no `{name}`, or has not verified it");
    Said::new(
        format!("{title} があなたの名前 (`{name}`) を知らせないため、アカウントを作れません。"),
        format!("{title} does not say what you are called (`{name}`), so no account is made."),
    )
}

fn unconnected(spec: &Spec, arrival: &Arrival, is_taken: bool) -> Said {
    let title = &spec.title;
    let name = arrival.name.as_deref().unwrap_or(&arrival.identity.subject);
    let (ja, en) = if is_taken {
        (
            "同じ名前のアカウントがありますが、まだ連携していません",
            "there is an account of that name, which is not connected with it yet",
        )
    } else {
        ("まだどのアカウントとも連携していません", "no account here is connected with it yet")
    };
    Said::new(
        format!("{title} の {name}: {ja}。いつもの方法でサインインすると、連携できます。"),
        format!("{name} at {title}: {en}. Sign in as usual, and you can connect the two."),
    )
}
