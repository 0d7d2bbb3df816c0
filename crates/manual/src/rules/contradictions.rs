//! Two places that cannot both be right: in one document, and between documents.

use crate::{
    finding::Level,
    page::Page,
    rule::{Hits, Look, Rule},
    statements::{self, Statement, level_of},
    text,
};

pub(crate) const CONTRADICTION: Rule = Rule {
    id: "contradiction",
    level: Level::Error,
    title: ("文書の中で食い違っている", "the document contradicts itself"),
    why: (
        "どちらを読んだかで、呼ばれる人も期限も変わる。",
        "Who is called and by when depends on which of the two somebody has read.",
    ),
    hint: (
        "どちらが正しいか決め、もう一方を直してください",
        "decide which one is right, and change the other",
    ),
    bad: "# T\n\n### Critical\n- **ディスク容量90%超**: 不足\n\n| アラート名 | レベル |\n|---|---|\n| ディスク容量90%超 | Warning |\n",
    good: "# T\n\n### Warning\n- **ディスク容量90%超**: 不足\n\n| アラート名 | レベル |\n|---|---|\n| ディスク容量90%超 | Warning |\n",
    look: Look::Each(inside),
};

pub(crate) const CONTRADICTION_BETWEEN_DOCUMENTS: Rule = Rule {
    id: "contradiction-between-documents",
    level: Level::Error,
    title: ("文書の間で食い違っている", "two documents contradict each other"),
    why: (
        "同じ出来事に二つの期限があると、遅いほうで動く人がいる。",
        "Where one event has two deadlines, somebody goes by the later one.",
    ),
    hint: (
        "どちらの文書が正しいか決め、片方からもう片方を参照してください",
        "decide which document is right, and let the other refer to it",
    ),
    bad: "# A\n\n| アラート名 | 対応時間 |\n|---|---|\n| サービスダウン | 15分以内 |\n\n#### P0\n- **システム全体停止**: 5分以内に対応開始\n",
    good: "# A\n\n| アラート名 | 対応時間 |\n|---|---|\n| サービスダウン | 5分以内 |\n\n#### P0\n- **システム全体停止**: 5分以内に対応開始\n",
    look: Look::Together(between),
};

/// A statement, and the document that it stands in.
struct Said {
    page: usize,
    statement: Statement,
}

impl std::ops::Deref for Said {
    type Target = Statement;

    fn deref(&self) -> &Statement {
        &self.statement
    }
}

fn statements(page: usize, read: &Page<'_>) -> Vec<Said> {
    statements::of(read).into_iter().map(|statement| Said { page, statement }).collect()
}

fn inside(page: &Page<'_>, hits: &mut Hits) {
    let all = statements(0, page);
    for (at, said) in all.iter().enumerate() {
        let Some(level) = said.level else { continue };
        let earlier = all[..at]
            .iter()
            .find(|other| other.name == said.name && other.level.is_some_and(|it| it != level));
        if let Some(other) = earlier {
            let before = other.level.unwrap_or_default();
            hits.at(
                said.line,
                format!(
                    "「{}」は {level} ですが、{} 行目では {before} です",
                    said.name, other.line
                ),
                format!("`{}` is {level} here and {before} in line {}", said.name, other.line),
            );
        }
    }
    recorded_only(page, &all, hits);
    rotated_elsewhere(page, hits);
    order(page, hits);
}

/// A flow in which a level is only recorded, and a table that gives it work to do.
fn recorded_only(page: &Page<'_>, all: &[Said], hits: &mut Hits) {
    for block in page.blocks.iter().filter(|block| block.language == "mermaid") {
        for (at, row) in (0..).zip(block.body.lines()) {
            let Some(level) =
                level_of(row).filter(|_| text::has_word(row, &["記録のみ", "record only"]))
            else {
                continue;
            };
            let work = all.iter().find(|said| said.level == Some(level) && said.minutes.is_some());
            if let Some(said) = work {
                hits.at(
                    block.line_of(at),
                    format!(
                        "{level} は記録のみですが、{} 行目の「{}」には期限と担当があります",
                        said.line, said.name
                    ),
                    format!(
                        "{level} is only recorded, but `{}` in line {} has a deadline and an owner",
                        said.name, said.line
                    ),
                );
            }
        }
    }
}

/// A log that is read in one folder and rotated in another.
fn rotated_elsewhere(page: &Page<'_>, hits: &mut Hits) {
    let rotated = page.blocks.iter().filter(|block| block.is_settings).find_map(|block| {
        let rows = (0..).zip(block.body.lines());
        let (at, row) =
            rows.into_iter().find(|(_, row)| row.starts_with('/') && row.ends_with('{'))?;
        Some((block.line_of(at), row.trim_end_matches(['{', ' ']).rsplit_once('/')?.0.to_owned()))
    });
    let Some((line, folder)) = rotated else { return };
    for block in page.shell_blocks() {
        for command in block.commands() {
            let path = command
                .words
                .iter()
                .find(|word| word.text.starts_with("/var/log/") && word.text.ends_with(".log"));
            let Some(path) =
                path.filter(|path| path.text.rsplit_once('/').is_some_and(|(at, _)| at != folder))
            else {
                continue;
            };
            hits.at_place(
                block.place_of(command),
                format!(
                    "`{}` を読みますが、{line} 行目がローテーションするのは `{folder}` です",
                    path.text
                ),
                format!("`{}` is read, but line {line} rotates `{folder}`", path.text),
            );
        }
    }
}

/// A staged recovery that starts with the database, and a scenario that restarts everything before the database.
fn order(page: &Page<'_>, hits: &mut Hits) {
    let first_stage = page.items.iter().find(|item| {
        page.is_under(item.line, &["段階的復旧", "staged recovery"])
            && text::has_word(&item.text, &["データベース", "database"])
    });
    let Some(stage) = first_stage else { return };
    for block in page.shell_blocks() {
        let commands = block.commands();
        let database = commands.iter().position(|command| {
            command.arguments().contains(&"sql") && command.arguments().contains(&"restart")
        });
        let all = commands.iter().position(|command| {
            crate::effects::is_for_all(command) && command.arguments().contains(&"restart")
        });
        if let (Some(database), Some(all)) = (database, all)
            && all < database
        {
            hits.at_place(
                block.place_of(commands[all]),
                format!("{} 行目ではデータベースが先ですが、ここでは後です", stage.line),
                format!("line {} starts with the database; here it comes last", stage.line),
            );
        }
    }
}

/// Names of the same event in documents of different people.
const EVENTS: &[(&str, &[&str])] = &[
    ("停止", &["サービスダウン", "システム全体停止", "業務停止", "service down", "total outage"]),
    (
        "データベース",
        &[
            "データベース接続失敗",
            "データベース接続不能",
            "database down",
            "database connection failed",
        ],
    ),
    ("応答遅延", &["レスポンス遅延", "パフォーマンス劣化", "high latency", "slow responses"]),
];

fn between(pages: &[Page<'_>], hits: &mut [Hits]) {
    let all: Vec<Said> =
        pages.iter().enumerate().flat_map(|(at, page)| statements(at, page)).collect();
    for (event, names) in EVENTS {
        let of_event: Vec<&Said> =
            all.iter().filter(|said| text::has_word(&said.name, names)).collect();
        let Some(first) = of_event.iter().find(|said| said.minutes.is_some()) else { continue };
        for said in &of_event {
            let (Some(one), Some(other)) = (first.minutes, said.minutes) else { continue };
            if one != other && first.name != said.name {
                let file = pages[first.page].file;
                hits[said.page].at(
                    said.line,
                    format!(
                        "「{}」は {} ですが、{file}:{} の「{}」({event}) は {} です",
                        said.name,
                        text::duration(other, true),
                        first.line,
                        first.name,
                        text::duration(one, true)
                    ),
                    format!(
                        "`{}` has {}, but `{}` in {file}:{} has {}",
                        said.name,
                        text::duration(other, false),
                        first.name,
                        first.line,
                        text::duration(one, false)
                    ),
                );
            }
        }
    }
    scales(pages, hits);
}

/// Two scales of severity, and nothing that says how they belong together.
fn scales(pages: &[Page<'_>], hits: &mut [Hits]) {
    let by_priority = pages
        .iter()
        .position(|page| page.headings.iter().any(|heading| heading.text.starts_with("P0")));
    let by_level = pages.iter().position(|page| {
        page.headings.iter().filter(|heading| level_of(&heading.text).is_some()).count() > 1
    });
    let (Some(priority), Some(level)) = (by_priority, by_level) else { return };
    let maps = pages.iter().any(|page| {
        page.prose.iter().any(|(_, row)| row.contains("P1") && level_of(row).is_some())
    });
    if maps || priority == level {
        return;
    }
    let line = |page: &Page<'_>, is_it: &dyn Fn(&str) -> bool| {
        page.headings.iter().find(|heading| is_it(&heading.text)).map_or(1, |heading| heading.line)
    };
    let (at, other) = (
        line(&pages[priority], &|text| text.starts_with("P0")),
        line(&pages[level], &|text| level_of(text).is_some()),
    );
    let file = pages[level].file;
    hits[priority].at(
        at,
        format!("P0–P3 と {file}:{other} の Critical/Warning/Info の対応がどこにもありません"),
        format!(
            "nothing says how P0–P3 and Critical/Warning/Info in {file}:{other} belong together"
        ),
    );
}
