//! What an import made, for a person on one page and as JSON; and what differs, as a unified diff.

use crate::{
    import_folder::Change,
    show::{self, BOLD, pick, plain, say},
};
use anstyle::AnsiColor;
use domain::said::Said;
use manual::{
    Imported,
    import::{
        Alert, At, Conflict, Made, Open,
        fate::{Fate, without_places},
    },
};
use serde_json::{Value, json};
use similar::{Algorithm, DiffOp, DiffTag, capture_diff_slices, group_diff_ops};
use source::Problems;
use std::{collections::BTreeMap, path::Path};

/// More rows than this are counted instead of listed: the summary is one page.
const ROWS: usize = 15;

/// Prints the summary.
pub fn show_summary(
    folder: &Path,
    documents: usize,
    imported: &Imported,
    changes: &[Change],
    problems: Option<&Problems>,
) {
    let ready = imported.drafts.iter().filter(|made| made.incomplete == 0).count();
    let open: usize = imported.drafts.iter().map(|made| made.open.len()).sum::<usize>();
    say!(
        "{BOLD}{} {documents} → {}{BOLD:#}",
        pick("文書", "documents:"),
        plain(&folder.display().to_string())
    );
    say!("  {}", fates(changes));
    heading(
        pick(
            "手順書の下書き (mode: manual、昇格するまで動かない)",
            "drafts of runbooks (mode: manual; nothing runs before it is promoted)",
        ),
        imported.drafts.len(),
    );
    rows(&imported.drafts, |made| {
        format!(
            "{}  {}  {}{}",
            made.file,
            made.from,
            made.alert,
            made.service.as_ref().map(|service| format!("@{service}")).unwrap_or_default(),
        )
    });
    say!(
        "  {}: {ready}   {}: {}   {}: {open}",
        pick("未完成の手順がないもの", "without incomplete steps"),
        pick("未完成の手順", "incomplete steps"),
        imported.drafts.iter().map(|made| made.incomplete).sum::<usize>(),
        pick("下書きの中で決めること", "to be settled in the drafts"),
    );
    heading(pick("アラート", "alerts"), imported.alerts.len());
    heading(
        pick("食い違い (どちらかに決める)", "contradictions (decide which one is right)"),
        imported.conflicts.len(),
    );
    rows(&imported.conflicts, |conflict| {
        format!("{}: {}", conflict.alert, conflict.said().text(show::language()))
    });
    let rest: Vec<&Open> = imported
        .open
        .iter()
        .filter(|open| !imported.conflicts.iter().any(|conflict| conflict.said() == open.what))
        .collect();
    heading(pick("hikeshi.yaml で決めること", "to be settled in hikeshi.yaml"), rest.len());
    rows(&rest, |open| format!("{}: {}", open.at, open.what.text(show::language())));
    let aside: Vec<String> =
        imported.aside.iter().map(|(kind, count)| format!("{kind} {count}")).collect();
    heading(
        pick(
            "hikeshi にまだ置き場所のないもの (not-yet.yaml)",
            "without a place in hikeshi yet (not-yet.yaml)",
        ),
        imported.aside.iter().map(|(_, count)| count).sum(),
    );
    if !aside.is_empty() {
        say!("  {}", aside.join(", "));
    }
    let [infos, warnings, errors] = imported.findings;
    say!(
        "{BOLD}{}{BOLD:#}: {} {errors}, {} {warnings}, {} {infos} (findings.txt, runbooks/*.findings.txt)",
        pick("文書への指摘", "findings in the documents"),
        pick("エラー", "errors"),
        pick("警告", "warnings"),
        pick("情報", "infos"),
    );
    match problems {
        None => say!("{BOLD}hikeshi config check{BOLD:#}: {}", pick("正しい", "fine")),
        Some(problems) => {
            say!("{BOLD}hikeshi config check{BOLD:#}: {}", problems.len());
            say!("{}", problems.render(show::language()));
        }
    }
    let of = |fate: Fate| changes.iter().filter(move |change| change.fate == fate);
    of(Fate::Differs).for_each(show_difference);
}

fn heading(text: &str, count: usize) {
    say!("{BOLD}{text}{BOLD:#}: {count}");
}

fn rows<T>(list: &[T], row: impl Fn(&T) -> String) {
    for one in list.iter().take(ROWS) {
        say!("  {}", plain(&row(one)).replace('\n', " "));
    }
    if list.len() > ROWS {
        say!("  {} {} (--json)", pick("ほか", "and"), list.len() - ROWS);
    }
}

fn fates(changes: &[Change]) -> String {
    let mut counts: BTreeMap<Fate, usize> = BTreeMap::new();
    for change in changes {
        *counts.entry(change.fate).or_default() += 1;
    }
    let word = |fate: &Fate| match fate {
        Fate::New => pick("書いた", "written"),
        Fate::Updated => pick("書き直した", "written anew"),
        Fate::Same => pick("変わらない", "unchanged"),
        Fate::Edited => pick("人の変更を残した", "kept as people edited it"),
        Fate::Differs => pick(
            "人の変更を残し、文書も変わった",
            "kept as people edited it, but the documents changed",
        ),
        Fate::Removed => pick("人が消した", "removed by people"),
        Fate::Dropped => pick("文書からなくなった (残した)", "no longer in the documents (kept)"),
        Fate::Gone => pick("なくなった指摘を消した", "findings that are gone, removed"),
    };
    let parts: Vec<String> =
        counts.iter().map(|(fate, count)| format!("{} {count}", word(fate))).collect();
    parts.join(pick("、", ", "))
}

/// The unified diff from what lies there to what the documents would make; empty where only places moved.
pub fn unified(change: &Change) -> String {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let (old, new) = (text(&change.there), text(&change.new));
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    // A line that only comes from another place than before is the same line.
    let keys = |rows: &[&str]| rows.iter().map(|row| without_places(row)).collect::<Vec<_>>();
    let ops = capture_diff_slices(Algorithm::Myers, &keys(&old), &keys(&new));
    if ops.iter().all(|op| op.tag() == DiffTag::Equal) {
        return String::new();
    }
    let name = |is_there: bool| if is_there { plain(&change.file) } else { "/dev/null".to_owned() };
    let mut out =
        format!("--- {}\n+++ {}\n", name(change.there.is_some()), name(change.new.is_some()));
    for group in group_diff_ops(ops, 3) {
        hunk(&group, &old, &new, &mut out);
    }
    out
}

fn hunk(group: &[DiffOp], old: &[&str], new: &[&str], out: &mut String) {
    let (Some(first), Some(last)) = (group.first(), group.last()) else { return };
    let range = |start: usize, end: usize| match end - start {
        0 => format!("{start},0"),
        1 => format!("{}", start + 1),
        length => format!("{},{length}", start + 1),
    };
    let from = range(first.old_range().start, last.old_range().end);
    let to = range(first.new_range().start, last.new_range().end);
    out.push_str(&format!("@@ -{from} +{to} @@\n"));
    for op in group {
        let mark = |rows: &[&str], mark: char, out: &mut String| {
            for row in rows {
                out.push_str(&format!("{mark}{}\n", plain(row)));
            }
        };
        match op.tag() {
            DiffTag::Equal => mark(&old[op.old_range()], ' ', out),
            _ => {
                mark(&old[op.old_range()], '-', out);
                mark(&new[op.new_range()], '+', out);
            }
        }
    }
}

/// Prints a difference, in colour on a terminal.
pub fn show_difference(change: &Change) {
    say!("{BOLD}{}{BOLD:#}: {}", plain(&change.file), word(change.fate));
    for row in unified(change).lines() {
        let style = match row.chars().next() {
            Some('+') => AnsiColor::Green.on_default(),
            Some('-') => AnsiColor::Red.on_default(),
            Some('@') => AnsiColor::Cyan.on_default(),
            _ => anstyle::Style::new(),
        };
        say!("{style}{row}{style:#}");
    }
}

fn word(fate: Fate) -> &'static str {
    match fate {
        Fate::New => pick("まだ書かれていない", "not written yet"),
        Fate::Updated => pick("文書が変わった", "the documents changed"),
        Fate::Same => pick("同じ", "the same"),
        Fate::Edited => pick("人が変えた", "people edited it"),
        Fate::Differs => pick("人も文書も変えた", "people edited it, and the documents changed"),
        Fate::Removed => pick("人が消した", "people removed it"),
        Fate::Dropped | Fate::Gone => pick("文書からなくなった", "no longer in the documents"),
    }
}

/// The same as one JSON document.
pub fn to_json(
    folder: &Path,
    documents: usize,
    imported: &Imported,
    changes: &[Change],
    problems: Option<&Problems>,
) -> Value {
    let files =
        changes.iter().map(|change| json!({"path": change.file, "state": change.fate.name()}));
    let aside: serde_json::Map<String, Value> =
        imported.aside.iter().map(|(kind, count)| ((*kind).to_owned(), (*count).into())).collect();
    let [infos, warnings, errors] = imported.findings;
    let problems = problems.map(Problems::sorted).unwrap_or_default();
    let problems = problems.into_iter().map(|problem| {
        json!({"file": *problem.place.file, "line": problem.place.line, "message": said(&problem.message), "hint": problem.hint.as_ref().map(said)})
    });
    json!({
        "folder": folder,
        "documents": documents,
        "files": files.collect::<Vec<_>>(),
        "runbooks": imported.drafts.iter().map(draft).collect::<Vec<_>>(),
        "alerts": imported.alerts.iter().map(alert).collect::<Vec<_>>(),
        "conflicts": imported.conflicts.iter().map(conflict).collect::<Vec<_>>(),
        "open": imported.open.iter().map(open).collect::<Vec<_>>(),
        "not_yet": aside,
        "findings": {"errors": errors, "warnings": warnings, "infos": infos},
        "problems": problems.collect::<Vec<_>>(),
    })
}

fn said(said: &Said) -> Value {
    json!({"ja": said.ja, "en": said.en})
}

fn open(open: &Open) -> Value {
    json!({"from": open.at.to_string(), "what": said(&open.what)})
}

fn draft(made: &Made) -> Value {
    json!({
        "name": made.name, "file": made.file, "title": made.title, "alert": made.alert, "service": made.service,
        "from": made.from.to_string(), "steps": made.steps, "incomplete": made.incomplete,
        "open": made.open.iter().map(open).collect::<Vec<_>>(),
    })
}

fn alert(alert: &Alert) -> Value {
    let source = |(at, says): &(At, String)| json!({"from": at.to_string(), "says": says});
    json!({
        "name": alert.name, "title": alert.title, "built_in": alert.is_built_in, "level": alert.level,
        "priority": alert.priority, "respond_minutes": alert.minutes, "owner": alert.owner,
        "sources": alert.sources.iter().map(source).collect::<Vec<_>>(),
    })
}

fn conflict(conflict: &Conflict) -> Value {
    let place = |(at, says): &(At, String)| json!({"from": at.to_string(), "says": says});
    json!({"alert": conflict.alert, "about": conflict.about, "one": place(&conflict.one), "other": place(&conflict.other)})
}
