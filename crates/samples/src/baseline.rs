//! What is normal for a series: the median of the same hour over the last seven days (C7).

use crate::{
    grid::{self, DAY, HOUR, MINUTE},
    roll::{self, Roll, Step},
    tables::{self, Source},
};
use jiff::SignedDuration;
use rusqlite::{Connection, Result};

/// The days that are looked back to.
const DAYS: i64 = 7;
/// The history that there must be.
const HISTORY: i64 = DAY;

/// What is normal for a series at some hour of the day (in UTC).
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Baseline {
    /// There is enough history.
    Ready {
        /// The median of all windows of the same hour.
        median: f64,
        /// On how many of the last seven days that hour was measured.
        days: u32,
    },
    /// There is not; `baseline_not_ready`.
    NotReady {
        /// What is missing.
        lacking: Lacking,
        /// How much of it there is.
        have: SignedDuration,
        /// How much of it there must be.
        need: SignedDuration,
    },
}

/// What a baseline is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lacking {
    /// Time since the first value.
    History,
    /// Time of the same hour in which anything was measured.
    SameHour,
}

/// What the values of a window come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// Their sum, for counts since the last look (`errors`).
    Total,
    /// Their mean, for levels (`p95_ms`).
    Mean,
}

impl Baseline {
    /// How many times normal a value is; `None` until the baseline is ready. What is normal counts as `floor` at
    /// least, so that quiet nights do not make everything infinite.
    pub fn ratio(&self, value: f64, floor: f64) -> Option<f64> {
        match self {
            Self::Ready { median, .. } if median.max(floor) > 0.0 => {
                Some(value / median.max(floor))
            }
            _ => None,
        }
    }
}

/// The baseline of a series at a time, in windows of a length; all in milliseconds.
pub(crate) fn of(
    db: &Connection,
    id: i64,
    at: i64,
    window: i64,
    measure: Measure,
) -> Result<Baseline> {
    let have = history(db, id, at)?;
    if have < HISTORY {
        return Ok(not_ready(Lacking::History, have, HISTORY));
    }
    let window = grid::ceil(window.max(1), MINUTE);
    let span = HOUR.max(window);
    let hour = grid::floor(at, span);
    let (mut values, mut days) = (Vec::new(), 0);
    for day in 1..=DAYS {
        let steps = windows(db, id, hour - day * DAY, window, span / window)?;
        days += u32::from(!steps.is_empty());
        values.extend(steps.iter().map(|(_, roll)| measure.of(roll)));
    }
    let (measured, need) = (values.len() as i64 * window, span / 2);
    match roll::median(values) {
        Some(median) if measured >= need => Ok(Baseline::Ready { median, days }),
        _ => Ok(not_ready(Lacking::SameHour, measured, need)),
    }
}

/// Nothing is known of a series that has no values.
pub(crate) fn of_nothing() -> Baseline {
    not_ready(Lacking::History, 0, HISTORY)
}

impl Measure {
    fn of(self, roll: &Roll) -> f64 {
        match self {
            Self::Total => roll.sum,
            Self::Mean => roll.mean(),
        }
    }
}

fn not_ready(lacking: Lacking, have: i64, need: i64) -> Baseline {
    let length = SignedDuration::from_millis;
    Baseline::NotReady { lacking, have: length(have), need: length(need) }
}

/// How long before a time the first value was.
fn history(db: &Connection, id: i64, at: i64) -> Result<i64> {
    let ends = tables::ends(db, Source::Minutes, id)?;
    Ok(ends.map_or(0, |(first, _)| (at - first).max(0)))
}

/// The windows from a time on in which anything was measured; only whole ones, to be comparable.
fn windows(db: &Connection, id: i64, from: i64, window: i64, count: i64) -> Result<Vec<Step>> {
    let mut steps = Vec::new();
    tables::each(db, Source::Minutes, id, (from, from + count * window), |at, roll| {
        roll::gather(&mut steps, from + grid::floor(at - from, window), roll);
    })?;
    Ok(steps)
}
