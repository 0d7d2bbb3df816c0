//! Tokens with which programs use the API in the name of whoever is signed in: made here, shown once, revoked.

use crate::{
    acting::Acting,
    desk::Desk,
    frame::{self, Here, Manner},
    session,
    trouble::Trouble,
    visitor::Viewer,
    when::When,
    words,
};
use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use domain::{
    carried_accounts::Scope,
    command::Command,
    said::{Language, Said},
    token::{Opens, Token},
    world::World,
};
use web::NewApi;

/// How long a token may be good: the word in the form, and as people say it.
const LENGTHS: [(&str, &str, &str); 4] = [
    ("30d", "30 日", "30 days"),
    ("90d", "90 日", "90 days"),
    ("365d", "1 年", "a year"),
    ("", "失効させるまで", "until it is revoked"),
];

struct Row {
    id: u64,
    name: String,
    scope: &'static str,
    made: When,
    ends: Option<When>,
    used: Option<When>,
    has_expired: bool,
}

#[derive(Template)]
#[template(path = "tokens.html")]
struct Tokens<'a> {
    l: Language,
    csrf: &'a str,
    rows: Vec<Row>,
    /// The word in the form, and as people say it.
    scopes: Vec<(&'static str, String)>,
    lengths: Vec<(&'static str, &'static str)>,
    /// A token that was just made: what it is called, and what it is.
    made: Option<(String, String)>,
}

/// `GET /settings/tokens`.
pub(crate) async fn show(State(desk): State<Desk>, viewer: Viewer) -> Result<Response, Trouble> {
    page(&desk, &viewer, None).await
}

/// `POST /settings/tokens`: the answer is the only page on which the token ever stands.
pub(crate) async fn make(State(desk): State<Desk>, acting: Acting) -> Result<Response, Trouble> {
    let scope: Scope = acting.field("scope").parse().map_err(|error: String| acting.bad(error))?;
    let length = match acting.field("for") {
        "" => None,
        text => Some(text.parse().map_err(|error: jiff::Error| acting.bad(error.to_string()))?),
    };
    let viewer = &acting.viewer;
    // A token outlives the screen that was left open.
    let password = acting.password();
    if !session::is_password(&desk, &viewer.visitor, viewer.name.as_str(), password).await? {
        let said = session::not_the_password(&desk, viewer)?;
        return Err(acting.forbidden(said));
    }
    let name = acting.text("name");
    let ask = NewApi { name: name.clone(), scope, length, by: viewer.name.to_string() };
    let made = web::make_api(&desk.shared, viewer.name.clone(), ask, viewer.actor()).await;
    let (token, _) = made.map_err(|refused| Trouble::refused(&viewer.visitor, refused))?;
    page(&desk, viewer, Some((name, token))).await
}

/// `POST /settings/tokens/revoke`: one of their own.
pub(crate) async fn revoke(State(desk): State<Desk>, acting: Acting) -> Result<Response, Trouble> {
    let viewer = &acting.viewer;
    let id: u64 = acting.field("id").parse().map_err(|_| acting.bad("`id` is a number"))?;
    let is_own = own(&desk, viewer).await?.iter().any(|token| token.id == id);
    if !is_own {
        let said = Said::new(
            format!("トークン {id} はあなたのものではないか、もうありません。"),
            format!("The token {id} is not yours, or it is gone already."),
        );
        return Err(Trouble::missing(&viewer.visitor, said));
    }
    acting.submit(&desk, Command::RevokeToken { id, by: viewer.actor() }).await?;
    Ok(Redirect::to("/settings/tokens").into_response())
}

async fn own(desk: &Desk, viewer: &Viewer) -> Result<Vec<Token>, Trouble> {
    let name = viewer.name.clone();
    let own = desk.shared.look(move |world: &World<'_>| {
        let is_own = |token: &&Token| token.api().is_some_and(|(owner, _)| *owner == name);
        world.state.tokens.iter().filter(is_own).cloned().collect()
    });
    own.await.map_err(|refused| Trouble::refused(&viewer.visitor, refused))
}

async fn page(
    desk: &Desk,
    viewer: &Viewer,
    made: Option<(String, String)>,
) -> Result<Response, Trouble> {
    let zone = desk.shared.look(|world| world.policy.zone.clone()).await;
    let zone = zone.map_err(|refused| Trouble::refused(&viewer.visitor, refused))?;
    let clock = viewer.visitor.clock(desk, &zone);
    let l = clock.language;
    let row = |token: &Token| {
        let Opens::Api { name, scope, .. } = &token.opens else { return None };
        Some(Row {
            id: token.id,
            name: name.clone(),
            scope: scope.name(),
            made: clock.show(token.issued_at),
            ends: clock.maybe(token.expires_at),
            used: clock.maybe(token.used_at),
            has_expired: token.has_expired(clock.now),
        })
    };
    let rows = own(desk, viewer).await?.iter().filter_map(row).collect();
    let scopes = Scope::ALL.into_iter().filter(|scope| viewer.may(scope.rights()));
    let scopes = scopes.map(|scope| (scope.name(), words::scope(scope).text(l).to_owned()));
    let lengths = LENGTHS.map(|(word, ja, en)| (word, l.pick(ja, en))).to_vec();
    let main = Tokens { l, csrf: &viewer.csrf, rows, scopes: scopes.collect(), lengths, made };
    let manner = Manner::still(l.pick("API トークン", "API tokens"), Here::Settings);
    Ok(frame::of(viewer, &manner, &main))
}
