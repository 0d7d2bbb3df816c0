//! The two scales: the level of an alert (a signal) and the priority of an incident (its impact), kept apart as C2 asks.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// How loud a signal is (document B). Orders from quiet to loud.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Recorded, never pages.
    Info,
    /// Its owner is told.
    Warning,
    /// Whoever is on call is paged.
    Critical,
}

impl Level {
    /// Its word, as configuration and labels have it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Critical => "critical",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Level {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.to_lowercase().as_str() {
            "info" | "情報" => Ok(Self::Info),
            "warning" | "警告" => Ok(Self::Warning),
            "critical" | "重大" => Ok(Self::Critical),
            _ => Err(format!("`{text}` is not a level: info, warning or critical")),
        }
    }
}

/// How much an incident hurts (document A). Orders from P3 (least) to P0 (most urgent), so that `max` is the worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Priority {
    /// Minor: within 24 hours.
    P3,
    /// Part of the product: within 4 hours.
    P2,
    /// A main function: within an hour.
    P1,
    /// Everything, or a breach: within 5 minutes.
    P0,
}

impl fmt::Display for Priority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::P0 => "P0",
            Self::P1 => "P1",
            Self::P2 => "P2",
            Self::P3 => "P3",
        })
    }
}

impl FromStr for Priority {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.to_uppercase().as_str() {
            "P0" => Ok(Self::P0),
            "P1" => Ok(Self::P1),
            "P2" => Ok(Self::P2),
            "P3" => Ok(Self::P3),
            _ => Err(format!("`{text}` is not a priority: P0, P1, P2 or P3")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_is_the_greatest() {
        assert_eq!(
            [Priority::P2, Priority::P0, Priority::P1].into_iter().max(),
            Some(Priority::P0)
        );
        assert!(Level::Critical > Level::Warning);
    }
}
