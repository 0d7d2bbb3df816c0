//! What can go wrong while the platform is started, stopped or set on fire.

use std::path::PathBuf;

/// How to get PostgreSQL where it is missing.
pub const POSTGRES_HINT: &str = "apt-get install postgresql";

/// Why the platform could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The system has no PostgreSQL server; everything that needs none can still be played.
    #[error(
        "PostgreSQL is not installed: no initdb and postgres in /usr/lib/postgresql/*/bin or PATH \
         (hint: {POSTGRES_HINT})"
    )]
    PostgresMissing,
    /// A file or folder of the platform could not be used.
    #[error("cannot {action} {}: {source}", path.display())]
    File {
        /// What was tried, as a verb ("write").
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A process of the platform could not be started.
    #[error("cannot start {name}: {reason}")]
    Start {
        /// The process, for example `api-2`.
        name: String,
        /// What it or the system said.
        reason: String,
    },
    /// A process could not be reached or ended.
    #[error("{name}: {reason}")]
    Process {
        /// The process, for example `api-2`.
        name: String,
        /// What is wrong and what to do.
        reason: String,
    },
    /// The private PostgreSQL cluster could not be prepared.
    #[error("PostgreSQL: {0}")]
    Database(String),
    /// The text names no fault that this platform knows.
    #[error("{0}")]
    UnknownFault(String),
    /// The process asks for a port that is taken or not allowed.
    #[error("cannot listen on 127.0.0.1:{port}: {source} (hint: choose another --port)")]
    Listen {
        /// The port asked for.
        port: u16,
        /// What the system said.
        source: std::io::Error,
    },
    /// No free port was found.
    #[error("no free port between {0} and {1} on 127.0.0.1")]
    NoFreePort(u16, u16),
}

impl DemoError {
    /// Turns an I/O error into one that says what was tried with which file.
    pub fn file(
        action: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(std::io::Error) -> DemoError {
        let path = path.into();
        move |source| DemoError::File { action, path, source }
    }
}

impl From<tokio_postgres::Error> for DemoError {
    fn from(error: tokio_postgres::Error) -> DemoError {
        DemoError::Database(explain(&error))
    }
}

/// The part of a database error a reader can use: the server's message, else the cause.
pub fn explain(error: &tokio_postgres::Error) -> String {
    use std::error::Error;
    if let Some(refusal) = error.as_db_error() {
        return format!("{} ({})", refusal.message(), refusal.code().code());
    }
    match error.source() {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}
