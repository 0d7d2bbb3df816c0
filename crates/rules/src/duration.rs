//! Lengths of time as Prometheus writes them: `5m`, `1h30m`, `2d`.

use jiff::SignedDuration;

/// Unit and milliseconds, in the order in which they must stand.
const UNITS: [(&str, i64); 7] = [
    ("y", 365 * 86_400_000),
    ("w", 7 * 86_400_000),
    ("d", 86_400_000),
    ("h", 3_600_000),
    ("m", 60_000),
    ("s", 1000),
    ("ms", 1),
];

/// Reads `1h30m`; a plain `0` needs no unit. None: it is no duration.
pub(crate) fn read(text: &str) -> Option<SignedDuration> {
    if text == "0" {
        return Some(SignedDuration::ZERO);
    }
    let (mut rest, mut units, mut total_ms) = (text, UNITS.as_slice(), 0_i64);
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let number: i64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let name = &rest[..rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len())];
        let index = units.iter().position(|(unit, _)| *unit == name)?;
        total_ms = total_ms.checked_add(number.checked_mul(units[index].1)?)?;
        units = &units[index + 1..];
        rest = &rest[name.len()..];
    }
    (!text.is_empty()).then(|| SignedDuration::from_millis(total_ms))
}

/// Writes it without years and weeks, which people misread: `90m` is `1h30m`.
pub(crate) fn write(duration: SignedDuration) -> String {
    let mut rest = i64::try_from(duration.as_millis()).unwrap_or(i64::MAX).max(0);
    let mut text = String::new();
    for (unit, ms) in &UNITS[2..] {
        if rest >= *ms {
            text.push_str(&format!("{}{unit}", rest / ms));
            rest %= ms;
        }
    }
    if text.is_empty() { "0s".to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn durations_are_read_as_prometheus_reads_them() {
        let seconds = |text| read(text).map(|duration| duration.as_secs());
        assert_eq!(seconds("5m"), Some(300));
        assert_eq!(seconds("1h30m"), Some(5400));
        assert_eq!(seconds("2w1d"), Some(15 * 86_400));
        assert_eq!(seconds("0"), Some(0));
        assert_eq!(read("1500ms"), Some(SignedDuration::from_millis(1500)));
        for wrong in ["", "5", "m5", "5 m", "1m1h", "5m5m", "-5m", "1.5h", "9999999999999y", "五m"]
        {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(ms in 0_i64..400_000_000_000) {
            let duration = SignedDuration::from_millis(ms);
            prop_assert_eq!(read(&write(duration)), Some(duration));
        }

        #[test]
        fn no_text_breaks_the_reader(text in "\\PC{0,12}") {
            let _ = read(&text);
        }
    }
}
