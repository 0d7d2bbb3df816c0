//! Which heading means what: the table of section names in Japanese and English.

use domain::plan::Role;

/// What a section of a runbook is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    /// Its fences are steps of this role.
    Steps(Role),
    /// Boxes to confirm.
    Checklist,
    /// When the alert fires.
    Trigger,
    /// Who is responsible.
    Owners,
}

/// The accepted headings, in normal form (see [`normal`]).
const HEADINGS: &[(Section, &[&str])] = &[
    (
        Section::Steps(Role::Diagnose),
        &[
            "診断",
            "詳細調査",
            "即座確認",
            "状況確認",
            "メモリ状況確認",
            "調査",
            "diagnose",
            "diagnosis",
            "investigate",
        ],
    ),
    (Section::Steps(Role::Evidence), &["証拠", "ログ収集", "evidence"]),
    (
        Section::Steps(Role::Respond),
        &[
            "対応",
            "復旧作業",
            "緊急対応",
            "即座隔離",
            "即座実行",
            "復旧",
            "respond",
            "remediate",
            "mitigate",
            "mitigation",
        ],
    ),
    (Section::Steps(Role::Verify), &["確認", "動作確認", "表示確認", "ヘルスチェック", "verify"]),
    (Section::Steps(Role::Undo), &["取り消し", "切り戻し", "undo", "rollback"]),
    (Section::Checklist, &["確認項目", "チェックリスト", "checklist"]),
    (Section::Trigger, &["検知条件", "症状", "trigger", "meaning"]),
    (Section::Owners, &["担当者", "連絡先", "owners"]),
];

/// The section that a heading or a bold list item opens; nothing when the table does not know it.
pub fn section_of(heading: &str) -> Option<Section> {
    let heading = normal(heading);
    let row = HEADINGS.iter().find(|(_, names)| names.contains(&heading.as_str()))?;
    Some(row.0)
}

/// The role by its English name, as `role=` writes it.
pub fn role_by_name(name: &str) -> Option<Role> {
    [Role::Diagnose, Role::Evidence, Role::Respond, Role::Verify, Role::Probe, Role::Undo]
        .into_iter()
        .find(|role| role.to_string() == name)
}

/// Lower case, full-width ASCII made narrow, leading numbers and a closing colon removed.
fn normal(heading: &str) -> String {
    let narrow: String = heading.chars().map(narrow).collect::<String>().to_lowercase();
    let numbered = |c: char| {
        c.is_ascii_digit() || matches!(c, '.' | ')' | '(' | '-' | ' ' | '、') || is_circled(c)
    };
    let starts_with_number = narrow
        .trim_start_matches(['(', ' '])
        .starts_with(|c: char| c.is_ascii_digit() || is_circled(c));
    let text = if starts_with_number { narrow.trim_start_matches(numbered) } else { &narrow };
    text.trim().trim_end_matches(':').trim_end().to_owned()
}

fn narrow(c: char) -> char {
    match c {
        '\u{3000}' => ' ',
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        _ => c,
    }
}

fn is_circled(c: char) -> bool {
    matches!(c, '①'..='⑳')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_heading_is_known_however_it_is_numbered_or_typed() {
        let diagnose = Some(Section::Steps(Role::Diagnose));
        for heading in [
            "診断",
            "1. 診断",
            "1)診断",
            "① 診断",
            "１．診断",
            "(1) 診断:",
            "診断：",
            "DIAGNOSIS",
            "Ｄｉａｇｎｏｓｅ",
        ] {
            assert_eq!(section_of(heading), diagnose, "{heading}");
        }
    }

    #[test]
    fn a_checklist_is_not_a_verification() {
        assert_eq!(section_of("確認項目"), Some(Section::Checklist));
        assert_eq!(section_of("確認"), Some(Section::Steps(Role::Verify)));
        assert_eq!(section_of("確認の前に"), None);
    }

    #[test]
    fn roles_are_read_by_name() {
        assert_eq!(role_by_name("probe"), Some(Role::Probe));
        assert_eq!(role_by_name("repair"), None);
    }
}
