//! A document of the team as a page: what is wrong with it stands beside the line that it means.

use crate::{
    blocks::{Block, Line, Listing, Note, Shown, What},
    markdown,
};
use domain::said::Language;
use manual::{Finding, Level};

/// A document, ready to be shown.
#[derive(Clone, Debug, Default)]
pub(crate) struct Document {
    /// What stands above the text, between the dashes.
    pub(crate) front: Vec<Line>,
    pub(crate) blocks: Vec<Block>,
    /// What is wrong with lines that hold nothing, such as an empty one.
    pub(crate) others: Vec<Note>,
}

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
            .map(|(text, number)| Line::plain(number, text))
            .collect();
        let mut blocks = markdown::read(&body, above);
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

/// How many lines the front matter has, with its dashes.
fn front_length(text: &str) -> u32 {
    let mut lines = text.lines();
    if lines.next().map(str::trim_end) != Some("---") {
        return 0;
    }
    let end = lines.position(|line| line.trim_end() == "---");
    end.and_then(|end| u32::try_from(end + 2).ok()).unwrap_or(0)
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

#[cfg(test)]
mod tests {
    use super::*;
    use domain::said::Said;

    fn finding(line: u32, en: &str) -> Finding {
        Finding {
            rule: "some-rule",
            level: Level::Warning,
            file: "x".into(),
            line,
            column: None,
            message: Said::new("あ", en),
            hint: Said::new("い", "mend it"),
        }
    }

    fn html(text: &str, findings: &[Finding]) -> String {
        let document = Document::read(text, findings, Language::En);
        format!("{}{}", document.above(Language::En, "front"), document.shown(Language::En))
    }

    /// Whatever a document holds, a page gets words, and links to the web or to another runbook.
    #[test]
    fn a_hostile_document_is_text() {
        let html = html(
            "# A <b>title</b>\n\n<script>alert(1)</script>\n\ninline <img src=x onerror=y> and [a](javascript:x) \
             [b](https://ok.example/?a=1&b=\"2\") [c](data:text/html,x) ![d](https://pic.example/x.png) \
             [e](//evil.example) [f](../../etc.md) [g](./other.md#part) <https://auto.example>\n\n\
             | <u>h</u> |\n| --- |\n| `<i>` |\n\n- [x] done <hr>\n\n```html\n</code><script>\n```\n",
            &[],
        );
        for word in [
            "<script",
            "<img",
            "<b>title",
            "<u>",
            "<i>",
            "<hr>",
            "javascript:",
            "data:",
            "evil",
            "pic.example",
            "etc",
        ] {
            assert!(!html.contains(word), "{word} in {html}");
        }
        for word in [
            "&#60;script&#62;alert(1)&#60;/script&#62;",
            "href=\"https://ok.example/?a=1&#38;b=",
            "href=\"/runbooks/other\"",
            "href=\"https://auto.example\"",
            "<code>&#60;i&#62;</code>",
            "☑ done",
            "<code>&#60;/code&#62;&#60;script&#62;</code>",
        ] {
            assert!(html.contains(word), "{word} in {html}");
        }
    }

    /// What is wrong stands beside the line that it means: in the front matter, in code, in lists, at a paragraph.
    #[test]
    fn findings_stand_beside_their_lines() {
        let text = "---\nalert: x\n---\n# T\n\nSome words\nover two lines\n\n1. first\n   ```bash {name=a}\n   one\n   two\n   ```\n";
        let lines = [2, 7, 11, 12, 8];
        let findings: Vec<_> =
            lines.iter().map(|line| finding(*line, &format!("wrong <{line}>"))).collect();
        let document = Document::read(text, &findings, Language::En);
        assert_eq!(document.front[1].notes.len(), 1);
        let html = html(text, &findings);
        let at = |words: &str| html.find(words).unwrap_or_else(|| panic!("{words} in {html}"));
        assert!(
            at("alert: x") < at("wrong &#60;2&#62;") && at("wrong &#60;2&#62;") < at("Some words")
        );
        assert!(at("two lines") < at("wrong &#60;7&#62;"));
        assert!(
            at("<code>one") < at("wrong &#60;11&#62;")
                && at("wrong &#60;11&#62;") < at("<code>two")
        );
        assert!(at("<code>two") < at("wrong &#60;12&#62;"));
        // An empty line holds nothing: what is said of it is not lost.
        assert_eq!(document.others.len(), 1, "{:?}", document.others);
        assert!(
            html.contains("<span class=\"n\" aria-hidden=\"true\">12</span>"),
            "the lines are the file's: {html}"
        );
    }

    #[test]
    fn a_document_without_end_does_not_go_deeper_than_anybody_reads() {
        let text = "> ".repeat(3000) + "deep\n";
        assert!(html(&text, &[]).contains("deep"));
        let list: String = (0..500).map(|depth| format!("{}- x\n", "  ".repeat(depth))).collect();
        assert!(html(&list, &[]).contains('x'));
        assert_eq!(html("", &[]).matches('<').count(), 2);
    }
}
