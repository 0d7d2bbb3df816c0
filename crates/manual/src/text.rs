//! Small readings of text that several rules need: words in a text, durations, numbers.

/// Whether a text has one of these words; English words stand alone, Japanese ones anywhere. Words are lower case.
pub fn has_word(text: &str, words: &[&str]) -> bool {
    find_word(text, words).is_some()
}

/// The first of these words that a text has.
pub fn find_word<'w>(text: &str, words: &[&'w str]) -> Option<&'w str> {
    let lower = text.to_ascii_lowercase();
    // Most lines have none of the words, and `contains` says so faster than a search that keeps its place.
    words.iter().copied().filter(|word| lower.contains(word)).find(|word| {
        lower.match_indices(word).any(|(at, _)| {
            let is_part = |c: char| c.is_ascii_alphanumeric();
            let starts = word.starts_with(is_part) && lower[..at].ends_with(is_part);
            let ends = word.ends_with(is_part) && lower[at + word.len()..].starts_with(is_part);
            !starts && !ends
        })
    })
}

/// A heading without what stands in brackets behind it, and without its number.
pub fn bare(heading: &str) -> String {
    let text = heading.split(['(', '（']).next().unwrap_or_default();
    text.trim().trim_end_matches([':', '：']).trim().to_owned()
}

/// The first duration of a text in minutes: `15分以内`, `1時間`, `within 30 minutes`, `4h`; a business day is a day.
pub fn minutes(text: &str) -> Option<u32> {
    let lower = text.to_lowercase();
    let mut rest = lower.as_str();
    while let Some(at) = rest.find(|c: char| c.is_ascii_digit()) {
        let digits: String = rest[at..].chars().take_while(char::is_ascii_digit).collect();
        let unit = format!("{} ", rest[at + digits.len()..].trim_start_matches([' ', '-']));
        let number: u32 = digits.parse().ok()?;
        let factor =
            UNITS.iter().find(|(names, _)| names.iter().any(|name| unit.starts_with(name)));
        if let Some((_, factor)) = factor {
            return Some(number.saturating_mul(*factor));
        }
        rest = &rest[at + digits.len()..];
    }
    None
}

const UNITS: [(&[&str], u32); 3] = [
    (&["分", "min", "m "], 1),
    (&["時間", "hour", "h "], 60),
    (&["営業日", "日以内", "日間", "business day", "day"], 1440),
];

/// A duration in words.
pub fn duration(minutes: u32, is_japanese: bool) -> String {
    match (minutes, is_japanese) {
        (0, true) => "即座".into(),
        (0, false) => "at once".into(),
        (m, true) if m % 60 == 0 => format!("{}時間", m / 60),
        (m, false) if m % 60 == 0 => format!("{} h", m / 60),
        (m, true) => format!("{m}分"),
        (m, false) => format!("{m} min"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stand_alone_in_english_and_anywhere_in_japanese() {
        assert!(has_word("Check or restart", &["or"]));
        assert!(!has_word("for the world", &["or"]));
        assert!(has_word("必要に応じて再起動", &["必要に応じて"]));
    }

    #[test]
    fn durations_are_read_in_both_languages() {
        for (text, expected) in [
            ("15分以内", Some(15)),
            ("P1 (高優先度) - 1時間以内対応", Some(60)),
            ("1営業日以内", Some(1440)),
            ("within 30 minutes", Some(30)),
            ("5-10秒", None),
            ("いつか", None),
        ] {
            assert_eq!(minutes(text), expected, "{text}");
        }
    }
}
