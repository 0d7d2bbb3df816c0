//! What facts about attempts carry: at a step, at telling somebody, and at finding whoever goes on.

use crate::{
    carried_notices::Delivery,
    carried_runs::Answer,
    ids::{Actor, ChannelName, ContactName, IncidentId, NoticeId, RunId, ServiceName, StepName},
    plan::{Outcome, Role},
    said::Said,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// See [`Fact::NoticeAttempted`](crate::fact::Fact::NoticeAttempted).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NoticeAttempted {
    /// The notice.
    pub notice: NoticeId,
    /// Which attempt, from 1.
    pub attempt: u32,
    /// On which channel.
    pub channel: ChannelName,
    /// How it went.
    pub outcome: Delivery,
    /// The other side's answer, or the error.
    pub detail: String,
    /// When it is tried again; none: delivered, or given up.
    pub next_at: Option<Timestamp>,
    /// Index into the ways for the next attempt.
    pub next_way: usize,
    /// What the service calls the message, for later messages about the same: the thread in a chat.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<String>,
    /// Until when the service wants no further message on this channel (`Retry-After`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub busy_until: Option<Timestamp>,
}

/// See [`Fact::NoticeMissed`](crate::fact::Fact::NoticeMissed).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NoticeMissed {
    /// The notice.
    pub notice: NoticeId,
    /// On which channel.
    pub channel: ChannelName,
    /// What the service calls the message, where it says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<String>,
    /// How it missed its person.
    pub miss: Miss,
    /// The word of the service, such as `no-answer`.
    pub detail: String,
    /// Who says so.
    pub by: Actor,
    /// Index into the ways for the next attempt, at once; none: no way is left, nobody need be told any more, or the
    /// attempt itself has not come back yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_way: Option<usize>,
}

/// How an accepted message missed its person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Miss {
    /// It rang, and nobody took it.
    Unanswered,
    /// The service could not bring it.
    Undelivered,
}

/// See [`Fact::AttemptSettled`](crate::fact::Fact::AttemptSettled).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AttemptSettled {
    /// The run.
    pub run: RunId,
    /// The step.
    pub step: StepName,
    /// The attempt.
    pub attempt: u32,
    /// How.
    pub outcome: Outcome,
    /// Exit code, when there is one.
    pub exit: Option<i32>,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
    /// The last lines of its output, masked and cut; text from outside.
    pub output: String,
    /// Captured values.
    pub captured: BTreeMap<String, String>,
    /// Where evidence was kept.
    pub evidence: Option<String>,
}

/// See [`Fact::IncidentEscalated`](crate::fact::Fact::IncidentEscalated).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IncidentEscalated {
    /// The incident.
    pub incident: IncidentId,
    /// The level, from 1.
    pub level: u32,
    /// What the level is called.
    pub title: String,
    /// Who is told.
    pub contacts: Vec<ContactName>,
    /// Why.
    pub reason: Said,
    /// When the next level is told if it is still open; none: this was the last.
    pub next_at: Option<Timestamp>,
    /// When the page is repeated if nobody acknowledges; none: told once.
    pub next_page_at: Option<Timestamp>,
}

/// See [`Fact::AttemptIntended`](crate::fact::Fact::AttemptIntended).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AttemptIntended {
    /// The run.
    pub run: RunId,
    /// The target, for the rate limit.
    pub target: ServiceName,
    /// The step.
    pub step: StepName,
    /// Its role.
    pub role: Role,
    /// Which attempt at this step, from 1.
    pub attempt: u32,
    /// Whether it changes something.
    pub changes: bool,
    /// When it will have been killed.
    pub deadline: Timestamp,
}

/// See [`Fact::QuestionAsked`](crate::fact::Fact::QuestionAsked).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct QuestionAsked {
    /// The run.
    pub run: RunId,
    /// The step.
    pub step: StepName,
    /// The attempt.
    pub attempt: u32,
    /// Why it is unknown.
    pub reason: Said,
    /// When the run ends without an answer.
    pub expires_at: Timestamp,
}

/// See [`Fact::QuestionAnswered`](crate::fact::Fact::QuestionAnswered).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct QuestionAnswered {
    /// The run.
    pub run: RunId,
    /// The step.
    pub step: StepName,
    /// The attempt.
    pub attempt: u32,
    /// What they said.
    pub answer: Answer,
    /// Why.
    pub reason: String,
    /// Who.
    pub by: Actor,
}
