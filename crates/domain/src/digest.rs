//! The daily digest (A48, C30): when it is due, and what is collected for it. Closed incidents are in no state any more, so
//! what must still be reported of them is kept here.

use crate::{
    calendar::Calendar,
    fact::{DigestSent, Fact},
    hours,
    ids::{ChannelName, ContactName, IncidentId},
    severity::Priority,
};
use jiff::{SignedDuration, Timestamp, ToSpan, civil, civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The longest row of closed days that is looked over.
const LOOK: i32 = 60;
/// P3 incidents that are kept one by one; more are counted.
const KEPT: usize = 500;
/// The first digest covers so much, and no more.
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// When the digest is sent, and to whom.
#[derive(Clone, Debug, PartialEq)]
pub struct DigestPolicy {
    /// The time of day.
    pub at: civil::Time,
    /// The zone of it, and of the days.
    pub zone: TimeZone,
    /// Only on business days; the next one covers those between.
    pub only_business_days: bool,
    /// On which channels.
    pub channels: Vec<ChannelName>,
    /// Who is told on personal channels; empty: whoever is told first of an incident.
    pub contacts: Vec<ContactName>,
}

impl DigestPolicy {
    /// When the digest of a day is due; none: it has none.
    pub fn time_of(&self, day: Date, calendar: Option<&Calendar>) -> Option<Timestamp> {
        let usual = || Calendar { zone: self.zone.clone(), ..Calendar::default() };
        let is_open = !self.only_business_days
            || calendar
                .map_or_else(|| usual().is_business_day(day), |one| one.is_business_day(day));
        is_open.then(|| hours::first(&self.zone, day.to_datetime(self.at))).flatten()
    }

    /// The last day whose digest is due at a time.
    pub fn last_day(&self, calendar: Option<&Calendar>, now: Timestamp) -> Option<Date> {
        let mut days = self.days(now, (0..LOOK).map(|days| -days));
        days.find(|day| self.time_of(*day, calendar).is_some_and(|at| at <= now))
    }

    /// The first digest after a time, of a day after `last`.
    pub fn next(
        &self,
        calendar: Option<&Calendar>,
        last: Option<Date>,
        now: Timestamp,
    ) -> Option<Timestamp> {
        let days = self.days(now, -1..LOOK).filter(|day| last.is_none_or(|last| *day > last));
        days.filter_map(|day| self.time_of(day, calendar)).find(|at| *at > now)
    }

    fn days(
        &self,
        now: Timestamp,
        offsets: impl Iterator<Item = i32>,
    ) -> impl Iterator<Item = Date> {
        let today = now.to_zoned(self.zone.clone()).date();
        offsets.filter_map(move |days| today.checked_add(days.days()).ok())
    }
}

/// A P3 that no digest has told of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Small {
    /// What it is called.
    pub title: String,
    /// When it was found.
    pub opened_at: Timestamp,
    /// When it was closed, where it was.
    pub closed_at: Option<Timestamp>,
}

/// The last digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastDigest {
    /// Of which day. A day has one digest, whatever happens to clocks and zones.
    pub day: Date,
    /// When it was decided: the next one covers what comes after.
    pub at: Timestamp,
    /// Of which P3 incidents it told.
    pub incidents: BTreeSet<IncidentId>,
}

/// What is collected for the next digest.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Digests {
    /// When hikeshi started first.
    pub begun_at: Option<Timestamp>,
    /// The last one.
    pub last: Option<LastDigest>,
    /// P3 incidents since then, also closed ones.
    pub small: BTreeMap<IncidentId, Small>,
    /// P3 incidents beyond those.
    pub omitted: u64,
    /// Alerts that fired and ended by themselves since then, by their rules.
    pub ended: BTreeMap<String, u64>,
}

impl Digests {
    /// The day whose digest is due now; none: none is.
    pub fn due(
        &self,
        policy: &DigestPolicy,
        calendar: Option<&Calendar>,
        now: Timestamp,
    ) -> Option<Date> {
        let day = policy.last_day(calendar, now)?;
        let is_new = match &self.last {
            // A clock that was far ahead puts nothing off.
            Some(last) if last.at.duration_since(now) > DAY => true,
            Some(last) => day > last.day,
            None => policy.time_of(day, calendar)? > self.begun_at?,
        };
        is_new.then_some(day)
    }

    /// From when on the next digest reports.
    pub fn since(&self, now: Timestamp) -> Timestamp {
        let day_ago = now.saturating_sub(DAY).unwrap_or(Timestamp::MIN);
        match &self.last {
            Some(last) => last.at.min(now),
            None => self.begun_at.map_or(day_ago, |begun| begun.max(day_ago)),
        }
    }

    /// Follows a fact; what needs more than the fact is [`Digests::found`].
    pub(crate) fn follow(&mut self, fact: &Fact, at: Timestamp) {
        match fact {
            Fact::EngineStarted { .. } => drop(self.begun_at.get_or_insert(at)),
            Fact::IncidentClassified { incident, classification, .. }
                if classification.priority != Priority::P3 =>
            {
                self.small.remove(incident);
            }
            Fact::CauseChanged { incident, title, .. } => {
                if let Some(small) = self.small.get_mut(incident) {
                    small.title.clone_from(title);
                }
            }
            Fact::IncidentMerged { incident, .. } => drop(self.small.remove(incident)),
            Fact::IncidentClosed { incident, .. } => {
                if let Some(small) = self.small.get_mut(incident) {
                    small.closed_at = Some(at);
                }
            }
            Fact::DigestSent(sent) => self.sent(sent, at),
            _ => {}
        }
    }

    /// An alert ended by itself. Names from outside are counted together when there are too many.
    pub(crate) fn ended_alone(&mut self, rule: &str) {
        let is_full = self.ended.len() >= KEPT && !self.ended.contains_key(rule);
        let name = if is_full { "…" } else { rule };
        let count = self.ended.entry(name.to_owned()).or_default();
        *count = count.saturating_add(1);
    }

    /// A P3 was found.
    pub(crate) fn found(&mut self, id: IncidentId, title: &str, opened_at: Timestamp) {
        if self.small.len() < KEPT {
            let small = Small { title: title.to_owned(), opened_at, closed_at: None };
            self.small.insert(id, small);
        } else {
            self.omitted = self.omitted.saturating_add(1);
        }
    }

    fn sent(&mut self, sent: &DigestSent, at: Timestamp) {
        let incidents: BTreeSet<_> = sent.incidents.iter().copied().collect();
        // What nobody could be told waits for the next one.
        if sent.is_told {
            self.small.clear();
            self.ended.clear();
            self.omitted = 0;
        }
        self.last = Some(LastDigest { day: sent.day, at, incidents });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::{date, time};

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    fn policy(zone: &str, hour: i8, minute: i8) -> DigestPolicy {
        DigestPolicy {
            at: time(hour, minute, 0, 0),
            zone: TimeZone::get(zone).expect("a zone"),
            only_business_days: false,
            channels: Vec::new(),
            contacts: Vec::new(),
        }
    }

    /// Every day has one digest, also the day of 23 hours, in which its hour does not come, and the day of 25, in which it
    /// comes twice.
    #[test]
    fn a_change_of_the_clock_sends_none_twice_and_leaves_none_out() {
        let policy = policy("Europe/Berlin", 2, 30);
        for (start, hours) in [("2026-03-27T00:00:00Z", 96), ("2026-10-23T00:00:00Z", 96)] {
            let mut digests = Digests { begun_at: Some(at(start)), ..Digests::default() };
            let mut days = Vec::new();
            for minutes in (0..hours * 60).step_by(10) {
                let now = at(start) + SignedDuration::from_mins(minutes);
                while let Some(day) = digests.due(&policy, None, now) {
                    let sent = DigestSent {
                        day,
                        since: digests.since(now),
                        incidents: Vec::new(),
                        is_told: true,
                        is_stuck: false,
                    };
                    digests.follow(&Fact::DigestSent(Box::new(sent)), now);
                    days.push(day);
                }
            }
            let expected: Vec<_> =
                (0..4).map(|add| at(start).to_zoned(TimeZone::UTC).date() + add.days()).collect();
            assert_eq!(days, expected);
        }
    }

    /// Whoever moves the time or the zone of the digest gets one a day all the same.
    #[test]
    fn a_day_has_one_digest_whatever_its_time_becomes() {
        let tokyo = policy("Asia/Tokyo", 9, 0);
        let last = LastDigest {
            day: date(2026, 11, 30),
            at: at("2026-11-30T00:00:00Z"),
            incidents: BTreeSet::new(),
        };
        let digests = Digests { last: Some(last), ..Digests::default() };
        let later = policy("Asia/Tokyo", 10, 0);
        assert_eq!(digests.due(&later, None, at("2026-11-30T02:00:00Z")), None);
        let berlin = policy("Europe/Berlin", 9, 0);
        assert_eq!(digests.due(&berlin, None, at("2026-11-30T09:00:00Z")), None);
        assert_eq!(digests.due(&berlin, None, at("2026-12-01T08:00:00Z")), Some(date(2026, 12, 1)));
        // A clock that was set back by an hour sends nothing again, one that was years ahead is not waited for.
        assert_eq!(digests.due(&tokyo, None, at("2026-11-29T23:30:00Z")), None);
        assert_eq!(digests.due(&tokyo, None, at("2026-11-20T01:00:00Z")), Some(date(2026, 11, 20)));
    }

    #[test]
    fn closed_days_are_left_out_where_a_team_wants_that() {
        let policy = DigestPolicy { only_business_days: true, ..policy("Asia/Tokyo", 9, 0) };
        // A Friday, and the Monday after it.
        let friday = at("2026-11-20T00:00:00Z");
        assert_eq!(policy.last_day(None, friday), Some(date(2026, 11, 20)));
        assert_eq!(policy.next(None, None, friday), Some(at("2026-11-23T00:00:00Z")));
        assert_eq!(policy.last_day(None, at("2026-11-22T12:00:00Z")), Some(date(2026, 11, 20)));
    }
}
