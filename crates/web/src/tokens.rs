//! Tokens of integrations: made here, shown once, kept as digests.

use crate::{
    acting::{self, By, person},
    answer::Refused,
    doors,
    state::Shared,
};
use axum::{
    Json,
    extract::{Path, State},
};
use domain::{command::Command, ids::IntegrationName};
use jiff::{Span, SpanRelativeTo, Timestamp};
use rand::RngExt;
use serde::Deserialize;
use serde_json::{Value, json};

type Answer = Result<Json<Value>, Refused>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct New {
    by: String,
    /// `90d`; none: until it is revoked.
    #[serde(rename = "for")]
    length: Option<Span>,
}

/// `POST /api/v1/integrations/{name}/tokens`: the answer is the only place where the token ever stands.
pub(crate) async fn issue(
    State(shared): State<Shared>,
    Path(name): Path<String>,
    Json(ask): Json<New>,
) -> Answer {
    let Some(integration) = shared.doors.named(&name) else {
        return Err(Refused::not_found(
            format!("連携 {name} は設定にありません"),
            format!("there is no integration {name} in the configuration"),
        ));
    };
    let expires_at = ask.length.map(|length| end(shared.doors.now(), length)).transpose()?;
    let token = make(&shared, integration.name, expires_at, &ask.by).await?;
    Ok(Json(json!({"integration": name, "token": token, "expires_at": expires_at})))
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
    let bytes: [u8; 32] = rand::rng().random();
    let token = format!("hk_{}", hex(&bytes));
    let digest = hex(&doors::digest(&token));
    let by = person(by)?;
    shared.submit(Command::IssueToken { integration, digest, expires_at, by }).await?;
    refresh(shared).await?;
    Ok(token)
}

/// `GET /api/v1/tokens`: which there are, never what they are.
pub(crate) async fn list(State(shared): State<Shared>) -> Answer {
    let tokens = shared.look(|world| world.state.tokens.clone()).await?;
    let shown = tokens.iter().map(|token| {
        json!({
            "id": token.id, "integration": token.integration, "by": token.by.to_string(),
            "issued_at": token.issued_at, "expires_at": token.expires_at,
        })
    });
    Ok(Json(shown.collect()))
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

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
