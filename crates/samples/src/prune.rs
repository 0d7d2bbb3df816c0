//! Values out, in small bites: what is older than it is kept for, and what lies in a future that a wrong clock made.

use crate::{
    grid::{self, MINUTE},
    keep::Keep,
    store::Store,
    tables::{self, Source},
};
use jiff::Timestamp;
use rusqlite::{Result, TransactionBehavior};

/// Rows that go in one transaction.
const BITE: usize = 10_000;
/// Values further ahead of now than this came from a wrong clock; they would hide all newer ones.
const AHEAD: i64 = 10 * MINUTE;

/// Rows that are to go; [`Cut::bite`] takes some of them.
#[derive(Debug)]
pub(crate) struct Cut {
    parts: Vec<Part>,
}

#[derive(Debug)]
struct Part {
    source: Source,
    id: i64,
    from: i64,
    to: i64,
}

impl Cut {
    /// What has been kept long enough, and what lies ahead.
    pub(crate) fn by_age(store: &mut Store, keep: &Keep, now: Timestamp) -> Result<Self> {
        let (now, mut parts) = (grid::ms(now), Vec::new());
        let transaction =
            store.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let kept = [keep.raw, keep.minutes, keep.hours];
        for (source, kept) in Source::ALL.into_iter().zip(kept) {
            let before = now - grid::length(kept);
            tables::set_cut_before(&transaction, source, before)?;
            for id in store.ids.values().copied() {
                parts.push(Part { source, id, from: i64::MIN, to: before });
                parts.push(Part { source, id, from: now + AHEAD, to: i64::MAX });
            }
        }
        tables::find_latest_before(&transaction, now + AHEAD)?;
        transaction.commit()?;
        Ok(Self { parts })
    }

    /// What a table holds from before a time.
    pub(crate) fn before(store: &mut Store, source: Source, before: i64) -> Result<Self> {
        tables::set_cut_before(&store.connection, source, before)?;
        let part = |id: &i64| Part { source, id: *id, from: i64::MIN, to: before };
        Ok(Self { parts: store.ids.values().map(part).collect() })
    }

    /// Takes some rows; says whether there may be more.
    pub(crate) fn bite(&mut self, store: &mut Store) -> Result<bool> {
        let transaction =
            store.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut left = BITE;
        while let Some(part) = self.parts.last() {
            left -= tables::delete(&transaction, part.source, part.id, (part.from, part.to), left)?;
            if left == 0 {
                break;
            }
            self.parts.pop();
        }
        transaction.commit()?;
        Ok(!self.parts.is_empty())
    }
}

/// Forgets series of which nothing has been kept for as long as anything is.
pub(crate) fn forget_series(store: &mut Store, keep: &Keep, now: Timestamp) -> Result<()> {
    let before = grid::ms(now) - grid::length(keep.hours);
    if tables::forget_empty(&store.connection, before)? > 0 {
        store.relearn()?;
    }
    Ok(())
}
