//! What commands say of attempts at steps: what outlived hikeshi, and what came out.

use crate::{
    ids::{RunId, StepName},
    plan::Outcome,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// An attempt that outlived hikeshi.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attached {
    /// The run.
    pub run: RunId,
    /// The step.
    pub step: StepName,
    /// The attempt.
    pub attempt: u32,
}

/// What a performer reports of a step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StepReport {
    /// How it ended.
    pub outcome: Outcome,
    /// Exit code, when there is one.
    pub exit: Option<i32>,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
    /// The last lines of its output, masked and cut.
    pub output: String,
    /// Captured values.
    pub captured: BTreeMap<String, String>,
    /// Where evidence was kept.
    pub evidence: Option<String>,
}

impl StepReport {
    /// A report with an outcome and nothing else.
    pub fn of(outcome: Outcome) -> Self {
        Self {
            outcome,
            exit: None,
            took_ms: 0,
            output: String::new(),
            captured: BTreeMap::new(),
            evidence: None,
        }
    }
}
