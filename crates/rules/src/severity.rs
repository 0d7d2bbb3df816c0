//! Words of `severity` labels to our levels (C2): other systems have more words than three.

use crate::file::Alerting;
use domain::severity::Level;

/// The label's value; none: there is no such label.
pub(crate) fn word(alerting: &Alerting) -> Option<&str> {
    ["severity", "level", "priority"]
        .iter()
        .find_map(|label| alerting.labels.get(*label))
        .map(String::as_str)
}

/// The level that a word stands for; none: the word is not known.
pub(crate) fn level(word: &str) -> Option<Level> {
    match word.to_lowercase().as_str() {
        "critical" | "crit" | "page" | "pager" | "emergency" | "fatal" | "disaster" | "high"
        | "p0" | "p1" | "sev0" | "sev1" => Some(Level::Critical),
        "warning" | "warn" | "error" | "medium" | "ticket" | "average" | "p2" | "sev2" => {
            Some(Level::Warning)
        }
        "info" | "information" | "informational" | "notice" | "low" | "none" | "p3" | "p4"
        | "sev3" | "sev4" => Some(Level::Info),
        other => other.parse().ok(),
    }
}

/// How loud an alerting rule is; none: it does not say, or in a word that is not known.
pub(crate) fn of(alerting: &Alerting) -> Option<Level> {
    word(alerting).and_then(level)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// C2: siblings say ERROR and High, Medium, Low.
    #[test]
    fn the_words_of_other_systems_are_known() {
        assert_eq!(level("page"), Some(Level::Critical));
        assert_eq!(level("ERROR"), Some(Level::Warning));
        assert_eq!(level("Low"), Some(Level::Info));
        assert_eq!(level("重大"), Some(Level::Critical));
        assert_eq!(level("loud"), None);
    }
}
