//! The two reference documents, and documents of other houses, as drafts: every file as it is written.
//!
//! With `UPDATE_GOLDEN=1` the expected files are written anew.

use manual::{Document, Imported, import};
use std::{
    fs,
    path::{Path, PathBuf},
};

fn here() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")
}

fn imported(folder: &str, names: &[&str]) -> Imported {
    let texts: Vec<String> = names
        .iter()
        .map(|name| fs::read_to_string(here().join(folder).join(name)).expect("it is there"))
        .collect();
    let documents: Vec<_> =
        names.iter().zip(&texts).map(|(file, text)| Document { file, text }).collect();
    import(&documents)
}

fn expect_golden(name: &str, imported: &Imported) {
    let path = here().join("golden").join(name);
    let found: String =
        imported.files.iter().map(|(file, text)| format!("==> {file}\n{text}\n")).collect();
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&path, &found).expect("written");
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    assert!(found == expected, "{name} (UPDATE_GOLDEN=1 writes it anew):\n{found}");
}

fn references() -> Imported {
    imported("reference", &["alert-response.md", "incident-response.md"])
}

#[test]
fn the_references_become_these_files() {
    expect_golden("import-reference.txt", &references());
}

#[test]
fn documents_of_other_houses_become_these_files() {
    expect_golden(
        "import-houses.txt",
        &imported("houses", &["clean.md", "numbered.md", "operator.md"]),
    );
}
