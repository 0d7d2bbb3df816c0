//! The lines of a file: where within a long expression a metric stands.

use domain::said::Said;
use source::{Place, Problems};

/// The line where a metric's name stands, from the expression on: an expression may have many.
pub(crate) fn place_of(word: &str, from: &Place, lines: &[&str]) -> Place {
    let start = (from.line as usize).saturating_sub(1);
    let mut rest = lines.get(start..).unwrap_or_default().iter().zip(from.line..);
    let line = rest.find(|(line, _)| has_word(line, word)).map(|(_, number)| number);
    Place { file: from.file.clone(), line: line.unwrap_or(from.line) }
}

fn has_word(line: &str, word: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':';
    !word.is_empty()
        && line.match_indices(word).any(|(index, _)| {
            !line[..index].ends_with(is_part) && !line[index + word.len()..].starts_with(is_part)
        })
}

/// What the parser says of an expression.
pub(crate) fn wrong(place: &Place, said: &Said, problems: &mut Problems) {
    problems.add(
        place,
        Said::new(
            format!("`expr` を読めません: {}", said.ja),
            format!("`expr` cannot be read: {}", said.en),
        ),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_metric_is_found_as_a_whole_word() {
        let lines = ["up_total == 0", "expr: |", "  up_total > 0", "  and job:up", "  and up == 1"];
        let from = Place { file: "r.yml".into(), line: 2 };
        assert_eq!(place_of("up", &from, &lines).line, 5);
        assert_eq!(place_of("up_total", &from, &lines).line, 3);
        assert_eq!(place_of("gone", &from, &lines).line, 2);
        assert_eq!(place_of("", &from, &lines).line, 2);
    }
}
