//! Checks of how alerting rules are written: loudness, patience, a runbook, a comparison, and what happens without data.

use super::known::Known;
use crate::{
    file::{Alerting, Rule, RuleFile},
    finding::{Finding, FindingKind, Gravity},
    severity,
};
use domain::{said::Said, severity::Level};
use std::collections::BTreeSet;

pub(super) fn check(rule: &Rule, known: &Known<'_>) -> Vec<Finding> {
    let Some(alerting) = rule.alerting() else { return Vec::new() };
    [
        comparison(rule, known),
        loudness(rule, alerting),
        patience(rule, alerting),
        runbook(rule, alerting),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// `vector(1)` asks for no metric: it is meant to fire always, as the watchdog of a dead man's switch.
fn comparison(rule: &Rule, known: &Known<'_>) -> Option<Finding> {
    let expression = &rule.expression;
    let filters = expression.filters(&|metric| known.is_recorded_filtered(metric));
    if filters || expression.selectors().is_empty() {
        return None;
    }
    let (kind, message, hint) = if expression.is_bool() {
        (
            FindingKind::AlwaysTrue,
            Said::new(
                "`bool` の比較は 0 か 1 を返し、どちらでも発報します",
                "a comparison with `bool` is 0 or 1, and fires either way",
            ),
            Said::new("`bool` を取ってください", "leave out `bool`"),
        )
    } else {
        (
            FindingKind::NoComparison,
            Said::new(
                "比較がないので、系列があるかぎり発報し続けます",
                "it compares nothing, so it fires for as long as there are series",
            ),
            Said::new("例: `… > 90`", "example: `… > 90`"),
        )
    };
    Some(finding(rule, kind, Gravity::Warning, message, hint))
}

fn loudness(rule: &Rule, alerting: &Alerting) -> Option<Finding> {
    let message = match severity::word(alerting) {
        None => Said::new("`severity` ラベルがありません", "it has no label `severity`"),
        // A template says it only when it fires.
        Some(word) if severity::level(word).is_some() || word.contains("{{") => return None,
        Some(word) => Said::new(
            format!("`severity` の `{word}` は知られていない言葉です"),
            format!("`{word}` is no severity that anybody knows"),
        ),
    };
    let words = Said::same("severity: critical | warning | info");
    Some(finding(rule, FindingKind::NoSeverity, Gravity::Warning, message, words))
}

/// One sample should not wake anybody. What is read over a window needs no `for`: there one sample decides nothing, and
/// waiting longer than the window would lose an event that was counted.
fn patience(rule: &Rule, alerting: &Alerting) -> Option<Finding> {
    let selectors = rule.expression.selectors();
    let is_windowed =
        !selectors.is_empty() && selectors.iter().all(|selector| selector.is_windowed);
    let is_patient = !alerting.hold.is_zero() || is_windowed || selectors.is_empty();
    if severity::of(alerting) != Some(Level::Critical) || is_patient {
        return None;
    }
    Some(finding(
        rule,
        FindingKind::NoFor,
        Gravity::Warning,
        Said::new(
            "critical なのに `for` がなく、一度の測定だけで人を起こします",
            "it is critical and has no `for`: a single sample wakes people",
        ),
        Said::new("例: `for: 1m`", "example: `for: 1m`"),
    ))
}

fn runbook(rule: &Rule, alerting: &Alerting) -> Option<Finding> {
    let has =
        |key: &str| alerting.annotations.contains_key(key) || alerting.labels.contains_key(key);
    if ["runbook_url", "runbook"].into_iter().any(has) {
        return None;
    }
    Some(finding(
        rule,
        FindingKind::NoRunbookUrl,
        Gravity::Info,
        Said::new("`runbook_url` がありません", "it has no `runbook_url`"),
        Said::new(
            "何をすべきかを書いた場所を注釈に加えてください",
            "annotate where it is written what to do",
        ),
    ))
}

/// Once per metric: its alert goes silent when its target does, unless something watches `up` or its absence.
pub(super) fn check_absence(files: &[RuleFile]) -> Vec<Finding> {
    let rules: Vec<_> =
        files.iter().flat_map(RuleFile::rules).filter(|rule| rule.alerting().is_some()).collect();
    let selectors = || rules.iter().flat_map(|rule| rule.expression.selectors());
    if selectors().any(|selector| selector.metric.as_deref() == Some("up")) {
        return Vec::new();
    }
    let mut watched: BTreeSet<_> =
        selectors().filter(|s| s.is_absent).filter_map(|s| s.metric.as_deref()).collect();
    let mut findings = Vec::new();
    for rule in &rules {
        for selector in rule.expression.selectors() {
            let Some(metric) = selector.metric.as_deref().filter(|metric| watched.insert(metric))
            else {
                continue;
            };
            let message = Said::new(
                format!("`{metric}` を出す対象が消えると、このアラートは黙ります"),
                format!("when the target of `{metric}` goes away, this alert goes silent"),
            );
            let hint = Said::new(
                format!("`up == 0` か `absent({metric})` のアラートも加えてください"),
                format!("add an alert on `up == 0`, or on `absent({metric})`"),
            );
            let finding = finding(rule, FindingKind::AbsentMissing, Gravity::Info, message, hint);
            let place = selector.place.clone();
            findings.push(Finding { place, metric: Some(metric.to_owned()), ..finding });
        }
    }
    findings
}

fn finding(rule: &Rule, kind: FindingKind, gravity: Gravity, message: Said, hint: Said) -> Finding {
    Finding {
        place: rule.place.clone(),
        kind,
        gravity,
        rule: Some(rule.name.clone()),
        metric: None,
        message,
        hint: Some(hint),
    }
}
