//! What a tree's `.gitignore` files leave out; git itself is not asked, because a tree's settings can make it run things.

use regex::Regex;
use std::{fs, io::Read, path::Path};

/// More is not a list that a person wrote.
const LIST_BYTES: u64 = 64 << 10;

/// The list of one folder.
#[derive(Debug, Default)]
pub(crate) struct Ignored(Vec<Rule>);

#[derive(Debug)]
struct Rule {
    form: Regex,
    is_kept: bool,
    only_folders: bool,
}

impl Ignored {
    /// The list in a folder; without one nothing is left out.
    pub fn of(folder: &Path) -> Self {
        let path = folder.join(".gitignore");
        let is_file = fs::symlink_metadata(&path).is_ok_and(|file| file.is_file());
        let mut text = Vec::new();
        if let Some(file) = fs::File::open(path).ok().filter(|_| is_file) {
            // What cannot be read leaves nothing out: more is looked at, not less.
            let _ = file.take(LIST_BYTES).read_to_end(&mut text);
        }
        Self::read(&String::from_utf8_lossy(&text))
    }

    fn read(text: &str) -> Self {
        Self(text.lines().filter_map(rule).collect())
    }

    /// Whether a path below the folder is left out; nothing when the list says nothing of it.
    pub fn judge(&self, below: &str, is_folder: bool) -> Option<bool> {
        let mut meant = self.0.iter().rev().filter(|rule| is_folder || !rule.only_folders);
        meant.find(|rule| rule.form.is_match(below)).map(|rule| !rule.is_kept)
    }
}

fn rule(line: &str) -> Option<Rule> {
    let line = line.trim_end();
    let (is_kept, line) = line.strip_prefix('!').map_or((false, line), |rest| (true, rest));
    let (only_folders, line) = line.strip_suffix('/').map_or((false, line), |rest| (true, rest));
    if line.is_empty() || line.starts_with('#') {
        return None;
    }
    let start = if line.contains('/') { "^" } else { "^(?:.*/)?" };
    let form = format!("(?s){start}{}$", form(line.trim_start_matches('/')));
    Regex::new(&form).ok().map(|form| Rule { form, is_kept, only_folders })
}

/// A pattern of git as a regular expression.
fn form(pattern: &str) -> String {
    let mut form = String::new();
    let mut rest = pattern;
    while let Some(first) = rest.chars().next() {
        let (piece, length) = if rest.starts_with("**/") {
            ("(?:.*/)?".to_owned(), 3)
        } else if rest.starts_with("**") {
            (".*".to_owned(), 2)
        } else if first == '*' {
            ("[^/]*".to_owned(), 1)
        } else if first == '?' {
            ("[^/]".to_owned(), 1)
        } else if let Some(end) = rest[1..].find(']').filter(|_| first == '[') {
            let inner = rest[1..=end].replace('\\', "\\\\").replace('[', "\\[");
            let inner = inner.strip_prefix('!').map_or(inner.clone(), |rest| format!("^{rest}"));
            (format!("[{inner}]"), end + 2)
        } else if let Some(escaped) = rest[1..].chars().next().filter(|_| first == '\\') {
            (regex::escape(&escaped.to_string()), 1 + escaped.len_utf8())
        } else {
            (regex::escape(&first.to_string()), first.len_utf8())
        };
        form.push_str(&piece);
        rest = &rest[length..];
    }
    form
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read_as_git_reads_it() {
        let list =
            Ignored::read("# built\n*.log\n!keep.log\n/build/\ndocs/**/x.txt\na[0-9]?\n[\n\\!b\n");
        for (path, is_folder, expected) in [
            ("a.log", false, Some(true)),
            ("deep/in/a.log", false, Some(true)),
            ("keep.log", false, Some(false)),
            ("build", true, Some(true)),
            ("build", false, None),
            ("deep/build", true, None),
            ("docs/x.txt", false, Some(true)),
            ("docs/a/b/x.txt", false, Some(true)),
            ("a12", false, Some(true)),
            ("!b", false, Some(true)),
            ("other", false, None),
        ] {
            assert_eq!(list.judge(path, is_folder), expected, "{path}");
        }
    }
}
