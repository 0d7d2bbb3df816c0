//! A calendar of business days: by when the next data must be there, given the newest there are.

use domain::said::Said;
use jiff::{
    Timestamp,
    civil::{Date, Time, Weekday},
    tz::TimeZone,
};
use source::{Fields, Node, Problems};
use std::{collections::BTreeSet, fmt, str::FromStr};

/// A calendar that has no business day within so many days is a mistake.
const FARTHEST_DAYS: usize = 400;

/// When data are expected.
#[derive(Clone, Debug)]
pub(crate) struct Calendar {
    days: Vec<Weekday>,
    /// A day's data come between `from` and `by`; when `by` is not after `from`, it is on the next day.
    from: Time,
    by: Time,
    zone: TimeZone,
    holidays: BTreeSet<Date>,
    also: BTreeSet<Date>,
}

impl Calendar {
    /// Reads the mapping below `expected:`.
    pub fn parse(node: &Node, problems: &mut Problems) -> Option<Self> {
        let mut fields = Fields::open(node, problems)?;
        let days = match fields.optional("days") {
            None => vec![Day::MON, Day::TUE, Day::WED, Day::THU, Day::FRI],
            Some(node) => read(node, problems, ("曜日 (例: mon)", "a day such as mon")),
        };
        let midnight = Time::midnight();
        let by = fields.required("by", problems).and_then(|node| time(node, problems));
        let from = fields.optional("from").map_or(Some(midnight), |node| time(node, problems));
        let zone = crate::moment::zone(&mut fields, problems);
        let date = ("日付 (例: 2026-11-23)", "a date such as 2026-11-23");
        let mut dates =
            |key| fields.optional(key).map_or(Vec::new(), |node| read(node, problems, date));
        let (holidays, also): (Vec<Date>, Vec<Date>) = (dates("holidays"), dates("also"));
        if zone.is_none() {
            fields.required("zone", problems);
        }
        if days.is_empty() {
            problems.add(&node.place, Said::new("`days` が空です", "`days` is empty"));
        }
        fields.finish(problems);
        Some(Self {
            days: days.into_iter().map(|day| day.0).collect(),
            from: from?,
            by: by?,
            zone: zone?,
            holidays: holidays.into_iter().collect(),
            also: also.into_iter().collect(),
        })
    }

    /// The zone in which its days are.
    pub fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// By when newer data than these are expected: the deadline of the first business day after the one that
    /// these belong to. Nothing when the calendar ends before.
    pub fn next_expected(&self, newest: Timestamp) -> Option<Timestamp> {
        let local = self.zone.to_datetime(newest);
        let is_of_the_day_before = local.time() < self.from;
        let mut day = local.date();
        if is_of_the_day_before {
            day = day.yesterday().ok()?;
        }
        for _ in 0..FARTHEST_DAYS {
            day = day.tomorrow().ok()?;
            if self.is_business_day(day) {
                let date = if self.by > self.from { day } else { day.tomorrow().ok()? };
                return self.zone.to_timestamp(date.to_datetime(self.by)).ok();
            }
        }
        None
    }

    fn is_business_day(&self, day: Date) -> bool {
        self.also.contains(&day)
            || (self.days.contains(&day.weekday()) && !self.holidays.contains(&day))
    }
}

/// A day of the week as people write it in a configuration.
struct Day(Weekday);

impl Day {
    const MON: Self = Self(Weekday::Monday);
    const TUE: Self = Self(Weekday::Tuesday);
    const WED: Self = Self(Weekday::Wednesday);
    const THU: Self = Self(Weekday::Thursday);
    const FRI: Self = Self(Weekday::Friday);
}

impl FromStr for Day {
    type Err = fmt::Error;

    fn from_str(text: &str) -> Result<Self, fmt::Error> {
        Ok(Self(match text {
            "mon" => Weekday::Monday,
            "tue" => Weekday::Tuesday,
            "wed" => Weekday::Wednesday,
            "thu" => Weekday::Thursday,
            "fri" => Weekday::Friday,
            "sat" => Weekday::Saturday,
            "sun" => Weekday::Sunday,
            _ => return Err(fmt::Error),
        }))
    }
}

fn time(node: &Node, problems: &mut Problems) -> Option<Time> {
    read(node, problems, ("時刻 (例: 18:00)", "a time such as 18:00")).pop()
}

/// Every element of a list; what is none is a problem that says what is expected.
fn read<T: FromStr>(node: &Node, problems: &mut Problems, expected: (&str, &str)) -> Vec<T> {
    let mut all = Vec::new();
    for node in node.list(problems).unwrap_or_default() {
        let Some(text) = node.text(problems) else { continue };
        match text.parse() {
            Ok(one) => all.push(one),
            Err(_) => problems.add(
                &node.place,
                Said::new(
                    format!("{}が必要です (見つかったもの: `{text}`)", expected.0),
                    format!("expected {}, found `{text}`", expected.1),
                ),
            ),
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::said::Language;
    use source::yaml;

    fn calendar(text: &str) -> Result<Calendar, String> {
        let mut problems = Problems::new();
        let node = yaml::read("probes.yaml", text, 0, &mut problems).expect("YAML");
        let calendar = Calendar::parse(&node, &mut problems);
        if problems.is_empty() {
            Ok(calendar.expect("read"))
        } else {
            Err(problems.render(Language::En))
        }
    }

    /// The deadline in Tokyo that follows data from this time in Tokyo.
    fn next(calendar: &Calendar, newest: &str) -> String {
        let newest = calendar.zone.to_timestamp(newest.parse().expect("a time")).expect("in range");
        let expected = calendar.next_expected(newest).expect("there is one");
        calendar.zone.to_datetime(expected).strftime("%a %F %R").to_string()
    }

    #[test]
    fn weekends_and_holidays_bring_no_data() {
        // 2026-11-20 is a Friday, Monday the 23rd a holiday.
        let tokyo =
            calendar("{by: '18:00', zone: Asia/Tokyo, holidays: [2026-11-23]}").expect("good");
        assert_eq!(next(&tokyo, "2026-11-19T17:30"), "Fri 2026-11-20 18:00");
        assert_eq!(next(&tokyo, "2026-11-20T00:00"), "Tue 2026-11-24 18:00");
        assert_eq!(next(&tokyo, "2026-11-20T23:59:59"), "Tue 2026-11-24 18:00");
        assert_eq!(next(&tokyo, "2026-11-21T09:00"), "Tue 2026-11-24 18:00");
        let saturday =
            calendar("{by: '18:00', zone: Asia/Tokyo, holidays: [2026-11-23], also: [2026-11-21]}");
        assert_eq!(next(&saturday.expect("good"), "2026-11-20T17:00"), "Sat 2026-11-21 18:00");
        let daily =
            calendar("{days: [mon, tue, wed, thu, fri, sat, sun], by: '06:00', zone: Asia/Tokyo}");
        assert_eq!(next(&daily.expect("good"), "2026-11-20T05:00"), "Sat 2026-11-21 06:00");
    }

    #[test]
    fn data_of_the_night_belong_to_the_day_before() {
        // American prices of Friday arrive on Saturday morning in Tokyo.
        let night = calendar("{from: '22:00', by: '07:00', zone: Asia/Tokyo}").expect("good");
        assert_eq!(
            next(&night, "2026-11-20T06:30"),
            "Sat 2026-11-21 07:00",
            "these are Thursday's"
        );
        assert_eq!(next(&night, "2026-11-21T06:30"), "Tue 2026-11-24 07:00", "these are Friday's");
    }

    #[test]
    fn a_long_closure_is_bridged() {
        let days: Vec<String> = (1..=31).flat_map(|day| [format!("2026-12-{day:02}")]).collect();
        let december = calendar(&format!(
            "{{by: '18:00', zone: Asia/Tokyo, holidays: [{}]}}",
            days.join(", ")
        ));
        assert_eq!(next(&december.expect("good"), "2026-11-30T18:00"), "Fri 2027-01-01 18:00");
    }

    #[test]
    fn mistakes_are_named() {
        for (text, part) in [
            ("{zone: Asia/Tokyo}", "`by` is missing"),
            ("{by: '18:00'}", "`zone` is missing"),
            ("{by: evening, zone: Asia/Tokyo}", "expected a time such as 18:00, found `evening`"),
            ("{by: '18:00', zone: Asia/Tokyo, days: [monday]}", "expected a day such as mon"),
            ("{by: '18:00', zone: Asia/Tokyo, days: []}", "`days` is empty"),
            ("{by: '18:00', zone: Asia/Tokyo, holidays: [23.11.2026]}", "expected a date such as"),
            ("{by: '18:00', zone: Asia/Edo}", "no time zone `Asia/Edo`"),
        ] {
            let said = calendar(text).expect_err(text);
            assert!(said.contains(part), "{text}\n{said}");
        }
    }
}
