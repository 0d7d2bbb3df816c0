//! Alert rules: which reading is judged, from which value it is bad, and how loud that is.

use crate::{
    calendar::Within,
    clock::Origin,
    ids::RuleName,
    reading::Value,
    said::Said,
    severity::{Level, Priority},
};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What kind of trouble a rule sees; correlation and classification go by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Symptom {
    /// A service does not do what is expected of it (B1).
    ServiceDown,
    /// A database cannot be used (A8, B2).
    DatabaseUnreachable,
    /// A function that users come for does not work (A5, A6, A10).
    FunctionFailed,
    /// Too large a share of requests fails (A9, A12).
    ErrorRate,
    /// Answers take too long (A7, A11).
    Latency,
    /// A file system fills (B3).
    Disk,
    /// Memory runs out (B5, A58).
    Memory,
    /// The processors are busy.
    Cpu,
    /// Errors in logs (A13).
    LogErrors,
    /// A log grows without bound (B6).
    LogSize,
    /// Data is not what it was or must be (A38).
    Integrity,
    /// Data may be gone for good (A82).
    DataLoss,
    /// A probe brings no values (B32).
    NoData,
    /// Anything else.
    Other,
}

impl Symptom {
    /// Whether the service is not there for those who need it: such an alert can be the cause of others.
    pub fn is_outage(self) -> bool {
        matches!(self, Self::ServiceDown | Self::DatabaseUnreachable)
    }
}

/// When a value is bad.
#[derive(Clone, Debug, PartialEq)]
pub enum Test {
    /// Greater than the limit.
    Above(f64),
    /// The limit or greater.
    AtLeast(f64),
    /// Less than the limit.
    Below(f64),
    /// Exactly this flag or word.
    Is(Value),
    /// Anything but this flag or word.
    IsNot(Value),
}

impl Test {
    /// Whether `value` is bad. A value of another type than the limit is not bad: the configuration check forbids it.
    pub fn holds(&self, value: &Value) -> bool {
        match (self, value) {
            (Self::Above(limit), Value::Number(number)) => number > limit,
            (Self::AtLeast(limit), Value::Number(number)) => number >= limit,
            (Self::Below(limit), Value::Number(number)) => number < limit,
            (Self::Is(bad), value) => bad == value,
            (Self::IsNot(good), value) => good != value,
            _ => false,
        }
    }
}

impl fmt::Display for Test {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Above(limit) => write!(f, "> {}", Value::Number(*limit)),
            Self::AtLeast(limit) => write!(f, "≥ {}", Value::Number(*limit)),
            Self::Below(limit) => write!(f, "< {}", Value::Number(*limit)),
            Self::Is(value) => write!(f, "= {value}"),
            Self::IsNot(value) => write!(f, "≠ {value}"),
        }
    }
}

/// One step of loudness of a rule.
#[derive(Clone, Debug, PartialEq)]
pub struct Band {
    /// From which value on.
    pub test: Test,
    /// While it fires, the value must pass this easier test to count as good (hysteresis).
    pub stays: Option<Test>,
    /// How loud.
    pub level: Level,
    /// The incident priority that this value alone means; none: an alert, but no incident.
    pub priority: Option<Priority>,
    /// How long it must hold before it fires.
    pub hold: SignedDuration,
    /// At least `n` of the last `m` looks must be bad.
    pub n_of_m: (u32, u32),
    /// How soon somebody must respond; none: as the rule says.
    pub respond_within: Option<Within>,
}

/// An alert rule.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// Its name.
    pub name: RuleName,
    /// What people call it, `サービスダウン`.
    pub title: Said,
    /// What kind of trouble it sees.
    pub symptom: Symptom,
    /// The reading that it judges.
    pub reading: String,
    /// The unit to show behind values: `ms`, `%`.
    pub unit: String,
    /// From the most severe to the least.
    pub bands: Vec<Band>,
    /// Good looks in a row that end it.
    pub clear_passes: u32,
    /// Who owns it.
    pub owner: String,
    /// How soon somebody must respond.
    pub respond_within: Within,
    /// Who says so.
    pub respond_from: Origin,
}

impl Rule {
    /// The longest window that any band looks back on.
    pub fn window(&self) -> u32 {
        self.bands.iter().map(|band| band.n_of_m.1).max().unwrap_or(1)
    }

    /// How soon somebody must respond to one of its bands.
    pub fn respond_within(&self, band: usize) -> Within {
        let own = self.bands.get(band).and_then(|band| band.respond_within);
        own.unwrap_or(self.respond_within)
    }

    /// What decided, in words: `p95_ms ≥ 10000`.
    pub fn condition(&self, band: usize) -> String {
        match self.bands.get(band) {
            Some(band) => format!("{} {}", self.reading, band.test),
            None => self.reading.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// B3: strictly more than 90; C5: 10 s exactly is P1, 5 s exactly is P2.
    #[test]
    fn limits_are_exact() {
        assert!(!Test::Above(90.0).holds(&Value::Number(90.0)));
        assert!(Test::Above(90.0).holds(&Value::Number(90.1)));
        assert!(Test::AtLeast(10_000.0).holds(&Value::Number(10_000.0)));
        assert!(!Test::AtLeast(10_000.0).holds(&Value::Number(9_999.0)));
    }

    #[test]
    fn a_word_where_a_number_belongs_is_not_bad() {
        assert!(!Test::Above(1.0).holds(&Value::Text("99".into())));
    }
}
