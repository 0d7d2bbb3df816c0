//! One reading out of several series: the only one, their sum, or how fast counters grow.

use domain::{reading::Reading, said::Said};
use jiff::{SignedDuration, Timestamp};
use source::{Node, Problems};
use std::collections::HashMap;

/// How several values become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Take {
    /// There must be only one.
    Only,
    /// All added.
    Sum,
    /// The largest.
    Max,
    /// The smallest.
    Min,
    /// How many there are.
    Count,
}

impl Take {
    /// The way with this name.
    pub fn by_name(name: &str) -> Option<Self> {
        Some(match name {
            "only" => Self::Only,
            "sum" => Self::Sum,
            "max" => Self::Max,
            "min" => Self::Min,
            "count" => Self::Count,
            _ => return None,
        })
    }

    /// Reads `take:`; any other word is a problem.
    pub fn parse(node: &Node, problems: &mut Problems) -> Option<Self> {
        let text = node.text(problems)?;
        let take = Self::by_name(&text);
        if take.is_none() {
            unknown_take(node, "only, sum, max, min, count", &text, problems);
        }
        take
    }

    /// The reading of these values, of which there is at least one.
    ///
    /// # Errors
    /// A sentence when there are several and only one was expected.
    pub fn of(self, values: &[f64]) -> Result<Reading, Said> {
        Ok(number(match (self, values) {
            (Self::Only, [value]) => *value,
            (Self::Only, _) => {
                return Err(Said::new(
                    format!(
                        "{} 系列が一致します。ラベルを足すか、`take: sum`、`max`、`min`、`count` のどれかを書いてください",
                        values.len()
                    ),
                    format!(
                        "{} series match; name more labels, or write `take: sum`, `max`, `min` or `count`",
                        values.len()
                    ),
                ));
            }
            (Self::Sum, _) => values.iter().sum(),
            (Self::Max, _) => values.iter().copied().fold(f64::NAN, f64::max),
            (Self::Min, _) => values.iter().copied().fold(f64::NAN, f64::min),
            (Self::Count, _) => values.len() as f64,
        }))
    }
}

/// Says that `take:` knows other words.
pub(crate) fn unknown_take(node: &Node, known: &str, text: &str, problems: &mut Problems) {
    problems.add(
        &node.place,
        Said::new(
            format!("`take` は {known} のどれかです (`{text}` ではなく)"),
            format!("`take` is one of {known}, not `{text}`"),
        ),
    );
}

/// A measured number; what is not a finite one is nothing that a rule could compare.
pub(crate) fn number(value: f64) -> Reading {
    if value.is_finite() {
        Reading::number(value)
    } else {
        Reading::Unknown(Said::new(format!("値が {value} です"), format!("the value is {value}")))
    }
}

/// How fast counters grow per second, over two looks.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rate {
    last: Option<(Timestamp, HashMap<String, f64>)>,
}

impl Rate {
    /// What the counters grew by since the last look, added up. A counter that is smaller than before began anew
    /// at 0. One that was not there before is counted from now on: it may be old and have been away, and its whole
    /// life is not what happened since.
    pub fn take(&mut self, now: Timestamp, counters: HashMap<String, f64>) -> Reading {
        let Some((then, before)) = self.last.replace((now, counters)) else {
            return Reading::Unknown(Said::new(
                "増加率には 2 回の計測が必要です",
                "a rate needs two looks",
            ));
        };
        let elapsed = now.duration_since(then);
        if elapsed <= SignedDuration::ZERO {
            return Reading::Unknown(Said::new(
                "前回の計測から時計が進んでいません",
                "the clock did not move on since the last look",
            ));
        }
        let (_, counters) = self.last.as_ref().expect("just put there");
        let mut growth = None;
        for (series, value) in counters {
            if let Some(before) = before.get(series) {
                let grown = if value < before { *value } else { value - before };
                *growth.get_or_insert(0.0) += grown;
            }
        }
        match growth {
            Some(growth) => number(growth / elapsed.as_secs_f64()),
            None => Reading::Unknown(Said::new(
                "増加率には 2 回の計測が必要です",
                "a rate needs two looks",
            )),
        }
    }

    /// The counters were not there: the next look is a first one.
    pub fn forget(&mut self) {
        self.last = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("in range")
    }

    fn counters(values: &[(&str, f64)]) -> HashMap<String, f64> {
        values.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect()
    }

    #[test]
    fn several_values_become_one() {
        let values = [3.0, f64::NAN, 1.0];
        assert_eq!(Take::Max.of(&values), Ok(Reading::number(3.0)));
        assert_eq!(Take::Min.of(&values), Ok(Reading::number(1.0)));
        assert_eq!(Take::Count.of(&values), Ok(Reading::number(3.0)));
        assert_eq!(
            Take::Sum.of(&values),
            Ok(Reading::Unknown(Said::new("値が NaN です", "the value is NaN")))
        );
        assert!(Take::Only.of(&values).expect_err("three").en.starts_with("3 series match"));
        assert_eq!(Take::Only.of(&[2.5]), Ok(Reading::number(2.5)));
    }

    #[test]
    fn a_rate_is_over_two_looks_and_survives_a_restart_of_the_counter() {
        let mut rate = Rate::default();
        let first = rate.take(at(0), counters(&[("a", 100.0), ("b", 5.0)]));
        assert!(matches!(first, Reading::Unknown(_)));
        let second = rate.take(at(10), counters(&[("a", 130.0), ("b", 5.0)]));
        assert_eq!(second, Reading::number(3.0));
        // The target was restarted: 20 since then.
        let third = rate.take(at(20), counters(&[("a", 20.0), ("b", 5.0)]));
        assert_eq!(third, Reading::number(2.0));
        // c may have been away with all its life.
        let fourth = rate.take(at(30), counters(&[("a", 20.0), ("c", 1e9)]));
        assert_eq!(fourth, Reading::number(0.0));
        assert_eq!(rate.take(at(40), counters(&[("c", 1e9 + 50.0)])), Reading::number(5.0));
    }

    #[test]
    fn a_clock_that_stands_still_or_goes_back_makes_no_rate() {
        let mut rate = Rate::default();
        rate.take(at(10), counters(&[("a", 1.0)]));
        assert!(matches!(rate.take(at(10), counters(&[("a", 2.0)])), Reading::Unknown(_)));
        assert!(matches!(rate.take(at(5), counters(&[("a", 3.0)])), Reading::Unknown(_)));
        assert_eq!(rate.take(at(15), counters(&[("a", 13.0)])), Reading::number(1.0));
    }
}
