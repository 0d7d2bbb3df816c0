//! What many values come to.

use crate::{
    grid,
    point::{Bucket, Curve},
};
use jiff::SignedDuration;

/// What one or more values come to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Roll {
    pub min: f64,
    pub max: f64,
    pub sum: f64,
    pub count: u64,
}

/// What the values of a step come to, and where it begins in milliseconds.
pub(crate) type Step = (i64, Roll);

impl Roll {
    /// Of a single value.
    pub(crate) fn of(value: f64) -> Self {
        Self { min: value, max: value, sum: value, count: 1 }
    }

    /// Of the values of both.
    pub(crate) fn with(self, other: Self) -> Self {
        Self {
            min: self.min.min(other.min),
            max: self.max.max(other.max),
            sum: self.sum + other.sum,
            count: self.count + other.count,
        }
    }

    /// Rounding never takes it beyond what was measured.
    pub(crate) fn mean(&self) -> f64 {
        (self.sum / self.count as f64).max(self.min).min(self.max)
    }
}

/// Adds values that begin at `begin` to the last step, or begins the next. The oldest must come first.
pub(crate) fn gather(steps: &mut Vec<Step>, begin: i64, roll: Roll) {
    match steps.last_mut() {
        Some((last, sum)) if *last == begin => *sum = sum.with(roll),
        _ => steps.push((begin, roll)),
    }
}

/// The steps as they are shown.
pub(crate) fn curve(step: i64, steps: &[Step]) -> Curve {
    let bucket = |(begin, roll): &Step| Bucket {
        at: grid::time(*begin),
        min: roll.min,
        max: roll.max,
        mean: roll.mean(),
        count: roll.count,
    };
    Curve { step: SignedDuration::from_millis(step), buckets: steps.iter().map(bucket).collect() }
}

/// The value in the middle of all; `None` of nothing.
pub(crate) fn median(mut values: Vec<f64>) -> Option<f64> {
    let middle = values.len() / 2;
    values.sort_unstable_by(f64::total_cmp);
    let upper = *values.get(middle)?;
    Some(if values.len() % 2 == 1 { upper } else { values[middle - 1] / 2.0 + upper / 2.0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mean_of_equal_values_is_that_value_whatever_rounding_does() {
        let roll = [0.1; 3].map(Roll::of).into_iter().reduce(Roll::with).expect("three values");
        assert_eq!((roll.min, roll.mean(), roll.max), (0.1, 0.1, 0.1));
    }

    #[test]
    fn the_median_is_in_the_middle() {
        assert_eq!(median(vec![]), None);
        assert_eq!(median(vec![3.0, 1.0, 100.0]), Some(3.0));
        assert_eq!(median(vec![4.0, 1.0, 2.0, 100.0]), Some(3.0));
    }
}
