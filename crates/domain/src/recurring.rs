//! Recurring silences: the same hours on certain days, in a zone of their own.

use crate::{matcher::Matcher, silence};
use jiff::{Timestamp, ToSpan, civil, tz::TimeZone};

/// Hours that are quiet again and again.
#[derive(Clone, Debug, PartialEq)]
pub struct Recurring {
    /// Its name in the configuration.
    pub name: String,
    /// What is silenced.
    pub matchers: Vec<Matcher>,
    /// On which days it begins; empty: every day.
    pub days: Vec<civil::Weekday>,
    /// When it begins.
    pub from: civil::Time,
    /// When it ends; not later than `from`: on the next day.
    pub to: civil::Time,
    /// The zone of both.
    pub zone: TimeZone,
    /// Who answers for it.
    pub owner: String,
    /// Why.
    pub comment: String,
}

impl Recurring {
    /// The occurrence that holds at a time: from when until when.
    pub fn at(&self, now: Timestamp) -> Option<(Timestamp, Timestamp)> {
        self.near(now).find(|(from, to)| *from <= now && now < *to)
    }

    /// When the next occurrence begins.
    pub fn next(&self, now: Timestamp) -> Option<Timestamp> {
        self.near(now).map(|(from, _)| from).filter(|from| *from > now).min()
    }

    /// The silence of an occurrence.
    pub fn occurrence(&self, from: Timestamp, to: Timestamp) -> silence::Silence {
        silence::Silence {
            id: silence::id_of(&["recurring", &self.name, &from.to_string()]),
            matchers: self.matchers.clone(),
            starts_at: from,
            ends_at: to,
            created_by: self.owner.clone(),
            comment: self.comment.clone(),
            annotations: Default::default(),
            kind: silence::Kind::Recurring(self.name.clone()),
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn nightly(zone: &str, days: Vec<civil::Weekday>) -> Recurring {
        Recurring {
            name: "nightly".into(),
            matchers: vec![Matcher::equal("alertname", "DiskBusy")],
            days,
            from: civil::time(23, 0, 0, 0),
            to: civil::time(1, 30, 0, 0),
            zone: TimeZone::get(zone).expect("a zone"),
            owner: "sre".into(),
            comment: "batch".into(),
        }
    }

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    #[test]
    fn a_window_over_midnight_holds_on_both_sides_of_it() {
        let nightly = nightly("Asia/Tokyo", vec![civil::Weekday::Saturday]);
        // Saturday 2026-11-21 23:00 JST is 14:00 UTC.
        assert!(nightly.at(at("2026-11-21T13:59:59Z")).is_none());
        assert!(nightly.at(at("2026-11-21T14:00:00Z")).is_some());
        assert!(nightly.at(at("2026-11-21T16:29:59Z")).is_some());
        assert!(nightly.at(at("2026-11-21T16:30:00Z")).is_none());
        assert!(nightly.at(at("2026-11-22T14:30:00Z")).is_none(), "Sunday night is not meant");
        assert_eq!(nightly.next(at("2026-11-22T00:00:00Z")), Some(at("2026-11-28T14:00:00Z")));
    }

    /// Where 01:30 comes twice, the window ends at the second.
    #[test]
    fn it_ends_at_the_last_of_a_doubled_hour() {
        let nightly = nightly("America/New_York", vec![]);
        let (_, end) = nightly.at(at("2026-11-01T05:00:00Z")).expect("inside");
        assert_eq!(end, at("2026-11-01T06:30:00Z"));
    }
}
