//! Somebody comes in with an account elsewhere: whose account here it is, whether there becomes one, and what their groups
//! there change about what they may here.

use crate::{
    account::{self, Account, Accounts},
    carried_accounts::{AccountChange, AccountChanged, Admission, Granted, Rights},
    command::Refusal,
    fact::Fact,
    ids::AccountName,
};
use std::collections::{BTreeMap, BTreeSet};

/// The facts of somebody who comes in: all of them, or none.
///
/// # Errors
/// They have no account here, and get none.
pub fn admit(
    accounts: &Accounts,
    owners: &BTreeSet<&str>,
    admission: &Admission,
) -> Result<Vec<Fact>, Refusal> {
    let Admission { identity, granted, by, .. } = admission;
    let (name, mut changes) = match account::of_identity(accounts, identity) {
        Some(name) if admission.is_decided_there => {
            let account = &accounts[name.as_str()];
            let changes = granted.as_ref().map(|granted| differences(accounts, account, granted));
            (name.clone(), changes.unwrap_or_default())
        }
        Some(name) => (name.clone(), Vec::new()),
        None => made(accounts, admission)?,
    };
    // Teams that own nothing any more are no reason to keep somebody out.
    changes.retain(|change| match change {
        AccountChange::TeamAllowed { team, rights } => {
            *rights == Rights::Viewer || owners.contains(team.as_str())
        }
        _ => true,
    });
    let fact = |change| {
        let changed = AccountChanged { account: name.clone(), change, by: by.clone() };
        Fact::AccountChanged(Box::new(changed))
    };
    Ok(changes.into_iter().map(fact).collect())
}

/// A new account, connected before anybody else could take it.
fn made(
    accounts: &Accounts,
    admission: &Admission,
) -> Result<(AccountName, Vec<AccountChange>), Refusal> {
    let (Some(granted), Some(name)) = (&admission.granted, &admission.name) else {
        return Err(Refusal::not_found(
            "この外部アカウントは hikeshi のどのアカウントとも連携していません".into(),
            "no account here is connected with that".into(),
        ));
    };
    if accounts.contains_key(name.as_str()) {
        return Err(Refusal::conflict(
            format!("アカウント {name} はすでにあります"),
            format!("there is an account {name} already"),
        ));
    }
    if accounts.is_empty() && granted.rights != Rights::Administrator {
        return Err(Refusal::conflict(
            "最初のアカウントは管理者のものです (`hikeshi account add`)".into(),
            "the first account is an administrator's (`hikeshi account add`)".into(),
        ));
    }
    account::may_be_added(accounts, name)?;
    let own = [
        AccountChange::Added(granted.rights),
        AccountChange::Connected(admission.identity.clone()),
    ];
    Ok((name.clone(), own.into_iter().chain(in_teams(&granted.teams)).collect()))
}

/// What makes an account what the provider says. The last administrator stays one: somebody must be able to mend that.
fn differences(accounts: &Accounts, account: &Account, granted: &Granted) -> Vec<AccountChange> {
    let is_last = account.rights == Rights::Administrator && account::administrators(accounts) == 1;
    let everywhere = (account.rights != granted.rights && !is_last)
        .then_some(AccountChange::Allowed(granted.rights));
    let gone = account.teams.keys().filter(|team| !granted.teams.contains_key(*team));
    let gone = gone.map(|team| (team.clone(), Rights::Viewer));
    let new =
        granted.teams.iter().filter(|(team, rights)| account.teams.get(*team) != Some(*rights));
    let new = new.map(|(team, rights)| (team.clone(), *rights));
    let teams = gone.chain(new).collect();
    everywhere.into_iter().chain(in_teams(&teams)).collect()
}

fn in_teams(teams: &BTreeMap<String, Rights>) -> impl Iterator<Item = AccountChange> {
    let pairs = teams.clone().into_iter();
    pairs.map(|(team, rights)| AccountChange::TeamAllowed { team, rights })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{carried_accounts::Identity, ids::Actor};
    use jiff::Timestamp;

    /// Somebody comes in; what is written down about it.
    fn comes(
        accounts: &mut Accounts,
        admission: &Admission,
    ) -> Result<Vec<AccountChange>, Refusal> {
        let facts = admit(accounts, &["DB", "Web"].into(), admission)?;
        let mut changes = Vec::new();
        for fact in facts {
            let Fact::AccountChanged(changed) = fact else { panic!("another fact: {fact:?}") };
            account::apply(accounts, &changed, Timestamp::UNIX_EPOCH);
            changes.push(changed.change);
        }
        Ok(changes)
    }

    fn granted(rights: Rights, teams: &[(&str, Rights)]) -> Option<Granted> {
        let teams = teams.iter().map(|(team, rights)| ((*team).to_owned(), *rights)).collect();
        Some(Granted { rights, teams })
    }

    fn sato(granted: Option<Granted>) -> Admission {
        Admission {
            identity: Identity { issuer: "https://login.example.jp".into(), subject: "7".into() },
            name: Some("sato".into()),
            granted,
            is_decided_there: true,
            by: Actor::System("login.example.jp".into()),
        }
    }

    fn town() -> Accounts {
        let root = Account {
            rights: Rights::Administrator,
            by: Actor::Hikeshi,
            added_at: Timestamp::UNIX_EPOCH,
            signed_in_at: None,
            teams: BTreeMap::new(),
            identity: None,
        };
        Accounts::from([("root".into(), root)])
    }

    #[test]
    fn who_comes_first_gets_an_account_that_is_theirs_and_follows_their_groups() {
        let mut accounts = town();
        let first = sato(granted(Rights::Responder, &[("DB", Rights::Approver)]));
        let changes = comes(&mut accounts, &first).expect("let in");
        assert!(matches!(
            changes[..],
            [
                AccountChange::Added(Rights::Responder),
                AccountChange::Connected(_),
                AccountChange::TeamAllowed { .. },
            ]
        ));
        assert_eq!(comes(&mut accounts, &first), Ok(Vec::new()), "nothing has changed");
        // Another name there, another team, and more rights: it is the same person.
        let mut moved = sato(granted(Rights::Approver, &[("Web", Rights::Responder)]));
        moved.name = Some("sato.t".into());
        comes(&mut accounts, &moved).expect("let in");
        let account = &accounts["sato"];
        assert_eq!(account.rights, Rights::Approver);
        assert_eq!(account.teams, BTreeMap::from([("Web".to_owned(), Rights::Responder)]));
        assert!(!accounts.contains_key("sato.t"));
        // Where the provider decides nothing, what was said here stays.
        let undecided = Admission { is_decided_there: false, ..sato(granted(Rights::Viewer, &[])) };
        assert_eq!(comes(&mut accounts, &undecided), Ok(Vec::new()));
        // A team that owns nothing keeps nobody out.
        let gone = sato(granted(Rights::Approver, &[("Gone", Rights::Approver)]));
        comes(&mut accounts, &gone).expect("let in");
        assert_eq!(accounts["sato"].teams, BTreeMap::new());
    }

    #[test]
    fn a_name_that_somebody_has_is_not_taken_over() {
        let mut accounts = town();
        let admission =
            Admission { name: Some("root".into()), ..sato(granted(Rights::Viewer, &[])) };
        let refused = comes(&mut accounts, &admission).expect_err("root's");
        assert_eq!(refused.kind, "conflict");
        assert_eq!(accounts["root"].identity, None);
        for nobody in [
            sato(None),
            Admission { name: None, ..sato(granted(Rights::Viewer, &[])) },
            Admission { name: Some("a\u{202e}b".into()), ..sato(granted(Rights::Viewer, &[])) },
        ] {
            comes(&mut accounts, &nobody).expect_err("no account");
        }
        let first = sato(granted(Rights::Responder, &[]));
        comes(&mut Accounts::new(), &first).expect_err("somebody must administrate");
        comes(&mut Accounts::new(), &sato(granted(Rights::Administrator, &[]))).expect("they can");
    }

    #[test]
    fn the_last_administrator_stays_one_whatever_the_groups_say() {
        let mut accounts = Accounts::new();
        comes(&mut accounts, &sato(granted(Rights::Administrator, &[]))).expect("let in");
        assert_eq!(comes(&mut accounts, &sato(granted(Rights::Viewer, &[]))), Ok(Vec::new()));
        assert_eq!(accounts["sato"].rights, Rights::Administrator);
        accounts.extend(town());
        comes(&mut accounts, &sato(granted(Rights::Viewer, &[]))).expect("let in");
        assert_eq!(accounts["sato"].rights, Rights::Viewer);
    }
}
