//! What somebody looks for: words, each of which must stand somewhere.

use domain::ids::IncidentId;

/// The words that somebody looks for.
#[derive(Clone, Debug)]
pub(crate) struct Search {
    words: Vec<String>,
}

impl Search {
    /// The words of a text.
    pub(crate) fn of(text: &str) -> Self {
        Self { words: text.to_lowercase().split_whitespace().map(ToOwned::to_owned).collect() }
    }

    /// Whether nobody said anything.
    pub(crate) fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// Whether every word stands in one of these texts.
    pub(crate) fn fits(&self, texts: &[&str]) -> bool {
        let all = texts.join("\n").to_lowercase();
        self.words.iter().all(|word| all.contains(word.as_str()))
    }

    /// The incident whose number it is.
    pub(crate) fn number(&self) -> Option<IncidentId> {
        match self.words.as_slice() {
            [one] => one.parse().ok(),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_must_stand_somewhere() {
        let search = Search::of("  API ｅx 予測 ");
        assert!(!search.fits(&["予測 API"]));
        assert!(Search::of("予測 api").fits(&["予測 API", "web"]));
        assert!(Search::of("web api").fits(&["予測 API", "web"]));
        assert!(Search::of("").fits(&["anything"]));
    }

    #[test]
    fn a_number_is_an_incident() {
        for (text, number) in [("7", Some(7)), ("inc-7", Some(7)), ("7 days", None), ("x", None)] {
            assert_eq!(Search::of(text).number(), number.map(IncidentId), "{text}");
        }
    }
}
