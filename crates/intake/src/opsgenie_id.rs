//! Ids in the form of UUIDs that carry what they stand for, so that nobody has to remember them.

use crate::{draft, request::Context, signature};
use domain::signal::Fingerprint;
use jiff::Timestamp;
use std::{fmt, str::FromStr};

/// The end of every alert's id: an id from elsewhere does not have it.
const ALERT_TAIL: u64 = 0x8f00_6869_6b65_7368;

/// What a request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    Create,
    Close,
    Acknowledge,
    AddNote,
    Snooze,
    Delete,
}

const ACTIONS: [(Action, &str, &str, &str); 6] = [
    (Action::Create, "", "Create", "Created alert"),
    (Action::Close, "close", "Close", "Closed alert"),
    (Action::Acknowledge, "acknowledge", "Acknowledge", "Acknowledged alert"),
    (Action::AddNote, "notes", "AddNote", "Added note"),
    (Action::Snooze, "snooze", "Snooze", "Noted on alert"),
    (Action::Delete, "", "Delete", "Closed alert"),
];

impl Action {
    /// The action that the last part of a path names.
    pub fn of_path(path: &str) -> Option<Self> {
        ACTIONS.iter().find(|row| row.1 == path && !path.is_empty()).map(|row| row.0)
    }

    pub fn name(self) -> &'static str {
        ACTIONS[self as usize].2
    }

    pub fn done(self) -> &'static str {
        ACTIONS[self as usize].3
    }
}

/// An alert as its ids know it. What the core knows it by follows from that and the integration, so that no id reaches
/// an alert of another integration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct AlertId(u64);

impl AlertId {
    /// Of an alert whose sender gave it no alias.
    pub fn made(context: &Context, body: &[u8]) -> Self {
        let now = context.now.as_nanosecond().to_be_bytes();
        Self(first_bits(&[context.integration.as_bytes(), &now, body]))
    }

    /// Of an alias. The id itself is the alias where there was none, as there.
    pub fn of_alias(alias: &str) -> Self {
        Self::of_id(alias).unwrap_or_else(|| Self(first_bits(&[alias.as_bytes()])))
    }

    /// Of an id; none where it is not one of ours.
    pub fn of_id(id: &str) -> Option<Self> {
        let (number, tail) = halves(id)?;
        (tail == ALERT_TAIL).then_some(Self(number))
    }

    /// What the core knows it by.
    pub fn fingerprint(self, context: &Context) -> Fingerprint {
        draft::key(context.integration, "opsgenie_id", &self.to_string())
    }
}

impl fmt::Display for AlertId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&uuid(self.0, ALERT_TAIL))
    }
}

fn first_bits(parts: &[&[u8]]) -> u64 {
    let digest = signature::digest(parts);
    u64::from_be_bytes(*digest.first_chunk().expect("a digest has 32 bytes"))
}

/// The id of a request: what, of which alert, when, and some bits of the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RequestId {
    pub action: Action,
    /// None: it was about none that is known here.
    pub alert: Option<AlertId>,
    /// In whole seconds.
    pub at: Timestamp,
    bits: u64,
}

impl RequestId {
    pub fn new(action: Action, alert: Option<AlertId>, now: Timestamp, body: &[u8]) -> Self {
        let bits = first_bits(&[&now.as_nanosecond().to_be_bytes(), body]) >> 40;
        let seconds = now.as_second().clamp(0, (1 << 36) - 1);
        let at = Timestamp::from_second(seconds).expect("36 bits of seconds are years, not eras");
        Self { action, alert, at, bits }
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = u64::try_from(self.at.as_second()).unwrap_or_default();
        let tail = (self.action as u64) << 60 | seconds << 24 | self.bits;
        f.write_str(&uuid(self.alert.map_or(0, |alert| alert.0), tail))
    }
}

impl FromStr for RequestId {
    type Err = ();

    fn from_str(id: &str) -> Result<Self, ()> {
        let (number, tail) = halves(id).ok_or(())?;
        let index = usize::try_from(tail >> 60).map_err(|_| ())?;
        let (action, ..) = ACTIONS.get(index).ok_or(())?;
        let seconds = i64::try_from((tail >> 24) & ((1 << 36) - 1)).map_err(|_| ())?;
        let at = Timestamp::from_second(seconds).map_err(|_| ())?;
        let alert = (number != 0).then_some(AlertId(number));
        Ok(Self { action: *action, alert, at, bits: tail & 0xff_ffff })
    }
}

fn uuid(front: u64, tail: u64) -> String {
    let hex = format!("{front:016x}{tail:016x}");
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

fn halves(id: &str) -> Option<(u64, u64)> {
    let hex: String = id.split('-').collect();
    if id.len() != 36 || hex.len() != 32 || !hex.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let half = |text: &str| u64::from_str_radix(text, 16).ok();
    half(&hex[..16]).zip(half(&hex[16..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_tells_what_it_stands_for() {
        let at: Timestamp = "2026-11-22T20:00:00Z".parse().expect("a time");
        for (index, (action, ..)) in ACTIONS.into_iter().enumerate() {
            assert_eq!(action as usize, index, "the table has the order of the kinds");
            let id = RequestId::new(action, Some(AlertId(0xfeed)), at, b"body");
            assert_eq!(id.to_string().parse(), Ok(id));
        }
        let id = AlertId(7);
        assert_eq!(AlertId::of_id(&id.to_string()), Some(id));
        assert_eq!(
            AlertId::of_alias(&id.to_string()),
            id,
            "the id is the alias of an alert without one"
        );
        for wrong in ["", "7", "8743a1b2-11da-480e-8493-744660987bef", "日本日本日本日本日本日本"]
        {
            assert_eq!(AlertId::of_id(wrong), None, "{wrong}");
            assert!(wrong.len() == 36 || wrong.parse::<RequestId>().is_err(), "{wrong}");
        }
    }
}
