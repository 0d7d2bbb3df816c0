//! Importing again: what becomes of each file, so that people's edits stay and the same bytes change nothing.

use runbook::digest;

/// What was generated the last time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Before {
    /// The digest of the text.
    pub digest: String,
    /// The digest without the numbers of lines, which move when a line is added above.
    pub meaning: String,
}

impl Before {
    /// Of a text.
    pub fn of(text: &str) -> Self {
        let digest = digest::of_bytes(text.as_bytes());
        let meaning: Vec<String> = text.lines().map(without_places).collect();
        Self { digest, meaning: digest::of_bytes(meaning.join("\n").as_bytes()) }
    }
}

/// What becomes of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// It was not there: written.
    New,
    /// Nobody edited it, and the documents changed: written anew.
    Updated,
    /// It is what it would be made.
    Same,
    /// A person edited it, and the documents did not change in what it says: kept.
    Edited,
    /// A person edited it, and the documents changed, too: kept, and the difference is shown.
    Differs,
    /// A person removed it: it stays away.
    Removed,
    /// The documents no longer give it: kept.
    Dropped,
    /// Findings that the documents no longer give, and nobody edited: taken away.
    Gone,
}

impl Fate {
    /// Its word.
    pub fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Updated => "updated",
            Self::Same => "same",
            Self::Edited => "edited",
            Self::Differs => "differs",
            Self::Removed => "removed",
            Self::Dropped => "dropped",
            Self::Gone => "gone",
        }
    }

    /// Whether the file is written.
    pub fn is_written(self) -> bool {
        matches!(self, Self::New | Self::Updated)
    }
}

/// What becomes of a file: `new` is what it would be made, `there` what lies there, `before` what was made the last time.
pub fn fate(new: Option<&str>, there: Option<&str>, before: Option<&Before>) -> Fate {
    match (new, there, before) {
        (Some(new), Some(there), _) if new == there => Fate::Same,
        (Some(_), None, None) => Fate::New,
        (_, None, _) => Fate::Removed,
        (None, ..) => Fate::Dropped,
        (Some(new), Some(there), Some(before)) => {
            let is_edited = digest::of_bytes(there.as_bytes()) != before.digest;
            let is_changed = Before::of(new).meaning != before.meaning;
            match (is_edited, is_changed) {
                (false, _) => Fate::Updated,
                (true, false) => Fate::Edited,
                (true, true) => Fate::Differs,
            }
        }
        // It was there before any import: whoever wrote it knows why.
        (Some(_), Some(_), None) => Fate::Differs,
    }
}

/// A line without the numbers of the lines that it comes from: `DOC.md:12-14` is `DOC.md:`.
pub fn without_places(row: &str) -> String {
    let mut kept = String::with_capacity(row.len());
    let mut rest = row;
    while let Some(at) = rest.find(".md:") {
        let end = at + ".md:".len();
        kept.push_str(&rest[..end]);
        rest = rest[end..].trim_start_matches(|c: char| c.is_ascii_digit() || c == '-');
    }
    kept + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "restart it  # a.md:3\n";
    const MOVED: &str = "restart it  # a.md:4\n";
    const NEW: &str = "reload it  # a.md:3\n";
    const MINE: &str = "restart it twice  # a.md:3\n";

    #[test]
    fn what_nobody_edited_follows_the_document() {
        let before = Before::of(OLD);
        assert_eq!(fate(Some(OLD), Some(OLD), Some(&before)), Fate::Same);
        assert_eq!(fate(Some(NEW), Some(OLD), Some(&before)), Fate::Updated);
        assert_eq!(fate(Some(MOVED), Some(OLD), Some(&before)), Fate::Updated);
        assert_eq!(fate(Some(NEW), None, None), Fate::New);
    }

    #[test]
    fn what_a_person_wrote_stays() {
        let before = Before::of(OLD);
        assert_eq!(fate(Some(OLD), Some(MINE), Some(&before)), Fate::Edited);
        // A line more above changes nothing in what it says.
        assert_eq!(fate(Some(MOVED), Some(MINE), Some(&before)), Fate::Edited);
        assert_eq!(fate(Some(NEW), Some(MINE), Some(&before)), Fate::Differs);
        assert_eq!(fate(Some(NEW), Some(MINE), None), Fate::Differs);
        assert_eq!(fate(Some(OLD), None, Some(&before)), Fate::Removed);
        assert_eq!(fate(None, Some(OLD), Some(&before)), Fate::Dropped);
    }
}
