//! The order of versions as people write them: `9.5.0` comes before `10.0.0`, `2.0.0-rc1` before `2.0.0`.

use std::cmp::Ordering;

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Part<'a> {
    /// A word makes it a version before the one without the word.
    Word(&'a str),
    /// The end counts as zero: `1.0` is `1.0.0`.
    Number(u64),
}

/// Which of two versions comes first.
pub(crate) fn compare(a: &str, b: &str) -> Ordering {
    let (a, b) = (parts(a), parts(b));
    let end = Part::Number(0);
    (0..a.len().max(b.len()))
        .map(|index| a.get(index).unwrap_or(&end).cmp(b.get(index).unwrap_or(&end)))
        .find(|order| order.is_ne())
        .unwrap_or(Ordering::Equal)
}

/// The first version after this one that a list of repaired versions has.
pub(crate) fn first_fix<'a>(
    installed: Option<&str>,
    fixes: impl IntoIterator<Item = &'a str>,
) -> Option<String> {
    let is_later = |fix: &&str| installed.is_none_or(|installed| compare(fix, installed).is_gt());
    fixes.into_iter().filter(is_later).min_by(|a, b| compare(a, b)).map(str::to_owned)
}

fn parts(version: &str) -> Vec<Part<'_>> {
    let version = version.trim_start_matches('v').split('+').next().unwrap_or_default();
    let mut parts = Vec::new();
    for piece in version.split(['.', '-', '_', '~']) {
        let mut rest = piece;
        while let Some(first) = rest.chars().next() {
            let is_number = first.is_ascii_digit();
            let end = rest.find(|c: char| c.is_ascii_digit() != is_number).unwrap_or(rest.len());
            let (part, after) = rest.split_at(end);
            rest = after;
            parts.push(if is_number {
                Part::Number(part.parse().unwrap_or(u64::MAX))
            } else {
                Part::Word(part)
            });
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_compared_as_numbers_and_a_candidate_comes_before_its_release() {
        // A64.
        for (earlier, later) in
            [("9.5.0", "10.0.0"), ("2.0.0-rc1", "2.0.0"), ("1.2", "1.2.1"), ("1.0.0a2", "1.0.0b1")]
        {
            assert!(compare(earlier, later).is_lt(), "{earlier} {later}");
            assert!(compare(later, earlier).is_gt(), "{later} {earlier}");
        }
        assert!(compare("v1.0", "1.0.0").is_eq());
        assert!(compare("99999999999999999999999", "1").is_gt(), "no panic");
    }

    #[test]
    fn the_first_fix_is_the_nearest_one_above() {
        assert_eq!(
            first_fix(Some("9.5.0"), ["9.4.9", "11.0.0", "10.0.0"]).as_deref(),
            Some("10.0.0")
        );
        assert_eq!(first_fix(Some("3"), ["2"]), None);
    }
}
