//! What import makes: files, drafts, alerts, and what is left open.

use super::alerts::{Alert, Conflict};
use domain::said::Said;
use std::{collections::BTreeMap, fmt};

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

/// A draft of a runbook.
#[derive(Clone, Debug)]
pub struct Made {
    /// Its name: the file without `.md`.
    pub name: String,
    /// Its file in the folder that is written.
    pub file: String,
    /// Its title.
    pub title: String,
    /// The alert that it answers.
    pub alert: String,
    /// The only service that it acts on.
    pub service: Option<String>,
    /// Where it begins in its document.
    pub from: At,
    /// The lines that it is made of: first and last.
    pub spans: Vec<(u32, u32)>,
    /// Its steps that can run.
    pub steps: Vec<String>,
    /// How many steps lack something and cannot run.
    pub incomplete: usize,
    /// What is open in it.
    pub open: Vec<Open>,
}

/// Everything that came out.
#[derive(Debug)]
pub struct Imported {
    /// Texts by their paths.
    pub files: BTreeMap<String, String>,
    /// The drafts.
    pub drafts: Vec<Made>,
    /// The alerts.
    pub alerts: Vec<Alert>,
    /// Places of which only one can be right.
    pub conflicts: Vec<Conflict>,
    /// What is open in the configuration.
    pub open: Vec<Open>,
    /// How many things of which kind hikeshi has no place for yet.
    pub aside: Vec<(&'static str, usize)>,
    /// How many findings the linter has: info, warning, error.
    pub findings: [usize; 3],
}
