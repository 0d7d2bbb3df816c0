//! One notice and every attempt at delivering it: the delivery ledger (A28).

use domain::{
    fact::{
        About, Delivery, Event, Fact, Miss, NoticeAttempted, NoticeMissed, NoticeOwed,
        NoticeProved, Proof,
    },
    ids::{Actor, ChannelName, ContactName, NoticeId, RoleName},
    severity::{Level, Priority},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Where a notice stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum NoticeState {
    /// Not delivered yet; it is tried again.
    Pending,
    /// The other side took it.
    Delivered,
    /// No way is left.
    GivenUp,
    /// Somebody was on it before it was delivered.
    Withdrawn,
}

/// One notice.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct NoticeView {
    /// Its number.
    #[schema(value_type = u64)]
    pub id: NoticeId,
    /// What it is about.
    #[schema(value_type = serde_json::Value)]
    pub about: About,
    /// Why it was sent.
    #[schema(value_type = String)]
    pub event: Event,
    /// Who is told; none: a room.
    #[schema(value_type = Option<String>)]
    pub to: Option<ContactName>,
    /// The channels, in the order of trying.
    #[schema(value_type = Vec<String>)]
    pub channels: Vec<ChannelName>,
    /// The subject.
    pub subject: String,
    /// The text.
    pub body: String,
    /// The priority.
    #[schema(value_type = Option<String>)]
    pub priority: Option<Priority>,
    /// The level.
    #[schema(value_type = Option<String>)]
    pub level: Option<Level>,
    /// Since when it is owed.
    #[schema(value_type = String, format = DateTime)]
    pub owed_at: Timestamp,
    /// Where it stands.
    pub state: NoticeState,
    /// When it is tried again.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub next_at: Option<Timestamp>,
    /// What the person who is told answers for.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    pub roles: Vec<RoleName>,
    /// All attempts, oldest first.
    pub attempts: Vec<AttemptView>,
    /// What shows that it reached more than the service that took it; oldest first, empty: only that is known.
    #[serde(default)]
    pub proofs: Vec<ProofView>,
    /// Accepted messages that missed their person, oldest first.
    #[serde(default)]
    pub misses: Vec<MissView>,
}

/// An accepted message that missed its person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct MissView {
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// On which channel.
    #[schema(value_type = String)]
    pub channel: ChannelName,
    /// How.
    #[schema(value_type = String)]
    pub miss: Miss,
    /// The word of the service.
    pub detail: String,
}

/// A proof that a message arrived.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ProofView {
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// What shows it.
    #[schema(value_type = String)]
    pub proof: Proof,
    /// Who says so.
    #[schema(value_type = crate::shape::ActorShape)]
    pub by: Actor,
}

/// One attempt at telling.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AttemptView {
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// Which, from 1.
    pub attempt: u32,
    /// On which channel.
    #[schema(value_type = String)]
    pub channel: ChannelName,
    /// How it went.
    #[schema(value_type = String)]
    pub outcome: Delivery,
    /// The other side's answer, or the error.
    pub detail: String,
}

impl NoticeView {
    pub(crate) fn owed(owed: &NoticeOwed, at: Timestamp) -> Self {
        Self {
            id: owed.id,
            about: owed.about.clone(),
            event: owed.event,
            to: owed.to.clone(),
            channels: owed.ways.iter().map(|way| way.channel.clone()).collect(),
            subject: owed.subject.clone(),
            body: owed.body.clone(),
            priority: owed.priority,
            level: owed.level,
            owed_at: at,
            state: NoticeState::Pending,
            next_at: Some(owed.not_before.map_or(at, |later| later.max(at))),
            roles: owed.roles.clone(),
            attempts: Vec::new(),
            proofs: Vec::new(),
            misses: Vec::new(),
        }
    }

    /// Whether it was given up, or an attempt at it failed or missed its person.
    pub fn has_failed(&self) -> bool {
        let failed = |attempt: &AttemptView| attempt.outcome != Delivery::Delivered;
        self.state == NoticeState::GivenUp
            || !self.misses.is_empty()
            || self.attempts.iter().any(failed)
    }

    /// Follows a fact about this notice.
    pub(crate) fn follow(&mut self, fact: &Fact, at: Timestamp) {
        if let Fact::NoticeProved(NoticeProved { proof, by, .. }) = fact {
            self.proofs.push(ProofView { at, proof: *proof, by: by.clone() });
        }
        if let Fact::NoticeMissed(missed) = fact {
            self.missed(missed, at);
        }
        if let Fact::NoticeWithdrawn(_) = fact {
            (self.state, self.next_at) = (NoticeState::Withdrawn, None);
        }
        let Fact::NoticeAttempted(NoticeAttempted {
            attempt,
            channel,
            outcome,
            detail,
            next_at,
            ..
        }) = fact
        else {
            return;
        };
        self.state = match (outcome, next_at) {
            (Delivery::Delivered, _) => NoticeState::Delivered,
            (_, Some(_)) => NoticeState::Pending,
            (_, None) => NoticeState::GivenUp,
        };
        self.next_at = *next_at;
        self.attempts.push(AttemptView {
            at,
            attempt: *attempt,
            channel: channel.clone(),
            outcome: *outcome,
            detail: detail.clone(),
        });
    }

    /// A word that came before its attempt did leaves the notice pending.
    fn missed(&mut self, missed: &NoticeMissed, at: Timestamp) {
        let NoticeMissed { channel, miss, detail, next_way, .. } = missed.clone();
        if self.misses.last().is_none_or(|last| last.channel != channel || last.detail != detail) {
            self.misses.push(MissView { at, channel, miss, detail });
        }
        if self.state == NoticeState::Delivered {
            let (state, next_at) = match next_way {
                Some(_) => (NoticeState::Pending, Some(at)),
                None => (NoticeState::GivenUp, None),
            };
            (self.state, self.next_at) = (state, next_at);
        }
    }
}
