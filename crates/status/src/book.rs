//! The file in which is kept how long each component was how: `status.db`. It is measured, not journaled, like samples:
//! a lost file costs the bars of the past, and nothing else.

use crate::tally::Tally;
use domain::status_page::ComponentState;
use jiff::{ToSpan, civil::Date};
use rusqlite::{Connection, params};
use std::{collections::BTreeMap, fs, io, os::unix::fs::OpenOptionsExt, path::Path};

/// Days that the page shows.
pub const DAYS: i64 = 90;
/// Days that are kept.
const KEPT: i64 = 400;

const TABLES: &str = "
    create table if not exists days
        (component text not null, day text not null, state text not null, seconds integer not null,
         primary key (component, day, state)) strict, without rowid;
";

/// Why the past could not be kept or read.
#[derive(Debug, thiserror::Error)]
pub enum BookError {
    /// The file cannot be used.
    #[error("{0}")]
    File(#[from] io::Error),
    /// SQLite says so.
    #[error("{0}")]
    Database(#[from] rusqlite::Error),
}

/// A component and a day.
type Place = (String, Date);

/// The days, in memory and in the file.
#[derive(Debug)]
pub struct Book {
    connection: Connection,
    days: BTreeMap<Place, Tally>,
    /// What the file does not have yet.
    fresh: BTreeMap<Place, Tally>,
}

impl Book {
    /// Opens the file, or makes it.
    ///
    /// # Errors
    /// It cannot be opened, made or read.
    pub fn open(file: &Path) -> Result<Self, BookError> {
        drop(fs::OpenOptions::new().create(true).append(true).mode(0o600).open(file)?);
        let connection = Connection::open(file)?;
        connection.execute_batch("pragma journal_mode = wal; pragma synchronous = normal;")?;
        connection.execute_batch(TABLES)?;
        let mut days: BTreeMap<Place, Tally> = BTreeMap::new();
        let mut select = connection.prepare("select component, day, state, seconds from days")?;
        let mut rows = select.query([])?;
        while let Some(row) = rows.next()? {
            let (component, day): (String, String) = (row.get(0)?, row.get(1)?);
            let (state, seconds): (String, i64) = (row.get(2)?, row.get(3)?);
            let known = ComponentState::ALL.into_iter().find(|known| known.word() == state);
            if let (Ok(day), Some(state)) = (day.parse(), known) {
                days.entry((component, day)).or_default().add(state, seconds);
            }
        }
        drop(rows);
        drop(select);
        Ok(Self { connection, days, fresh: BTreeMap::new() })
    }

    /// Adds measured time of a component on a day.
    pub fn add(&mut self, component: &str, day: Date, state: ComponentState, seconds: i64) {
        let place = (component.to_owned(), day);
        self.days.entry(place.clone()).or_default().add(state, seconds);
        self.fresh.entry(place).or_default().add(state, seconds);
    }

    /// How a component was on a day; nothing: it was not measured.
    pub fn on(&self, component: &str, day: Date) -> Tally {
        self.days.get(&(component.to_owned(), day)).copied().unwrap_or_default()
    }

    /// Writes down what is new, and forgets what is old.
    ///
    /// # Errors
    /// The file cannot be written; what is new waits for the next time.
    pub fn write(&mut self, today: Date) -> Result<(), BookError> {
        let oldest = today.saturating_sub(KEPT.days());
        let transaction = self.connection.transaction()?;
        for ((component, day), tally) in &self.fresh {
            for state in ComponentState::ALL {
                let seconds = tally.seconds(state);
                if seconds > 0 {
                    transaction.execute(
                        "insert into days (component, day, state, seconds) values (?1, ?2, ?3, ?4)
                         on conflict (component, day, state) do update set seconds = seconds + ?4",
                        params![component, day.to_string(), state.word(), seconds],
                    )?;
                }
            }
        }
        transaction.execute("delete from days where day < ?1", [oldest.to_string()])?;
        transaction.commit()?;
        self.fresh.clear();
        self.days.retain(|(_, day), _| *day >= oldest);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn days_survive_a_restart_and_old_ones_go() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("status.db");
        let mut book = Book::open(&file).expect("made");
        let today = date(2026, 11, 29);
        book.add("api", today, ComponentState::Operational, 60);
        book.add("api", date(2025, 1, 1), ComponentState::Operational, 60);
        book.write(today).expect("written");
        book.add("api", today, ComponentState::MajorOutage, 30);
        book.write(today).expect("written");
        book.add("api", today, ComponentState::MajorOutage, 1000);
        drop(book);
        let book = Book::open(&file).expect("opened");
        let tally = book.on("api", today);
        assert_eq!(tally.seconds(ComponentState::Operational), 60);
        assert_eq!(tally.seconds(ComponentState::MajorOutage), 30, "the rest was not written");
        assert_eq!(book.on("api", date(2025, 1, 1)).measured(), 0);
        assert_eq!(book.on("web", today).measured(), 0);
    }
}
