//! `calendars:` which days and hours are for business: public holidays, company holidays, the end of the year.

use crate::{hours, names, settings::zone_of};
use domain::{
    calendar::{Calendar, Country, Yearly},
    ids::CalendarName,
    said::Said,
};
use jiff::{
    ToSpan,
    civil::{Date, Time, date},
    tz::TimeZone,
};
use source::{
    Fields, Node, Place, Problems,
    ical::{self, Event, Moment},
};
use std::{collections::BTreeMap, path::Path, sync::Arc};

/// The calendars by their names, and the one by which business time runs.
#[derive(Default)]
pub(crate) struct Calendars {
    pub(crate) all: BTreeMap<CalendarName, Arc<Calendar>>,
    pub(crate) business: Option<Arc<Calendar>>,
}

impl Calendars {
    /// The calendar of this name; it is a problem when there is none.
    pub(crate) fn get(&self, node: &Node, problems: &mut Problems) -> Option<Arc<Calendar>> {
        let name = node.text(problems)?;
        let found = self.all.get(name.as_str()).cloned();
        if found.is_none() {
            let known = self.all.keys().map(CalendarName::as_str);
            names::unknown(&node.place, ("カレンダー", "calendar"), &name, known, problems);
        }
        found
    }
}

/// A yearly event of a file holds in these years, as the rules for Japan do.
const YEARS: std::ops::RangeInclusive<i16> = 2020..=2099;

/// `calendars:` maps a name to `{country: japan, from: "09:00", to: "18:00", yearly: …, closed: …, open: …, ics: …}`;
/// `business_calendar:` names the one for deadlines; without it, the only one is it.
pub(crate) fn read(
    fields: &mut Fields<'_>,
    folder: &Path,
    zone: &TimeZone,
    problems: &mut Problems,
) -> Calendars {
    let mut calendars = Calendars::default();
    let entries = fields.optional("calendars").and_then(|node| node.entries(problems));
    for (name, _, node) in entries.unwrap_or_default() {
        if let Some(calendar) = calendar(node, folder, zone, problems) {
            calendars.all.insert(name.as_str().into(), Arc::new(calendar));
        }
    }
    let named = fields.optional("business_calendar");
    calendars.business = match named {
        Some(node) => calendars.get(node, problems),
        None if calendars.all.len() == 1 => calendars.all.values().next().cloned(),
        None => None,
    };
    calendars
}

fn calendar(
    node: &Node,
    folder: &Path,
    zone: &TimeZone,
    problems: &mut Problems,
) -> Option<Calendar> {
    let mut fields = Fields::open(node, problems)?;
    let usual = Calendar::default();
    let zone = match fields.optional("zone") {
        Some(node) => zone_of(node, problems),
        None => zone.clone(),
    };
    let country = fields.optional("country").and_then(|node| country(node, problems));
    let days = fields.optional("days").and_then(|node| node.list(problems));
    let days =
        days.map(|nodes| nodes.iter().filter_map(|node| hours::day(node, problems)).collect());
    let mut time = |key, usual: Time, problems: &mut Problems| {
        let node = fields.or_assume(key, || usual.strftime("%H:%M").to_string(), problems);
        node.and_then(|node| hours::time(node, problems)).unwrap_or(usual)
    };
    let (from, to) = (time("from", usual.from, problems), time("to", usual.to, problems));
    let yearly = named(fields.optional("yearly"), problems, |name, place, text, problems| {
        let range = range(text).filter(|(from, to)| is_month_day(*from) && is_month_day(*to));
        if range.is_none() {
            wrong(place, text, "月日の範囲", "a range of days", "12-29/01-03", problems);
        }
        range.map(|(from, to)| Yearly { from, to, name: name.to_owned() })
    });
    let day = |text: &str, place: &Place, problems: &mut Problems| {
        let day = text.parse::<Date>().ok();
        if day.is_none() {
            wrong(place, text, "日付", "a day", "2026-06-01", problems);
        }
        day
    };
    let mut dated = |key, problems: &mut Problems| {
        let days = named(fields.optional(key), problems, |name, place, why, problems| {
            Some((day(name, place, problems)?, why.to_owned()))
        });
        days.into_iter().collect::<BTreeMap<_, _>>()
    };
    let mut closed = dated("closed", problems);
    let open = dated("open", problems);
    let files = fields.optional("ics").and_then(|node| node.list(problems)).unwrap_or_default();
    for file in files {
        closed.extend(holidays(&file, folder, &zone, problems));
    }
    fields.finish(problems);
    Some(Calendar {
        zone,
        days: days.unwrap_or(usual.days),
        from,
        to,
        country,
        yearly,
        closed,
        open,
    })
}

fn country(node: &Node, problems: &mut Problems) -> Option<Country> {
    let text = node.text(problems)?;
    if text == "japan" {
        return Some(Country::Japan);
    }
    problems.add_with_hint(
        &node.place,
        Said::new(
            format!("国 `{text}` の祝日は組み込まれていません"),
            format!("the holidays of `{text}` are not built in"),
        ),
        Said::new(
            "japan を使うか、祝日の iCalendar ファイルを `ics:` に書いてください",
            "write `japan`, or name an iCalendar file of holidays with `ics:`",
        ),
    );
    None
}

/// The values of a mapping of texts.
fn named<T>(
    node: Option<&Node>,
    problems: &mut Problems,
    mut read: impl FnMut(&str, &Place, &str, &mut Problems) -> Option<T>,
) -> Vec<T> {
    let entries = node.and_then(|node| node.entries(problems)).unwrap_or_default();
    let value = |(name, place, node): &(String, Place, Node)| {
        let text = node.text(problems)?;
        read(name, place, &text, problems)
    };
    entries.iter().filter_map(value).collect()
}

/// `12-29/01-03`, or one day.
fn range(text: &str) -> Option<((i8, i8), (i8, i8))> {
    let day = |text: &str| {
        let (month, day) = text.trim().split_once('-')?;
        Some((month.parse().ok()?, day.parse().ok()?))
    };
    match text.split_once('/') {
        Some((from, to)) => Some((day(from)?, day(to)?)),
        None => Some((day(text)?, day(text)?)),
    }
}

/// A day that at least leap years have.
fn is_month_day((month, day): (i8, i8)) -> bool {
    Date::new(2024, month, day).is_ok()
}

fn wrong(place: &Place, text: &str, ja: &str, en: &str, example: &str, problems: &mut Problems) {
    problems.add_with_hint(
        place,
        Said::new(format!("`{text}` は{ja}として読めません"), format!("`{text}` is not {en}")),
        Said::same(example),
    );
}

/// The days of an iCalendar file, and what they are called.
fn holidays(
    node: &Node,
    folder: &Path,
    zone: &TimeZone,
    problems: &mut Problems,
) -> Vec<(Date, String)> {
    let Some(name) = node.text(problems) else { return Vec::new() };
    let path = folder.join(&name);
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) => {
            let path = path.display();
            problems.add(
                &node.place,
                Said::new(
                    format!("{path} を読めません: {error}"),
                    format!("{path} cannot be read: {error}"),
                ),
            );
            return Vec::new();
        }
    };
    let events = ical::read(&path.display().to_string(), &text, zone, problems);
    events.iter().flat_map(|event| days_of(event, problems)).collect()
}

fn days_of(event: &Event, problems: &mut Problems) -> Vec<(Date, String)> {
    let (Moment::Day(first), Moment::Day(end)) = (event.start, event.end) else {
        problems.add_with_hint(
            &event.place,
            Said::new("休日が日付ではなく時刻です", "a holiday has a time of day"),
            Said::same("DTSTART;VALUE=DATE:20261229"),
        );
        return Vec::new();
    };
    let span = |first: Date, end: Date| first.series(1.day()).take_while(move |day| *day < end);
    let days: Vec<Date> = if event.is_yearly {
        let years = YEARS.filter(|year| *year >= first.year());
        // The 29th of February comes only in leap years.
        let begins = years.filter_map(|year| {
            let begins =
                date(year, 1, 1).with().month(first.month()).day(first.day()).build().ok()?;
            let end = begins.checked_add(end.since(first).ok()?).ok()?;
            Some(span(begins, end))
        });
        begins.flatten().collect()
    } else {
        span(first, end).collect()
    };
    days.into_iter().map(|day| (day, event.summary.clone())).collect()
}
