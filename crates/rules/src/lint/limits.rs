//! Check of limits against each other (C1): one table decides, not whichever file was read last.

use crate::{
    expression::Limit,
    file::{Rule, RuleFile},
    finding::{Finding, FindingKind, Gravity},
    severity,
};
use domain::{said::Said, severity::Level};
use jiff::SignedDuration;

/// One limit of one rule.
struct Claim<'r> {
    rule: &'r Rule,
    limit: Limit,
    level: Level,
    hold: SignedDuration,
}

pub(super) fn check(files: &[RuleFile]) -> Vec<Finding> {
    let claims: Vec<_> = files.iter().flat_map(RuleFile::rules).filter_map(claim).collect();
    let mut findings = Vec::new();
    for (index, claim) in claims.iter().enumerate() {
        // The first contradiction is enough: the others are the same again.
        let other = claims[..index].iter().find_map(|other| Some((other, conflict(other, claim)?)));
        if let Some((other, message)) = other {
            findings.push(finding(claim, other, message));
        }
    }
    findings
}

fn claim(rule: &Rule) -> Option<Claim<'_>> {
    let alerting = rule.alerting()?;
    let limit = rule.expression.limit().filter(|limit| limit.comparison.is_upward().is_some())?;
    Some(Claim { rule, limit, level: severity::of(alerting)?, hold: alerting.hold })
}

fn conflict(first: &Claim<'_>, second: &Claim<'_>) -> Option<Said> {
    let (a, b) = (&first.limit, &second.limit);
    if a.query != b.query || a.comparison.is_upward() != b.comparison.is_upward() {
        return None;
    }
    let levels = (first.level, second.level);
    if levels.0 == levels.1 && is_other(a, b) {
        // A farther limit that is waited for less is a faster way to the same alert, and no contradiction.
        let (near, far) = if is_farther(b, a) { (first, second) } else { (second, first) };
        return (far.hold >= near.hold).then(|| {
            let level = levels.0;
            Said::new(
                format!("同じ値の {level} の限度が二つあります: `{}` と `{}`", text(b), text(a)),
                format!(
                    "two limits for {level} on the same value: `{}` and `{}`",
                    text(b),
                    text(a)
                ),
            )
        });
    }
    let (loud, quiet) = if levels.0 > levels.1 { (first, second) } else { (second, first) };
    let is_upside_down = loud.level > quiet.level
        && is_farther(&quiet.limit, &loud.limit)
        && loud.hold <= quiet.hold;
    is_upside_down.then(|| {
        let ((loud, loud_limit), (quiet, quiet_limit)) =
            ((loud.level, text(&loud.limit)), (quiet.level, text(&quiet.limit)));
        Said::new(
            format!("{loud} の限度 `{loud_limit}` が {quiet} の限度 `{quiet_limit}` より手前にあります"),
            format!("the limit for {loud}, `{loud_limit}`, is met before the one for {quiet}, `{quiet_limit}`"),
        )
    })
}

fn is_other(a: &Limit, b: &Limit) -> bool {
    a.number.total_cmp(&b.number).is_ne() || a.comparison != b.comparison
}

/// Whether `a` is harder to meet than `b`, both in one direction.
fn is_farther(a: &Limit, b: &Limit) -> bool {
    match a.comparison.is_upward() {
        Some(true) => a.number > b.number,
        _ => a.number < b.number,
    }
}

fn text(limit: &Limit) -> String {
    format!("{} {}", limit.comparison.sign(), limit.number)
}

fn finding(claim: &Claim<'_>, other: &Claim<'_>, message: Said) -> Finding {
    let (name, place) = (&other.rule.name, &other.rule.place);
    Finding {
        place: claim.rule.place.clone(),
        kind: FindingKind::ConflictingLimits,
        gravity: Gravity::Warning,
        rule: Some(claim.rule.name.clone()),
        metric: claim.rule.expression.selectors().first().and_then(|s| s.metric.clone()),
        message,
        hint: Some(Said::new(
            format!("もう一つは {place} の `{name}`。どちらかに決めてください"),
            format!("the other is `{name}` at {place}; decide for one"),
        )),
    }
}
