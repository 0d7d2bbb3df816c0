//! How a person wants to be told: on which channel after how long, and hours in which they are left in peace.
//!
//! It only says when the notices of a page are due and on which channel; the outbox does the rest. A P0 knows no quiet hours.

use crate::{
    fact::Event,
    ids::ChannelName,
    rota::{self, During},
    severity::Priority,
};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

/// Quiet hours end within so many changes between quiet and not; those that do not are none.
const EDGES: usize = 400;

/// What a contact has asked for; nothing: the channels of the route, at once and at any hour.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Personal {
    /// How they are paged, by priority; a priority without rules is told on the channels of its route at once.
    pub rules: BTreeMap<Priority, Vec<NotificationRule>>,
    /// When they are left in peace.
    pub quiet: Option<QuietHours>,
}

/// One channel, and how long after the page it is used unless somebody has acknowledged.
#[derive(Clone, Debug, PartialEq)]
pub struct NotificationRule {
    /// The channel; the contact has an address there.
    pub channel: ChannelName,
    /// After how long.
    pub after: SignedDuration,
}

/// Hours in which a person is left in peace by everything but a P0.
#[derive(Clone, Debug, PartialEq)]
pub struct QuietHours {
    /// When they hold; one of them suffices.
    pub times: Vec<During>,
    /// What happens to a page meanwhile.
    pub then: Meanwhile,
}

/// Where a page goes in somebody's quiet hours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Meanwhile {
    /// To their channels that wake nobody up; where there is none, it waits until the quiet hours are over.
    #[default]
    OtherWays,
    /// To whoever comes next; where nobody else can be called, to them all the same.
    NextPerson,
    /// It waits until the quiet hours are over.
    Later,
}

/// One channel of a page to a person.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// The channel.
    pub channel: ChannelName,
    /// When it is used.
    pub at: Timestamp,
    /// It must not fall back to what wakes people up.
    pub is_hushed: bool,
}

impl QuietHours {
    /// Whether they hold at a time.
    pub fn holds(&self, at: Timestamp) -> bool {
        !self.times.is_empty() && rota::any_holds(&self.times, at)
    }

    /// When those that hold at a time are over, or the time itself where none hold; none: they never end.
    pub fn over(&self, at: Timestamp) -> Option<Timestamp> {
        let mut end = at;
        for _ in 0..EDGES {
            if !self.holds(end) {
                return Some(end);
            }
            end = self.times.iter().filter_map(|during| during.next_edge(end)).min()?;
        }
        None
    }
}

impl Personal {
    /// Whether somebody else is called in their place now.
    pub fn is_passed_over(&self, priority: Priority, now: Timestamp) -> bool {
        let quiet = self.quiet.as_ref().filter(|_| priority != Priority::P0);
        quiet.is_some_and(|quiet| quiet.then == Meanwhile::NextPerson && quiet.holds(now))
    }

    /// Whether a page would reach them now: it does not while it waits for the end of their quiet hours, or goes to others.
    pub fn is_reached(&self, priority: Priority, now: Timestamp) -> bool {
        let quiet = self.quiet.as_ref().filter(|_| priority != Priority::P0);
        quiet.is_none_or(|quiet| quiet.then == Meanwhile::OtherWays || !quiet.holds(now))
    }

    /// The channels of a telling and when each is used, in this order. `usual` are those of the route.
    pub fn steps<'a>(
        &'a self,
        event: Event,
        priority: Option<Priority>,
        usual: impl Iterator<Item = &'a ChannelName>,
        is_pager: impl Fn(&ChannelName) -> bool,
        now: Timestamp,
    ) -> Vec<Step> {
        let after = |from: Timestamp, wait| from.saturating_add(wait).unwrap_or(Timestamp::MAX);
        let rules = priority.filter(|_| event.is_page()).and_then(|one| self.rules.get(&one));
        let wanted: Vec<(&ChannelName, SignedDuration)> = match rules {
            Some(rules) => rules.iter().map(|rule| (&rule.channel, rule.after)).collect(),
            None => usual.map(|channel| (channel, SignedDuration::ZERO)).collect(),
        };
        let step = |(channel, wait): &(&ChannelName, SignedDuration)| Step {
            channel: (*channel).clone(),
            at: after(now, *wait),
            is_hushed: false,
        };
        let steps: Vec<_> = wanted.iter().map(step).collect();
        let is_free = priority == Some(Priority::P0) || event == Event::Test;
        let Some(quiet) = self.quiet.as_ref().filter(|_| !is_free) else { return steps };
        // Whoever is paged in spite of it is the last one who can be.
        if quiet.then == Meanwhile::NextPerson && event.is_page() {
            return steps;
        }
        if quiet.then != Meanwhile::Later {
            let hushed =
                steps.iter().map(|step| Step { is_hushed: quiet.holds(step.at), ..step.clone() });
            let kept: Vec<_> =
                hushed.filter(|step| !step.is_hushed || !is_pager(&step.channel)).collect();
            if !kept.is_empty() {
                return kept;
            }
        }
        let put_off = |(channel, wait): &(&ChannelName, SignedDuration)| {
            let from = quiet.over(now).unwrap_or(now);
            let at = after(from, *wait);
            Step { channel: (*channel).clone(), at: quiet.over(at).unwrap_or(at), is_hushed: false }
        };
        wanted.iter().map(put_off).collect()
    }
}
