//! Who is in: sessions, and what comes before one: a password that was right while more is asked, and somebody whom a provider
//! knows and nobody here does yet.

use crate::accounts::{Accounts, Result, digest};
use jiff::{SignedDuration, Timestamp};
use rusqlite::{OptionalExtension, Row, params};

/// How long a session lasts: nobody types a password at 3 a.m. who worked last week.
pub const SESSION_GOOD_FOR: SignedDuration = SignedDuration::from_hours(24 * 30);
/// How long somebody may take between the password and what else is asked.
pub const HALF_GOOD_FOR: SignedDuration = SignedDuration::from_mins(10);
/// Sessions of one account; the oldest goes first.
const MOST_SESSIONS: i64 = 50;

/// Whose session it is, and how they came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Whose.
    pub account: String,
    /// A provider vouched for them: they have shown there whatever it asks for.
    pub is_vouched: bool,
}

impl Accounts {
    /// Begins a session; returns its token.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn begin(&self, account: &str, now: Timestamp) -> Result<String> {
        let token = self.keep("sessions", account, now, SESSION_GOOD_FOR)?;
        self.end_oldest(account)?;
        Ok(token)
    }

    /// Begins a session for somebody whom a provider vouches for, which ends after `length`; returns its token.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn begin_vouched(
        &self,
        account: &str,
        length: SignedDuration,
        now: Timestamp,
    ) -> Result<String> {
        let token = self.keep("sessions", account, now, length)?;
        let vouch = "update sessions set is_vouched = 1 where digest = ?1";
        self.lock().execute(vouch, [digest(&token)])?;
        self.end_oldest(account)?;
        Ok(token)
    }

    fn end_oldest(&self, account: &str) -> Result<()> {
        self.lock().execute(
            "delete from sessions where account = ?1 and digest not in
             (select digest from sessions where account = ?1 order by until desc limit ?2)",
            params![account, MOST_SESSIONS],
        )?;
        Ok(())
    }

    /// Whose session a token is; none: it is no session, or it is over.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn session(&self, token: &str, now: Timestamp) -> Result<Option<Session>> {
        let select = "select account, is_vouched from sessions where digest = ?1 and until > ?2";
        let found = params![digest(token), now.as_second()];
        let session = |row: &Row<'_>| Ok(Session { account: row.get(0)?, is_vouched: row.get(1)? });
        Ok(self.lock().query_row(select, found, session).optional()?)
    }

    /// Ends the sessions for which a provider vouched.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn end_vouched(&self, account: &str) -> Result<()> {
        let delete = "delete from sessions where account = ?1 and is_vouched = 1";
        self.lock().execute(delete, [account])?;
        Ok(())
    }

    /// Ends a session.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn end(&self, token: &str) -> Result<()> {
        self.drop("sessions", token)
    }

    /// The password was right, and more is asked: returns the token that says so.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn begin_half(&self, account: &str, now: Timestamp) -> Result<String> {
        self.keep("halves", account, now, HALF_GOOD_FOR)
    }

    /// Whose password was right; none: it is no such token, or that is too long ago.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn half(&self, token: &str, now: Timestamp) -> Result<Option<String>> {
        self.find("halves", token, now)
    }

    /// The half session has become a whole one, or nothing.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn end_half(&self, token: &str) -> Result<()> {
        self.drop("halves", token)
    }

    /// Somebody came whom a provider knows and who has no account yet: keeps who they are there, as the caller writes it, until
    /// they have shown which account is theirs. Returns the token that says so.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn keep_arrival(&self, arrival: &str, now: Timestamp) -> Result<String> {
        self.keep("arrivals", arrival, now, HALF_GOOD_FOR)
    }

    /// Who came; none: it is no such token, or that is too long ago.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn arrival(&self, token: &str, now: Timestamp) -> Result<Option<String>> {
        self.find("arrivals", token, now)
    }

    /// It is known whose account it is, or they have gone.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn end_arrival(&self, token: &str) -> Result<()> {
        self.drop("arrivals", token)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{at, open};
    use rusqlite::Connection;
    use std::{fs, os::unix::fs::PermissionsExt};

    #[test]
    fn a_session_lasts_a_month_and_ends_with_its_password() {
        let (_folder, accounts) = open();
        let token = accounts.begin("sato", at(0)).expect("begun");
        let session = |token: &str, now| {
            let found = accounts.session(token, now).expect("asked");
            found.map(|session| session.account)
        };
        assert_eq!(session(&token, at(24 * 30 - 1)).as_deref(), Some("sato"));
        assert_eq!(session(&token, at(24 * 30)), None);
        assert_eq!(session("", at(1)), None);
        assert_eq!(accounts.linked(&token, at(1)).expect("asked"), None, "a session is no link");
        accounts.set_password("sato", "correct horse battery").expect("kept");
        assert_eq!(session(&token, at(1)), None);
        let token = accounts.begin("sato", at(2)).expect("begun");
        accounts.end(&token).expect("ended");
        assert_eq!(session(&token, at(2)), None);
    }

    #[test]
    fn whom_a_provider_vouches_for_has_a_session_as_long_as_is_configured() {
        let (_folder, accounts) = open();
        let twelve = SignedDuration::from_hours(12);
        let token = accounts.begin_vouched("sato", twelve, at(0)).expect("begun");
        let sato = |is_vouched| Some(Session { account: "sato".into(), is_vouched });
        assert_eq!(accounts.session(&token, at(11)).expect("asked"), sato(true));
        assert_eq!(accounts.session(&token, at(12)).expect("asked"), None);
        let own = accounts.begin("sato", at(0)).expect("begun");
        assert_eq!(accounts.session(&own, at(1)).expect("asked"), sato(false));
        accounts.end_vouched("sato").expect("ended");
        assert_eq!(accounts.session(&token, at(1)).expect("asked"), None);
        assert_eq!(accounts.session(&own, at(1)).expect("asked"), sato(false), "that is their own");
        let arrival = accounts.keep_arrival("who they are", at(0)).expect("kept");
        assert_eq!(
            accounts.arrival(&arrival, at(0)).expect("asked").as_deref(),
            Some("who they are")
        );
        assert_eq!(accounts.session(&arrival, at(0)).expect("asked"), None, "it opens nothing");
        assert_eq!(accounts.arrival(&arrival, at(1)).expect("asked"), None, "too long ago");
    }

    #[test]
    fn sessions_of_an_older_file_go_on() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("accounts.db");
        let connection = Connection::open(&file).expect("made");
        connection
            .execute_batch(
                "create table sessions
                 (digest blob primary key, account text not null, until integer not null) strict;",
            )
            .expect("as before");
        let insert = "insert into sessions values (?1, 'sato', ?2)";
        connection.execute(insert, params![digest("old"), at(9).as_second()]).expect("kept");
        drop(connection);
        fs::set_permissions(&file, PermissionsExt::from_mode(0o600)).expect("changed");
        for _ in 0..2 {
            let accounts = Accounts::open(&file).expect("opened");
            let session = accounts.session("old", at(1)).expect("asked").expect("it goes on");
            assert!(!session.is_vouched);
        }
    }
}
