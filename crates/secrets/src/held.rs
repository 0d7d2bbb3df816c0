//! What was found, and for how long it counts: long where the place itself answered, short where it did not.

use crate::miss::Miss;
use jiff::{SignedDuration, Timestamp};
use source::Hidden;

/// What another machine gave is asked for anew after this: a rotated secret is used within it.
pub const REMOTE: SignedDuration = SignedDuration::from_mins(5);
/// What came from the place for emergencies counts only so long: the proper ones may answer again.
pub const GLASS: SignedDuration = SignedDuration::from_mins(1);
/// A machine that did not give the secret is asked again after this, and not with every need.
pub const AGAIN: SignedDuration = SignedDuration::from_secs(30);

/// What was found.
#[derive(Clone, Debug)]
pub(crate) struct Held {
    /// The secret, or why there is none.
    pub(crate) found: Result<Hidden, Miss>,
    /// The place that gave it.
    pub(crate) source: Option<String>,
    /// Whether that place is the one for emergencies.
    pub(crate) break_glass: bool,
    /// What the places before it said.
    pub(crate) reason: String,
    /// Since when.
    from: Timestamp,
    /// Until when it counts.
    until: Timestamp,
}

impl Held {
    /// Something that counts for a while from now.
    pub(crate) fn new(found: Result<Hidden, Miss>, now: Timestamp, hold: SignedDuration) -> Self {
        let until = now.saturating_add(hold).unwrap_or(now);
        let reason = found.as_ref().err().map_or("", Miss::why).to_owned();
        Self { found, source: None, break_glass: false, reason, from: now, until }
    }

    /// From where, and what was said before.
    pub(crate) fn from(self, source: &impl ToString, reason: String) -> Self {
        Self { source: Some(source.to_string()), reason, ..self }
    }

    /// From the place for emergencies.
    pub(crate) fn through_glass(self) -> Self {
        Self { break_glass: true, ..self }
    }

    /// Whether it still counts. After a clock was put back nothing does.
    pub(crate) fn counts_at(&self, now: Timestamp) -> bool {
        self.from <= now && now < self.until
    }
}
