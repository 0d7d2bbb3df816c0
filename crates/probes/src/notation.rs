//! The words of Prometheus' notation: names, quoted texts and the marks between them.

use std::borrow::Cow;

/// Reads words from the front of a text.
#[derive(Clone, Debug)]
pub(crate) struct Words<'a> {
    rest: &'a str,
}

impl<'a> Words<'a> {
    pub fn new(text: &'a str) -> Self {
        Self { rest: text }
    }

    /// What has not been read.
    pub fn rest(&self) -> &'a str {
        self.rest
    }

    /// Takes a mark, and the blanks before it, when it is there.
    pub fn take(&mut self, mark: &str) -> bool {
        let rest = self.rest.trim_start_matches([' ', '\t']);
        match rest.strip_prefix(mark) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    /// A name as it may stand without quotes, after blanks.
    pub fn name(&mut self) -> Option<&'a str> {
        let rest = self.rest.trim_start_matches([' ', '\t']);
        let is_inside = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':';
        let end = rest.find(|c| !is_inside(c)).unwrap_or(rest.len());
        let (name, rest) = rest.split_at(end);
        if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
            return None;
        }
        self.rest = rest;
        Some(name)
    }

    /// A text in double quotes with `\\`, `\"` and `\n`, after blanks.
    pub fn quoted(&mut self) -> Option<Cow<'a, str>> {
        let inside = self.rest.trim_start_matches([' ', '\t']).strip_prefix('"')?;
        let mut is_escaped = false;
        let end = inside.bytes().position(|byte| {
            let ends = byte == b'"' && !is_escaped;
            is_escaped = byte == b'\\' && !is_escaped;
            ends
        })?;
        self.rest = &inside[end + 1..];
        Some(unescaped(&inside[..end]))
    }

    /// Everything up to the next blank, after blanks; empty at the end.
    pub fn word(&mut self) -> &'a str {
        let rest = self.rest.trim_start_matches([' ', '\t']);
        let (word, rest) = rest.split_at(rest.find([' ', '\t']).unwrap_or(rest.len()));
        self.rest = rest;
        word
    }
}

/// Other backslashes stay what they are.
fn unescaped(text: &str) -> Cow<'_, str> {
    if !text.contains('\\') {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (c, chars.clone().next()) {
            ('\\', Some(next @ ('\\' | '"' | 'n'))) => {
                plain.push(if next == 'n' { '\n' } else { next });
                chars.next();
            }
            _ => plain.push(c),
        }
    }
    Cow::Owned(plain)
}
