//! One row of the table of rules, and what a rule reports.

use crate::{finding::Level, page::Page};
use domain::said::Said;
use jiff::civil::Date;

/// A rule of the linter.
pub struct Rule {
    /// Its name, which never changes: `placeholder-left`.
    pub id: &'static str,
    /// How grave a finding of it is, unless the finding says otherwise.
    pub level: Level,
    /// What is wrong, in a few words: Japanese, English.
    pub title: (&'static str, &'static str),
    /// Why that matters: Japanese, English.
    pub why: (&'static str, &'static str),
    /// What to do: Japanese, English.
    pub hint: (&'static str, &'static str),
    /// The smallest document in which it fires.
    pub bad: &'static str,
    /// The same document, written well.
    pub good: &'static str,
    /// How it looks.
    pub look: Look,
}

/// How a rule looks at documents.
pub enum Look {
    /// At one after another.
    Each(fn(&Page<'_>, &mut Hits)),
    /// At one after another, with the date of today.
    Dated(fn(&Page<'_>, Date, &mut Hits)),
    /// At all of them together.
    Together(fn(&[Page<'_>], &mut [Hits])),
}

/// What a rule found in one document.
#[derive(Default)]
pub struct Hits(pub(crate) Vec<Hit>);

/// One thing that a rule found.
pub(crate) struct Hit {
    pub(crate) line: u32,
    pub(crate) column: Option<u32>,
    pub(crate) level: Option<Level>,
    pub(crate) message: Said,
}

impl Hits {
    /// Something in a line.
    pub fn at(&mut self, line: u32, ja: impl Into<String>, en: impl Into<String>) {
        self.0.push(Hit { line, column: None, level: None, message: Said::new(ja, en) });
    }

    /// Something at a place: a line and a column.
    pub fn at_place(&mut self, place: (u32, u32), ja: impl Into<String>, en: impl Into<String>) {
        let (line, column) = place;
        let column = Some(column);
        self.0.push(Hit { line, column, level: None, message: Said::new(ja, en) });
    }

    /// Changes the level of what was reported last.
    pub fn as_level(&mut self, level: Level) {
        if let Some(last) = self.0.last_mut() {
            last.level = Some(level);
        }
    }
}
