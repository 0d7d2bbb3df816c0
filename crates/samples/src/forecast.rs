//! When a rising series reaches its limit: a robust line through the last hours, for disks that fill.
//!
//! The slope is the median of the slopes between all pairs of points (Theil and Sen), so that single peaks bend
//! nothing; it counts when most pairs agree that the series rises (Kendall's tau). The last hour and the last six are
//! looked at apart, and the nearer answer counts: what began to fill half an hour ago must not wait for the afternoon.

use crate::{
    grid::{self, DAY, HOUR, MINUTE},
    roll::{self, Step},
    tables::{self, Source},
};
use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, Result};

/// When a series reaches its limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forecast {
    /// At this time, if it goes on like this; now, if it is there already.
    At(Timestamp),
    /// It does not rise, or so slowly that it takes more than a year.
    NotFilling,
    /// Too little was measured lately to say. Fewer than ten values are too little for any time.
    TooLittle {
        /// The time from the first to the last value that counts; none when the last is half an hour old.
        have: SignedDuration,
        /// The time that there must be.
        need: SignedDuration,
    },
}

/// A look back.
struct Look {
    back: i64,
    step: i64,
}

const LOOKS: [Look; 2] =
    [Look { back: HOUR, step: MINUTE }, Look { back: 6 * HOUR, step: 5 * MINUTE }];
/// A line through fewer points says nothing.
const POINTS: usize = 10;
/// A line through a shorter time says nothing; nor does one that ended so long ago.
const NEED: i64 = 30 * MINUTE;
/// So many more pairs must rise than fall, of all.
const AGREEMENT: f64 = 0.5;
/// Beyond this nobody plans.
const HORIZON: i64 = 365 * DAY;

/// When a series reaches its limit, seen from `now` in milliseconds.
pub(crate) fn of(db: &Connection, id: i64, limit: f64, now: i64) -> Result<Forecast> {
    let widest = &LOOKS[LOOKS.len() - 1];
    let minutes = minutes(db, id, now - widest.back, now)?;
    let Some((last, level)) = minutes.last().map(|(at, roll)| (*at, roll.mean())) else {
        return Ok(of_nothing());
    };
    if now - last > NEED {
        return Ok(of_nothing());
    }
    if level >= limit {
        return Ok(Forecast::At(grid::time(now)));
    }
    let slopes: Vec<f64> = LOOKS.iter().filter_map(|look| slope(look, &minutes, now)).collect();
    if slopes.is_empty() {
        return Ok(too_little(last - minutes[0].0));
    }
    let steepest = slopes.into_iter().fold(0.0, f64::max);
    let left = (limit - level) / steepest;
    if steepest > 0.0 && left <= HORIZON as f64 {
        Ok(Forecast::At(grid::time((last + left as i64).max(now))))
    } else {
        Ok(Forecast::NotFilling)
    }
}

/// Nothing is known of a series that has no values.
pub(crate) fn of_nothing() -> Forecast {
    too_little(0)
}

fn too_little(have: i64) -> Forecast {
    let (length, longest) = (SignedDuration::from_millis, LOOKS[LOOKS.len() - 1].back / 2);
    // Who looks too seldom for the last hour needs more of the last six.
    let need = if have < NEED { NEED } else { longest };
    Forecast::TooLittle { have: length(have), need: length(need) }
}

fn minutes(db: &Connection, id: i64, from: i64, to: i64) -> Result<Vec<Step>> {
    let mut steps = Vec::new();
    // The minute of `to` too.
    tables::each(db, Source::Minutes, id, (from, to + 1), |at, roll| steps.push((at, roll)))?;
    Ok(steps)
}

/// How fast the series rises, per millisecond: 0 when it does not, `None` when too little is known.
fn slope(look: &Look, minutes: &[Step], now: i64) -> Option<f64> {
    let mut steps: Vec<Step> = Vec::new();
    for (at, roll) in minutes.iter().filter(|(at, _)| *at >= now - look.back) {
        roll::gather(&mut steps, grid::floor(*at, look.step), *roll);
    }
    let span = steps.last()?.0 - steps.first()?.0;
    let is_enough = steps.len() >= POINTS && span >= look.back / 2 - look.step;
    is_enough.then(|| rise(&steps))
}

/// The slope of the robust line; 0 when the pairs do not agree that it rises.
fn rise(steps: &[Step]) -> f64 {
    let pairs = steps.iter().enumerate().flat_map(|(index, (at, roll))| {
        steps[index + 1..]
            .iter()
            .map(move |(later_at, later)| (later.mean() - roll.mean()) / (later_at - at) as f64)
    });
    let slopes: Vec<f64> = pairs.collect();
    let share = |wanted: fn(&f64) -> bool| {
        slopes.iter().filter(|slope| wanted(slope)).count() as f64 / slopes.len() as f64
    };
    let agreement = share(|slope| *slope > 0.0) - share(|slope| *slope < 0.0);
    if agreement < AGREEMENT {
        return 0.0;
    }
    roll::median(slopes).unwrap_or(0.0).max(0.0)
}
