//! Recurring silences: the same hours on certain days, in a zone of their own.

use crate::{hours::Hours, matcher::Matcher, silence};
use jiff::Timestamp;

/// Hours that are quiet again and again.
#[derive(Clone, Debug, PartialEq)]
pub struct Recurring {
    /// Its name in the configuration.
    pub name: String,
    /// What is silenced.
    pub matchers: Vec<Matcher>,
    /// When.
    pub hours: Hours,
    /// Who answers for it.
    pub owner: String,
    /// Why.
    pub comment: String,
}

impl Recurring {
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
            announced: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::{civil, tz::TimeZone};

    fn nightly(zone: &str, days: Vec<civil::Weekday>) -> Recurring {
        Recurring {
            name: "nightly".into(),
            matchers: vec![Matcher::equal("alertname", "DiskBusy")],
            hours: Hours {
                days,
                from: civil::time(23, 0, 0, 0),
                to: civil::time(1, 30, 0, 0),
                zone: TimeZone::get(zone).expect("a zone"),
            },
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
        assert!(nightly.hours.at(at("2026-11-21T13:59:59Z")).is_none());
        assert!(nightly.hours.at(at("2026-11-21T14:00:00Z")).is_some());
        assert!(nightly.hours.at(at("2026-11-21T16:29:59Z")).is_some());
        assert!(nightly.hours.at(at("2026-11-21T16:30:00Z")).is_none());
        assert!(
            nightly.hours.at(at("2026-11-22T14:30:00Z")).is_none(),
            "Sunday night is not meant"
        );
        assert_eq!(
            nightly.hours.next(at("2026-11-22T00:00:00Z")),
            Some(at("2026-11-28T14:00:00Z"))
        );
    }

    /// Where 01:30 comes twice, the window ends at the second.
    #[test]
    fn it_ends_at_the_last_of_a_doubled_hour() {
        let nightly = nightly("America/New_York", vec![]);
        let (_, end) = nightly.hours.at(at("2026-11-01T05:00:00Z")).expect("inside");
        assert_eq!(end, at("2026-11-01T06:30:00Z"));
    }
}
