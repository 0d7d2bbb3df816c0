//! What a scanner is: a program of somebody else, how it is asked, and how its answer is read.

use crate::finding::Finding;
use serde_json::Value;
use std::{ffi::OsString, path::Path};

/// What a scanner is pointed at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pointed {
    /// A whole folder.
    Folder,
    /// Every file with such a name: the whole name, or its beginning and its end.
    Files(&'static [(&'static str, &'static str)]),
}

/// A scanner: a row of the table.
pub struct Scanner {
    /// Its name in findings.
    pub name: &'static str,
    /// The program.
    pub program: &'static str,
    /// What it is pointed at.
    pub pointed: Pointed,
    /// How it is asked about a folder or a file; it runs inside the folder.
    pub arguments: fn(&Path) -> Vec<OsString>,
    /// The exit codes with which it has looked.
    pub looked: &'static [i32],
    /// The exit codes with which it says that there is nothing for it.
    pub nothing: &'static [i32],
    /// Its answer, and the text of the file that it was pointed at.
    pub parse: fn(&Value, &str) -> Result<Answer, String>,
    /// How a person installs it.
    pub install: &'static str,
}

/// What a scanner found.
#[derive(Debug)]
pub struct Answer {
    /// The weak places.
    pub findings: Vec<Finding>,
    /// What it says that it left out.
    pub left_out: Option<String>,
}

impl From<Vec<Finding>> for Answer {
    fn from(findings: Vec<Finding>) -> Self {
        Self { findings, left_out: None }
    }
}

impl Pointed {
    /// Whether a file of this name is for it.
    pub(crate) fn takes(self, name: &str) -> bool {
        let Self::Files(names) = self else { return false };
        names.iter().any(|(begins, ends)| {
            name.len() >= begins.len() + ends.len()
                && name.starts_with(begins)
                && name.ends_with(ends)
                && (!ends.is_empty() || name == *begins)
        })
    }
}

/// Arguments that we wrote ourselves.
pub(crate) fn words(words: &[&str]) -> Vec<OsString> {
    words.iter().map(OsString::from).collect()
}
