//! The manual of channels, `docs/reference/channels.md`: each kind has its row in the table and its example.

use notify::kinds::KINDS;
use std::{fs, path::Path};

#[test]
fn every_kind_stands_in_the_manual_with_its_row_and_its_example() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/channels.md");
    let manual = fs::read_to_string(page).expect("the manual is there");
    for kind in KINDS {
        assert!(manual.contains(&format!("\n| `{}` | ", kind.name)), "{kind:?} has no row");
        let section = format!("\n### {}\n", kind.name);
        let (_, rest) =
            manual.split_once(&section).unwrap_or_else(|| panic!("no section {kind:?}"));
        let section = rest.split_once("\n### ").map_or(rest, |(section, _)| section);
        let example = format!("```yaml\n{}```", kind.example);
        assert!(section.contains(&example), "{kind:?}: {example}");
    }
}
