//! Tokens of integrations and of programs that use the API: made here, shown once, kept as digests.

use crate::{
    acting::{self, Answer, By, person},
    answer::Refused,
    doors,
    extract::{Json, Path},
    state::Shared,
    worded,
};
use axum::extract::State;
use domain::{
    carried_accounts::{ApiTokenIssued, Scope},
    command::Command,
    ids::{AccountName, Actor, IntegrationName},
    token::{Opens, Token},
};
use jiff::{Span, SpanRelativeTo, Timestamp};
use rand::RngExt;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct New {
    by: String,
    /// `90d`; none: until it is revoked.
    #[serde(rename = "for")]
    #[schema(value_type = Option<String>, example = "90d")]
    length: Option<Span>,
}

/// A new token, this once.
#[derive(Serialize, ToSchema)]
pub(crate) struct Issued {
    integration: String,
    token: String,
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
}

/// A new token of a program, this once.
#[derive(Serialize, ToSchema)]
pub(crate) struct IssuedApi {
    account: String,
    name: String,
    #[schema(value_type = String)]
    scope: Scope,
    token: String,
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
}

/// A token, never what it is.
#[derive(Serialize, ToSchema)]
pub(crate) struct Shown {
    id: u64,
    #[schema(value_type = Option<String>)]
    integration: Option<IntegrationName>,
    #[schema(value_type = Option<String>)]
    account: Option<AccountName>,
    name: Option<String>,
    #[schema(value_type = Option<String>)]
    scope: Option<Scope>,
    by: String,
    #[schema(value_type = String, format = DateTime)]
    issued_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    used_at: Option<Timestamp>,
}

/// `POST /api/v1/integrations/{name}/tokens`: the answer is the only place where the token ever stands.
pub(crate) async fn issue(
    State(shared): State<Shared>,
    Path(name): Path<String>,
    Json(ask): Json<New>,
) -> Answer<Issued> {
    let Some(integration) = shared.doors.named(&name) else {
        return Err(Refused::not_found(
            format!("連携 {name} は設定にありません"),
            format!("there is no integration {name} in the configuration"),
        ));
    };
    let expires_at = ask.length.map(|length| end(shared.doors.now(), length)).transpose()?;
    let token = make(&shared, integration.name, expires_at, &ask.by).await?;
    Ok(Json(Issued { integration: name, token, expires_at }))
}

/// The end of a token that is good for so long; a day has 24 hours.
fn end(now: Timestamp, length: Span) -> Result<Timestamp, Refused> {
    let length = length.to_duration(SpanRelativeTo::days_are_24_hours());
    let end = length.and_then(|length| now.checked_add(length));
    end.map_err(|error| Refused::bad(error.to_string()))
}

/// A new token for a door, which knows it from now on.
pub(crate) async fn make(
    shared: &Shared,
    integration: IntegrationName,
    expires_at: Option<Timestamp>,
    by: &str,
) -> Result<String, Refused> {
    let (token, digest) = fresh();
    let by = person(by)?;
    shared.submit(Command::IssueToken { integration, digest, expires_at, by }).await?;
    refresh(shared).await?;
    Ok(token)
}

/// What a new token of a program is for.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewApi {
    /// What its owner calls it.
    pub name: String,
    /// What it may at most.
    #[schema(schema_with = worded::scope)]
    pub scope: Scope,
    /// `90d`; none: until it is revoked.
    #[serde(rename = "for")]
    #[schema(value_type = Option<String>, example = "90d")]
    pub length: Option<Span>,
    /// Who makes it.
    pub by: String,
}

/// `POST /api/v1/accounts/{name}/tokens`: the answer is the only place where the token ever stands.
pub(crate) async fn issue_api(
    State(shared): State<Shared>,
    Path(account): Path<String>,
    Json(ask): Json<NewApi>,
) -> Answer<IssuedApi> {
    let (name, scope) = (ask.name.clone(), ask.scope);
    let by = person(&ask.by)?;
    let (token, expires_at) = make_api(&shared, account.as_str().into(), ask, by).await?;
    Ok(Json(IssuedApi { account, name, scope, token, expires_at }))
}

/// A new token with which a program uses the API in the name of an account; and its end.
///
/// # Errors
/// It may not be made: there is no such account, or it may not do that much.
pub async fn make_api(
    shared: &Shared,
    account: AccountName,
    ask: NewApi,
    by: Actor,
) -> Result<(String, Option<Timestamp>), Refused> {
    let expires_at = ask.length.map(|length| end(shared.doors.now(), length)).transpose()?;
    let (token, digest) = fresh();
    let NewApi { name, scope, .. } = ask;
    let issued = ApiTokenIssued { id: 0, account, name, scope, digest, expires_at, by };
    shared.submit(Command::IssueApiToken(Box::new(issued))).await?;
    Ok((token, expires_at))
}

/// A token of 256 random bits, and its digest in hex.
fn fresh() -> (String, String) {
    let bytes: [u8; 32] = rand::rng().random();
    let token = format!("hk_{}", hex(&bytes));
    let digest = hex(&doors::digest(&token));
    (token, digest)
}

/// `GET /api/v1/tokens`: which there are, never what they are.
pub(crate) async fn list(State(shared): State<Shared>) -> Answer<Vec<Shown>> {
    let tokens = shared.look(|world| world.state.tokens.clone()).await?;
    Ok(Json(tokens.iter().map(view).collect()))
}

fn view(token: &Token) -> Shown {
    let (integration, account, name, scope) = match &token.opens {
        Opens::Integration(integration) => (Some(integration), None, None, None),
        Opens::Api { account, name, scope } => (None, Some(account), Some(name), Some(scope)),
    };
    Shown {
        id: token.id,
        integration: integration.cloned(),
        account: account.cloned(),
        name: name.cloned(),
        scope: scope.copied(),
        by: token.by.to_string(),
        issued_at: token.issued_at,
        expires_at: token.expires_at,
        used_at: token.used_at,
    }
}

/// `POST /api/v1/tokens/{id}/revoke`.
pub(crate) async fn revoke(
    State(shared): State<Shared>,
    Path(id): Path<u64>,
    Json(ask): Json<By>,
) -> Answer {
    let answer = acting::submit(&shared, Command::RevokeToken { id, by: person(&ask.by)? }).await?;
    refresh(&shared).await?;
    Ok(answer)
}

/// The doors know the tokens that the state knows.
async fn refresh(shared: &Shared) -> Result<(), Refused> {
    let tokens = shared.look(|world| world.state.tokens.clone()).await?;
    shared.doors.set_tokens(&tokens);
    Ok(())
}

/// Bytes as the facts have digests.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
