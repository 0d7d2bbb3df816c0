//! The stretch of time that somebody asks about: `?from=&to=&step=`.

use crate::answer::Refused;
use jiff::{SignedDuration, Timestamp};
use samples::{Curve, Point};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// The usual look back, and its step (A84: at least a day).
const BACK: SignedDuration = SignedDuration::from_hours(24);
/// An answer has at most so many steps per series; they become longer instead.
const MOST_STEPS: i64 = 1500;
/// So many steps are enough for a chart.
const USUAL_STEPS: i64 = 288;

/// As it stands in the address. Times are RFC 3339, or a duration ago (`24h`).
#[derive(Debug, Default, Deserialize, IntoParams)]
pub(crate) struct Asked {
    /// `2026-11-22T01:00:00Z`, or `24h` ago; a day ago unless it is written.
    from: Option<String>,
    /// Likewise; now unless it is written.
    to: Option<String>,
    /// `5m`, or seconds; longer where that were too many.
    step: Option<String>,
}

/// A stretch of time in steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Its beginning.
    pub from: Timestamp,
    /// Its end.
    pub to: Timestamp,
    /// The length of a step.
    pub step: SignedDuration,
}

/// Lengths of steps that people read well, in seconds; from a day on, whole days.
const EVEN: [i64; 14] =
    [1, 5, 10, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 3 * 3600, 6 * 3600];

impl Span {
    /// A stretch in so many even steps or fewer.
    pub fn in_steps(from: Timestamp, to: Timestamp, most: u32) -> Self {
        let length = to.duration_since(from).as_secs().max(1);
        let least = (length + i64::from(most) - 1) / i64::from(most.max(1));
        let even = EVEN.into_iter().find(|step| *step >= least);
        let step = even.unwrap_or_else(|| (least + 86_399) / 86_400 * 86_400);
        Self { from, to, step: SignedDuration::from_secs(step) }
    }

    /// The stretch up to now, in so many even steps or fewer.
    pub fn back(now: Timestamp, length: SignedDuration, most: u32) -> Self {
        Self::in_steps(now.saturating_sub(length).unwrap_or(Timestamp::MIN), now, most)
    }
}

impl Asked {
    /// What is meant, seen from `now`.
    ///
    /// # Errors
    /// A time or a length cannot be read, or the end lies before the beginning.
    pub fn span(&self, now: Timestamp) -> Result<Span, Refused> {
        let time = |text: &Option<String>, usual: Timestamp| match text {
            Some(text) => time(text, now),
            None => Ok(usual),
        };
        let to = time(&self.to, now)?;
        let from = time(&self.from, to.saturating_sub(BACK).unwrap_or(Timestamp::MIN))?;
        if from >= to {
            return Err(Refused::bad("`from` must lie before `to`"));
        }
        let length = to.duration_since(from);
        let shortest = length / i32::try_from(MOST_STEPS).unwrap_or(i32::MAX);
        let step = match &self.step {
            Some(text) => self::length(text)?,
            None => length / i32::try_from(USUAL_STEPS).unwrap_or(i32::MAX),
        };
        Ok(Span { from, to, step: step.max(shortest).max(SignedDuration::from_secs(1)) })
    }
}

fn time(text: &str, now: Timestamp) -> Result<Timestamp, Refused> {
    if let Ok(at) = text.parse() {
        return Ok(at);
    }
    let ago = length(text).map_err(|_| {
        Refused::bad(format!(
            "`{text}` is no time: write 2026-11-22T01:00:00Z, or 24h for 24 hours ago"
        ))
    })?;
    now.checked_sub(ago).map_err(|error| Refused::bad(error.to_string()))
}

fn length(text: &str) -> Result<SignedDuration, Refused> {
    let seconds = text.parse::<u32>().ok().map(|s| SignedDuration::from_secs(s.into()));
    let found = seconds.or_else(|| text.parse().ok());
    found
        .filter(|length: &SignedDuration| length.is_positive())
        .ok_or_else(|| Refused::bad(format!("`{text}` is no length of time: write 60s, 5m or 1h")))
}

/// A value with its time and age.
#[derive(Serialize, ToSchema)]
pub(crate) struct Newest {
    value: f64,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    age_seconds: i64,
}

/// What was measured within a step.
#[derive(Serialize, ToSchema)]
pub(crate) struct Row {
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    min: f64,
    max: f64,
    mean: f64,
    count: u64,
}

/// A value with its time and age.
pub(crate) fn point(point: &Point, now: Timestamp) -> Newest {
    Newest { value: point.value, at: point.at, age_seconds: point.age(now).as_secs() }
}

/// A curve as rows; a gap is a gap.
pub(crate) fn rows(curve: &Curve) -> Vec<Row> {
    let row = |bucket: &samples::Bucket| Row {
        at: bucket.at,
        min: bucket.min,
        max: bucket.max,
        mean: bucket.mean,
        count: bucket.count,
    };
    curve.buckets.iter().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2026-11-22T12:00:00Z".parse().expect("a time")
    }

    fn asked(from: &str, to: &str, step: &str) -> Asked {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Asked { from: some(from), to: some(to), step: some(step) }
    }

    #[test]
    fn a_day_in_five_minutes_is_usual() {
        let span = Asked::default().span(now()).expect("a span");
        assert_eq!(span.from.to_string(), "2026-11-21T12:00:00Z");
        assert_eq!(span.step, SignedDuration::from_mins(5));
    }

    #[test]
    fn steps_are_even() {
        let step =
            |hours, most| Span::back(now(), SignedDuration::from_hours(hours), most).step.as_secs();
        let steps =
            [(1, 72), (24, 72), (168, 72), (2400, 72)].map(|(hours, most)| step(hours, most));
        assert_eq!(steps, [60, 1200, 3 * 3600, 2 * 86_400]);
    }

    #[test]
    fn times_are_written_out_or_ago() {
        let span = asked("2h", "2026-11-22T11:00:00Z", "60").span(now()).expect("a span");
        assert_eq!(span.from.to_string(), "2026-11-22T10:00:00Z");
        assert_eq!(span.step.as_secs(), 60);
        let long = asked("9000h", "", "1s").span(now()).expect("a span");
        assert_eq!(
            long.step.as_secs(),
            9000 * 3600 / MOST_STEPS,
            "not more steps than anybody looks at"
        );
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for (from, to, step) in [
            ("yesterday", "", ""),
            ("", "2h ago?", ""),
            ("", "", "0"),
            ("", "", "-5m"),
            ("1h", "2h", ""),
            ("999999999h", "", ""),
        ] {
            assert!(asked(from, to, step).span(now()).is_err(), "{from} {to} {step}");
        }
    }
}
