//! Who may use the pages: for the command line over the local socket, and on a page of the administrators.

use crate::{
    acting::Acting,
    desk::Desk,
    frame::{self, Here, Manner},
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
    account,
    carried_accounts::{AccountChange, Identity, Rights},
    command::Command,
    ids::{AccountName, Actor},
    said::{Language, Said},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use utoipa::ToSchema;
use web::{Answer, By, Json, Path, Refused, person};

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Add {
    by: String,
    name: String,
    #[schema(schema_with = web::rights_or_none)]
    role: Option<Rights>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Allow {
    by: String,
    #[schema(schema_with = web::rights)]
    role: Rights,
    /// Only where services of this team are concerned.
    team: Option<String>,
}

/// An account, never what proves whose it is.
#[derive(Serialize, ToSchema)]
pub(crate) struct Shown {
    #[schema(value_type = String)]
    name: AccountName,
    #[schema(value_type = String)]
    role: Rights,
    /// What it may more, by the owner of services.
    #[schema(value_type = BTreeMap<String, String>)]
    teams: BTreeMap<String, Rights>,
    by: String,
    #[schema(value_type = String, format = DateTime)]
    added_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    signed_in_at: Option<Timestamp>,
    second_factor: bool,
    /// Who they are elsewhere, where they sign in with that.
    identity: Option<Elsewhere>,
}

/// An account elsewhere.
#[derive(Serialize, ToSchema)]
pub(crate) struct Elsewhere {
    issuer: String,
    subject: String,
}

impl From<Identity> for Elsewhere {
    fn from(Identity { issuer, subject }: Identity) -> Self {
        Self { issuer, subject }
    }
}

/// A new account, with the link with which its owner chooses a password, this once.
#[derive(Serialize, ToSchema)]
pub(crate) struct Added {
    name: String,
    #[schema(value_type = String)]
    role: Rights,
    link: String,
}

/// A new link, this once.
#[derive(Serialize, ToSchema)]
pub(crate) struct Linked {
    name: String,
    link: String,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct Allowed {
    name: String,
    #[schema(value_type = String)]
    role: Rights,
    team: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct Named {
    name: String,
}

/// `GET /api/v1/accounts`: who there is, never what proves it.
pub(crate) async fn list(State(desk): State<Desk>) -> Answer<Vec<Shown>> {
    let all = accounts(&desk).await?;
    let one = |(name, account): (&AccountName, &account::Account)| {
        let factors = desk.accounts.factors(name.as_str()).map_err(Refused::fault)?;
        Ok(Shown {
            name: name.clone(),
            role: account.rights,
            teams: account.teams.clone(),
            by: account.by.to_string(),
            added_at: account.added_at,
            signed_in_at: account.signed_in_at,
            second_factor: factors.any(),
            identity: account.identity.clone().map(Elsewhere::from),
        })
    };
    Ok(Json(all.iter().map(one).collect::<Result<_, Refused>>()?))
}

/// `POST /api/v1/accounts`: answers with the link with which the owner chooses a password. The first account is an
/// administrator's, every other one a responder's, unless somebody says otherwise.
pub(crate) async fn add(State(desk): State<Desk>, Json(ask): Json<Add>) -> Answer<Added> {
    let is_first = accounts(&desk).await?.is_empty();
    let usual = if is_first { Rights::Administrator } else { Rights::Responder };
    let rights = ask.role.unwrap_or(usual);
    let by = person(&ask.by)?;
    change(&desk, &ask.name, AccountChange::Added(rights), &by).await?;
    let link = link_for(&desk, &ask.name, &by).await?;
    Ok(Json(Added { name: ask.name, role: rights, link }))
}

/// `POST /api/v1/accounts/{name}/link`: a new link; the old password holds until it is used.
pub(crate) async fn link(
    State(desk): State<Desk>,
    Path(name): Path<String>,
    Json(ask): Json<By>,
) -> Answer<Linked> {
    let link = link_for(&desk, &name, &person(&ask.by)?).await?;
    Ok(Json(Linked { name, link }))
}

/// `POST /api/v1/accounts/{name}/role`.
pub(crate) async fn allow(
    State(desk): State<Desk>,
    Path(name): Path<String>,
    Json(ask): Json<Allow>,
) -> Answer<Allowed> {
    change(&desk, &name, allowed(ask.role, ask.team.as_deref()), &person(&ask.by)?).await?;
    Ok(Json(Allowed { name, role: ask.role, team: ask.team }))
}

/// `POST /api/v1/accounts/{name}/reset-factor`: for who has lost the app and the codes.
pub(crate) async fn reset_factor(
    State(desk): State<Desk>,
    Path(name): Path<String>,
    Json(ask): Json<By>,
) -> Answer<Named> {
    change(&desk, &name, AccountChange::FactorsReset, &person(&ask.by)?).await?;
    desk.accounts.forget_factors(&name).map_err(Refused::fault)?;
    Ok(Json(Named { name }))
}

/// `POST /api/v1/accounts/{name}/disconnect`: nobody with an account elsewhere is its owner any more; whoever is in with one
/// is so no longer.
pub(crate) async fn disconnect(
    State(desk): State<Desk>,
    Path(name): Path<String>,
    Json(ask): Json<By>,
) -> Answer<Named> {
    change(&desk, &name, AccountChange::Disconnected, &person(&ask.by)?).await?;
    desk.accounts.end_vouched(&name).map_err(Refused::fault)?;
    Ok(Json(Named { name }))
}

/// `DELETE /api/v1/accounts/{name}`: its sessions end at once.
pub(crate) async fn remove(
    State(desk): State<Desk>,
    Path(name): Path<String>,
    Json(ask): Json<By>,
) -> Answer<Named> {
    take_away(&desk, &name, &person(&ask.by)?).await?;
    Ok(Json(Named { name }))
}

/// Everywhere, or where services of a team are concerned.
fn allowed(rights: Rights, team: Option<&str>) -> AccountChange {
    match team.filter(|team| !team.is_empty()) {
        Some(team) => AccountChange::TeamAllowed { team: team.to_owned(), rights },
        None => AccountChange::Allowed(rights),
    }
}

async fn accounts(desk: &Desk) -> Result<account::Accounts, Refused> {
    desk.shared.look(|world| world.state.accounts.clone()).await
}

/// Something becomes of an account; it is durable after that.
pub(crate) async fn change(
    desk: &Desk,
    name: &str,
    change: AccountChange,
    by: &Actor,
) -> Result<(), Refused> {
    let command = Command::ChangeAccount { account: name.into(), change, by: by.clone() };
    desk.shared.submit(command).await?;
    Ok(())
}

async fn link_for(desk: &Desk, name: &str, by: &Actor) -> Result<String, Refused> {
    change(desk, name, AccountChange::Linked, by).await?;
    let token = desk.accounts.link(name, desk.now()).map_err(Refused::fault)?;
    Ok(desk.link(&format!("/welcome/{token}")))
}

/// The secrets go after the fact: a crash between the two leaves secrets of nobody, which open nothing.
async fn take_away(desk: &Desk, name: &str, by: &Actor) -> Result<(), Refused> {
    change(desk, name, AccountChange::Removed, by).await?;
    desk.accounts.forget(name).map_err(Refused::fault)
}

struct Row {
    name: String,
    /// The word of what they may do, in forms.
    word: String,
    role: String,
    /// What they may more in which team.
    teams: Vec<String>,
    /// Who they are elsewhere.
    elsewhere: Option<String>,
    added: When,
    signed_in: Option<When>,
}

#[derive(Template)]
#[template(path = "accounts.html")]
struct Accounts {
    l: Language,
    csrf: String,
    rows: Vec<Row>,
    /// What somebody may do: the word in forms, and as people say it.
    roles: Vec<(String, String)>,
    /// Owners of services.
    teams: Vec<String>,
    /// A link that was just made: for whom, and what it is.
    link: Option<(String, String)>,
}

/// `GET /accounts`.
pub(crate) async fn show(State(desk): State<Desk>, viewer: Viewer) -> Result<Response, Trouble> {
    administrators_only(&viewer)?;
    page(&desk, &viewer, None).await
}

/// `POST /accounts`.
pub(crate) async fn add_one(State(desk): State<Desk>, acting: Acting) -> Result<Response, Trouble> {
    acting.needs(Rights::Administrator)?;
    let name = acting.text("name");
    let rights: Rights = acting.field("role").parse().map_err(|error: String| acting.bad(error))?;
    let refused = |refused| Trouble::refused(&acting.viewer.visitor, refused);
    let by = acting.viewer.actor();
    change(&desk, &name, AccountChange::Added(rights), &by).await.map_err(refused)?;
    let link = link_for(&desk, &name, &by).await.map_err(refused)?;
    page(&desk, &acting.viewer, Some((name, link))).await
}

/// `POST /accounts/change`: the account stands in the form, because a name may be anything.
pub(crate) async fn change_one(
    State(desk): State<Desk>,
    acting: Acting,
) -> Result<Response, Trouble> {
    acting.needs(Rights::Administrator)?;
    let (name, by) = (acting.text("name"), acting.viewer.actor());
    let refused = |refused| Trouble::refused(&acting.viewer.visitor, refused);
    match acting.field("do") {
        "role" => {
            let role = acting.field("role").parse();
            let rights: Rights = role.map_err(|error: String| acting.bad(error))?;
            let change_to = allowed(rights, Some(acting.field("team")));
            change(&desk, &name, change_to, &by).await.map_err(refused)?;
        }
        "link" => {
            let link = link_for(&desk, &name, &by).await.map_err(refused)?;
            return page(&desk, &acting.viewer, Some((name, link))).await;
        }
        "remove" => take_away(&desk, &name, &by).await.map_err(refused)?,
        other => return Err(acting.bad(format!("`{other}` cannot be done with an account"))),
    }
    Ok(Redirect::to("/accounts").into_response())
}

fn administrators_only(viewer: &Viewer) -> Result<(), Trouble> {
    if viewer.may(Rights::Administrator) {
        return Ok(());
    }
    let said = Said::new("管理者だけのページです。", "This page is for administrators.");
    Err(Trouble::forbidden(&viewer.visitor, said))
}

async fn page(
    desk: &Desk,
    viewer: &Viewer,
    link: Option<(String, String)>,
) -> Result<Response, Trouble> {
    let refused = |refused| Trouble::refused(&viewer.visitor, refused);
    let look = |world: &domain::world::World<'_>| {
        let owners = world.policy.graph.services().filter_map(|service| service.owner.clone());
        let owners: BTreeSet<String> = owners.collect();
        (world.state.accounts.clone(), owners, world.policy.zone.clone())
    };
    let (all, teams, zone) = desk.shared.look(look).await.map_err(refused)?;
    let clock = viewer.visitor.clock(desk, &zone);
    let l = clock.language;
    let row = |(name, account): (&AccountName, &account::Account)| Row {
        name: name.to_string(),
        word: account.rights.name().to_owned(),
        role: words::rights(account.rights).text(l).to_owned(),
        teams: account
            .teams
            .iter()
            .map(|(team, rights)| format!("{team}: {}", words::rights(*rights).text(l)))
            .collect(),
        elsewhere: account.identity.as_ref().map(|identity| identity.issuer.clone()),
        added: clock.show(account.added_at),
        signed_in: clock.maybe(account.signed_in_at),
    };
    let role =
        |rights: Rights| (rights.name().to_owned(), words::rights(rights).text(l).to_owned());
    let roles = Rights::ALL.map(role).to_vec();
    let rows = all.iter().map(row).collect();
    let main = Accounts {
        l,
        csrf: viewer.csrf.clone(),
        rows,
        roles,
        teams: teams.into_iter().collect(),
        link,
    };
    let manner = Manner::still(l.pick("アカウント", "Accounts"), Here::Accounts);
    Ok(frame::of(viewer, &manner, &main))
}
