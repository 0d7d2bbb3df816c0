//! A finding: something that would fail when it is needed, and what to do about it.

use crate::said::Said;
use serde::{Deserialize, Serialize};

/// What can be found; `docs/reference/readiness.md` explains each.
pub const KINDS: [&str; 23] = [
    "not_running",
    "wakes_nobody",
    "tells_nobody",
    "contact_missing",
    "contact_unverified",
    "role_unheld",
    "channel_failing",
    "slow_rule",
    "alone",
    "rota_gap",
    "unwatched",
    "runbook_stale",
    "no_next_step",
    "long_silence",
    "automation_stopped",
    "certificate_expired",
    "certificate_expiring",
    "openid_connect",
    "token_expired",
    "token_expiring",
    "configuration",
    "secret",
    "clock",
];

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Grade {
    /// It will fail when it is needed.
    Error,
    /// It may fail, or nobody would see that it has.
    Warning,
}

/// Something that would fail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// How bad.
    pub grade: Grade,
    /// What kind of finding it is, one of the [`KINDS`].
    pub kind: String,
    /// What it is about, by its name in the configuration.
    pub about: String,
    /// What is wrong.
    pub said: Said,
    /// What to do.
    pub hint: Said,
}

impl Finding {
    /// A finding of one of the [`KINDS`].
    pub fn new(
        grade: Grade,
        kind: &str,
        about: impl ToString,
        said: (String, String),
        hint: (impl Into<String>, impl Into<String>),
    ) -> Self {
        debug_assert!(KINDS.contains(&kind), "{kind} is not in the table of kinds");
        Self {
            grade,
            kind: kind.to_owned(),
            about: about.to_string(),
            said: Said::new(said.0, said.1),
            hint: Said::new(hint.0.into(), hint.1.into()),
        }
    }
}
