//! What the facts about notices carry: plain data, journaled as JSON like the facts themselves.

use crate::{
    ids::{
        Actor, AlertKey, ApprovalId, ChannelName, ContactName, IncidentId, NoticeId, RoleName,
        RunId, ScheduleName, SilenceId, StepName,
    },
    severity::{Level, Priority},
};
use jiff::{SignedDuration, Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

/// See [`Fact::NoticeOwed`](crate::fact::Fact::NoticeOwed).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NoticeOwed {
    /// Its number; with the attempt it is the idempotency key.
    pub id: NoticeId,
    /// What it is about.
    pub about: About,
    /// Why it is sent.
    pub event: Event,
    /// Who is told; none: a room.
    pub to: Option<ContactName>,
    /// How, in the order of trying.
    pub ways: Vec<Way>,
    /// The subject.
    pub subject: String,
    /// The text.
    pub body: String,
    /// The priority, for channels that show it.
    pub priority: Option<Priority>,
    /// The level, for channels that show it.
    pub level: Option<Level>,
    /// Tries on one way before the next.
    pub tries: u32,
    /// First wait in milliseconds; it doubles.
    pub first_wait_ms: u64,
    /// Longest wait in milliseconds.
    pub longest_wait_ms: u64,
    /// What a person is asked besides, where it is more than to see to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asks: Option<Asks>,
    /// It is not sent before then, by a person's own rules or quiet hours; none: at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_before: Option<Timestamp>,
    /// What the person who is told answers for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<RoleName>,
}

impl NoticeOwed {
    /// A notice to a room that is tried once, without priority and level; what is otherwise is written over it.
    pub fn new(
        id: NoticeId,
        about: About,
        event: Event,
        subject: impl Into<String>,
        body: impl Into<String>,
    ) -> Self {
        Self {
            id,
            about,
            event,
            to: None,
            ways: Vec::new(),
            subject: subject.into(),
            body: body.into(),
            priority: None,
            level: None,
            tries: 1,
            first_wait_ms: 0,
            longest_wait_ms: 0,
            asks: None,
            not_before: None,
            roles: Vec::new(),
        }
    }

    /// The longest wait between two attempts.
    pub fn longest_wait(&self) -> SignedDuration {
        SignedDuration::from_millis(i64::try_from(self.longest_wait_ms).unwrap_or(i64::MAX))
    }
}

/// What a message asks its reader.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Asks {
    /// Whether they see to an incident.
    Incident(IncidentId),
    /// Whether a step may run.
    Approval(ApprovalId),
    /// What became of an attempt that nobody knows the outcome of.
    Outcome {
        /// The run.
        run: RunId,
        /// The step.
        step: StepName,
        /// The attempt.
        attempt: u32,
    },
    /// Whether a test with this code has arrived.
    Arrival(String),
}

/// One way of telling somebody.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Way {
    /// The channel.
    pub channel: ChannelName,
    /// The address on a personal channel.
    pub address: Option<String>,
}

/// What a notice is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum About {
    /// An incident.
    Incident(IncidentId),
    /// An alert that is no incident.
    Alert(AlertKey),
    /// Many alerts at once, told together; the first of them.
    Alerts(Vec<AlertKey>),
    /// A silence or a maintenance window.
    Silence(SilenceId),
    /// A run that serves no incident.
    Run(RunId),
    /// A schedule: who is on call.
    Schedule(ScheduleName),
    /// An incident, for those who do not work on it: nobody acknowledges anything there.
    News(IncidentId),
    /// A channel that is tried out, and the code with which a person says that the message arrived.
    Channel(ChannelName, String),
    /// The daily digest of a day.
    Digest(Date),
}

/// Why a notice is sent. Firing and resolved take the same road (house rule 3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// It began.
    Firing,
    /// It became worse.
    Raised,
    /// The next level is told.
    Escalated,
    /// The page is repeated.
    Repeated,
    /// A regular update.
    Update,
    /// Automation hands over to people.
    Handover,
    /// It is over.
    Resolved,
    /// Somebody must not forget it.
    Reminder,
    /// Somebody must agree to a step.
    Approval,
    /// Other people are on call.
    Shift,
    /// A channel is tried out.
    Test,
    /// Somebody is on it.
    Acknowledged,
    /// Data may be lost.
    Report,
    /// A draft waits for whoever releases it.
    Draft,
    /// A draft that was released.
    Statement,
    /// The daily digest.
    Digest,
}

impl Event {
    /// Whether it calls people to an incident, until somebody is on it.
    pub fn is_page(self) -> bool {
        matches!(self, Self::Firing | Self::Raised | Self::Escalated | Self::Repeated | Self::Shift)
    }
}

/// What shows that a message reached more than the service that accepted it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Proof {
    /// The service says that it arrived at the person's device.
    Arrived,
    /// The person answered: a button, a key, a reply, a link.
    Answered,
}

/// How one attempt at telling went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    /// The other side took it.
    Delivered,
    /// It may work later.
    TryAgain,
    /// It will never work this way.
    Hopeless,
}

/// See [`Fact::NoticeWithdrawn`](crate::fact::Fact::NoticeWithdrawn).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NoticeWithdrawn {
    /// The notice.
    pub notice: NoticeId,
    /// Who is on it.
    pub by: Actor,
}

/// See [`Fact::NoticeProved`](crate::fact::Fact::NoticeProved).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NoticeProved {
    /// The notice.
    pub notice: NoticeId,
    /// What shows it.
    pub proof: Proof,
    /// On which channel.
    pub channel: ChannelName,
    /// Who says so: the person, or the service.
    pub by: Actor,
}
