//! Text from outside: borrowed where the body allows it, cut at a character where it is too long.

use serde::{Deserialize, Deserializer, de};
use std::{borrow::Cow, fmt};

/// A JSON string that borrows from the body where it has no escapes; `null` is the empty text, as Go reads it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Text<'a>(pub(crate) Cow<'a, str>);

impl AsRef<str> for Text<'_> {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> de::Visitor<'de> for Visitor {
            type Value = Text<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }

            fn visit_unit<E>(self) -> Result<Text<'de>, E> {
                Ok(Text::default())
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

/// The beginning of a text that fits into so many bytes, with an ellipsis where something is missing.
pub(crate) fn cut(text: &str, bytes: usize) -> Cow<'_, str> {
    const ELLIPSIS: &str = "…";
    if text.len() <= bytes {
        return Cow::Borrowed(text);
    }
    let end = text.floor_char_boundary(bytes.saturating_sub(ELLIPSIS.len()));
    Cow::Owned(format!("{}{ELLIPSIS}", &text[..end]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_cut_between_characters_and_says_so() {
        assert_eq!(cut("火の見櫓", 12), "火の見櫓");
        assert_eq!(cut("火の見櫓", 11), "火の…");
        assert_eq!(cut("abcdef", 5), "ab…");
        assert_eq!(cut("abc", 0), "…");
    }

    #[test]
    fn a_text_without_escapes_is_not_copied() {
        let Text(plain) = serde_json::from_str(r#""api-1""#).expect("text");
        assert!(matches!(plain, Cow::Borrowed("api-1")));
        let Text(escaped) = serde_json::from_str(r#""a\nb""#).expect("text");
        assert_eq!(escaped, "a\nb");
        assert_eq!(serde_json::from_str::<Text>("null").expect("nothing"), Text::default());
        assert!(serde_json::from_str::<Text>("1").is_err());
    }
}
