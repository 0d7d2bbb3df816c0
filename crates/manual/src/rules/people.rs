//! Who and by when: contacts, owners and deadlines that are not settled.

use super::links::is_reserved;
use crate::{
    finding::Level,
    page::Page,
    rule::{Hits, Look, Rule},
    statements::{NAME_TITLES, OWNER_TITLES, column},
    text,
};

pub(crate) const CONTACT_UNRESOLVED: Rule = Rule {
    id: "contact-unresolved",
    level: Level::Error,
    title: ("連絡先が決まっていない", "a contact is not filled in"),
    why: ("通知が誰にも届かない。", "Nobody is told."),
    hint: (
        "実際の名前と連絡先を書き、届くことを確かめてください",
        "write the real name and address, and see that it arrives",
    ),
    bad: "# T\n\n## 連絡先\n- **システム管理者**: [電話番号] / [メール]\n",
    good: "# T\n\n## 連絡先\n- **システム管理者**: 佐藤 090-1234-5678\n",
    look: Look::Each(contacts),
};

pub(crate) const OWNER_UNRESOLVED: Rule = Rule {
    id: "owner-unresolved",
    level: Level::Warning,
    title: ("担当が決まっていない", "the owner is not settled"),
    why: (
        "担当が二つあるか一つもないアラートには、誰も対応しない。",
        "An alert with two owners, or with none, is nobody's.",
    ),
    hint: ("担当を一つだけ書いてください", "name exactly one owner"),
    bad: "# T\n\n| アラート名 | 担当 |\n|---|---|\n| サービスダウン | SRE/DevOps |\n",
    good: "# T\n\n| アラート名 | 担当 |\n|---|---|\n| サービスダウン | SRE |\n",
    look: Look::Each(owners),
};

pub(crate) const DEADLINE_UNRESOLVED: Rule = Rule {
    id: "deadline-unresolved",
    level: Level::Warning,
    title: ("期限が決まっていない", "the deadline is not settled"),
    why: (
        "数字のない期限は、守られたか誰にも分からない。",
        "Nobody can tell whether a deadline without a number was kept.",
    ),
    hint: (
        "何分・何時間以内か、営業日ならどの暦かを書いてください",
        "say within how many minutes or hours, and by which calendar",
    ),
    bad: "# T\n\n- **データ漏洩の疑い**: 即座に隔離措置\n",
    good: "# T\n\n- **データ漏洩の疑い**: 5分以内に隔離措置\n",
    look: Look::Each(deadlines),
};

fn contacts(page: &Page<'_>, hits: &mut Hits) {
    for item in &page.items {
        let names = [
            "[担当",
            "[上位",
            "[電話",
            "[メール",
            "[連絡先",
            "[サポート",
            "[phone",
            "[mail",
            "[email",
            "[name",
            "[contact",
        ];
        let lower = item.text.to_lowercase();
        if let Some(found) = names.iter().find(|name| lower.contains(**name)) {
            let at = lower.find(found).unwrap_or_default();
            let shown: String =
                item.text[at..].chars().take_while(|c| *c != ']').chain([']']).collect();
            if lower[at..].contains("](") {
                continue;
            }
            let who = item.label.clone().unwrap_or_default();
            hits.at(
                item.line,
                format!("「{who}」の連絡先が `{shown}` のままです"),
                format!("the contact of `{who}` is still `{shown}`"),
            );
        }
    }
    for block in page.shell_blocks() {
        for command in block.commands() {
            for word in &command.words {
                if word.text.contains('@') && is_reserved(&word.text) && !word.text.contains("//") {
                    hits.at_place(
                        block.place(word.line, word.column),
                        format!("`{}` は例示用の宛先です", word.text),
                        format!("`{}` is an address for examples", word.text),
                    );
                }
            }
        }
    }
}

fn owners(page: &Page<'_>, hits: &mut Hits) {
    let mut known: Vec<String> = Vec::new();
    for table in &page.tables {
        let Some(name_at) = column(table, NAME_TITLES) else { continue };
        let owner_at = column(table, OWNER_TITLES);
        for (line, cells) in &table.rows {
            let Some(name) = cells.get(name_at).filter(|name| !name.is_empty()) else { continue };
            known.push(name.clone());
            let Some(owner) = owner_at.and_then(|at| cells.get(at)) else { continue };
            if owner.is_empty() || matches!(owner.as_str(), "-" | "–" | "未定" | "TBD") {
                hits.at(
                    *line,
                    format!("「{name}」に担当がいません"),
                    format!("`{name}` has no owner"),
                );
            } else if owner.contains(['/', '／', '、', ',']) {
                hits.at(
                    *line,
                    format!("「{name}」の担当が一つに決まっていません: {owner}"),
                    format!("`{name}` has more than one owner: {owner}"),
                );
            }
        }
    }
    if known.is_empty() {
        return;
    }
    // What is listed by level and missing in the table has neither owner nor deadline.
    for item in &page.items {
        let Some(label) = &item.label else { continue };
        let is_level =
            text::has_word(&item.heading, &["critical", "warning", "info", "重大", "警告", "情報"]);
        let is_known =
            known.iter().any(|name| name.contains(label.as_str()) || label.contains(name.as_str()));
        if is_level && !is_known {
            hits.at(
                item.line,
                format!("「{label}」は一覧になく、担当も期限もありません"),
                format!("`{label}` is not in the table: it has neither owner nor deadline"),
            );
        }
    }
}

fn deadlines(page: &Page<'_>, hits: &mut Hits) {
    let vague = [
        "即座",
        "速やかに",
        "至急",
        "早急",
        "できるだけ早く",
        "定期アップデート",
        "immediately",
        "as soon as possible",
        "asap",
        "promptly",
    ];
    for item in &page.items {
        let is_heading = item.label.is_some() && item.rest.is_empty();
        if let Some(word) = text::find_word(&item.rest, &vague)
            && !is_heading
            && item.label.is_some()
            && text::minutes(&item.text).is_none()
        {
            hits.at(
                item.line,
                format!("「{word}」は何分以内か分かりません"),
                format!("`{word}` does not say within how many minutes"),
            );
        }
    }
    for table in &page.tables {
        for (line, cells) in &table.rows {
            for cell in cells {
                let is_business =
                    text::has_word(cell, &["営業日", "business day", "business days"]);
                if is_business && !page.says(&["営業日とは", "暦", "calendar", "祝日", "holidays"])
                {
                    hits.at(
                        *line,
                        format!("「{cell}」の暦 (祝日、時間帯) が決まっていません"),
                        format!("`{cell}`: by which calendar, in which time zone?"),
                    );
                }
            }
        }
    }
}
