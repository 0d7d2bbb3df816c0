//! Rule: one kind, one file, one row. Every row of a room's `kinds.rs` has its file, every file of a kind its row.

use super::problem::Problem;
use crate::{code, files::File};

/// Looks at the tables of all rooms.
pub fn check(files: &[File]) -> Vec<Problem> {
    files
        .iter()
        .filter(|file| file.in_src() == Some("kinds.rs"))
        .flat_map(|table| judge(table, files))
        .collect()
}

/// A row such as `verbs::service::RESTART`: the modules and the constant.
struct Row<'a> {
    line: usize,
    modules: Vec<&'a str>,
    constant: &'a str,
}

fn judge(table: &File, files: &[File]) -> Vec<Problem> {
    let code = code::without_tests(&code::bare(&table.text));
    let rows = rows(&code);
    let room = table.room().unwrap_or_default();
    let mut problems = Vec::new();
    for row in &rows {
        let declared =
            home(room, &row.modules, files).is_some_and(|file| declares(file, row.constant));
        if !declared {
            let path = format!("{}::{}", row.modules.join("::"), row.constant);
            let message = format!("the row `{path}` has no file that declares it");
            let hint = format!(
                "write crates/{room}/src/{}.rs with its constant, or remove the row",
                row.modules.join("/")
            );
            problems.push(Problem::error(&table.path, row.line, message, hint));
        }
    }
    let has_row = |file: &File| {
        rows.iter()
            .any(|row| home(room, &row.modules, files).is_some_and(|home| home.path == file.path))
    };
    let of_room = files.iter().filter(|file| file.room() == Some(room) && file.in_src().is_some());
    let orphans = of_room.filter(|file| {
        file.path != table.path && (declares(file, "KIND") || declares(file, "VERB"))
    });
    problems.extend(orphans.filter(|file| !has_row(file)).map(|file| {
        Problem::error(
            &file.path,
            1,
            "this kind has no row",
            format!("add a row to {}", table.path),
        )
    }));
    problems
}

/// The paths between `&[` and `];` whose last part is a constant.
fn rows(code: &str) -> Vec<Row<'_>> {
    let mut rows = Vec::new();
    let mut is_inside = false;
    for (line, number) in code.lines().zip(1..) {
        let mut body = line;
        if let Some((_, after)) = line.split_once("= &[") {
            (is_inside, body) = (true, after);
        }
        if !is_inside {
            continue;
        }
        is_inside = !body.contains("];");
        for path in body.split([',', ' ', ']', ';']).filter(|path| path.contains("::")) {
            let mut modules: Vec<_> = path.split("::").filter(|part| *part != "crate").collect();
            let constant = modules.pop().unwrap_or_default();
            if !modules.is_empty() && constant.chars().all(|c| c.is_ascii_uppercase() || c == '_') {
                rows.push(Row { line: number, modules, constant });
            }
        }
    }
    rows
}

fn home<'a>(room: &str, modules: &[&str], files: &'a [File]) -> Option<&'a File> {
    let path = modules.join("/");
    let names =
        [format!("crates/{room}/src/{path}.rs"), format!("crates/{room}/src/{path}/mod.rs")];
    files.iter().find(|file| names.contains(&file.path))
}

fn declares(file: &File, constant: &str) -> bool {
    code::bare(&file.text).contains(&format!("const {constant}:"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::problem::told;

    #[test]
    fn a_row_without_a_file_and_a_file_without_a_row_are_found() {
        let files = [
            File::new(
                "crates/probes/src/kinds.rs",
                "//! x\npub const KINDS: &[Kind] = &[\n    http::KIND,\n    verbs::gone::STOP,\n];\n",
            ),
            File::new("crates/probes/src/http.rs", "pub const KIND: Kind = Kind {};\n"),
            File::new("crates/probes/src/tcp.rs", "pub const KIND: Kind = Kind {};\n"),
        ];
        let expected = [
            "crates/probes/src/kinds.rs:4: the row `verbs::gone::STOP` has no file that declares it",
            "crates/probes/src/tcp.rs:1: this kind has no row",
        ];
        assert_eq!(told(&check(&files)), expected);
    }

    #[test]
    fn a_table_on_one_line_and_a_row_in_place_are_fine() {
        let files = [
            File::new("crates/a/src/kinds.rs", "pub const KINDS: &[Kind] = &[x::KIND, y::KIND];\n"),
            File::new("crates/a/src/x.rs", "pub const KIND: Kind = 1;\n"),
            File::new("crates/a/src/y/mod.rs", "pub const KIND: Kind = 1;\n"),
            File::new(
                "crates/b/src/kinds.rs",
                "pub const KINDS: &[Kind] = &[Kind {\n    name: \"own\",\n}];\n",
            ),
        ];
        assert!(check(&files).is_empty());
    }
}
