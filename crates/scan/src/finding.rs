//! One weak place, in the one format that all scanners and checks come to.

use domain::said::Said;
use serde::Serialize;

/// How bad it is, from not known to critical.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The scanner does not say.
    Unknown,
    /// Worth knowing.
    Low,
    /// To be repaired.
    Medium,
    /// To be repaired soon.
    High,
    /// To be repaired at once.
    Critical,
}

impl Severity {
    /// All, the worst first.
    pub const ALL: [Self; 5] = [Self::Critical, Self::High, Self::Medium, Self::Low, Self::Unknown];

    /// What a scanner calls it.
    ///
    /// ```
    /// assert_eq!(scan::Severity::named("MODERATE"), scan::Severity::Medium);
    /// ```
    pub fn named(word: &str) -> Self {
        match word.to_ascii_lowercase().as_str() {
            "critical" => Self::Critical,
            "high" => Self::High,
            "medium" | "moderate" => Self::Medium,
            "low" | "info" | "negligible" => Self::Low,
            _ => Self::Unknown,
        }
    }

    /// What a CVSS score from 0 to 10 is called.
    pub fn of_score(score: f64) -> Self {
        match score {
            score if score >= 9.0 => Self::Critical,
            score if score >= 7.0 => Self::High,
            score if score >= 4.0 => Self::Medium,
            score if score > 0.0 => Self::Low,
            _ => Self::Unknown,
        }
    }

    /// Its name for people.
    pub fn said(self) -> Said {
        match self {
            Self::Critical => Said::new("緊急", "critical"),
            Self::High => Said::new("高", "high"),
            Self::Medium => Said::new("中", "medium"),
            Self::Low => Said::new("低", "low"),
            Self::Unknown => Said::new("不明", "unknown"),
        }
    }
}

/// What is weak.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Weakness {
    /// A package with a known weakness.
    Dependency,
    /// A secret where others can read it.
    Secret,
    /// A setting.
    Setting,
    /// Who may read or write a file.
    Permission,
    /// An address that answers anybody.
    Route,
    /// A certificate or a protocol.
    Tls,
}

/// One weak place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Who found it.
    pub scanner: &'static str,
    /// What is weak.
    pub kind: Weakness,
    /// The scanner's name for it: an advisory, a rule.
    pub rule: String,
    /// How bad it is.
    pub severity: Severity,
    /// What it is, in a sentence.
    pub title: Said,
    /// The package.
    pub package: Option<String>,
    /// Its version here.
    pub version: Option<String>,
    /// The first version without it.
    pub fixed_in: Option<String>,
    /// The file, as it was named.
    pub file: Option<String>,
    /// The line in it, from 1.
    pub line: Option<u64>,
    /// Where more is written, or what answers.
    pub url: Option<String>,
}

impl Finding {
    /// One without a place yet.
    pub(crate) fn new(
        scanner: &'static str,
        kind: Weakness,
        rule: impl Into<String>,
        severity: Severity,
        title: Said,
    ) -> Self {
        Self {
            scanner,
            kind,
            rule: rule.into(),
            severity,
            title,
            package: None,
            version: None,
            fixed_in: None,
            file: None,
            line: None,
            url: None,
        }
    }
}

/// How one look went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It looked at everything.
    Ran,
    /// It looked, and not at everything: `reason` says what is missing.
    Partly,
    /// It could not look: nothing is known.
    NotRun,
    /// There is nothing for it to look at.
    NothingToDo,
}

/// One look of one scanner or check at one place.
#[derive(Clone, Debug, Serialize)]
pub struct Look {
    /// Who looked.
    pub scanner: &'static str,
    /// At what.
    pub target: Option<String>,
    /// How it went.
    pub state: State,
    /// Why it could not look, or not at everything.
    pub reason: Option<Said>,
    /// What to do about that.
    pub hint: Option<Said>,
    /// How many weak places it found.
    pub findings: usize,
}

impl Look {
    /// One that went well.
    pub(crate) fn ran(scanner: &'static str, target: Option<String>, findings: usize) -> Self {
        Self { scanner, target, state: State::Ran, reason: None, hint: None, findings }
    }

    /// One that did not look, and why.
    pub(crate) fn not_run(scanner: &'static str, target: Option<String>, reason: Said) -> Self {
        let (state, reason) = (State::NotRun, Some(reason));
        Self { scanner, target, state, reason, hint: None, findings: 0 }
    }

    /// One that had nothing to look at.
    pub(crate) fn nothing(scanner: &'static str, target: Option<String>) -> Self {
        Self { state: State::NothingToDo, ..Self::ran(scanner, target, 0) }
    }
}
