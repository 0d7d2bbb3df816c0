//! An access to a secret: which one, from where, for what, and how it went. The secret itself is nowhere in it.

use crate::{ids::Actor, said::Said};
use serde::{Deserialize, Serialize};

/// Somebody asked for a secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecretAccess {
    /// Its name under `secrets:`, or the place where it is kept when it has none: `env:POSTGRES_PASSWORD`.
    pub secret: String,
    /// The place that answered; none: no place did.
    pub source: Option<String>,
    /// What asked for it: `probe db/login`, `channel mail`, `step restore of RUN-7`.
    pub purpose: String,
    /// Who is behind that: hikeshi by itself, or a person.
    pub by: Actor,
    /// How it went.
    pub result: AccessResult,
    /// Whether it came from the place for emergencies, because the others could not be reached.
    pub break_glass: bool,
    /// Why it was not had, or why the glass was broken; never a value.
    pub reason: String,
}

/// How an access went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccessResult {
    /// It was had.
    Given,
    /// There is no such secret.
    Absent,
    /// It is there, and was refused.
    Denied,
    /// Whether it is there is not known: no place could be asked.
    Unreachable,
}

/// The access in one sentence.
pub fn tell(access: &SecretAccess) -> Said {
    let SecretAccess { secret, source, purpose, by, result, break_glass, reason } = access;
    let from = source.as_deref().unwrap_or("-");
    let why = if reason.is_empty() { String::new() } else { format!(": {reason}") };
    match (result, break_glass) {
        (AccessResult::Given, true) => Said::new(
            format!("シークレット {secret} を緊急用の {from} から取得 ({purpose}, {by}){why}"),
            format!(
                "secret {secret} was had by breaking the glass, from {from} ({purpose}, {by}){why}"
            ),
        ),
        (AccessResult::Given, false) => Said::new(
            format!("シークレット {secret} を {from} から取得 ({purpose}, {by})"),
            format!("secret {secret} was had from {from} ({purpose}, {by})"),
        ),
        (result, _) => {
            let (ja, en) = match result {
                AccessResult::Absent => ("ありません", "there is none"),
                AccessResult::Denied => ("拒否されました", "it was refused"),
                AccessResult::Given | AccessResult::Unreachable => {
                    ("取得元に到達できません", "no source could be reached")
                }
            };
            Said::new(
                format!("シークレット {secret} を取得できません ({purpose}, {by}) {ja}{why}"),
                format!("secret {secret} was not had ({purpose}, {by}), {en}{why}"),
            )
        }
    }
}
