//! What the linter says: which rule, how grave, where, and what to do.

use domain::said::{Language, Said};
use std::{fmt, str::FromStr};

/// How grave a finding is. Orders from harmless to grave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Worth knowing.
    Info,
    /// Somebody will stumble over it.
    Warning,
    /// Who follows the document does harm, or cannot follow it.
    Error,
}

impl Level {
    /// Its word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }

    /// Its word for a person.
    pub fn said(self, language: Language) -> &'static str {
        match self {
            Self::Info => language.pick("情報", "info"),
            Self::Warning => language.pick("警告", "warning"),
            Self::Error => language.pick("エラー", "error"),
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
        [Self::Info, Self::Warning, Self::Error]
            .into_iter()
            .find(|level| level.name() == text)
            .ok_or_else(|| "info, warning, error".to_owned())
    }
}

/// One thing that the linter says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule, by its id.
    pub rule: &'static str,
    /// How grave.
    pub level: Level,
    /// The file as it was given.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1, where it is about a place in the line.
    pub column: Option<u32>,
    /// What is wrong.
    pub message: Said,
    /// What to do.
    pub hint: Said,
}
