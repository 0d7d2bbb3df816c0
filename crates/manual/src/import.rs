//! A team's documents to drafts of runbooks and of a configuration, each part with the line that it comes from.
//!
//! | | |
//! | --- | --- |
//! | types | [`places`]: where things come from and go to; [`made`]: what comes out; [`names`]: which alert a title means, names of files and steps |
//! | reading | [`procedures`]: which part of a document is a runbook; [`pieces`]: a block in groups; [`steps`]: a group as a step, [`looking`]: whether it surely only looks, [`keeping`]: whether it keeps evidence; [`alerts`]: one object per alert; [`people`]: contacts, routes, escalation; [`aside`]: what hikeshi has no place for |
//! | writing | [`draft`]: a runbook, with its [`choices`], as [`markdown`]; [`settings`]: `hikeshi.yaml`, with [`services`]; [`yaml`]; [`fate`]: what an import again does to each file |
//!
//! Nothing here runs anything, and what it makes says `mode: manual`. The same bytes give the same files: no date, no
//! machine. What the documents leave open is a box in the draft ([`crate::rules`]: `import-open`), never a guess.

mod alerts;
mod aside;
mod choices;
mod draft;
pub mod fate;
mod keeping;
mod looking;
pub mod made;
mod markdown;
pub mod names;
mod people;
mod pieces;
pub mod places;
mod procedures;
mod services;
mod settings;
mod steps;
mod yaml;

pub use alerts::{Alert, Conflict};
pub use made::{Imported, Made};
pub use places::{ASIDE, At, FINDINGS, LEFT, Open, RUNBOOKS, SETTINGS};

use crate::{lint::Document, lint::lint, page::Page, rule::Look, rules::by_id};
use jiff::civil::Date;
use std::{borrow::Cow, collections::BTreeMap};

/// More commands than people write into one document.
const COMMANDS_LIMIT: usize = 1_000;

/// Turns documents into files: their paths in the folder that is written, and their texts.
pub fn import(documents: &[Document<'_>]) -> Imported {
    let texts: Vec<Cow<'_, str>> =
        documents.iter().map(|document| crate::lint::plain_lines(document.text)).collect();
    let pages: Vec<Page<'_>> = documents
        .iter()
        .zip(&texts)
        .map(|(document, text)| Page::read(document.file, text))
        .collect();
    let alerts = alerts::read(&pages);
    let procedures = procedures::read(&pages);
    let drafts = draft::of(&pages, procedures, &alerts);
    let mut files = BTreeMap::new();
    for (made, text) in &drafts {
        files.insert(made.file.clone(), text.clone());
    }
    let aside = aside::read(&pages);
    let mut open = Vec::new();
    let settings = settings::write(&pages, &alerts, &drafts, &mut open);
    files.insert(SETTINGS.to_owned(), settings);
    files.insert(ASIDE.to_owned(), aside::write(&aside));
    let drafts: Vec<Made> = drafts.into_iter().map(|(made, _)| made).collect();
    let counts = beside(documents, &pages, &drafts, &mut files);
    let conflicts = alerts.iter().flat_map(|alert| alert.conflicts.iter().cloned()).collect();
    Imported {
        files,
        drafts,
        alerts,
        conflicts,
        open,
        aside: aside::counts(&aside),
        findings: counts,
    }
}

/// Lays what the linter says of the documents beside the drafts. What depends on the date is left to `lint`.
fn beside(
    documents: &[Document<'_>],
    pages: &[Page<'_>],
    drafts: &[Made],
    files: &mut BTreeMap<String, String>,
) -> [usize; 3] {
    let mut counts = [0; 3];
    let mut of_file: BTreeMap<&str, Vec<&Made>> = BTreeMap::new();
    for made in drafts {
        of_file.entry(&made.from.file).or_default().push(made);
    }
    let mut texts: BTreeMap<String, String> = BTreeMap::new();
    // Rules look from command to command; what nobody wrote by hand is not worth that time here.
    let commands = |page: &Page<'_>| -> usize {
        page.blocks.iter().map(|block| block.script.commands.len()).sum()
    };
    let (mut linted, mut is_huge) = (Vec::new(), Vec::new());
    for (document, page) in documents.iter().zip(pages) {
        match commands(page) > COMMANDS_LIMIT {
            true => is_huge.push(document.file),
            false => linted.push(*document),
        }
    }
    for file in is_huge {
        let row = format!(
            "{file}:1: コマンドが {COMMANDS_LIMIT} を超えるため、ここでは検査していません (`hikeshi runbook lint`)\n  more than {COMMANDS_LIMIT} commands: not linted here (`hikeshi runbook lint`)\n"
        );
        texts.entry(FINDINGS.to_owned()).or_default().push_str(&row);
    }
    for finding in lint(&linted, Date::ZERO) {
        if by_id(finding.rule).is_some_and(|rule| matches!(rule.look, Look::Dated(_))) {
            continue;
        }
        counts[finding.level as usize] += 1;
        let has_line = |made: &&&Made| {
            made.spans.iter().any(|(first, last)| (*first..=*last).contains(&finding.line))
        };
        let near = of_file.get(finding.file.as_str()).and_then(|all| all.iter().find(has_line));
        let file = match near {
            Some(made) => format!("{RUNBOOKS}/{}.{FINDINGS}", made.name),
            None => FINDINGS.to_owned(),
        };
        let column = finding.column.map(|column| format!(":{column}")).unwrap_or_default();
        let row = format!(
            "{}:{}{column}: {}: {} ({})\n  {}\n",
            finding.file,
            finding.line,
            finding.level,
            finding.message.ja,
            finding.rule,
            finding.message.en
        );
        texts.entry(file).or_default().push_str(&row);
    }
    files.extend(texts);
    counts
}
