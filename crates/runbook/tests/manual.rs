//! The manual of verbs, `docs/reference/verbs.md`: every verb stands in it with its example, its arguments and what takes it
//! back, and every supervisor, in the words of their rows.
//!
//! With `UPDATE_GOLDEN=1` the part below its heading `## Verbs` is written anew.

use runbook::{
    call::{Argument, Verb},
    kinds::VERBS,
};
use std::{fs, path::PathBuf};
use supervise::{Kind, kinds::KINDS};

const HEADING: &str = "## Verbs\n";

fn page() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/verbs.md")
}

fn table() -> String {
    let row = |verb: &Verb| {
        let (summary, anchor) = (verb.summary(), verb.name.replace('.', ""));
        let (name, effect) = (verb.name, verb.effect);
        format!("| [`{name}`](#{anchor}) | {effect} | {} | {} |\n", summary.en, summary.ja)
    };
    let rows: String = VERBS.iter().map(row).collect();
    format!("| verb | effect | what it does | すること |\n| --- | --- | --- | --- |\n{rows}")
}

fn bounds(argument: &Argument) -> String {
    let unit = if argument.kind == "duration" { " s" } else { "" };
    match argument.bounds {
        Some((least, i64::MAX)) => format!("from {least}{unit}"),
        Some((least, most)) => format!("{least} to {most}{unit}"),
        None => String::new(),
    }
}

fn section(verb: &Verb) -> String {
    let mut text = format!("### {}\n\n````markdown\n{}\n````\n", verb.name, verb.example);
    if !verb.arguments.is_empty() {
        let row = |argument: &Argument| {
            format!("| `{}` | {} | {} |\n", argument.name, argument.kind, bounds(argument))
        };
        let rows: String = verb.arguments.iter().map(row).collect();
        text.push_str(&format!("\n| argument | type | |\n| --- | --- | --- |\n{rows}"));
    }
    for (word, other) in [("Verified by", verb.verify), ("Taken back by", verb.undo)] {
        if let Some(other) = other {
            text.push_str(&format!("\n{word} [`{other}`](#{}).\n", other.replace('.', "")));
        }
    }
    text
}

fn supervisors() -> String {
    let row = |kind: &Kind| {
        let summary = kind.summary();
        format!("| `{}` | {} | {} |\n", kind.example, summary.en, summary.ja)
    };
    let rows: String = KINDS.iter().map(row).collect();
    format!(
        "## Supervisors\n\n| `supervise:` | what it does | すること |\n| --- | --- | --- |\n{rows}"
    )
}

/// A person can copy what stands there: another test reads the examples themselves.
#[test]
fn every_verb_stands_in_the_manual_as_it_is() {
    let page = page();
    let text = fs::read_to_string(&page).expect("the manual is there");
    let (intro, found) = text.split_once(HEADING).expect("the heading of the verbs");
    let sections: Vec<_> = VERBS.iter().map(section).collect();
    let expected = format!("\n{}\n{}\n{}", table(), sections.join("\n"), supervisors());
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&page, format!("{intro}{HEADING}{expected}")).expect("written");
        return;
    }
    assert_eq!(found, expected, "with UPDATE_GOLDEN=1 it is written anew");
}
