//! What the linter says about a rule: which kind of mistake, how grave, where, and what to do.

use crate::text::one_line;
use domain::said::{Language, Said};
use serde_json::{Value, json};
use source::{Place, Problem};
use std::fmt;

/// How grave a finding is. Orders from harmless to grave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Gravity {
    /// Worth knowing.
    Info,
    /// Probably not meant like this.
    Warning,
    /// The rule cannot do what it is for.
    Error,
}

/// The kinds of mistakes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FindingKind {
    /// The file cannot be read there.
    Invalid,
    /// No target exports the metric and no rule records it (B32).
    UnknownMetric,
    /// The metric has no such label.
    UnknownLabel,
    /// No series has such a value.
    UnknownLabelValue,
    /// A critical alert that fires on a single sample.
    NoFor,
    /// Nobody can tell how loud it is.
    NoSeverity,
    /// Nobody is told what to do.
    NoRunbookUrl,
    /// When the target goes away the alert goes silent.
    AbsentMissing,
    /// Every series passes, so it always fires.
    NoComparison,
    /// A comparison with `bool` is 0 or 1, and both fire.
    AlwaysTrue,
    /// Two limits for the same thing (C1).
    ConflictingLimits,
}

/// One thing that the linter says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Where.
    pub place: Place,
    /// What kind of mistake.
    pub kind: FindingKind,
    /// How grave.
    pub gravity: Gravity,
    /// The rule; none: it is about the file.
    pub rule: Option<String>,
    /// The metric that it is about, when it is about one.
    pub metric: Option<String>,
    /// What is wrong.
    pub message: Said,
    /// What to do.
    pub hint: Option<Said>,
}

impl Finding {
    /// The lines that a person reads: `file:line: error: message (kind)` and the hint below it. Names come from outside:
    /// what would move the cursor of a terminal is a blank here.
    pub fn render(&self, language: Language) -> String {
        let gravity = match self.gravity {
            Gravity::Error => language.pick("エラー", "error"),
            Gravity::Warning => language.pick("警告", "warning"),
            Gravity::Info => language.pick("情報", "info"),
        };
        let rule = self.rule.as_ref().map(|rule| format!("{rule}: ")).unwrap_or_default();
        let message = self.message.text(language);
        let mut text = one_line(&format!("{}: {gravity}: {rule}{message}", self.place));
        text.push_str(&format!(" ({})", self.kind));
        if let Some(hint) = &self.hint {
            let label = language.pick("ヒント", "hint");
            text.push_str(&format!("\n  {label}: {}", one_line(hint.text(language))));
        }
        text
    }

    /// The same as data: `kind`, `level`, `file`, `line`, `rule`, `metric`, `message`, `hint`.
    pub fn to_json(&self, language: Language) -> Value {
        json!({
            "kind": self.kind.to_string(),
            "level": self.gravity.to_string(),
            "file": &*self.place.file,
            "line": self.place.line,
            "rule": self.rule,
            "metric": self.metric,
            "message": self.message.text(language),
            "hint": self.hint.as_ref().map(|hint| hint.text(language)),
        })
    }
}

/// What could not be read is a finding like the others, so that a file has one list.
impl From<&Problem> for Finding {
    fn from(problem: &Problem) -> Self {
        Self {
            place: problem.place.clone(),
            kind: FindingKind::Invalid,
            gravity: Gravity::Error,
            rule: None,
            metric: None,
            message: problem.message.clone(),
            hint: problem.hint.clone(),
        }
    }
}

impl fmt::Display for Gravity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}

impl fmt::Display for FindingKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Invalid => "invalid",
            Self::UnknownMetric => "unknown_metric",
            Self::UnknownLabel => "unknown_label",
            Self::UnknownLabelValue => "unknown_label_value",
            Self::NoFor => "no_for",
            Self::NoSeverity => "no_severity",
            Self::NoRunbookUrl => "no_runbook_url",
            Self::AbsentMissing => "absent_missing",
            Self::NoComparison => "no_comparison",
            Self::AlwaysTrue => "always_true",
            Self::ConflictingLimits => "conflicting_limits",
        })
    }
}
