//! Stories of reading rule files: what Prometheus accepts is read, and every mistake is said at once with its line.

use crate::common::{assert_golden, file, parsed, promtool, text};
use domain::said::Language;
use jiff::SignedDuration;
use rules::RuleKind;
use source::Problems;

fn problems(text: &str) -> String {
    let mut problems = Problems::new();
    rules::read("r.yml", text, &mut problems);
    problems.render(Language::En)
}

#[test]
fn groups_rules_labels_and_lines_are_read() {
    let file = file("clean.yml");
    assert_eq!(file.groups[0].interval, Some(SignedDuration::from_secs(30)));
    assert_eq!(file.groups[0].rules[0].kind, RuleKind::Recording);
    let rule = &file.groups[1].rules[1];
    let alerting = rule.alerting().expect("it alerts");
    assert_eq!((rule.name.as_str(), rule.place.line), ("HighErrorRate", 24));
    assert_eq!(alerting.hold, SignedDuration::from_mins(5));
    assert_eq!(alerting.keep_firing_for, SignedDuration::from_mins(10));
    assert_eq!(alerting.labels["severity"], "critical");
    assert_eq!(alerting.labels["team"], "mks", "the labels of the group are its own");
}

/// A long expression has many lines, and a finding names the one that matters.
#[test]
fn every_metric_knows_its_line() {
    let file = file("mks-alerts.yml");
    let slow = file.rules().find(|rule| rule.name == "Slow").expect("it is there");
    let lines: Vec<_> = slow.expression.selectors().iter().map(|s| s.place.line).collect();
    assert_eq!(lines, [26]);
}

#[test]
fn every_mistake_is_said_at_once_in_both_languages() {
    let mut problems = Problems::new();
    let file = rules::read("mistakes.yml", &text("mistakes.yml"), &mut problems);
    assert_golden("mistakes.en.txt", &problems.render(Language::En));
    assert_golden("mistakes.ja.txt", &problems.render(Language::Ja));
    let names: Vec<_> = file.iter().flat_map(|file| file.rules()).map(|r| &*r.name).collect();
    assert_eq!(names, ["Twice", "a-b", "Fine"], "what can be read is read");
}

#[test]
fn a_file_without_rules_is_a_mistake() {
    assert!(problems("").starts_with("r.yml:1: the file is empty"), "{}", problems(""));
    assert!(problems("# nothing\n").contains("the file is empty"));
    assert_eq!(problems("groups: []\n"), "r.yml:1: there is no rule");
    assert_eq!(problems("groups:\n  - name: a\n    rules: []\n"), "r.yml:1: there is no rule");
    assert!(problems("- a\n").contains("expected a mapping"), "{}", problems("- a\n"));
    assert!(problems("groups: {\n").contains("YAML syntax error"));
}

#[test]
fn the_rules_within_a_resource_of_kubernetes_are_read() {
    let text = "kind: PrometheusRule\nmetadata: {name: x}\nspec:\n  groups:\n    - name: a\n      rules: [{alert: A, expr: up == 0}]\n";
    assert_eq!(parsed("r.yml", text).groups[0].rules[0].place.line, 6);
    assert!(
        problems("kind: PrometheusRule\nspec: {group: []}\n").contains("did you mean `groups`?")
    );
}

#[test]
fn an_expression_without_end_is_refused_and_not_walked() {
    for expr in ["(".repeat(5000), "x+".repeat(5000) + "x", "-".repeat(15_000) + "x"] {
        let said =
            problems(&format!("groups: [{{name: a, rules: [{{alert: A, expr: {expr:?}}}]}}]"));
        assert!(said.contains("the expression is too long"), "{said}");
    }
    let deep = "x+".repeat(499) + "x > 1";
    assert!(
        !problems(&format!("groups: [{{name: a, rules: [{{alert: A, expr: {deep:?}}}]}}]"))
            .contains("too long")
    );
}

/// What we accept Prometheus accepts, and what we refuse it refuses (but for an empty file).
#[test]
fn promtool_agrees() {
    // The version of Debian knows no labels of groups yet.
    let clean = text("clean.yml").replace("    labels: {team: mks}\n", "");
    for (rules, is_accepted) in [(clean, true), (text("mistakes.yml"), false)] {
        let Some((accepts, said)) = promtool(&rules) else { return };
        assert_eq!(accepts, is_accepted, "{said}");
    }
}
