//! Stories of the linter: a rule that can never fire, or always does, is found before the night in which it matters.

use crate::common::{assert_golden, exported, file, parsed};
use domain::said::Language;
use rules::{Exported, Finding, FindingKind, Gravity, RuleFile, lint};

fn rendered(findings: &[Finding], language: Language) -> String {
    findings.iter().map(|finding| finding.render(language) + "\n").collect()
}

/// A file with one alert, which has a severity, a `for` and a runbook.
fn alert(expr: &str) -> RuleFile {
    parsed(
        "a.yml",
        &format!(
            "groups: [{{name: g, rules: [{{alert: A, expr: {expr:?}, for: 1m, labels: {{severity: critical}}, \
             annotations: {{runbook_url: x}}}}, {{alert: Up, expr: up == 0, for: 1m, labels: {{severity: info}}, \
             annotations: {{runbook_url: x}}}}]}}]"
        ),
    )
}

fn kinds(expr: &str) -> Vec<(FindingKind, Gravity)> {
    let findings = lint(&[alert(expr)], Some(&exported()));
    findings.iter().map(|finding| (finding.kind, finding.gravity)).collect()
}

#[test]
fn a_clean_file_has_no_finding() {
    let findings = lint(&[file("clean.yml")], Some(&exported()));
    let grave: Vec<_> = findings.iter().filter(|finding| finding.gravity > Gravity::Info).collect();
    assert!(grave.is_empty(), "{}", rendered(&findings, Language::En));
    // The one thing worth knowing: nothing has failed yet, so no series says 5xx.
    assert_eq!(findings.len(), 1, "{}", rendered(&findings, Language::En));
    assert_eq!(findings[0].kind, FindingKind::UnknownLabelValue);
}

/// B32, C1: everything that is wrong with rules of the wild, in both languages.
#[test]
fn every_kind_of_mistake_is_found() {
    let files = [file("mks-alerts.yml"), file("other-alerts.yml")];
    let findings = lint(&files, Some(&exported()));
    assert_golden("lint.en.txt", &rendered(&findings, Language::En));
    assert_golden("lint.ja.txt", &rendered(&findings, Language::Ja));
}

/// B32: `hikeshi rules lint --json | jq -e 'any(.[]; .kind == "unknown_metric" and .metric == "mks_system_disk_percent")'`.
#[test]
fn a_metric_that_no_target_exports_is_an_error_as_data() {
    let findings = lint(&[file("mks-alerts.yml")], Some(&exported()));
    let finding = findings.iter().find(|f| f.kind == FindingKind::UnknownMetric).expect("found");
    let json = finding.to_json(Language::En);
    assert_eq!(
        json,
        serde_json::json!({
            "kind": "unknown_metric",
            "level": "error",
            "file": "mks-alerts.yml",
            "line": 6,
            "rule": "DiskAlmostFull",
            "metric": "mks_system_disk_percent",
            "message": "no target exports the metric `mks_system_disk_percent`, and no rule records it",
            "hint": "did you mean `mks_system_disk_usage_percent`?",
        })
    );
}

#[test]
fn without_a_look_at_targets_nothing_is_said_of_names() {
    let findings = lint(&[alert("nobody_knows{a=\"b\"} > 1")], None);
    assert!(findings.is_empty(), "{}", rendered(&findings, Language::En));
}

#[test]
fn a_metric_by_another_spelling_is_found_too() {
    let unknown = [(FindingKind::UnknownMetric, Gravity::Error)];
    assert_eq!(kinds("{__name__=\"mks_gone\"} > 1"), unknown);
    assert_eq!(kinds("{__name__=~\"mks_gone.*\"} > 1"), unknown);
    assert_eq!(kinds("{__name__=~\"mks_system_.*\"} > 1"), []);
    assert_eq!(kinds("max_over_time(mks_gone[5m:1m]) > 1"), unknown);
    assert_eq!(kinds("topk(scalar(mks_gone), up == 0)"), unknown);
    // What a histogram brings, what is only announced, and what Prometheus makes by itself.
    assert_eq!(kinds("mks_http_request_duration_seconds_count > 1"), []);
    assert_eq!(kinds("mks_http_request_duration_seconds > 1"), unknown);
    assert_eq!(kinds("mks_errors_total{kind=\"db\"} > 1"), []);
    assert_eq!(kinds("scrape_duration_seconds > 1"), []);
    assert_eq!(kinds("ALERTS{alertname=\"Up\"}"), []);
    // It waits for the absence, so it is no silent rule.
    assert_eq!(kinds("absent(mks_gone)"), [(FindingKind::UnknownMetric, Gravity::Warning)]);
}

#[test]
fn labels_are_judged_by_what_the_series_prove() {
    let value = |gravity| [(FindingKind::UnknownLabelValue, gravity)];
    assert_eq!(kinds("up{job=\"mks\"} == 0"), value(Gravity::Error));
    assert_eq!(
        kinds("up{job=~\"mks\"} == 0"),
        value(Gravity::Error),
        "patterns fit the whole value"
    );
    assert_eq!(kinds("up{job=~\"mks.*\"} == 0"), []);
    assert_eq!(kinds("up{job!=\"mks\"} == 0"), []);
    assert_eq!(kinds("mks_auth_attempts_total{status=\"denied\"} > 1"), value(Gravity::Info));
    assert_eq!(
        kinds("mks_auth_attempts_total{state=\"failed\"} > 1"),
        [(FindingKind::UnknownLabel, Gravity::Warning)]
    );
    assert_eq!(kinds("mks_auth_attempts_total{state=\"\"} > 1"), []);
    let mut exported = exported();
    exported.add_label("cluster");
    let findings = lint(&[alert("mks_database_connections{cluster=\"a\"} > 1")], Some(&exported));
    assert!(findings.is_empty(), "{}", rendered(&findings, Language::En));
    // A scrape whose job nobody told says nothing about jobs.
    let mut exported = Exported::new();
    exported.add("up", [("instance", "a:1")]);
    assert!(lint(&[alert("up{job=\"x\"} == 0")], Some(&exported)).is_empty());
}

#[test]
fn what_always_fires_is_told_from_what_compares() {
    for fine in [
        "up == 0",
        "vector(1)",
        "absent(up)",
        "count(up == 0)",
        "up unless mks_database_connections",
        "(mks_database_connections > bool 5) == 1",
        "100 * (mks_system_cpu_usage_percent > 0.9)",
        "ALERTS{alertstate=\"firing\"}",
    ] {
        assert_eq!(kinds(fine), [], "{fine}");
    }
    let endless = [(FindingKind::NoComparison, Gravity::Warning)];
    for expr in ["up", "rate(mks_http_requests_total[5m])", "sum(up) / 2", "up == 0 or up"] {
        assert_eq!(kinds(expr), endless, "{expr}");
    }
    assert_eq!(kinds("up > bool 5"), [(FindingKind::AlwaysTrue, Gravity::Warning)]);
}

/// An alert on a count within a window would only come too late with a `for`.
#[test]
fn a_critical_alert_waits_or_looks_at_a_window() {
    let rules = |expr: &str| {
        format!(
            "groups: [{{name: g, rules: [{{alert: A, expr: {expr:?}, labels: {{severity: critical}}}}]}}]"
        )
    };
    let is_hasty = |expr: &str| {
        let findings = lint(&[parsed("a.yml", &rules(expr))], None);
        findings.iter().any(|finding| finding.kind == FindingKind::NoFor)
    };
    assert!(is_hasty("up == 0"));
    assert!(is_hasty("rate(a[5m]) > b"));
    assert!(!is_hasty("increase(failures_total[3m]) > 0"));
    assert!(!is_hasty("max_over_time((a / b)[5m:]) > 1"));
    assert!(!is_hasty("vector(1)"), "a watchdog always fires");
}

/// Names of series come from outside: they move no cursor, and `--json` has them as they are.
#[test]
fn hostile_names_are_shown_as_one_line() {
    let mut exported = Exported::new();
    let text = "{\"mks_x\",\"\u{1b}[2J\\nevil\"=\"1\"} 1\n";
    exported.read_exposition("t", text, &[]).expect("it is an exposition");
    let findings = lint(&[alert("mks_x{a=\"b\"} > 1")], Some(&exported));
    let found = findings.iter().find(|f| f.kind == FindingKind::UnknownLabel).expect("found");
    let shown = found.render(Language::En);
    assert!(!shown.contains('\u{1b}') && shown.lines().count() == 2, "{shown:?}");
}

/// B31: `hikeshi rules lint --file g.json`: every query of a dashboard resolves, or is named.
#[test]
fn the_queries_of_a_dashboard_are_linted_too() {
    let findings = lint(&[file("dashboard.json")], Some(&exported()));
    let text = rendered(&findings, Language::En);
    assert!(text.starts_with("dashboard.json:15: error: Disk: no target exports"), "{text}");
    assert_eq!(findings.len(), 1, "{text}");
}
