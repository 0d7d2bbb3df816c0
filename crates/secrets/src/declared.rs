//! `secrets:` in the configuration: names, where each is kept, in which order it is asked for there, and where it lies for
//! an emergency.

use crate::{
    env::Env,
    file::File,
    keeper::{Keeper, Kind},
    kinds,
};
use domain::said::Said;
use source::{Fields, Node, Place, Problems, Secret, Shape};
use std::{collections::BTreeMap, fmt, sync::Arc};

/// Secrets by name.
pub type Declarations = BTreeMap<String, Declared>;

/// Where a secret is kept.
#[derive(Clone, Debug, Default)]
pub struct Declared {
    /// The places, in the order in which they are asked.
    pub sources: Vec<Source>,
    /// The place for emergencies, asked only when the others cannot be reached.
    pub break_glass: Option<Source>,
}

/// One place where a secret is kept: `env:POSTGRES_PASSWORD`.
#[derive(Clone)]
pub struct Source {
    text: String,
    kind: &'static Kind,
    keeper: Arc<dyn Keeper>,
}

impl Source {
    /// Reads one as a person writes it.
    ///
    /// # Errors
    /// Why it is none.
    pub fn read(text: &str) -> Result<Self, Said> {
        let (name, rest) = text.split_once(':').unwrap_or((text, ""));
        let kind = kinds::by_name(name).ok_or_else(|| {
            let known: Vec<_> = kinds::KINDS.iter().map(|kind| kind.example).collect();
            let known = known.join(", ");
            Said::new(
                format!("`{text}` はシークレットの取得元ではありません。例: {known}"),
                format!("`{text}` is no source of a secret; examples: {known}"),
            )
        })?;
        Ok(Self { text: text.to_owned(), kind, keeper: (kind.parse)(rest)? })
    }

    /// Its kind.
    pub fn kind(&self) -> &'static Kind {
        self.kind
    }

    pub(crate) fn keeper(&self) -> &dyn Keeper {
        &*self.keeper
    }
}

impl Declared {
    /// A secret that stands under no name.
    pub(crate) fn of(secret: &Secret) -> Option<Self> {
        let (kind, keeper): (&str, Arc<dyn Keeper>) = match secret {
            Secret::Env(name) => ("env", Arc::new(Env(name.clone()))),
            Secret::File(path) => ("file", Arc::new(File(path.clone()))),
            Secret::Named { .. } => return None,
        };
        let source = Source { text: secret.to_string(), kind: kinds::by_name(kind)?, keeper };
        Some(Self { sources: vec![source], break_glass: None })
    }
}

/// `db-password: {sources: [google:…, env:…], break_glass: file:…}`, or only the sources.
pub fn read(node: Option<&Node>, problems: &mut Problems) -> Declarations {
    let entries = node.and_then(|node| node.entries(problems)).unwrap_or_default();
    let mut declared = Declarations::new();
    for (name, place, node) in entries.iter().filter(|(.., node)| !node.is_off()) {
        if !is_name(name, place, problems) {
            continue;
        }
        if let Some(one) = secret(name, place, node, problems) {
            declared.insert(name.clone(), one);
        }
    }
    declared
}

/// A name also stands in the name of a variable that a step of a runbook gets.
fn is_name(name: &str, place: &Place, problems: &mut Problems) -> bool {
    let is_plain = name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.len() <= 64
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if !is_plain {
        problems.add_with_hint(
            place,
            Said::new(
                format!("`{name}` はシークレットの名前に使えません"),
                format!("`{name}` cannot be the name of a secret"),
            ),
            Said::new(
                "英小文字で始め、英小文字・数字・- を使ってください",
                "begin with a lower-case letter; use a-z, 0-9 and -",
            ),
        );
    }
    is_plain
}

fn secret(name: &str, place: &Place, node: &Node, problems: &mut Problems) -> Option<Declared> {
    let before = problems.len();
    let (sources, break_glass) = match &node.shape {
        Shape::Map(_) => {
            let mut fields = Fields::open(node, problems)?;
            let sources = fields.required("sources", problems).map(|node| sources(node, problems));
            let glass = fields.optional("break_glass").and_then(|node| source(node, problems));
            fields.finish(problems);
            (sources?, glass)
        }
        _ => (sources(node, problems), None),
    };
    if sources.is_empty() {
        problems.add(
            place,
            Said::new(
                format!("`{name}` には取得元が一つ以上必要です"),
                format!("`{name}` needs at least one source"),
            ),
        );
    }
    if let Some(glass) = &break_glass
        && problems.len() == before
        && !sources.iter().any(|source| source.kind.is_remote)
    {
        let glass = glass.to_string();
        problems.add_with_hint(
            place,
            Said::new(
                format!("`{name}` の取得元はすべてこのマシンにあり、`break_glass` は使われません"),
                format!(
                    "all sources of `{name}` are on this machine, so `break_glass` is never used"
                ),
            ),
            Said::new(
                format!("`{glass}` を `sources` の最後に加えてください"),
                format!("add `{glass}` to the end of `sources`"),
            ),
        );
    }
    Some(Declared { sources, break_glass })
}

fn sources(node: &Node, problems: &mut Problems) -> Vec<Source> {
    let nodes = node.list(problems).unwrap_or_default();
    nodes.iter().filter_map(|node| source(node, problems)).collect()
}

fn source(node: &Node, problems: &mut Problems) -> Option<Source> {
    match Source::read(&node.text(problems)?) {
        Ok(source) => Some(source),
        Err(said) => {
            problems.add(&node.place, said);
            None
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
