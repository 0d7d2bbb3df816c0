//! Which parts of a document are runbooks, and what belongs to each.

use super::steps::{self, Step};
use crate::{
    block::{Block, role_of},
    page::{Heading, Page},
    rules::{
        form::{DATE, OWNER, VERSION, is_command_list},
        unfinished::trace,
    },
    text,
};
use runbook::roles::{self, Section};
use std::collections::{BTreeMap, BTreeSet};

/// A part of a document that becomes one runbook.
pub(crate) struct Procedure {
    /// Which document.
    pub(crate) page: usize,
    pub(crate) title: String,
    /// Where it begins.
    pub(crate) line: u32,
    /// The lines that it is made of.
    pub(crate) spans: Vec<(u32, u32)>,
    /// What the document says about it.
    pub(crate) about: Vec<(u32, String)>,
    pub(crate) triggers: Vec<(u32, String)>,
    pub(crate) owners: Vec<(u32, String)>,
    pub(crate) boxes: Vec<(u32, String)>,
    /// What a person does without a command.
    pub(crate) by_hand: Vec<(u32, String)>,
    pub(crate) steps: Vec<Step>,
    /// Whether it is one stage of a recovery, whose order is that of the stages.
    pub(crate) stage: Option<usize>,
}

/// Headings that are part of a procedure and say nothing of their own.
const PARTS: &[&str] = &[
    "手順",
    "対応手順",
    "即時対応手順",
    "概要",
    "影響",
    "背景",
    "説明",
    "関連リソース",
    "前提",
    "注意",
    "備考",
    "steps",
    "procedure",
    "summary",
    "overview",
    "impact",
    "background",
    "description",
    "context",
    "prerequisites",
    "references",
    "links",
    "resources",
    "notes",
    "resolution",
    "escalation",
    "actions",
    "what to do",
];
/// Words that may stand beside that of a role in a heading without making it a title.
const FILLING: &[&str] = &[
    "手順",
    "作業",
    "方法",
    "の",
    "と",
    "steps",
    "step",
    "procedure",
    "the",
    "issue",
    "problem",
    "and",
    "to",
    "how",
];
/// Sections whose blocks are settings or commands to look up, not steps.
const NO_PROCEDURE: &[&str] = &[
    "設定",
    "自動化",
    "自動更新",
    "環境変数",
    "認証情報",
    "configuration",
    "settings",
    "environment variables",
    "credentials",
    "インストール",
    "installation",
    "setup",
];
const STAGED: &[&str] = &["段階的", "staged", "in stages", "stage by stage"];

/// The procedures of all documents, in their order.
pub(crate) fn read(pages: &[Page<'_>]) -> Vec<Procedure> {
    // What is a runbook of hikeshi already needs no draft.
    let documents = pages.iter().enumerate().filter(|(_, page)| !page.is_runbook);
    documents.flat_map(|(at, page)| of_page(at, page)).collect()
}

/// Whether a block is a step of a procedure: not settings, not `export`, not a list of commands to pick from.
pub(crate) fn is_step(block: &Block, page: &Page<'_>) -> bool {
    let is_setting = page.is_under(block.line, NO_PROCEDURE) && role_of(&block.heading).is_none();
    let is_other = is_setting || is_exports(block) || is_command_list(block, page);
    block.is_shell() && !block.script.commands.is_empty() && !is_other
}

/// Whether a block only sets variables.
pub(crate) fn is_exports(block: &Block) -> bool {
    let own = block.script.commands.iter().filter(|command| !command.is_substituted);
    block.script.assignments.iter().any(|assigned| assigned.is_exported)
        && own.into_iter().all(|command| matches!(command.program(), "" | "export" | "echo"))
}

/// The heading of the procedure that a line belongs to, by its place; none above the first heading.
pub(crate) fn head(page: &Page<'_>, line: u32) -> Option<usize> {
    let mut at = page.headings.partition_point(|heading| heading.line < line).checked_sub(1)?;
    while is_part(&page.headings[at]) {
        match page.headings[at].parent {
            Some(parent) => at = parent,
            None => break,
        }
    }
    Some(at)
}

fn is_part(heading: &Heading) -> bool {
    let bare = text::bare(&heading.text).to_lowercase();
    let bare =
        bare.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | ')' | ' '));
    if roles::section_of(bare).is_some() || PARTS.contains(&bare) {
        return true;
    }
    role_of(bare).is_some() && is_only_role(bare)
}

/// Whether a heading is the name of a role and nothing more: 復旧手順, `Investigation steps`.
fn is_only_role(bare: &str) -> bool {
    let roles = [
        "診断",
        "調査",
        "分析",
        "復旧",
        "隔離",
        "緊急対応",
        "再起動",
        "確認",
        "動作",
        "対応",
        "diagnosis",
        "diagnose",
        "investigation",
        "investigate",
        "triage",
        "mitigation",
        "mitigate",
        "remediation",
        "remediate",
        "recovery",
        "recover",
        "fix",
        "verification",
        "verify",
        "validation",
        "validate",
        "check",
        "checks",
    ];
    let mut rest = bare.to_owned();
    for word in roles.iter().chain(FILLING) {
        rest = rest.replace(word, "");
    }
    rest.trim_matches(|c: char| !c.is_alphanumeric()).is_empty()
}

fn of_page(number: usize, page: &Page<'_>) -> Vec<Procedure> {
    let mut heads: BTreeSet<Option<usize>> = BTreeSet::new();
    let blocks: Vec<&Block> = page.blocks.iter().filter(|block| is_step(block, page)).collect();
    heads.extend(blocks.iter().map(|block| head(page, block.line)));
    for heading in &page.headings {
        if matches!(roles::section_of(&text::bare(&heading.text)), Some(Section::Steps(_))) {
            heads.insert(head(page, heading.line + 1));
        }
    }
    let mut procedures: BTreeMap<(Option<usize>, String), Procedure> = BTreeMap::new();
    let mut order = Vec::new();
    let mut changed: BTreeMap<(Option<usize>, String), bool> = BTreeMap::new();
    for at in &heads {
        let is_staged = at.is_some_and(|at| text::has_word(&page.headings[at].text, STAGED));
        if !is_staged {
            let key = (*at, String::new());
            procedures.insert(key.clone(), empty(number, page, *at));
            order.push(key);
        }
    }
    for block in &blocks {
        let at = head(page, block.line);
        let is_staged = at.is_some_and(|at| text::has_word(&page.headings[at].text, STAGED));
        let key = (at, if is_staged { block.heading.clone() } else { String::new() });
        if !procedures.contains_key(&key) {
            let mut stage = empty(number, page, at);
            stage.title = format!("{} {}", stage.title, block.heading);
            stage.stage = Some(order.len());
            stage.line = block.line.saturating_sub(1).max(1);
            procedures.insert(key.clone(), stage);
            order.push(key.clone());
        }
        let Some(procedure) = procedures.get_mut(&key) else { continue };
        let lead = lead(page, block);
        let has_changed = changed.entry(key).or_default();
        procedure.steps.extend(steps::of(block, &lead, has_changed));
        let rows = u32::try_from(block.body.lines().count()).unwrap_or(u32::MAX);
        procedure.spans.push((
            block.line.saturating_sub(1),
            block.line.saturating_add(rows).saturating_add(1),
        ));
    }
    texts(page, &mut procedures);
    order.sort_by_key(|key| procedures.get(key).map(|procedure| procedure.line));
    let all = order.into_iter().filter_map(|key| procedures.remove(&key));
    all.filter(|found| !found.steps.is_empty() || !found.by_hand.is_empty()).collect()
}

fn empty(page: usize, read: &Page<'_>, at: Option<usize>) -> Procedure {
    let heading = at.map(|at| &read.headings[at]);
    let stem = read.file.rsplit('/').next().unwrap_or_default().trim_end_matches(".md");
    let line = heading.map_or(1, |heading| heading.line);
    Procedure {
        page,
        title: heading.map_or(stem, |heading| heading.text.as_str()).to_owned(),
        line,
        spans: vec![(line, line)],
        about: Vec::new(),
        triggers: Vec::new(),
        owners: Vec::new(),
        boxes: Vec::new(),
        by_hand: Vec::new(),
        steps: Vec::new(),
        stage: None,
    }
}

/// What the document says right above a block: the list item or the sentence that leads to it.
fn lead(page: &Page<'_>, block: &Block) -> String {
    let before = page.prose.partition_point(|(line, _)| *line < block.line);
    let Some((line, row)) = before.checked_sub(1).map(|at| page.prose[at]) else {
        return String::new();
    };
    // Another block in between: the sentence led to that one.
    let next = page.blocks.partition_point(|other| other.line <= line);
    let is_taken = page.blocks.get(next).is_some_and(|other| other.line < block.line);
    if is_taken || row.trim_start().starts_with(['#', '>', '|']) {
        return String::new();
    }
    clean(&item_or_row(page, line, row)).trim_end_matches([':', '：']).to_owned()
}

fn item_or_row(page: &Page<'_>, line: u32, row: &str) -> String {
    let item = page.item_at(line);
    item.map_or_else(|| row.trim().to_owned(), |item| item.text.clone())
}

/// Deals out everything that is no block.
fn texts(page: &Page<'_>, procedures: &mut BTreeMap<(Option<usize>, String), Procedure>) {
    let leads: BTreeSet<u32> =
        page.blocks.iter().filter_map(|block| lead_line(page, block)).collect();
    for (line, row) in &page.prose {
        let Some(procedure) = procedures.get_mut(&(head(page, *line), String::new())) else {
            continue;
        };
        let trimmed = row.trim_start();
        if trimmed.starts_with(['#', '|']) || leads.contains(line) || trimmed.starts_with("---") {
            continue;
        }
        let section = page
            .heading_above(*line)
            .and_then(|heading| roles::section_of(&text::bare(&heading.text)));
        let item = page.item_at(*line);
        let words = clean(item.map_or(trimmed, |item| item.text.as_str()));
        if words.is_empty() || item.is_none() && is_metadata(trimmed) {
            continue;
        }
        procedure.spans.push((*line, *line));
        let is_box =
            item.is_some() && ["[ ]", "[x]", "[X]"].iter().any(|mark| trimmed.contains(mark));
        let trigger = item
            .is_none()
            .then(|| bold(trimmed, &["症状", "検知条件", "symptom", "symptoms", "trigger"]))
            .flatten();
        match section {
            _ if trigger.is_some() => procedure.triggers.push((*line, trigger.unwrap_or_default())),
            Some(Section::Trigger) => procedure.triggers.push((*line, words)),
            Some(Section::Owners) => {
                procedure.owners.push((*line, clean(trimmed.trim_start_matches(['-', '*', ' ']))))
            }
            Some(Section::Checklist) => procedure.boxes.push((*line, words)),
            _ if is_box => procedure.boxes.push((*line, words)),
            _ if item.is_some_and(|item| !item.rest.is_empty()) => {
                procedure.by_hand.push((*line, words))
            }
            _ if item.is_none() && bold(trimmed, &[""]).is_none() => {
                procedure.about.push((*line, words))
            }
            _ => {}
        }
    }
}

/// The line of the sentence that leads to a block.
fn lead_line(page: &Page<'_>, block: &Block) -> Option<u32> {
    let before = page.prose.partition_point(|(line, _)| *line < block.line);
    let leads = !lead(page, block).is_empty();
    before.checked_sub(1).filter(|_| leads).map(|at| page.prose[at].0)
}

/// `Owner: payments`: it goes into the front matter, or waits for a person there.
fn is_metadata(row: &str) -> bool {
    let Some((key, _)) = row.split_once([':', '：']) else { return false };
    let key = key.trim_matches(|c: char| "*-_>| ".contains(c)).to_lowercase();
    [OWNER, VERSION, DATE].iter().any(|words| words.contains(&key.as_str()))
}

/// What follows a bold label, where it is one of these; an empty word is any label with nothing behind it.
fn bold(row: &str, labels: &[&str]) -> Option<String> {
    let (label, rest) = row.strip_prefix("**")?.split_once("**")?;
    let label = label.trim_end_matches([':', '：']).to_lowercase();
    let rest = rest.trim_start_matches([':', '：', ' ']);
    let fits = labels.iter().any(|wanted| label == *wanted || wanted.is_empty() && rest.is_empty());
    fits.then(|| clean(rest))
}

/// One line of text from a document: no control characters, no trace of a tool, nothing that Markdown would take for
/// structure at its start.
pub(crate) fn clean(text: &str) -> String {
    let end = trace(text).map_or(text.len(), |(at, _)| at);
    let is_kept = |c: char| {
        !c.is_control()
            && !matches!(c, '\u{feff}' | '\u{2028}' | '\u{2029}' | '\u{fffe}' | '\u{ffff}')
    };
    let kept: String = text[..end].chars().map(|c| if is_kept(c) { c } else { ' ' }).collect();
    kept.replace("<!--", "<! --").trim().to_owned()
}
