//! Where things come from and where they go: lines of documents, files of the folder that is written.

use domain::said::Said;
use std::fmt;

/// The configuration, in the folder that is written.
pub const SETTINGS: &str = "hikeshi.yaml";
/// What the documents say and hikeshi has no place for.
pub const ASIDE: &str = "not-yet.yaml";
/// Findings of the linter that belong to no draft.
pub const FINDINGS: &str = "findings.txt";
/// The heading of what a draft leaves open, in Japanese and English; the linter knows it.
pub const LEFT: (&str, &str) = ("取り込みの残り", "Left by the import");
/// The folder of the drafts.
pub const RUNBOOKS: &str = "runbooks";

/// A line of a document.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct At {
    /// The document, as it was given.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
}

impl At {
    /// A line of a document.
    pub(crate) fn new(file: &str, line: u32) -> Self {
        Self { file: file.to_owned(), line }
    }
}

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// Something that a person has to settle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Open {
    /// Where the document leaves it open.
    pub at: At,
    /// What is open.
    pub what: Said,
}
