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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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

    /// The text in one language.
    pub fn text(&self, language: Language) -> &str {
        language.pick(&self.ja, &self.en)
    }
}

/// English, for logs and `{}`; people see [`Said::text`] in their language.
impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.en)
    }
}
