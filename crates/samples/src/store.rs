//! The file: opened, made, and set aside when it is damaged or none of ours. hikeshi must not fail to start for it.

use crate::{
    error::{SamplesError, said},
    series::Series,
    tables,
};
use rusqlite::{Connection, OpenFlags};
use std::{
    collections::HashMap,
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

/// The file's name in its folder.
pub(crate) const FILE: &str = "samples.db";
/// "hiks": how the file says what it is.
const APPLICATION: i64 = 0x6869_6b73;
/// Statements that are kept prepared: all of `tables`, for each source.
const STATEMENTS: usize = 64;
/// So many files set aside are kept; then the last of them is replaced.
const ASIDE: u32 = 9;
/// How long another process may hold the file.
const BUSY: Duration = Duration::from_secs(5);

/// The writer's side of the file.
#[derive(Debug)]
pub(crate) struct Store {
    pub connection: Connection,
    /// The number of every series.
    pub ids: HashMap<Series, i64>,
}

impl Store {
    /// Learns the series from the file again, after some were taken out of it or a batch was rolled back.
    pub(crate) fn relearn(&mut self) -> rusqlite::Result<()> {
        self.ids = tables::all_ids(&self.connection)?.into_iter().collect();
        Ok(())
    }
}

/// Opens the file for writing, or makes it. One that cannot be read is set aside first.
///
/// # Errors
/// The disk or the folder does not allow it.
pub(crate) fn open(file: &Path) -> Result<Store, SamplesError> {
    match attempt(file) {
        Err(error @ (SamplesError::Damaged { .. } | SamplesError::Foreign { .. })) => {
            set_aside(file, &error)?;
            attempt(file)
        }
        outcome => outcome,
    }
}

/// Opens an existing file for reading.
///
/// # Errors
/// It is not there, damaged, or none of ours.
pub(crate) fn open_to_read(file: &Path) -> Result<Connection, SamplesError> {
    read_only(file, file)
}

/// The same for one that nobody writes now: reading leaves no trace beside it. With a writer it is as above.
///
/// # Errors
/// It is not there, damaged, or none of ours.
pub(crate) fn open_at_rest(file: &Path) -> Result<Connection, SamplesError> {
    if beside(file, "-wal").exists() {
        return open_to_read(file);
    }
    let path = file.to_string_lossy();
    let escaped = path.replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    read_only(file, Path::new(&format!("file:{escaped}?immutable=1")))
}

fn read_only(file: &Path, name: &Path) -> Result<Connection, SamplesError> {
    let failed = |error| said(file, &error);
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_URI;
    let connection = Connection::open_with_flags(name, flags).map_err(failed)?;
    connection.busy_timeout(BUSY).map_err(failed)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    if is_empty(&connection, file)? {
        return Err(SamplesError::Foreign { file: file.display().to_string() });
    }
    Ok(connection)
}

/// Gives the file another name, and what SQLite keeps beside it too: a new file must not meet an old log.
/// Nobody may have it open.
///
/// # Errors
/// The folder does not allow it.
pub(crate) fn set_aside(file: &Path, why: &SamplesError) -> Result<(), SamplesError> {
    let aside = (1..=ASIDE)
        .map(|number| beside(file, &format!(".damaged-{number}")))
        .find(|aside| !aside.exists())
        .unwrap_or_else(|| beside(file, &format!(".damaged-{ASIDE}")));
    tracing::warn!("{why}; the file is kept as {}, samples begin anew", aside.display());
    for (from, to) in
        [(file.to_owned(), aside.clone()), (beside(file, "-wal"), beside(&aside, "-wal"))]
    {
        missing_is_fine(fs::rename(&from, &to)).map_err(|error| cannot(&from, &error))?;
    }
    let shared = beside(file, "-shm");
    missing_is_fine(fs::remove_file(&shared)).map_err(|error| cannot(&shared, &error))
}

fn attempt(file: &Path) -> Result<Store, SamplesError> {
    let failed = |error| said(file, &error);
    let connection = Connection::open(file).map_err(failed)?;
    connection.busy_timeout(BUSY).map_err(failed)?;
    if is_empty(&connection, file)? {
        make(&connection).map_err(failed)?;
    }
    prepare(&connection).map_err(failed)?;
    let ids = tables::all_ids(&connection).map_err(failed)?.into_iter().collect();
    Ok(Store { connection, ids })
}

/// Whether there is nothing in the file yet; what is there must be ours.
fn is_empty(connection: &Connection, file: &Path) -> Result<bool, SamplesError> {
    let failed = |error| said(file, &error);
    let value = |pragma| tables::pragma(connection, pragma).map_err(failed);
    let tables: i64 = connection
        .query_row("select count(*) from sqlite_master", [], |row| row.get(0))
        .map_err(failed)?;
    match (tables, value("application_id")?, value("user_version")?) {
        (0, ..) => Ok(true),
        (_, APPLICATION, tables::LAYOUT) => Ok(false),
        _ => Err(SamplesError::Foreign { file: file.display().to_string() }),
    }
}

fn make(connection: &Connection) -> rusqlite::Result<()> {
    // Only an empty file can be told to give pages back.
    connection.pragma_update(None, "auto_vacuum", "incremental")?;
    connection.execute_batch(&format!(
        "begin; {} pragma application_id = {APPLICATION}; pragma user_version = {}; commit;",
        tables::TABLES,
        tables::LAYOUT
    ))
}

fn prepare(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update(None, "journal_mode", "wal")?;
    // A power cut may take the last seconds, and nothing before them.
    connection.pragma_update(None, "synchronous", "normal")?;
    // Pages of 4 KiB: a commit of many series touches one of each.
    connection.pragma_update(None, "wal_autocheckpoint", 4096)?;
    connection.pragma_update(None, "journal_size_limit", 16 << 20)?;
    connection.pragma_update(None, "cache_size", -(16 << 10))?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(())
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

fn cannot(file: &Path, error: &io::Error) -> SamplesError {
    SamplesError::Storage { file: file.display().to_string(), reason: error.to_string() }
}
