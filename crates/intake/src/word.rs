//! Words: what a request says, one thing each. All text in them comes from outside and stays data.

use domain::signal::{Fingerprint, Told};
use jiff::Timestamp;
use serde::Serialize;

/// The end of a signal whose sender says when it is over and does not repeat itself in between (webhooks, PagerDuty):
/// silence from such a sender means nothing.
pub const UNTIL_TOLD: Timestamp = Timestamp::MAX;

/// One thing that a request says.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Word {
    /// An alert fires, or has ended (`ends_at` is not after now).
    Told(Told),
    /// Somebody has taken an alert on.
    Acknowledge {
        /// Which.
        fingerprint: Fingerprint,
        /// Who, as the sender names them.
        by: String,
        /// What they add; may be empty.
        note: String,
    },
    /// Somebody says something about an alert.
    Note {
        /// Which.
        fingerprint: Fingerprint,
        /// Who, as the sender names them.
        by: String,
        /// What.
        text: String,
    },
    /// Something was changed: a mark on the timeline.
    Change(Change),
    /// A job gave a sign of life.
    Ping(Ping),
    /// A person says that something is wrong.
    Report(Report),
}

/// A change of the world, such as a deployment.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Change {
    /// What makes it this one: told again with the same key by the same integration, it is the same change.
    pub key: String,
    /// When it was made; none: now.
    pub at: Option<Timestamp>,
    /// What was done, in one line.
    pub title: String,
    /// Where, or by which tool.
    pub source: String,
    /// The service that it may be about.
    pub service: Option<String>,
    /// Where to read more.
    pub links: Vec<Link>,
    /// What else is known of it.
    pub labels: domain::labels::Labels,
}

/// A link that a sender gave. Check its scheme before it becomes clickable.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Link {
    /// Where to.
    pub url: String,
    /// What it is called; may be empty.
    pub text: String,
}

/// A sign of life.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Ping {
    /// Of which job: lower-case letters, digits, `-` and `_`; or the name of an Opsgenie heartbeat.
    pub slug: String,
    /// Which sign.
    pub kind: PingKind,
    /// Which run of the job, where the sender tells runs apart: a UUID in lower case.
    pub run: Option<String>,
    /// The beginning of what the job sent along, in bytes up to [`crate::ping::BODY_BYTES`].
    pub body: String,
    /// When; none: now.
    pub at: Option<Timestamp>,
}

/// Which sign of life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PingKind {
    /// It went well.
    Success,
    /// A run begins.
    Start,
    /// It failed.
    Fail,
    /// Something to keep; says nothing about the job's health.
    Log,
    /// It ended with this code: 0 is success.
    Exit(u8),
}

/// A person's word that something is wrong.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// Who, as they name themselves: nobody has checked it.
    pub from: String,
    /// What they say.
    pub text: String,
    /// The service that they name.
    pub service: Option<String>,
}
