//! A value of a YAML text with its place, and its reading into typed values.

use crate::problem::{Place, Problems};
use domain::said::Said;
use jiff::SignedDuration;
use std::sync::Arc;

/// A value and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Where it starts.
    pub place: Place,
    /// Its keys from the top of its file, `probes.web/up`; empty: it is the top; none: nobody wrote it.
    pub path: Option<Arc<str>>,
    /// What it is.
    pub shape: Shape,
}

/// The shapes of YAML. Scalars stay text until somebody asks for a type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Nothing was written.
    Empty,
    /// A scalar, as written, without its quotes.
    Scalar(String),
    /// A list.
    List(Vec<Node>),
    /// A mapping in written order; keys are scalars with their places.
    Map(Vec<(String, Place, Node)>),
}

/// The path of what stands under a key, or in a list under a number from 1.
pub(crate) fn below(path: &str, key: &str) -> Arc<str> {
    if path.is_empty() { key.into() } else { format!("{path}.{key}").into() }
}

impl Node {
    /// A value that nobody wrote, as if it stood there.
    pub fn made_up(place: Place, shape: Shape) -> Self {
        Self { place, path: None, shape }
    }

    /// Lays `over` on this: mappings are merged key by key, everything else is replaced,
    /// and a key without a value takes away what stood there.
    #[must_use]
    pub fn overlaid_with(self, over: Node) -> Node {
        match (self.shape, over.shape) {
            (Shape::Map(mut under), Shape::Map(entries)) => {
                for (key, place, node) in entries {
                    match under.iter().position(|(known, ..)| *known == key) {
                        // `key: ~` takes away what stands below.
                        Some(index) if node.shape == Shape::Empty => {
                            under.remove(index);
                        }
                        Some(index) => {
                            let (_, _, below) = under.remove(index);
                            under.insert(index, (key, place, below.overlaid_with(node)));
                        }
                        None => under.push((key, place, node)),
                    }
                }
                Node { place: self.place, path: self.path, shape: Shape::Map(under) }
            }
            (_, shape) => Node { place: over.place, path: over.path, shape },
        }
    }

    /// Whether `off` is written here: what an overlay or a default brought is switched off.
    pub fn is_off(&self) -> bool {
        self.shape == Shape::Scalar("off".into())
    }

    /// The scalar's text.
    pub fn text(&self, problems: &mut Problems) -> Option<String> {
        match &self.shape {
            Shape::Scalar(text) => Some(text.clone()),
            _ => self.wrong(problems, "文字列", "a text"),
        }
    }

    /// The scalar parsed by `FromStr`; the type's own error is the message.
    pub fn parse<T: std::str::FromStr<Err: std::fmt::Display>>(
        &self,
        problems: &mut Problems,
    ) -> Option<T> {
        match self.text(problems)?.parse() {
            Ok(value) => Some(value),
            Err(error) => {
                problems.add(&self.place, Said::same(error.to_string()));
                None
            }
        }
    }

    /// A finite number; `10_000` is allowed.
    pub fn number(&self, problems: &mut Problems) -> Option<f64> {
        match self.text(problems)?.replace('_', "").parse::<f64>() {
            Ok(number) if number.is_finite() => Some(number),
            _ => self.wrong(problems, "数", "a number"),
        }
    }

    /// A whole number from 0.
    pub fn count(&self, problems: &mut Problems) -> Option<u64> {
        match self.text(problems)?.replace('_', "").parse() {
            Ok(count) => Some(count),
            Err(_) => self.wrong(problems, "0 以上の整数", "a whole number from 0"),
        }
    }

    /// `true` or `false`.
    pub fn flag(&self, problems: &mut Problems) -> Option<bool> {
        match self.text(problems)?.as_str() {
            "true" => Some(true),
            "false" => Some(false),
            _ => self.wrong(problems, "true か false", "true or false"),
        }
    }

    /// A length of time, `500ms`, `30s`, `5m`, `1h 30m`; never negative.
    pub fn duration(&self, problems: &mut Problems) -> Option<SignedDuration> {
        let text = self.text(problems)?;
        match text.parse::<SignedDuration>() {
            Ok(duration) if !duration.is_negative() => Some(duration),
            _ if text == "0" => Some(SignedDuration::ZERO),
            _ => self.wrong(
                problems,
                "時間 (例: 500ms, 30s, 5m, 1h)",
                "a duration such as 500ms, 30s, 5m, 1h",
            ),
        }
    }

    /// A size in bytes: a whole number with an optional unit, `64MiB`, `1GB`.
    pub fn bytes(&self, problems: &mut Problems) -> Option<u64> {
        let text = self.text(problems)?;
        let split = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let (digits, unit) = text.split_at(split);
        let factor: Option<u64> = match unit.trim() {
            "" | "B" => Some(1),
            "KB" => Some(1000),
            "MB" => Some(1_000_000),
            "GB" => Some(1_000_000_000),
            "KiB" => Some(1 << 10),
            "MiB" => Some(1 << 20),
            "GiB" => Some(1 << 30),
            _ => None,
        };
        let bytes = digits.parse::<u64>().ok().zip(factor).and_then(|(n, f)| n.checked_mul(f));
        bytes.or_else(|| {
            self.wrong(problems, "サイズ (例: 64MiB, 1GB)", "a size such as 64MiB or 1GB")
        })
    }

    /// The elements of a list; a single scalar counts as a list of one.
    pub fn list(&self, problems: &mut Problems) -> Option<Vec<Node>> {
        match &self.shape {
            Shape::List(nodes) => Some(nodes.clone()),
            Shape::Scalar(_) => Some(vec![self.clone()]),
            Shape::Empty => Some(Vec::new()),
            Shape::Map(_) => self.wrong(problems, "リスト", "a list"),
        }
    }

    /// A list of texts; a single scalar counts as a list of one.
    pub fn texts(&self, problems: &mut Problems) -> Option<Vec<String>> {
        Some(self.list(problems)?.iter().filter_map(|node| node.text(problems)).collect())
    }

    /// The entries of a mapping, in written order.
    pub fn entries(&self, problems: &mut Problems) -> Option<&[(String, Place, Node)]> {
        match &self.shape {
            Shape::Map(entries) => Some(entries),
            Shape::Empty => Some(&[]),
            _ => self.wrong(problems, "キーと値の組", "a mapping of keys to values"),
        }
    }

    fn wrong<T>(&self, problems: &mut Problems, ja: &str, en: &str) -> Option<T> {
        let found = match &self.shape {
            Shape::Empty => Said::new("何も書かれていません", "nothing is written here"),
            Shape::Scalar(text) => Said::same(format!("`{text}`")),
            Shape::List(_) => Said::new("リスト", "a list"),
            Shape::Map(_) => Said::new("キーと値の組", "a mapping"),
        };
        problems.add(
            &self.place,
            Said::new(
                format!("{ja}が必要です (見つかったもの: {})", found.ja),
                format!("expected {en}, found {}", found.en),
            ),
        );
        None
    }
}
