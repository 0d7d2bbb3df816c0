//! All signals that fire, by number and by the alert that they are part of; and what a message about one means.

use crate::{
    ids::AlertKey,
    severity::{Level, Priority},
    signal::{Ended, Fingerprint, SharedSignal, Signal, Span, Told},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Numbers that are tried for labels whose hash is taken by other labels.
const COLLISIONS: u64 = 16;

/// The signals that fire.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "Vec<SharedSignal>", into = "Vec<SharedSignal>")]
pub struct Signals {
    by_number: HashMap<Fingerprint, SharedSignal>,
    groups: BTreeMap<AlertKey, Group>,
}

/// The signals of one alert.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Group {
    /// Which.
    pub members: BTreeSet<Fingerprint>,
    /// How many of each loudness.
    loudness: BTreeMap<(Level, Option<Priority>), u32>,
}

impl Group {
    /// The loudest of them.
    pub fn level(&self) -> Level {
        self.loudness.keys().map(|(level, _)| *level).max().unwrap_or(Level::Info)
    }

    /// The most urgent of them.
    pub fn priority(&self) -> Option<Priority> {
        self.loudness.keys().filter_map(|(_, priority)| *priority).max()
    }

    fn count(&mut self, signal: &Signal) {
        self.members.insert(signal.fingerprint);
        *self.loudness.entry((signal.level, signal.priority)).or_default() += 1;
    }

    fn discount(&mut self, signal: &Signal) {
        self.members.remove(&signal.fingerprint);
        let loudness = (signal.level, signal.priority);
        if let Some(count) = self.loudness.get_mut(&loudness) {
            *count -= 1;
            if *count == 0 {
                self.loudness.remove(&loudness);
            }
        }
    }
}

impl Signals {
    /// One signal.
    pub fn get(&self, number: Fingerprint) -> Option<&SharedSignal> {
        self.by_number.get(&number)
    }

    /// How many fire.
    pub fn len(&self) -> usize {
        self.by_number.len()
    }

    /// Whether none fires.
    pub fn is_empty(&self) -> bool {
        self.by_number.is_empty()
    }

    /// All of them, in no order.
    pub fn all(&self) -> impl Iterator<Item = &SharedSignal> {
        self.by_number.values()
    }

    /// The signals of an alert.
    pub fn group(&self, key: &AlertKey) -> Option<&Group> {
        self.groups.get(key)
    }

    /// The same key, shared with the signals that are there already: a storm keeps its names once.
    pub fn shared(&self, key: AlertKey) -> AlertKey {
        match self.groups.get_key_value(&key) {
            Some((known, _)) => known.clone(),
            None => key,
        }
    }

    /// All alerts that have signals.
    pub fn groups(&self) -> impl Iterator<Item = (&AlertKey, &Group)> {
        self.groups.iter()
    }

    /// The signals of an alert themselves.
    pub fn members<'a>(&'a self, key: &AlertKey) -> impl Iterator<Item = &'a SharedSignal> {
        let members = self.groups.get(key).into_iter().flat_map(|group| &group.members);
        members.filter_map(|number| self.by_number.get(number))
    }

    /// Puts a signal in, in place of the one with the same number.
    pub fn insert(&mut self, signal: SharedSignal) {
        if let Some(before) = self.by_number.insert(signal.fingerprint, signal.clone()) {
            self.leave(&before);
        }
        match self.groups.get_mut(&signal.key) {
            Some(group) => group.count(&signal),
            None => {
                let mut group = Group::default();
                group.count(&signal);
                self.groups.insert(signal.key.clone(), group);
            }
        }
    }

    /// Takes a signal out.
    pub fn remove(&mut self, number: Fingerprint) -> Option<SharedSignal> {
        let gone = self.by_number.remove(&number)?;
        self.leave(&gone);
        Some(gone)
    }

    fn leave(&mut self, signal: &Signal) {
        let Some(group) = self.groups.get_mut(&signal.key) else { return };
        group.discount(signal);
        if group.members.is_empty() {
            self.groups.remove(&signal.key);
        }
    }

    /// The number under which what was told is kept. Two sets of labels with one hash are two signals: the second gets
    /// the next free number, so that nobody can hide one alert behind another.
    pub fn number_for(&self, told: &Told) -> Fingerprint {
        let is_hash = |signal: &Signal| signal.labels.hash64() == told.fingerprint.0;
        let is_other = |number: u64| {
            self.get(Fingerprint(number)).is_some_and(|known| {
                known.labels != told.labels
                    && told.labels.hash64() == told.fingerprint.0
                    && (number != told.fingerprint.0 || is_hash(known))
            })
        };
        let hash = told.fingerprint.0;
        let mut numbers = (0..COLLISIONS).map(|step| hash.wrapping_add(step));
        Fingerprint(numbers.find(|number| !is_other(*number)).unwrap_or(hash))
    }
}

impl From<Vec<SharedSignal>> for Signals {
    fn from(all: Vec<SharedSignal>) -> Self {
        let mut signals = Self::default();
        all.into_iter().for_each(|signal| signals.insert(signal));
        signals
    }
}

impl From<Signals> for Vec<SharedSignal> {
    fn from(signals: Signals) -> Self {
        let mut all: Self = signals.by_number.into_values().collect();
        all.sort_unstable_by_key(|signal| signal.fingerprint);
        all
    }
}

/// What a message about one signal means.
#[derive(Clone, Debug, PartialEq)]
pub enum Meaning {
    /// It fires, and something of it is new: it is written down.
    New(Box<Signal>),
    /// It still fires, as was known; until then. Nothing is written down.
    Again(Span),
    /// It is over.
    Over(Ended),
    /// Nothing that is known ended.
    Nothing,
}

/// What a message means for what is known. `known` is the signal as it was written down, `span` its start and end as it
/// was heard last, `sorted` the signal as the policy sorts it now.
///
/// An end that moves is not written down as long as it is within `slack` of what was written, or of now: after a start
/// nothing counts as ended before that time has passed (see [`crate::heard::Heard::settle`]), so it never ends too early.
pub fn meaning(
    known: Option<(&Signal, Span)>,
    mut sorted: Signal,
    slack: jiff::SignedDuration,
    now: Timestamp,
) -> Meaning {
    let told = sorted.span();
    let Some((known, before)) = known else {
        return if told.is_over(now) { Meaning::Nothing } else { Meaning::New(Box::new(sorted)) };
    };
    let span = before.merged(told, now);
    if span.is_over(now) {
        let (fingerprint, key) = (known.fingerprint, known.key.clone());
        return Meaning::Over(Ended { fingerprint, key, ends_at: span.ends_at });
    }
    let safe = known.ends_at.max(now).saturating_add(slack);
    let is_written = safe.is_ok_and(|end| span.ends_at <= end);
    let says_the_same = known.labels == sorted.labels
        && known.annotations == sorted.annotations
        && known.generator_url == sorted.generator_url
        && known.key == sorted.key
        && (known.level, known.priority) == (sorted.level, sorted.priority)
        && known.starts_at <= span.starts_at;
    if says_the_same && is_written {
        return Meaning::Again(span);
    }
    (sorted.starts_at, sorted.ends_at) = (span.starts_at, span.ends_at);
    sorted.is_timeout = span.is_timeout;
    Meaning::New(Box::new(sorted))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::labels::Labels;
    use jiff::SignedDuration;

    const SLACK: SignedDuration = SignedDuration::from_mins(5);

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("a time")
    }

    fn signal(ends_at: i64) -> Signal {
        let labels = Labels::new([("alertname", "Slow")]);
        Signal {
            fingerprint: Fingerprint(labels.hash64()),
            key: AlertKey::new("Slow", "api"),
            level: Level::Warning,
            priority: None,
            labels,
            annotations: Labels::default(),
            generator_url: "".into(),
            starts_at: at(0),
            ends_at: at(ends_at),
            is_timeout: false,
        }
    }

    /// Prometheus says every minute that it ends four minutes from now: that costs no write, for hours.
    #[test]
    fn what_is_said_again_every_minute_is_written_once() {
        let known = signal(240);
        for minute in 1..600 {
            let now = at(minute * 60);
            let before = Span { ends_at: at(minute * 60 + 180), ..known.span() };
            let told = signal(minute * 60 + 240);
            let meaning = meaning(Some((&known, before)), told, SLACK, now);
            assert!(matches!(meaning, Meaning::Again(_)), "minute {minute}");
        }
    }

    /// Who speaks once and names a far end is written down: nobody will say it again after a crash.
    #[test]
    fn a_far_end_is_written_down() {
        let known = signal(240);
        let told = signal(7200);
        let meaning = meaning(Some((&known, known.span())), told, SLACK, at(60));
        assert!(matches!(meaning, Meaning::New(new) if new.ends_at == at(7200)));
    }

    #[test]
    fn labels_with_the_hash_of_others_get_the_next_number() {
        let known = signal(240);
        let hash = known.fingerprint;
        let mut signals = Signals::default();
        // As if other labels had the same hash: the number is taken by labels that are not these.
        let told = |labels: Labels| Told {
            fingerprint: hash,
            labels,
            annotations: Labels::default(),
            generator_url: "".into(),
            starts_at: None,
            ends_at: None,
        };
        signals.insert(SharedSignal::new(known.clone()));
        assert_eq!(signals.number_for(&told(known.labels.clone())), hash, "the same again");
        let keyed = told(Labels::new([("dedup_key", "disk")]));
        assert_eq!(signals.number_for(&keyed), hash, "a sender's own key may change its labels");
    }
}
