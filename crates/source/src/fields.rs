//! Takes a mapping apart key by key; what nobody asked for is reported as unknown.

use crate::{
    node::{Node, Shape, below},
    problem::{Assumed, Place, Problems},
};
use domain::said::Said;
use jiff::SignedDuration;
use std::sync::Arc;

/// The keys of one mapping, taken one after the other. Call [`Fields::finish`] at the end.
///
/// A default that is taken because nothing is written is kept in [`Problems::assumed`]: who asks what holds is told by
/// the same reader.
pub struct Fields<'a> {
    place: Place,
    path: Option<Arc<str>>,
    entries: &'a [(String, Place, Node)],
    asked: Vec<&'static str>,
}

impl<'a> Fields<'a> {
    /// Opens a mapping; nothing written counts as an empty one.
    pub fn open(node: &'a Node, problems: &mut Problems) -> Option<Self> {
        let entries = node.entries(problems)?;
        let (place, path) = (node.place.clone(), node.path.clone());
        Some(Self { place, path, entries, asked: Vec::new() })
    }

    /// Where the mapping starts.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// The value of a key, when it is there.
    pub fn optional(&mut self, key: &'static str) -> Option<&'a Node> {
        if !self.asked.contains(&key) {
            self.asked.push(key);
        }
        self.entries.iter().find(|(known, ..)| known == key).map(|(_, _, node)| node)
    }

    /// The value of a key; its absence is a problem.
    pub fn required(&mut self, key: &'static str, problems: &mut Problems) -> Option<&'a Node> {
        let node = self.optional(key);
        if node.is_none() {
            problems.add_with_hint(
                &self.place,
                Said::new(format!("`{key}` がありません"), format!("`{key}` is missing")),
                Said::new(format!("`{key}:` を書いてください"), format!("add `{key}:` here")),
            );
        }
        node
    }

    /// A text, when it is there.
    pub fn text(&mut self, key: &'static str, problems: &mut Problems) -> Option<String> {
        self.optional(key)?.text(problems)
    }

    /// A text with its default.
    pub fn text_or(&mut self, key: &'static str, default: &str, problems: &mut Problems) -> String {
        let node = self.or_assume(key, || default.to_owned(), problems);
        node.and_then(|node| node.text(problems)).unwrap_or_else(|| default.to_owned())
    }

    /// A list of texts; empty when it is not there.
    pub fn texts(&mut self, key: &'static str, problems: &mut Problems) -> Vec<String> {
        self.optional(key).and_then(|node| node.texts(problems)).unwrap_or_default()
    }

    /// A flag with its default.
    pub fn flag_or(&mut self, key: &'static str, default: bool, problems: &mut Problems) -> bool {
        let node = self.or_assume(key, || default.to_string(), problems);
        node.and_then(|node| node.flag(problems)).unwrap_or(default)
    }

    /// A whole number with its default.
    pub fn count_or(&mut self, key: &'static str, default: u64, problems: &mut Problems) -> u64 {
        let node = self.or_assume(key, || default.to_string(), problems);
        node.and_then(|node| node.count(problems)).unwrap_or(default)
    }

    /// A number with its default.
    pub fn number_or(&mut self, key: &'static str, default: f64, problems: &mut Problems) -> f64 {
        let node = self.or_assume(key, || default.to_string(), problems);
        node.and_then(|node| node.number(problems)).unwrap_or(default)
    }

    /// A duration with its default.
    pub fn duration_or(
        &mut self,
        key: &'static str,
        default: SignedDuration,
        problems: &mut Problems,
    ) -> SignedDuration {
        let node = self.or_assume(key, || format!("{default:#}"), problems);
        node.and_then(|node| node.duration(problems)).unwrap_or(default)
    }

    /// A mapping under a key; where nobody wrote one, an empty one, whose defaults hold all the same.
    pub fn mapping(&mut self, key: &'static str) -> Node {
        self.optional(key).cloned().unwrap_or_else(|| Node {
            place: self.place.clone(),
            path: self.path.as_ref().map(|path| below(path, key)),
            shape: Shape::Empty,
        })
    }

    /// The value of a key; that it is not there is kept with what the caller takes instead.
    pub fn or_assume(
        &mut self,
        key: &'static str,
        default: impl FnOnce() -> String,
        problems: &mut Problems,
    ) -> Option<&'a Node> {
        let node = self.optional(key);
        if let (None, Some(path)) = (node, &self.path) {
            let (file, path) = (self.place.file.clone(), below(path, key).to_string());
            problems.assume(Assumed { file, path, value: default() });
        }
        node
    }

    /// The keys that were not asked for so far, for mappings whose keys people choose (attributes).
    pub fn rest(&mut self) -> Vec<&'a (String, Place, Node)> {
        self.entries.iter().filter(|(key, ..)| !self.asked.contains(&key.as_str())).collect()
    }

    /// Reports every key that nobody asked for, with the nearest known one.
    pub fn finish(mut self, problems: &mut Problems) {
        for (key, place, _) in self.rest() {
            let message = Said::new(format!("不明なキー `{key}`"), format!("unknown key `{key}`"));
            let near = self
                .asked
                .iter()
                .map(|known| (strsim::osa_distance(key, known), known))
                .min()
                .filter(|(distance, known)| *distance <= 2.max(known.len() / 3));
            let hint = match near {
                Some((_, known)) => Said::new(
                    format!("`{known}` のことですか?"),
                    format!("did you mean `{known}`?"),
                ),
                None => {
                    let known = self.asked.join(", ");
                    Said::new(format!("使えるキー: {known}"), format!("known keys: {known}"))
                }
            };
            problems.add_with_hint(place, message, hint);
        }
    }
}
