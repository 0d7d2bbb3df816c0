//! The embedded default: one SQLite file, write-ahead log, every commit on the disk before it counts.
//!
//! A row is a frame: all facts of one commit as one JSON array, under the position of the first. Rows are what a
//! commit costs, bytes are cheap. Readable with the shell: `sqlite3 journal.db 'select facts from frames'`.

use crate::{Entry, Journal, JournalError, Position, snapshot_file};
use domain::fact::Recorded;
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension, TransactionBehavior, params};
use std::{
    hash::{DefaultHasher, Hash, Hasher},
    io,
    path::{Path, PathBuf},
    time::Duration,
};

/// "hike": how the file says what it is.
const APPLICATION: i64 = 0x6869_6b65;
/// The layout of the tables below. Facts have no version: every kind ever written stays readable.
const LAYOUT: i64 = 1;

/// The writer. There is one per file.
#[derive(Debug)]
pub struct SqliteJournal {
    connection: Connection,
    file: PathBuf,
    end: Position,
}

/// A second pair of eyes on the same file, for read models; it never stands in the writer's way.
#[derive(Debug)]
pub struct SqliteReader {
    connection: Connection,
    file: PathBuf,
}

impl SqliteJournal {
    /// Opens a journal, or makes an empty one.
    ///
    /// # Errors
    /// The file cannot be opened, is no journal, or was written by another version.
    pub fn open(file: &Path) -> Result<Self, JournalError> {
        let failed = |error| storage(file, &error);
        let connection = Connection::open(file).map_err(failed)?;
        connection.busy_timeout(Duration::from_secs(5)).map_err(failed)?;
        check_origin(&connection, file)?;
        connection.pragma_update(None, "journal_mode", "wal").map_err(failed)?;
        connection.pragma_update(None, "synchronous", "full").map_err(failed)?;
        // Keep the log file short, so that a start has little to recover.
        connection.pragma_update(None, "wal_autocheckpoint", 1000).map_err(failed)?;
        connection
            .execute_batch(&format!(
                "create table if not exists frames (first integer primary key, count integer not null, facts text not null);
                 pragma application_id = {APPLICATION}; pragma user_version = {LAYOUT};"
            ))
            .map_err(failed)?;
        let end = end_of(&connection).map_err(failed)?;
        Ok(Self { connection, file: file.to_owned(), end })
    }

    /// A reader of the same file.
    ///
    /// # Errors
    /// The file cannot be opened a second time.
    pub fn reader(&self) -> Result<SqliteReader, JournalError> {
        SqliteReader::open(&self.file)
    }
}

impl Journal for SqliteJournal {
    fn append(&mut self, expected: Position, facts: &[Recorded]) -> Result<Position, JournalError> {
        if facts.is_empty() {
            return Ok(self.end);
        }
        let json =
            serde_json::to_string(facts).map_err(|error| other(&self.file, error.to_string()))?;
        let file = self.file.clone();
        let failed = |error| storage(&file, &error);
        // IMMEDIATE: a deferred transaction that turns into a writer fails at once instead of waiting its turn.
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(failed)?;
        let actual = end_of(&transaction).map_err(failed)?;
        if actual != expected {
            return Err(JournalError::Conflict { expected, actual });
        }
        transaction
            .prepare_cached("insert into frames (first, count, facts) values (?1, ?2, ?3)")
            .and_then(|mut insert| insert.execute(params![actual, facts.len(), json]))
            .map_err(failed)?;
        transaction.commit().map_err(failed)?;
        self.end = actual + facts.len() as Position;
        Ok(self.end)
    }

    fn read(&self, from: Position, limit: usize) -> Result<Vec<Entry>, JournalError> {
        read(&self.connection, &self.file, from, limit)
    }

    fn end(&self) -> Position {
        self.end
    }

    fn save_snapshot(
        &mut self,
        at: Position,
        write: &mut dyn FnMut(&mut dyn io::Write) -> io::Result<()>,
    ) -> Result<(), JournalError> {
        let mark = self.mark(at)?;
        snapshot_file::save(&self.file, at, mark, write).map_err(|error| match error.kind() {
            io::ErrorKind::StorageFull => {
                JournalError::Full { file: self.file.display().to_string() }
            }
            _ => other(&self.file, error.to_string()),
        })
    }

    fn load_snapshot(&self) -> Result<Option<(Position, Vec<u8>)>, JournalError> {
        let found = snapshot_file::load(&self.file);
        let found = found.map_err(|error| other(&self.file, error.to_string()))?;
        match found {
            // Only a snapshot of this very journal counts: a file that was restored from a backup may be another.
            Some((at, mark, state)) if at <= self.end && self.mark(at)? == mark => {
                Ok(Some((at, state)))
            }
            _ => Ok(None),
        }
    }
}

impl SqliteJournal {
    /// What distinguishes the journal up to a position from others of the same length: its last frame.
    fn mark(&self, at: Position) -> Result<u64, JournalError> {
        let last: Option<(Position, String)> = self
            .connection
            .prepare_cached(
                "select first, facts from frames where first < ?1 order by first desc limit 1",
            )
            .and_then(|mut select| {
                select.query_row([at], |row| Ok((row.get(0)?, row.get(1)?))).optional()
            })
            .map_err(|error| storage(&self.file, &error))?;
        let mut hasher = DefaultHasher::new();
        last.hash(&mut hasher);
        Ok(hasher.finish())
    }
}

impl SqliteReader {
    /// Opens an existing journal for reading.
    ///
    /// # Errors
    /// The file is not there, or is no journal of this version.
    pub fn open(file: &Path) -> Result<Self, JournalError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection =
            Connection::open_with_flags(file, flags).map_err(|error| storage(file, &error))?;
        connection.busy_timeout(Duration::from_secs(5)).map_err(|error| storage(file, &error))?;
        check_origin(&connection, file)?;
        Ok(Self { connection, file: file.to_owned() })
    }

    /// Like [`Journal::read`].
    ///
    /// # Errors
    /// A failure of the storage, or a frame that cannot be read.
    pub fn read(&self, from: Position, limit: usize) -> Result<Vec<Entry>, JournalError> {
        read(&self.connection, &self.file, from, limit)
    }

    /// Reads everything and checks that nothing is damaged or missing; returns how many facts there are.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn verify(&self) -> Result<Position, JournalError> {
        let failed = |error| storage(&self.file, &error);
        let said: String = self
            .connection
            .query_row("pragma integrity_check(1)", [], |row| row.get(0))
            .map_err(failed)?;
        if said != "ok" {
            return Err(other(&self.file, said));
        }
        let mut position = 0;
        loop {
            let entries = self.read(position, 10_000)?;
            let Some(last) = entries.last() else { return Ok(position) };
            position = last.position + 1;
        }
    }
}

fn check_origin(connection: &Connection, file: &Path) -> Result<(), JournalError> {
    let value = |pragma: &str| {
        connection
            .pragma_query_value(None, pragma, |row| row.get::<_, i64>(0))
            .map_err(|error| storage(file, &error))
    };
    let tables: i64 = connection
        .query_row("select count(*) from sqlite_master", [], |row| row.get(0))
        .map_err(|error| storage(file, &error))?;
    let (application, layout) = (value("application_id")?, value("user_version")?);
    if tables == 0 || (application == APPLICATION && layout == LAYOUT) {
        return Ok(());
    }
    let found = if application == APPLICATION {
        format!("layout {layout}, this version reads {LAYOUT}")
    } else {
        "another program's database".to_owned()
    };
    Err(JournalError::Foreign { file: file.display().to_string(), found })
}

fn end_of(connection: &Connection) -> rusqlite::Result<Position> {
    let last = connection
        .prepare_cached("select first + count from frames order by first desc limit 1")?
        .query_row([], |row| row.get(0))
        .optional()?;
    Ok(last.unwrap_or(0))
}

fn read(
    connection: &Connection,
    file: &Path,
    from: Position,
    limit: usize,
) -> Result<Vec<Entry>, JournalError> {
    let failed = |error| storage(file, &error);
    // The frame that contains `from` may begin before it.
    let mut select = connection
        .prepare_cached("select first, count, facts from frames where first >= coalesce((select max(first) from frames where first <= ?1), 0) order by first")
        .map_err(failed)?;
    let mut rows = select.query(params![from]).map_err(failed)?;
    let (mut entries, mut expected) = (Vec::new(), None);
    while entries.len() < limit.max(1) {
        let Some(row) = rows.next().map_err(failed)? else { break };
        let (first, count): (Position, Position) =
            (row.get(0).map_err(failed)?, row.get(1).map_err(failed)?);
        let damaged = |reason: String| JournalError::Damaged {
            file: file.display().to_string(),
            position: first,
            reason,
        };
        if expected.is_some_and(|expected| expected != first) {
            return Err(damaged("facts before it are missing".into()));
        }
        let text =
            row.get_ref(2).map_err(failed)?.as_str().map_err(|error| damaged(error.to_string()))?;
        let facts: Vec<Recorded> =
            serde_json::from_str(text).map_err(|error| damaged(error.to_string()))?;
        if facts.len() as Position != count {
            return Err(damaged(format!("{} facts instead of {count}", facts.len())));
        }
        expected = Some(first + count);
        let numbered = (first..).zip(facts).filter(|(position, _)| *position >= from);
        entries.extend(numbered.map(|(position, recorded)| Entry { position, recorded }));
    }
    Ok(entries)
}

fn storage(file: &Path, error: &rusqlite::Error) -> JournalError {
    let name = file.display().to_string();
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => JournalError::Full { file: name },
        Some(ErrorCode::NotADatabase) => {
            JournalError::Foreign { file: name, found: "not a database".into() }
        }
        _ => other(file, error.to_string()),
    }
}

fn other(file: &Path, reason: String) -> JournalError {
    JournalError::Storage { file: file.display().to_string(), reason }
}
