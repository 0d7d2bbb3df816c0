//! The project's text files, read once: what the rules look at.

use std::{fs, io, path::Path};

/// Names that hold nothing of ours; in a second worktree `.git` is a file.
const NOT_OURS: [&str; 3] = ["target", ".git", "node_modules"];

/// A text file of the project.
#[derive(Clone, Debug)]
pub struct File {
    /// Its path from the project's root, with `/`.
    pub path: String,
    /// What it says.
    pub text: String,
}

impl File {
    /// A file from its parts.
    pub fn new(path: impl Into<String>, text: impl Into<String>) -> Self {
        Self { path: path.into(), text: text.into() }
    }

    /// The room it lives in: `crates/NAME/…`.
    pub fn room(&self) -> Option<&str> {
        self.path.strip_prefix("crates/")?.split_once('/').map(|(room, _)| room)
    }

    /// The path inside its room's `src`, when it is Rust: `sqlite.rs`.
    pub fn in_src(&self) -> Option<&str> {
        let (_, inside) = self.path.strip_prefix("crates/")?.split_once("/src/")?;
        inside.ends_with(".rs").then_some(inside)
    }

    /// Its ending, without the dot.
    pub fn ending(&self) -> &str {
        self.path
            .rsplit('/')
            .next()
            .and_then(|name| name.rsplit_once('.'))
            .map_or("", |(_, ending)| ending)
    }

    /// Whether it is Rust that is only built for tests or benchmarks.
    pub fn is_for_tests(&self) -> bool {
        ["/tests/", "/benches/", "/examples/"].iter().any(|folder| self.path.contains(folder))
    }
}

/// All text files under a folder, sorted by path. What is not UTF-8 is no text.
///
/// # Errors
/// A folder or a file cannot be read.
pub fn read(root: &Path) -> io::Result<Vec<File>> {
    let mut files = Vec::new();
    collect(root, "", &mut files)?;
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

fn collect(folder: &Path, prefix: &str, files: &mut Vec<File>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        if NOT_OURS.contains(&name.as_str()) {
            continue;
        }
        let kind = entry.file_type()?;
        if kind.is_dir() {
            collect(&entry.path(), &format!("{prefix}{name}/"), files)?;
        } else if kind.is_file()
            && let Ok(text) = String::from_utf8(fs::read(entry.path())?)
        {
            files.push(File::new(format!("{prefix}{name}"), text));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_knows_its_room_and_its_ending() {
        let file = File::new("crates/journal/src/sqlite.rs", "");
        assert_eq!(
            (file.room(), file.in_src(), file.ending()),
            (Some("journal"), Some("sqlite.rs"), "rs")
        );
        let run = File::new(".ci/run", "");
        assert_eq!((run.room(), run.in_src(), run.ending()), (None, None, ""));
        assert!(File::new("crates/journal/tests/golden.rs", "").is_for_tests());
    }

    #[test]
    fn this_project_is_read_and_what_is_built_is_not() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let files = read(&root).expect("reads");
        assert!(files.iter().any(|file| file.path == "crates/xtask/src/files.rs"));
        assert!(files.iter().all(|file| !file.path.starts_with("target/")));
    }
}
