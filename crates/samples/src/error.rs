//! Why a value is not kept, or a question not answered. Nobody is paged less for it: samples are not facts.

use rusqlite::{Error, ErrorCode};
use std::path::Path;

/// Why the samples do not answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SamplesError {
    /// The file is damaged; the writer sets it aside and begins a new one.
    #[error(
        "the samples {file} are damaged ({reason}); they are set aside and begun anew, ask again"
    )]
    Damaged {
        /// The file.
        file: String,
        /// What the storage said.
        reason: String,
    },
    /// The file is none of ours, or of another version.
    #[error("{file} holds no samples of this version: a start of hikeshi sets it aside")]
    Foreign {
        /// The file.
        file: String,
    },
    /// The disk is full.
    #[error(
        "no space left for the samples {file}: free some space on that disk; until then, what is measured is lost"
    )]
    Full {
        /// The file.
        file: String,
    },
    /// Anything else that the storage said.
    #[error("the samples {file} failed: {reason}; look at the disk and at who may write there")]
    Storage {
        /// The file.
        file: String,
        /// What the storage said.
        reason: String,
    },
    /// There are as many series as there may be.
    #[error(
        "values of new series are dropped: there are {limit} already; let probes read less, or raise the limit"
    )]
    TooManySeries {
        /// How many there may be.
        limit: usize,
    },
    /// The writer thread is gone.
    #[error("the writer of the samples has ended; restart hikeshi")]
    Ended,
}

/// Why a value was not taken.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum NotRecorded {
    /// It is infinite, no number, or of a size that nothing measured has.
    #[error("{0} is no measurement")]
    NotANumber(f64),
    /// The disk does not keep up. The value is counted as dropped.
    #[error("the samples' queue is full, the disk does not keep up")]
    QueueFull,
}

/// What an error of the storage means.
pub(crate) fn said(file: &Path, error: &Error) -> SamplesError {
    let (name, reason) = (file.display().to_string(), error.to_string());
    if is_damage(error) {
        SamplesError::Damaged { file: name, reason }
    } else if error.sqlite_error_code() == Some(ErrorCode::DiskFull) {
        SamplesError::Full { file: name }
    } else {
        SamplesError::Storage { file: name, reason }
    }
}

fn is_damage(error: &Error) -> bool {
    let code = error.sqlite_error_code();
    matches!(code, Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase))
        || matches!(
            error,
            Error::FromSqlConversionFailure(..)
                | Error::InvalidColumnType(..)
                | Error::QueryReturnedNoRows
        )
}
