//! Facts made durable in one total order: append with the expected position, read from any position.
//!
//! The contract, which `tests/conformance.rs` runs against every back end:
//! - `append` returns only after the facts survive a power cut, and either all of a frame is there or nothing of it;
//! - it refuses when the log does not end where the caller expects it to: that is the only safety that several
//!   writers need;
//! - positions count facts from 0 without gaps; what was read once reads the same for ever.

pub mod memory;
mod snapshot_file;
pub mod sqlite;

pub use memory::MemoryJournal;
pub use sqlite::{SqliteJournal, SqliteReader};

use domain::fact::Recorded;
use std::io;

/// Where a fact stands: how many facts came before it.
pub type Position = u64;

/// A fact with its position.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Its position.
    pub position: Position,
    /// The fact and when it happened.
    pub recorded: Recorded,
}

/// Why the journal did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// Another writer was faster, or this one lost count.
    #[error(
        "the journal ends at {actual}, not at {expected}: another writer has appended; fold the state afresh"
    )]
    Conflict {
        /// What the caller expected.
        expected: Position,
        /// Where it ends.
        actual: Position,
    },
    /// The disk is full.
    #[error(
        "no space left for the journal {file}: free some space on that disk; nothing acknowledged is lost"
    )]
    Full {
        /// The file.
        file: String,
    },
    /// The file was written by another version, or is no journal.
    #[error(
        "{file} is not a journal that this version reads ({found}): use the version that wrote it, or another folder"
    )]
    Foreign {
        /// The file.
        file: String,
        /// What was found.
        found: String,
    },
    /// What was written cannot be read.
    #[error(
        "{file}: the frame at position {position} cannot be read: {reason}; restore the file from a backup"
    )]
    Damaged {
        /// The file.
        file: String,
        /// The position.
        position: Position,
        /// Why.
        reason: String,
    },
    /// Anything else that the storage said.
    #[error("the journal {file} failed: {reason}")]
    Storage {
        /// The file.
        file: String,
        /// What the storage said.
        reason: String,
    },
}

/// A durable log of facts.
pub trait Journal: Send {
    /// Appends the facts of one commit; returns the new end after they are durable.
    ///
    /// # Errors
    /// A conflict when the journal does not end at `expected`, or a failure of the storage; nothing is written then.
    fn append(&mut self, expected: Position, facts: &[Recorded]) -> Result<Position, JournalError>;

    /// Up to about `limit` facts from a position on, in order (whole frames, so it may be some more).
    ///
    /// # Errors
    /// A failure of the storage, or a frame that cannot be read.
    fn read(&self, from: Position, limit: usize) -> Result<Vec<Entry>, JournalError>;

    /// The position that the next fact gets.
    fn end(&self) -> Position;

    /// Keeps a snapshot of the state as of `at`, as `write` writes it; it only makes a start faster.
    ///
    /// # Errors
    /// A failure of the storage.
    fn save_snapshot(
        &mut self,
        at: Position,
        write: &mut dyn FnMut(&mut dyn io::Write) -> io::Result<()>,
    ) -> Result<(), JournalError>;

    /// The newest snapshot.
    ///
    /// # Errors
    /// A failure of the storage.
    fn load_snapshot(&self) -> Result<Option<(Position, Vec<u8>)>, JournalError>;
}
