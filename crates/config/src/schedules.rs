//! `schedules:` who is on call when.

use crate::{calendars::Calendars, hours, names, settings::zone_of};
use domain::{
    calendar::Calendar,
    ids::{ContactName, ScheduleName},
    policy::Contact,
    rota::{During, Layer, Part, SHORTEST, Turns},
    said::Said,
    schedule::Schedule,
};
use jiff::{
    SignedDuration, Span, ToSpan,
    civil::{DateTime, Time, date},
    tz::TimeZone,
};
use source::{Fields, Node, Problems};
use std::{collections::BTreeMap, sync::Arc};

/// What the names and times of a schedule are read by.
pub(crate) struct Around<'a> {
    pub(crate) contacts: &'a BTreeMap<ContactName, Contact>,
    pub(crate) calendars: &'a Calendars,
    pub(crate) zone: &'a TimeZone,
}

const PARTS: [(&str, Part); 4] = [
    ("business_hours", Part::BusinessHours),
    ("outside_business_hours", Part::OutsideBusinessHours),
    ("business_days", Part::BusinessDays),
    ("holidays", Part::ClosedDays),
];

/// `schedules:` maps a name to one rotation (`{rotation: weekly, people: [sato, suzuki], from: "Mon 09:00"}`), or to
/// `layers:`, a list of such, the lowest first.
pub(crate) fn read(
    node: Option<&Node>,
    around: &Around<'_>,
    problems: &mut Problems,
) -> BTreeMap<ScheduleName, Schedule> {
    let entries = node.and_then(|node| node.entries(problems)).unwrap_or_default();
    let entries = entries.iter().filter(|(.., node)| !node.is_off());
    let schedules = entries.filter_map(|(name, _, node)| schedule(name, node, around, problems));
    schedules.map(|schedule| (schedule.name.clone(), schedule)).collect()
}

fn schedule(
    name: &str,
    node: &Node,
    around: &Around<'_>,
    problems: &mut Problems,
) -> Option<Schedule> {
    let mut fields = Fields::open(node, problems)?;
    let title = fields.text_or("title", name, problems);
    let tells = fields.flag_or("tell", true, problems);
    let zone = match fields.optional("zone") {
        Some(node) => zone_of(node, problems),
        None => around.zone.clone(),
    };
    let calendar = calendar(&mut fields, around, problems);
    let covers = parts(fields.optional("covers"), calendar.as_ref(), problems);
    let layers = match fields.optional("layers") {
        Some(list) => {
            let nodes = list.list(problems).unwrap_or_default();
            let read = |(index, node): (usize, &Node)| {
                let mut fields = Fields::open(node, problems)?;
                let own = calendar_or(&mut fields, calendar.clone(), around, problems);
                let usual = format!("{name} {}", index + 1);
                let title = fields.text("title", problems).unwrap_or(usual);
                let layer = layer(title, &mut fields, &zone, own.as_ref(), around, problems);
                fields.finish(problems);
                layer
            };
            nodes.iter().enumerate().filter_map(read).collect()
        }
        None => layer(title.clone(), &mut fields, &zone, calendar.as_ref(), around, problems)
            .into_iter()
            .collect::<Vec<_>>(),
    };
    fields.finish(problems);
    Some(Schedule { name: name.into(), title, layers, covers, tells })
}

fn calendar(
    fields: &mut Fields<'_>,
    around: &Around<'_>,
    problems: &mut Problems,
) -> Option<Arc<Calendar>> {
    calendar_or(fields, around.calendars.business.clone(), around, problems)
}

fn calendar_or(
    fields: &mut Fields<'_>,
    usual: Option<Arc<Calendar>>,
    around: &Around<'_>,
    problems: &mut Problems,
) -> Option<Arc<Calendar>> {
    match fields.optional("calendar") {
        Some(node) => around.calendars.get(node, problems),
        None => usual,
    }
}

fn layer(
    name: String,
    fields: &mut Fields<'_>,
    zone: &TimeZone,
    calendar: Option<&Arc<Calendar>>,
    around: &Around<'_>,
    problems: &mut Problems,
) -> Option<Layer> {
    let people =
        fields.required("people", problems).and_then(|node| people(node, around, problems));
    let every = fields.optional("rotation").map_or(Some(WEEK), |node| rotation(node, problems));
    let start = fields.optional("from").map_or(Some(Start::monday()), |node| start(node, problems));
    let until = fields
        .optional("until")
        .and_then(|node| hours::moment(node, problems, |local| domain::hours::last(zone, local)));
    let mut only = parts(fields.optional("only"), calendar, problems);
    let hours = fields.optional("hours").and_then(|node| node.list(problems)).unwrap_or_default();
    for node in hours {
        let Some(mut fields) = Fields::open(&node, problems) else { continue };
        only.extend(hours::read(&mut fields, zone, problems).map(During::Hours));
        fields.finish(problems);
    }
    let start = start?;
    let from = start.is_once.then(|| domain::hours::first(zone, start.at)).flatten();
    let turns = Turns { people: people?, start: start.at, every: every?, zone: zone.clone() };
    Some(Layer { name, turns, only, from, until })
}

/// `[sato, suzuki]`; who is on call together stands together: `[sato + tanaka, suzuki + ito]`.
fn people(
    node: &Node,
    around: &Around<'_>,
    problems: &mut Problems,
) -> Option<Vec<Vec<ContactName>>> {
    let mut turns = Vec::new();
    for one in node.list(problems)? {
        let text = one.text(problems)?;
        let mut together = Vec::new();
        for name in text.split('+').map(str::trim) {
            if !around.contacts.contains_key(name) {
                let known = around.contacts.keys().map(ContactName::as_str);
                names::unknown(&one.place, ("連絡先", "contact"), name, known, problems);
            }
            together.push(ContactName::from(name));
        }
        turns.push(together);
    }
    if turns.is_empty() {
        problems.add(&node.place, Said::new("当番表に誰もいません", "nobody is in this rotation"));
        return None;
    }
    Some(turns)
}

const DAY: SignedDuration = SignedDuration::from_hours(24);
const WEEK: SignedDuration = SignedDuration::from_hours(24 * 7);

/// `daily`, `weekly`, or a length: `12h`, `3 days`, `2 weeks`.
fn rotation(node: &Node, problems: &mut Problems) -> Option<SignedDuration> {
    let text = node.text(problems)?;
    let found = match text.as_str() {
        "daily" => Some(DAY),
        "weekly" => Some(WEEK),
        other => other.parse::<Span>().ok().and_then(wall_clock),
    };
    let found = found.filter(|every| *every >= SHORTEST);
    if found.is_none() {
        problems.add_with_hint(
            &node.place,
            Said::new(
                format!("`{text}` は交代の間隔ではありません"),
                format!("`{text}` is not a length of turns"),
            ),
            Said::new(
                "daily, weekly, 12h, 3 days, 2 weeks など (1 時間以上)",
                "such as daily, weekly, 12h, 3 days, 2 weeks; at least an hour",
            ),
        );
    }
    found
}

/// Weeks, days, hours and minutes of the wall clock; nothing else has always the same length there.
fn wall_clock(span: Span) -> Option<SignedDuration> {
    let has_others = span.get_years() != 0 || span.get_months() != 0;
    let days = i64::from(span.get_weeks()) * 7 + i64::from(span.get_days());
    let minutes = (days * 24 + i64::from(span.get_hours())) * 60 + span.get_minutes();
    (!has_others).then(|| SignedDuration::from_mins(minutes))
}

/// When the first turn begins.
struct Start {
    at: DateTime,
    /// It is a date: before it, there is no turn.
    is_once: bool,
}

impl Start {
    /// A Monday long ago, at nine: rotations that name only a day of the week count from it.
    fn monday() -> Self {
        Self { at: MONDAY.at(9, 0, 0, 0), is_once: false }
    }
}

const MONDAY: jiff::civil::Date = date(1970, 1, 5);

/// `Mon 09:00`, `09:00`, or a date and time: `2026-11-30T09:00`.
fn start(node: &Node, problems: &mut Problems) -> Option<Start> {
    let text = node.text(problems)?;
    if let Ok(at) = text.parse::<DateTime>() {
        return Some(Start { at, is_once: true });
    }
    let (day, clock) = match text.split_once(' ') {
        Some((day, clock)) => (hours::weekday(day), clock.trim()),
        None => (Some(jiff::civil::Weekday::Monday), text.as_str()),
    };
    let clock: Option<Time> = hours::clock(clock);
    let Some((day, clock)) = day.zip(clock) else {
        problems.add_with_hint(
            &node.place,
            Said::new(
                format!("`{text}` は交代の時刻ではありません"),
                format!("`{text}` is not a time to hand over"),
            ),
            Said::same("Mon 09:00, 09:00, 2026-11-30T09:00"),
        );
        return None;
    };
    let first = MONDAY.checked_add(i64::from(day.to_monday_zero_offset()).days()).ok()?;
    Some(Start { at: first.to_datetime(clock), is_once: false })
}

/// `business_hours`, `[outside_business_hours, holidays]`.
pub(crate) fn parts(
    node: Option<&Node>,
    calendar: Option<&Arc<Calendar>>,
    problems: &mut Problems,
) -> Vec<During> {
    let Some(node) = node else { return Vec::new() };
    let mut found = Vec::new();
    for one in node.list(problems).unwrap_or_default() {
        let Some(text) = one.text(problems) else { continue };
        match (PARTS.iter().find(|(name, _)| *name == text), calendar) {
            (Some((_, part)), Some(calendar)) => {
                found.push(During::Calendar(calendar.clone(), *part));
            }
            (Some(_), None) => problems.add_with_hint(
                &one.place,
                Said::new(
                    format!("`{text}` がどのカレンダーのものか分かりません"),
                    format!("`{text}` of which calendar?"),
                ),
                Said::new(
                    "`calendar:` か `business_calendar:` を書いてください",
                    "write `calendar:` here, or `business_calendar:` at the top",
                ),
            ),
            (None, _) => {
                let known = PARTS.map(|(name, _)| name);
                names::unknown(
                    &one.place,
                    ("時間帯", "part of a calendar"),
                    &text,
                    known,
                    problems,
                );
            }
        }
    }
    found
}
