//! Where a time falls: times as milliseconds, and steps that begin at whole multiples of their length.

use jiff::{SignedDuration, Timestamp};

/// Milliseconds of a minute.
pub(crate) const MINUTE: i64 = 60_000;
/// Milliseconds of an hour.
pub(crate) const HOUR: i64 = 60 * MINUTE;
/// Milliseconds of a day.
pub(crate) const DAY: i64 = 24 * HOUR;
/// Longer than any time can be away from another, and far from where numbers end.
const FOREVER: i64 = 1_000_000_000_000_000;

/// A time as milliseconds since 1970.
pub(crate) fn ms(at: Timestamp) -> i64 {
    at.as_millisecond()
}

/// The time of so many milliseconds since 1970; the first or last there is, when it is beyond them.
pub(crate) fn time(ms: i64) -> Timestamp {
    let beyond = if ms < 0 { Timestamp::MIN } else { Timestamp::MAX };
    Timestamp::from_millisecond(ms).unwrap_or(beyond)
}

/// A length as milliseconds, from nothing to forever.
pub(crate) fn length(length: SignedDuration) -> i64 {
    i64::try_from(length.as_millis().clamp(0, FOREVER.into())).unwrap_or(FOREVER)
}

/// Where the step that a time falls into begins.
pub(crate) fn floor(ms: i64, step: i64) -> i64 {
    ms.div_euclid(step) * step
}

/// The first begin of a step that is not before a time.
pub(crate) fn ceil(ms: i64, step: i64) -> i64 {
    floor(ms + step - 1, step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_falls_into_the_step_that_begins_before_it() {
        assert_eq!([floor(61_000, MINUTE), ceil(61_000, MINUTE)], [MINUTE, 2 * MINUTE]);
        assert_eq!([floor(MINUTE, MINUTE), ceil(MINUTE, MINUTE)], [MINUTE, MINUTE]);
        // Before 1970 too.
        assert_eq!([floor(-1, MINUTE), ceil(-1, MINUTE)], [-MINUTE, 0]);
    }

    #[test]
    fn no_time_and_no_length_is_too_large() {
        for at in [Timestamp::MIN, Timestamp::UNIX_EPOCH, Timestamp::MAX] {
            assert_eq!(ms(time(ms(at))), ms(at));
            assert!(time(floor(ms(at), DAY)) <= at);
            assert!(time(ceil(ms(at), length(SignedDuration::MAX))) >= Timestamp::UNIX_EPOCH);
        }
        assert_eq!(length(SignedDuration::MIN), 0);
    }
}
