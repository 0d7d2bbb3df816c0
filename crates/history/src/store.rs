//! The file of the read model: opened, made, and made anew when its layout is another one or it is damaged.

use crate::{error::HistoryError, tables};
use rusqlite::{Connection, Error, ErrorCode};
use std::{
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

/// "hikh": how the file says what it is.
const APPLICATION: i64 = 0x6869_6b68;
/// Statements that are kept prepared: all of `tables`.
const STATEMENTS: usize = 64;

/// What a file turned out to be.
enum Found {
    /// Nothing yet.
    Empty,
    /// A history of this layout.
    Ours,
    /// A history of another layout.
    Outdated,
}

/// Opens the file, or makes it; one of another layout, or damaged, is made anew.
///
/// # Errors
/// It cannot be opened, or belongs to another program.
pub(crate) fn open(file: &Path) -> Result<Connection, HistoryError> {
    match attempt(file) {
        Err(HistoryError::Damaged { .. }) => {
            set_aside(file)?;
            attempt(file)
        }
        outcome => outcome,
    }
}

fn attempt(file: &Path) -> Result<Connection, HistoryError> {
    let failed = |error| said(file, &error);
    let connection = Connection::open(file).map_err(failed)?;
    match look(&connection, file)? {
        Found::Ours => {}
        Found::Empty => make(&connection).map_err(failed)?,
        Found::Outdated => {
            drop(connection);
            remove(file)?;
            let connection = Connection::open(file).map_err(failed)?;
            make(&connection).map_err(failed)?;
            return ready(connection).map_err(failed);
        }
    }
    ready(connection).map_err(failed)
}

fn look(connection: &Connection, file: &Path) -> Result<Found, HistoryError> {
    let failed = |error| said(file, &error);
    let tables = tables::count(connection, "select count(*) from sqlite_master").map_err(failed)?;
    let value = |pragma: &str| {
        connection.pragma_query_value(None, pragma, |row| row.get::<_, i64>(0)).map_err(failed)
    };
    match (tables, value("application_id")?, value("user_version")?) {
        (0, ..) => Ok(Found::Empty),
        (_, APPLICATION, tables::LAYOUT) => Ok(Found::Ours),
        (_, APPLICATION, _) => Ok(Found::Outdated),
        _ => Err(HistoryError::Foreign { file: file.display().to_string() }),
    }
}

fn make(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(&format!(
        "begin; {} pragma application_id = {APPLICATION}; pragma user_version = {}; commit;",
        tables::TABLES,
        tables::LAYOUT
    ))
}

fn ready(connection: Connection) -> rusqlite::Result<Connection> {
    connection.busy_timeout(Duration::from_secs(5))?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    // What a power cut takes away is folded again from the journal.
    connection.pragma_update(None, "synchronous", "normal")?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    tables::next(&connection)?;
    Ok(connection)
}

/// Removes the file and what SQLite keeps beside it.
///
/// # Errors
/// The folder does not allow it.
pub(crate) fn remove(file: &Path) -> Result<(), HistoryError> {
    for path in [file.to_owned(), beside(file, "-wal"), beside(file, "-shm")] {
        missing_is_fine(fs::remove_file(&path)).map_err(|error| cannot(&path, &error))?;
    }
    Ok(())
}

/// A damaged file is kept under another name: who knows what it was.
fn set_aside(file: &Path) -> Result<(), HistoryError> {
    missing_is_fine(fs::rename(file, beside(file, ".damaged")))
        .map_err(|error| cannot(file, &error))?;
    remove(file)
}

fn beside(file: &Path, ending: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

fn missing_is_fine(outcome: io::Result<()>) -> io::Result<()> {
    match outcome {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        outcome => outcome,
    }
}

fn cannot(file: &Path, error: &io::Error) -> HistoryError {
    HistoryError::Storage { file: file.display().to_string(), reason: error.to_string() }
}

/// What an error of the storage means.
pub(crate) fn said(file: &Path, error: &Error) -> HistoryError {
    let (name, reason) = (file.display().to_string(), error.to_string());
    let damaged = matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)
    ) || matches!(
        error,
        Error::FromSqlConversionFailure(..)
            | Error::InvalidColumnType(..)
            | Error::QueryReturnedNoRows
    );
    if damaged {
        HistoryError::Damaged { file: name, reason }
    } else {
        HistoryError::Storage { file: name, reason }
    }
}
