//! A Grafana dashboard over the metrics that hikeshi itself shows, ready to be imported (B31).

use domain::said::Language;
use serde_json::{Value, json};

/// A panel: its title in both languages, its kind, its unit, and what is asked.
struct Panel {
    title: (&'static str, &'static str),
    kind: &'static str,
    unit: &'static str,
    queries: &'static [(&'static str, &'static str)],
}

/// Half of the width; two panels stand side by side.
const WIDTH: usize = 12;
const HEIGHT: usize = 8;

const PANELS: &[Panel] = &[
    Panel {
        title: ("発生中の障害", "Incidents that burn"),
        kind: "timeseries",
        unit: "short",
        queries: &[("hikeshi_incidents_open", "{{priority}}")],
    },
    Panel {
        title: ("発生中のアラート", "Alerts that fire"),
        kind: "timeseries",
        unit: "short",
        queries: &[("hikeshi_alerts_firing", "{{level}}")],
    },
    Panel {
        title: ("誰も引き受けていない障害", "Incidents that nobody has acknowledged"),
        kind: "stat",
        unit: "short",
        queries: &[
            ("hikeshi_incidents_unacknowledged", "unacknowledged"),
            ("hikeshi_incidents_without_next_step", "without next step"),
        ],
    },
    Panel {
        title: ("動いているか", "Whether things are up"),
        kind: "state-timeline",
        unit: "short",
        queries: &[(
            "hikeshi_reading{reading=~\"up|active|online\",service=~\"$service\"}",
            "{{service}} {{probe}}",
        )],
    },
    Panel {
        title: ("応答時間", "Latency"),
        kind: "timeseries",
        unit: "ms",
        queries: &[(
            "hikeshi_reading{reading=~\".+_ms\",service=~\"$service\"}",
            "{{service}} {{reading}}",
        )],
    },
    Panel {
        title: ("割合", "Percentages"),
        kind: "timeseries",
        unit: "percent",
        queries: &[(
            "hikeshi_reading{reading=~\".+_percent\",service=~\"$service\"}",
            "{{service}} {{reading}}",
        )],
    },
    Panel {
        title: ("測定が途絶えている時間", "How long probes have been silent"),
        kind: "timeseries",
        unit: "s",
        queries: &[(
            "time() - hikeshi_probe_heard_timestamp_seconds{service=~\"$service\"}",
            "{{probe}}",
        )],
    },
    Panel {
        title: ("原因", "Causes"),
        kind: "table",
        unit: "short",
        queries: &[(
            "hikeshi_reading_state{service=~\"$service\"} == 1",
            "{{service}} {{reading}} {{state}}",
        )],
    },
    Panel {
        title: ("送るべき通知と実行中の手順", "Notices owed and runs under way"),
        kind: "timeseries",
        unit: "short",
        queries: &[("hikeshi_notices_owed", "notices"), ("hikeshi_runs_active", "runs")],
    },
    Panel {
        title: ("hikeshi 自身", "hikeshi itself"),
        kind: "timeseries",
        unit: "short",
        queries: &[
            ("hikeshi_journal_fault", "journal fault"),
            ("rate(hikeshi_probe_observations_total[5m])", "observations/s"),
            ("rate(hikeshi_journal_facts_total[5m])", "facts/s"),
        ],
    },
];

/// The dashboard as JSON. Its data source is asked for at the import.
pub fn grafana(language: Language) -> String {
    let panels: Vec<Value> =
        PANELS.iter().enumerate().map(|(index, panel)| panel.json(index, language)).collect();
    let dashboard = json!({
        "title": "hikeshi",
        "uid": "hikeshi",
        "tags": ["hikeshi"],
        "schemaVersion": 39,
        "timezone": "browser",
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "__inputs": [{"name": "DS_PROMETHEUS", "label": "Prometheus", "type": "datasource", "pluginId": "prometheus", "pluginName": "Prometheus"}],
        "templating": {"list": [{
            "name": "service",
            "type": "query",
            "datasource": source(),
            "query": {"query": "label_values(hikeshi_probe_heard_timestamp_seconds, service)", "refId": "service"},
            "refresh": 2,
            "multi": true,
            "includeAll": true,
            "allValue": ".*",
            "current": {"text": ["All"], "value": ["$__all"]},
        }]},
        "panels": panels,
    });
    format!("{dashboard:#}\n")
}

fn source() -> Value {
    json!({"type": "prometheus", "uid": "${DS_PROMETHEUS}"})
}

impl Panel {
    fn json(&self, index: usize, language: Language) -> Value {
        let targets: Vec<Value> = self
            .queries
            .iter()
            .zip('A'..)
            .map(|((query, legend), name)| {
                json!({
                    "refId": name.to_string(), "datasource": source(), "expr": query, "legendFormat": legend,
                    "instant": self.kind == "table", "format": if self.kind == "table" { "table" } else { "time_series" },
                })
            })
            .collect();
        json!({
            "id": index + 1,
            "title": language.pick(self.title.0, self.title.1),
            "type": self.kind,
            "datasource": source(),
            "gridPos": {"x": index % 2 * WIDTH, "y": index / 2 * HEIGHT, "w": WIDTH, "h": HEIGHT},
            "fieldConfig": {"defaults": {"unit": self.unit}, "overrides": []},
            "targets": targets,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read;
    use source::Problems;

    #[test]
    fn every_query_is_one_and_panels_do_not_overlap() {
        for language in [Language::Ja, Language::En] {
            let text = grafana(language);
            let mut problems = Problems::new();
            let file = read("dashboard.json", &text, &mut problems).expect("a dashboard");
            assert!(problems.is_empty(), "{}", problems.render(Language::En));
            let queries: usize = PANELS.iter().map(|panel| panel.queries.len()).sum();
            assert_eq!(file.rules().count(), queries);
            let read: Value = serde_json::from_str(&text).expect("JSON");
            let mut places: Vec<String> = read["panels"]
                .as_array()
                .into_iter()
                .flatten()
                .map(|panel| panel["gridPos"].to_string())
                .collect();
            assert!(places.len() >= 6, "B31");
            places.dedup();
            assert_eq!(places.len(), PANELS.len());
        }
    }
}
