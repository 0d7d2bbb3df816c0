//! Times as other systems write them: RFC 3339, a date, a local time, or a number since 1970.

use crate::outside::shown;
use domain::said::Said;
use jiff::{Timestamp, civil, tz::TimeZone};
use serde_json::Value;
use source::{Fields, Problems};

/// Takes `zone:`, the zone of times that name none.
pub(crate) fn zone(fields: &mut Fields<'_>, problems: &mut Problems) -> Option<TimeZone> {
    let node = fields.optional("zone")?;
    let name = node.text(problems)?;
    match TimeZone::get(&name) {
        Ok(zone) => Some(zone),
        Err(_) => {
            problems.add_with_hint(
                &node.place,
                Said::new(
                    format!("`{name}` というタイムゾーンはありません"),
                    format!("there is no time zone `{name}`"),
                ),
                Said::new("例: Asia/Tokyo", "for example Asia/Tokyo"),
            );
            None
        }
    }
}

/// The moment that a JSON value names.
///
/// # Errors
/// A sentence that says what is there instead.
pub(crate) fn from_json(value: &Value, zone: Option<&TimeZone>) -> Result<Timestamp, Said> {
    match value {
        Value::Number(number) => number.as_f64().and_then(since_1970).ok_or_else(|| {
            Said::new(
                format!("{number} は 1970 年からの時刻ではありません"),
                format!("{number} is no time since 1970"),
            )
        }),
        Value::String(text) => from_text(text, zone),
        other => Err(Said::new(
            format!("{} は時刻ではありません", shown(&other.to_string())),
            format!("{} is no time", shown(&other.to_string())),
        )),
    }
}

fn from_text(text: &str, zone: Option<&TimeZone>) -> Result<Timestamp, Said> {
    let text = text.trim();
    if let Ok(at) = text.parse::<Timestamp>() {
        return Ok(at);
    }
    if let Some(at) = text.parse().ok().and_then(since_1970) {
        return Ok(at);
    }
    // A date alone is its midnight.
    let Ok(local) = text.parse::<civil::DateTime>() else {
        return Err(Said::new(
            format!("`{}` は読める時刻ではありません", shown(text)),
            format!("`{}` is no time that can be read", shown(text)),
        ));
    };
    match zone {
        Some(zone) => zone.to_timestamp(local).map_err(|_| {
            Said::new(
                format!("`{}` は範囲外です", shown(text)),
                format!("`{}` is out of range", shown(text)),
            )
        }),
        None => Err(Said::new(
            format!(
                "`{}` にタイムゾーンがありません。`zone:` に Asia/Tokyo などと書いてください",
                shown(text)
            ),
            format!("`{}` names no zone; write `zone:`, for example Asia/Tokyo", shown(text)),
        )),
    }
}

/// Seconds, milliseconds, microseconds or nanoseconds: for any time near ours only one of them fits.
fn since_1970(number: f64) -> Option<Timestamp> {
    let per_second = match number.abs() {
        size if size < 1e11 => 1.0,
        size if size < 1e14 => 1e3,
        size if size < 1e17 => 1e6,
        _ => 1e9,
    };
    let micros = number / per_second * 1e6;
    (micros.abs() < 1e17).then(|| Timestamp::from_microsecond(micros.round() as i64).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_moment_is_read_however_it_is_written() {
        let tokyo = TimeZone::get("Asia/Tokyo").expect("bundled");
        let expected: Timestamp = "2026-11-20T09:00:00Z".parse().expect("a time");
        for written in [
            json!("2026-11-20T09:00:00Z"),
            json!("2026-11-20T18:00:00+09:00"),
            json!("2026-11-20T18:00:00"),
            json!("2026-11-20 18:00:00.000"),
            json!(1_795_165_200),
            json!(1_795_165_200.0),
            json!(1_795_165_200_000_i64),
            json!(1_795_165_200_000_000_i64),
            json!("1795165200"),
        ] {
            assert_eq!(from_json(&written, Some(&tokyo)), Ok(expected), "{written}");
        }
        let midnight = from_json(&json!("2026-11-20"), Some(&tokyo)).expect("a date");
        assert_eq!(midnight.to_string(), "2026-11-19T15:00:00Z");
    }

    #[test]
    fn what_is_no_moment_says_so() {
        for (written, why) in [
            (json!("2026-11-20T18:00:00"), "names no zone"),
            (json!("yesterday"), "no time that can be read"),
            (json!(1e300), "no time since 1970"),
            (json!(null), "null is no time"),
            (json!({"a": 1}), "is no time"),
        ] {
            let said = from_json(&written, None).expect_err("no moment");
            assert!(said.en.contains(why), "{written}: {said}");
        }
    }
}
