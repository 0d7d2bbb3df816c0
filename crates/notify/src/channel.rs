//! What a channel is, what it is given, what it answers, and what a kind of channel says about itself.

use domain::{
    fact::{Delivery, NoticeOwed},
    said::Said,
};
use futures::future::BoxFuture;
use secrets::Reader;
use source::{Fields, Problems, Secret};
use std::{fmt, sync::Arc};

/// What is told, to which address, for which time.
#[derive(Clone, Copy, Debug)]
pub struct Message<'a> {
    /// The notice.
    pub notice: &'a NoticeOwed,
    /// The address on a personal channel; none: a room.
    pub address: Option<&'a str>,
    /// Which attempt, from 1.
    pub attempt: u32,
}

/// How it went, and the other side's answer or the error: fit to be shown, without secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Delivered, try again, or hopeless.
    pub outcome: Delivery,
    /// The answer or the error.
    pub detail: String,
}

impl Told {
    /// The other side took it. That is not yet proof that somebody has read it.
    pub fn delivered(detail: impl Into<String>) -> Self {
        Self { outcome: Delivery::Delivered, detail: detail.into() }
    }

    /// It may work later.
    pub fn try_again(detail: impl Into<String>) -> Self {
        Self { outcome: Delivery::TryAgain, detail: detail.into() }
    }

    /// It will never work this way.
    pub fn hopeless(detail: impl Into<String>) -> Self {
        Self { outcome: Delivery::Hopeless, detail: detail.into() }
    }
}

/// A way to reach people.
pub trait Channel: Send + Sync {
    /// Tells once. It may be dropped half-way; whether it was delivered is unknown then, and it is told again.
    fn tell<'a>(&'a self, message: &'a Message<'a>) -> BoxFuture<'a, Told>;
}

/// What a person configured for one channel, beside the keys that all have in common.
pub trait Settings: fmt::Debug + Send + Sync {
    /// Whether one message reaches everybody in it, without an address.
    fn is_room(&self) -> bool;

    /// The secrets that it uses, so that they can be masked wherever text is kept or shown.
    fn secrets(&self) -> Vec<Secret> {
        Vec::new()
    }

    /// The channel itself.
    fn make(&self, reader: Reader) -> Box<dyn Channel>;
}

/// Takes the keys of a kind.
pub type Parse = fn(&mut Fields<'_>, &mut Problems) -> Option<Arc<dyn Settings>>;

/// A kind of channel: a row of the table.
#[derive(Clone, Copy)]
pub struct Kind {
    /// The name that a configuration uses.
    pub name: &'static str,
    pub(crate) summary: (&'static str, &'static str),
    /// A configuration that is in the manual, and that a test reads.
    pub example: &'static str,
    pub(crate) parse: Parse,
}

impl Kind {
    /// What it does, in a sentence.
    pub fn summary(&self) -> Said {
        Said::new(self.summary.0, self.summary.1)
    }
}

impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}
