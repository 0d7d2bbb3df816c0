//! Who does what in an incident: commander, operations, communications, scribe (A25).

use crate::said::Said;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// A role in an incident, as the field knows them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IncidentRole {
    /// 指揮: decides.
    Commander,
    /// 対処: changes systems.
    Operations,
    /// 連絡: speaks to everybody outside of the response.
    Communications,
    /// 記録: writes down.
    Scribe,
}

impl IncidentRole {
    /// All of them.
    pub const ALL: [Self; 4] =
        [Self::Commander, Self::Operations, Self::Communications, Self::Scribe];

    /// What people call it.
    pub fn title(self) -> Said {
        match self {
            Self::Commander => Said::new("指揮", "commander"),
            Self::Operations => Said::new("対処", "operations"),
            Self::Communications => Said::new("連絡", "communications"),
            Self::Scribe => Said::new("記録", "scribe"),
        }
    }

    /// Its word in commands.
    pub fn word(self) -> &'static str {
        match self {
            Self::Commander => "commander",
            Self::Operations => "operations",
            Self::Communications => "communications",
            Self::Scribe => "scribe",
        }
    }
}

impl fmt::Display for IncidentRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

impl FromStr for IncidentRole {
    type Err = String;

    /// `commander` or 指揮.
    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL
            .into_iter()
            .find(|role| role.word().eq_ignore_ascii_case(text) || role.title().ja == text);
        found.ok_or_else(|| {
            format!("`{text}` is no role: commander, operations, communications or scribe")
        })
    }
}
