//! Passkeys: which there are, whose they are, and what was asked of them.

use crate::{
    accounts::{Accounts, Result, digest, forget_idle_codes},
    webauthn::{Registered, Reply, Site, Unfit, decoded},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::{SignedDuration, Timestamp};
use rusqlite::{OptionalExtension, params};

/// How long an authenticator may take to answer.
const CHALLENGE_GOOD_FOR: SignedDuration = SignedDuration::from_mins(10);
/// Passkeys of one account: more is a mistake.
const MOST: i64 = 20;
/// Questions that wait for their answers, altogether; the oldest goes first.
const MOST_CHALLENGES: i64 = 1000;

/// A passkey, as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passkey {
    /// Its number here.
    pub number: i64,
    /// What its owner calls it.
    pub title: String,
    /// Since when it is here.
    pub added_at: Timestamp,
    /// When somebody signed in with it last.
    pub used_at: Option<Timestamp>,
}

impl Accounts {
    /// A challenge for an authenticator: to register with an account, or without one, to say whose it is.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn challenge(&self, account: Option<&str>, now: Timestamp) -> Result<String> {
        let token = self.keep("challenges", account.unwrap_or(""), now, CHALLENGE_GOOD_FOR)?;
        self.lock().execute(
            "delete from challenges where digest not in
             (select digest from challenges order by until desc, rowid desc limit ?1)",
            [MOST_CHALLENGES],
        )?;
        Ok(token)
    }

    /// Checks what an authenticator says that is to become a passkey of an account; [`Accounts::add_passkey`] keeps it.
    ///
    /// # Errors
    /// The file cannot be used. Inside: why the answer does not count.
    pub fn new_passkey(
        &self,
        account: &str,
        reply: &Reply,
        site: &Site,
        now: Timestamp,
    ) -> Result<std::result::Result<Registered, Unfit>> {
        if self.asked(reply, now)?.as_deref() != Some(account) {
            return Ok(Err(Unfit::Challenge));
        }
        Ok(reply.registered(site))
    }

    /// Keeps a passkey of an account; whether there was room for it, and it is nobody's yet.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn add_passkey(
        &self,
        account: &str,
        title: &str,
        new: &Registered,
        now: Timestamp,
    ) -> Result<bool> {
        let added = self.lock().execute(
            "insert into passkeys (id, account, key, counter, title, added_at)
             select ?1, ?2, ?3, ?4, ?5, ?6
             where (select count(*) from passkeys where account = ?2) < ?7
             on conflict (id) do nothing",
            params![new.id, account, new.key, new.counter, title, now.as_second(), MOST],
        )?;
        Ok(added == 1)
    }

    /// Whose passkey has signed in.
    ///
    /// # Errors
    /// The file cannot be used. Inside: why the answer does not count.
    pub fn signed_in_with(
        &self,
        reply: &Reply,
        site: &Site,
        now: Timestamp,
    ) -> Result<std::result::Result<String, Unfit>> {
        if self.asked(reply, now)?.as_deref() != Some("") {
            return Ok(Err(Unfit::Challenge));
        }
        let id = match decoded(&reply.id) {
            Ok(id) => id,
            Err(unfit) => return Ok(Err(unfit)),
        };
        let mut connection = self.lock();
        let transaction = connection.transaction()?;
        let select = "select account, key, counter from passkeys where id = ?1";
        let row = |row: &rusqlite::Row<'_>| {
            Ok((row.get::<_, String>(0)?, row.get::<_, Vec<u8>>(1)?, row.get::<_, u32>(2)?))
        };
        let found = transaction.query_row(select, [&id], row).optional()?;
        let Some((account, key, counter)) = found else { return Ok(Err(Unfit::Unknown)) };
        if reply.user_handle.as_ref().is_some_and(|handle| *handle != Self::user_handle(&account)) {
            return Ok(Err(Unfit::Unknown));
        }
        let counter = match reply.asserted(site, &key, counter) {
            Ok(counter) => counter,
            Err(unfit) => return Ok(Err(unfit)),
        };
        let update = "update passkeys set counter = ?2, used_at = ?3 where id = ?1";
        transaction.execute(update, params![id, counter, now.as_second()])?;
        transaction.commit()?;
        Ok(Ok(account))
    }

    /// The passkeys of an account, the oldest first.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn passkeys(&self, account: &str) -> Result<Vec<Passkey>> {
        let connection = self.lock();
        let mut select = connection.prepare(
            "select rowid, title, added_at, used_at from passkeys where account = ?1 order by rowid",
        )?;
        let time = |second: i64| Timestamp::from_second(second).unwrap_or(Timestamp::UNIX_EPOCH);
        let rows = select.query_map([account], |row| {
            Ok(Passkey {
                number: row.get(0)?,
                title: row.get(1)?,
                added_at: time(row.get(2)?),
                used_at: row.get::<_, Option<i64>>(3)?.map(time),
            })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// The ids of an account's passkeys, in base64url: an authenticator must not register twice.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn passkey_ids(&self, account: &str) -> Result<Vec<String>> {
        let connection = self.lock();
        let mut select = connection.prepare("select id from passkeys where account = ?1")?;
        let rows = select.query_map([account], |row| row.get::<_, Vec<u8>>(0))?;
        rows.map(|id| Ok(URL_SAFE_NO_PAD.encode(id?))).collect()
    }

    /// Forgets a passkey of an account; whether there was one. With the last factor the recovery codes go, too.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn remove_passkey(&self, account: &str, number: i64) -> Result<bool> {
        let mut connection = self.lock();
        let transaction = connection.transaction()?;
        let delete = "delete from passkeys where account = ?1 and rowid = ?2";
        let is_gone = transaction.execute(delete, params![account, number])? == 1;
        forget_idle_codes(&transaction, account)?;
        transaction.commit()?;
        Ok(is_gone)
    }

    /// What authenticators call an account, in base64url: always the same, and not its name.
    pub fn user_handle(account: &str) -> String {
        URL_SAFE_NO_PAD.encode(digest(&format!("hikeshi user\n{account}")))
    }

    /// For whom the challenge of an answer was handed out; it is used up by that, whatever comes of it.
    fn asked(&self, reply: &Reply, now: Timestamp) -> Result<Option<String>> {
        let Ok(data) = reply.client_data() else { return Ok(None) };
        let take = "delete from challenges where digest = ?1 and until > ?2 returning account";
        let taken = params![digest(&data.challenge), now.as_second()];
        let found = self.lock().query_row(take, taken, |row| row.get(0)).optional()?;
        Ok(found)
    }
}
