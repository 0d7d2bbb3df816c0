//! A document as rules see it: front matter, headings, list items, tables, links, plain lines, and blocks.

use crate::{block::Block, text};
use runbook::{document, front, roles};
use std::{collections::BTreeSet, ops::RangeInclusive};

/// A document taken apart. Lines count from 1.
pub struct Page<'a> {
    /// The file, as it is shown.
    pub file: &'a str,
    /// Its lines.
    pub lines: Vec<&'a str>,
    /// `key: value` lines of its front matter.
    pub front: Vec<(String, String, u32)>,
    /// Whether it is a runbook of hikeshi: its front matter names an alert.
    pub is_runbook: bool,
    /// Its headings.
    pub headings: Vec<Heading>,
    /// Its list items.
    pub items: Vec<Item>,
    /// Its tables.
    pub tables: Vec<Table>,
    /// Its links.
    pub links: Vec<Link>,
    /// The lines that are neither in a fence nor in the front matter nor empty.
    pub prose: Vec<(u32, &'a str)>,
    /// Its fences.
    pub blocks: Vec<Block>,
    /// The whole text.
    pub text: &'a str,
}

/// A heading.
pub struct Heading {
    /// Its line.
    pub line: u32,
    /// How deep it is: 1 to 6.
    pub depth: usize,
    /// Its text.
    pub text: String,
    /// The heading that it stands under, by its place in the list.
    pub(crate) parent: Option<usize>,
}

/// A list item.
pub struct Item {
    /// Its line.
    pub line: u32,
    /// What it says, without the mark, the box and asterisks.
    pub text: String,
    /// The bold words at its start.
    pub label: Option<String>,
    /// What follows the bold words, or all of it.
    pub rest: String,
    /// The heading above it.
    pub heading: String,
}

/// A table.
pub struct Table {
    /// The titles of its columns.
    pub titles: Vec<String>,
    /// Its rows, each with its line.
    pub rows: Vec<(u32, Vec<String>)>,
}

/// A link.
pub struct Link {
    /// Its line.
    pub line: u32,
    /// Where it stands in its line, in characters from 1.
    pub column: u32,
    /// What it says.
    pub text: String,
    /// Where it leads.
    pub target: String,
}

impl<'a> Page<'a> {
    /// Reads a document.
    pub fn read(file: &'a str, text: &'a str) -> Self {
        let text = text.trim_start_matches('\u{feff}');
        let lines: Vec<&str> = text.lines().collect();
        let mut page = Self {
            file,
            lines,
            front: Vec::new(),
            is_runbook: false,
            headings: Vec::new(),
            items: Vec::new(),
            tables: Vec::new(),
            links: Vec::new(),
            prose: Vec::new(),
            blocks: Vec::new(),
            text,
        };
        let (rest, above) = match front::split(text) {
            Some((yaml, rest, above)) => {
                page.read_front(yaml);
                (rest, above)
            }
            None => (text, 0),
        };
        let fences = document::read(rest, above).fences;
        page.read_lines(above, &fences);
        let blocks = fences.into_iter().map(|fence| {
            let above = page.heading_above(fence.line).map(|heading| heading.text.as_str());
            let procedure = page.procedure(fence.line);
            Block::read(fence, &page.lines, above, procedure)
        });
        page.blocks = blocks.collect();
        page
    }

    fn read_front(&mut self, yaml: &str) {
        for (line, row) in (2..).zip(yaml.lines()) {
            let Some((key, value)) = row.split_once(':') else { continue };
            if row.starts_with([' ', '#', '-']) {
                continue;
            }
            let value = value.trim().trim_matches('"').to_owned();
            self.front.push((key.trim().to_owned(), value, line));
        }
        self.is_runbook = self.front("alert").is_some();
    }

    fn read_lines(&mut self, above: u32, fences: &[document::Fence]) {
        let inside: BTreeSet<u32> = fences.iter().flat_map(span).collect();
        let mut is_comment = false;
        for (line, row) in (1..).zip(self.lines.clone()) {
            if line <= above || inside.contains(&line) || row.trim().is_empty() {
                continue;
            }
            is_comment |= row.trim_start().starts_with("<!--");
            if !is_comment {
                self.prose.push((line, row));
                self.read_line(line, row.trim_start_matches(['>', ' ', '\t']));
            }
            is_comment &= !row.contains("-->");
        }
    }

    fn read_line(&mut self, line: u32, row: &str) {
        let depth = row.chars().take_while(|c| *c == '#').count();
        if (1..=6).contains(&depth) && row[depth..].starts_with(' ') {
            let text = row[depth..].trim().trim_end_matches('#').trim().to_owned();
            let mut parent = self.headings.len().checked_sub(1);
            while let Some(at) = parent.filter(|at| self.headings[*at].depth >= depth) {
                parent = self.headings[at].parent;
            }
            self.headings.push(Heading { line, depth, text, parent });
        } else if row.starts_with('|') {
            self.read_row(line, row);
        } else if let Some(text) = item_text(row) {
            let (label, rest) = labelled(text);
            let heading = self.headings.last().map(|heading| heading.text.clone());
            self.items.push(Item {
                line,
                text: text.replace("**", ""),
                label,
                rest,
                heading: heading.unwrap_or_default(),
            });
        }
        self.read_links(line);
    }

    fn read_row(&mut self, line: u32, row: &str) {
        let cells: Vec<String> = row
            .trim()
            .trim_matches('|')
            .split('|')
            .map(|cell| cell.trim().replace("**", ""))
            .collect();
        let is_ruler = cells.iter().all(|cell| cell.chars().all(|c| matches!(c, '-' | ':' | ' ')));
        let follows = |table: &Table, line: u32| {
            let last = table.rows.last().map_or(0, |(line, _)| *line);
            last + 1 == line
        };
        match self.tables.last_mut() {
            _ if is_ruler => {
                if let Some(table) = self.tables.last_mut() {
                    table.rows.push((line, Vec::new()));
                }
            }
            Some(table) if follows(table, line) => table.rows.push((line, cells)),
            _ => self.tables.push(Table { titles: cells, rows: vec![(line, Vec::new())] }),
        }
    }

    fn read_links(&mut self, line: u32) {
        let row = self.lines[line as usize - 1];
        let mut from = 0;
        while let Some(at) = row[from..].find("](") {
            let middle = from + at;
            from = middle + 2;
            let Some(start) = row[..middle].rfind('[') else { continue };
            let Some(end) = row[from..].find(')') else { break };
            let column = row[..start].chars().count() + 1;
            self.links.push(Link {
                line,
                column: u32::try_from(column).unwrap_or(u32::MAX),
                text: row[start + 1..middle].to_owned(),
                target: row[from..from + end].trim().to_owned(),
            });
        }
    }

    /// A value of the front matter.
    pub fn front(&self, key: &str) -> Option<&str> {
        self.front.iter().find(|(known, ..)| known == key).map(|(_, value, _)| value.as_str())
    }

    /// The nearest heading above a line.
    pub fn heading_above(&self, line: u32) -> Option<&Heading> {
        self.headings_above(line).next()
    }

    /// The list item of a line.
    pub fn item_at(&self, line: u32) -> Option<&Item> {
        let at = self.items.binary_search_by_key(&line, |item| item.line).ok()?;
        self.items.get(at)
    }

    /// The nearest heading above a line, the one that it stands under, and so on.
    fn headings_above(&self, line: u32) -> impl Iterator<Item = &Heading> {
        let nearest = self.headings.partition_point(|heading| heading.line < line).checked_sub(1);
        let above = |heading: &&Heading| heading.parent.map(|at| &self.headings[at]);
        std::iter::successors(nearest.map(|at| &self.headings[at]), above)
    }

    /// The line of the heading of the procedure that a line belongs to: the nearest one that is no name of a section
    /// such as 診断 or Mitigation; 0 where there is none.
    pub fn procedure(&self, line: u32) -> u32 {
        let is_section =
            |heading: &Heading| roles::section_of(&text::bare(&heading.text)).is_some();
        self.headings_above(line)
            .find(|heading| !is_section(heading))
            .map_or(0, |heading| heading.line)
    }

    /// Whether a heading above a line, at any depth, has one of these words.
    pub fn is_under(&self, line: u32, words: &[&str]) -> bool {
        self.headings_above(line).any(|heading| text::has_word(&heading.text, words))
    }

    /// The blocks whose language is a shell's.
    pub fn shell_blocks(&self) -> impl Iterator<Item = &Block> {
        self.blocks.iter().filter(|block| block.is_shell())
    }

    /// The lines of the document outside fences that have one of these words.
    pub fn says(&self, words: &[&str]) -> bool {
        self.prose.iter().any(|(_, row)| text::has_word(row, words))
    }
}

/// The lines from the opening of a fence to its end.
fn span(fence: &document::Fence) -> RangeInclusive<u32> {
    let rows = u32::try_from(fence.body.lines().count()).unwrap_or(u32::MAX);
    fence.line..=fence.line.saturating_add(rows).saturating_add(u32::from(fence.is_closed))
}

fn item_text(row: &str) -> Option<&str> {
    let text = match row.strip_prefix(['-', '*', '+']) {
        Some(text) => text.strip_prefix(' ')?,
        None => {
            let digits = row.chars().take_while(char::is_ascii_digit).count();
            let rest = (digits > 0).then(|| &row[digits..])?;
            rest.strip_prefix(['.', ')'])?.strip_prefix(' ')?
        }
    };
    let text = text.trim_start();
    let boxes = ["[ ] ", "[x] ", "[X] "];
    Some(boxes.iter().find_map(|mark| text.strip_prefix(mark)).unwrap_or(text))
}

/// `**label**: rest`
fn labelled(text: &str) -> (Option<String>, String) {
    let inside = text.strip_prefix("**").and_then(|rest| rest.split_once("**"));
    match inside {
        Some((label, rest)) => {
            let rest = rest.trim_start_matches([':', '：', ' ']);
            (Some(label.trim_end_matches([':', '：']).to_owned()), rest.replace("**", ""))
        }
        None => (None, text.replace("**", "")),
    }
}
