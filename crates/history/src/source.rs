//! Where facts come from: anything that reads like a journal.

use journal::{Entry, Journal, JournalError, MemoryJournal, Position, SqliteJournal, SqliteReader};

/// Facts in their order, from any position.
pub trait Facts {
    /// Up to about `limit` facts from a position on.
    ///
    /// # Errors
    /// A failure of the storage, or a fact that cannot be read.
    fn read(&self, from: Position, limit: usize) -> Result<Vec<Entry>, JournalError>;
}

impl Facts for SqliteReader {
    fn read(&self, from: Position, limit: usize) -> Result<Vec<Entry>, JournalError> {
        SqliteReader::read(self, from, limit)
    }
}

impl Facts for SqliteJournal {
    fn read(&self, from: Position, limit: usize) -> Result<Vec<Entry>, JournalError> {
        Journal::read(self, from, limit)
    }
}

impl Facts for MemoryJournal {
    fn read(&self, from: Position, limit: usize) -> Result<Vec<Entry>, JournalError> {
        Journal::read(self, from, limit)
    }
}
