//! The manual of probes, `docs/reference/probes.md`: every kind stands in it with its example and its readings, in the
//! words of its row.
//!
//! With `UPDATE_GOLDEN=1` the part below its heading `## Kinds` is written anew.

use probes::{Kind, kinds::KINDS};
use std::{fs, path::PathBuf};

const HEADING: &str = "## Kinds\n";

fn page() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/probes.md")
}

fn table() -> String {
    let row = |kind: &Kind| {
        let summary = kind.summary();
        format!("| [`{0}`](#{0}) | {1} | {2} |\n", kind.name, summary.en, summary.ja)
    };
    let rows: String = KINDS.iter().map(row).collect();
    format!("| kind | what it does | 見るもの |\n| --- | --- | --- |\n{rows}")
}

fn section(kind: &Kind) -> String {
    let reading = |(name, _, en): &(&str, &str, &str)| format!("| `{name}` | {en} |\n");
    let readings: String = kind.readings.iter().map(reading).collect();
    let example = kind.example.trim_end();
    format!(
        "### {}\n\n```yaml\n{example}\n```\n\n| reading | |\n| --- | --- |\n{readings}",
        kind.name
    )
}

/// A person can copy what stands there: another test reads the examples themselves.
#[test]
fn every_kind_stands_in_the_manual_as_it_is() {
    let page = page();
    let text = fs::read_to_string(&page).expect("the manual is there");
    let (intro, found) = text.split_once(HEADING).expect("the heading of the kinds");
    let sections: Vec<_> = KINDS.iter().map(section).collect();
    let expected = format!("\n{}\n{}", table(), sections.join("\n"));
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&page, format!("{intro}{HEADING}{expected}")).expect("written");
        return;
    }
    assert_eq!(found, expected, "with UPDATE_GOLDEN=1 it is written anew");
}
