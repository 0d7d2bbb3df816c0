//! The file with passwords, sessions and links: SQLite, for its owner alone.

use crate::password;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::{SignedDuration, Timestamp};
use rand::RngExt;
use rusqlite::{Connection, OptionalExtension, params};
use sha2::{Digest, Sha256};
use std::{
    fs, io,
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// How long a link is good with which somebody chooses a password.
pub const LINK_GOOD_FOR: SignedDuration = SignedDuration::from_hours(24);

const TABLES: &str = "
    create table if not exists passwords (account text primary key, hash text not null) strict;
    create table if not exists sessions
        (digest blob primary key, account text not null, until integer not null,
         is_vouched integer not null default 0) strict;
    create table if not exists halves
        (digest blob primary key, account text not null, until integer not null) strict;
    create table if not exists arrivals
        (digest blob primary key, account text not null, until integer not null) strict;
    create table if not exists links
        (digest blob primary key, account text not null, until integer not null) strict;
    create table if not exists apps
        (account text primary key, secret blob not null, is_confirmed integer not null,
         last_step integer not null) strict;
    create table if not exists recovery (digest blob primary key, account text not null) strict;
    create table if not exists challenges
        (digest blob primary key, account text not null, until integer not null) strict;
    create table if not exists passkeys
        (id blob primary key, account text not null, key blob not null, counter integer not null,
         title text not null, added_at integer not null, used_at integer) strict;
";
/// What ends with a password.
const OF_PASSWORD: [&str; 4] = ["passwords", "sessions", "halves", "links"];
/// What an account has besides its password.
pub(crate) const OF_FACTORS: [&str; 4] = ["apps", "passkeys", "challenges", "recovery"];

/// Why something could not be kept or found.
#[derive(Debug, thiserror::Error)]
pub enum AccountsError {
    /// The file cannot be used.
    #[error("{0}")]
    File(#[from] io::Error),
    /// SQLite says so.
    #[error("{0}")]
    Database(#[from] rusqlite::Error),
    /// Others may read it.
    #[error("others may read it: chmod 600")]
    Open,
}

pub(crate) type Result<T> = std::result::Result<T, AccountsError>;

/// What proves who somebody is. Tokens are 256 random bits; their SHA-256 is kept, the token itself nowhere.
pub struct Accounts {
    connection: Mutex<Connection>,
}

impl Accounts {
    /// Opens the file, or makes it.
    ///
    /// # Errors
    /// It cannot be opened or made, or others may read it.
    pub fn open(file: &Path) -> Result<Self> {
        let options = fs::OpenOptions::new().create(true).append(true).mode(0o600).open(file)?;
        if options.metadata()?.permissions().mode() & 0o077 != 0 {
            return Err(AccountsError::Open);
        }
        let connection = Connection::open(file)?;
        // What is taken back is gone: its bytes are overwritten.
        connection.execute_batch("pragma secure_delete = on; pragma synchronous = full;")?;
        connection.execute_batch(TABLES)?;
        add_vouched(&connection)?;
        Ok(Self { connection: Mutex::new(connection) })
    }

    /// Keeps a password. Sessions and links of the account end. Takes a while on purpose.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn set_password(&self, account: &str, password: &str) -> Result<()> {
        let hash = password::hash(password);
        let mut connection = self.lock();
        let transaction = connection.transaction()?;
        forget(&transaction, account, &OF_PASSWORD)?;
        let insert = "insert into passwords (account, hash) values (?1, ?2)";
        transaction.execute(insert, params![account, hash])?;
        Ok(transaction.commit()?)
    }

    /// Whether the account has a password at all: whoever signs in with an account elsewhere need not.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn has_password(&self, account: &str) -> Result<bool> {
        let select = "select 1 from passwords where account = ?1";
        Ok(self.lock().query_row(select, [account], |_| Ok(())).optional()?.is_some())
    }

    /// Whether this is the account's password. Takes a while on purpose, also where there is no such account.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn is_right(&self, account: &str, password: &str) -> Result<bool> {
        let select = "select hash from passwords where account = ?1";
        let hash: Option<String> =
            self.lock().query_row(select, [account], |row| row.get(0)).optional()?;
        Ok(password.len() <= password::MOST && password::is_right(password, hash.as_deref()))
    }

    /// Makes a link with which the owner chooses a password; returns its token. Older links are void.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn link(&self, account: &str, now: Timestamp) -> Result<String> {
        self.lock().execute("delete from links where account = ?1", [account])?;
        self.keep("links", account, now, LINK_GOOD_FOR)
    }

    /// Whose link a token is; none: it is no link, was used, or is over. [`Accounts::set_password`] uses it up.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn linked(&self, token: &str, now: Timestamp) -> Result<Option<String>> {
        self.find("links", token, now)
    }

    /// The links of an account are void: it needs none any more.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn end_links(&self, account: &str) -> Result<()> {
        Ok(forget(&self.lock(), account, &["links"])?)
    }

    /// Forgets everything about an account.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn forget(&self, account: &str) -> Result<()> {
        let mut connection = self.lock();
        let transaction = connection.transaction()?;
        forget(&transaction, account, &OF_PASSWORD)?;
        forget(&transaction, account, &OF_FACTORS)?;
        Ok(transaction.commit()?)
    }

    pub(crate) fn keep(
        &self,
        table: &str,
        account: &str,
        now: Timestamp,
        length: SignedDuration,
    ) -> Result<String> {
        let token = URL_SAFE_NO_PAD.encode(rand::rng().random::<[u8; 32]>());
        let until = now.saturating_add(length).unwrap_or(Timestamp::MAX).as_second();
        let connection = self.lock();
        connection.execute(&format!("delete from {table} where until <= ?1"), [now.as_second()])?;
        let insert = format!("insert into {table} (digest, account, until) values (?1, ?2, ?3)");
        connection.execute(&insert, params![digest(&token), account, until])?;
        Ok(token)
    }

    pub(crate) fn find(&self, table: &str, token: &str, now: Timestamp) -> Result<Option<String>> {
        let select = format!("select account from {table} where digest = ?1 and until > ?2");
        let found = params![digest(token), now.as_second()];
        Ok(self.lock().query_row(&select, found, |row| row.get(0)).optional()?)
    }

    pub(crate) fn drop(&self, table: &str, token: &str) -> Result<()> {
        let delete = format!("delete from {table} where digest = ?1");
        self.lock().execute(&delete, [digest(token)])?;
        Ok(())
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Files of before had sessions of passwords and passkeys only.
fn add_vouched(connection: &Connection) -> rusqlite::Result<()> {
    let select = "select count(*) from pragma_table_info('sessions') where name = 'is_vouched'";
    let count: i64 = connection.query_row(select, [], |row| row.get(0))?;
    if count == 0 {
        let alter = "alter table sessions add column is_vouched integer not null default 0";
        connection.execute(alter, [])?;
    }
    Ok(())
}

pub(crate) fn forget(
    connection: &Connection,
    account: &str,
    tables: &[&str],
) -> rusqlite::Result<()> {
    for table in tables {
        connection.execute(&format!("delete from {table} where account = ?1"), [account])?;
    }
    Ok(())
}

/// Recovery codes are for who has lost something: with the last factor they go.
pub(crate) fn forget_idle_codes(connection: &Connection, account: &str) -> rusqlite::Result<()> {
    connection.execute(
        "delete from recovery where account = ?1
         and not exists (select 1 from apps where account = ?1 and is_confirmed = 1)
         and not exists (select 1 from passkeys where account = ?1)",
        [account],
    )?;
    Ok(())
}

pub(crate) fn digest(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{at, open};

    #[test]
    fn a_password_opens_its_account_and_no_other() {
        let (folder, accounts) = open();
        accounts.set_password("佐藤", "correct horse battery").expect("kept");
        accounts.set_password("suzuki", "another good password").expect("kept");
        let is_right =
            |account: &str, password: &str| accounts.is_right(account, password).expect("asked");
        assert!(is_right("佐藤", "correct horse battery"));
        let has_one = |account: &str| accounts.has_password(account).expect("asked");
        assert!(has_one("佐藤") && !has_one("nobody"));
        assert!(!is_right("佐藤", "correct horse batterz"));
        assert!(!is_right("佐藤", "another good password"));
        assert!(!is_right("nobody", "nobody has this password"));
        assert!(!is_right("佐藤", &"x".repeat(2000)));
        accounts.set_password("佐藤", "a new password for me").expect("kept");
        assert!(!is_right("佐藤", "correct horse battery"));
        drop(accounts);
        let bytes = fs::read(folder.path().join("accounts.db")).expect("there");
        let text = String::from_utf8_lossy(&bytes);
        assert!(text.contains("$argon2id$") && !text.contains("new password"), "hashed");
    }

    #[test]
    fn a_link_is_good_once_and_for_a_day() {
        let (_folder, accounts) = open();
        let old = accounts.link("sato", at(0)).expect("made");
        let link = accounts.link("sato", at(0)).expect("made");
        let linked = |token: &str, now| accounts.linked(token, now).expect("asked");
        assert_eq!(linked(&old, at(1)), None, "a newer one was made");
        assert_eq!(linked(&link, at(23)).as_deref(), Some("sato"));
        assert_eq!(linked(&link, at(24)), None);
        accounts.set_password("sato", "correct horse battery").expect("kept");
        assert_eq!(linked(&link, at(1)), None, "used");
    }

    #[test]
    fn nobody_else_reads_the_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("accounts.db");
        drop(Accounts::open(&file).expect("made"));
        assert_eq!(fs::metadata(&file).expect("there").permissions().mode() & 0o777, 0o600);
        fs::set_permissions(&file, PermissionsExt::from_mode(0o644)).expect("changed");
        assert!(matches!(Accounts::open(&file), Err(AccountsError::Open)));
    }
}
