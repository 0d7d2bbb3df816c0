//! Ways in for other systems: their names, what they speak, and how their senders prove who they are.

use crate::{names, services};
use domain::{ids::IntegrationName, said::Said};
use intake::{
    format::{Format, Reader},
    kinds,
};
use source::{Fields, Node, Place, Problems, Secret};
use std::sync::Arc;

/// Formats whose senders sign what they send.
const SIGNING: [&str; 2] = ["github", "grafana"];

/// A way in for another system.
#[derive(Clone, Debug)]
pub struct Integration {
    /// Its name.
    pub name: IntegrationName,
    /// What it speaks.
    pub format: &'static Format,
    /// Reads its requests.
    pub reader: Arc<dyn Reader>,
    /// The secret by which its senders prove who they are, where one was named.
    pub secret: Option<Secret>,
}

/// `integrations:` maps a name to `{kind: …, secret: secret:NAME}` and the settings of the kind.
pub(crate) fn read(node: Option<&Node>, problems: &mut Problems) -> Vec<Integration> {
    let entries = node.and_then(|node| node.entries(problems)).unwrap_or_default();
    let entries = entries.iter().filter(|(.., node)| !node.is_off());
    entries.filter_map(|(name, place, node)| integration(name, place, node, problems)).collect()
}

fn integration(
    name: &str,
    place: &Place,
    node: &Node,
    problems: &mut Problems,
) -> Option<Integration> {
    let is_name = services::check_name(name, place, ("名前", "a name"), problems);
    let mut fields = Fields::open(node, problems)?;
    let format = fields.required("kind", problems).and_then(|node| format(node, problems))?;
    let secret = Secret::take(&mut fields, ["secret", "secret_env", "secret_file"], problems);
    if secret.is_some() && !SIGNING.contains(&format.name) {
        problems.add_with_hint(
            fields.place(),
            Said::new(
                format!("`{}` は署名を使いません", format.name),
                format!("`{}` has no signatures, so a secret proves nothing", format.name),
            ),
            Said::new(
                format!("`hikeshi token new {name}` でトークンを作ってください"),
                format!("make a token instead: hikeshi token new {name}"),
            ),
        );
    }
    let reader = (format.parse)(&mut fields, problems);
    fields.finish(problems);
    is_name.then_some(())?;
    Some(Integration { name: name.into(), format, reader: reader?, secret })
}

fn format(node: &Node, problems: &mut Problems) -> Option<&'static Format> {
    let text = node.text(problems)?;
    let found = kinds::by_name(&text);
    if found.is_none() {
        let known = kinds::KINDS.iter().map(|format| format.name);
        let word = ("integration の種類", "kind of integration");
        names::unknown(&node.place, word, &text, known, problems);
    }
    found
}
