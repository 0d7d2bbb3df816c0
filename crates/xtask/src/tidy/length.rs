//! Rule: no Rust file is longer than 600 lines; above 400 it is time to split it.

use super::problem::Problem;
use crate::files::File;

const TOO_LONG: usize = 600;
const LONG: usize = 400;

/// Counts the lines of every Rust file.
pub fn check(files: &[File]) -> Vec<Problem> {
    files.iter().filter(|file| file.ending() == "rs").filter_map(judge).collect()
}

fn judge(file: &File) -> Option<Problem> {
    let lines = file.text.lines().count();
    let hint = "split it along the things it is about, not by size";
    if lines > TOO_LONG {
        let message = format!("{lines} lines; no file is longer than {TOO_LONG}");
        Some(Problem::error(&file.path, TOO_LONG + 1, message, hint))
    } else if lines > LONG {
        Some(Problem::warning(
            &file.path,
            LONG + 1,
            format!("{lines} lines; aim below {LONG}"),
            hint,
        ))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::problem::{Weight, told};

    #[test]
    fn a_long_file_is_warned_of_and_a_longer_one_is_wrong() {
        let file = |path: &str, lines: usize| File::new(path, "x\n".repeat(lines));
        let problems =
            check(&[file("a.rs", 400), file("b.rs", 401), file("c.rs", 601), file("d.md", 999)]);
        let expected = [
            "b.rs:401: 401 lines; aim below 400",
            "c.rs:601: 601 lines; no file is longer than 600",
        ];
        assert_eq!(told(&problems), expected);
        assert_eq!(
            problems.iter().map(|p| p.weight).collect::<Vec<_>>(),
            [Weight::Warning, Weight::Error]
        );
    }
}
