//! A journal in memory, for stories, simulation and tests; it can be told to fail.

use crate::{Entry, Journal, JournalError, Position};
use domain::fact::Recorded;
use std::io;

/// Facts in a vector.
#[derive(Clone, Debug, Default)]
pub struct MemoryJournal {
    facts: Vec<Recorded>,
    snapshot: Option<(Position, Vec<u8>)>,
    /// While this is set every append fails as if the disk were full.
    pub is_full: bool,
}

impl Journal for MemoryJournal {
    fn append(&mut self, expected: Position, facts: &[Recorded]) -> Result<Position, JournalError> {
        if self.is_full {
            return Err(JournalError::Full { file: "memory".into() });
        }
        if expected != self.end() {
            return Err(JournalError::Conflict { expected, actual: self.end() });
        }
        self.facts.extend_from_slice(facts);
        Ok(self.end())
    }

    fn read(&self, from: Position, limit: usize) -> Result<Vec<Entry>, JournalError> {
        let facts = self.facts.iter().zip(0..).skip(usize::try_from(from).unwrap_or(usize::MAX));
        Ok(facts
            .take(limit)
            .map(|(recorded, position)| Entry { position, recorded: recorded.clone() })
            .collect())
    }

    fn end(&self) -> Position {
        self.facts.len() as Position
    }

    fn save_snapshot(
        &mut self,
        at: Position,
        write: &mut dyn FnMut(&mut dyn io::Write) -> io::Result<()>,
    ) -> Result<(), JournalError> {
        let mut state = Vec::new();
        write(&mut state).map_err(|error| JournalError::Storage {
            file: "memory".into(),
            reason: error.to_string(),
        })?;
        self.snapshot = Some((at, state));
        Ok(())
    }

    fn load_snapshot(&self) -> Result<Option<(Position, Vec<u8>)>, JournalError> {
        Ok(self.snapshot.clone())
    }
}
