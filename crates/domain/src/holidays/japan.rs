//! Public holidays of Japan, by the rules of the law (国民の祝日に関する法律, 昭和23年法律第178号), for 2020 to 2099.
//!
//! <https://laws.e-gov.go.jp/law/323AC1000000178>; the dates that the rules are tested against are those that the Cabinet
//! Office publishes: <https://www8.cao.go.jp/chosei/shukujitsu/gaiyou.html>. 2020 and 2021 moved some days by the laws for
//! the Olympic Games (平成27年法律第33号, 令和2年法律第68号).
//!
//! The two equinoxes are fixed by the cabinet each February for the year after. Until then they are computed with the
//! formula that the Hydrographic Department gave for 1980 to 2099 (海上保安庁水路部『新こよみ便利帳』).

use jiff::{
    ToSpan,
    civil::{Date, Weekday, date},
};

/// The years for which the rules are known to hold.
pub const YEARS: std::ops::RangeInclusive<i16> = 2020..=2099;

const SUBSTITUTE: &str = "振替休日";
const BETWEEN: &str = "国民の休日";

/// What the day is called, where it is a holiday. Outside of [`YEARS`] nothing is known, and no day is one.
///
/// ```
/// use domain::holidays::japan::holiday;
/// use jiff::civil::date;
///
/// assert_eq!(holiday(date(2026, 9, 22)), Some("国民の休日"));
/// assert_eq!(holiday(date(2026, 9, 24)), None);
/// ```
pub fn holiday(day: Date) -> Option<&'static str> {
    if !YEARS.contains(&day.year()) {
        return None;
    }
    named(day)
        .or_else(|| is_substitute(day).then_some(SUBSTITUTE))
        .or_else(|| is_between(day).then_some(BETWEEN))
}

/// Article 2: the days that have a name.
fn named(day: Date) -> Option<&'static str> {
    let year = day.year();
    let name = match (day.month(), day.day()) {
        (1, 1) => "元日",
        (1, _) if is_monday(day, 2) => "成人の日",
        (2, 11) => "建国記念の日",
        (2, 23) => "天皇誕生日",
        (3, on) if on == equinox(year, 20.8431) => "春分の日",
        (4, 29) => "昭和の日",
        (5, 3) => "憲法記念日",
        (5, 4) => "みどりの日",
        (5, 5) => "こどもの日",
        (7 | 8 | 10, _) => return summer(day),
        (9, _) if is_monday(day, 3) => "敬老の日",
        (9, on) if on == equinox(year, 23.2488) => "秋分の日",
        (11, 3) => "文化の日",
        (11, 23) => "勤労感謝の日",
        _ => return None,
    };
    Some(name)
}

/// The three days that were moved for the Olympic Games.
fn summer(day: Date) -> Option<&'static str> {
    match (day.year(), day.month(), day.day()) {
        (2020, 7, 23) | (2021, 7, 22) => Some("海の日"),
        (2020, 7, 24) | (2021, 7, 23) => Some("スポーツの日"),
        (2020, 8, 10) | (2021, 8, 8) => Some("山の日"),
        (2020 | 2021, ..) => None,
        (_, 7, _) if is_monday(day, 3) => Some("海の日"),
        (_, 8, 11) => Some("山の日"),
        (_, 10, _) if is_monday(day, 2) => Some("スポーツの日"),
        _ => None,
    }
}

/// Article 3 (2): when a holiday is a Sunday, the next day that is none itself.
fn is_substitute(day: Date) -> bool {
    let mut before = day.yesterday().ok();
    while let Some(holiday) = before.filter(|day| named(*day).is_some()) {
        if holiday.weekday() == Weekday::Sunday {
            return true;
        }
        before = holiday.yesterday().ok();
    }
    false
}

/// Article 3 (3): a day between two holidays.
fn is_between(day: Date) -> bool {
    let is_named = |days: i64| day.checked_add(days.days()).is_ok_and(|day| named(day).is_some());
    is_named(-1) && is_named(1)
}

/// Whether it is the `nth` Monday of its month.
fn is_monday(day: Date, nth: i8) -> bool {
    day.weekday() == Weekday::Monday && (day.day() - 1) / 7 + 1 == nth
}

/// The day of the month of an equinox; `base` is its moment in 1980.
fn equinox(year: i16, base: f64) -> i8 {
    let years = f64::from(year - 1980);
    let moment = base + 0.242_194 * years - (years / 4.0).floor();
    // From 1980 to 2099 this is a day between 19 and 24.
    moment.floor() as i8
}

/// The holidays of a year, in order.
pub fn of_year(year: i16) -> impl Iterator<Item = (Date, &'static str)> {
    let days = date(year, 1, 1).series(1.day()).take_while(move |day| day.year() == year);
    days.filter_map(|day| holiday(day).map(|name| (day, name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// C29: what the Cabinet Office has published, with the moved days of 2020 and 2021, the day between two holidays of
    /// 2026, and every substitute holiday.
    const PUBLISHED: [(i16, &str); 7] = [
        (
            2020,
            "1/1 1/13 2/11 2/23 2/24 3/20 4/29 5/3 5/4 5/5 5/6 7/23 7/24 8/10 9/21 9/22 11/3 11/23",
        ),
        (2021, "1/1 1/11 2/11 2/23 3/20 4/29 5/3 5/4 5/5 7/22 7/23 8/8 8/9 9/20 9/23 11/3 11/23"),
        (2022, "1/1 1/10 2/11 2/23 3/21 4/29 5/3 5/4 5/5 7/18 8/11 9/19 9/23 10/10 11/3 11/23"),
        (2023, "1/1 1/2 1/9 2/11 2/23 3/21 4/29 5/3 5/4 5/5 7/17 8/11 9/18 9/23 10/9 11/3 11/23"),
        (
            2024,
            "1/1 1/8 2/11 2/12 2/23 3/20 4/29 5/3 5/4 5/5 5/6 7/15 8/11 8/12 9/16 9/22 9/23 10/14 11/3 \
             11/4 11/23",
        ),
        (
            2025,
            "1/1 1/13 2/11 2/23 2/24 3/20 4/29 5/3 5/4 5/5 5/6 7/21 8/11 9/15 9/23 10/13 11/3 11/23 \
             11/24",
        ),
        (
            2026,
            "1/1 1/12 2/11 2/23 3/20 4/29 5/3 5/4 5/5 5/6 7/20 8/11 9/21 9/22 9/23 10/12 11/3 11/23",
        ),
    ];

    #[test]
    fn the_rules_give_the_published_days() {
        for (year, published) in PUBLISHED {
            let days: Vec<_> =
                of_year(year).map(|(day, _)| format!("{}/{}", day.month(), day.day())).collect();
            assert_eq!(days.join(" "), published, "{year}");
        }
    }

    #[test]
    fn a_substitute_comes_after_all_of_golden_week() {
        // 2026-05-03 is a Sunday; the 4th and the 5th have names of their own.
        assert_eq!(holiday(date(2026, 5, 6)), Some("振替休日"));
        assert_eq!(holiday(date(2026, 5, 7)), None);
    }

    #[test]
    fn silver_week_has_a_day_between() {
        for year in [2026, 2032, 2037, 2043] {
            let days: Vec<_> = of_year(year).filter(|(_, name)| *name == BETWEEN).collect();
            assert_eq!(days.len(), 1, "{year}");
        }
        assert_eq!(of_year(2027).filter(|(_, name)| *name == BETWEEN).count(), 0);
    }

    #[test]
    fn every_year_has_its_sixteen_named_days_and_beyond_them_nothing_is_claimed() {
        for year in YEARS {
            let named =
                of_year(year).filter(|(_, name)| *name != SUBSTITUTE && *name != BETWEEN).count();
            assert_eq!(named, 16, "{year}");
        }
        assert_eq!(holiday(date(2100, 1, 1)), None);
    }
}
