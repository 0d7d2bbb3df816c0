//! Markdown taken apart into what a page may hold, and nothing else: HTML in it is text, a link leads to the web or to another
//! runbook, a picture is its words.

use crate::{
    blocks::{Block, Line, Piece, Text, What},
    links,
};
use domain::ids::RunbookName;
use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};
use std::ops::Range;

/// Reads a text; `above` is the number of lines of the file above it.
pub(crate) fn read(text: &str, above: u32) -> Vec<Block> {
    Reading::new(text, above).blocks(None)
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
                    code.lines().zip(first..).map(|(text, at)| Line::plain(at, text)).collect(),
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
