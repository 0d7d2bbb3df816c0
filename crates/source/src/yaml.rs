//! YAML text to nodes; a syntax error, a duplicate key or an endless alias is a problem with its line.

use crate::{
    node::{Node, Shape, below},
    problem::{Place, Problems},
};
use domain::said::Said;
use saphyr_parser::{Event, Parser, ScalarStyle, Span, StrInput};
use std::{collections::HashMap, sync::Arc};

/// Deeper nesting than a person writes is an error, not a stack overflow.
const DEPTH_LIMIT: usize = 32;
/// Aliases may repeat this many nodes in all: enough for people, too few for a "billion laughs".
const NODE_LIMIT: usize = 100_000;

/// Reads the one document of a text. `line_offset` is added to every line: 0 for a file of its own,
/// the number of lines above for front matter.
///
/// Returns nothing when the syntax is broken; the reason is then in `problems`.
pub fn read(file: &str, text: &str, line_offset: u32, problems: &mut Problems) -> Option<Node> {
    let file: Arc<str> = file.into();
    let mut reader = Reader {
        parser: Parser::new_from_str(text),
        file,
        line_offset,
        anchors: HashMap::new(),
        nodes: 0,
        problems,
    };
    reader.document()
}

struct Reader<'i, 'p> {
    parser: Parser<'i, StrInput<'i>>,
    file: Arc<str>,
    line_offset: u32,
    anchors: HashMap<usize, (Node, usize)>,
    nodes: usize,
    problems: &'p mut Problems,
}

impl<'i> Reader<'i, '_> {
    fn document(&mut self) -> Option<Node> {
        loop {
            let (event, span) = self.event()?;
            match event {
                Event::StreamStart | Event::DocumentStart(_) | Event::Nothing => {}
                Event::StreamEnd | Event::DocumentEnd => {
                    let place = self.place(&span);
                    return Some(Node { place, path: Some("".into()), shape: Shape::Empty });
                }
                event => {
                    let node = self.node(event, span, "".into(), 0)?;
                    return self.nothing_after(node);
                }
            }
        }
    }

    /// A second document would be dropped silently; say so instead.
    fn nothing_after(&mut self, node: Node) -> Option<Node> {
        loop {
            let (event, span) = self.event()?;
            match event {
                Event::StreamEnd => return Some(node),
                Event::DocumentEnd | Event::Nothing => {}
                _ => {
                    let place = self.place(&span);
                    self.problems.add(
                        &place,
                        Said::new(
                            "2 つ目の YAML 文書は読まれません",
                            "a second YAML document is not read",
                        ),
                    );
                    return None;
                }
            }
        }
    }

    fn event(&mut self) -> Option<(Event<'i>, Span)> {
        match self.parser.next_event()? {
            Ok(event) => Some(event),
            Err(error) => {
                let line = u32::try_from(error.marker().line()).unwrap_or(u32::MAX);
                let place =
                    Place { file: self.file.clone(), line: line.saturating_add(self.line_offset) };
                self.problems.add_with_hint(
                    &place,
                    Said::new(
                        format!("YAML の構文エラー: {}", error.info()),
                        format!("YAML syntax error: {}", error.info()),
                    ),
                    Said::new(
                        "字下げ (空白のみ) と引用符を確かめてください",
                        "check the indentation (spaces only) and the quotes",
                    ),
                );
                None
            }
        }
    }

    fn place(&self, span: &Span) -> Place {
        let line = u32::try_from(span.start.line()).unwrap_or(u32::MAX);
        Place { file: self.file.clone(), line: line.saturating_add(self.line_offset) }
    }

    fn node(&mut self, event: Event<'i>, span: Span, path: Arc<str>, depth: usize) -> Option<Node> {
        let place = self.place(&span);
        let before = self.nodes;
        self.nodes += 1;
        if depth > DEPTH_LIMIT || self.nodes > NODE_LIMIT {
            self.problems.add(
                &place,
                Said::new("入れ子か別名が多すぎます", "too deeply nested, or too many aliases"),
            );
            return None;
        }
        let (anchor, shape) = match event {
            Event::Scalar(text, style, anchor, _) => (anchor, scalar(&text, style)),
            Event::SequenceStart(anchor, _) => (anchor, self.list(&path, depth)?),
            Event::MappingStart(anchor, _) => (anchor, self.map(&path, depth)?),
            Event::Alias(anchor) => {
                let Some((node, size)) = self.anchors.get(&anchor).cloned() else {
                    self.problems
                        .add(&place, Said::new("未定義の別名です", "this alias is not defined"));
                    return None;
                };
                self.nodes += size;
                (0, node.shape)
            }
            _ => (0, Shape::Empty),
        };
        let node = Node { place, path: Some(path), shape };
        if anchor > 0 {
            self.anchors.insert(anchor, (node.clone(), self.nodes - before));
        }
        Some(node)
    }

    fn list(&mut self, path: &str, depth: usize) -> Option<Shape> {
        let mut nodes: Vec<Node> = Vec::new();
        loop {
            match self.event()? {
                (Event::SequenceEnd, _) => return Some(Shape::List(nodes)),
                (event, span) => {
                    let path = below(path, &(nodes.len() + 1).to_string());
                    nodes.push(self.node(event, span, path, depth + 1)?);
                }
            }
        }
    }

    fn map(&mut self, path: &str, depth: usize) -> Option<Shape> {
        let mut entries: Vec<(String, Place, Node)> = Vec::new();
        loop {
            let (event, span) = self.event()?;
            let place = self.place(&span);
            let key = match event {
                Event::MappingEnd => return Some(Shape::Map(entries)),
                Event::Scalar(text, ..) => text.into_owned(),
                _ => {
                    self.problems.add(
                        &place,
                        Said::new("キーは文字列でなければなりません", "a key must be a text"),
                    );
                    return None;
                }
            };
            let (event, span) = self.event()?;
            let value = self.node(event, span, below(path, &key), depth + 1)?;
            if let Some((_, first, _)) = entries.iter().find(|(known, ..)| *known == key) {
                self.problems.add(
                    &place,
                    Said::new(
                        format!("キー `{key}` が 2 回あります ({} 行目にもあります)", first.line),
                        format!("key `{key}` is here twice (also in line {})", first.line),
                    ),
                );
                continue;
            }
            entries.push((key, place, value));
        }
    }
}

/// Plain `null`, `~` or nothing is empty; in quotes it is text.
fn scalar(text: &str, style: ScalarStyle) -> Shape {
    if style == ScalarStyle::Plain && matches!(text, "" | "~" | "null") {
        Shape::Empty
    } else {
        Shape::Scalar(text.to_owned())
    }
}
