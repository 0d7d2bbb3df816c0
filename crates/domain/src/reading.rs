//! What a probe saw: measured, stale, unknown or failed, never a made-up default.

use crate::{
    ids::{ProbeName, ServiceName},
    said::Said,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fmt};

/// A measured value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// Yes or no, for example `up`.
    Flag(bool),
    /// A number in the unit that the reading's name ends with (`_ms`, `_percent`, `_bytes`).
    Number(f64),
    /// A word, for example the state of a process.
    Text(String),
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(flag) => write!(f, "{flag}"),
            Self::Number(number) if number.fract() == 0.0 && number.abs() < 1e15 => {
                write!(f, "{number:.0}")
            }
            Self::Number(number) => write!(f, "{}", (number * 1000.0).round() / 1000.0),
            Self::Text(text) => f.write_str(text),
        }
    }
}

/// One value of an observation, or why there is none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reading {
    /// Seen now.
    Measured(Value),
    /// Seen before, not now: the value is from `at`.
    Stale {
        /// The value as it was.
        value: Value,
        /// When it was seen.
        at: Timestamp,
    },
    /// Cannot be said yet: too little traffic, a baseline not ready, first sample of two.
    Unknown(Said),
    /// The probe itself could not look. This is no statement about the target.
    Failed(Said),
}

impl Reading {
    /// A measured number.
    pub fn number(value: f64) -> Self {
        Self::Measured(Value::Number(value))
    }

    /// A measured yes or no.
    pub fn flag(value: bool) -> Self {
        Self::Measured(Value::Flag(value))
    }

    /// A measured word.
    pub fn text(value: impl Into<String>) -> Self {
        Self::Measured(Value::Text(value.into()))
    }

    /// The value, only when it was measured now.
    pub fn measured(&self) -> Option<&Value> {
        match self {
            Self::Measured(value) => Some(value),
            _ => None,
        }
    }

    /// The value, or why there is none, for people.
    pub fn said(&self) -> Said {
        match self {
            Self::Measured(value) => Said::same(value.to_string()),
            Self::Stale { value, at } => {
                Said::new(format!("{value} ({at} の値)"), format!("{value} (stale, from {at})"))
            }
            Self::Unknown(why) => {
                Said::new(format!("不明: {}", why.ja), format!("unknown: {}", why.en))
            }
            Self::Failed(why) => {
                Said::new(format!("計測できず: {}", why.ja), format!("not measured: {}", why.en))
            }
        }
    }
}

/// English, for logs; people see [`Reading::said`].
impl fmt::Display for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.said().en)
    }
}

/// One look of one probe at one service. No opinion: rules judge it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Observation {
    /// Which probe looked.
    pub probe: ProbeName,
    /// At which service.
    pub service: ServiceName,
    /// When the look ended.
    pub at: Timestamp,
    /// The values by name: `up`, `latency_ms`, `used_percent` and so on.
    pub readings: BTreeMap<String, Reading>,
    /// A short explanation for people: `connection refused`, `HTTP 503`, `exit code 1`. It may hold text from outside: show it, never run it.
    pub detail: Option<Said>,
}

impl Observation {
    /// An observation with no readings yet.
    pub fn new(
        probe: impl Into<ProbeName>,
        service: impl Into<ServiceName>,
        at: Timestamp,
    ) -> Self {
        Self {
            probe: probe.into(),
            service: service.into(),
            at,
            readings: BTreeMap::new(),
            detail: None,
        }
    }

    /// Adds a reading.
    #[must_use]
    pub fn with(mut self, name: &str, reading: Reading) -> Self {
        self.readings.insert(name.to_owned(), reading);
        self
    }

    /// Adds the explanation.
    #[must_use]
    pub fn because(mut self, detail: impl Into<Said>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// Every text in it, to be changed in place: the explanation, and readings that are words or reasons.
    pub fn texts_mut(&mut self) -> impl Iterator<Item = &mut String> {
        let readings = self.readings.values_mut().flat_map(|reading| match reading {
            Reading::Measured(Value::Text(text))
            | Reading::Stale { value: Value::Text(text), .. } => vec![text],
            Reading::Unknown(said) | Reading::Failed(said) => vec![&mut said.ja, &mut said.en],
            Reading::Measured(_) | Reading::Stale { .. } => Vec::new(),
        });
        let detail = self.detail.iter_mut().flat_map(|said| [&mut said.ja, &mut said.en]);
        detail.chain(readings)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reading_says_what_it_is() {
        assert_eq!(Reading::number(93.25).to_string(), "93.25");
        assert_eq!(Reading::number(10000.0).to_string(), "10000");
        assert_eq!(
            Reading::Unknown("3 of 20 requests".into()).to_string(),
            "unknown: 3 of 20 requests"
        );
        assert!(Reading::Failed("permission denied".into()).measured().is_none());
    }

    #[test]
    fn an_observation_survives_json() {
        let seen = Observation::new("p", "api-1", Timestamp::UNIX_EPOCH)
            .with("up", Reading::flag(false))
            .with("state", Reading::text("dead"))
            .because("exit code 1");
        let json = serde_json::to_string(&seen).expect("plain data serialises");
        assert_eq!(serde_json::from_str::<Observation>(&json).expect("reads back"), seen);
    }
}
