//! Hours of certain days that come again and again, in a zone of their own; and the rule for changes of the clock.
//!
//! What starts at an hour that comes twice starts at the first of them, what ends at one ends at the last; an hour that
//! does not come moves to after the gap. So two times that follow each other may overlap when the clock is put back, and
//! never leave a gap.

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

    /// When the next occurrence begins or ends.
    pub fn next_edge(&self, now: Timestamp) -> Option<Timestamp> {
        self.near(now).flat_map(|(from, to)| [from, to]).filter(|edge| *edge > now).min()
    }

    /// The occurrences from yesterday to a week ahead.
    fn near(&self, now: Timestamp) -> impl Iterator<Item = (Timestamp, Timestamp)> + '_ {
        let today = now.to_zoned(self.zone.clone()).date();
        (-1..=8).filter_map(move |offset| {
            let day = today.checked_add(offset.days()).ok()?;
            let holds = self.days.is_empty() || self.days.contains(&day.weekday());
            let end = if self.to <= self.from { day.tomorrow().ok()? } else { day };
            let from = first(&self.zone, day.to_datetime(self.from))?;
            let to = last(&self.zone, end.to_datetime(self.to))?;
            holds.then_some((from, to))
        })
    }
}

/// When something starts that starts at this local time: the first of two, after a gap.
pub fn first(zone: &TimeZone, local: civil::DateTime) -> Option<Timestamp> {
    zone.to_ambiguous_zoned(local).compatible().ok().map(|zoned| zoned.timestamp())
}

/// When something ends that ends at this local time: the last of two, after a gap.
pub fn last(zone: &TimeZone, local: civil::DateTime) -> Option<Timestamp> {
    zone.to_ambiguous_zoned(local).later().ok().map(|zoned| zoned.timestamp())
}
