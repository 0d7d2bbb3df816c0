//! A long text in parts that a telephone can show, counted from the end: what happened last is read first.

use std::ops::Range;

/// A part of a text.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Part<'a> {
    pub(crate) text: &'a str,
    /// Which one it is, from 1 at the end of the text.
    pub(crate) number: usize,
    /// How many there are; the last one is the beginning.
    pub(crate) count: usize,
    /// Its first and its last line, from 1.
    pub(crate) lines: (usize, usize),
    /// How many lines the whole text has.
    pub(crate) all_lines: usize,
}

/// One part of a text that is taken apart into parts of at most so many bytes, between two lines where that can be; none:
/// there are fewer.
pub(crate) fn part(text: &str, number: usize, most: usize) -> Option<Part<'_>> {
    let parts = parts(text, most);
    let range = parts.get(number.checked_sub(1)?)?.clone();
    let before = newlines(&text[..range.start]);
    let text_of_it = &text[range];
    Some(Part {
        text: text_of_it,
        number,
        count: parts.len(),
        lines: (before + 1, before + lines(text_of_it)),
        all_lines: lines(text),
    })
}

/// All parts, the last one first. A text of nothing is one part.
fn parts(text: &str, most: usize) -> Vec<Range<usize>> {
    let (mut end, mut all) = (text.len(), Vec::new());
    while end > most {
        let rough = text.ceil_char_boundary(end - most);
        // The first line that begins here. One that is longer than a part is taken apart, too.
        let breaks = text.as_bytes()[rough - 1..end - 1].iter().position(|byte| *byte == b'\n');
        let line = breaks.map(|at| rough + at);
        let start = line.unwrap_or(rough);
        all.push(start..end);
        end = start;
    }
    all.push(0..end);
    all
}

fn newlines(text: &str) -> usize {
    text.bytes().filter(|byte| *byte == b'\n').count()
}

fn lines(text: &str) -> usize {
    text.lines().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(text: &str, most: usize) -> Vec<&str> {
        let mut all: Vec<_> = parts(text, most).into_iter().map(|range| &text[range]).collect();
        assert!(all.iter().all(|part| part.len() <= most), "{all:?}");
        all.reverse();
        assert_eq!(all.concat(), text, "nothing is left out and nothing twice");
        all
    }

    #[test]
    fn a_text_is_taken_apart_between_lines() {
        assert_eq!(whole("one\ntwo\nthree\n", 8), ["one\ntwo\n", "three\n"]);
        assert_eq!(whole("one\ntwo\nthree\n", 7), ["one\n", "two\n", "three\n"]);
        assert_eq!(whole("short", 8), ["short"]);
        assert_eq!(whole("", 8), [""]);
    }

    #[test]
    fn a_line_that_is_too_long_is_taken_apart_between_letters() {
        assert_eq!(whole("火消し火消し\n", 8), ["火消", "し火", "消し\n"]);
        whole(&"x".repeat(1000), 64);
        whole(&"日本語 and more\n\n\n".repeat(50), 16);
    }

    #[test]
    fn a_part_says_which_lines_it_holds() {
        let part = |number| part("one\ntwo\nthree\n", number, 8);
        let last = part(1).expect("there");
        assert_eq!((last.text, last.lines, last.all_lines, last.count), ("three\n", (3, 3), 3, 2));
        assert_eq!(part(2).map(|part| part.lines), Some((1, 2)));
        assert_eq!((part(0), part(3)), (None, None));
    }
}
