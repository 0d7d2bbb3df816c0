//! The numbers on a chart, and what they mean: what happened while something was measured.

use crate::{
    plot::{Mark, Place},
    scale::Scale,
    when::Clock,
};
use askama::{Template, filters::HtmlSafe};
use jiff::Timestamp;

/// What the numbers on charts mean.
#[derive(Clone, Debug, Template)]
#[template(path = "signs.html")]
pub(crate) struct Signs {
    signs: Vec<Sign>,
}

/// A mark on the chart.
#[derive(Clone, Debug)]
pub(crate) struct Sign {
    pub(crate) number: usize,
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) class: &'static str,
    pub(crate) at: String,
    pub(crate) text: String,
}

// A template: it has escaped what it holds.
impl HtmlSafe for Signs {}

/// How high a row of numbers is, and how far apart they stand at least.
pub(crate) const SIGN: f64 = 16.0;
/// Of more marks the newest are shown.
const MOST: usize = 20;
const ROWS: usize = 3;

/// The marks of a stretch of time, numbered as its charts number them.
pub(crate) fn of(marks: &[Mark], from: Timestamp, to: Timestamp, clock: &Clock) -> Signs {
    let length = to.duration_since(from).as_secs_f64().max(1.0);
    let place = Place { from, length, scale: Scale::holding(0.0, 1.0), top: 0.0, bottom: 0.0 };
    Signs { signs: numbered(marks, &place, to, clock).0 }
}

/// Numbers on top, and how many rows of them there are: those that stand too near to each other go into the next row.
pub(crate) fn numbered(
    marks: &[Mark],
    place: &Place,
    to: Timestamp,
    clock: &Clock,
) -> (Vec<Sign>, usize) {
    let is_inside = |mark: &&Mark| mark.at >= place.from && mark.at <= to;
    let mut inside: Vec<_> = marks.iter().filter(is_inside).collect();
    inside.sort_by_key(|mark| mark.at);
    inside.drain(..inside.len().saturating_sub(MOST));
    let mut last = [f64::NEG_INFINITY; ROWS];
    let mut used = 0;
    let mut found = Vec::new();
    for (index, mark) in inside.iter().enumerate() {
        let x = place.x(mark.at);
        let row = last.iter().position(|last| x - last >= SIGN).unwrap_or(ROWS - 1);
        last[row] = x;
        used = used.max(row + 1);
        found.push(Sign {
            number: index + 1,
            x,
            y: SIGN / 2.0 + SIGN * row as f64,
            class: mark.class,
            at: clock.show(mark.at).short,
            text: mark.text.text(clock.language).to_owned(),
        });
    }
    (found, used)
}
