//! Where the API gets its data from: PostgreSQL, or the same data in memory.

pub mod memory;
pub mod pool;
pub mod rows;
pub mod sql;

use crate::forecast::Prediction;
use crate::market::{Price, Stock};
use memory::Memory;
use pool::Unavailable;
use rows::{MarketSummary, Ranked};
use sql::Database;

/// The data of the API.
#[derive(Debug)]
pub enum Store {
    /// The seeded market, for a machine without PostgreSQL.
    Memory(Memory),
    /// PostgreSQL.
    Database(Box<Database>),
}

impl Store {
    /// What the health answer calls the state of the database when all is well.
    pub fn healthy_word(&self) -> &'static str {
        match self {
            Store::Memory(_) => "memory",
            Store::Database(_) => "connected",
        }
    }

    /// Whether data can be had now.
    ///
    /// # Errors
    /// [`Unavailable`] with the reason.
    pub async fn health(&self) -> Result<(), Unavailable> {
        match self {
            Store::Memory(_) => Ok(()),
            Store::Database(database) => database.health().await,
        }
    }

    /// One stock by its symbol.
    ///
    /// # Errors
    /// [`Unavailable`] with the reason.
    pub async fn stock(&self, symbol: &str) -> Result<Option<Stock>, Unavailable> {
        match self {
            Store::Memory(memory) => Ok(memory.stock(symbol)),
            Store::Database(database) => database.stock(symbol).await,
        }
    }

    /// Stocks whose symbol or name contains the text.
    ///
    /// # Errors
    /// [`Unavailable`] with the reason.
    pub async fn search(&self, text: &str) -> Result<Vec<Stock>, Unavailable> {
        match self {
            Store::Memory(memory) => Ok(memory.search(text)),
            Store::Database(database) => database.search(text).await,
        }
    }

    /// The newest prices of a stock, newest first.
    ///
    /// # Errors
    /// [`Unavailable`] with the reason.
    pub async fn prices(&self, symbol: &str, days: u16) -> Result<Vec<Price>, Unavailable> {
        match self {
            Store::Memory(memory) => Ok(memory.prices(symbol, days)),
            Store::Database(database) => database.prices(symbol, days).await,
        }
    }

    /// The newest predictions of a stock, nearest target first.
    ///
    /// # Errors
    /// [`Unavailable`] with the reason.
    pub async fn predictions(&self, symbol: &str) -> Result<Vec<Prediction>, Unavailable> {
        match self {
            Store::Memory(memory) => Ok(memory.predictions(symbol)),
            Store::Database(database) => database.predictions(symbol).await,
        }
    }

    /// The numbers of the market page.
    ///
    /// # Errors
    /// [`Unavailable`] with the reason.
    pub async fn summary(&self) -> Result<MarketSummary, Unavailable> {
        match self {
            Store::Memory(memory) => Ok(memory.summary()),
            Store::Database(database) => database.summary().await,
        }
    }

    /// The stocks predicted to rise most in five days.
    ///
    /// # Errors
    /// [`Unavailable`] with the reason.
    pub async fn rankings(&self) -> Result<Vec<Ranked>, Unavailable> {
        match self {
            Store::Memory(memory) => Ok(memory.rankings()),
            Store::Database(database) => database.rankings().await,
        }
    }

    /// Every prediction whose target date has passed, with the close of that day.
    ///
    /// # Errors
    /// [`Unavailable`] with the reason.
    pub async fn due_predictions(&self) -> Result<Vec<Prediction>, Unavailable> {
        match self {
            Store::Memory(memory) => Ok(memory.due_predictions()),
            Store::Database(database) => database.due_predictions().await,
        }
    }
}
