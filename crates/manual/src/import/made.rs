//! What import makes: files, drafts, alerts, and what is left open.

use super::{
    alerts::{Alert, Conflict},
    places::{At, Open},
};
use std::collections::BTreeMap;

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
