//! The outbox: who must be told, on which ways, and when the next attempt is due. Firing and resolved take the same road.

use crate::{
    fact::{About, Delivery, Event, NoticeMissed, NoticeOwed, Way},
    ids::{ChannelName, ContactName, NoticeId},
    personal::Step,
    policy::Policy,
    severity::{Level, Priority},
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// The scout of a channel tries this often.
const SCOUT_WAIT: SignedDuration = SignedDuration::from_millis(700);
/// A notice is a scout for this long at most; a receiver that is gone for longer is asked less often.
const SCOUT_FOR: SignedDuration = SignedDuration::from_hours(1);

/// A notice that is neither delivered nor given up.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Notice {
    /// What is owed.
    pub owed: NoticeOwed,
    /// Since when.
    pub owed_at: Timestamp,
    /// Attempts so far.
    pub attempts: u32,
    /// Failed attempts in a row on the current way.
    pub failures: u32,
    /// Index of the way that is used next.
    pub way: usize,
    /// When the next attempt is due.
    pub next_at: Timestamp,
    /// It may have gone out already, in an earlier life that could not write it down any more.
    #[serde(default)]
    pub unsure: bool,
    /// The service has said that it missed its person before its attempt came back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missed: Option<NoticeMissed>,
}

impl Notice {
    /// A notice that is due at once.
    pub fn new(owed: NoticeOwed, at: Timestamp) -> Self {
        let next_at = owed.not_before.map_or(at, |later| later.max(at));
        Self {
            owed,
            owed_at: at,
            attempts: 0,
            failures: 0,
            way: 0,
            next_at,
            unsure: false,
            missed: None,
        }
    }

    /// Whether its time has come: by a person's own rules it may be later than the page.
    pub fn has_begun(&self, now: Timestamp) -> bool {
        self.owed.not_before.is_none_or(|at| at <= now)
    }

    /// Whether an attempt is due. A clock that was set back puts nothing off.
    pub fn is_due(&self, now: Timestamp) -> bool {
        let longest = now.saturating_add(self.owed.longest_wait());
        let is_far = longest.is_ok_and(|latest| self.next_at > latest);
        self.has_begun(now) && (self.next_at <= now || self.attempts == 0 || is_far)
    }

    /// The way that is used next.
    pub fn current_way(&self) -> Option<&Way> {
        self.owed.ways.get(self.way)
    }

    /// Whether it is the oldest that waits for its channel: it tries often, for all of them; when it gets through, the others
    /// follow at once. So a page is out a moment after its receiver is back, without a crowd knocking all the time.
    pub fn is_scout<'a>(&self, mut all: impl Iterator<Item = &'a Self>, now: Timestamp) -> bool {
        let channel = |notice: &Self| notice.current_way().map(|way| way.channel.clone());
        let own = channel(self);
        all.find(|other| other.has_begun(now) && channel(other) == own)
            .is_none_or(|first| first.owed.id == self.owed.id)
    }

    /// What follows from an attempt: when it is tried again and on which way. Failing ways are gone through in a circle
    /// for ever: a page is never given up because a server was down, only when every way is hopeless.
    ///
    /// The scout of a channel does not wait longer than [`SCOUT_WAIT`] for its next try. A service that says how long to
    /// `wait` gets its peace; where that is longer than the longest wait, the next way that is not busy is used at once.
    pub fn after(
        &self,
        outcome: Delivery,
        wait: Option<SignedDuration>,
        is_scout: bool,
        is_busy: impl Fn(&ChannelName) -> bool,
        now: Timestamp,
    ) -> (Option<Timestamp>, usize) {
        let ways = self.owed.ways.len().max(1);
        match outcome {
            Delivery::Delivered => (None, self.way),
            // Who tries out a channel is there to see that it failed.
            _ if self.owed.event == Event::Test => (None, self.way),
            Delivery::Hopeless if self.way + 1 >= ways => (None, self.way),
            Delivery::Hopeless => (Some(now), self.way + 1),
            Delivery::TryAgain => {
                let peace = u64::try_from(wait.unwrap_or_default().as_millis()).unwrap_or(0);
                let is_long = peace > self.owed.longest_wait_ms;
                let is_tired = is_long || self.failures + 1 >= self.owed.tries.max(1);
                let others = (1..ways).map(|step| (self.way + step) % ways);
                let free = others
                    .clone()
                    .find(|at| self.owed.ways.get(*at).is_some_and(|way| !is_busy(&way.channel)));
                // Every other way is busy too: it stays here.
                let way = if is_tired { free.unwrap_or(self.way) } else { self.way };
                let exhausted = way != self.way;
                let doubled = self.owed.first_wait_ms.saturating_mul(1 << self.attempts.min(16));
                let begun = self.owed.not_before.map_or(self.owed_at, |at| at.max(self.owed_at));
                let is_fresh = now.duration_since(begun) < SCOUT_FOR;
                let longest = match is_scout && is_fresh {
                    true => {
                        self.owed.longest_wait_ms.min(SCOUT_WAIT.as_millis().unsigned_abs() as u64)
                    }
                    false => self.owed.longest_wait_ms,
                };
                let wait = match exhausted {
                    true if way != 0 => 0,
                    true => doubled.min(longest),
                    false => doubled.min(longest).max(peace),
                };
                let wait = SignedDuration::from_millis(i64::try_from(wait).unwrap_or(i64::MAX));
                (Some(now.saturating_add(wait).unwrap_or(Timestamp::MAX)), way)
            }
        }
    }
}

/// A subject and a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The subject.
    pub subject: String,
    /// The text.
    pub body: String,
}

/// What is told, why and how loud.
#[derive(Clone, Debug)]
pub struct Telling<'a> {
    /// What it is about.
    pub about: About,
    /// Why.
    pub event: Event,
    /// The text.
    pub message: Message,
    /// The channels that are used at once.
    pub channels: &'a [ChannelName],
    /// Who is told on personal channels.
    pub contacts: Vec<ContactName>,
    /// For channels that show it.
    pub priority: Option<Priority>,
    /// For channels that show it.
    pub level: Option<Level>,
}

/// The notices of one telling: one per room, one per contact on each personal channel, each with its fallbacks. Who is
/// named twice is told once.
pub fn owe(
    policy: &Policy,
    telling: &Telling<'_>,
    first: NoticeId,
    now: Timestamp,
) -> Vec<NoticeOwed> {
    let mut owed: Vec<NoticeOwed> = Vec::new();
    let mut add = |to: Option<&ContactName>, channel: &ChannelName, step: Option<&Step>| {
        let mut ways = ways(policy, to, &telling.contacts, channel);
        if step.is_some_and(|step| step.is_hushed) {
            ways.retain(|way| !policy.is_pager(&way.channel));
        }
        let is_told = |one: &NoticeOwed| {
            one.to.as_ref() == to && one.ways.first().is_some_and(|way| way.channel == *channel)
        };
        if ways.is_empty() || owed.iter().any(is_told) {
            return;
        }
        owed.push(NoticeOwed {
            to: to.cloned(),
            ways,
            priority: telling.priority,
            level: telling.level,
            tries: policy.delivery.tries,
            first_wait_ms: u64::try_from(policy.delivery.first_wait.as_millis()).unwrap_or(1000),
            longest_wait_ms: u64::try_from(policy.delivery.longest_wait.as_millis())
                .unwrap_or(30_000),
            not_before: step.map(|step| step.at).filter(|at| *at > now),
            roles: to
                .and_then(|name| policy.contacts.get(name))
                .map_or_else(Vec::new, |contact| contact.roles.iter().cloned().collect()),
            ..NoticeOwed::new(
                first,
                telling.about.clone(),
                telling.event,
                telling.message.subject.clone(),
                telling.message.body.clone(),
            )
        });
    };
    let rooms = telling.channels.iter().filter(|channel| policy.is_room(channel));
    rooms.for_each(|channel| add(None, channel, None));
    let (event, priority) = (telling.event, telling.priority);
    for contact in telling.contacts.iter().filter_map(|name| policy.contacts.get(name)) {
        let usual = telling.channels.iter().filter(|channel| !policy.is_room(channel));
        let usual = usual.filter(|channel| contact.addresses.contains_key(*channel));
        let is_pager = |channel: &ChannelName| policy.is_pager(channel);
        for step in contact.personal.steps(event, priority, usual, is_pager, now) {
            add(Some(&contact.name), &step.channel, Some(&step));
        }
    }
    // In the order of the route; what only personal rules name comes last.
    owed.sort_by_key(|one| {
        let first = one.ways.first();
        telling
            .channels
            .iter()
            .position(|channel| first.is_some_and(|way| way.channel == *channel))
            .unwrap_or(usize::MAX)
    });
    for (id, one) in (first.0..).zip(&mut owed) {
        one.id = NoticeId(id);
    }
    owed
}

/// The channel itself, then the fallbacks. A personal fallback of a room goes to the first contact who has an address there.
fn ways(
    policy: &Policy,
    to: Option<&ContactName>,
    contacts: &[ContactName],
    channel: &ChannelName,
) -> Vec<Way> {
    let address = |channel: &ChannelName| {
        let people = to.into_iter().chain(contacts.iter().filter(|_| to.is_none()));
        people.filter_map(|name| policy.contacts.get(name)?.addresses.get(channel)).next().cloned()
    };
    let way = |channel: &ChannelName| {
        let brief = policy.channels.get(channel)?;
        if brief.is_room {
            return Some(Way { channel: channel.clone(), address: None });
        }
        address(channel).map(|address| Way { channel: channel.clone(), address: Some(address) })
    };
    let Some(first) = way(channel) else { return Vec::new() };
    let fallbacks = policy.fallback.iter().filter(|other| *other != channel).filter_map(way);
    std::iter::once(first).chain(fallbacks).collect()
}
