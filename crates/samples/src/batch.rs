//! Values in: many at once, each in full and rolled up, all in one transaction.

use crate::{
    grid,
    roll::{self, Roll, Step},
    series::Series,
    store::Store,
    tables::{self, Source},
};
use rusqlite::{Connection, Result, TransactionBehavior};
use std::collections::HashMap;

/// A value on its way to the disk.
#[derive(Clone, Debug)]
pub(crate) struct Sample {
    pub series: Series,
    pub at_ms: i64,
    pub value: f64,
}

/// Keeps the values; says how many are turned away because there are too many series.
///
/// # Errors
/// Nothing was kept, and the store knows series that are not in the file: see [`Store::relearn`].
pub(crate) fn write(store: &mut Store, values: &[Sample], max_series: usize) -> Result<u64> {
    let Store { connection, ids } = store;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut rows = Vec::with_capacity(values.len());
    for sample in values {
        if let Some(id) = number(&transaction, ids, &sample.series, max_series)? {
            rows.push((id, sample.at_ms, sample.value));
        }
    }
    // As the tables lie on the disk. Of two values of one time the first stays the first.
    rows.sort_by_key(|(id, at, _)| (*id, *at));
    for rows in rows.chunk_by(|(one, ..), (other, ..)| one == other) {
        keep(&transaction, rows)?;
    }
    transaction.commit()?;
    Ok((values.len() - rows.len()) as u64)
}

/// The number of a series, a new one if need be and possible.
fn number(
    db: &Connection,
    ids: &mut HashMap<Series, i64>,
    series: &Series,
    max_series: usize,
) -> Result<Option<i64>> {
    if let Some(id) = ids.get(series) {
        return Ok(Some(*id));
    }
    if ids.len() >= max_series {
        return Ok(None);
    }
    let id = tables::add_series(db, series)?;
    ids.insert(series.clone(), id);
    Ok(Some(id))
}

/// Keeps the values of one series, which are sorted by time.
fn keep(db: &Connection, rows: &[(i64, i64, f64)]) -> Result<()> {
    let (mut minutes, mut hours): (Vec<Step>, Vec<Step>) = (Vec::new(), Vec::new());
    let mut newest = None;
    for (id, at, value) in rows {
        // A value that is there already is in the rolls already.
        if tables::add_raw(db, *id, *at, *value)? {
            roll::gather(&mut minutes, grid::floor(*at, grid::MINUTE), Roll::of(*value));
            roll::gather(&mut hours, grid::floor(*at, grid::HOUR), Roll::of(*value));
            newest = Some((*id, *at, *value));
        }
    }
    let Some((id, at, value)) = newest else { return Ok(()) };
    tables::set_latest(db, id, at, value)?;
    let rolled = [(Source::Minutes, minutes), (Source::Hours, hours)];
    for (source, steps) in rolled {
        for step in steps {
            tables::add_roll(db, source, id, step)?;
        }
    }
    Ok(())
}
