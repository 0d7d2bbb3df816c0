//! Rule: guests are known. Every dependency named in the root manifest is used by a room, and has a line that says why.

use super::problem::Problem;
use crate::files::File;

const WHY: &str = "docs/decisions/0002-guests.md";

/// Looks at the guests of the root `Cargo.toml`.
pub fn check(files: &[File]) -> Vec<Problem> {
    let find = |path: &str| files.iter().find(|file| file.path == path);
    let Some(root) = find("Cargo.toml") else { return Vec::new() };
    let reasons = find(WHY).map_or("", |file| &file.text);
    let manifests: Vec<_> = files
        .iter()
        .filter(|file| file.room().is_some() && file.path.ends_with("/Cargo.toml"))
        .collect();
    let mut problems = Vec::new();
    for (line, name) in guests(&root.text) {
        if !manifests.iter().any(|manifest| names(&manifest.text, name)) {
            problems.push(Problem::error(
                &root.path,
                line,
                format!("no room uses the guest `{name}`"),
                "remove it",
            ));
        }
        if !reasons.lines().any(|reason| reason.starts_with(&format!("| `{name}` |"))) {
            let message = format!("nothing says why the guest `{name}` is here");
            problems.push(Problem::error(&root.path, line, message, format!("add a row to {WHY}")));
        }
    }
    for (reason, line) in reasons.lines().zip(1..) {
        let told = reason.strip_prefix("| `").and_then(|rest| rest.split('`').next());
        if let Some(name) = told.filter(|name| !guests(&root.text).any(|(_, guest)| guest == *name))
        {
            problems.push(Problem::error(
                WHY,
                line,
                format!("the guest `{name}` has left"),
                "remove its row",
            ));
        }
    }
    problems
}

/// The names in the workspace's table of dependencies that are no rooms, with their lines.
fn guests(manifest: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut is_inside = false;
    manifest.lines().zip(1..).filter_map(move |(line, number)| {
        if line.starts_with('[') {
            is_inside = line == "[workspace.dependencies]";
        }
        let (name, rest) = line.split_once('=')?;
        (is_inside && !line.starts_with('#') && !rest.contains("path ="))
            .then_some((number, name.trim()))
    })
}

/// Whether a room's manifest names a dependency.
fn names(manifest: &str, name: &str) -> bool {
    let is_it =
        |line: &str| line.strip_prefix(name).is_some_and(|rest| rest.starts_with(['.', ' ', '=']));
    manifest.lines().any(is_it)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::problem::told;

    #[test]
    fn a_guest_that_nobody_uses_or_explains_is_found_and_one_that_has_left() {
        let files = [
            File::new(
                "Cargo.toml",
                "# x\n[workspace.dependencies]\ndomain = { path = \"crates/domain\" }\nglob = \"1\"\nglobset = \"1\"\nhmac = \"1\"\n\n[profile.dev]\ndebug = 1\n",
            ),
            File::new(
                "crates/a/Cargo.toml",
                "[dependencies]\nglob.workspace = true\nhmac = { workspace = true }\n",
            ),
            File::new(
                WHY,
                "# Guests\n| `glob` | patterns |\n| `globset` | more patterns |\n| `nom` | parsing |\n",
            ),
        ];
        let expected = [
            "Cargo.toml:5: no room uses the guest `globset`".to_owned(),
            "Cargo.toml:6: nothing says why the guest `hmac` is here".to_owned(),
            format!("{WHY}:4: the guest `nom` has left"),
        ];
        assert_eq!(told(&check(&files)), expected);
    }
}
