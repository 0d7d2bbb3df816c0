//! Recipes: how a text is taken from a document. `/host` is a JSON pointer, `{{/host}}: {{/msg}}` a template of them,
//! anything else is the text itself. A question mark behind a pointer means that it may be missing.

use crate::{json, text::cut};
use domain::said::Said;
use serde_json::Value;
use source::{Node, Problems};
use std::fmt;

/// Bytes of a text that a recipe makes.
const TEXT_BYTES: usize = 60 << 10;

/// How a text is taken from a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Recipe(Vec<Piece>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Fixed(String),
    At { pointer: String, is_optional: bool },
}

/// A pointer that leads nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Missing(String);

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is not in the document", self.0)
    }
}

impl Recipe {
    /// Reads a recipe as a person wrote it.
    pub fn parse(node: &Node, problems: &mut Problems) -> Option<Self> {
        let text = node.text(problems)?;
        match Self::read(&text) {
            Ok(recipe) => Some(recipe),
            Err((ja, en)) => {
                let hint = Said::new(
                    "例: `/host`、`\"{{/host}}: {{/msg?}}\"`",
                    "for example `/host`, `\"{{/host}}: {{/msg?}}\"`",
                );
                problems.add_with_hint(&node.place, Said::new(ja, en), hint);
                None
            }
        }
    }

    fn read(text: &str) -> Result<Self, (String, String)> {
        if text.starts_with('/') {
            return Ok(Self(vec![pointer(text)?]));
        }
        let (mut pieces, mut rest) = (Vec::new(), text);
        while let Some((before, after)) = rest.split_once("{{") {
            let Some((inside, behind)) = after.split_once("}}") else {
                return Err((
                    format!("`{text}` の `{{{{` が閉じていません"),
                    format!("a `{{{{` of `{text}` is not closed"),
                ));
            };
            if !before.is_empty() {
                pieces.push(Piece::Fixed(before.to_owned()));
            }
            pieces.push(pointer(inside.trim())?);
            rest = behind;
        }
        if !rest.is_empty() {
            pieces.push(Piece::Fixed(rest.to_owned()));
        }
        Ok(Self(pieces))
    }

    /// The text that a document gives; empty where everything that is missing may be.
    ///
    /// # Errors
    /// The first pointer that leads nowhere.
    pub fn apply(&self, document: &Value) -> Result<String, Missing> {
        let mut made = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Fixed(text) => made.push_str(text),
                Piece::At { pointer, is_optional } => match document.pointer(pointer) {
                    None | Some(Value::Null) if *is_optional => {}
                    None | Some(Value::Null) => return Err(Missing(pointer.clone())),
                    Some(value) => {
                        made.push_str(&json::scalar(value).unwrap_or_else(|| value.to_string()));
                    }
                },
            }
        }
        Ok(cut(&made, TEXT_BYTES).into_owned())
    }
}

fn pointer(text: &str) -> Result<Piece, (String, String)> {
    let (pointer, is_optional) = match text.strip_suffix('?') {
        Some(pointer) => (pointer, true),
        None => (text, false),
    };
    let tilde = |pair: &[u8]| pair[0] == b'~' && !matches!(pair.get(1), Some(b'0' | b'1'));
    let bytes = pointer.as_bytes();
    let is_broken = (0..bytes.len()).any(|at| tilde(&bytes[at..]));
    if !pointer.starts_with('/') || is_broken {
        return Err((
            format!("`{text}` は JSON ポインターではありません"),
            format!("`{text}` is not a JSON pointer"),
        ));
    }
    Ok(Piece::At { pointer: pointer.to_owned(), is_optional })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn made(recipe: &str, document: &Value) -> Result<String, String> {
        let recipe = Recipe::read(recipe).map_err(|(_, en)| en)?;
        recipe.apply(document).map_err(|missing| missing.to_string())
    }

    #[test]
    fn pointers_templates_and_fixed_texts_are_told_apart() {
        let document =
            json!({"host": "api-1", "n": 7, "a/b": {"c": [true, null]}, "x": "{{/host}}"});
        let text = |recipe: &str| made(recipe, &document);
        assert_eq!(text("/host").as_deref(), Ok("api-1"));
        assert_eq!(text("{{/host}}: {{ /n }}!").as_deref(), Ok("api-1: 7!"));
        assert_eq!(text("always").as_deref(), Ok("always"));
        assert_eq!(text("/a~1b/c/0").as_deref(), Ok("true"));
        assert_eq!(text("/a~1b/c").as_deref(), Ok("[true,null]"));
        assert_eq!(text("{{/x}}").as_deref(), Ok("{{/host}}"), "a document is no template");
    }

    /// A blank that nobody asked for would be a made-up value.
    #[test]
    fn what_is_missing_is_said_unless_it_may_be() {
        let document = json!({"null": null});
        for recipe in ["/msg", "x {{/msg}}"] {
            assert_eq!(made(recipe, &document), Err("`/msg` is not in the document".into()));
        }
        assert!(made("/null", &document).is_err());
        assert_eq!(made("/msg?", &document).as_deref(), Ok(""));
        assert_eq!(made("x {{/msg?}}", &document).as_deref(), Ok("x "));
    }

    #[test]
    fn what_is_no_recipe_is_refused() {
        for wrong in ["{{/a", "{{a}}", "{{}}", "/a~2", "/a~"] {
            assert!(Recipe::read(wrong).is_err(), "{wrong}");
        }
    }
}
