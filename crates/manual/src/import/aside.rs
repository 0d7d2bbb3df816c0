//! What documents say and hikeshi has no place for yet: kept with its lines in a file that hikeshi does not read.

use super::{
    places::At,
    procedures::{self, clean},
    yaml,
};
use crate::{
    block::Block,
    page::{Heading, Item, Page},
    statements, text,
};
use runbook::roles::{self, Section};
use std::collections::BTreeSet;

/// One thing that was laid aside.
pub(crate) struct Aside {
    kind: &'static str,
    at: At,
    /// Its fields besides `from`.
    fields: Vec<(&'static str, String)>,
}

/// A kind of list: its name, and words in the headings above it. The first row that fits counts.
const LISTS: &[(&str, &[&str])] = &[
    ("action_categories", &["再発防止", "prevention", "corrective actions", "preventive"]),
    (
        "schedules",
        &[
            "訓練",
            "定期レビュー",
            "四半期レビュー",
            "月次",
            "drill",
            "drills",
            "exercise",
            "quarterly",
            "monthly",
            "weekly",
            "periodic",
        ],
    ),
    (
        "report_template",
        &[
            "レポート",
            "報告書",
            "事後処理",
            "ポストモーテム",
            "postmortem",
            "post-mortem",
            "incident report",
            "retrospective",
        ],
    ),
    ("external_communication", &["外部コミュニケーション", "external communication"]),
    ("detection", &["検知方法", "detection"]),
    ("monitoring", &["監視設定", "監視ダッシュボード", "ログ監視", "dashboards", "monitoring"]),
    ("credentials", &["認証情報", "環境変数", "credentials", "secrets"]),
];
/// How often something recurs, by words.
const RHYTHMS: [(&str, &[&str]); 5] = [
    ("day", &["毎日", "日次", "daily", "every day"]),
    ("week", &["毎週", "週次", "weekly", "every week"]),
    ("quarter", &["四半期", "quarterly", "every quarter"]),
    ("month", &["毎月", "月次", "monthly", "every month"]),
    ("year", &["毎年", "年次", "yearly", "annually"]),
];
const PLACES: [&str; 4] = ["連絡先", "エスカレーション基準", "contacts", "escalation"];

/// Everything of all documents that is laid aside.
pub(crate) fn read(pages: &[Page<'_>]) -> Vec<Aside> {
    let mut found: Vec<Aside> = pages.iter().flat_map(of_page).collect();
    found.sort_by(|a, b| (a.kind, &a.at).cmp(&(b.kind, &b.at)));
    found
}

fn of_page(page: &Page<'_>) -> Vec<Aside> {
    let mut found = Vec::new();
    let mut under = String::new();
    let steps = page.blocks.iter().filter(|block| procedures::is_step(block, page));
    let runbooks: BTreeSet<_> = steps.map(|block| procedures::head(page, block.line)).collect();
    let headings = page.headings.iter().enumerate();
    for (at, heading) in headings.filter(|(at, _)| !runbooks.contains(&Some(*at))) {
        found.extend(severity(page, at, heading));
    }
    for item in &page.items {
        if item.rest.is_empty() {
            under = item.label.clone().unwrap_or_default();
        }
        let row = page.lines.get(item.line as usize - 1).copied().unwrap_or_default();
        let is_nested = row.starts_with([' ', '\t']);
        let group = if is_nested { under.as_str() } else { "" };
        found.extend(of_item(page, item, group, row, &runbooks));
    }
    for block in &page.blocks {
        found.extend(of_block(page, block));
    }
    links(page, &mut found);
    found
}

/// A level of a scale, with its deadline: hikeshi has levels and priorities of its own.
fn severity(page: &Page<'_>, at: usize, heading: &Heading) -> Option<Aside> {
    let name = statements::priority_of(&heading.text);
    let name = name.or_else(|| statements::level_of(&heading.text))?;
    let end = page.headings.get(at + 1).map_or(u32::MAX, |next| next.line);
    let next = page.items.partition_point(|item| item.line <= heading.line);
    let has_events = page.items.get(next).is_some_and(|item| item.line < end);
    let within =
        text::minutes(&heading.text).map(|minutes| ("respond_within", yaml::minutes(minutes)));
    let fields = [Some(("level", name.to_owned())), within, Some(("text", heading.text.clone()))];
    let fields = fields.into_iter().flatten().collect();
    has_events.then(|| Aside { kind: "severity", at: At::new(page.file, heading.line), fields })
}

fn of_item(
    page: &Page<'_>,
    item: &Item,
    under: &str,
    row: &str,
    runbooks: &BTreeSet<Option<usize>>,
) -> Option<Aside> {
    let at = At::new(page.file, item.line);
    let is_box = row.contains("[ ]") || row.contains("[x]");
    let is_known = |words: &[&str]| page.is_under(item.line, words);
    if is_known(&PLACES) || item.rest.is_empty() {
        return None;
    }
    let label = item.label.clone().map(|label| ("label", label));
    let text = Some(("text", item.rest.clone()));
    let group = (!under.is_empty()).then(|| ("under", under.to_owned()));
    if is_box {
        let is_triage = is_known(&["初期評価", "triage", "initial assessment"]);
        let fields = [Some(("text", item.text.clone()))].into_iter().flatten().collect();
        return is_triage.then_some(Aside { kind: "triage", at, fields });
    }
    if runbooks.contains(&procedures::head(page, item.line)) {
        return None;
    }
    let (kind, _) = LISTS.iter().find(|(_, words)| is_known(words))?;
    let said = format!("{} {} {}", item.heading, item.label.clone().unwrap_or_default(), item.rest);
    let rhythm = RHYTHMS.iter().find(|(_, words)| text::has_word(&said, words));
    let every =
        rhythm.filter(|_| *kind == "schedules").map(|(every, _)| ("every", (*every).to_owned()));
    let fields = [every, label, group, text].into_iter().flatten().collect();
    Some(Aside { kind, at, fields })
}

fn of_block(page: &Page<'_>, block: &Block) -> Vec<Aside> {
    let heading =
        page.heading_above(block.line).map(|heading| heading.text.clone()).unwrap_or_default();
    if block.is_settings {
        return facts(page, block);
    }
    if block.is_shell() {
        let mut found = secrets(page, block);
        if found.is_empty() && !procedures::is_step(block, page) {
            let kind = if page.is_under(block.line, &["設定", "自動", "configuration", "settings"])
            {
                "facts"
            } else {
                "commands"
            };
            found.extend(
                block.commands().into_iter().filter(|command| !command.is_substituted).map(
                    |command| {
                        let words: Vec<&str> =
                            command.words.iter().map(|word| word.text.as_str()).collect();
                        let fields = vec![("under", heading.clone()), ("command", words.join(" "))];
                        Aside { kind, at: At::new(page.file, block.line_of(command.line)), fields }
                    },
                ),
            );
        }
        return found;
    }
    let is_flow =
        block.language == "mermaid" || block.body.contains(['→', '⇒']) || block.body.contains("->");
    if is_flow {
        let rows: Vec<&str> =
            block.body.lines().map(str::trim).filter(|row| !row.is_empty()).collect();
        let fields = vec![("under", heading), ("text", rows.join("; "))];
        return vec![Aside { kind: "life_cycle", at: At::new(page.file, block.line), fields }];
    }
    template(page, block)
}

/// Settings of systemd and logrotate: what the machine must have, never what hikeshi executes.
fn facts(page: &Page<'_>, block: &Block) -> Vec<Aside> {
    let mut section = String::new();
    let mut found = Vec::new();
    for (at, row) in (0..).zip(block.body.lines()) {
        let row = row.trim();
        if row.is_empty() || row.starts_with('#') || matches!(row, "}" | "endscript") {
            continue;
        }
        if row.starts_with('[') || row.ends_with('{') || row == "postrotate" {
            section = row.trim_end_matches(['{', ' ']).to_owned();
            continue;
        }
        let (key, value) =
            row.split_once('=').or_else(|| row.split_once(' ')).unwrap_or((row, "true"));
        let fields =
            vec![("of", section.clone()), ("setting", key.to_owned()), ("value", value.to_owned())];
        found.push(Aside { kind: "facts", at: At::new(page.file, block.line_of(at)), fields });
    }
    found
}

/// `export NAME=…`: the name and where a program gives it; never a value.
fn secrets(page: &Page<'_>, block: &Block) -> Vec<Aside> {
    if !procedures::is_exports(block) {
        return Vec::new();
    }
    let exported = block.script.assignments.iter().filter(|assigned| assigned.is_exported);
    let one = |(at, row): (u32, &str)| {
        let name = row.trim().strip_prefix("export ")?.split('=').next()?.trim().to_owned();
        let assigned = exported.clone().find(|assigned| assigned.name == name)?;
        let given = if assigned.value.has_command { "program" } else { "person" };
        let fields = vec![("name", name), ("given_by", given.to_owned())];
        Some(Aside { kind: "secrets", at: At::new(page.file, block.line_of(at)), fields })
    };
    (0..).zip(block.body.lines()).filter_map(one).collect()
}

/// A message to be sent: its subject, and its slots with the types that their placeholders show.
fn template(page: &Page<'_>, block: &Block) -> Vec<Aside> {
    let is_template = page.is_under(block.line, &["テンプレート", "template", "templates"]);
    let has_slots = block.body.lines().any(|row| row.contains('[') && row.contains(']'));
    if !is_template || !has_slots {
        return Vec::new();
    }
    let before = page.prose.partition_point(|(line, _)| *line < block.line);
    let name = before
        .checked_sub(1)
        .map_or("", |at| page.prose[at].1)
        .trim_matches(|c: char| "*#: ".contains(c))
        .to_owned();
    let mut found = Vec::new();
    for (at, row) in (0..).zip(block.body.lines()) {
        let Some((label, value)) = row.split_once([':', '：']) else { continue };
        let (label, value) = (label.trim().to_owned(), value.trim());
        let is_subject = matches!(label.to_lowercase().as_str(), "件名" | "subject");
        let slot =
            value.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).filter(|_| !is_subject);
        let mut fields = vec![("template", name.clone()), ("field", label.clone())];
        match slot {
            Some(slot) => fields.extend([
                ("type", slot_type(&label, slot).to_owned()),
                ("placeholder", slot.to_owned()),
            ]),
            None => fields.push(("text", value.to_owned())),
        }
        found.push(Aside {
            kind: "message_templates",
            at: At::new(page.file, block.line_of(at)),
            fields,
        });
    }
    found
}

fn slot_type(label: &str, slot: &str) -> &'static str {
    let both = format!("{label} {slot}");
    match () {
        () if slot.contains('-')
            && !slot.contains("YYYY")
            && text::has_word(slot, &["時刻", "time"]) =>
        {
            "period"
        }
        () if slot.contains("YYYY") || text::has_word(label, &["時刻", "date"]) => "timestamp",
        () if text::has_word(&both, &["時間", "次回", "duration", "time"]) => "time",
        () => "text",
    }
}

fn links(page: &Page<'_>, found: &mut Vec<Aside>) {
    for link in page.links.iter().filter(|link| !link.target.is_empty()) {
        let is_listed = page.item_at(link.line).is_some();
        let section = page
            .heading_above(link.line)
            .and_then(|heading| roles::section_of(&text::bare(&heading.text)));
        if is_listed && !matches!(section, Some(Section::Steps(_))) {
            let fields = vec![("text", link.text.clone()), ("target", link.target.clone())];
            found.push(Aside { kind: "links", at: At::new(page.file, link.line), fields });
        }
    }
}

/// The limits of restarts that systemd is given, as a runbook writes them, and where they stand.
pub(crate) fn restart_limits(page: &Page<'_>) -> Option<(String, At)> {
    let block = page
        .blocks
        .iter()
        .find(|block| block.is_settings && block.body.contains("StartLimitBurst"))?;
    let value = |key: &str| {
        let row = (0..).zip(block.body.lines()).find(|(_, row)| row.trim().starts_with(key))?;
        let number: u32 = row.1.split_once('=')?.1.trim().parse().ok()?;
        Some((number, row.0))
    };
    let (burst, at) = value("StartLimitBurst")?;
    let (interval, _) = value("StartLimitIntervalSec")?;
    let spacing = value("RestartSec").map(|(seconds, _)| format!(", spacing: {seconds}s"));
    let is_usable = burst > 0 && interval > 0;
    let limits = format!("{{rate: {burst} per {interval}s{}}}", spacing.unwrap_or_default());
    is_usable.then(|| (limits, At::new(page.file, block.line_of(at))))
}

/// How many there are of each kind.
pub(crate) fn counts(found: &[Aside]) -> Vec<(&'static str, usize)> {
    let kinds = found.chunk_by(|a, b| a.kind == b.kind);
    kinds.filter_map(|some| Some((some.first()?.kind, some.len()))).collect()
}

/// The file.
pub(crate) fn write(found: &[Aside]) -> String {
    let mut out = String::from(
        "# What the documents say and hikeshi has no place for yet. hikeshi does not read this file, and runs nothing of it.\n# 文書にあって hikeshi にまだ置き場所のないもの。hikeshi はこのファイルを読まず、何も実行しません。\n",
    );
    for some in found.chunk_by(|a, b| a.kind == b.kind) {
        let Some(first) = some.first() else { continue };
        out.push_str(&format!("\n{}:\n", first.kind));
        for Aside { at, fields, .. } in some {
            let fields =
                fields.iter().map(|(key, value)| format!("{key}: {}", yaml::quoted(&clean(value))));
            let fields: Vec<String> =
                fields.chain([format!("from: {}", yaml::quoted(&at.to_string()))]).collect();
            out.push_str(&format!("  - {{{}}}\n", fields.join(", ")));
        }
    }
    out
}
