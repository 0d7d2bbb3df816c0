//! A sentence in both languages: whoever shows it picks one, nobody has to translate later.

use serde::{Deserialize, Serialize};
use std::fmt;

/// The languages that hikeshi speaks; they are equal (house choice 10).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// Japanese (日本語).
    #[default]
    Ja,
    /// English.
    En,
}

impl Language {
    /// Reads a language from its two-letter code or from a locale such as `ja_JP.UTF-8`.
    ///
    /// ```
    /// use domain::said::Language;
    /// assert_eq!(Language::from_code("ja_JP.UTF-8"), Some(Language::Ja));
    /// assert_eq!(Language::from_code("en-GB"), Some(Language::En));
    /// assert_eq!(Language::from_code("fr"), None);
    /// ```
    pub fn from_code(code: &str) -> Option<Self> {
        match code.split(['_', '-', '.']).next().unwrap_or_default() {
            "ja" => Some(Self::Ja),
            "en" | "C" | "POSIX" => Some(Self::En),
            _ => None,
        }
    }

    /// Picks one of two texts.
    pub fn pick<T>(self, ja: T, en: T) -> T {
        match self {
            Self::Ja => ja,
            Self::En => en,
        }
    }
}

/// One sentence, in Japanese and in English.
///
/// ```
/// use domain::said::{Language, Said};
/// let said = Said::new("設定がありません", "there is no configuration");
/// assert_eq!(said.text(Language::En), "there is no configuration");
/// ```
///
/// Facts carry it as `{"ja": …, "en": …}`. A plain text is read as well: of another system, or from a journal of the time
/// when a fact had one language only.
///
/// ```
/// use domain::said::Said;
/// let old: Said = serde_json::from_str("\"connection refused\"").expect("a text");
/// assert_eq!(old, Said::same("connection refused"));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Written")]
pub struct Said {
    /// The Japanese text.
    pub ja: String,
    /// The English text.
    pub en: String,
}

impl Said {
    /// A sentence from its two texts.
    pub fn new(ja: impl Into<String>, en: impl Into<String>) -> Self {
        Self { ja: ja.into(), en: en.into() }
    }

    /// The same words in both languages: names, numbers, text from outside.
    pub fn same(text: impl Into<String>) -> Self {
        let text = text.into();
        Self { ja: text.clone(), en: text }
    }

    /// A sentence that is put together in each language in turn.
    pub fn each(text: impl Fn(Language) -> String) -> Self {
        Self { ja: text(Language::Ja), en: text(Language::En) }
    }

    /// The sentence within what is the same in both languages: a name, a number, a mark.
    ///
    /// ```
    /// use domain::said::Said;
    /// let why = Said::new("応答なし", "no answer");
    /// assert_eq!(why.within(|why| format!("api-1: {why}")).ja, "api-1: 応答なし");
    /// ```
    pub fn within(&self, put: impl Fn(&str) -> String) -> Self {
        Self { ja: put(&self.ja), en: put(&self.en) }
    }

    /// Several sentences as one, with the same mark between them in both languages.
    pub fn join<'a>(all: impl IntoIterator<Item = &'a Self> + Clone, between: &str) -> Self {
        Self::each(|language| {
            let texts: Vec<_> = all.clone().into_iter().map(|said| said.text(language)).collect();
            texts.join(between)
        })
    }

    /// Whether nothing is said.
    pub fn is_empty(&self) -> bool {
        self.ja.is_empty() && self.en.is_empty()
    }

    /// The text in one language.
    pub fn text(&self, language: Language) -> &str {
        language.pick(&self.ja, &self.en)
    }
}

/// How a sentence may be written down.
#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Same(String),
    Both { ja: String, en: String },
}

impl From<Written> for Said {
    fn from(written: Written) -> Self {
        match written {
            Written::Same(text) => Self::same(text),
            Written::Both { ja, en } => Self { ja, en },
        }
    }
}

/// What others say is shown as they say it.
impl From<String> for Said {
    fn from(text: String) -> Self {
        Self::same(text)
    }
}

/// The same for a borrowed text.
impl From<&str> for Said {
    fn from(text: &str) -> Self {
        Self::same(text)
    }
}

/// English, for logs and `{}`; people see [`Said::text`] in their language.
impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.en)
    }
}
