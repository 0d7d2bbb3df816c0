//! Numbers as people read them: short, with their unit.

/// Endings of readings' names, and the units that they mean.
const UNITS: [(&str, &str); 11] = [
    ("_percent", "%"),
    ("_ms", "ms"),
    ("_seconds", "s"),
    ("_minutes", "min"),
    ("_hours", "h"),
    ("_days", "d"),
    ("_bytes", BYTES),
    ("_mb", "MB"),
    ("_per_s", "/s"),
    ("_per_minute", "/min"),
    ("_s", "s"),
];

/// The unit of values that are shown in the largest unit that fits.
pub(crate) const BYTES: &str = "B";

/// The unit that the name of a reading ends with: `latency_ms`, `used_percent:/var`; else none.
pub(crate) fn unit_of(reading: &str) -> &'static str {
    let name = reading.split(':').next().unwrap_or_default();
    let found = UNITS.iter().find(|(ending, _)| name.ends_with(ending));
    found.map_or("", |(_, unit)| unit)
}

/// A value with its unit: `41.7 %`, `1.5 GB`.
pub(crate) fn figure(value: f64, unit: &str) -> String {
    let (value, unit) = scaled(value, unit);
    let number = number(value);
    if unit.is_empty() { number } else { format!("{number} {unit}") }
}

/// Bytes in the largest unit of which there is at least one.
fn scaled(value: f64, unit: &str) -> (f64, String) {
    if unit != BYTES {
        return (value, unit.to_owned());
    }
    let mut value = value;
    for prefix in ["", "k", "M", "G", "T"] {
        if value.abs() < 1000.0 {
            return (value, format!("{prefix}B"));
        }
        value /= 1000.0;
    }
    (value, "PB".into())
}

/// Three digits are enough for the eye; what is larger is shown whole.
pub(crate) fn number(value: f64) -> String {
    let digits = match value.abs() {
        size if size >= 100.0 => 0,
        size if size >= 10.0 => 1,
        size if size >= 1.0 || size == 0.0 => 2,
        _ => 3,
    };
    let text = format!("{value:.digits$}");
    let text = if digits == 0 { &text } else { text.trim_end_matches('0').trim_end_matches('.') };
    if text == "-0" { "0".into() } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_follow_from_names() {
        for (reading, unit) in [
            ("latency_ms", "ms"),
            ("used_percent:/var", "%"),
            ("memory_bytes", "B"),
            ("requests_per_s", "/s"),
            ("distinct_clients", ""),
        ] {
            assert_eq!(unit_of(reading), unit, "{reading}");
        }
    }

    #[test]
    fn figures_are_short() {
        for (value, unit, text) in [
            (41.666, "%", "41.7 %"),
            (1_234.0, "ms", "1234 ms"),
            (0.0, "", "0"),
            (-0.0001, "", "0"),
            (0.0125, "", "0.013"),
            (5.10, "s", "5.1 s"),
            (1_500_000_000.0, "B", "1.5 GB"),
            (999.0, "B", "999 B"),
        ] {
            assert_eq!(figure(value, unit), text);
        }
    }
}
