//! Documents of three houses, and the two reference documents as they are: every finding with its line.
//!
//! With `UPDATE_GOLDEN=1` the expected findings are written anew.

use jiff::civil::{Date, date};
use manual::{Document, Finding, Level, RULES, lint};
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

fn today() -> Date {
    date(2026, 11, 28)
}

fn here() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")
}

fn lint_files(folder: &str, names: &[&str]) -> Vec<Finding> {
    let texts: Vec<String> = names
        .iter()
        .map(|name| fs::read_to_string(here().join(folder).join(name)).expect("it is there"))
        .collect();
    let documents: Vec<_> =
        names.iter().zip(&texts).map(|(file, text)| Document { file, text }).collect();
    lint(&documents, today())
}

fn shown(findings: &[Finding]) -> String {
    let row = |finding: &Finding| {
        let column = finding.column.map(|column| format!(":{column}")).unwrap_or_default();
        let Finding { file, line, level, rule, message, .. } = finding;
        format!("{file}:{line}{column}: {level}: {rule}: {}\n", message.en)
    };
    findings.iter().map(row).collect()
}

fn expect_golden(name: &str, found: &str) {
    let path = here().join("golden").join(name);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::create_dir_all(here().join("golden")).expect("a folder");
        fs::write(&path, found).expect("written");
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    assert!(found == expected, "{name} (UPDATE_GOLDEN=1 writes it anew):\n{found}");
}

fn references() -> Vec<Finding> {
    lint_files("reference", &["alert-response.md", "incident-response.md"])
}

#[test]
fn the_references_have_these_findings() {
    expect_golden("reference.txt", &shown(&references()));
}

/// What does not occur in them has its example in the table, as every rule has.
#[test]
fn every_rule_fires_in_the_references() {
    let fired: BTreeSet<_> = references().into_iter().map(|finding| finding.rule).collect();
    let silent: Vec<_> =
        RULES.iter().map(|rule| rule.id).filter(|id| !fired.contains(id)).collect();
    // `import-open` is for what the import makes of them.
    let expected = ["import-open", "link-dead", "flow-unreachable", "not-bash", "invalid-runbook"];
    assert_eq!(silent, expected);
}

#[test]
fn the_examples_of_every_rule_are_what_they_say() {
    let mut ids = BTreeSet::new();
    for rule in RULES {
        assert!(ids.insert(rule.id), "{} is there twice", rule.id);
        let is_kebab = rule.id.chars().all(|c| c.is_ascii_lowercase() || c == '-');
        assert!(is_kebab, "{}", rule.id);
        let fires = |text: &str| {
            // A contradiction between documents needs two: the example has them one after the other.
            let parts = match rule.id {
                "contradiction-between-documents" => text.split_at(text.find("####").expect("two")),
                _ => (text, ""),
            };
            let documents = [
                Document { file: "one.md", text: parts.0 },
                Document { file: "two.md", text: parts.1 },
            ];
            lint(&documents, today()).iter().any(|finding| finding.rule == rule.id)
        };
        assert!(fires(rule.bad), "{}: its bad example passes", rule.id);
        assert!(!fires(rule.good), "{}: its good example does not pass", rule.id);
    }
}

#[test]
fn a_clean_document_of_another_house_has_no_findings() {
    assert_eq!(shown(&lint_files("houses", &["clean.md"])), "");
}

#[test]
fn documents_of_other_houses_are_understood() {
    let found = lint_files("houses", &["numbered.md", "operator.md"]);
    expect_golden("houses.txt", &shown(&found));
}

#[test]
fn every_runbook_of_this_repository_is_clean() {
    let root = here().join("../../..");
    let folders = [
        "examples/miraikakaku/runbooks",
        "examples/runbooks-en/runbooks",
        "stories/small/runbooks",
        "stories/jobs/runbooks",
        "crates/hikeshi/src/starter",
        "crates/config/src/builtin",
    ];
    let mut count = 0;
    for folder in folders {
        for entry in fs::read_dir(root.join(folder)).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.extension().is_none_or(|ending| ending != "md") {
                continue;
            }
            count += 1;
            let text = fs::read_to_string(&path).expect("it is there");
            let file = path.file_name().expect("a name").to_string_lossy();
            let mut found = lint(&[Document { file: &file, text: &text }], today());
            found.retain(|finding| finding.level > Level::Info);
            assert_eq!(shown(&found), "", "{}", path.display());
        }
    }
    assert!(count >= 7, "{count}");
}

#[test]
fn line_ends_of_other_systems_change_nothing() {
    let text = fs::read_to_string(here().join("houses/numbered.md")).expect("it is there");
    let windows = text.replace('\n', "\r\n");
    let of = |text: &str| shown(&lint(&[Document { file: "numbered.md", text }], today()));
    assert_eq!(of(&windows), of(&text));
    assert_eq!(of(&format!("\u{feff}{text}")), of(&text));
}

#[test]
fn the_order_is_that_of_the_documents_and_their_lines() {
    let found = references();
    let places: Vec<_> =
        found.iter().map(|finding| (finding.file.as_str(), finding.line)).collect();
    assert!(places.is_sorted(), "{places:?}");
    assert_eq!(found, references());
}

proptest::proptest! {
    #[test]
    fn any_text_is_linted_without_a_panic(
        text in "(---\n|alert: a\n|# |#### P1 |- \\*\\*|\\| |```(bash|console|mermaid| )?\n|graph TD\n|\\[|\\]\\(|\\]|<|>|-->|\\$|\\{|\\}|\"|'|時間|分|5|10秒以上|エラー率|日|\n| |tail -f|psql|\\|\\| echo|&&|\u{3000}|\\\\){0,60}"
    ) {
        lint(&[Document { file: "any.md", text: &text }, Document { file: "other.md", text: &text }], today());
    }
}
