//! Accounts: who may use the pages, and what they may do there. An account has the name with which its owner acts; what
//! proves that it is the owner (passwords, sessions, links) is no fact and lies elsewhere.

use crate::{
    carried_accounts::{AccountChange, AccountChanged, Identity, Rights},
    command::Refusal,
    fact::Fact,
    ids::{AccountName, Actor},
    outside_text,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// More accounts than this are a mistake of whoever makes them.
const MOST: usize = 1000;
/// The longest name, in bytes: that of a person who acts through the API.
const LONGEST: usize = 100;

/// All accounts.
pub type Accounts = BTreeMap<AccountName, Account>;

/// An account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// What its owner may do.
    pub rights: Rights,
    /// Who added it.
    pub by: Actor,
    /// When.
    pub added_at: Timestamp,
    /// When its owner signed in last.
    #[serde(default)]
    pub signed_in_at: Option<Timestamp>,
    /// What its owner may more where services of a team are concerned.
    #[serde(default)]
    pub teams: BTreeMap<String, Rights>,
    /// Who its owner is elsewhere; with that they sign in, too.
    #[serde(default)]
    pub identity: Option<Identity>,
}

impl Account {
    /// What its owner may where services of a team are concerned.
    pub fn rights_in(&self, team: &str) -> Rights {
        self.teams.get(team).copied().map_or(self.rights, |rights| rights.max(self.rights))
    }

    /// The most that its owner may anywhere.
    pub fn most(&self) -> Rights {
        self.teams.values().copied().fold(self.rights, Rights::max)
    }
}

/// The account of whoever is this elsewhere.
pub fn of_identity<'a>(accounts: &'a Accounts, identity: &Identity) -> Option<&'a AccountName> {
    let is_theirs = |account: &Account| account.identity.as_ref() == Some(identity);
    accounts.iter().find(|(_, account)| is_theirs(account)).map(|(name, _)| name)
}

/// The facts of a change.
///
/// # Errors
/// The name is none or is taken, there is no such account, somebody else's is connected, or nobody would be left to administrate the others.
pub fn change(
    accounts: &Accounts,
    owners: &BTreeSet<&str>,
    name: &AccountName,
    change: &AccountChange,
    by: &Actor,
) -> Result<Vec<Fact>, Refusal> {
    match (change, accounts.get(name.as_str())) {
        (AccountChange::Added(_), Some(_)) => {
            return Err(Refusal::conflict(
                format!("アカウント {name} はすでにあります"),
                format!("there is an account {name} already"),
            ));
        }
        (AccountChange::Added(_), None) => may_be_added(accounts, name)?,
        (_, None) => {
            return Err(Refusal::not_found(
                format!("アカウント {name} はありません"),
                format!("there is no account {name}"),
            ));
        }
        (AccountChange::Allowed(rights), Some(account)) if *rights == account.rights => {
            return Ok(Vec::new());
        }
        (AccountChange::Allowed(_) | AccountChange::Removed, Some(account)) => {
            if account.rights == Rights::Administrator && administrators(accounts) == 1 {
                return Err(Refusal::conflict(
                    format!("{name} は最後の管理者です。先に別の管理者を追加してください"),
                    format!("{name} is the last administrator: add another one first"),
                ));
            }
        }
        (AccountChange::TeamAllowed { team, rights }, Some(account)) => {
            if account.teams.get(team).copied().unwrap_or(Rights::Viewer) == *rights {
                return Ok(Vec::new());
            }
            team_may_be_allowed(owners, team, *rights)?;
        }
        (AccountChange::Connected(identity), Some(_)) => match of_identity(accounts, identity) {
            Some(owner) if owner == name => return Ok(Vec::new()),
            Some(owner) => {
                return Err(Refusal::conflict(
                    format!("この外部アカウントは {owner} のものです"),
                    format!("that is how {owner} signs in"),
                ));
            }
            None => {}
        },
        (AccountChange::Disconnected, Some(account)) if account.identity.is_none() => {
            return Ok(Vec::new());
        }
        (_, Some(_)) => {}
    }
    let changed = AccountChanged { account: name.clone(), change: change.clone(), by: by.clone() };
    Ok(vec![Fact::AccountChanged(Box::new(changed))])
}

/// A team is the owner of services; taking rights back needs none that is still there.
fn team_may_be_allowed(owners: &BTreeSet<&str>, team: &str, rights: Rights) -> Result<(), Refusal> {
    if rights == Rights::Administrator {
        return Err(Refusal::incomplete(
            "管理者の権限はチームごとには与えられません".into(),
            "nobody administrates for one team only".into(),
        ));
    }
    if rights == Rights::Viewer || owners.contains(team) {
        return Ok(());
    }
    let known = owners.iter().copied().collect::<Vec<_>>().join(", ");
    Err(Refusal::not_found(
        format!("どのサービスの owner も「{team}」ではありません (あるのは: {known})"),
        format!("no service has the owner {team}; there are: {known}"),
    ))
}

/// Whether there may be an account of this name.
///
/// # Errors
/// It is no name, or there are too many.
pub(crate) fn may_be_added(accounts: &Accounts, name: &AccountName) -> Result<(), Refusal> {
    let text = name.as_str();
    let is_name = !text.is_empty()
        && text.len() <= LONGEST
        && text.trim() == text
        && !text.chars().any(outside_text::is_hostile);
    if !is_name {
        return Err(Refusal::incomplete(
            "アカウント名は 1 から 100 バイトで、前後に空白のない文字列です".into(),
            "the name of an account has 1 to 100 bytes and no space around it".into(),
        ));
    }
    if accounts.len() >= MOST {
        return Err(Refusal::conflict(
            format!("すでに {MOST} 個のアカウントがあります"),
            format!("there are {MOST} accounts already"),
        ));
    }
    Ok(())
}

/// How many administrate.
pub(crate) fn administrators(accounts: &Accounts) -> usize {
    accounts.values().filter(|account| account.rights == Rights::Administrator).count()
}

/// Follows a fact about an account.
pub fn apply(accounts: &mut Accounts, changed: &AccountChanged, at: Timestamp) {
    let AccountChanged { account: name, change, by } = changed;
    match change {
        AccountChange::Added(rights) => {
            let by = by.clone();
            let account = Account {
                rights: *rights,
                by,
                added_at: at,
                signed_in_at: None,
                teams: BTreeMap::new(),
                identity: None,
            };
            accounts.insert(name.clone(), account);
        }
        AccountChange::Allowed(rights) => {
            if let Some(account) = accounts.get_mut(name.as_str()) {
                account.rights = *rights;
            }
        }
        AccountChange::TeamAllowed { team, rights } => {
            if let Some(account) = accounts.get_mut(name.as_str()) {
                match rights {
                    Rights::Viewer => drop(account.teams.remove(team)),
                    _ => drop(account.teams.insert(team.clone(), *rights)),
                }
            }
        }
        AccountChange::SignedIn => {
            if let Some(account) = accounts.get_mut(name.as_str()) {
                account.signed_in_at = Some(at);
            }
        }
        AccountChange::Connected(identity) => {
            if let Some(account) = accounts.get_mut(name.as_str()) {
                account.identity = Some(identity.clone());
            }
        }
        AccountChange::Disconnected => {
            if let Some(account) = accounts.get_mut(name.as_str()) {
                account.identity = None;
            }
        }
        AccountChange::Removed => drop(accounts.remove(name.as_str())),
        // What proves who somebody is lies elsewhere.
        AccountChange::Linked
        | AccountChange::PasswordChosen
        | AccountChange::FactorAdded(_)
        | AccountChange::FactorRemoved(_)
        | AccountChange::RecoveryUsed
        | AccountChange::RecoveryRenewed
        | AccountChange::FactorsReset => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(accounts: &mut Accounts, name: &str, what: AccountChange) -> Result<(), Refusal> {
        let facts =
            change(accounts, &["DB"].into(), &name.into(), &what, &Actor::Person("root".into()))?;
        for fact in facts {
            let Fact::AccountChanged(changed) = fact else { panic!("another fact: {fact:?}") };
            apply(accounts, &changed, Timestamp::UNIX_EPOCH);
        }
        Ok(())
    }

    #[test]
    fn somebody_can_always_administrate() {
        let mut accounts = Accounts::new();
        made(&mut accounts, "佐藤", AccountChange::Added(Rights::Administrator)).expect("added");
        for change in [AccountChange::Removed, AccountChange::Allowed(Rights::Viewer)] {
            let refused = made(&mut accounts, "佐藤", change).expect_err("the last one");
            assert!(refused.said.en.contains("last administrator"), "{refused:?}");
        }
        made(&mut accounts, "suzuki", AccountChange::Added(Rights::Viewer)).expect("added");
        made(&mut accounts, "suzuki", AccountChange::Allowed(Rights::Administrator)).expect("set");
        made(&mut accounts, "佐藤", AccountChange::Removed).expect("not the last any more");
        assert_eq!(accounts.keys().map(AccountName::as_str).collect::<Vec<_>>(), ["suzuki"]);
    }

    #[test]
    fn whoever_somebody_is_elsewhere_is_one_account_here() {
        let mut accounts = Accounts::new();
        let identity =
            |subject: &str| Identity { issuer: "https://x".into(), subject: subject.into() };
        let connected = |subject| AccountChange::Connected(identity(subject));
        for name in ["sato", "suzuki"] {
            made(&mut accounts, name, AccountChange::Added(Rights::Viewer)).expect("added");
        }
        made(&mut accounts, "sato", connected("7")).expect("nobody's");
        made(&mut accounts, "sato", connected("7")).expect("theirs already");
        let refused = made(&mut accounts, "suzuki", connected("7")).expect_err("sato's");
        assert!(refused.said.en.contains("sato"), "{refused}");
        made(&mut accounts, "sato", connected("8")).expect("the provider is another one now");
        let owner =
            |accounts: &Accounts, subject| of_identity(accounts, &identity(subject)).cloned();
        assert_eq!(owner(&accounts, "8"), Some("sato".into()));
        made(&mut accounts, "suzuki", connected("7")).expect("nobody's any more");
        made(&mut accounts, "sato", AccountChange::Disconnected).expect("taken back");
        assert_eq!((owner(&accounts, "8"), owner(&accounts, "7")), (None, Some("suzuki".into())));
    }

    #[test]
    fn a_name_is_one_account_and_is_a_name() {
        let mut accounts = Accounts::new();
        made(&mut accounts, "sato", AccountChange::Added(Rights::Viewer)).expect("added");
        made(&mut accounts, "sato", AccountChange::Added(Rights::Viewer)).expect_err("taken");
        for bad in ["", " sato", "a\u{1b}[31m", "a\u{202e}b", &"x".repeat(101)] {
            made(&mut accounts, bad, AccountChange::Added(Rights::Viewer)).expect_err(bad);
        }
        let team = |team: &str, rights| AccountChange::TeamAllowed { team: team.into(), rights };
        made(&mut accounts, "sato", team("DB", Rights::Approver)).expect("allowed");
        assert_eq!(accounts["sato"].rights_in("DB"), Rights::Approver);
        assert_eq!(accounts["sato"].rights_in("Web"), Rights::Viewer);
        made(&mut accounts, "sato", team("Web", Rights::Approver)).expect_err("no such team");
        made(&mut accounts, "sato", team("DB", Rights::Administrator))
            .expect_err("everywhere only");
        made(&mut accounts, "sato", team("DB", Rights::Viewer)).expect("taken back");
        assert_eq!(accounts["sato"].most(), Rights::Viewer);
        made(&mut accounts, "nobody", AccountChange::SignedIn).expect_err("not there");
    }
}
