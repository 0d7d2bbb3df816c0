//! Promises of a next update: each is kept, or it is flagged and stays visible (A50, C32).

use crate::{
    carried_comms::{Late, StakeholdersInformed, UpdateOverdue},
    ids::StakeholderName,
    severity::Priority,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Broken promises that are remembered of one incident; what is older is in the journal.
const REMEMBERED: usize = 50;

/// A promise that was not kept in time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overdue {
    /// To which stakeholders; none: to those whom the route tells.
    pub to: Option<StakeholderName>,
    /// When the update was promised.
    pub promised_at: Timestamp,
    /// Why it did not come.
    pub why: Late,
    /// When it came after all, or the end of the incident was told; none: it is still owed.
    pub kept_at: Option<Timestamp>,
}

/// What stakeholders were told last, and promised.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Promise {
    /// When they hear next; none: when something changes.
    pub next_at: Option<Timestamp>,
    /// The priority that they know of.
    pub priority: Priority,
    /// A person was asked to write the next update.
    pub is_asked: bool,
}

/// What is promised of one incident, and what was not kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Updates {
    /// Stakeholders who have heard of it, by their name.
    pub promises: BTreeMap<StakeholderName, Promise>,
    /// Promises that were not kept in time, oldest first.
    pub overdue: Vec<Overdue>,
}

impl Updates {
    /// Whether this promise is flagged and still owed.
    pub fn is_flagged(&self, to: Option<&StakeholderName>) -> bool {
        self.overdue.iter().any(|one| one.to.as_ref() == to && one.kept_at.is_none())
    }

    /// Whether an update is owed that should be there already.
    pub fn is_overdue(&self) -> bool {
        self.overdue.iter().any(|one| one.kept_at.is_none())
    }

    pub(crate) fn informed(&mut self, informed: &StakeholdersInformed, at: Timestamp) {
        self.kept(Some(&informed.group), at);
        let (next_at, priority) = (informed.next_at, informed.priority);
        let promise = Promise { next_at, priority, is_asked: false };
        self.promises.insert(informed.group.clone(), promise);
    }

    pub(crate) fn asked(&mut self, to: &StakeholderName) {
        if let Some(promise) = self.promises.get_mut(to) {
            promise.is_asked = true;
        }
    }

    pub(crate) fn flag(&mut self, flagged: &UpdateOverdue) {
        let UpdateOverdue { to, promised_at, why, .. } = flagged.clone();
        self.overdue.push(Overdue { to, promised_at, why, kept_at: None });
        if self.overdue.len() > REMEMBERED {
            self.overdue.remove(0);
        }
    }

    /// An update was sent: what was owed to them is there.
    pub(crate) fn kept(&mut self, to: Option<&StakeholderName>, at: Timestamp) {
        for one in self.overdue.iter_mut().filter(|one| one.to.as_ref() == to) {
            one.kept_at.get_or_insert(at);
        }
    }

    /// It is over, and everybody hears so.
    pub(crate) fn end(&mut self, at: Timestamp) {
        for one in &mut self.overdue {
            one.kept_at.get_or_insert(at);
        }
        self.promises.values_mut().for_each(|promise| promise.next_at = None);
    }

    /// Another incident goes on in this one: what was promised there is owed here, the earlier of two.
    pub(crate) fn absorb(&mut self, gone: Self) {
        self.overdue.extend(gone.overdue);
        for (name, promise) in gone.promises {
            let own = self.promises.entry(name).or_insert_with(|| promise.clone());
            own.next_at = earlier(own.next_at, promise.next_at);
        }
    }
}

/// The earlier of two promises.
pub fn earlier(one: Option<Timestamp>, other: Option<Timestamp>) -> Option<Timestamp> {
    one.into_iter().chain(other).min()
}
