//! The file's bound: when it is too large, the oldest goes before its time, and the file gives its pages back.

use crate::{
    grid::{DAY, HOUR},
    prune::Cut,
    store::Store,
    tables::{self, Source, pragma},
};
use rusqlite::{Connection, Result};

/// What goes first, down to which length of time (in milliseconds): charts of the last hour are worth more than
/// minutes of last week.
const ORDER: [(Source, i64); 5] = [
    (Source::Raw, HOUR),
    (Source::Minutes, DAY),
    (Source::Hours, 0),
    (Source::Minutes, 0),
    (Source::Raw, 0),
];
/// The part of what there is that goes in one cut.
const PART: i64 = 16;
/// Bites in one call; the next batch goes on.
const BITES: usize = 100;
/// Pages that are given back at once. Many small portions move fewer pages through the log than a large one.
const PAGES: i64 = 200;

/// Brings the file below so many bytes, or some way there.
pub(crate) fn shrink(store: &mut Store, max_bytes: u64) -> Result<()> {
    let max_pages =
        i64::try_from(max_bytes).unwrap_or(i64::MAX) / pragma(&store.connection, "page_size")?;
    if pragma(&store.connection, "page_count")? <= max_pages {
        return Ok(());
    }
    cut_oldest(store, max_pages - max_pages / PART)?;
    let db = &store.connection;
    while pragma(db, "page_count")? > max_pages && pragma(db, "freelist_count")? > 0 {
        give_back(db)?;
    }
    Ok(())
}

/// Gives some pages back when much of the file is empty; a little air is filled again soon. Says whether there is more.
pub(crate) fn let_air_out(store: &mut Store) -> Result<bool> {
    let db = &store.connection;
    let is_airy = || Ok(pragma(db, "freelist_count")? > pragma(db, "page_count")? / 4);
    if is_airy()? {
        give_back(db)?;
    }
    is_airy()
}

fn cut_oldest(store: &mut Store, max_pages: i64) -> Result<()> {
    let mut bites = 0;
    while used(&store.connection)? > max_pages {
        let Some((source, before)) = oldest(store)? else { break };
        let mut cut = Cut::before(store, source, before)?;
        while used(&store.connection)? > max_pages && cut.bite(store)? {
            bites += 1;
            if bites == BITES {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// From which table the next cut is, and before which time; `None` when there is nothing any more.
fn oldest(store: &Store) -> Result<Option<(Source, i64)>> {
    for (source, at_least) in ORDER {
        let mut all: Option<(i64, i64)> = None;
        for id in store.ids.values() {
            if let Some((first, last)) = tables::ends(&store.connection, source, *id)? {
                all = Some(all.map_or((first, last), |(f, l)| (f.min(first), l.max(last))));
            }
        }
        if let Some((first, last)) = all.filter(|(first, last)| last - first >= at_least) {
            return Ok(Some((source, first + (last - first) / PART + 1)));
        }
    }
    Ok(None)
}

/// Pages with something in them.
fn used(db: &Connection) -> Result<i64> {
    Ok(pragma(db, "page_count")? - pragma(db, "freelist_count")?)
}

fn give_back(db: &Connection) -> Result<()> {
    db.execute_batch(&format!("pragma incremental_vacuum({PAGES})"))
}
