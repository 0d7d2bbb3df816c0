//! Signals: alerts as other systems send them. A signal is one set of labels; all signals of one rule on one service
//! are one alert of hikeshi.

use crate::{
    ids::AlertKey,
    labels::Labels,
    severity::{Level, Priority},
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr, sync::Arc};

/// The number of a signal: the 64-bit hash of the labels that identify it, 16 hex digits in text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Fingerprint(pub u64);

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{:016x}", self.0))
    }
}

impl FromStr for Fingerprint {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let is_hex = text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let number = is_hex.then(|| u64::from_str_radix(text, 16).ok()).flatten();
        number.map(Self).ok_or_else(|| format!("`{text}` is not a fingerprint: 16 hex digits"))
    }
}

impl From<Fingerprint> for String {
    fn from(fingerprint: Fingerprint) -> Self {
        fingerprint.to_string()
    }
}

impl TryFrom<String> for Fingerprint {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

/// What a sender says of one alert, read from its wire format and checked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Told {
    /// What identifies it: the hash of all labels where the format has labels, else of the sender's own key.
    pub fingerprint: Fingerprint,
    /// Its labels; at least one. Text from outside.
    pub labels: Labels,
    /// What else is said of it. Text from outside.
    pub annotations: Labels,
    /// A link to where it comes from; empty: none. Text from outside.
    pub generator_url: Box<str>,
    /// When it began; none: now.
    pub starts_at: Option<Timestamp>,
    /// When it ends or has ended; none: it ends when it is not said again for the resolve timeout.
    pub ends_at: Option<Timestamp>,
}

/// A signal that fires, as it is kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Signal {
    /// Its number.
    pub fingerprint: Fingerprint,
    /// The alert that it is part of.
    pub key: AlertKey,
    /// How loud.
    pub level: Level,
    /// The priority that it means by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<Priority>,
    /// Its labels.
    pub labels: Labels,
    /// What else is said of it.
    #[serde(default, skip_serializing_if = "Labels::is_empty")]
    pub annotations: Labels,
    /// A link to where it comes from.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub generator_url: Box<str>,
    /// When it began.
    pub starts_at: Timestamp,
    /// When it ends unless it is said again.
    pub ends_at: Timestamp,
    /// Whether that end is only the resolve timeout, and not the sender's word.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_timeout: bool,
}

/// The start and the end that a message gives an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// When it began.
    pub starts_at: Timestamp,
    /// When it ends.
    pub ends_at: Timestamp,
    /// Whether the end is only the resolve timeout.
    pub is_timeout: bool,
}

impl Span {
    /// Fills what the sender left out (Alertmanager, `api/v2/api.go`): a missing start is now, or the end where that alone
    /// is given and past; a missing end is now and the resolve timeout.
    pub fn of(told: &Told, resolve_timeout: SignedDuration, now: Timestamp) -> Self {
        let starts_at = match (told.starts_at, told.ends_at) {
            (Some(start), _) => start,
            (None, Some(end)) => end.min(now),
            (None, None) => now,
        };
        let timeout = now.saturating_add(resolve_timeout).unwrap_or(Timestamp::MAX);
        Self {
            starts_at,
            ends_at: told.ends_at.unwrap_or(timeout),
            is_timeout: told.ends_at.is_none(),
        }
    }

    /// Whether it is over.
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.ends_at <= now
    }

    /// What holds after a newer message about an alert that is still there (Alertmanager, `types.Alert.Merge`): the
    /// earliest start; of two ends in the past the later; and an end that the sender named outlasts an earlier one,
    /// which the mere timeout does not.
    #[must_use]
    pub fn merged(self, newer: Self, now: Timestamp) -> Self {
        let mut merged = newer;
        merged.starts_at = self.starts_at.min(newer.starts_at);
        let keeps_end = if newer.is_over(now) { self.is_over(now) } else { !self.is_timeout };
        if keeps_end && self.ends_at > newer.ends_at {
            (merged.ends_at, merged.is_timeout) = (self.ends_at, self.is_timeout);
        }
        merged
    }
}

impl Signal {
    /// Its start and end.
    pub fn span(&self) -> Span {
        Span { starts_at: self.starts_at, ends_at: self.ends_at, is_timeout: self.is_timeout }
    }

    /// A text that tells people what it is: its summary, its description, or its name.
    pub fn text(&self) -> String {
        let annotation = |name: &str| self.annotations.get(name);
        annotation("summary")
            .or_else(|| annotation("description"))
            .or_else(|| annotation("message"))
            .map_or_else(|| self.key.rule.to_string(), std::borrow::Cow::into_owned)
    }
}

/// A signal that ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ended {
    /// Which.
    pub fingerprint: Fingerprint,
    /// The alert that it was part of.
    pub key: AlertKey,
    /// When.
    pub ends_at: Timestamp,
}

/// Shared: the journal's fact, the state and an answer to a client hold the same one.
pub type SharedSignal = Arc<Signal>;

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("a time")
    }

    fn span(start: i64, end: i64, is_timeout: bool) -> Span {
        Span { starts_at: at(start), ends_at: at(end), is_timeout }
    }

    fn told(starts_at: Option<i64>, ends_at: Option<i64>) -> Told {
        Told {
            fingerprint: Fingerprint(1),
            labels: Labels::new([("alertname", "Down")]),
            annotations: Labels::default(),
            generator_url: "".into(),
            starts_at: starts_at.map(at),
            ends_at: ends_at.map(at),
        }
    }

    #[test]
    fn what_a_sender_leaves_out_is_filled_as_alertmanager_does() {
        let five = SignedDuration::from_mins(5);
        assert_eq!(Span::of(&told(None, None), five, at(1000)), span(1000, 1300, true));
        assert_eq!(Span::of(&told(None, Some(900)), five, at(1000)), span(900, 900, false));
        assert_eq!(Span::of(&told(Some(10), None), five, at(1000)), span(10, 1300, true));
    }

    #[test]
    fn a_newer_message_keeps_the_earliest_start_and_an_end_that_the_sender_named() {
        let now = at(100);
        assert_eq!(
            span(10, 500, false).merged(span(50, 300, false), now),
            span(10, 500, false),
            "the sender's own later end stays"
        );
        assert_eq!(
            span(10, 500, true).merged(span(50, 300, false), now),
            span(10, 300, false),
            "a timeout does not outlast the sender's word"
        );
        assert_eq!(span(10, 500, false).merged(span(50, 90, false), now), span(10, 90, false));
        assert_eq!(span(10, 95, false).merged(span(50, 90, false), now), span(10, 95, false));
    }

    #[test]
    fn a_fingerprint_is_sixteen_hex_digits() {
        assert_eq!("00000000000000ff".parse(), Ok(Fingerprint(255)));
        assert_eq!(Fingerprint(255).to_string(), "00000000000000ff");
        for wrong in ["ff", "00000000000000fg", "+0000000000000ff"] {
            assert!(wrong.parse::<Fingerprint>().is_err(), "{wrong}");
        }
    }
}
