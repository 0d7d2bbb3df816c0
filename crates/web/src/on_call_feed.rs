//! A schedule as an iCalendar feed (RFC 5545): other calendars subscribe to it by an address that nobody guesses.

use crate::{
    acting::{Answer, By},
    answer::Refused,
    extract::{Json, Path},
    on_call,
    state::Shared,
    tokens,
};
use axum::{
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use domain::{
    ids::{ContactName, IntegrationName},
    policy::Contact,
    schedule::{self, Shift},
};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Days that a feed tells of: some that are past, so that nothing vanishes under the reader's eyes.
const PAST: SignedDuration = SignedDuration::from_hours(24 * 14);
const AHEAD: SignedDuration = SignedDuration::from_hours(24 * 180);
/// The longest line without its end, in bytes (RFC 5545, 3.1).
const LINE: usize = 75;

/// The name under which the tokens of a schedule's feed are kept. No integration is called so: a colon stands in no name.
fn door(schedule: &str) -> IntegrationName {
    format!("schedule:{schedule}").into()
}

/// Where a feed is, this once.
#[derive(Serialize, ToSchema)]
pub(crate) struct Feed {
    schedule: String,
    path: String,
    address: Option<String>,
}

/// `POST /api/v1/oncall/{schedule}/feed`: the answer is the only place where the address ever stands.
pub(crate) async fn make(
    State(shared): State<Shared>,
    Path(name): Path<String>,
    Json(ask): Json<By>,
) -> Answer<Feed> {
    on_call::named(&shared, &name).await?;
    let token = tokens::make(&shared, door(&name), None, &ask.by).await?;
    let path = format!("/oncall/{token}/{}.ics", percent_encoded(&name));
    let address = shared.here(&path);
    Ok(Json(Feed { schedule: name, path, address }))
}

/// `GET /oncall/{token}/{schedule}.ics`. A wrong token and a schedule that is not there look the same.
pub(crate) async fn feed(
    State(shared): State<Shared>,
    Path((token, file)): Path<(String, String)>,
) -> Result<Response, Refused> {
    let unknown = || Refused::not_found("ありません", "there is nothing here");
    let name = file.strip_suffix(".ics").ok_or_else(unknown)?.to_owned();
    if !shared.doors.opens(&door(&name), &token) {
        return Err(unknown());
    }
    let (schedule, overrides) = on_call::named(&shared, &name).await.map_err(|_| unknown())?;
    let now = shared.doors.now();
    let contacts = shared.look(|world| world.policy.contacts.clone()).await?;
    let from = now.saturating_sub(PAST).unwrap_or(now);
    let until = now.saturating_add(AHEAD).unwrap_or(now);
    let overrides = overrides.of(&schedule.name);
    let shifts = schedule::shifts(&schedule, overrides, from, until);
    let text = calendar(&name, &schedule.title, &shifts, &contacts, now);
    let headers = [
        (header::CONTENT_TYPE, "text/calendar; charset=utf-8"),
        (header::CACHE_CONTROL, "private, no-store"),
    ];
    Ok((headers, text).into_response())
}

fn calendar(
    name: &str,
    title: &str,
    shifts: &[Shift],
    contacts: &BTreeMap<ContactName, Contact>,
    now: Timestamp,
) -> String {
    let mut text = String::new();
    let mut line = |content: &str| fold(&mut text, content);
    line("BEGIN:VCALENDAR");
    line("VERSION:2.0");
    line("PRODID:-//hikeshi//on call//EN");
    line(&format!("X-WR-CALNAME:{}", escaped(title)));
    for shift in shifts.iter().filter(|shift| !shift.people.is_empty()) {
        let titles = shift.people.iter().map(|person| match contacts.get(person) {
            Some(contact) => contact.title.clone(),
            None => person.to_string(),
        });
        let who = titles.collect::<Vec<_>>().join(", ");
        line("BEGIN:VEVENT");
        // The same shift keeps its number, so that a change of it is a change and not a second event.
        line(&format!("UID:{}-{}@hikeshi", escaped(name), shift.from.as_second()));
        line(&format!("DTSTAMP:{}", utc(now)));
        line(&format!("DTSTART:{}", utc(shift.from)));
        line(&format!("DTEND:{}", utc(shift.until)));
        line(&format!("SUMMARY:{}", escaped(&format!("{title}: {who}"))));
        line("TRANSP:TRANSPARENT");
        line("END:VEVENT");
    }
    line("END:VCALENDAR");
    text
}

fn utc(at: Timestamp) -> String {
    at.to_zoned(TimeZone::UTC).strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// RFC 5545, 3.3.11; control characters stand in no line.
fn escaped(text: &str) -> String {
    let mut safe = String::new();
    for c in text.chars() {
        match c {
            '\\' | ';' | ',' => safe.extend(['\\', c]),
            '\n' => safe.push_str("\\n"),
            c if c.is_control() => safe.push(' '),
            c => safe.push(c),
        }
    }
    safe
}

/// One content line, in pieces of at most 75 bytes that never cut a character.
fn fold(text: &mut String, content: &str) {
    let mut length = 0;
    for c in content.chars() {
        if length + c.len_utf8() > LINE {
            text.push_str("\r\n ");
            length = 1;
        }
        text.push(c);
        length += c.len_utf8();
    }
    text.push_str("\r\n");
}

fn percent_encoded(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The feed is read back by our own reader, hostile names and all.
    #[test]
    fn a_feed_can_be_read_and_nothing_breaks_out_of_a_line() {
        let at = |text: &str| text.parse::<Timestamp>().expect("a time");
        let shift = |from, until, people: &[&str]| Shift {
            from: at(from),
            until: at(until),
            people: people.iter().map(|name| ContactName::from(*name)).collect(),
        };
        let shifts = [
            shift("2026-11-22T00:00:00Z", "2026-11-23T00:00:00Z", &["sato", "x\r\nEND:VCALENDAR"]),
            shift("2026-11-23T00:00:00Z", "2026-11-24T00:00:00Z", &[]),
            shift("2026-11-24T00:00:00Z", "2026-11-25T00:00:00Z", &["suzuki"]),
        ];
        let title =
            "夜間当番; 東京, 大阪と、とても長い名前がつづくので折り返さなければならない当番表";
        let text = calendar("sre", title, &shifts, &BTreeMap::new(), at("2026-11-22T00:00:00Z"));
        assert!(text.split("\r\n").all(|line| line.len() <= LINE), "{text}");
        let mut problems = source::Problems::default();
        let events = source::ical::read("feed", &text, &TimeZone::UTC, &mut problems);
        assert!(problems.is_empty(), "{}", problems.render(domain::said::Language::En));
        assert_eq!(events.len(), 2, "nobody is no event");
        assert_eq!(events[1].summary, format!("{title}: suzuki"));
        assert_eq!(events[0].start, source::ical::Moment::Time(shifts[0].from));
    }
}
