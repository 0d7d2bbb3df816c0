//! What the facts of accounts carry: plain data, journaled as JSON like the facts themselves.

use crate::ids::{AccountName, Actor, IntegrationName};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fmt, str::FromStr};

/// What somebody may do on the pages. Each may also do what stands before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rights {
    /// Sees everything, changes nothing.
    Viewer,
    /// Works on incidents: acknowledges, notes, answers, takes back, closes.
    Responder,
    /// Says whether a step that can hurt may run.
    Approver,
    /// Says who may what.
    Administrator,
}

impl Rights {
    /// All of them, from the least.
    pub const ALL: [Self; 4] = [Self::Viewer, Self::Responder, Self::Approver, Self::Administrator];

    /// The word, as commands and JSON have it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Responder => "responder",
            Self::Approver => "approver",
            Self::Administrator => "administrator",
        }
    }
}

impl fmt::Display for Rights {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Rights {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|rights| rights.name() == text).ok_or_else(|| {
            format!("`{text}` is not a role: viewer, responder, approver or administrator")
        })
    }
}

/// See [`Fact::AccountChanged`](crate::fact::Fact::AccountChanged).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountChanged {
    /// Whose.
    pub account: AccountName,
    /// What became of it.
    pub change: AccountChange,
    /// Who did it.
    pub by: Actor,
}

/// What somebody shows besides a password, or in its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Factor {
    /// Codes of an authenticator app (RFC 6238).
    App,
    /// A passkey of a device (WebAuthn).
    Passkey,
}

/// Who somebody is elsewhere (OpenID Connect Core, section 2): the provider gives a subject to nobody else, ever.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// The provider, as it writes itself.
    pub issuer: String,
    /// Whom it means.
    pub subject: String,
}

/// What somebody may: everywhere, and more where services of a team are concerned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Granted {
    /// Everywhere.
    pub rights: Rights,
    /// By team.
    pub teams: BTreeMap<String, Rights>,
}

/// Somebody whom a provider vouches for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Admission {
    /// Who they are there.
    pub identity: Identity,
    /// What an account of theirs would be called; none: the provider does not say.
    pub name: Option<AccountName>,
    /// What they may; none: whoever has no account gets none.
    pub granted: Option<Granted>,
    /// Whether that counts for accounts that are there already, too.
    pub is_decided_there: bool,
    /// The provider.
    pub by: Actor,
}

/// What becomes of an account. No secret is ever part of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountChange {
    /// There is one from now on.
    Added(Rights),
    /// It may something else from now on.
    Allowed(Rights),
    /// Where services of this team are concerned, it may this at least. `Viewer` takes that back.
    TeamAllowed {
        /// The team: the owner of services.
        team: String,
        /// What.
        rights: Rights,
    },
    /// A link was made with which its owner chooses a password.
    Linked,
    /// Its owner chose a password; whoever was signed in with the old one is no longer.
    PasswordChosen,
    /// Its owner signed in.
    SignedIn,
    /// Its owner shows something else besides the password from now on.
    FactorAdded(Factor),
    /// Its owner has taken that away.
    FactorRemoved(Factor),
    /// Its owner signed in with a recovery code, which is used up.
    RecoveryUsed,
    /// Its owner has new recovery codes; all older ones are void.
    RecoveryRenewed,
    /// Whoever runs hikeshi took all of that away: the password is enough again.
    FactorsReset,
    /// Whoever is this elsewhere is its owner from now on, and nobody else there.
    Connected(Identity),
    /// Nobody elsewhere is its owner any more.
    Disconnected,
    /// There is none any more.
    Removed,
}

/// What a program may do with a token of somebody's: never more than its owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Sees what a viewer sees.
    Read,
    /// Works on incidents as a responder does.
    Respond,
    /// Also what an approver says.
    Approve,
    /// Also what an administrator does.
    Admin,
}

impl Scope {
    /// All of them, from the least.
    pub const ALL: [Self; 4] = [Self::Read, Self::Respond, Self::Approve, Self::Admin];

    /// The word, as commands and JSON have it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Respond => "respond",
            Self::Approve => "approve",
            Self::Admin => "admin",
        }
    }

    /// What a person needs to do the same.
    pub fn rights(self) -> Rights {
        match self {
            Self::Read => Rights::Viewer,
            Self::Respond => Rights::Responder,
            Self::Approve => Rights::Approver,
            Self::Admin => Rights::Administrator,
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Scope {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|scope| scope.name() == text)
            .ok_or_else(|| format!("`{text}` is not a scope: read, respond, approve or admin"))
    }
}

/// See [`Fact::ApiTokenIssued`](crate::fact::Fact::ApiTokenIssued).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiTokenIssued {
    /// Its number among all tokens.
    pub id: u64,
    /// In whose name it acts.
    pub account: AccountName,
    /// What its owner calls it: the program that has it.
    pub name: String,
    /// What it may at most.
    pub scope: Scope,
    /// SHA-256 of the token, in hex. The token itself is nowhere.
    pub digest: String,
    /// Until when; none: until it is revoked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// Who made it.
    pub by: Actor,
}

/// See [`Fact::ApiTokenUsed`](crate::fact::Fact::ApiTokenUsed).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiTokenUsed {
    /// Which.
    pub id: u64,
}

/// See [`Fact::TokenIssued`](crate::fact::Fact::TokenIssued).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TokenIssued {
    /// Its number.
    pub id: u64,
    /// What it opens.
    pub integration: IntegrationName,
    /// SHA-256 of the token, in hex. The token itself is nowhere.
    pub digest: String,
    /// Until when; none: until it is revoked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// Who made it.
    pub by: Actor,
}
