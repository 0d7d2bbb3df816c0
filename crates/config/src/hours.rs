//! Hours that come again and again, as a person writes them: `days: [mon, fri]`, `from: "09:00"`, `to: "15:30"`, `zone:`.

use domain::{calendar::Within, hours::Hours, said::Said};
use jiff::{
    Timestamp,
    civil::{DateTime, Time, Weekday},
    tz::TimeZone,
};
use source::{Fields, Node, Problems};

const DAYS: [(&str, Weekday); 7] = [
    ("mon", Weekday::Monday),
    ("tue", Weekday::Tuesday),
    ("wed", Weekday::Wednesday),
    ("thu", Weekday::Thursday),
    ("fri", Weekday::Friday),
    ("sat", Weekday::Saturday),
    ("sun", Weekday::Sunday),
];

/// A moment as a person writes it, `2026-12-29T00:00`; `resolve` says which it is where the clock changes.
pub(crate) fn moment(
    node: &Node,
    problems: &mut Problems,
    resolve: impl FnOnce(DateTime) -> Option<Timestamp>,
) -> Option<Timestamp> {
    let text = node.text(problems)?;
    let found = text.parse::<DateTime>().ok().and_then(resolve);
    if found.is_none() {
        problems.add_with_hint(
            &node.place,
            Said::new(
                format!("`{text}` は日時として読めません"),
                format!("`{text}` is not a date and time"),
            ),
            Said::same("2026-12-29T00:00"),
        );
    }
    found
}

/// The hours in these fields; `zone` holds where they name none.
pub(crate) fn read(
    fields: &mut Fields<'_>,
    zone: &TimeZone,
    problems: &mut Problems,
) -> Option<Hours> {
    let days = fields.optional("days").and_then(|node| node.list(problems)).unwrap_or_default();
    let days = days.iter().filter_map(|node| day(node, problems)).collect();
    let from = fields.required("from", problems).and_then(|node| time(node, problems));
    let to = fields.required("to", problems).and_then(|node| time(node, problems));
    let own = fields.optional("zone").map(|node| crate::settings::zone_of(node, problems));
    Some(Hours { days, from: from?, to: to?, zone: own.unwrap_or_else(|| zone.clone()) })
}

/// `sat` or `saturday`, in any case.
pub(crate) fn weekday(text: &str) -> Option<Weekday> {
    let text = text.to_lowercase();
    let is_meant =
        |name: &str, day: Weekday| text == name || text == format!("{day:?}").to_lowercase();
    DAYS.iter().find(|(name, day)| is_meant(name, *day)).map(|(_, day)| *day)
}

/// `02:00`.
pub(crate) fn clock(text: &str) -> Option<Time> {
    let (hour, minute) = text.split_once(':')?;
    Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()
}

/// A day of the week.
pub(crate) fn day(node: &Node, problems: &mut Problems) -> Option<Weekday> {
    let text = node.text(problems)?.to_lowercase();
    let found = weekday(&text);
    if found.is_none() {
        problems.add_with_hint(
            &node.place,
            Said::new(format!("`{text}` は曜日ではありません"), format!("`{text}` is not a day")),
            Said::same(DAYS.map(|(name, _)| name).join(", ")),
        );
    }
    found
}

/// A time of day.
pub(crate) fn time(node: &Node, problems: &mut Problems) -> Option<Time> {
    let text = node.text(problems)?;
    let found = clock(&text);
    if found.is_none() {
        problems.add_with_hint(
            &node.place,
            Said::new(
                format!("`{text}` は時刻として読めません"),
                format!("`{text}` is not a time of day"),
            ),
            Said::new(
                "00:00 から 23:59 まで。終わりが始まりより前なら翌日です",
                "00:00 to 23:59; an end before its start is on the next day",
            ),
        );
    }
    found
}

/// A deadline: `4h`, or in business time, `1 business day`, `1営業日`.
pub(crate) fn within(node: &Node, problems: &mut Problems) -> Option<Within> {
    let is_business = |text: &String| text.contains("business") || text.contains("営業");
    match node.text(problems)? {
        text if is_business(&text) => node.parse(problems).map(Within::Business),
        _ => node.duration(problems).map(Within::Time),
    }
}
