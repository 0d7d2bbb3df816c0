//! How long values are kept, and how much room they may take.

use jiff::SignedDuration;

/// How long values are kept, and how much room they may take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keep {
    /// How long every single value is kept.
    pub raw: SignedDuration,
    /// How long what each minute came to is kept.
    pub minutes: SignedDuration,
    /// How long what each hour came to is kept.
    pub hours: SignedDuration,
    /// How large the file may be. When it is larger, the oldest goes before its time. SQLite's log beside it comes on
    /// top; it is cut back to 16 MiB.
    pub max_bytes: u64,
    /// How many series there may be; values of further ones are dropped.
    pub max_series: usize,
}

impl Default for Keep {
    /// 48 hours in full, minutes for 14 days, hours for 400 days, 512 MiB, 10,000 series.
    fn default() -> Self {
        Self {
            raw: SignedDuration::from_hours(48),
            minutes: SignedDuration::from_hours(14 * 24),
            hours: SignedDuration::from_hours(400 * 24),
            max_bytes: 512 << 20,
            max_series: 10_000,
        }
    }
}
