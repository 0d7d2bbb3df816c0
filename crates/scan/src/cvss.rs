//! The base score of a CVSS 3 vector, where a scanner gives the vector only.

/// The score from 0 to 10; nothing for another version, or a vector that is not whole.
///
/// ```text
/// CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H  ->  9.8
/// ```
pub(crate) fn score(vector: &str) -> Option<f64> {
    let rest = vector.strip_prefix("CVSS:3.1/").or_else(|| vector.strip_prefix("CVSS:3.0/"))?;
    let metric =
        |name: &str| rest.split('/').find_map(|part| part.strip_prefix(name)?.strip_prefix(':'));
    let is_changed = metric("S")? == "C";
    let of = |name: &str, weights: &[(&str, f64)]| {
        let value = metric(name)?;
        weights.iter().find(|(known, _)| *known == value).map(|(_, weight)| *weight)
    };
    let low = if is_changed { (0.68, 0.5) } else { (0.62, 0.27) };
    let ease = 8.22
        * of("AV", &[("N", 0.85), ("A", 0.62), ("L", 0.55), ("P", 0.2)])?
        * of("AC", &[("L", 0.77), ("H", 0.44)])?
        * of("PR", &[("N", 0.85), ("L", low.0), ("H", low.1)])?
        * of("UI", &[("N", 0.85), ("R", 0.62)])?;
    let harm = [("H", 0.56), ("L", 0.22), ("N", 0.0)];
    let kept = (1.0 - of("C", &harm)?) * (1.0 - of("I", &harm)?) * (1.0 - of("A", &harm)?);
    let base = 1.0 - kept;
    let impact = if is_changed {
        7.52 * (base - 0.029) - 3.25 * (base - 0.02).powi(15)
    } else {
        6.42 * base
    };
    if impact <= 0.0 {
        return Some(0.0);
    }
    let sum = if is_changed { 1.08 * (impact + ease) } else { impact + ease };
    Some(round_up(sum.min(10.0)))
}

/// The standard's own way up to one digit, which does not stumble over binary fractions.
fn round_up(score: f64) -> f64 {
    let whole = (score * 100_000.0).round();
    if whole % 10_000.0 == 0.0 {
        whole / 100_000.0
    } else {
        ((whole / 10_000.0).floor() + 1.0) / 10.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scores_are_those_that_the_standard_gives() {
        for (vector, expected) in [
            ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", Some(9.8)),
            ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H", Some(7.5)),
            ("CVSS:3.0/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N", Some(6.1)),
            ("CVSS:3.1/AV:L/AC:H/PR:L/UI:N/S:U/C:N/I:N/A:N", Some(0.0)),
            ("CVSS:3.1/AV:N", None),
            ("CVSS:4.0/AV:N/AC:L", None),
        ] {
            assert_eq!(score(vector), expected, "{vector}");
        }
    }
}
