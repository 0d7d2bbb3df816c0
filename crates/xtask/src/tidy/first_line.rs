//! Rule: the first line of a file says what the file is for.

use super::problem::Problem;
use crate::files::File;

/// Files that are wrong on purpose, to test what is said about them.
const WRONG_ON_PURPOSE: &str = "/bad/";

/// Looks at the first line of every file that people write.
pub fn check(files: &[File]) -> Vec<Problem> {
    files.iter().filter(|file| !file.path.contains(WRONG_ON_PURPOSE)).filter_map(judge).collect()
}

fn judge(file: &File) -> Option<Problem> {
    let mut lines = file.text.lines();
    let mut first = lines.next().unwrap_or_default();
    let is_script = first.starts_with("#!/");
    if is_script {
        first = lines.next().unwrap_or_default();
    }
    let starts: &[&str] = match file.ending() {
        "rs" => &["//! "],
        "toml" | "yaml" | "yml" | "sh" => &["# "],
        "md" => &["# ", "---"],
        _ if is_script => &["# "],
        _ => return None,
    };
    if starts.iter().any(|start| first.starts_with(start)) {
        return None;
    }
    let hint = match starts {
        ["# ", "---"] => "begin with `# Heading`, or with front matter".to_owned(),
        starts => format!("begin with `{}` and one sentence", starts[0]),
    };
    let line = if is_script { 2 } else { 1 };
    Some(Problem::error(&file.path, line, "the first line does not say what the file is for", hint))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::problem::told;

    #[test]
    fn a_file_that_does_not_say_what_it_is_for_is_found() {
        let files = [
            File::new("a.rs", "use std::fs;\n"),
            File::new("b.toml", "[package]\n"),
            File::new("c.md", "Once upon a time\n"),
            File::new(".ci/run", "#!/usr/bin/env bash\nset -e\n"),
            File::new("e.rs", ""),
        ];
        let message = "the first line does not say what the file is for";
        let places = ["a.rs:1", "b.toml:1", "c.md:1", ".ci/run:2", "e.rs:1"];
        assert_eq!(told(&check(&files)), places.map(|place| format!("{place}: {message}")));
    }

    #[test]
    fn a_file_that_says_it_is_fine() {
        let files = [
            File::new("a.rs", "//! Reads files.\n"),
            File::new("b.yaml", "# Services.\n"),
            File::new("c.md", "---\nalert: x\n---\n"),
            File::new("run", "#!/bin/sh\n# Runs.\n"),
            File::new("data.jsonl", "{}"),
            File::new("tests/bad/empty.yaml", ""),
        ];
        assert!(check(&files).is_empty());
    }
}
