//! Tokens of integrations: who may send in whose name. Only digests are kept; the token itself is shown once and nowhere
//! else.

use crate::{
    command::Refusal,
    fact::Fact,
    ids::{Actor, IntegrationName},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Tokens of one integration, all together: more is a mistake of whoever makes them.
const MOST: usize = 20;

/// A token that opens an integration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    /// Its number, for revoking it.
    pub id: u64,
    /// What it opens.
    pub integration: IntegrationName,
    /// SHA-256 of it, in hex.
    pub digest: String,
    /// Who made it.
    pub by: Actor,
    /// When.
    pub issued_at: Timestamp,
    /// Until when it opens something; none: until it is revoked.
    #[serde(default)]
    pub expires_at: Option<Timestamp>,
}

impl Token {
    /// Whether its time is over.
    pub fn has_expired(&self, now: Timestamp) -> bool {
        self.expires_at.is_some_and(|end| end <= now)
    }
}

/// The facts of a new token.
///
/// # Errors
/// What was handed in is no digest, it would be over before it begins, or there are too many.
pub fn issue(
    tokens: &[Token],
    integration: &IntegrationName,
    digest: &str,
    expires_at: Option<Timestamp>,
    by: &Actor,
    now: Timestamp,
) -> Result<Vec<Fact>, Refusal> {
    let is_digest = digest.len() == 64 && digest.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !is_digest {
        return Err(Refusal::incomplete(
            "トークンのダイジェストが正しくありません".into(),
            "that is no digest of a token".into(),
        ));
    }
    if expires_at.is_some_and(|end| end <= now) {
        return Err(Refusal::incomplete(
            "期限は今より後にしてください".into(),
            "its end must be later than now".into(),
        ));
    }
    if tokens.iter().filter(|token| token.integration == *integration).count() >= MOST {
        return Err(Refusal::conflict(
            format!(
                "{integration} にはすでに {MOST} 個のトークンがあります。先に失効させてください"
            ),
            format!("{integration} has {MOST} tokens already: revoke some first"),
        ));
    }
    let id = tokens.iter().map(|token| token.id).max().unwrap_or(0) + 1;
    let (integration, digest) = (integration.clone(), digest.to_ascii_lowercase());
    Ok(vec![Fact::TokenIssued { id, integration, digest, expires_at, by: by.clone() }])
}

/// The facts of a token that opens nothing any more.
///
/// # Errors
/// There is no token with this number.
pub fn revoke(tokens: &[Token], id: u64, by: &Actor) -> Result<Vec<Fact>, Refusal> {
    if !tokens.iter().any(|token| token.id == id) {
        return Err(Refusal::not_found(
            format!("トークン {id} はありません"),
            format!("there is no token {id}"),
        ));
    }
    Ok(vec![Fact::TokenRevoked { id, by: by.clone() }])
}

/// Follows a fact about tokens.
pub fn apply(tokens: &mut Vec<Token>, fact: &Fact, at: Timestamp) {
    match fact {
        Fact::TokenIssued { id, integration, digest, expires_at, by } => tokens.push(Token {
            id: *id,
            integration: integration.clone(),
            digest: digest.clone(),
            by: by.clone(),
            issued_at: at,
            expires_at: *expires_at,
        }),
        Fact::TokenRevoked { id, .. } => tokens.retain(|token| token.id != *id),
        _ => {}
    }
}
