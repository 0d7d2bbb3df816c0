//! What a document on a page consists of: headings, words, lists, code by its lines; and what is wrong with a line.

use askama::{Template, filters::HtmlSafe};
use domain::said::Language;
use std::ops::Range;

/// A line of code.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Line {
    pub(crate) number: u32,
    pub(crate) text: String,
    pub(crate) notes: Vec<Note>,
}

/// What is wrong with a line.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Note {
    pub(crate) line: u32,
    pub(crate) rule: &'static str,
    /// Its class in the stylesheet: `fail`, `unknown`, `none`.
    pub(crate) class: &'static str,
    pub(crate) level: String,
    pub(crate) message: String,
    pub(crate) hint: String,
}

/// A piece of a document.
#[derive(Clone, Debug)]
pub(crate) struct Block {
    /// The lines of the file that it stands on.
    pub(crate) lines: Range<u32>,
    pub(crate) what: What,
    pub(crate) notes: Vec<Note>,
}

/// What a piece is.
#[derive(Clone, Debug)]
pub(crate) enum What {
    Heading(u8, Text),
    Paragraph(Text),
    /// A list; none: without numbers.
    List(Option<u64>, Vec<Vec<Block>>),
    Quote(Vec<Block>),
    /// What stands behind the opening of a fence, and its lines.
    Code(String, Vec<Line>),
    Table(Vec<Text>, Vec<Vec<Text>>),
    Rule,
}

/// Words of a line.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "words.html")]
pub(crate) struct Text {
    pub(crate) pieces: Vec<Piece>,
}

/// What a line consists of.
#[derive(Clone, Debug)]
pub(crate) enum Piece {
    Plain(String),
    Code(String),
    Strong(Text),
    Emphasis(Text),
    /// Where it leads; none: nowhere that a page may lead to.
    Link(Option<String>, Text),
    Box(bool),
    Break,
}

/// Pieces of a document, on a page.
#[derive(Debug, Template)]
#[template(path = "markdown.html")]
pub(crate) struct Shown<'a> {
    pub(crate) l: Language,
    pub(crate) blocks: &'a [Block],
}

/// Lines of code with what is wrong with them, on a page.
#[derive(Debug, Template)]
#[template(path = "listing.html")]
pub(crate) struct Listing<'a> {
    pub(crate) l: Language,
    pub(crate) lines: &'a [Line],
    pub(crate) label: &'a str,
}

// Templates: they have escaped what they hold.
impl HtmlSafe for Text {}
impl HtmlSafe for Shown<'_> {}
impl HtmlSafe for Listing<'_> {}

impl Shown<'_> {
    fn inside<'b>(&self, blocks: &'b [Block]) -> Shown<'b> {
        Shown { l: self.l, blocks }
    }

    fn listing<'b>(&self, lines: &'b [Line], label: &'b str) -> Listing<'b> {
        Listing { l: self.l, lines, label }
    }
}

impl Line {
    /// A line of which nothing is said.
    pub(crate) fn plain(number: u32, text: &str) -> Self {
        Self { number, text: text.to_owned(), notes: Vec::new() }
    }
}
