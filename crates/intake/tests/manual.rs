//! The manual of formats, `docs/reference/intake.md`: each has its section, with the example of its row and all of its
//! paths.

use intake::{format::Format, kinds::KINDS};
use std::{fs, path::Path};

fn manual() -> String {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/intake.md");
    fs::read_to_string(page).expect("the manual is there")
}

fn section<'a>(manual: &'a str, format: &Format) -> &'a str {
    let heading = format!("\n### {}\n", format.name);
    let (_, rest) = manual.split_once(&heading).unwrap_or_else(|| panic!("no section {format:?}"));
    rest.split_once("\n### ").map_or(rest, |(section, _)| section)
}

#[test]
fn every_format_stands_in_the_manual_with_its_example() {
    let manual = manual();
    for format in KINDS {
        let example = format!("```yaml\n{}```", format.example);
        assert!(section(&manual, format).contains(&example), "{format:?}: {example}");
    }
}

#[test]
fn every_path_of_a_format_stands_in_its_section() {
    let manual = manual();
    for format in KINDS {
        for (method, path) in format.paths {
            let path = format!("`{method} {path}`");
            assert!(section(&manual, format).contains(&path), "{format:?}: {path}");
        }
    }
}
