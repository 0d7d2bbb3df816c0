//! The reference page of the rules, `docs/reference/lint.md`: every rule stands in it in the words of its row.
//!
//! With `UPDATE_GOLDEN=1` the part below its heading `## Rules` is written anew.

use manual::{RULES, Rule};
use std::{fs, path::PathBuf};

const HEADING: &str = "## Rules\n";

fn page() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/lint.md")
}

fn table() -> String {
    let row = |rule: &Rule| {
        format!(
            "| [`{0}`](#{0}) | {1} | {2} | {3} |\n",
            rule.id, rule.level, rule.title.1, rule.title.0
        )
    };
    let rows: String = RULES.iter().map(row).collect();
    format!("| rule | level | what is wrong | 指摘 |\n| --- | --- | --- | --- |\n{rows}")
}

fn section(rule: &Rule) -> String {
    let (why, hint) = (rule.why, rule.hint);
    let example = |text: &str| format!("````markdown\n{}\n````\n", text.trim_end());
    format!(
        "### {}\n\n{} {}.\n\n{}{}。\n\nBad / 悪い例:\n\n{}\nGood / 良い例:\n\n{}",
        rule.id,
        why.1,
        capital(hint.1),
        why.0,
        hint.0,
        example(rule.bad),
        example(rule.good),
    )
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[test]
fn every_rule_stands_in_the_reference_as_it_is() {
    let page = page();
    let text = fs::read_to_string(&page).expect("the page is there");
    let (intro, found) = text.split_once(HEADING).expect("the heading of the rules");
    let sections: Vec<_> = RULES.iter().map(section).collect();
    let expected = format!("\n{}\n{}", table(), sections.join("\n"));
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&page, format!("{intro}{HEADING}{expected}")).expect("written");
        return;
    }
    assert!(found == expected, "with UPDATE_GOLDEN=1 it is written anew");
}

/// A finding's hint follows it on a line of its own; a title is a label.
#[test]
fn every_text_is_there_in_both_languages() {
    for rule in RULES {
        let pairs = [rule.title, rule.why, rule.hint];
        for (ja, en) in pairs {
            assert!(!ja.is_ascii(), "{}: {ja}", rule.id);
            assert!(!en.is_empty() && en.is_ascii() || en.contains('…'), "{}: {en}", rule.id);
        }
        assert!(!rule.title.1.ends_with('.') && !rule.hint.1.ends_with('.'), "{}", rule.id);
    }
}
