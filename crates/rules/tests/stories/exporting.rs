//! Stories of the export: Prometheus' own tool accepts our conditions, and our own linter finds its metrics.

use crate::common::{assert_golden, parsed, promtool};
use domain::{
    policy::{Feed, Policy},
    reading::Value,
    rule::{Band, Rule, Symptom, Test},
    said::{Language, Said},
    severity::{Level, Priority},
    watch::NO_DATA,
};
use jiff::SignedDuration;
use rules::{Exported, Gravity, export, lint};
use std::{collections::BTreeMap, sync::Arc};

fn band(test: Test, level: Level, hold: i64) -> Band {
    let priority = (level == Level::Critical).then_some(Priority::P1);
    let hold = SignedDuration::from_secs(hold);
    Band { test, stays: None, level, priority, hold, n_of_m: (1, 1), respond_within: None }
}

fn rule(name: &str, title: &str, reading: &str, unit: &str, bands: Vec<Band>) -> Rule {
    Rule {
        name: name.into(),
        title: Said::new(title, name),
        symptom: Symptom::Other,
        reading: reading.into(),
        unit: unit.into(),
        bands,
        clear_passes: 1,
        owner: "SRE".into(),
        respond_within: domain::calendar::Within::Time(SignedDuration::from_mins(90)),
        respond_from: domain::clock::Origin::Hikeshi,
    }
}

/// Limits of every kind, a rule that nobody feeds, and names that mean something to a regular expression.
fn policy() -> Policy {
    let flag = |flag| Test::Is(Value::Flag(flag));
    let down = Band { n_of_m: (2, 2), ..band(flag(false), Level::Critical, 0) };
    let memory =
        Band { stays: Some(Test::Above(75.0)), ..band(Test::AtLeast(90.5), Level::Critical, 120) };
    let rules = [
        rule("service_down", "サービスダウン", "up", "", vec![down]),
        rule(
            "disk_usage",
            "ディスク {{ 90% }} \"超\"",
            "used_percent",
            "%",
            vec![
                band(Test::AtLeast(95.0), Level::Critical, 0),
                band(Test::Above(90.0), Level::Critical, 600),
                band(Test::Above(90.0), Level::Warning, 0),
            ],
        ),
        rule("memory_usage", "メモリ", "mem_used_percent", "%", vec![memory]),
        rule("few_rows", "行数", "rows", "", vec![band(Test::Below(-5.5), Level::Warning, 0)]),
        rule(
            "unit_state",
            "状態",
            "state",
            "",
            vec![
                band(Test::Is(Value::Text("fai\"led\\".into())), Level::Critical, 60),
                band(Test::IsNot(Value::Text("active".into())), Level::Info, 0),
            ],
        ),
        rule("unfed", "なし", "x", "", vec![band(Test::Above(1.0), Level::Info, 0)]),
        rule(NO_DATA, "測定値なし", "silent", "", vec![band(flag(true), Level::Warning, 0)]),
    ];
    let feed = |service: &str, rules: &[&str]| Feed {
        service: service.into(),
        rules: rules.iter().map(|name| (*name).into()).collect(),
        is_certain: false,
        no_data_after: SignedDuration::from_secs(60),
    };
    let slow = Feed { no_data_after: SignedDuration::from_mins(15), ..feed("db", &["few_rows"]) };
    let probes = [
        ("api-1/health", feed("api-1", &["service_down"])),
        ("api.2|x/health", feed("api-2", &["service_down"])),
        ("disk", feed("host", &["disk_usage"])),
        ("host", feed("host", &["memory_usage"])),
        ("rows", slow),
        ("unit", feed("mks", &["unit_state"])),
    ];
    Policy {
        rules: rules.into_iter().map(|rule| (rule.name.clone(), Arc::new(rule))).collect(),
        probes: probes.into_iter().map(|(name, feed)| (name.into(), feed)).collect(),
        ..Policy::default()
    }
}

/// B32: `hikeshi export rules >r.yml && promtool check rules r.yml`.
#[test]
fn promtool_accepts_our_conditions() {
    let text = export(&policy());
    assert_golden("exported.yml", &text);
    let Some((accepts, said)) = promtool(&text) else { return };
    assert!(accepts && said.contains("SUCCESS"), "{said}\n{text}");
    assert!(!said.contains("duplicate"), "{said}\n{text}");
}

#[test]
fn our_own_reader_and_linter_accept_them_too() {
    let file = parsed("exported.yml", &export(&policy()));
    let names: Vec<_> = file.rules().map(|rule| rule.name.as_str()).collect();
    assert_eq!(names.iter().filter(|name| **name == "disk_usage").count(), 3);
    assert_eq!(names.iter().filter(|name| **name == NO_DATA).count(), 2, "one per silence");
    assert!(!names.contains(&"unfed"));
    let mut exported = Exported::new();
    for metric in ["journal_position", "journal_fault", "incidents_without_next_step"] {
        exported.add(&format!("hikeshi_{metric}"), []);
    }
    for (probe, service, reading) in [
        ("api-1/health", "api-1", "up"),
        ("api.2|x/health", "api-2", "up"),
        ("disk", "host", "used_percent"),
        ("host", "host", "mem_used_percent"),
        ("rows", "db", "rows"),
        ("unit", "mks", "state"),
    ] {
        let labels = [("probe", probe), ("service", service), ("reading", reading)];
        exported.add("hikeshi_reading", labels);
        exported.add("hikeshi_probe_heard_timestamp_seconds", labels);
        exported.add("hikeshi_reading_state", labels.into_iter().chain([("state", "active")]));
    }
    for finding in lint(&[file], Some(&exported)) {
        assert!(finding.gravity < Gravity::Error, "{}", finding.render(Language::En));
    }
}

#[test]
fn a_policy_without_probes_is_a_valid_file_too() {
    let policy = Policy { probes: BTreeMap::new(), ..policy() };
    let text = export(&policy);
    let Some((accepts, said)) = promtool(&text) else { return };
    assert!(accepts, "{said}\n{text}");
}
