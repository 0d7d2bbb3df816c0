//! `accounts:` what people show to sign in.

use domain::said::Said;
use source::{Fields, Node, Problems};

/// Whether everybody must have a second factor; without the section it is up to them.
pub(crate) fn read(node: Option<&Node>, problems: &mut Problems) -> bool {
    let Some(mut fields) = node.and_then(|node| Fields::open(node, problems)) else {
        return false;
    };
    let wanted = fields.optional("second_factor");
    let is_required = wanted.is_some_and(|node| is_required(node, problems));
    fields.finish(problems);
    is_required
}

fn is_required(node: &Node, problems: &mut Problems) -> bool {
    let text = node.text(problems).unwrap_or_default();
    if !matches!(text.as_str(), "required" | "optional") {
        problems.add(
            &node.place,
            Said::new(
                format!("`{text}` は使えません: required か optional"),
                format!("`{text}` is neither required nor optional"),
            ),
        );
    }
    text == "required"
}
