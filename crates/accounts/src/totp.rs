//! Time-based one-time passwords (RFC 6238) as authenticator apps make them: HMAC-SHA1, six digits, steps of 30 seconds.

use data_encoding::BASE32_NOPAD;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha1::Sha1;

/// How long a code is shown, in seconds.
const STEP: i64 = 30;
/// Steps before and after the present one that count: clocks differ, and people are slow (RFC 6238, 5.2).
const DRIFT: i64 = 1;
/// The bytes of a secret: those of a SHA-1 (RFC 4226, 4).
pub(crate) const SECRET: usize = 20;

/// The secret as people type it into an app that cannot see the picture.
pub(crate) fn text(secret: &[u8]) -> String {
    BASE32_NOPAD.encode(secret)
}

/// The step of a code that fits and is newer than the last one that was used: no code counts twice.
pub(crate) fn fitting(secret: &[u8], code: &str, last: i64, now: Timestamp) -> Option<i64> {
    let present = now.as_second().div_euclid(STEP);
    let digits: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    let steps = (present - DRIFT).max(last + 1)..=present + DRIFT;
    steps.into_iter().find(|step| equal(&of(secret, *step), &digits))
}

/// The code of a step (RFC 4226, 5.3).
pub(crate) fn of(secret: &[u8], step: i64) -> String {
    let mut mac = Hmac::<Sha1>::new_from_slice(secret).expect("a key of any length");
    mac.update(&step.to_be_bytes());
    let digest = mac.finalize().into_bytes();
    let offset = usize::from(digest[19] & 15);
    let four: [u8; 4] = digest[offset..offset + 4].try_into().expect("15 and 4 are within 20");
    format!("{:06}", (u32::from_be_bytes(four) & 0x7fff_ffff) % 1_000_000)
}

/// Compares all of it, so that the time tells nothing.
fn equal(one: &str, other: &str) -> bool {
    one.len() == other.len()
        && one.bytes().zip(other.bytes()).fold(0, |all, (a, b)| all | (a ^ b)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B, whose codes have eight digits: the last six of them.
    #[test]
    fn the_codes_are_those_of_the_standard() {
        let secret = b"12345678901234567890";
        for (second, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(of(secret, second / STEP), code, "{second}");
        }
        assert_eq!(text(secret), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    }

    #[test]
    fn a_code_counts_for_its_time_and_once() {
        let secret = b"12345678901234567890";
        let at = |second| Timestamp::from_second(second).expect("a time");
        let fits = |code: &str, last, second| fitting(secret, code, last, at(second));
        assert_eq!(fits("287082", 0, 59), Some(1));
        assert_eq!(fits(" 287 082 ", 0, 89), Some(1), "the step before");
        assert_eq!(fits("287082", 0, 90), None, "over");
        assert_eq!(fits("287082", 1, 59), None, "used");
        for wrong in ["", "287083", "2870820", "28708", "２８７０８２"] {
            assert_eq!(fits(wrong, 0, 59), None, "{wrong}");
        }
    }
}
