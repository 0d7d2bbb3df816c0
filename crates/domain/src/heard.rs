//! What was heard of signals since it was last written down: until when each fires. Not state, like all that is only
//! seen right now; after a start nothing counts as ended before its senders had time to speak again.

use crate::{
    fact::Fact,
    heartbeat,
    ids::AlertKey,
    signal::{Ended, Fingerprint, Signal, Span},
    signals::Signals,
};
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, HashMap};

/// Until when signals fire, and when each was heard.
#[derive(Clone, Debug)]
pub struct Heard {
    spans: HashMap<Fingerprint, Last>,
    /// When to look whether signals are over. One may stand at an earlier time than it ends: then it is put off.
    queue: BTreeMap<Timestamp, Vec<Fingerprint>>,
    alerts: HashMap<AlertKey, Timestamp>,
    began: Timestamp,
}

#[derive(Clone, Copy, Debug)]
struct Last {
    ends_at: Timestamp,
    at: Timestamp,
    is_timeout: bool,
}

impl Heard {
    /// Nothing heard yet.
    pub fn new(began: Timestamp) -> Self {
        let (spans, queue, alerts) = (HashMap::new(), BTreeMap::new(), HashMap::new());
        Self { spans, queue, alerts, began }
    }

    /// A start: everything that fired before gets time to be heard of again (`settle`), however long hikeshi was away.
    pub fn settle(&mut self, signals: &Signals, settle: SignedDuration) {
        for signal in signals.all() {
            let ends_at = signal.ends_at.max(self.began);
            let ends_at = ends_at.saturating_add(settle).unwrap_or(Timestamp::MAX);
            let last = Last { ends_at, at: signal.starts_at, is_timeout: true };
            self.spans.insert(signal.fingerprint, last);
            self.queue.entry(ends_at).or_default().push(signal.fingerprint);
        }
    }

    /// Follows a fact that was just folded in.
    pub fn follow(&mut self, fact: &Fact, at: Timestamp) {
        match fact {
            Fact::SignalsRaised { signals, .. } => {
                signals.iter().for_each(|signal| self.written(signal, at));
            }
            Fact::SignalsEnded { signals, .. } => {
                for ended in signals {
                    self.spans.remove(&ended.fingerprint);
                }
            }
            // No probe looks at a job: that it was missed or failed is all that is seen of it.
            Fact::AlertFired(fired) if heartbeat::is_alert(&fired.key) => {
                self.alerts.insert(fired.key.clone(), at);
            }
            Fact::AlertResolved { key, .. } => {
                self.alerts.remove(key);
            }
            _ => {}
        }
    }

    /// A signal was written down, new or changed.
    fn written(&mut self, signal: &Signal, now: Timestamp) {
        self.spans.remove(&signal.fingerprint);
        self.alerts.insert(signal.key.clone(), now);
        self.queue.entry(signal.ends_at).or_default().push(signal.fingerprint);
    }

    /// A signal was said again.
    pub fn again(&mut self, signal: &Signal, span: Span, now: Timestamp) {
        let last = Last { ends_at: span.ends_at, at: now, is_timeout: span.is_timeout };
        if span.ends_at < self.span(signal).ends_at {
            self.queue.entry(span.ends_at).or_default().push(signal.fingerprint);
        }
        self.spans.insert(signal.fingerprint, last);
        self.alerts.insert(signal.key.clone(), now);
    }

    /// The start and end of a signal as it was heard last.
    pub fn span(&self, signal: &Signal) -> Span {
        let last = self.spans.get(&signal.fingerprint);
        last.map_or(signal.span(), |last| Span {
            starts_at: signal.starts_at,
            ends_at: last.ends_at,
            is_timeout: last.is_timeout,
        })
    }

    /// When a signal was heard last; none: when it was written down, or before the start.
    pub fn last_heard(&self, number: Fingerprint) -> Option<Timestamp> {
        self.spans.get(&number).map(|last| last.at)
    }

    /// When any signal of an alert was heard last, since the start.
    pub fn alert_heard(&self, key: &AlertKey) -> Option<Timestamp> {
        self.alerts.get(key).copied()
    }

    /// Signals that nobody has spoken of for too long, or whose end has come: they are over, with no message needed.
    pub fn expired(&mut self, signals: &Signals, now: Timestamp) -> Vec<Ended> {
        let mut over = Vec::new();
        while let Some(entry) = self.queue.first_entry().filter(|entry| *entry.key() <= now) {
            for number in entry.remove() {
                let Some(signal) = signals.get(number) else { continue };
                let ends_at = self.span(signal).ends_at;
                if ends_at <= now {
                    over.push(Ended { fingerprint: number, key: signal.key.clone(), ends_at });
                } else {
                    self.queue.entry(ends_at).or_default().push(number);
                }
            }
        }
        over.sort_unstable_by_key(|ended| ended.fingerprint);
        over.dedup();
        over
    }

    /// When the next signal may be over.
    pub fn next_end(&self) -> Option<Timestamp> {
        self.queue.first_key_value().map(|(at, _)| *at)
    }
}
