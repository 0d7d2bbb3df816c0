//! Documents to findings: every rule looks, and what it found is put in order.

use crate::{
    finding::Finding,
    page::Page,
    rule::{Hits, Look},
    rules::RULES,
};
use domain::said::Said;
use jiff::civil::Date;
use std::borrow::Cow;

/// A document as it is.
#[derive(Clone, Copy, Debug)]
pub struct Document<'a> {
    /// The file, as it is to be shown.
    pub file: &'a str,
    /// Its text.
    pub text: &'a str,
}

/// Everything that is wrong with documents, in the order of the documents and their lines.
pub fn lint(documents: &[Document<'_>], today: Date) -> Vec<Finding> {
    let texts: Vec<Cow<'_, str>> =
        documents.iter().map(|document| plain_lines(document.text)).collect();
    let pages: Vec<Page<'_>> = documents
        .iter()
        .zip(&texts)
        .map(|(document, text)| Page::read(document.file, text))
        .collect();
    let mut found: Vec<(usize, Finding)> = Vec::new();
    for rule in RULES {
        let mut all: Vec<Hits> = pages.iter().map(|_| Hits::default()).collect();
        match rule.look {
            Look::Each(look) => {
                pages.iter().zip(&mut all).for_each(|(page, hits)| look(page, hits))
            }
            Look::Dated(look) => {
                pages.iter().zip(&mut all).for_each(|(page, hits)| look(page, today, hits));
            }
            Look::Together(look) => look(&pages, &mut all),
        }
        for (at, hits) in all.into_iter().enumerate() {
            found.extend(hits.0.into_iter().map(|hit| {
                let finding = Finding {
                    rule: rule.id,
                    level: hit.level.unwrap_or(rule.level),
                    file: pages[at].file.to_owned(),
                    line: hit.line,
                    column: hit.column,
                    message: hit.message,
                    hint: Said::new(rule.hint.0, rule.hint.1),
                };
                (at, finding)
            }));
        }
    }
    found.sort_by(|(a, one), (b, other)| {
        let key = |finding: &Finding| (finding.line, finding.column, finding.rule);
        (a, key(one), &one.message.en).cmp(&(b, key(other), &other.message.en))
    });
    found.dedup();
    found.into_iter().map(|(_, finding)| finding).collect()
}

/// Line ends of other systems count as ours; lines and columns stay.
pub(crate) fn plain_lines(text: &str) -> Cow<'_, str> {
    match text.contains('\r') {
        true => Cow::Owned(text.replace("\r\n", "\n").replace('\r', " ")),
        false => Cow::Borrowed(text),
    }
}
