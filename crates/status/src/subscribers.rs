//! The file of those who want mails: `subscribers.db`, for its owner alone. Addresses are personal: they stand here and in
//! the mails to them, and nowhere else, neither in the journal nor in a log. Whoever unsubscribes is gone from it.
//!
//! It is the ledger of their mails, too: each mail is owed once to each subscriber, and settled once. A crash between
//! sending and settling sends it again with the same `Message-ID`, as notices do.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::said::Language;
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

/// How long the link is good with which somebody confirms.
pub const CONFIRM_WITHIN: SignedDuration = SignedDuration::from_hours(24);
/// One address is asked no more often than this, whoever writes it into the form.
const ASKED_EVERY: SignedDuration = SignedDuration::from_hours(1);
/// Addresses that wait for their owner.
const MOST_ASKED: i64 = 2_000;
/// Subscribers.
const MOST: i64 = 50_000;
/// A mail that could not be sent for so long is news no more.
const GIVEN_UP_AFTER: SignedDuration = SignedDuration::from_hours(6);
/// The wait after the first failure; it doubles.
const FIRST_WAIT: SignedDuration = SignedDuration::from_secs(10);
/// The longest wait.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_mins(10);
/// An attempt of which nothing was heard for so long is made again.
const LOST_AFTER: SignedDuration = SignedDuration::from_mins(2);

const TABLES: &str = "
    create table if not exists asked
        (address text primary key, digest blob not null, language text not null, at integer not null) strict;
    create table if not exists subscribers
        (id integer primary key, address text not null unique, token text not null unique,
         language text not null, since integer not null) strict;
    create table if not exists mails
        (subscriber integer not null, entry text not null, owed_at integer not null, tries integer not null,
         next_at integer, primary key (subscriber, entry)) strict, without rowid;
    create index if not exists mails_due on mails (next_at) where next_at is not null;
";

/// Why the file could not be used.
#[derive(Debug, thiserror::Error)]
pub enum SubscribersError {
    /// The file cannot be opened.
    #[error("{0}")]
    File(#[from] io::Error),
    /// SQLite says so.
    #[error("{0}")]
    Database(#[from] rusqlite::Error),
    /// Others may read it.
    #[error("others may read it: chmod 600")]
    Open,
}

type Result<T> = std::result::Result<T, SubscribersError>;

/// Who wants mails, and what they have had.
pub struct Subscribers {
    connection: Mutex<Connection>,
}

/// A mail that is owed.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Due {
    subscriber: i64,
    /// What it tells of.
    pub(crate) entry: String,
    /// Whose it is.
    pub(crate) address: String,
    /// What ends the subscription.
    pub(crate) token: String,
    pub(crate) language: Language,
    owed_at: Timestamp,
    tries: u32,
}

/// How an attempt went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sent {
    /// It was taken.
    Yes,
    /// It may be taken later.
    Later,
    /// It never will.
    Never,
}

impl Subscribers {
    /// Opens the file, or makes it.
    ///
    /// # Errors
    /// It cannot be opened or made, or others may read it.
    pub fn open(file: &Path) -> Result<Self> {
        let options = fs::OpenOptions::new().create(true).append(true).mode(0o600).open(file)?;
        if options.metadata()?.permissions().mode() & 0o077 != 0 {
            return Err(SubscribersError::Open);
        }
        let connection = Connection::open(file)?;
        // Who has unsubscribed is gone: the bytes are overwritten.
        connection.execute_batch("pragma secure_delete = on; pragma synchronous = full;")?;
        connection.execute_batch(TABLES)?;
        Ok(Self { connection: Mutex::new(connection) })
    }

    /// Somebody has written an address into the form. Returns the token of the link that its owner confirms with; none: the
    /// owner has it already, was asked lately, or there are too many.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn ask(&self, address: &str, language: Language, now: Timestamp) -> Result<Option<String>> {
        let db = self.lock();
        let over = second(now, -CONFIRM_WITHIN);
        db.execute("delete from asked where at <= ?1", [over])?;
        let count = |select: &str| db.query_row(select, [], |row| row.get::<_, i64>(0));
        let is_known = "select exists (select 1 from subscribers where address = ?1)
                        or exists (select 1 from asked where address = ?1 and at > ?2)";
        let lately = second(now, -ASKED_EVERY);
        let is_known: bool = db.query_row(is_known, params![address, lately], |row| row.get(0))?;
        let is_full = count("select count(*) from asked")? >= MOST_ASKED
            || count("select count(*) from subscribers")? >= MOST;
        if is_known || is_full {
            return Ok(None);
        }
        let token = token();
        db.execute(
            "insert or replace into asked (address, digest, language, at) values (?1, ?2, ?3, ?4)",
            params![address, digest(&token), code(language), now.as_second()],
        )?;
        Ok(Some(token))
    }

    /// Whether the link of a token can be confirmed.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn is_asked(&self, token: &str, now: Timestamp) -> Result<bool> {
        let select = "select exists (select 1 from asked where digest = ?1 and at > ?2)";
        let over = second(now, -CONFIRM_WITHIN);
        Ok(self.lock().query_row(select, params![digest(token), over], |row| row.get(0))?)
    }

    /// The owner confirms; once. From now on mails are owed to the address. Says whether the token was one.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn confirm(&self, token: &str, now: Timestamp) -> Result<bool> {
        let mut db = self.lock();
        let transaction = db.transaction()?;
        let select = "select address, language from asked where digest = ?1 and at > ?2";
        let over = second(now, -CONFIRM_WITHIN);
        let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?));
        let found: Option<(String, String)> =
            transaction.query_row(select, params![digest(token), over], read).optional()?;
        let Some((address, language)) = found else { return Ok(false) };
        transaction.execute("delete from asked where address = ?1", [&address])?;
        transaction.execute(
            "insert or ignore into subscribers (address, token, language, since)
             values (?1, ?2, ?3, ?4)",
            params![address, self::token(), language, now.as_second()],
        )?;
        transaction.commit()?;
        Ok(true)
    }

    /// Whoever holds the token wants no more mails, and is forgotten. Says whether somebody was.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn unsubscribe(&self, token: &str) -> Result<bool> {
        let mut db = self.lock();
        let transaction = db.transaction()?;
        let mails =
            "delete from mails where subscriber in (select id from subscribers where token = ?1)";
        transaction.execute(mails, [token])?;
        let gone = transaction.execute("delete from subscribers where token = ?1", [token])?;
        transaction.commit()?;
        Ok(gone > 0)
    }

    /// How many there are.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn count(&self) -> Result<u64> {
        Ok(self.lock().query_row("select count(*) from subscribers", [], |row| row.get(0))?)
    }

    /// Something was said: whoever had subscribed by then is owed a mail, once. What they were owed before stays as it is.
    pub(crate) fn owe(&self, entry: &str, at: Timestamp, now: Timestamp) -> Result<()> {
        self.lock().execute(
            "insert or ignore into mails (subscriber, entry, owed_at, tries, next_at)
             select id, ?1, ?2, 0, ?2 from subscribers where since <= ?3",
            params![entry, now.as_second(), at.as_second()],
        )?;
        Ok(())
    }

    /// Mails to send now. Each counts as tried from here on: if nothing is heard of it, it is due again later.
    pub(crate) fn take(&self, now: Timestamp, most: usize) -> Result<Vec<Due>> {
        let mut db = self.lock();
        let transaction = db.transaction()?;
        let mut due = Vec::new();
        {
            let mut select = transaction.prepare_cached(
                "select subscriber, entry, address, token, language, owed_at, tries
                 from mails join subscribers on subscribers.id = subscriber
                 where next_at <= ?1 order by next_at limit ?2",
            )?;
            let most = i64::try_from(most).unwrap_or(i64::MAX);
            let mut rows = select.query(params![now.as_second(), most])?;
            while let Some(row) = rows.next()? {
                let language: String = row.get(4)?;
                due.push(Due {
                    subscriber: row.get(0)?,
                    entry: row.get(1)?,
                    address: row.get(2)?,
                    token: row.get(3)?,
                    language: Language::from_code(&language).unwrap_or_default(),
                    owed_at: Timestamp::from_second(row.get(5)?).unwrap_or(now),
                    tries: row.get(6)?,
                });
            }
        }
        for one in &due {
            transaction.execute(
                "update mails set tries = tries + 1, next_at = ?3 where subscriber = ?1 and entry = ?2",
                params![one.subscriber, one.entry, second(now, LOST_AFTER)],
            )?;
        }
        transaction.commit()?;
        Ok(due)
    }

    /// How an attempt went. What was taken, or never will be, is owed no more.
    pub(crate) fn settle(&self, due: &Due, sent: Sent, now: Timestamp) -> Result<()> {
        let next = match sent {
            Sent::Yes | Sent::Never => None,
            Sent::Later if now.duration_since(due.owed_at) >= GIVEN_UP_AFTER => None,
            Sent::Later => {
                let wait = FIRST_WAIT.checked_mul(1 << due.tries.min(8)).unwrap_or(LONGEST_WAIT);
                Some(second(now, wait.min(LONGEST_WAIT)))
            }
        };
        self.lock().execute(
            "update mails set next_at = ?3 where subscriber = ?1 and entry = ?2",
            params![due.subscriber, due.entry, next],
        )?;
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn second(now: Timestamp, more: SignedDuration) -> i64 {
    now.saturating_add(more).unwrap_or(now).as_second()
}

fn code(language: Language) -> &'static str {
    language.pick("ja", "en")
}

/// 256 random bits.
fn token() -> String {
    URL_SAFE_NO_PAD.encode(rand::rng().random::<[u8; 32]>())
}

fn digest(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + seconds).expect("a time")
    }

    fn open() -> (tempfile::TempDir, Subscribers) {
        let folder = tempfile::tempdir().expect("a folder");
        let subscribers = Subscribers::open(&folder.path().join("subscribers.db")).expect("made");
        (folder, subscribers)
    }

    fn subscribed(all: &Subscribers, address: &str, now: Timestamp) {
        let token = all.ask(address, Language::Ja, now).expect("asked").expect("a token");
        assert!(all.confirm(&token, now).expect("confirmed"));
    }

    #[test]
    fn only_the_owner_subscribes_once_and_within_a_day() {
        let (_folder, all) = open();
        let token = all.ask("a@example.jp", Language::Ja, at(0)).expect("asked").expect("a token");
        assert_eq!(all.ask("a@example.jp", Language::Ja, at(60)).expect("asked"), None, "lately");
        assert!(!all.confirm("another", at(1)).expect("asked"));
        assert_eq!(all.count().expect("counted"), 0);
        assert!(all.is_asked(&token, at(86_399)).expect("asked"));
        assert!(!all.is_asked(&token, at(86_400)).expect("asked"), "a day is over");
        assert!(all.confirm(&token, at(10)).expect("confirmed"));
        assert!(!all.confirm(&token, at(11)).expect("asked"), "once");
        assert_eq!(all.count().expect("counted"), 1);
        assert_eq!(all.ask("a@example.jp", Language::Ja, at(9000)).expect("asked"), None, "known");
    }

    #[test]
    fn a_mail_is_owed_once_and_sent_again_only_if_nothing_was_heard_of_it() {
        let (folder, all) = open();
        subscribed(&all, "a@example.jp", at(0));
        all.owe("e", at(-5), at(5)).expect("owed");
        assert!(all.take(at(5), 10).expect("taken").is_empty(), "said before they subscribed");
        all.owe("f", at(10), at(10)).expect("owed");
        all.owe("f", at(10), at(10)).expect("owed");
        let due = all.take(at(10), 10).expect("taken");
        assert_eq!(due.len(), 1);
        assert!(all.take(at(11), 10).expect("taken").is_empty(), "it is under way");
        drop(all);
        let all = Subscribers::open(&folder.path().join("subscribers.db")).expect("opened");
        all.owe("f", at(10), at(200)).expect("owed");
        let again = all.take(at(200), 10).expect("taken");
        assert_eq!((again.len(), again[0].tries), (1, 1), "nobody said how it went");
        all.settle(&again[0], Sent::Later, at(200)).expect("settled");
        assert!(all.take(at(210), 10).expect("taken").is_empty());
        let last = all.take(at(220), 10).expect("taken");
        all.settle(&last[0], Sent::Yes, at(221)).expect("settled");
        all.owe("f", at(10), at(222)).expect("owed");
        assert!(all.take(at(90_000), 10).expect("taken").is_empty(), "they have it");
    }

    #[test]
    fn what_cannot_be_sent_is_given_up_at_last() {
        let (_folder, all) = open();
        subscribed(&all, "a@example.jp", at(0));
        all.owe("e", at(1), at(1)).expect("owed");
        let (mut now, mut tries) = (1, 0);
        while let [due] = all.take(at(now), 10).expect("taken").as_slice() {
            all.settle(due, Sent::Later, at(now)).expect("settled");
            (now, tries) = (now + 600, tries + 1);
        }
        assert!((30..=40).contains(&tries), "{tries} tries in six hours");
    }

    #[test]
    fn who_unsubscribes_is_gone_from_the_file() {
        let (folder, all) = open();
        subscribed(&all, "hanako-tanaka@example.jp", at(0));
        all.owe("e", at(1), at(1)).expect("owed");
        let token = all.take(at(1), 1).expect("taken")[0].token.clone();
        assert!(all.unsubscribe(&token).expect("asked"));
        assert!(!all.unsubscribe(&token).expect("asked"));
        assert!(all.take(at(9000), 10).expect("taken").is_empty());
        drop(all);
        let bytes = fs::read(folder.path().join("subscribers.db")).expect("there");
        assert!(!String::from_utf8_lossy(&bytes).contains("hanako-tanaka"));
    }

    #[test]
    fn nobody_else_reads_the_file() {
        let (folder, all) = open();
        drop(all);
        let file = folder.path().join("subscribers.db");
        assert_eq!(fs::metadata(&file).expect("there").permissions().mode() & 0o777, 0o600);
        fs::set_permissions(&file, PermissionsExt::from_mode(0o644)).expect("changed");
        assert!(matches!(Subscribers::open(&file), Err(SubscribersError::Open)));
    }
}
