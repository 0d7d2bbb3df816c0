//! Checks of names: metrics, labels and values that no target exports (B32). Such a rule is silent for ever.

use super::known::{Known, nearest};
use crate::{
    exported::{Exported, Metric},
    expression::{Matcher, Selector},
    file::{Rule, RuleKind},
    finding::{Finding, FindingKind, Gravity},
};
use domain::said::Said;

/// Labels that say which target: their values are known once targets are, all others may come with the first event.
const OF_TARGETS: [&str; 2] = ["job", "instance"];

pub(super) fn check(rule: &Rule, known: &Known<'_>) -> Vec<Finding> {
    let Some(exported) = known.exported else { return Vec::new() };
    let selectors = rule.expression.selectors().iter();
    selectors.flat_map(|selector| check_selector(rule, selector, exported, known)).collect()
}

fn check_selector(
    rule: &Rule,
    selector: &Selector,
    exported: &Exported,
    known: &Known<'_>,
) -> Vec<Finding> {
    let Some(name) = &selector.metric else { return pattern(rule, selector, exported, known) };
    if !exported.has(name) && !known.is_recorded(name) {
        return vec![unknown_metric(rule, selector, name, known)];
    }
    let Some(metric) = exported.metric(name).filter(|metric| metric.has_series) else {
        return Vec::new();
    };
    let matchers = selector.matchers.iter();
    let on_panel = rule.kind == RuleKind::Panel;
    let judged = matchers.filter(|matcher| !(on_panel && matcher.value().contains(['$', '['])));
    judged.filter_map(|matcher| label(rule, selector, matcher, metric, exported)).collect()
}

fn unknown_metric(rule: &Rule, selector: &Selector, name: &str, known: &Known<'_>) -> Finding {
    // Absence is what such a rule waits for: it fires now, and so it is no silent one.
    let gravity = if selector.is_absent { Gravity::Warning } else { Gravity::Error };
    let hint = known.nearest(name).map(|near| {
        Said::new(format!("`{near}` のことですか?"), format!("did you mean `{near}`?"))
    });
    let check = || {
        Said::new(
            "対象の /metrics にある名前を使ってください",
            "use a name that stands in a target's /metrics",
        )
    };
    let message = Said::new(
        format!("メトリクス `{name}` を出している対象も記録しているルールもありません"),
        format!("no target exports the metric `{name}`, and no rule records it"),
    );
    Finding {
        hint: Some(hint.unwrap_or_else(check)),
        ..finding(FindingKind::UnknownMetric, gravity, rule, selector, message)
    }
}

/// `{__name__=~"a|b"}`: at least one exported metric must fit.
fn pattern(
    rule: &Rule,
    selector: &Selector,
    exported: &Exported,
    known: &Known<'_>,
) -> Vec<Finding> {
    let names = selector.matchers.iter().filter(|matcher| matcher.label() == "__name__");
    let unmet = names.filter(|matcher| !matcher.is_negative());
    let unmet = unmet.filter(|matcher| !exported.metrics().any(|metric| matcher.accepts(metric)));
    unmet.map(|matcher| unknown_metric(rule, selector, matcher.value(), known)).collect()
}

fn label(
    rule: &Rule,
    selector: &Selector,
    matcher: &Matcher,
    metric: &Metric,
    exported: &Exported,
) -> Option<Finding> {
    let label = matcher.label();
    // What takes away, or is content with no label at all, cannot fail for want of one.
    if matcher.is_negative() || matcher.accepts("") || exported.is_added(label) {
        return None;
    }
    let name = selector.metric.as_deref().unwrap_or_default();
    let Some(values) = metric.labels.get(label) else {
        if OF_TARGETS.contains(&label) {
            return None;
        }
        let labels: Vec<_> = metric.labels.keys().map(String::as_str).collect();
        let message = Said::new(
            format!("`{name}` にラベル `{label}` はありません"),
            format!("`{name}` has no label `{label}`"),
        );
        let hint = Said::new(
            format!("あるラベル: {}", labels.join(", ")),
            format!("its labels: {}", labels.join(", ")),
        );
        let finding = finding(FindingKind::UnknownLabel, Gravity::Warning, rule, selector, message);
        return Some(Finding { hint: Some(hint), ..finding });
    };
    if values.any(|value| matcher.accepts(value)) {
        return None;
    }
    let gravity = if !OF_TARGETS.contains(&label) {
        Gravity::Info
    } else if selector.is_absent {
        Gravity::Warning
    } else {
        Gravity::Error
    };
    let message = Said::new(
        format!("{matcher} に合う `{name}` の系列はありません"),
        format!("no series of `{name}` has {matcher}"),
    );
    let near = nearest(matcher.value(), values.listed()).or_else(|| values.listed().next());
    let hint = near.map(|near| {
        Said::new(format!("ある値の例: {near:?}"), format!("there is for example {near:?}"))
    });
    let finding = finding(FindingKind::UnknownLabelValue, gravity, rule, selector, message);
    Some(Finding { hint, ..finding })
}

fn finding(
    kind: FindingKind,
    gravity: Gravity,
    rule: &Rule,
    selector: &Selector,
    message: Said,
) -> Finding {
    Finding {
        place: selector.place.clone(),
        kind,
        gravity,
        rule: Some(rule.name.clone()),
        metric: selector.metric.clone(),
        message,
        hint: None,
    }
}
