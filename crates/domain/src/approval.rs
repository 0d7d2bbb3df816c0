//! Approvals: what exactly a person is asked before a step that can hurt runs, and who may answer.
//!
//! An answer counts for one body with one set of values and nothing else, for a short time, and never comes from whoever
//! started the run. After it the guardrails are asked again.

use crate::{
    command::Refusal,
    fact::{ApprovalAsked, StepBrief},
    ids::Actor,
    plan::EffectKind,
    severity::Priority,
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How long a question waits for its answer, and an answer for its step.
pub const ANSWER_WITHIN: SignedDuration = SignedDuration::from_mins(10);

/// A question and the answers so far.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Approval {
    /// What was asked.
    pub asked: ApprovalAsked,
    /// Who agreed.
    pub given: Vec<Actor>,
    /// When it is too late; a complete answer holds for a while of its own.
    pub expires_at: Timestamp,
}

impl Approval {
    /// A question without answers.
    pub fn new(asked: ApprovalAsked) -> Self {
        let expires_at = asked.expires_at;
        Self { asked, given: Vec::new(), expires_at }
    }

    /// How many people must still agree.
    pub fn still_needed(&self) -> u32 {
        let given = u32::try_from(self.given.len()).unwrap_or(u32::MAX);
        self.asked.needs.saturating_sub(given)
    }

    /// Whether it is about this step as it would run now.
    pub fn covers(&self, step: &StepBrief, values: &BTreeMap<String, String>) -> bool {
        let asked = &self.asked;
        asked.step == step.name && asked.digest == step.digest && asked.values == *values
    }

    /// Whether this person may say yes.
    ///
    /// # Errors
    /// Why not: they started the run, have answered already, or are no person; or it is too late.
    pub fn may_be_given(
        &self,
        by: &Actor,
        initiator: &Actor,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let id = self.asked.id;
        if !matches!(by, Actor::Person(_)) {
            return Err(Refusal::conflict(
                format!("{id}: 承認できるのは人だけです"),
                format!("{id}: only a person can approve"),
            ));
        }
        if by == initiator {
            return Err(Refusal::conflict(
                format!("{id}: 実行を始めた {by} は承認できません。別の人が承認してください"),
                format!("{id}: {by} started the run and cannot approve it; somebody else must"),
            ));
        }
        if self.given.contains(by) {
            return Err(Refusal::conflict(
                format!("{id}: {by} は承認済みです。もう 1 人の承認が必要です"),
                format!("{id}: {by} has approved already; a second person must"),
            ));
        }
        if now >= self.expires_at {
            return Err(Refusal::conflict(
                format!("{id} は期限切れです"),
                format!("{id} has expired"),
            ));
        }
        Ok(())
    }
}

/// How many people must agree to a step: two where it can lose data while everything is down.
pub fn people_needed(effect: EffectKind, priority: Option<Priority>) -> u32 {
    if effect == EffectKind::Destructive && priority == Some(Priority::P0) { 2 } else { 1 }
}
