//! Rule: inside a crate, files form no import circle.

use super::{
    imports::{self, Import},
    problem::Problem,
};
use crate::files::File;
use std::collections::{BTreeMap, BTreeSet};

/// Looks at the imports of every room.
pub fn check(files: &[File]) -> Vec<Problem> {
    let mut rooms: BTreeMap<&str, Vec<&File>> = BTreeMap::new();
    for file in files.iter().filter(|file| file.in_src().is_some()) {
        rooms.entry(file.room().unwrap_or_default()).or_default().push(file);
    }
    rooms.values().flat_map(|files| judge(files)).collect()
}

fn judge(files: &[&File]) -> Vec<Problem> {
    let mut search =
        Search { imports: imports::between(files), done: BTreeSet::new(), circles: Vec::new() };
    (0..files.len()).for_each(|file| search.visit(file, &mut Vec::new()));
    search.circles.iter().map(|circle| problem(files, circle)).collect()
}

/// The imports of a circle, each from where the one before leads to.
type Circle = Vec<Import>;

struct Search {
    imports: Vec<Import>,
    done: BTreeSet<usize>,
    circles: Vec<Circle>,
}

impl Search {
    /// Goes down every import that is not known yet; who comes back to its own path has found a circle.
    fn visit(&mut self, file: usize, path: &mut Circle) {
        if self.done.contains(&file) {
            return;
        }
        let mut seen = BTreeSet::new();
        let next: Vec<_> =
            self.imports.iter().filter(|i| i.from == file && seen.insert(i.to)).cloned().collect();
        for import in next {
            let to = import.to;
            path.push(import);
            match path.iter().position(|before| before.from == to) {
                Some(start) => self.circles.push(path[start..].to_vec()),
                None => self.visit(to, path),
            }
            path.pop();
        }
        self.done.insert(file);
    }
}

fn problem(files: &[&File], circle: &Circle) -> Problem {
    let name = |file: usize| files[file].in_src().unwrap_or_default();
    let mut names: Vec<_> =
        circle.iter().map(|import| format!("{}:{}", name(import.from), import.line)).collect();
    names.push(name(circle[0].from).to_owned());
    let message = format!("files import each other in a circle: {}", names.join(" → "));
    Problem::error(
        &files[circle[0].from].path,
        circle[0].line,
        message,
        "move what they share into a file below them",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::problem::told;

    #[test]
    fn a_circle_is_found_with_every_import_in_it() {
        let files = [
            File::new("crates/x/src/a.rs", "use crate::b::B;\n"),
            File::new("crates/x/src/b.rs", "//! x\nuse crate::c::C;\n"),
            File::new("crates/x/src/c.rs", "fn c() { crate::a::a() }\n"),
            File::new("crates/x/src/lib.rs", "pub mod a;\npub mod b;\npub mod c;\n"),
        ];
        let expected = [
            "crates/x/src/a.rs:1: files import each other in a circle: a.rs:1 → b.rs:2 → c.rs:1 → a.rs",
        ];
        assert_eq!(told(&check(&files)), expected);
    }

    #[test]
    fn two_roads_to_one_file_are_no_circle_and_the_front_door_is_none() {
        let files = [
            File::new(
                "crates/x/src/lib.rs",
                "mod a;\nmod b;\nmod c;\npub use a::A;\npub struct Root;\n",
            ),
            File::new("crates/x/src/a.rs", "use crate::{Root, b, c};\n"),
            File::new("crates/x/src/b.rs", "use crate::c;\n"),
            File::new("crates/x/src/c.rs", ""),
            File::new("crates/y/src/a.rs", "use crate::b;\n"),
            File::new("crates/y/src/lib.rs", ""),
        ];
        assert!(check(&files).is_empty());
    }
}
