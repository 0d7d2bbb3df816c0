//! Changes of who is on call in a story.

use domain::{
    command::Command,
    ids::{Actor, OverrideId},
};
use jiff::{SignedDuration, Timestamp};

/// What a person changes.
#[derive(Clone, Debug, PartialEq)]
pub enum Shifting {
    /// Somebody else is on call from now on.
    Puts {
        /// Who.
        person: String,
        /// In whose place; none: instead of everybody.
        replaces: Option<String>,
        /// The schedule.
        schedule: String,
        /// For how long.
        length: SignedDuration,
    },
    /// An override does not hold any more.
    TakesBack(OverrideId),
    /// Two shifts are exchanged: schedule, and a time in each.
    Swaps(String, Timestamp, Timestamp),
}

/// `puts PERSON [in place of OTHER] on call by SCHEDULE for 2h`, `takes OVR-1 back`, `swaps SCHEDULE TIME with TIME`.
pub(crate) fn read(words: &[&str]) -> Option<Shifting> {
    match words {
        ["puts", person, rest @ ..] => {
            let (replaces, rest) = match rest {
                ["in", "place", "of", other, rest @ ..] => (Some((*other).to_owned()), rest),
                rest => (None, rest),
            };
            let ["on", "call", "by", schedule, "for", length] = rest else { return None };
            let (person, schedule) = ((*person).to_owned(), (*schedule).to_owned());
            Some(Shifting::Puts { person, replaces, schedule, length: length.parse().ok()? })
        }
        ["takes", id, "back"] => Some(Shifting::TakesBack(id.parse().ok()?)),
        ["swaps", schedule, one, "with", other] => {
            Some(Shifting::Swaps((*schedule).to_owned(), one.parse().ok()?, other.parse().ok()?))
        }
        _ => None,
    }
}

impl Shifting {
    /// The command.
    pub(crate) fn command(&self, now: Timestamp, reason: &str, by: Actor) -> Command {
        let reason = reason.to_owned();
        match self {
            Self::Puts { person, replaces, schedule, length } => Command::SetOverride {
                schedule: schedule.as_str().into(),
                people: vec![person.as_str().into()],
                replaces: replaces.as_deref().map(Into::into),
                from: now,
                until: now.saturating_add(*length).unwrap_or(Timestamp::MAX),
                reason,
                by,
            },
            Self::TakesBack(id) => Command::RemoveOverride { id: *id, by },
            Self::Swaps(schedule, one, other) => Command::SwapShifts {
                schedule: schedule.as_str().into(),
                one: *one,
                other: *other,
                reason,
                by,
            },
        }
    }
}
