//! A rota: people who take turns, perhaps only on certain days and hours.

use crate::{
    calendar::Calendar,
    hours::{self, Hours},
    ids::ContactName,
};
use jiff::{SignedDuration, Timestamp, civil::DateTime, tz::TimeZone};
use std::sync::Arc;

/// The shortest turn.
pub const SHORTEST: SignedDuration = SignedDuration::from_hours(1);
/// A turn that is not the one of the local time may still hold, or hold already, while the clock is put back.
const NEIGHBOURS: std::ops::RangeInclusive<i64> = -2..=3;

/// People who take turns. The length of a turn is measured on the wall clock: a week from Monday 09:00 ends on Monday
/// 09:00, whether the clock is changed in between or not. When the clock is changed at the very hour of the hand-over, the
/// rule of [`crate::hours`] holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Turns {
    /// Who is on call together, in the order of their turns.
    pub people: Vec<Vec<ContactName>>,
    /// When the first turn begins, on the wall clock.
    pub start: DateTime,
    /// How long a turn is, on the wall clock: a day is always 24 hours. At least [`SHORTEST`].
    pub every: SignedDuration,
    /// The zone of the wall clock.
    pub zone: TimeZone,
}

impl Turns {
    /// Whose turn it is. At an hour that comes twice, the turn that ends and the one that begins.
    pub fn at(&self, now: Timestamp) -> impl Iterator<Item = &ContactName> {
        let turns = self.near(now).filter(move |(_, from, to)| *from <= now && now < *to);
        turns.flat_map(|(index, ..)| self.people_of(index))
    }

    /// When the next turn begins, or one ends.
    pub fn next_edge(&self, now: Timestamp) -> Option<Timestamp> {
        self.near(now).flat_map(|(_, from, to)| [from, to]).filter(|edge| *edge > now).min()
    }

    fn people_of(&self, index: i64) -> &[ContactName] {
        let count = i64::try_from(self.people.len()).unwrap_or(i64::MAX).max(1);
        let index = usize::try_from(index.rem_euclid(count)).unwrap_or(0);
        self.people.get(index).map_or(&[], Vec::as_slice)
    }

    /// The turns around a time: number, from, to.
    fn near(&self, now: Timestamp) -> impl Iterator<Item = (i64, Timestamp, Timestamp)> + '_ {
        let every = self.every.max(SHORTEST).as_secs();
        let local = now.to_zoned(self.zone.clone()).datetime();
        let current = local.duration_since(self.start).as_secs().div_euclid(every);
        NEIGHBOURS.filter_map(move |offset| {
            let index = current.checked_add(offset)?;
            let starts = |index: i64| {
                let since = SignedDuration::from_secs(index.checked_mul(every)?);
                self.start.checked_add(since).ok()
            };
            let from = hours::first(&self.zone, starts(index)?)?;
            let to = hours::last(&self.zone, starts(index + 1)?)?;
            Some((index, from, to))
        })
    }
}

/// A time to which a layer is restricted, or in which somebody must be on call.
#[derive(Clone, Debug, PartialEq)]
pub enum During {
    /// The same hours on certain days.
    Hours(Hours),
    /// A part of a calendar.
    Calendar(Arc<Calendar>, Part),
}

/// A part of a calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Business hours of business days.
    BusinessHours,
    /// All other times.
    OutsideBusinessHours,
    /// Business days, from midnight to midnight.
    BusinessDays,
    /// Weekends, holidays and other closed days, from midnight to midnight.
    ClosedDays,
}

impl During {
    /// Whether it holds at a time.
    pub fn holds(&self, now: Timestamp) -> bool {
        match self {
            Self::Hours(hours) => hours.at(now).is_some(),
            Self::Calendar(calendar, part) => {
                let is_day = || calendar.is_business_day(calendar.day_of(now));
                match part {
                    Part::BusinessHours => calendar.is_business_time(now),
                    Part::OutsideBusinessHours => !calendar.is_business_time(now),
                    Part::BusinessDays => is_day(),
                    Part::ClosedDays => !is_day(),
                }
            }
        }
    }

    /// The next time at which it may begin or end.
    pub fn next_edge(&self, now: Timestamp) -> Option<Timestamp> {
        match self {
            Self::Hours(hours) => hours.next_edge(now),
            Self::Calendar(calendar, _) => calendar.next_edge(now),
        }
    }
}

/// Whether one of these times holds; always, where there is none.
pub fn any_holds(times: &[During], now: Timestamp) -> bool {
    times.is_empty() || times.iter().any(|during| during.holds(now))
}

/// One layer of a schedule.
#[derive(Clone, Debug, PartialEq)]
pub struct Layer {
    /// What it is called.
    pub name: String,
    /// Who takes turns.
    pub turns: Turns,
    /// It holds only in these times; empty: always.
    pub only: Vec<During>,
    /// It begins then; none: it was always there.
    pub from: Option<Timestamp>,
    /// It ends then; none: it stays.
    pub until: Option<Timestamp>,
}

impl Layer {
    /// Who is on call by this layer.
    pub fn at(&self, now: Timestamp) -> Vec<ContactName> {
        let has_begun = self.from.is_none_or(|from| from <= now);
        let is_over = self.until.is_some_and(|until| until <= now);
        if has_begun && !is_over && any_holds(&self.only, now) {
            unique(self.turns.at(now).cloned())
        } else {
            Vec::new()
        }
    }

    /// The next time at which somebody else may be on call by it.
    pub fn next_edge(&self, now: Timestamp) -> Option<Timestamp> {
        if self.until.is_some_and(|until| until <= now) {
            return None;
        }
        if let Some(from) = self.from.filter(|from| *from > now) {
            return Some(from);
        }
        let times = self.only.iter().filter_map(|during| during.next_edge(now));
        times.chain(self.turns.next_edge(now)).chain(self.until).min()
    }
}

/// Each of them once, in their order.
pub fn unique<T: PartialEq>(all: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut found = Vec::new();
    for one in all {
        if !found.contains(&one) {
            found.push(one);
        }
    }
    found
}
