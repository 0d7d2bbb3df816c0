//! Text from outside made fit to be shown: cut, without control characters, without secrets.

use domain::outside_text::is_hostile;
use regex::Regex;
use std::sync::LazyLock;

/// More than this of a stranger's text helps nobody.
const CHARS: usize = 200;

/// The text on one line: control characters and direction marks are replaced, and it ends after 200 characters.
///
/// ```
/// assert_eq!(probes::outside::shown("red\u{1b}[31m\nline"), "red [31m line");
/// ```
pub fn shown(text: &str) -> String {
    shown_up_to(CHARS, text)
}

/// The same for texts that may be longer.
pub fn shown_up_to(chars: usize, text: &str) -> String {
    let mut clean: String =
        text.trim().chars().take(chars).map(|c| if is_hostile(c) { ' ' } else { c }).collect();
    if text.trim().chars().nth(chars).is_some() {
        clean.push('…');
    }
    clean
}

/// The text with what looks like a password, token or key replaced by `***`.
///
/// ```
/// assert_eq!(probes::outside::masked("login password=hunter2 failed"), "login password=*** failed");
/// ```
pub fn masked(text: &str) -> String {
    static SECRETS: LazyLock<Regex> = LazyLock::new(|| {
        let pattern = r#"(?i)((?:password|passwd|pwd|secret|token|api[_-]?key|authorization|cookie)["']?\s*[:=]\s*["']?)(?:(?:bearer|basic)\s+)?[^\s"',;&]+"#;
        Regex::new(pattern).expect("a constant pattern")
    });
    static LOGINS: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"://[^\s/@:]+:[^\s/@]+@").expect("a constant pattern"));
    let text = SECRETS.replace_all(text, "${1}***");
    LOGINS.replace_all(&text, "://***@").into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_cut_and_says_so() {
        let cut = shown(&"予".repeat(500));
        assert_eq!(cut.chars().count(), CHARS + 1);
        assert!(cut.ends_with('…'));
    }

    #[test]
    fn secrets_in_log_lines_are_masked() {
        for (line, secret) in [
            (r#"{"level":"ERROR","db_password":"hunter2"}"#, "hunter2"),
            ("Authorization: Bearer abc.def", "abc.def"),
            ("connect postgres://app:s3cret@db/miraikakaku", "s3cret"),
            ("GET /x?token=abc123&a=1", "abc123"),
        ] {
            assert!(!masked(line).contains(secret), "{}", masked(line));
        }
        assert_eq!(masked("price provider answered 429"), "price provider answered 429");
    }
}
