//! When a log line was written, from its own text; nothing when it does not say.

use jiff::{
    Timestamp, Zoned,
    civil::DateTime,
    fmt::strtime,
    tz::{Offset, TimeZone},
};
use regex::{Captures, Regex};
use serde_json::Value;
use std::sync::LazyLock;

/// The keys under which loggers write the time as JSON.
const KEYS: [&str; 7] = ["time", "timestamp", "ts", "@timestamp", "t", "asctime", "datetime"];
/// Seconds since 1970 stay below this for thousands of years; larger numbers are milliseconds.
const SECONDS_BELOW: f64 = 1e11;

/// The time of a line. `zone` is for those that name none, `now` for those that name no year.
pub(crate) fn of(line: &str, zone: &TimeZone, now: Timestamp) -> Option<Timestamp> {
    if line.trim_start().starts_with('{')
        && let Ok(Value::Object(fields)) = serde_json::from_str::<Value>(line)
    {
        return KEYS.iter().find_map(|key| match fields.get(*key)? {
            Value::String(text) => in_text(text, zone, now),
            Value::Number(number) => since_1970(number.as_f64()?),
            _ => None,
        });
    }
    in_text(line, zone, now)
}

/// The patterns of all times in text, for those who want to leave them out.
pub(crate) fn pattern() -> &'static Regex {
    &ANY
}

/// `2026-11-22T10:00:00.123+09:00` in its many forms, nginx' `22/Nov/2026:10:00:00 +0900`, and syslog's `Nov 22 10:00:00`.
const FORMS: [&str; 3] = [
    r"(?P<year>\d{4})[-/](?P<month>\d{2})[-/](?P<day>\d{2})[T ](?P<hms>\d{2}:\d{2}:\d{2})(?:[.,]\d+)?(?: ?(?P<zone>Z\b|UTC\b|JST\b|[+-]\d{2}:?\d{2}\b))?",
    r"\d{2}/[A-Z][a-z]{2}/\d{4}:\d{2}:\d{2}:\d{2} [+-]\d{4}",
    r"\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [ \d]\d \d{2}:\d{2}:\d{2}\b",
];
static FORM: LazyLock<[Regex; 3]> =
    LazyLock::new(|| FORMS.map(|form| Regex::new(form).expect("a constant pattern")));
static ANY: LazyLock<Regex> = LazyLock::new(|| {
    let [iso, nginx, syslog] = FORMS;
    let any = format!("(?:{iso}|{nginx}|{syslog})");
    Regex::new(&any).expect("constant patterns")
});

fn in_text(line: &str, zone: &TimeZone, now: Timestamp) -> Option<Timestamp> {
    // A time further behind is part of the message.
    let head = line.char_indices().nth(120).map_or(line, |(end, _)| &line[..end]);
    let [iso, nginx, syslog] = &*FORM;
    if let Some(found) = iso.captures(head) {
        return of_iso(&found, zone);
    }
    if let Some(found) = nginx.find(head) {
        return strtime::parse("%d/%b/%Y:%H:%M:%S %z", found.as_str()).ok()?.to_timestamp().ok();
    }
    let found = syslog.find(head)?;
    of_syslog(found.as_str(), zone, now)
}

fn of_iso(found: &Captures<'_>, zone: &TimeZone) -> Option<Timestamp> {
    let part = |name| found.name(name).map(|part| part.as_str());
    let text = format!("{}-{}-{}T{}", part("year")?, part("month")?, part("day")?, part("hms")?);
    let civil: DateTime = text.parse().ok()?;
    let zone = match part("zone") {
        None => zone.clone(),
        Some("Z" | "UTC") => TimeZone::UTC,
        Some("JST") => TimeZone::fixed(Offset::constant(9)),
        Some(offset) => TimeZone::fixed(offset_of(offset)?),
    };
    civil.to_zoned(zone).ok().map(|zoned| zoned.timestamp())
}

/// `+09:00` and `+0900`.
fn offset_of(text: &str) -> Option<Offset> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let (hours, minutes) = digits.split_at_checked(2)?;
    let seconds = hours.parse::<i32>().ok()? * 3600 + minutes.parse::<i32>().ok()? * 60;
    Offset::from_seconds(if text.starts_with('-') { -seconds } else { seconds }).ok()
}

/// The year that makes it no later than tomorrow.
fn of_syslog(text: &str, zone: &TimeZone, now: Timestamp) -> Option<Timestamp> {
    let year = Zoned::new(now, zone.clone()).year();
    let in_year = |year: i16| {
        let text = format!("{year} {}", text.replace("  ", " "));
        let civil = DateTime::strptime("%Y %b %d %H:%M:%S", text).ok()?;
        civil.to_zoned(zone.clone()).ok().map(|zoned| zoned.timestamp())
    };
    let this = in_year(year)?;
    if this.duration_since(now).as_hours() > 24 { in_year(year - 1) } else { Some(this) }
}

fn since_1970(number: f64) -> Option<Timestamp> {
    let seconds = if number < SECONDS_BELOW { number } else { number / 1000.0 };
    Timestamp::from_millisecond((seconds * 1000.0) as i64).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_in_the_forms_that_logs_have() {
        let zone = TimeZone::get("Asia/Tokyo").expect("a zone");
        let now: Timestamp = "2026-11-22T03:00:00Z".parse().expect("a time");
        for line in [
            "2026-11-22T01:00:00Z ERROR x",
            "2026-11-22 10:00:00,123 - app - ERROR - x",
            "2026/11/22 10:00:00 [error] 7#7: x",
            "2026-11-22 10:00:00.000 JST [123] FATAL:  x",
            "[2026-11-22 01:00:00 +0000] [12] [ERROR] x",
            r#"10.0.0.1 - - [22/Nov/2026:10:00:00 +0900] "GET / HTTP/1.1" 500 1"#,
            "Nov 22 10:00:00 host app[1]: ERROR x",
            r#"{"level":"ERROR","timestamp":"2026-11-22T10:00:00+09:00"}"#,
            r#"{"level":"ERROR","ts":1795309200.0}"#,
            r#"{"level":"ERROR","time":1795309200000}"#,
        ] {
            let at = of(line, &zone, now).map(|at| at.to_string());
            assert_eq!(at.as_deref(), Some("2026-11-22T01:00:00Z"), "{line}");
        }
        for line in ["", "ERROR x", r#"{"level":"ERROR"}"#, "2026-99-99 10:00:00 ERROR"] {
            assert_eq!(of(line, &zone, now), None, "{line}");
        }
    }

    #[test]
    fn a_december_line_read_in_january_is_of_last_year() {
        let now: Timestamp = "2027-01-01T00:30:00Z".parse().expect("a time");
        let at = of("Dec 31 23:59:00 host x", &TimeZone::UTC, now).map(|at| at.to_string());
        assert_eq!(at.as_deref(), Some("2026-12-31T23:59:00Z"));
    }
}
