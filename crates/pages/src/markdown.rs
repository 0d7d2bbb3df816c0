//! A document of the team as a page: Markdown taken apart into what a page may hold, and nothing else.
//!
//! HTML in a document is text. A link leads to the web or to another runbook, a picture is its words. What is wrong with the
//! document stands beside the line that it means.

use crate::links;
use askama::{Template, filters::HtmlSafe};
use domain::{ids::RunbookName, said::Language};
use manual::{Finding, Level};
use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};
use std::ops::Range;

/// A document, ready to be shown.
#[derive(Clone, Debug, Default)]
pub(crate) struct Document {
    /// What stands above the text, between the dashes.
    pub(crate) front: Vec<Line>,
    pub(crate) blocks: Vec<Block>,
    /// What is wrong with lines that hold nothing, such as an empty one.
    pub(crate) others: Vec<Note>,
}

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
    lines: Range<u32>,
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
    pieces: Vec<Piece>,
}

#[derive(Clone, Debug)]
enum Piece {
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
    l: Language,
    blocks: &'a [Block],
}

/// Lines of code with what is wrong with them, on a page.
#[derive(Debug, Template)]
#[template(path = "listing.html")]
pub(crate) struct Listing<'a> {
    l: Language,
    lines: &'a [Line],
    label: &'a str,
}

// Templates: they have escaped what they hold.
impl HtmlSafe for Text {}
impl HtmlSafe for Shown<'_> {}
impl HtmlSafe for Listing<'_> {}

impl Document {
    /// Reads a document; `findings` are those of its file.
    pub(crate) fn read(text: &str, findings: &[Finding], l: Language) -> Self {
        let text = text.replace("\r\n", "\n");
        let above = front_length(&text);
        let body = text.split_inclusive('\n').skip(above as usize).collect::<String>();
        let mut front: Vec<Line> = text
            .lines()
            .take(above as usize)
            .zip(1..)
            .map(|(text, number)| line(number, text))
            .collect();
        let mut reading = Reading::new(&body, above);
        let mut blocks = reading.blocks(None);
        let mut others = Vec::new();
        for finding in findings {
            let note = note(finding, l);
            let at = front.iter_mut().find(|line| line.number == finding.line);
            match at {
                Some(line) => line.notes.push(note),
                None => others.extend(place(&mut blocks, note)),
            }
        }
        Self { front, blocks, others }
    }

    /// Its pieces on a page.
    pub(crate) fn shown(&self, l: Language) -> Shown<'_> {
        Shown { l, blocks: &self.blocks }
    }

    /// Whether something is wrong with its front matter.
    pub(crate) fn has_front_notes(&self) -> bool {
        self.front.iter().any(|line| !line.notes.is_empty())
    }

    /// Its front matter on a page.
    pub(crate) fn above<'a>(&'a self, l: Language, label: &'a str) -> Listing<'a> {
        Listing { l, lines: &self.front, label }
    }
}

impl Shown<'_> {
    fn inside<'b>(&self, blocks: &'b [Block]) -> Shown<'b> {
        Shown { l: self.l, blocks }
    }

    fn listing<'b>(&self, lines: &'b [Line], label: &'b str) -> Listing<'b> {
        Listing { l: self.l, lines, label }
    }
}

/// How many lines the front matter has, with its dashes.
fn front_length(text: &str) -> u32 {
    let mut lines = text.lines();
    if lines.next().map(str::trim_end) != Some("---") {
        return 0;
    }
    let end = lines.position(|line| line.trim_end() == "---");
    end.and_then(|end| u32::try_from(end + 2).ok()).unwrap_or(0)
}

fn line(number: u32, text: &str) -> Line {
    Line { number, text: text.to_owned(), notes: Vec::new() }
}

fn note(finding: &Finding, l: Language) -> Note {
    let class = match finding.level {
        Level::Error => "fail",
        Level::Warning => "unknown",
        Level::Info => "none",
    };
    Note {
        line: finding.line,
        rule: finding.rule,
        class,
        level: finding.level.said(l).to_owned(),
        message: finding.message.text(l).to_owned(),
        hint: finding.hint.text(l).to_owned(),
    }
}

/// Puts a note where its line stands; gives it back where nothing does.
fn place(blocks: &mut [Block], note: Note) -> Option<Note> {
    let Some(block) = blocks.iter_mut().find(|block| block.lines.contains(&note.line)) else {
        return Some(note);
    };
    let left = match &mut block.what {
        What::Code(_, lines) => match lines.iter_mut().find(|line| line.number == note.line) {
            Some(line) => {
                line.notes.push(note);
                None
            }
            None => Some(note),
        },
        What::Quote(inside) => place(inside, note),
        What::List(_, items) => {
            let mut note = Some(note);
            for item in items {
                note = note.and_then(|note| place(item, note));
            }
            note
        }
        _ => Some(note),
    };
    block.notes.extend(left);
    None
}

/// Where the reading stands.
struct Reading<'a> {
    text: &'a str,
    above: u32,
    events: Box<dyn Iterator<Item = (Event<'a>, Range<usize>)> + 'a>,
    /// An event that was looked at and belongs to what comes next.
    next: Option<(Event<'a>, Range<usize>)>,
    /// How deep lists and quotes are nested.
    depth: usize,
}

/// Deeper than this nobody reads; a document that nests further is shown flat from there.
const DEEPEST: usize = 24;

impl<'a> Reading<'a> {
    fn new(text: &'a str, above: u32) -> Self {
        let options = Options::ENABLE_TABLES | Options::ENABLE_TASKLISTS;
        let events = Box::new(Parser::new_ext(text, options).into_offset_iter());
        Self { text, above, events, next: None, depth: 0 }
    }

    fn take(&mut self) -> Option<(Event<'a>, Range<usize>)> {
        self.next.take().or_else(|| self.events.next())
    }

    fn line_at(&self, place: usize) -> u32 {
        let lines = self.text[..place].matches('\n').count();
        u32::try_from(lines).unwrap_or(u32::MAX).saturating_add(self.above + 1)
    }

    /// Everything up to the end of what is open.
    fn blocks(&mut self, end: Option<TagEnd>) -> Vec<Block> {
        let mut blocks = Vec::new();
        while let Some((event, range)) = self.take() {
            if matches!(&event, Event::End(found) if Some(*found) == end) {
                break;
            }
            let from = self.line_at(range.start);
            let last = range.end.max(range.start + 1).min(self.text.len()).saturating_sub(1);
            let lines = from..self.line_at(last) + 1;
            let Some(what) = self.what(event, range, from) else { continue };
            blocks.push(Block { lines, what, notes: Vec::new() });
        }
        blocks
    }

    fn what(&mut self, event: Event<'a>, range: Range<usize>, from: u32) -> Option<What> {
        Some(match event {
            Event::Start(Tag::Heading { level, .. }) => {
                What::Heading(depth_of(level), self.words(TagEnd::Heading(level)))
            }
            Event::Start(Tag::Paragraph) => What::Paragraph(self.words(TagEnd::Paragraph)),
            Event::Start(Tag::BlockQuote(kind)) if self.depth < DEEPEST => {
                What::Quote(self.deeper(TagEnd::BlockQuote(kind)))
            }
            Event::Start(Tag::List(first)) if self.depth < DEEPEST => {
                What::List(first, self.items(first.is_some()))
            }
            Event::Start(Tag::CodeBlock(kind)) => {
                let is_fenced = matches!(kind, CodeBlockKind::Fenced(_));
                let info = match kind {
                    CodeBlockKind::Fenced(info) => info.to_string(),
                    CodeBlockKind::Indented => String::new(),
                };
                let mut code = String::new();
                while let Some((event, _)) = self.take() {
                    match event {
                        Event::Text(text) => code.push_str(&text),
                        Event::End(TagEnd::CodeBlock) => break,
                        _ => {}
                    }
                }
                let first = from + u32::from(is_fenced);
                What::Code(
                    info,
                    code.lines().zip(first..).map(|(text, at)| line(at, text)).collect(),
                )
            }
            Event::Start(Tag::Table(_)) => self.table(),
            Event::Rule => What::Rule,
            // HTML is text: it is shown as it stands there.
            Event::Start(Tag::HtmlBlock) => {
                let mut html = String::new();
                while let Some((event, _)) = self.take() {
                    match event {
                        Event::Html(text) | Event::Text(text) => html.push_str(&text),
                        Event::End(TagEnd::HtmlBlock) => break,
                        _ => {}
                    }
                }
                What::Paragraph(Text { pieces: vec![Piece::Plain(html)] })
            }
            Event::End(_) | Event::Start(_) => return None,
            // The words of a tight list item stand in no paragraph.
            inline => {
                self.next = Some((inline, range));
                What::Paragraph(self.loose())
            }
        })
    }

    fn deeper(&mut self, end: TagEnd) -> Vec<Block> {
        self.depth += 1;
        let blocks = self.blocks(Some(end));
        self.depth -= 1;
        blocks
    }

    fn items(&mut self, is_numbered: bool) -> Vec<Vec<Block>> {
        let mut items = Vec::new();
        while let Some((event, _)) = self.take() {
            match event {
                Event::Start(Tag::Item) => items.push(self.deeper(TagEnd::Item)),
                Event::End(TagEnd::List(numbered)) if numbered == is_numbered => break,
                _ => {}
            }
        }
        items
    }

    fn table(&mut self) -> What {
        let (mut head, mut rows, mut row) = (Vec::new(), Vec::new(), Vec::new());
        while let Some((event, _)) = self.take() {
            match event {
                Event::Start(Tag::TableCell) => row.push(self.words(TagEnd::TableCell)),
                Event::End(TagEnd::TableHead) => head = std::mem::take(&mut row),
                Event::End(TagEnd::TableRow) => rows.push(std::mem::take(&mut row)),
                Event::End(TagEnd::Table) => break,
                _ => {}
            }
        }
        What::Table(head, rows)
    }

    /// The words up to an end.
    fn words(&mut self, end: TagEnd) -> Text {
        let mut pieces = Vec::new();
        while let Some((event, _)) = self.take() {
            if event == Event::End(end) {
                break;
            }
            pieces.extend(self.piece(event));
        }
        Text { pieces }
    }

    /// Words that stand in no paragraph, up to what is none.
    fn loose(&mut self) -> Text {
        let mut pieces = Vec::new();
        while let Some((event, range)) = self.take() {
            let is_inline = match &event {
                Event::Start(tag) => matches!(
                    tag,
                    Tag::Strong
                        | Tag::Emphasis
                        | Tag::Link { .. }
                        | Tag::Image { .. }
                        | Tag::Strikethrough
                ),
                Event::End(_) | Event::Rule => false,
                _ => true,
            };
            if !is_inline {
                self.next = Some((event, range));
                break;
            }
            pieces.extend(self.piece(event));
        }
        Text { pieces }
    }

    fn piece(&mut self, event: Event<'a>) -> Option<Piece> {
        Some(match event {
            Event::Text(text) | Event::Html(text) | Event::InlineHtml(text) => {
                Piece::Plain(text.to_string())
            }
            Event::Code(text) => Piece::Code(text.to_string()),
            Event::SoftBreak => Piece::Plain(" ".into()),
            Event::HardBreak => Piece::Break,
            Event::TaskListMarker(is_done) => Piece::Box(is_done),
            Event::Start(Tag::Strong) => Piece::Strong(self.words(TagEnd::Strong)),
            Event::Start(Tag::Emphasis) => Piece::Emphasis(self.words(TagEnd::Emphasis)),
            Event::Start(Tag::Link { dest_url, .. }) => {
                Piece::Link(target(&dest_url), self.words(TagEnd::Link))
            }
            Event::Start(Tag::Image { .. }) => Piece::Link(None, self.words(TagEnd::Image)),
            _ => return None,
        })
    }
}

fn depth_of(level: HeadingLevel) -> u8 {
    level as u8
}

/// Where a link of a document may lead: to the web, or to another runbook beside it.
fn target(url: &str) -> Option<String> {
    let is_plain = !url.chars().any(|c| c.is_control() || c.is_whitespace());
    if is_plain && (url.starts_with("https://") || url.starts_with("http://")) {
        return Some(url.to_owned());
    }
    let name = url.trim_start_matches("./").split('#').next()?.strip_suffix(".md")?;
    let is_beside = !name.is_empty() && !name.contains(['/', '\\', ':', '?', '%']);
    (is_plain && is_beside).then(|| links::runbook(&RunbookName::from(name)))
}
