//! What comes out: single values, and many rolled into buckets. Where nothing was measured, there is nothing.

use jiff::{SignedDuration, Timestamp};

/// One measured value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// When it was measured, to the millisecond.
    pub at: Timestamp,
    /// In the unit that the reading's name ends with.
    pub value: f64,
}

impl Point {
    /// How old the value is; nothing less than zero when the clock was set back.
    pub fn age(&self, now: Timestamp) -> SignedDuration {
        now.duration_since(self.at).max(SignedDuration::ZERO)
    }
}

/// All values of one step of a [`Curve`]. There is at least one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bucket {
    /// Where the step begins.
    pub at: Timestamp,
    /// The smallest value.
    pub min: f64,
    /// The largest value.
    pub max: f64,
    /// The mean of all values.
    pub mean: f64,
    /// How many values there were.
    pub count: u64,
}

/// A series over time, oldest first. A step in which nothing was measured has no bucket: a gap is a gap.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    /// The length of a step. It may be longer than what was asked for: see [`crate::Reader::range`].
    pub step: SignedDuration,
    /// The steps in which something was measured; they begin at whole multiples of `step`.
    pub buckets: Vec<Bucket>,
}
