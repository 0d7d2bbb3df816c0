//! A calendar: which days and hours are for business, and what a deadline in business time means (C29).

use crate::{holidays::japan, hours};
use jiff::{
    SignedDuration, Timestamp, ToSpan, civil,
    civil::{Date, Weekday},
    tz::TimeZone,
};
use std::{collections::BTreeMap, fmt, str::FromStr};

/// A deadline is looked for this far ahead: a calendar that has no business day in it has none at all.
const HORIZON_DAYS: i32 = 4_000;

/// Which days and hours are for business.
#[derive(Clone, Debug, PartialEq)]
pub struct Calendar {
    /// The zone of all its days and hours.
    pub zone: TimeZone,
    /// The days of the week that are for business.
    pub days: Vec<Weekday>,
    /// When business begins.
    pub from: civil::Time,
    /// When it ends; not later than `from`: on the next day.
    pub to: civil::Time,
    /// Whose public holidays are closed.
    pub country: Option<Country>,
    /// Closed every year: from this month and day to that one, both included, over New Year as well.
    pub yearly: Vec<Yearly>,
    /// Closed on these days, and why: company holidays, public holidays from an iCalendar file.
    pub closed: BTreeMap<Date, String>,
    /// Open on these days whatever else is said: special working days.
    pub open: BTreeMap<Date, String>,
}

/// A country whose public holidays are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Country {
    /// Japan.
    Japan,
}

/// Days that are closed every year, such as 12-29 to 01-03.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Yearly {
    /// The first, as month and day.
    pub from: (i8, i8),
    /// The last, as month and day.
    pub to: (i8, i8),
    /// Why.
    pub name: String,
}

impl Yearly {
    fn holds(&self, day: Date) -> bool {
        let day = (day.month(), day.day());
        if self.from <= self.to {
            (self.from..=self.to).contains(&day)
        } else {
            day >= self.from || day <= self.to
        }
    }
}

impl Default for Calendar {
    /// Monday to Friday, 09:00 to 18:00, UTC, no holidays.
    fn default() -> Self {
        use Weekday::{Friday, Monday, Thursday, Tuesday, Wednesday};
        Self {
            zone: TimeZone::UTC,
            days: vec![Monday, Tuesday, Wednesday, Thursday, Friday],
            from: civil::time(9, 0, 0, 0),
            to: civil::time(18, 0, 0, 0),
            country: None,
            yearly: Vec::new(),
            closed: BTreeMap::new(),
            open: BTreeMap::new(),
        }
    }
}

impl Calendar {
    /// Why a day is closed; none: it is a business day. Weekends have no name, and are closed with an empty one.
    pub fn closed_for(&self, day: Date) -> Option<&str> {
        if self.open.contains_key(&day) {
            return None;
        }
        if let Some(why) = self.closed.get(&day) {
            return Some(why);
        }
        if let Some(yearly) = self.yearly.iter().find(|yearly| yearly.holds(day)) {
            return Some(&yearly.name);
        }
        let public = self.country.and_then(|country| match country {
            Country::Japan => japan::holiday(day),
        });
        public.or_else(|| (!self.days.contains(&day.weekday())).then_some(""))
    }

    /// Whether a day is a business day.
    pub fn is_business_day(&self, day: Date) -> bool {
        self.closed_for(day).is_none()
    }

    /// The local day of a time.
    pub fn day_of(&self, at: Timestamp) -> Date {
        at.to_zoned(self.zone.clone()).date()
    }

    /// The business hours of a day, where it has some.
    pub fn hours_of(&self, day: Date) -> Option<(Timestamp, Timestamp)> {
        let last = if self.to <= self.from { day.tomorrow().ok()? } else { day };
        let from = hours::first(&self.zone, day.to_datetime(self.from))?;
        let to = hours::last(&self.zone, last.to_datetime(self.to))?;
        self.is_business_day(day).then_some((from, to))
    }

    /// Whether it is business time.
    pub fn is_business_time(&self, at: Timestamp) -> bool {
        let near = (-1..=0).filter_map(|days| self.day_of(at).checked_add(days.days()).ok());
        near.filter_map(|day| self.hours_of(day)).any(|(from, to)| from <= at && at < to)
    }

    /// The next time after `at` at which business may begin or end; of days, the next midnight.
    pub fn next_edge(&self, at: Timestamp) -> Option<Timestamp> {
        let today = self.day_of(at);
        let near = (-1..=1).filter_map(|days| today.checked_add(days.days()).ok());
        let hours = near.filter_map(|day| self.hours_of(day)).flat_map(|(from, to)| [from, to]);
        let midnight = today.tomorrow().ok().and_then(|day| self.midnight(day));
        hours.chain(midnight).filter(|edge| *edge > at).min()
    }

    /// When a day begins.
    pub fn midnight(&self, day: Date) -> Option<Timestamp> {
        hours::first(&self.zone, day.to_datetime(civil::Time::midnight()))
    }
}

/// A length of time that only runs in business time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BusinessTime {
    /// So many business days: the same time of day, so many of them later.
    Days(u32),
    /// So much time within business hours.
    Hours(SignedDuration),
}

impl fmt::Display for BusinessTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Days(1) => write!(f, "1 business day"),
            Self::Days(days) => write!(f, "{days} business days"),
            Self::Hours(time) => write!(f, "{time:#} of business time"),
        }
    }
}

impl FromStr for BusinessTime {
    type Err = String;

    /// `1 business day`, `3 business days`, `4 business hours`, `1営業日`.
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong =
            || format!("`{text}` is not a business time such as `1 business day` or `1営業日`");
        let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let (number, unit) = text.split_at(digits);
        let number: u32 = number.parse().map_err(|_| wrong())?;
        match unit.trim() {
            "business day" | "business days" | "営業日" => Ok(Self::Days(number)),
            "business hour" | "business hours" | "営業時間" => {
                Ok(Self::Hours(SignedDuration::from_hours(number.into())))
            }
            _ => Err(wrong()),
        }
    }
}

/// A deadline: so much time, or so much business time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Within {
    /// Time that always runs.
    Time(SignedDuration),
    /// Time that runs in business time only.
    Business(BusinessTime),
}

impl Within {
    /// When it is over. Where no calendar is given, Monday to Friday from 9 to 18 are for business; where the calendar has
    /// no business day, all days are.
    pub fn after(self, calendar: Option<&Calendar>, zone: &TimeZone, from: Timestamp) -> Timestamp {
        let usual = || Calendar { zone: zone.clone(), ..Calendar::default() };
        let time = match self {
            Self::Time(time) => time,
            Self::Business(time) => {
                let calendar = calendar.cloned().unwrap_or_else(usual);
                match (business_time_after(&calendar, from, time), time) {
                    (Some(at), _) => return at,
                    (None, BusinessTime::Days(days)) => {
                        SignedDuration::from_hours(24 * i64::from(days))
                    }
                    (None, BusinessTime::Hours(hours)) => hours,
                }
            }
        };
        from.saturating_add(time).unwrap_or(Timestamp::MAX)
    }
}

/// When a length of business time that begins at `from` is over; none: the calendar has no business day within ten years.
///
/// What begins outside business hours begins with the next of them. A day is over at the same time of day of the next
/// business day; where that would be the very beginning of a day, at the end of the one before. So whoever gets it on a
/// Saturday has until Monday evening, and whoever gets it on Friday at 15:00 until Monday at 15:00 (B14, C29).
pub fn business_time_after(
    calendar: &Calendar,
    from: Timestamp,
    time: BusinessTime,
) -> Option<Timestamp> {
    let start = calendar.day_of(from).yesterday().ok()?;
    let mut days = (0..HORIZON_DAYS)
        .filter_map(|days| start.checked_add(days.days()).ok())
        .filter_map(|day| calendar.hours_of(day).map(|(open, close)| (day, open, close)))
        .filter(|(_, _, close)| *close > from);
    let (day, open, close) = days.next()?;
    let begins = from.max(open);
    match time {
        BusinessTime::Days(0) => Some(begins),
        BusinessTime::Days(count) if begins == open => {
            let more = usize::try_from(count - 1).ok()?;
            std::iter::once((day, open, close)).chain(days).nth(more).map(|(_, _, close)| close)
        }
        BusinessTime::Days(count) => {
            let (then, open, close) = days.nth(usize::try_from(count - 1).ok()?)?;
            let local = begins.to_zoned(calendar.zone.clone());
            // Business that goes over midnight may be in its second day.
            let over = local.date().since(day).ok()?.get_days();
            let at = then.checked_add(over.days()).ok()?.to_datetime(local.time());
            Some(hours::last(&calendar.zone, at)?.clamp(open, close))
        }
        BusinessTime::Hours(mut left) => {
            for (_, open, close) in std::iter::once((day, open, close)).chain(days) {
                let open = open.max(from);
                let here = close.duration_since(open);
                if left <= here {
                    return open.checked_add(left).ok();
                }
                left -= here;
            }
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn tokyo() -> Calendar {
        Calendar {
            zone: TimeZone::get("Asia/Tokyo").expect("a zone"),
            country: Some(Country::Japan),
            yearly: vec![Yearly { from: (12, 29), to: (1, 3), name: "年末年始".into() }],
            closed: BTreeMap::from([(date(2026, 6, 1), "創立記念日".into())]),
            open: BTreeMap::from([(date(2026, 12, 30), "棚卸し".into())]),
            ..Calendar::default()
        }
    }

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    fn after(from: &str, time: &str) -> String {
        let time = time.parse().expect("business time");
        let over = business_time_after(&tokyo(), at(from), time).expect("a deadline");
        over.to_zoned(tokyo().zone).strftime("%Y-%m-%d %H:%M").to_string()
    }

    /// C29, B14: 1 営業日.
    #[test]
    fn a_business_day_jumps_over_weekends_and_holidays() {
        assert_eq!(after("2026-11-20T15:00:00+09:00", "1 business day"), "2026-11-24 15:00");
        assert_eq!(after("2026-11-21T12:00:00+09:00", "1営業日"), "2026-11-24 18:00");
        assert_eq!(after("2026-11-25T10:00:00+09:00", "3 business days"), "2026-11-30 10:00");
        assert_eq!(after("2026-11-25T20:00:00+09:00", "1 business day"), "2026-11-26 18:00");
        assert_eq!(after("2026-11-25T07:00:00+09:00", "1 business day"), "2026-11-25 18:00");
    }

    #[test]
    fn the_end_of_the_year_is_closed_but_for_the_stocktaking() {
        assert_eq!(after("2026-12-28T15:00:00+09:00", "1 business day"), "2026-12-30 15:00");
        assert_eq!(after("2026-12-30T15:00:00+09:00", "1 business day"), "2027-01-04 15:00");
        assert!(!tokyo().is_business_day(date(2026, 6, 1)), "a company holiday");
    }

    #[test]
    fn business_hours_run_only_in_business_time() {
        assert_eq!(after("2026-11-20T17:00:00+09:00", "4 business hours"), "2026-11-24 12:00");
        assert_eq!(after("2026-11-25T09:00:00+09:00", "9 business hours"), "2026-11-25 18:00");
    }

    #[test]
    fn a_calendar_that_is_never_open_has_no_deadline() {
        let never = Calendar { days: Vec::new(), ..Calendar::default() };
        assert_eq!(
            business_time_after(&never, at("2026-01-01T00:00:00Z"), BusinessTime::Days(1)),
            None
        );
    }

    #[test]
    fn what_is_no_business_time_is_refused() {
        for text in ["", "day", "1 day", "x business days", "99999999999 business days"] {
            assert!(text.parse::<BusinessTime>().is_err(), "{text}");
        }
    }
}
