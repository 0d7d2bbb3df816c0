//! Hours of certain days that come again and again, in a zone of their own.

use jiff::{Timestamp, ToSpan, civil, tz::TimeZone};

/// The same hours on certain days.
#[derive(Clone, Debug, PartialEq)]
pub struct Hours {
    /// On which days they begin; empty: every day.
    pub days: Vec<civil::Weekday>,
    /// When they begin.
    pub from: civil::Time,
    /// When they end; not later than `from`: on the next day.
    pub to: civil::Time,
    /// The zone of both.
    pub zone: TimeZone,
}

impl Hours {
    /// The occurrence that holds at a time: from when until when.
    pub fn at(&self, now: Timestamp) -> Option<(Timestamp, Timestamp)> {
        self.near(now).find(|(from, to)| *from <= now && now < *to)
    }

    /// When the next occurrence begins.
    pub fn next(&self, now: Timestamp) -> Option<Timestamp> {
        self.near(now).map(|(from, _)| from).filter(|from| *from > now).min()
    }

    /// The occurrences from yesterday to a week ahead. A start in a gap of the clock (summer time) moves to after the gap;
    /// where an hour comes twice it starts at the first and ends at the last of them.
    fn near(&self, now: Timestamp) -> impl Iterator<Item = (Timestamp, Timestamp)> + '_ {
        let today = now.to_zoned(self.zone.clone()).date();
        (-1..=8).filter_map(move |offset| {
            let day = today.checked_add(offset.days()).ok()?;
            let holds = self.days.is_empty() || self.days.contains(&day.weekday());
            let last = if self.to <= self.from { day.tomorrow().ok()? } else { day };
            let from =
                self.zone.to_ambiguous_zoned(day.to_datetime(self.from)).compatible().ok()?;
            let to = self.zone.to_ambiguous_zoned(last.to_datetime(self.to)).later().ok()?;
            holds.then(|| (from.timestamp(), to.timestamp()))
        })
    }
}
