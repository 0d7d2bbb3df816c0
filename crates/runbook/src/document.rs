//! Markdown as a runbook sees it: the title, the fences with the heading above each, and the checklist.

use crate::roles::{self, Section};
use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};
use std::ops::Range;

/// What a document holds.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Document {
    /// The first heading.
    pub title: Option<String>,
    /// The fences, in document order.
    pub fences: Vec<Fence>,
    /// The items under a checklist heading.
    pub checklist: Vec<Item>,
}

/// An item of a checklist.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Item {
    /// What it says.
    pub text: String,
    /// What of it stands in `backquotes`: it may name a step.
    pub codes: Vec<String>,
}

/// A fenced block.
#[derive(Debug, PartialEq, Eq)]
pub struct Fence {
    /// The line of its opening in the file, from 1.
    pub line: u32,
    /// What stands behind the opening: `bash {name=…}`.
    pub info: String,
    /// What stands inside, without the indentation of a list.
    pub body: String,
    /// The nearest heading or bold list item above it.
    pub heading: Option<String>,
    /// What that heading means.
    pub section: Option<Section>,
    /// Whether it is closed.
    pub is_closed: bool,
}

/// Reads a document; `line_offset` is the number of lines of the file above `text`.
pub fn read(text: &str, line_offset: u32) -> Document {
    let mut walk = Walk { text, line_offset, ..Walk::default() };
    for (event, range) in
        Parser::new_ext(text, Options::ENABLE_TASKLISTS | Options::ENABLE_TABLES).into_offset_iter()
    {
        walk.list_item_head(&event);
        walk.event(event, range);
    }
    walk.document
}

/// Where the walk stands.
#[derive(Default)]
struct Walk<'a> {
    text: &'a str,
    line_offset: u32,
    /// A place in the text, and how many lines end before it.
    counted: (usize, usize),
    document: Document,
    /// The text of the heading being read.
    heading: Option<String>,
    /// The nearest heading or bold item.
    nearest: Option<String>,
    /// Whether the nearest real heading opens a checklist.
    in_checklist: bool,
    /// The texts of the list items that are open.
    items: Vec<Item>,
    head: Head,
    fence: Option<Fence>,
}

/// How far a list item may still turn out to be a bold heading: `1. **診断**`.
#[derive(Default)]
enum Head {
    #[default]
    No,
    Expected,
    Inside(String),
    /// Read to its end; counts when nothing else stands in its line.
    Complete(String),
}

impl Walk<'_> {
    fn event(&mut self, event: Event<'_>, range: Range<usize>) {
        match event {
            Event::Start(Tag::Heading { .. }) => self.heading = Some(String::new()),
            Event::End(TagEnd::Heading(_)) => self.end_heading(),
            Event::Start(Tag::Item) => self.items.push(Item::default()),
            Event::End(TagEnd::Item) => self.end_item(),
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => {
                self.start_fence(info.into_string(), &range);
            }
            Event::End(TagEnd::CodeBlock) => self.document.fences.extend(self.fence.take()),
            Event::Text(text) => self.take_text(&text),
            Event::Code(text) => {
                self.take_text(&text);
                self.items
                    .last_mut()
                    .into_iter()
                    .for_each(|item| item.codes.push(text.to_string()));
            }
            Event::SoftBreak | Event::HardBreak => self.take_text(" "),
            _ => {}
        }
    }

    fn take_text(&mut self, text: &str) {
        let place = match (&mut self.fence, &mut self.heading) {
            (Some(fence), _) => Some(&mut fence.body),
            (None, Some(heading)) => Some(heading),
            (None, None) => self.items.last_mut().map(|item| &mut item.text),
        };
        if let Some(place) = place {
            place.push_str(text);
        }
    }

    fn end_heading(&mut self) {
        let Some(heading) = self.heading.take() else { return };
        let heading = heading.trim().to_owned();
        self.document.title.get_or_insert_with(|| heading.clone());
        self.in_checklist = roles::section_of(&heading) == Some(Section::Checklist);
        self.nearest = Some(heading);
    }

    fn end_item(&mut self) {
        let item = self.items.pop().unwrap_or_default();
        let text = item.text.trim().to_owned();
        if self.in_checklist && !text.is_empty() {
            self.document.checklist.push(Item { text, ..item });
        }
    }

    fn start_fence(&mut self, info: String, range: &Range<usize>) {
        // Fences come in order: what was counted stays counted.
        let (from, above) = self.counted;
        let above = above + self.text[from..range.start].matches('\n').count();
        self.counted = (range.start, above);
        self.fence = Some(Fence {
            line: u32::try_from(above + 1).unwrap_or(u32::MAX).saturating_add(self.line_offset),
            info: info.trim().to_owned(),
            body: String::new(),
            heading: self.nearest.clone(),
            section: self.nearest.as_deref().and_then(roles::section_of),
            is_closed: is_closed(&self.text[range.clone()]),
        });
    }

    /// Follows a list item until it is clear whether it is a heading of its own.
    fn list_item_head(&mut self, event: &Event<'_>) {
        self.head = match (std::mem::take(&mut self.head), event) {
            (_, Event::Start(Tag::Item)) => Head::Expected,
            (Head::Expected, Event::Start(Tag::Paragraph)) => Head::Expected,
            (Head::Expected, Event::Start(Tag::Strong)) => Head::Inside(String::new()),
            (Head::Inside(mut text), Event::Text(more) | Event::Code(more)) => {
                text.push_str(more);
                Head::Inside(text)
            }
            (Head::Inside(text), Event::End(TagEnd::Strong)) => Head::Complete(text),
            (Head::Complete(text), Event::Text(more)) if matches!(more.trim(), "" | ":" | "：") => {
                Head::Complete(text)
            }
            (Head::Complete(_), Event::Text(_) | Event::Code(_)) => Head::No,
            (Head::Complete(text), _) => {
                self.nearest = Some(text.trim().to_owned());
                Head::No
            }
            _ => Head::No,
        };
    }
}

/// Whether the last line of a fence closes what its first line opened.
fn is_closed(fence: &str) -> bool {
    let mark = fence.trim_start().chars().next().unwrap_or('`');
    let opening = fence.trim_start().chars().take_while(|c| *c == mark).count();
    let Some((_, last)) = fence.trim_end().rsplit_once('\n') else { return false };
    let last = last.trim_start_matches([' ', '\t', '>']);
    last.chars().all(|c| c == mark) && last.chars().count() >= opening
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::plan::Role;

    #[test]
    fn a_fence_belongs_to_the_nearest_heading_or_bold_list_item() {
        let text = "# T\n\n1. **診断**\n   ```bash {name=a}\n   # look\n   status\n   ```\n\n2. **対応**:\n   ```bash\n   restart\n   ```\n## 確認\n```bash\ncurl\n```\n- **注意**: x\n\n```\nlast\n```\n";
        let document = read(text, 10);
        let seen: Vec<_> =
            document.fences.iter().map(|f| (f.line, f.section, f.body.as_str())).collect();
        assert_eq!(
            seen,
            [
                (14, Some(Section::Steps(Role::Diagnose)), "# look\nstatus\n"),
                (20, Some(Section::Steps(Role::Respond)), "restart\n"),
                (24, Some(Section::Steps(Role::Verify)), "curl\n"),
                // Bold words at the start of a sentence are no heading.
                (29, Some(Section::Steps(Role::Verify)), "last\n"),
            ]
        );
        assert!(document.fences.iter().all(|fence| fence.is_closed));
        assert_eq!(document.title.as_deref(), Some("T"));
    }

    #[test]
    fn the_checklist_is_read_with_and_without_boxes() {
        let document = read(
            "## 確認項目\n- [ ] サービス起動確認\n- [x] エラーログ `error.log` 確認\n- **監視** ダッシュボード\n## 担当者\n- 佐藤\n",
            0,
        );
        let texts: Vec<_> = document.checklist.iter().map(|item| item.text.as_str()).collect();
        assert_eq!(texts, ["サービス起動確認", "エラーログ error.log 確認", "監視 ダッシュボード"]);
        assert_eq!(document.checklist[1].codes, ["error.log"]);
    }

    #[test]
    fn a_fence_that_is_not_closed_is_seen() {
        for text in ["```bash\na\n", "```bash", "- x\n  ```bash\n  a\n\nb\n", "````bash\na\n```\n"]
        {
            assert!(!read(text, 0).fences[0].is_closed, "{text:?}");
        }
        for text in ["```bash\n```\n", "~~~\na\n~~~~\n", "> ```\n> a\n> ```\n"] {
            assert!(read(text, 0).fences[0].is_closed, "{text:?}");
        }
    }
}
