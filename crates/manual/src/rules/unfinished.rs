//! What its author meant to fill in or decide later, and what is not of the author at all.

use crate::{
    finding::Level,
    import::places::LEFT,
    page::Page,
    rule::{Hits, Look, Rule},
    text,
};

pub(crate) const PLACEHOLDER_LEFT: Rule = Rule {
    id: "placeholder-left",
    level: Level::Error,
    title: ("置き換える印が残っている", "a placeholder is left"),
    why: (
        "印のままでは実行できない。急いでいる人がそのまま貼り付けると、別の意味のコマンドになる (`<…>` は bash では入力の切り替え)。",
        "A command with a placeholder cannot be run, and pasted as it is it means something else: to bash `<…>` is a redirection.",
    ),
    hint: (
        "実際の値を書くか、型のあるパラメーター (`params:` と `\"$HK_…\"`) にしてください",
        "write the real value, or make it a typed parameter (`params:` and `\"$HK_…\"`)",
    ),
    bad: "# T\n\n## 対応\n```bash\nkill -TERM [PID]\n```\n",
    good: "# T\n\n## 対応\n```bash\nkill -TERM \"$PID\"\n```\n",
    look: Look::Each(placeholders),
};

pub(crate) const UNDECIDED_ALTERNATIVE: Rule = Rule {
    id: "undecided-alternative",
    level: Level::Warning,
    title: ("どちらにするか決まっていない", "an alternative that nobody decided"),
    why: (
        "「または」「必要に応じて」の条件がないと、その場の人が判断し、両方を順に実行することもある。",
        "Without a condition the person on duty has to decide, or runs both one after the other.",
    ),
    hint: (
        "どの値・状態のときにどちらを行うかを書き、手順を分けてください",
        "say which value or state asks for which, and make them separate steps",
    ),
    bad: "# T\n\n## 対応\n```bash\npm2 stop api\n# または\npm2 restart api\n```\n",
    good: "# T\n\n## 対応\nエラー率が 50% を超えたら:\n```bash\npm2 restart api\n```\n",
    look: Look::Each(alternatives),
};

pub(crate) const FOREIGN_MATTER: Rule = Rule {
    id: "foreign-matter",
    level: Level::Error,
    title: ("文書のものではない文字列", "something that is not of this document"),
    why: (
        "ツールの出力や未解決の差分の跡。文書のほかの部分も元のままか分からない。",
        "A trace of a tool or of an unresolved merge: nobody knows whether the rest of the document is whole.",
    ),
    hint: (
        "消し、文書のほかの部分も確かめてください",
        "remove it, and check the rest of the document",
    ),
    bad: "# T\n\n<<<<<<< HEAD\ntext\n",
    good: "# T\n\ntext\n",
    look: Look::Each(foreign),
};

pub(crate) const IMPORT_OPEN: Rule = Rule {
    id: "import-open",
    level: Level::Error,
    title: ("取り込みで決まらなかったことが残っている", "the import left something open"),
    why: (
        "元の文書が決めていないことを、hikeshi は推測で決めない。",
        "What the document left open hikeshi does not decide by guessing.",
    ),
    hint: (
        "決めたことを手順書に書き、`[x]` を付けるか行を消してください",
        "write what you decided into the runbook, and tick the box or remove the line",
    ),
    bad: "# T\n\n## 取り込みの残り\n- [ ] `a.md:3`: どちらを行うか決める\n",
    good: "# T\n\n## 取り込みの残り\n- [x] `a.md:3`: どちらを行うか決める\n",
    look: Look::Each(left_open),
};

fn left_open(page: &Page<'_>, hits: &mut Hits) {
    for item in &page.items {
        let is_left = [LEFT.0, LEFT.1].contains(&item.heading.as_str());
        let row = page.lines.get(item.line as usize - 1).map_or("", |row| row.trim_start());
        if is_left && ["- [ ]", "* [ ]", "+ [ ]"].iter().any(|mark| row.starts_with(mark)) {
            hits.at(
                item.line,
                format!("決まっていない: {}", item.text),
                format!("open: {}", item.text),
            );
        }
    }
}

/// Words in brackets that are no placeholder: levels in logs, and labels.
const NO_PLACEHOLDERS: &[&str] = &[
    "OK",
    "NG",
    "ERROR",
    "WARN",
    "WARNING",
    "INFO",
    "DEBUG",
    "FATAL",
    "CRITICAL",
    "NOTE",
    "TODO",
    "DONE",
    "注意",
    "重要",
    "任意",
    "必須",
    "参考",
    "補足",
    "警告",
    "例",
    "完了",
    "済",
    "未",
    "訓練",
    "復旧完了",
];
/// Tags of HTML that a command may print.
const TAGS: [&str; 10] =
    ["html", "body", "head", "title", "div", "span", "br", "pre", "code", "script"];
/// What stands in brackets where a person or an address is meant; another rule speaks of them.
const CONTACTS: [&str; 9] =
    ["電話", "メール", "連絡先", "担当", "サポート番号", "phone", "mail", "contact", "番号"];

fn placeholders(page: &Page<'_>, hits: &mut Hits) {
    for block in page.shell_blocks() {
        for (at, row) in (0..).zip(block.body.lines()) {
            let code = if row.trim_start().starts_with('#') { "" } else { row };
            for (column, name) in bracketed(code).into_iter().chain(angled(code)) {
                let said = (
                    format!("`{name}` が置き換えられていません"),
                    format!("`{name}` is still to be replaced"),
                );
                hits.at_place(block.place(at, column), said.0, said.1);
            }
        }
    }
    for (line, row) in &page.prose {
        for (column, name) in bracketed(row) {
            let is_link = row.contains(&format!("{name}(")) || row.contains(&format!("{name}:"));
            if is_link || CONTACTS.iter().any(|word| name.to_lowercase().contains(word)) {
                continue;
            }
            let place = (*line, column + 1);
            hits.at_place(
                place,
                format!("`{name}` が置き換えられていません"),
                format!("`{name}` is still to be replaced"),
            );
            hits.as_level(Level::Warning);
        }
    }
}

/// `[PID]`, `[担当者名]`: words in brackets with a column from 0; no index and no test of a shell.
pub(crate) fn bracketed(row: &str) -> Vec<(u32, String)> {
    let mut found = Vec::new();
    for (at, _) in row.match_indices('[') {
        let Some(inside) = inside(row, at, ']') else { continue };
        let stands_alone = !row[..at].ends_with(|c: char| {
            c.is_alphanumeric()
                || matches!(c, '$' | '_' | '.' | '[' | ')' | '^' | '\\' | '}' | ']' | '"' | '\'')
        });
        let is_name = inside.chars().count() > 1
            && inside.chars().all(|c| c.is_ascii_uppercase() || c == '_' || !c.is_ascii());
        if stands_alone && is_name && !NO_PLACEHOLDERS.contains(&inside) {
            found.push((column(row, at), format!("[{inside}]")));
        }
    }
    found
}

/// `<host>`, `<実際の…>`: not `<<EOF`, `<(cmd)`, `a < b`.
pub(crate) fn angled(row: &str) -> Vec<(u32, String)> {
    let mut found = Vec::new();
    for (at, _) in row.match_indices('<') {
        let Some(inside) = inside(row, at, '>') else { continue };
        let is_name = !inside.is_empty()
            && inside.starts_with(|c: char| c.is_alphabetic())
            && inside.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | ' '));
        let is_other = row[..at].ends_with(['<', '(', '?']);
        if is_name && !is_other && !inside.ends_with(' ') && !TAGS.contains(&inside) {
            found.push((column(row, at), format!("<{inside}>")));
        }
    }
    found
}

/// What stands between a bracket and the one that closes it, where that is no longer than a name.
fn inside(row: &str, at: usize, close: char) -> Option<&str> {
    let rest = &row[at + 1..];
    let (end, _) = rest.char_indices().take(60).find(|(_, c)| *c == close)?;
    Some(&rest[..end])
}

fn column(row: &str, at: usize) -> u32 {
    u32::try_from(row[..at].chars().count()).unwrap_or(u32::MAX)
}

/// Words that leave open whether something is done.
pub(crate) const OPEN: &[&str] = &[
    "または",
    "もしくは",
    "あるいは",
    "必要に応じて",
    "必要時",
    "必要であれば",
    "適宜",
    "状況により",
    "if needed",
    "if necessary",
    "as needed",
    "as appropriate",
    "alternatively",
];

fn alternatives(page: &Page<'_>, hits: &mut Hits) {
    let mut say = |line: u32, word: &str| {
        let ja = format!("「{word}」の条件がありません");
        hits.at(line, ja, format!("`{word}` has no condition"));
    };
    for block in &page.blocks {
        for comment in &block.script.comments {
            let is_or = comment.text.eq_ignore_ascii_case("or");
            if let Some(word) = text::find_word(&comment.text, OPEN).or(is_or.then_some("or")) {
                say(block.line_of(comment.line), word);
            }
        }
    }
    for item in &page.items {
        let has_condition = text::has_word(
            &item.text,
            &["超えたら", "場合", "とき", "when", "if the", "失敗したら"],
        );
        // "A または B が止まった" describes; only what is to be done has to be decided.
        let open: Vec<&str> = OPEN
            .iter()
            .copied()
            .filter(|word| !matches!(*word, "または" | "もしくは" | "あるいは"))
            .collect();
        if let Some(word) = text::find_word(&item.text, &open).filter(|_| !has_condition) {
            say(item.line, word);
        }
    }
}

/// Traces of tools, which no author writes.
const TRACES: [&str; 10] = [
    "<parameter",
    "</parameter",
    "<function",
    "</function",
    "<invoke",
    "</invoke",
    "<content>",
    "</content>",
    "<|im_",
    "```</",
];

/// The trace of a tool in a line, and where it begins.
pub(crate) fn trace(row: &str) -> Option<(usize, &'static str)> {
    let found = TRACES.iter().find(|tag| row.contains(*tag) && !row.contains(&format!("`{tag}")));
    found.and_then(|tag| row.find(tag).map(|at| (at, *tag)))
}

fn foreign(page: &Page<'_>, hits: &mut Hits) {
    for (line, row) in &page.prose {
        let row = row.trim();
        let is_tag = trace(row).map(|(_, tag)| tag);
        let merges = ["<<<<<<< ", ">>>>>>> ", "======="];
        let is_merge = merges.iter().find(|mark| {
            row.starts_with(*mark) && !(row.chars().all(|c| c == '=') && row.len() != 7)
        });
        let is_merge =
            is_merge.filter(|mark| !mark.starts_with('=') || page.text.contains("<<<<<<< "));
        let is_answer = ["As an AI language model", "申し訳ありませんが、AI"]
            .iter()
            .find(|text| row.contains(*text));
        if let Some(found) = is_tag.or(is_merge.copied()).or(is_answer.copied()) {
            hits.at(
                *line,
                format!("`{}` はこの文書のものではありません", found.trim()),
                format!("`{}` is not of this document", found.trim()),
            );
        }
    }
}
