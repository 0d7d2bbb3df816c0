//! What a chart is of, and where times and values stand on it.

use crate::scale::Scale;
use domain::said::Said;
use jiff::{SignedDuration, Timestamp};

/// What a chart is of.
#[derive(Clone, Debug)]
pub(crate) struct Plot {
    /// Its own on the page.
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) unit: String,
    pub(crate) from: Timestamp,
    pub(crate) to: Timestamp,
    /// After so long without a value the line breaks.
    pub(crate) silence: SignedDuration,
    pub(crate) limits: Vec<Limit>,
    pub(crate) marks: Vec<Mark>,
    /// What happened is told below the picture; otherwise the page has signs for all of its charts.
    pub(crate) tells_marks: bool,
}

/// A value from which on something is bad.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Limit {
    pub(crate) value: f64,
    /// As it is told: `≥ 90 % (critical)`.
    pub(crate) text: String,
    /// `fire` or `ember`.
    pub(crate) class: &'static str,
}

/// Something that happened.
#[derive(Clone, Debug)]
pub(crate) struct Mark {
    pub(crate) at: Timestamp,
    pub(crate) text: Said,
    /// As lines of a timeline have it: `fire`, `good`, `acted`, `person`, `told`.
    pub(crate) class: &'static str,
}

/// The picture in its own units, 360 of them wide; it grows with its column.
const LEFT: f64 = 40.0;
pub(crate) const RIGHT: f64 = 352.0;
/// Where times and values are on the picture.
pub(crate) struct Place {
    pub(crate) from: Timestamp,
    pub(crate) length: f64,
    pub(crate) scale: Scale,
    pub(crate) top: f64,
    pub(crate) bottom: f64,
}

impl Place {
    pub(crate) fn x(&self, at: Timestamp) -> f64 {
        let share = at.duration_since(self.from).as_secs_f64() / self.length;
        tenths(LEFT + share.clamp(0.0, 1.0) * (RIGHT - LEFT))
    }

    pub(crate) fn y(&self, value: f64) -> f64 {
        tenths(self.bottom - self.scale.share(value) * (self.bottom - self.top))
    }
}

/// Finer than the eye sees is only long.
fn tenths(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}
