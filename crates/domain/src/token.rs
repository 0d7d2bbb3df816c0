//! Tokens: which other system may send in whose name, and which program may use the API in the name of an account. Only
//! digests are kept; the token itself is shown once and nowhere else.

use crate::{
    account::Accounts,
    carried_accounts::{AccountChange, AccountChanged, ApiTokenIssued, ApiTokenUsed, Scope},
    command::Refusal,
    fact::{Fact, TokenIssued},
    ids::{AccountName, Actor, IntegrationName},
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Tokens of one integration or one account, all together: more is a mistake of whoever makes them.
const MOST: usize = 20;
/// The longest name of a program's token, in bytes.
const LONGEST: usize = 100;
/// That a token was used is written down so often.
const NOTED_EVERY: SignedDuration = SignedDuration::from_hours(24);

/// A token that opens something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    /// Its number, for revoking it.
    pub id: u64,
    /// What it opens.
    pub opens: Opens,
    /// SHA-256 of it, in hex.
    pub digest: String,
    /// Who made it.
    pub by: Actor,
    /// When.
    pub issued_at: Timestamp,
    /// Until when it opens something; none: until it is revoked.
    #[serde(default)]
    pub expires_at: Option<Timestamp>,
    /// When a program used it last, a day more or less; never for an integration's.
    #[serde(default)]
    pub used_at: Option<Timestamp>,
}

/// What a token opens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Opens {
    /// The way in of another system.
    Integration(IntegrationName),
    /// The API, in the name of an account.
    Api {
        /// Whose.
        account: AccountName,
        /// What its owner calls it.
        name: String,
        /// What it may at most.
        scope: Scope,
    },
}

impl Opens {
    /// The command that makes another one.
    pub fn made_with(&self) -> String {
        match self {
            Self::Integration(name) => format!("hikeshi token new {name}"),
            // Names may hold anything, and this is pasted into shells.
            Self::Api { scope, .. } => {
                format!("hikeshi token new --api NAME --account ACCOUNT --scope {scope}")
            }
        }
    }

    /// Whose it is: tokens are counted for each.
    fn owner(&self) -> (bool, &str) {
        match self {
            Self::Integration(name) => (true, name.as_str()),
            Self::Api { account, .. } => (false, account.as_str()),
        }
    }
}

impl fmt::Display for Opens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Integration(name) => write!(f, "{name}"),
            Self::Api { account, name, .. } => write!(f, "{account}/{name}"),
        }
    }
}

impl Token {
    /// Whether its time is over.
    pub fn has_expired(&self, now: Timestamp) -> bool {
        self.expires_at.is_some_and(|end| end <= now)
    }

    /// In whose name a program uses the API with it, and with which scope; none: it opens something else.
    pub fn api(&self) -> Option<(&AccountName, Scope)> {
        match &self.opens {
            Opens::Api { account, scope, .. } => Some((account, *scope)),
            Opens::Integration(_) => None,
        }
    }

    /// Whether it is worth a fact that it is used now.
    pub fn is_news(&self, now: Timestamp) -> bool {
        self.used_at.is_none_or(|at| now.duration_since(at) >= NOTED_EVERY)
    }
}

/// The facts of a new token of an integration.
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
    let opens = Opens::Integration(integration.clone());
    let id = may_be_issued(tokens, &opens, digest, expires_at, now)?;
    let (integration, digest) = (integration.clone(), digest.to_ascii_lowercase());
    Ok(vec![Fact::TokenIssued(TokenIssued { id, integration, digest, expires_at, by: by.clone() })])
}

/// The facts of a new token of a program; its number is given here.
///
/// # Errors
/// As with [`issue`]; or there is no such account, the name is none, or its owner may not do that much.
pub fn issue_api(
    tokens: &[Token],
    accounts: &Accounts,
    asked: &ApiTokenIssued,
    now: Timestamp,
) -> Result<Vec<Fact>, Refusal> {
    let ApiTokenIssued { account, name, scope, digest, expires_at, .. } = asked;
    owner_may(accounts, account, *scope)?;
    let is_name = !name.is_empty()
        && name.len() <= LONGEST
        && name.trim() == name
        && !name.chars().any(char::is_control);
    if !is_name {
        return Err(Refusal::incomplete(
            "トークンの名前は 1 から 100 バイトで、前後に空白のない文字列です".into(),
            "the name of a token has 1 to 100 bytes and no space around it".into(),
        ));
    }
    let opens = Opens::Api { account: account.clone(), name: name.clone(), scope: *scope };
    let id = may_be_issued(tokens, &opens, digest, *expires_at, now)?;
    let issued = ApiTokenIssued { id, digest: digest.to_ascii_lowercase(), ..asked.clone() };
    Ok(vec![Fact::ApiTokenIssued(Box::new(issued))])
}

fn owner_may(accounts: &Accounts, account: &AccountName, scope: Scope) -> Result<(), Refusal> {
    let Some(owner) = accounts.get(account.as_str()) else {
        return Err(Refusal::not_found(
            format!("アカウント {account} はありません"),
            format!("there is no account {account}"),
        ));
    };
    let rights = owner.most();
    if scope.rights() > rights {
        return Err(Refusal::conflict(
            format!("{account} の権限は {rights} なので、{scope} のトークンは作れません"),
            format!("{account} is {rights}: a token can do no more, and {scope} is more"),
        ));
    }
    Ok(())
}

/// Its number.
fn may_be_issued(
    tokens: &[Token],
    opens: &Opens,
    digest: &str,
    expires_at: Option<Timestamp>,
    now: Timestamp,
) -> Result<u64, Refusal> {
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
    let owner = opens.owner();
    if tokens.iter().filter(|token| token.opens.owner() == owner).count() >= MOST {
        return Err(Refusal::conflict(
            format!("{} にはすでに {MOST} 個のトークンがあります。先に失効させてください", owner.1),
            format!("{} has {MOST} tokens already: revoke some first", owner.1),
        ));
    }
    Ok(tokens.iter().map(|token| token.id).max().unwrap_or(0) + 1)
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

/// The facts of a token that a program uses: the first use of a day is one.
pub fn used(tokens: &[Token], id: u64, now: Timestamp) -> Vec<Fact> {
    let token = tokens.iter().find(|token| token.id == id && token.api().is_some());
    let is_news = token.is_some_and(|token| token.is_news(now));
    is_news.then_some(Fact::ApiTokenUsed(ApiTokenUsed { id })).into_iter().collect()
}

/// Follows a fact about tokens.
pub fn apply(tokens: &mut Vec<Token>, fact: &Fact, at: Timestamp) {
    let mut keep = |id, opens, digest: &str, expires_at, by: &Actor| {
        let (digest, by) = (digest.to_owned(), by.clone());
        tokens.push(Token { id, opens, digest, by, issued_at: at, expires_at, used_at: None });
    };
    match fact {
        Fact::TokenIssued(TokenIssued { id, integration, digest, expires_at, by }) => {
            keep(*id, Opens::Integration(integration.clone()), digest, *expires_at, by);
        }
        Fact::ApiTokenIssued(issued) => {
            let ApiTokenIssued { id, account, name, scope, digest, expires_at, by } = &**issued;
            let opens = Opens::Api { account: account.clone(), name: name.clone(), scope: *scope };
            keep(*id, opens, digest, *expires_at, by);
        }
        Fact::ApiTokenUsed(ApiTokenUsed { id }) => {
            if let Some(token) = tokens.iter_mut().find(|token| token.id == *id) {
                token.used_at = Some(at);
            }
        }
        Fact::TokenRevoked { id, .. } => tokens.retain(|token| token.id != *id),
        _ => {}
    }
}

/// The tokens of an account end with it; another account of the same name begins with none.
pub fn forget(tokens: &mut Vec<Token>, changed: &AccountChanged) {
    if changed.change == AccountChange::Removed {
        tokens.retain(|token| token.api().is_none_or(|(owner, _)| *owner != changed.account));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{account::Account, carried_accounts::Rights};
    use std::collections::BTreeMap;

    fn at(hours: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_hours(hours)
    }

    fn by() -> Actor {
        Actor::Person("root".into())
    }

    /// One account, which may this much.
    fn accounts(rights: Rights) -> Accounts {
        let teams = BTreeMap::new();
        let sato = Account {
            rights,
            by: by(),
            added_at: at(0),
            signed_in_at: None,
            teams,
            identity: None,
        };
        [("sato".into(), sato)].into()
    }

    fn asked(account: &str, name: &str, scope: Scope) -> ApiTokenIssued {
        ApiTokenIssued {
            id: 0,
            account: account.into(),
            name: name.into(),
            scope,
            digest: "AB".repeat(32),
            expires_at: None,
            by: by(),
        }
    }

    fn issued(tokens: &mut Vec<Token>, asked: &ApiTokenIssued) -> Result<(), Refusal> {
        for fact in issue_api(tokens, &accounts(Rights::Approver), asked, at(0))? {
            apply(tokens, &fact, at(0));
        }
        Ok(())
    }

    #[test]
    fn a_token_is_made_for_somebody_who_may_that_much_and_dies_with_them() {
        let mut tokens = Vec::new();
        issued(&mut tokens, &asked("nobody", "x", Scope::Read)).expect_err("nobody's");
        issued(&mut tokens, &asked("sato", "x", Scope::Admin)).expect_err("more than they may");
        for bad in ["", " x", "a\nb", &"x".repeat(101)] {
            issued(&mut tokens, &asked("sato", bad, Scope::Read)).expect_err(bad);
        }
        let over = ApiTokenIssued { expires_at: Some(at(0)), ..asked("sato", "x", Scope::Read) };
        issued(&mut tokens, &over).expect_err("over before it begins");
        for _ in 0..MOST {
            issued(&mut tokens, &asked("sato", "x", Scope::Approve)).expect("made");
        }
        issued(&mut tokens, &asked("sato", "x", Scope::Read)).expect_err("enough");
        // An integration of the same name has its own.
        let digest = "cd".repeat(32);
        let facts = issue(&tokens, &"sato".into(), &digest, None, &by(), at(0)).expect("made");
        facts.iter().for_each(|fact| apply(&mut tokens, fact, at(0)));
        let changed = |change| AccountChanged { account: "sato".into(), change, by: by() };
        forget(&mut tokens, &changed(AccountChange::Allowed(Rights::Viewer)));
        assert_eq!(tokens.len(), MOST + 1);
        forget(&mut tokens, &changed(AccountChange::Removed));
        assert_eq!(tokens.len(), 1, "the integration's");
    }

    #[test]
    fn its_use_is_written_down_once_a_day() {
        let mut tokens = Vec::new();
        issued(&mut tokens, &asked("sato", "x", Scope::Read)).expect("made");
        let mut facts = 0;
        for hour in 0..72 {
            for fact in used(&tokens, 1, at(hour)) {
                apply(&mut tokens, &fact, at(hour));
                facts += 1;
            }
        }
        assert_eq!((facts, tokens[0].used_at), (3, Some(at(48))));
        assert!(used(&tokens, 7, at(0)).is_empty());
    }
}
