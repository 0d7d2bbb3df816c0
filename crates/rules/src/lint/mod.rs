//! The linter: every rule through every check. A clean file has no error and no warning.

mod known;
mod limits;
mod names;
mod style;

use crate::{exported::Exported, file::RuleFile, finding::Finding};
use known::Known;

/// Looks at all rules of all files together: what one records another may name, and limits may contradict each other.
///
/// Without `exported` nothing is said about metrics and labels. Sorted by place.
pub fn lint(files: &[RuleFile], exported: Option<&Exported>) -> Vec<Finding> {
    let known = Known::of(files, exported);
    let rules = || files.iter().flat_map(RuleFile::rules);
    let mut findings: Vec<_> = rules()
        .flat_map(|rule| names::check(rule, &known).into_iter().chain(style::check(rule, &known)))
        .collect();
    findings.extend(style::check_absence(files));
    findings.extend(limits::check(files));
    findings.sort_by(|a, b| (&a.place, a.kind).cmp(&(&b.place, b.kind)));
    findings.dedup();
    findings
}
