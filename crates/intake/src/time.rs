//! Times on the wire: RFC 3339 in, with Go's zero time for "none"; milliseconds and `Z` out.

use jiff::{Timestamp, civil::DateTime, fmt::temporal::DateTimePrinter, tz::TimeZone};

static PRINTER: DateTimePrinter = DateTimePrinter::new().precision(Some(3));
/// 0001-01-01T00:00:00Z, in seconds.
const GO_ZERO_S: i64 = -62_135_596_800;

/// Reads a time. Nothing, and Go's zero time, mean that there is none; without an offset it is UTC.
///
/// # Errors
/// The text is no time, or one that no calendar reaches; as a sentence.
pub(crate) fn read(text: &str) -> Result<Option<Timestamp>, String> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let at = text.parse::<Timestamp>().or_else(|error| {
        let civil = text.parse::<DateTime>().map_err(|_| error)?;
        civil.to_zoned(TimeZone::UTC).map(|zoned| zoned.timestamp())
    });
    match at {
        Ok(at) if at.as_second() == GO_ZERO_S && at.subsec_nanosecond() == 0 => Ok(None),
        Ok(at) => Ok(Some(at)),
        Err(_) => Err(format!(
            "`{}` is not a time such as 2026-01-02T15:04:05Z",
            crate::text::cut(text, 64)
        )),
    }
}

/// Reads a time in whole or broken seconds since 1970, or in milliseconds where the number is too large for seconds.
pub(crate) fn from_number(number: f64) -> Option<Timestamp> {
    // 1e11 seconds are the year 5138, 1e11 milliseconds are 1973.
    let milliseconds = if number.abs() < 1e11 { number * 1e3 } else { number };
    let in_range = milliseconds.is_finite() && milliseconds.abs() < 2.5e14;
    in_range.then(|| Timestamp::from_millisecond(milliseconds as i64).ok()).flatten()
}

/// Writes a time as Alertmanager does, `2026-11-22T19:56:51.634Z`.
pub(crate) fn write(at: Timestamp, out: &mut Vec<u8>) {
    PRINTER.print_timestamp(&at, out).expect("memory does not fail");
}

/// A time as Alertmanager writes it.
pub(crate) fn text(at: Timestamp) -> String {
    let mut out = Vec::with_capacity(24);
    write(at, &mut out);
    String::from_utf8(out).expect("a time is ASCII")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_and_fractions_are_read_and_go_zero_is_none() {
        let seconds = |text| read(text).map(|at| at.map(|at| at.as_second()));
        assert_eq!(seconds("2026-01-02T15:04:05Z"), Ok(Some(1_767_366_245)));
        assert_eq!(seconds("2026-01-03T00:04:05.123456789+09:00"), Ok(Some(1_767_366_245)));
        assert_eq!(seconds("2015-07-17T08:42:58.315+0000"), Ok(Some(1_437_122_578)));
        assert_eq!(seconds("2026-01-02T15:04:05"), Ok(Some(1_767_366_245)));
        assert_eq!(seconds("0001-01-01T00:00:00Z"), Ok(None));
        assert_eq!(seconds("0001-01-01T09:00:00+09:00"), Ok(None));
        assert_eq!(seconds(" "), Ok(None));
        for wrong in ["soon", "99999-01-01T00:00:00Z", "2026-13-01T00:00:00Z", "1767366245"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_number_is_seconds_or_milliseconds() {
        let seconds = |number| from_number(number).map(|at| at.as_second());
        assert_eq!(seconds(1_767_366_245.5), Some(1_767_366_245));
        assert_eq!(seconds(1_767_366_245_500.0), Some(1_767_366_245));
        for wrong in [f64::NAN, f64::INFINITY, 1e300] {
            assert_eq!(seconds(wrong), None);
        }
    }

    #[test]
    fn a_time_is_written_with_milliseconds() {
        let at: Timestamp = "2026-11-22T19:56:51.634999Z".parse().expect("a time");
        assert_eq!(text(at), "2026-11-22T19:56:51.634Z");
        assert_eq!(text(Timestamp::UNIX_EPOCH), "1970-01-01T00:00:00.000Z");
    }
}
