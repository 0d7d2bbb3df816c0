//! A series over time: in full where it is asked for and still there, rolled up otherwise.

use crate::{
    grid,
    point::Curve,
    roll::{self, Step},
    tables::{self, Source},
};
use rusqlite::{Connection, Result};

/// More steps than this nobody looks at; they become longer instead.
pub(crate) const MAX_STEPS: i64 = 10_000;

/// A stretch of time in whole steps, and the table that can tell it.
struct Stretch {
    source: Source,
    step: i64,
    from: i64,
    to: i64,
}

/// The curve of a series from a time up to another; lengths and times in milliseconds.
pub(crate) fn of(db: &Connection, id: i64, times: (i64, i64), step: i64) -> Result<Curve> {
    let stretch = choose(db, times, step)?;
    let mut steps: Vec<Step> = Vec::new();
    tables::each(db, stretch.source, id, (stretch.from, stretch.to), |at, roll| {
        roll::gather(&mut steps, grid::floor(at, stretch.step), roll);
    })?;
    Ok(roll::curve(stretch.step, &steps))
}

/// The coarsest table that is fine enough; where it does not reach back far enough, a coarser one.
fn choose(db: &Connection, (from, to): (i64, i64), step: i64) -> Result<Stretch> {
    let step = step.max(1).max((to - from + MAX_STEPS - 1) / MAX_STEPS);
    let finest_first = Source::ALL.map(|source| stretch(source, (from, to), step));
    let fine_enough = finest_first.iter().rposition(|stretch| stretch.source.step() <= step);
    let mut chosen = None;
    for stretch in finest_first.into_iter().skip(fine_enough.unwrap_or(0)) {
        let reaches = tables::cut_before(db, stretch.source)? <= stretch.from;
        chosen = Some(stretch);
        if reaches {
            break;
        }
    }
    Ok(chosen.expect("there are three tables, and at most two are skipped"))
}

/// Steps of a table can be put together, not taken apart.
fn stretch(source: Source, (from, to): (i64, i64), step: i64) -> Stretch {
    let step = grid::ceil(step, source.step());
    Stretch { source, step, from: grid::floor(from, step), to: grid::ceil(to, step) }
}
