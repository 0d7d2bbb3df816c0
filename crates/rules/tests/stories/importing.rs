//! Stories of the import: what Prometheus judged hikeshi judges, and what is not the same is said.

use crate::common::{assert_golden, file, parsed};
use domain::said::Language;
use jiff::SignedDuration;
use proptest::prelude::*;
use rules::{Imported, RuleFile, Wiring, import};
use source::{Node, Problems, Shape, yaml};

fn wiring() -> Wiring {
    Wiring {
        url: "http://127.0.0.1:9090".into(),
        service: "mks-backend".into(),
        services: ["mks-backend", "db"].map(Into::into).into(),
        taken: ["disk_usage"].map(Into::into).into(),
        every: SignedDuration::from_secs(30),
        language: Language::En,
    }
}

fn imported(rules: &str) -> Imported {
    import(&parsed("r.yml", &format!("groups: [{{name: g, rules: [{rules}]}}]")), &wiring())
}

/// What the configuration would read.
fn read_back(imported: &Imported) -> Node {
    let mut problems = Problems::new();
    let node = yaml::read("imported.yaml", &imported.yaml, 0, &mut problems);
    assert!(problems.is_empty(), "{}\n{}", problems.render(Language::En), imported.yaml);
    node.expect("it is YAML")
}

/// The scalar at a path, `0` for the first of a list.
fn at<'n>(node: &'n Node, path: &[&str]) -> Option<&'n str> {
    let Some((first, rest)) = path.split_first() else {
        let Shape::Scalar(text) = &node.shape else { return None };
        return Some(text);
    };
    match &node.shape {
        Shape::Map(entries) => at(&entries.iter().find(|(key, ..)| key == first)?.2, rest),
        Shape::List(nodes) => at(nodes.get(first.parse::<usize>().ok()?)?, rest),
        _ => None,
    }
}

fn probe<'n>(node: &'n Node, name: &str, key: &str) -> Option<&'n str> {
    at(node, &["probes", &format!("promql/{name}"), key])
}

#[test]
fn the_rules_of_the_wild_become_probes_and_alerts() {
    let imported = import(&file("mks-alerts.yml"), &wiring());
    read_back(&imported);
    assert_golden("imported.yaml", &imported.yaml);
    let notes: Vec<_> = imported.notes.iter().map(|note| note.render(Language::En)).collect();
    assert_golden("imported.txt", &(notes.join("\n") + "\n"));
}

#[test]
fn a_limit_is_taken_off_the_query() {
    let node = read_back(&imported(
        "{alert: A, expr: 'sum(x) * 100 >= 5 * 2', for: 90s, labels: {severity: page}}, \
         {alert: B, expr: '0.5 > x{job=\"db\"}', labels: {severity: info}}",
    ));
    assert_eq!(probe(&node, "A", "query"), Some("sum(x) * 100"));
    assert_eq!(probe(&node, "A", "take"), Some("max"));
    let band = |name, key| at(&node, &["alerts", name, "bands", "0", key]);
    assert_eq!(band("A", "when"), Some(">= 10"));
    // C2: whoever is paged is paged for a P1 at least.
    assert_eq!((band("A", "level"), band("A", "priority")), (Some("critical"), Some("P1")));
    assert_eq!(band("A", "for"), Some("1m 30s"));
    assert_eq!((band("B", "when"), band("B", "level")), (Some("< 0.5"), Some("info")));
    assert_eq!(
        (probe(&node, "B", "take"), probe(&node, "B", "service")),
        (Some("min"), Some("db"))
    );
}

#[test]
fn what_has_no_limit_is_counted() {
    for expr in ["up == 0", "x <= 5", "x > y", "x > 1 and y < 2", "x != 1", "absent(x)"] {
        let imported =
            imported(&format!("{{alert: A, expr: '{expr}', labels: {{severity: info}}}}"));
        let node = read_back(&imported);
        assert_eq!(probe(&node, "A", "query"), Some(&*format!("count({expr})")));
        assert_eq!(probe(&node, "A", "empty_is"), Some("0"));
        assert_eq!(at(&node, &["alerts", "A", "bands", "0", "when"]), Some("> 0"));
        assert_eq!(imported.notes.len(), 1);
    }
}

/// No data is silence that somebody hears of (B32), unless nothing is what one expects to see.
#[test]
fn no_series_is_unknown_unless_it_is_normal() {
    let empty_is = |expr: &str| {
        let node = read_back(&imported(&format!("{{alert: A, expr: '{expr}'}}")));
        probe(&node, "A", "empty_is").is_some()
    };
    assert!(!empty_is("cpu_percent > 90"));
    assert!(!empty_is("cpu_percent{job=\"a\"} > 90"));
    assert!(empty_is("rate(errors_total{code=\"500\"}[5m]) > 1"));
    assert!(empty_is("sum(x > 5) > 100"));
    assert!(!empty_is("rate(requests_total{code=\"200\"}[5m]) < 1"), "none at all is the alarm");
    assert!(!empty_is("x{a=\"b\"} > -1"), "zero would be the alarm");
}

#[test]
fn two_severities_of_one_alert_become_its_bands() {
    let node = read_back(&imported(
        "{alert: Disk, expr: d > 85, for: 5m, labels: {severity: warning}}, \
         {alert: Disk, expr: d > 95, labels: {severity: critical}}",
    ));
    let band = |index| at(&node, &["alerts", "Disk", "bands", index, "when"]);
    assert_eq!((band("0"), band("1"), band("2")), (Some("> 95"), Some("> 85"), None));
    // Where one would hide the other they stay apart.
    let node = read_back(&imported(
        "{alert: Disk, expr: d > 95, labels: {severity: warning}}, \
         {alert: Disk, expr: d > 85, labels: {severity: critical}}",
    ));
    assert_eq!(at(&node, &["alerts", "Disk_critical", "bands", "0", "when"]), Some("> 85"));
}

#[test]
fn nothing_that_exists_is_overwritten() {
    let node = read_back(&imported("{alert: disk_usage, expr: d > 1, labels: {severity: info}}"));
    assert_eq!(at(&node, &["alerts", "disk_usage", "title"]), None);
    assert_eq!(at(&node, &["alerts", "disk_usage_info", "title"]), Some("disk_usage"));
}

#[test]
fn only_up_says_that_a_service_is_down() {
    let node = read_back(&imported("{alert: A, expr: up == 0}, {alert: B, expr: x == 0}"));
    assert_eq!(at(&node, &["alerts", "A", "symptom"]), Some("service_down"));
    assert_eq!(at(&node, &["alerts", "B", "symptom"]), Some("other"));
}

#[test]
fn what_is_lost_is_said() {
    let imported = imported(
        "{record: a, expr: sum(x)}, {alert: A, expr: x > 1, keep_firing_for: 5m, labels: {severity: loud}}",
    );
    let notes: Vec<_> = imported.notes.iter().map(|note| note.message.en.as_str()).collect();
    assert_eq!(
        notes,
        [
            "a: a rule that records stays with Prometheus",
            "A: its severity is not known; it became a warning",
            "A: there is no `keep_firing_for`; use `clear_after` or `until`",
        ]
    );
    let nothing = import(&RuleFile { name: "r.yml".into(), groups: Vec::new() }, &wiring());
    assert_eq!(nothing.yaml, "# imported from r.yml\nprobes: {}\nalerts: {}\n");
}

proptest! {
    /// Names and titles are text from outside: they stay what they are.
    #[test]
    fn hostile_names_stay_names(name in "\\PC{1,20}", summary in any::<String>()) {
        let Ok(name_json) = serde_json::to_string(&name) else { return Ok(()) };
        let summary = summary.replace(['{', '}'], "");
        let summary: String = summary.chars().filter(|c| !c.is_control() && *c != '\u{feff}').collect();
        let Ok(summary_json) = serde_json::to_string(&summary) else { return Ok(()) };
        let rules = format!(
            "groups: [{{name: g, rules: [{{alert: {name_json}, expr: x > 1, annotations: {{summary: {summary_json}}}}}]}}]"
        );
        let mut problems = Problems::new();
        let Some(file) = rules::read("r\n#: x.yml", &rules, &mut problems) else { return Ok(()) };
        prop_assume!(problems.is_empty());
        let imported = import(&file, &wiring());
        let node = read_back(&imported);
        let Shape::Map(entries) = &node.shape else { return Err(TestCaseError::fail("no map")) };
        let keys: Vec<_> = entries.iter().map(|(key, ..)| key.as_str()).collect();
        prop_assert_eq!(keys, ["probes", "alerts"]);
    }
}
