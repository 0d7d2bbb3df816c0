//! What the stories share: files, golden texts, and the real promtool.

use domain::said::Language;
use rules::{Exported, RuleFile};
use source::Problems;
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/files").join(name)
}

/// The text of a file of `tests/files`.
pub fn text(name: &str) -> String {
    fs::read_to_string(path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// A rule file without a mistake.
pub fn file(name: &str) -> RuleFile {
    parsed(name, &text(name))
}

/// A text without a mistake.
pub fn parsed(name: &str, text: &str) -> RuleFile {
    let mut problems = Problems::new();
    let file = rules::read(name, text, &mut problems);
    assert!(problems.is_empty(), "{}", problems.render(Language::En));
    file.expect("it is a rule file")
}

/// What the backend of the documents exports, as it is scraped.
pub fn exported() -> Exported {
    let mut exported = Exported::new();
    let labels = [("job", "mks-backend"), ("instance", "127.0.0.1:5100")];
    exported.read_exposition("mks.prom", &text("mks.prom"), &labels).expect("it is an exposition");
    exported
}

/// Holds a text against the golden one; `UPDATE_GOLDEN=1` writes it anew.
pub fn assert_golden(name: &str, found: &str) {
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(path(name), found).expect("the folder is there");
    }
    let expected = fs::read_to_string(path(name)).unwrap_or_default();
    assert_eq!(found, expected, "{name}: with UPDATE_GOLDEN=1 it is written anew");
}

/// What the real promtool says of a rule file, and whether it accepts it; none: it is not installed.
pub fn promtool(rules: &str) -> Option<(bool, String)> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("rules.yml");
    fs::write(&path, rules).expect("written");
    match Command::new("promtool").args(["check", "rules"]).arg(&path).output() {
        Ok(said) => {
            let text = [said.stdout, said.stderr].concat();
            Some((said.status.success(), String::from_utf8_lossy(&text).into_owned()))
        }
        Err(error) => {
            assert!(std::env::var_os("CI").is_none(), "promtool is needed in CI: {error}");
            eprintln!("skipped: promtool: {error}; on Debian: apt-get install prometheus");
            None
        }
    }
}
