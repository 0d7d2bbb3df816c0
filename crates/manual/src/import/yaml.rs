//! Texts of documents in YAML: quoted, or behind a `#`.

use super::procedures::clean;

/// A text in double quotes.
pub(crate) fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in clean(text).chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// A line of comment.
pub(crate) fn comment(text: &str) -> String {
    format!("# {}", clean(text))
}

/// Minutes as hikeshi writes a duration.
pub(crate) fn minutes(minutes: u32) -> String {
    match minutes {
        m if m > 0 && m % 60 == 0 => format!("{}h", m / 60),
        m => format!("{m}m"),
    }
}
