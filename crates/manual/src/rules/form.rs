//! The form of a document: the language of its fences, whether its steps load, who owns it, how old it is.

use crate::{
    block::Block,
    effects::{self, Effect},
    finding::Level,
    page::Page,
    rule::{Hits, Look, Rule},
    text,
};
use jiff::{ToSpan, civil::Date};
use runbook::roles;
use source::Problems;

pub(crate) const FENCE_LANGUAGE: Rule = Rule {
    id: "fence-language",
    level: Level::Warning,
    title: (
        "コードブロックの言語が違う、またはない",
        "the language of a fence is wrong or missing",
    ),
    why: (
        "`bash` と書かれた設定ファイルは、貼り付けると実行される。言語がなければ、実行してよいか機械にも人にも分からない。",
        "Settings in a fence that says `bash` are run when pasted; without a language nobody knows whether it may be run.",
    ),
    hint: (
        "`ini`、`text`、`mermaid` など、中身の言語を書いてください",
        "write the language of what is inside: `ini`, `text`, `mermaid`",
    ),
    bad: "# T\n\n```bash\n[Service]\nRestart=always\n```\n",
    good: "# T\n\n```ini\n[Service]\nRestart=always\n```\n",
    look: Look::Each(languages),
};

pub(crate) const NOT_BASH: Rule = Rule {
    id: "not-bash",
    level: Level::Error,
    title: ("bash として読めない", "this is not bash"),
    why: ("貼り付けても動かないか、途中まで実行される。", "Pasted, it fails, or runs half of it."),
    hint: (
        "引用符と括弧を閉じ、bash でないなら言語を直してください",
        "close quotes and brackets; where it is no bash, change the language",
    ),
    bad: "# T\n\n## 診断\n```bash\necho \"開いたまま\n```\n",
    good: "# T\n\n## 診断\n```bash\necho \"閉じた\"\n```\n",
    look: Look::Each(broken),
};

pub(crate) const INVALID_RUNBOOK: Rule = Rule {
    id: "invalid-runbook",
    level: Level::Error,
    title: ("実行できる手順書として読み込めない", "it does not load as a runbook"),
    why: (
        "読み込めない手順書は、最後に読み込めた版のままになる。",
        "What does not load leaves the last version that did.",
    ),
    hint: ("`hikeshi config check` と同じ誤りです", "the same that `hikeshi config check` says"),
    bad: "---\nalert: service_down\nowner: SRE\nversion: \"1\"\nreviewed: 2026-11-01\n---\n# T\n\n## 診断\n```bash {name=a}\ntrue\n```\n",
    good: "---\nalert: service_down\nowner: SRE\nversion: \"1\"\nreviewed: 2026-11-01\n---\n# T\n\n## 診断\n```bash {name=a timeout=5s}\ntrue\n```\n",
    look: Look::Each(invalid),
};

pub(crate) const METADATA_MISSING: Rule = Rule {
    id: "metadata-missing",
    level: Level::Warning,
    title: ("所有者・版・見直しの日がない", "no owner, no version, no review date"),
    why: (
        "誰に聞けばよいか、今も正しいかが分からない。",
        "Nobody knows whom to ask, nor whether it still holds.",
    ),
    hint: (
        "先頭の設定か末尾に、所有者・版・最終見直し日を書いてください",
        "write owner, version and date of review into the front matter or at the end",
    ),
    bad: "# 手順\n\n## 対応\n再起動する。\n",
    good: "# 手順\n\n## 対応\n再起動する。\n\n担当者: SRE\n版数: 1.0\n最終更新: 2026-11-01\n",
    look: Look::Each(metadata),
};

pub(crate) const REVIEW_OVERDUE: Rule = Rule {
    id: "review-overdue",
    level: Level::Warning,
    title: ("見直しの期限が過ぎている", "the review is overdue"),
    why: (
        "システムは変わり、手順だけが古いまま残る。",
        "The system has changed, and the procedure has not.",
    ),
    hint: ("内容を確かめ、日付を新しくしてください", "go through it, and renew the date"),
    bad: "# T\n\n担当者: SRE\n版数: 1.0\n最終更新: 2020年1月1日\n",
    good: "# T\n\n担当者: SRE\n版数: 1.0\n最終更新: 2026年11月1日\n",
    look: Look::Dated(overdue),
};

pub(crate) const COMMAND_LIST: Rule = Rule {
    id: "command-list",
    level: Level::Warning,
    title: ("手順ではないコマンド集", "a list of commands is no procedure"),
    why: (
        "確認と停止が並んでいて、いつ、どの順で使うかが書かれていない。",
        "Looking and stopping stand side by side, and nothing says when and in which order.",
    ),
    hint: (
        "状況ごとの手順に分け、危険なコマンドは承認のある手順に移してください",
        "make procedures of it, one per situation, and put what is dangerous behind approval",
    ),
    bad: "# T\n\n### 主要コマンド集\n```bash\n# 監視\npm2 status\n# 制御\npm2 restart api\n# 確認\ngcloud sql instances list\n# GCP\ngcloud projects list\n```\n",
    good: "# T\n\n### 状態を見る\n```bash\npm2 status\n```\n",
    look: Look::Each(lists),
};

fn languages(page: &Page<'_>, hits: &mut Hits) {
    for block in &page.blocks {
        let is_shell_word = matches!(block.language.as_str(), "bash" | "sh" | "shell" | "zsh");
        if is_shell_word && block.is_settings {
            hits.at(
                block.line,
                format!("`{}` とありますが、中身は設定ファイルです", block.language),
                format!("it says `{}`, but holds settings", block.language),
            );
        } else if block.language.is_empty() {
            hits.at(block.line, "コードブロックに言語がありません", "the fence has no language");
            hits.as_level(Level::Info);
        }
    }
}

fn broken(page: &Page<'_>, hits: &mut Hits) {
    // Of steps the runbook itself says so, and a placeholder is found by its own rule.
    for block in page.shell_blocks().filter(|block| !block.is_step()) {
        if let Some(line) = block.script.broken {
            hits.at(block.line_of(line), "bash として読めません", "this is not bash");
        }
    }
}

fn invalid(page: &Page<'_>, hits: &mut Hits) {
    if !page.is_runbook && !page.blocks.iter().any(Block::is_step) {
        return;
    }
    let mut problems = Problems::new();
    let _ = runbook::read(page.file, page.text, &mut problems);
    for problem in problems.sorted() {
        hits.at(problem.place.line.max(1), problem.message.ja.clone(), problem.message.en.clone());
    }
}

pub(crate) const OWNER: &[&str] = &[
    "owner",
    "owners",
    "担当者",
    "管理者",
    "作成者",
    "所有者",
    "maintainer",
    "maintainers",
    "team",
];
pub(crate) const VERSION: &[&str] = &["version", "版数", "バージョン", "revision", "版"];
pub(crate) const DATE: &[&str] = &[
    "reviewed",
    "last reviewed",
    "last updated",
    "最終更新",
    "見直し",
    "更新日",
    "改訂日",
    "review date",
];

/// A line that says one of these, and a value behind a colon.
pub(crate) fn says<'p>(page: &'p Page<'_>, words: &[&str]) -> Option<(u32, &'p str)> {
    let front = page
        .front
        .iter()
        .find(|(key, value, _)| words.contains(&key.as_str()) && !value.is_empty());
    if let Some((_, value, line)) = front {
        return Some((*line, value));
    }
    page.prose.iter().find_map(|(line, row)| {
        let (key, value) = row.split_once([':', '：'])?;
        let key = key.trim_matches(|c: char| "*-_>| ".contains(c)).to_lowercase();
        let value = value.trim_matches(|c: char| "*_ |".contains(c));
        let is_filled = !value.is_empty() && !value.starts_with('[');
        (words.contains(&key.as_str()) && is_filled).then_some((*line, value))
    })
}

fn metadata(page: &Page<'_>, hits: &mut Hits) {
    let wanted = [
        ("所有者", "an owner", OWNER),
        ("版", "a version", VERSION),
        ("見直しの日", "a review date", DATE),
    ];
    let missing: Vec<_> =
        wanted.into_iter().filter(|(_, _, words)| says(page, words).is_none()).collect();
    // A page that tells nobody to do anything needs no owner.
    let is_procedure = page.shell_blocks().next().is_some()
        || page
            .headings
            .iter()
            .any(|heading| roles::section_of(&text::bare(&heading.text)).is_some());
    if missing.is_empty() || !is_procedure {
        return;
    }
    let ja: Vec<_> = missing.iter().map(|(ja, ..)| *ja).collect();
    let en: Vec<_> = missing.iter().map(|(_, en, _)| *en).collect();
    hits.at(1, format!("{}がありません", ja.join("・")), format!("it lacks {}", en.join(", ")));
    // A draft waits for a person anyway; promotion asks for all three.
    if page.is_runbook && matches!(page.front("mode"), None | Some("manual")) {
        hits.as_level(Level::Info);
    }
}

/// `2025年9月26日`, `2025-09-26`, `2025/9/26`.
fn date(text: &str) -> Option<Date> {
    let parts: Vec<i16> = text
        .split(|c: char| !c.is_ascii_digit())
        .filter(|part| !part.is_empty())
        .take(3)
        .map(str::parse)
        .collect::<Result<_, _>>()
        .ok()?;
    let [year, month, day] = parts.as_slice() else { return None };
    Date::new(*year, i8::try_from(*month).ok()?, i8::try_from(*day).ok()?).ok()
}

fn overdue(page: &Page<'_>, today: Date, hits: &mut Hits) {
    let Some((line, value)) = says(page, DATE) else { return };
    let Some(reviewed) = date(value) else { return };
    let is_quarterly = page
        .headings
        .iter()
        .any(|heading| text::has_word(&heading.text, &["四半期レビュー", "quarterly review"]))
        && page.says(&["手順書更新", "runbook update", "update the runbook"]);
    let (span, ja, en) = if is_quarterly {
        (3.months(), "四半期", "a quarter")
    } else {
        (1.year(), "1 年", "a year")
    };
    let due = reviewed.checked_add(span).unwrap_or(Date::MAX);
    if due < today {
        hits.at(
            line,
            format!("最後の見直しは {reviewed} で、{ja}を過ぎています"),
            format!("it was last reviewed on {reviewed}, more than {en} ago"),
        );
    } else if reviewed > today {
        hits.at(
            line,
            format!("見直しの日 {reviewed} はまだ来ていません"),
            format!("its review date {reviewed} has not come yet"),
        );
    }
}

/// Whether a block is a list to pick from: many subjects, looking and changing side by side, no order.
pub(crate) fn is_command_list(block: &Block, page: &Page<'_>) -> bool {
    let says = page.is_under(
        block.line,
        &["コマンド集", "コマンド一覧", "commands", "cheat sheet", "cheatsheet"],
    );
    let groups = block.groups();
    let is_mixed = block.commands().iter().any(|command| effects::of(command) >= Effect::Change);
    !block.is_step() && is_mixed && (says && groups.len() >= 3 || groups.len() >= 6)
}

fn lists(page: &Page<'_>, hits: &mut Hits) {
    for block in page.shell_blocks().filter(|block| is_command_list(block, page)) {
        let count = block.groups().len();
        hits.at(
            block.line,
            format!("{count} 種類のコマンドが順序なしに並んでいます"),
            format!("{count} kinds of commands stand here in no order"),
        );
    }
}
