//! Rule: no file names a place that exists on one machine only.

use super::problem::Problem;
use crate::files::File;

/// In pieces, so that this file keeps its own rule.
const PLACES: [&str; 3] = [concat!("/wo", "rk/"), concat!("/ro", "ot/"), concat!("/ho", "me/")];

/// Looks at every line of every file.
pub fn check(files: &[File]) -> Vec<Problem> {
    files.iter().flat_map(judge).collect()
}

fn judge(file: &File) -> impl Iterator<Item = Problem> {
    let hint = "use a relative path, a setting, or a temporary folder";
    file.text.lines().zip(1..).filter_map(move |(line, number)| {
        let place = PLACES.iter().find(|place| names(line, place))?;
        let message = format!("`{place}` is a place on somebody's machine");
        Some(Problem::error(&file.path, number, message, hint))
    })
}

/// The place itself, not the end of a longer path such as `/opt/work/`, and with something in it.
fn names(line: &str, place: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '~' | '}' | ')');
    line.match_indices(place).any(|(at, _)| {
        !line[..at].ends_with(is_part)
            && line[at + place.len()..].starts_with(|c: char| c.is_alphanumeric())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::problem::told;

    #[test]
    fn a_machine_path_is_found_in_any_file() {
        let text = format!("one\nsee {}main/x\n", PLACES[0]);
        let expected = format!("docs/a.md:2: `{}` is a place on somebody's machine", PLACES[0]);
        assert_eq!(told(&check(&[File::new("docs/a.md", text)])), [expected]);
    }

    #[test]
    fn a_path_that_only_ends_alike_is_fine() {
        let [work, _, home] = PLACES;
        let text = format!("crates{work}src\n/var{home}x\n$HOME{work}x\nthe folder {home}\n");
        assert!(check(&[File::new("a.md", text)]).is_empty());
    }
}
