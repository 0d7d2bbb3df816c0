//! Second factors: the secret of an authenticator app, and codes for who has lost it.

use crate::{
    accounts::{Accounts, OF_FACTORS, Result, digest, forget, forget_idle_codes},
    totp,
};
use data_encoding::BASE32_NOPAD;
use jiff::Timestamp;
use rand::RngExt;
use rusqlite::{Connection, OptionalExtension, params};

/// Recovery codes that somebody gets, together.
const CODES: usize = 10;
/// The bytes of one: 80 bits cannot be guessed, so a quick hash is enough.
const CODE: usize = 10;

/// How somebody has shown that they are the owner, besides the password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// With a code of the app.
    App,
    /// With a recovery code; so many are left.
    Recovery(usize),
}

/// What an account has besides its password.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Factors {
    /// An authenticator app, which has been confirmed.
    pub app: bool,
    /// Passkeys.
    pub passkeys: usize,
    /// Recovery codes that are left.
    pub codes: usize,
}

impl Factors {
    /// Whether a password alone is not enough.
    pub fn any(self) -> bool {
        self.app || self.passkeys > 0
    }
}

impl Accounts {
    /// What an account has.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn factors(&self, account: &str) -> Result<Factors> {
        let connection = self.lock();
        let count = |sql: &str| connection.query_row(sql, [account], |row| row.get::<_, i64>(0));
        let app = count("select count(*) from apps where account = ?1 and is_confirmed = 1")? > 0;
        let count = |sql: &str| count(sql).map(|count| usize::try_from(count).unwrap_or_default());
        let passkeys = count("select count(*) from passkeys where account = ?1")?;
        let codes = count("select count(*) from recovery where account = ?1")?;
        Ok(Factors { app, passkeys, codes })
    }

    /// Begins with an app: makes its secret, which counts from [`Accounts::confirm_app`] on. Returns it as people type it.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn begin_app(&self, account: &str) -> Result<String> {
        let secret: [u8; totp::SECRET] = rand::rng().random();
        self.lock().execute(
            "insert into apps (account, secret, is_confirmed, last_step) values (?1, ?2, 0, 0)
             on conflict (account) do update set secret = ?2, last_step = 0 where is_confirmed = 0",
            params![account, secret],
        )?;
        Ok(self.pending_app(account)?.unwrap_or_default())
    }

    /// The secret of an app that was begun with and not confirmed.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn pending_app(&self, account: &str) -> Result<Option<String>> {
        let select = "select secret from apps where account = ?1 and is_confirmed = 0";
        let secret: Option<Vec<u8>> =
            self.lock().query_row(select, [account], |row| row.get(0)).optional()?;
        Ok(secret.map(|secret| totp::text(&secret)))
    }

    /// Whether this is a code of the app that was begun with; nothing becomes of it.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn fits_pending(&self, account: &str, code: &str, now: Timestamp) -> Result<bool> {
        Ok(app(&self.lock(), account, 0)?
            .is_some_and(|(secret, last)| totp::fitting(&secret, code, last, now).is_some()))
    }

    /// The app counts from now on, if the code is its; whether it is.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn confirm_app(&self, account: &str, code: &str, now: Timestamp) -> Result<bool> {
        let mut connection = self.lock();
        let transaction = connection.transaction()?;
        let found = app(&transaction, account, 0)?;
        let step = found.and_then(|(secret, last)| totp::fitting(&secret, code, last, now));
        let Some(step) = step else { return Ok(false) };
        let update = "update apps set is_confirmed = 1, last_step = ?2 where account = ?1";
        transaction.execute(update, params![account, step])?;
        transaction.commit()?;
        Ok(true)
    }

    /// New recovery codes; all older ones are void.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn renew_codes(&self, account: &str) -> Result<Vec<String>> {
        let mut connection = self.lock();
        let transaction = connection.transaction()?;
        let codes = renew(&transaction, account)?;
        transaction.commit()?;
        Ok(codes)
    }

    /// Whether a code is one of the app, or a recovery code. It is used up by that.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn use_code(&self, account: &str, code: &str, now: Timestamp) -> Result<Option<Shown>> {
        let mut connection = self.lock();
        let transaction = connection.transaction()?;
        let found = app(&transaction, account, 1)?;
        let step = found.and_then(|(secret, last)| totp::fitting(&secret, code, last, now));
        let shown = match step {
            Some(step) => {
                let update = "update apps set last_step = ?2 where account = ?1";
                transaction.execute(update, params![account, step])?;
                Some(Shown::App)
            }
            None => {
                let delete = "delete from recovery where account = ?1 and digest = ?2";
                let is_one =
                    transaction.execute(delete, params![account, kept(account, code)])? == 1;
                let count = "select count(*) from recovery where account = ?1";
                let left: i64 = transaction.query_row(count, [account], |row| row.get(0))?;
                is_one.then(|| Shown::Recovery(usize::try_from(left).unwrap_or_default()))
            }
        };
        transaction.commit()?;
        Ok(shown)
    }

    /// The app does not count any more. With the last factor the recovery codes go, too.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn remove_app(&self, account: &str) -> Result<()> {
        let mut connection = self.lock();
        let transaction = connection.transaction()?;
        transaction.execute("delete from apps where account = ?1", [account])?;
        forget_idle_codes(&transaction, account)?;
        Ok(transaction.commit()?)
    }

    /// The account has a password only from now on.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn forget_factors(&self, account: &str) -> Result<()> {
        let mut connection = self.lock();
        let transaction = connection.transaction()?;
        forget(&transaction, account, &OF_FACTORS)?;
        Ok(transaction.commit()?)
    }
}

/// The secret of an app, and the step of the last code that was used.
fn app(
    connection: &Connection,
    account: &str,
    is_confirmed: i64,
) -> rusqlite::Result<Option<(Vec<u8>, i64)>> {
    let select = "select secret, last_step from apps where account = ?1 and is_confirmed = ?2";
    let pair = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?));
    connection.query_row(select, params![account, is_confirmed], pair).optional()
}

fn renew(connection: &Connection, account: &str) -> rusqlite::Result<Vec<String>> {
    connection.execute("delete from recovery where account = ?1", [account])?;
    let mut codes = Vec::new();
    for _ in 0..CODES {
        let text = BASE32_NOPAD.encode(&rand::rng().random::<[u8; CODE]>()).to_ascii_lowercase();
        let code = [&text[..4], &text[4..8], &text[8..12], &text[12..]].join("-");
        let insert = "insert into recovery (digest, account) values (?1, ?2)";
        connection.execute(insert, params![kept(account, &code), account])?;
        codes.push(code);
    }
    Ok(codes)
}

/// A recovery code as it is kept: without what people add or leave out when they write it down.
fn kept(account: &str, code: &str) -> [u8; 32] {
    let letters: String = code.chars().filter(char::is_ascii_alphanumeric).collect();
    digest(&format!("{account}\n{}", letters.to_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: i64 = 1_800_000_000;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(START + seconds).expect("a time")
    }

    /// What the app shows.
    fn shown(secret: &str, seconds: i64) -> String {
        let secret = BASE32_NOPAD.decode(secret.as_bytes()).expect("base32");
        totp::of(&secret, (START + seconds).div_euclid(30))
    }

    fn open() -> (tempfile::TempDir, Accounts) {
        let folder = tempfile::tempdir().expect("a folder");
        let accounts = Accounts::open(&folder.path().join("accounts.db")).expect("opened");
        (folder, accounts)
    }

    #[test]
    fn an_app_counts_once_it_has_shown_a_code() {
        let (_folder, accounts) = open();
        let secret = accounts.begin_app("sato").expect("begun");
        let factors = || accounts.factors("sato").expect("read");
        assert_eq!(factors(), Factors::default());
        assert_eq!(accounts.use_code("sato", &shown(&secret, 0), at(0)).expect("asked"), None);
        assert!(!accounts.confirm_app("sato", "000000", at(0)).expect("asked"));
        assert!(!accounts.fits_pending("sato", "000000", at(0)).expect("asked"));
        let again = accounts.begin_app("sato").expect("begun anew");
        assert_ne!(again, secret);
        assert!(accounts.fits_pending("sato", &shown(&again, 0), at(0)).expect("asked"));
        assert!(accounts.confirm_app("sato", &shown(&again, 0), at(0)).expect("confirmed"));
        let codes = accounts.renew_codes("sato").expect("made");
        assert_eq!((codes.len(), factors()), (10, Factors { app: true, passkeys: 0, codes: 10 }));
        // Somebody else at the same screen cannot put another app in its place.
        accounts.begin_app("sato").expect("nothing");
        assert_eq!(accounts.pending_app("sato").expect("read"), None);
        let used =
            |code: &str, seconds| accounts.use_code("sato", code, at(seconds)).expect("asked");
        assert_eq!(used(&shown(&again, 0), 1), None, "the one that has confirmed is used");
        assert_eq!(used(&shown(&again, 30), 30), Some(Shown::App));
        assert_eq!(used(&shown(&again, 30), 31), None, "no code counts twice");
        assert_eq!(accounts.use_code("eve", &shown(&again, 60), at(60)).expect("asked"), None);
    }

    #[test]
    fn a_recovery_code_counts_once_and_is_kept_hashed() {
        let (folder, accounts) = open();
        let secret = accounts.begin_app("sato").expect("begun");
        assert!(accounts.confirm_app("sato", &shown(&secret, 0), at(0)).expect("confirmed"));
        let codes = accounts.renew_codes("sato").expect("made");
        let used = |code: &str| accounts.use_code("sato", code, at(0)).expect("asked");
        assert_eq!(used(&codes[0].to_uppercase().replace('-', " ")), Some(Shown::Recovery(9)));
        assert_eq!(used(&codes[0]), None);
        assert_eq!(accounts.use_code("eve", &codes[1], at(0)).expect("asked"), None);
        let new = accounts.renew_codes("sato").expect("renewed");
        assert_eq!(used(&codes[1]), None, "older ones are void");
        assert_eq!(used(&new[1]), Some(Shown::Recovery(9)));
        accounts.set_password("sato", "correct horse battery").expect("kept");
        assert!(accounts.factors("sato").expect("read").any(), "a new password takes nothing away");
        accounts.remove_app("sato").expect("removed");
        assert_eq!(accounts.factors("sato").expect("read"), Factors::default(), "and its codes");
        accounts.renew_codes("sato").expect("made");
        accounts.forget_factors("sato").expect("reset");
        assert_eq!(accounts.factors("sato").expect("read"), Factors::default());
        drop(accounts);
        let bytes = std::fs::read(folder.path().join("accounts.db")).expect("there");
        let text = String::from_utf8_lossy(&bytes);
        assert!(new.iter().chain(&codes).all(|code| !text.contains(&code[..9])), "hashed");
    }
}
