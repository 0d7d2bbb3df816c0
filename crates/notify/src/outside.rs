//! Text from outside made fit for where it goes: one line, several lines, or cut; and addresses that nobody filled in.

use domain::outside_text::is_hostile;
pub(crate) use domain::outside_text::markup;

/// More than this of a stranger's answer helps nobody.
const SHOWN_CHARS: usize = 200;

/// The text on one line.
pub(crate) fn line(text: &str) -> String {
    text.trim().chars().map(|c| if is_hostile(c) { ' ' } else { c }).collect()
}

/// The text with its line feeds, and nothing else that moves a cursor.
pub(crate) fn lines(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    text.chars().map(|c| if c != '\n' && is_hostile(c) { ' ' } else { c }).collect()
}

/// The text, cut after so many characters; a cut shows as `…`.
pub(crate) fn cut(text: &str, chars: usize) -> String {
    match text.char_indices().nth(chars) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// As much of the text as fits once it is escaped. `size` counts as the service does.
pub(crate) fn fit(
    text: &str,
    limit: usize,
    size: impl Fn(&str) -> usize,
    escape: impl Fn(&str) -> String,
) -> String {
    let mut chars = limit;
    loop {
        let escaped = escape(&cut(text, chars));
        if size(&escaped) <= limit || chars == 0 {
            return escaped;
        }
        chars = chars * 7 / 8;
    }
}

/// UTF-16 code units, the way in which many services count.
pub(crate) fn units(text: &str) -> usize {
    text.encode_utf16().count()
}

/// A backslash before everything that is Markdown, and nobody is called by an `@`.
pub(crate) fn markdown(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '\\' | '*' | '_' | '~' | '`' | '|' | '>' | '<' | '#' | '[' | ']') {
            escaped.push('\\');
        }
        escaped.push(c);
        if c == '@' {
            escaped.push('\u{200b}');
        }
    }
    escaped
}

/// A stranger's answer in a detail: one short line in which none of `secrets` is left.
pub(crate) fn shown(text: &str, secrets: &[&str]) -> String {
    let mut text = text.to_owned();
    for secret in secrets.iter().filter(|secret| secret.len() > 3) {
        text = text.replace(secret, "***");
    }
    cut(&line(&text), SHOWN_CHARS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_is_not_steered_and_a_line_stays_a_line() {
        assert_eq!(line("red\u{1b}[31m\r\nBcc: x"), "red [31m  Bcc: x");
        assert_eq!(lines("a\u{1b}[2J\r\nb\u{202e}"), "a [2J\nb ");
    }

    #[test]
    fn a_long_answer_is_cut_and_its_secrets_are_gone() {
        let said = shown(
            &format!("no such hook /services/T0/abc {}", "x".repeat(500)),
            &["/services/T0/abc"],
        );
        assert!(said.starts_with("no such hook *** xx") && said.ends_with('…'), "{said}");
        assert_eq!(cut("予測", 1), "予…");
    }
}
