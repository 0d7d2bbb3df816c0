//! Why the history does not answer. Nothing is lost by that: everything in it is in the journal too.

use journal::JournalError;

/// Why the history does not answer.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// The journal could not be read.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The file belongs to somebody else; it is left alone.
    #[error("{file} is another program's database: give the history a file of its own")]
    Foreign {
        /// The file.
        file: String,
    },
    /// The file is damaged; it is rebuilt from the journal when the history catches up next.
    #[error(
        "the history {file} is damaged ({reason}); it will be rebuilt from the journal, ask again"
    )]
    Damaged {
        /// The file.
        file: String,
        /// What the storage said.
        reason: String,
    },
    /// Anything else that the storage said.
    #[error(
        "the history {file} failed: {reason}; it may be deleted while hikeshi is stopped, the journal has everything"
    )]
    Storage {
        /// The file.
        file: String,
        /// What the storage said.
        reason: String,
    },
}
