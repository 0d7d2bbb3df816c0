//! Text from outside, made harmless in size and shape. It stays text: nobody takes it for anything else.

/// At most so many characters.
pub fn cut(text: &str, chars: usize) -> String {
    match text.char_indices().nth(chars) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// One line of at most so many characters, without control characters.
pub fn line(text: &str, chars: usize) -> String {
    let plain: String = text.trim().chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    cut(&plain, chars)
}

/// One line, without control characters and without brackets that would look like an unfilled slot (A52).
pub fn plain(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '[' => '(',
            ']' => ')',
            c if c.is_control() => ' ',
            c => c,
        })
        .collect()
}

/// One `label: value` a line; no value can break its line.
pub fn fields<'a>(lines: impl IntoIterator<Item = (&'a str, String)>) -> String {
    let line = |(label, value): (&str, String)| format!("{label}: {}", plain(&value));
    lines.into_iter().map(line).collect::<Vec<_>>().join("\n")
}

/// A link that may become clickable; empty: it is none.
pub fn link(text: &str) -> String {
    let is_link = (text.starts_with("https://") || text.starts_with("http://"))
        && text.len() <= 2048
        && !text.chars().any(|c| c.is_control() || c.is_whitespace());
    if is_link { text.to_owned() } else { String::new() }
}

/// The text in HTML or XML, between tags or in quotes: escaped, and without characters that XML 1.0 forbids.
pub fn markup(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars().filter(|c| *c == '\n' || !c.is_control()) {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\u{fffe}' | '\u{ffff}' => {}
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_long_is_cut_between_characters() {
        assert_eq!(cut("火消し", 2), "火消…");
        assert_eq!(cut("火消し", 3), "火消し");
        assert_eq!(line(" a\nb\u{1b}[31m ", 99), "a b [31m");
    }

    #[test]
    fn only_web_addresses_are_links() {
        assert_eq!(link("https://ci.example/1"), "https://ci.example/1");
        for bad in ["javascript:alert(1)", "https://a b", "//x", "http://x\n"] {
            assert_eq!(link(bad), "");
        }
    }

    #[test]
    fn no_text_ends_a_tag_or_an_attribute() {
        assert_eq!(
            markup("<b a='x' b=\"y\">&\n\u{1b}\u{ffff}"),
            "&lt;b a=&#39;x&#39; b=&quot;y&quot;&gt;&amp;\n"
        );
    }
}
