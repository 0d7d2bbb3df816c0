//! What people say of an alert afterwards: whether it was right, and whether it was worth a call (B36 to B38). Whoever reviews
//! the rules counts these labels; nothing that hikeshi does depends on them.

use crate::ids::{Actor, AlertId};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// What somebody says of an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertLabel {
    /// It meant trouble.
    True,
    /// Nothing was wrong.
    False,
    /// What it said was so, and nobody had to hear of it.
    Noise,
}

impl AlertLabel {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::True, Self::False, Self::Noise];

    /// The word, as commands and JSON have it.
    pub fn name(self) -> &'static str {
        match self {
            Self::True => "true",
            Self::False => "false",
            Self::Noise => "noise",
        }
    }
}

impl fmt::Display for AlertLabel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for AlertLabel {
    type Err = String;

    /// ```
    /// use domain::alert_label::AlertLabel;
    /// assert_eq!("noise".parse(), Ok(AlertLabel::Noise));
    /// assert!("maybe".parse::<AlertLabel>().is_err());
    /// ```
    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|label| label.name() == text);
        found.ok_or_else(|| format!("`{text}` is not a label: true, false or noise"))
    }
}

/// See [`Fact::AlertLabelled`](crate::fact::Fact::AlertLabelled).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertLabelled {
    /// Which alert; it may be over.
    pub alert: AlertId,
    /// What it was; none: what was said of it is taken back.
    pub label: Option<AlertLabel>,
    /// Who says so.
    pub by: Actor,
}
