//! Who did what: what is asked of the audit, and its lines.

use crate::timeline::TimelineEntry;
use jiff::Timestamp;
use journal::Position;

/// Which lines of the audit are wanted; nothing: all.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AuditWanted {
    /// Only those of this name.
    pub who: Option<String>,
    /// Only this kind: `acknowledged`, `credential_access`.
    pub kind: Option<String>,
    /// Only since then.
    pub from: Option<Timestamp>,
    /// Only before then.
    pub to: Option<Timestamp>,
    /// Only those before this position in the journal: how a list goes on.
    pub before: Option<Position>,
}

/// A fact behind which somebody stands.
#[derive(Clone, Debug, PartialEq)]
pub struct AuditEntry {
    /// Who.
    pub who: String,
    /// What, when.
    pub entry: TimelineEntry,
}
