//! The dashboard: which reading of which probe feeds which value (A84 to A86).
//!
//! `dashboard: {business: {accuracy: {probe: database/accuracy, reading: value, unit: "%"}, users: off}}`. Three
//! groups, and in each any names; those of the table below are found by the kind of a probe.

use crate::{names, services::Services, sorting};
use domain::{
    graph::Graph,
    ids::{ProbeName, ServiceName},
    said::Said,
};
use probes::ProbeSpec;
use source::{Fields, Node, Problems};

/// One value of the dashboard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gauge {
    /// `system`, `app` or `business`.
    pub group: String,
    /// Its name in the group.
    pub name: String,
    /// The unit to show behind it.
    pub unit: String,
    /// Where it comes from.
    pub source: Option<GaugeSource>,
    /// What to do when it comes from nowhere.
    pub hint: Said,
}

/// The reading that feeds a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GaugeSource {
    /// The probe.
    pub probe: ProbeName,
    /// The service that the probe looks at.
    pub own: ServiceName,
    /// The service that the reading is about: mostly the same.
    pub of: ServiceName,
    /// The reading.
    pub reading: String,
}

const GROUPS: [&str; 3] = ["system", "app", "business"];

/// Group, name, unit, and the kind of probe and the reading that feed it; a kind of `""` must be written down.
const USUAL: &[(&str, &str, &str, &str, &str)] = &[
    ("system", "cpu", "%", "host", "cpu_percent"),
    ("system", "memory", "%", "host", "mem_used_percent"),
    ("system", "disk", "%", "disk", "used_percent"),
    ("system", "disk_full_in", "h", "disk", "full_in_hours"),
    ("app", "p95_ms", "ms", "access_log", "p95_ms"),
    ("app", "error_rate", "%", "access_log", "error_rate_percent"),
    ("app", "requests_per_s", "/s", "access_log", "requests_per_s"),
    ("business", "users", "", "access_log", "distinct_clients"),
    ("business", "accuracy", "%", "", ""),
    ("business", "due_predictions", "", "", ""),
];

/// Everything that the dashboard shows, in order.
pub(crate) fn read(
    node: Option<&Node>,
    specs: &[ProbeSpec],
    services: &Services,
    problems: &mut Problems,
) -> Vec<Gauge> {
    let mut gauges: Vec<Gauge> = USUAL.iter().map(|row| usual(*row, specs)).collect();
    let Some(mut fields) = node.and_then(|node| Fields::open(node, problems)) else {
        return gauges;
    };
    for group in GROUPS {
        let entries = fields.optional(group).and_then(|node| node.entries(problems));
        for (name, _, node) in entries.unwrap_or_default() {
            let known = gauges.iter().position(|it| it.group == group && it.name == *name);
            if node.is_off() {
                known.map(|index| gauges.remove(index));
                continue;
            }
            let Some((source, unit)) = written(node, specs, &services.graph, problems) else {
                continue;
            };
            match known {
                Some(index) => {
                    gauges[index].source = Some(source);
                    gauges[index].unit = unit.unwrap_or_else(|| gauges[index].unit.clone());
                }
                None => gauges.push(Gauge {
                    group: group.into(),
                    name: name.clone(),
                    unit: unit.unwrap_or_default(),
                    source: Some(source),
                    hint: Said::same(""),
                }),
            }
        }
    }
    fields.finish(problems);
    gauges
}

/// The first probe of the kind counts.
fn usual(row: (&str, &str, &str, &str, &str), specs: &[ProbeSpec]) -> Gauge {
    let (group, name, unit, kind, reading) = row;
    let source = specs.iter().find(|spec| spec.kind.name == kind).map(|spec| GaugeSource {
        probe: spec.name.clone(),
        own: spec.service.clone(),
        of: spec.service.clone(),
        reading: reading.into(),
    });
    let written = format!("dashboard: {{{group}: {{{name}: {{probe: …, reading: …}}}}}}");
    let hint = match kind {
        "" => Said::new(
            format!("設定されていません: `{written}` を書いてください"),
            format!("not configured: write `{written}`"),
        ),
        kind => Said::new(
            format!("`kind: {kind}` のプローブがありません"),
            format!("there is no probe of `kind: {kind}`"),
        ),
    };
    Gauge { group: group.into(), name: name.into(), unit: unit.into(), source, hint }
}

fn written(
    node: &Node,
    specs: &[ProbeSpec],
    graph: &Graph,
    problems: &mut Problems,
) -> Option<(GaugeSource, Option<String>)> {
    let mut fields = Fields::open(node, problems)?;
    let probe = fields.required("probe", problems).and_then(|node| probe(node, specs, problems));
    let reading = fields.required("reading", problems);
    let of = fields.optional("service").map(|node| sorting::service(node, graph, problems));
    let unit = fields.text("unit", problems);
    fields.finish(problems);
    let (spec, reading) = (probe?, reading?);
    let name = reading.text(problems)?;
    let known = spec.readings();
    // `used_percent:/var` is one of several of its kind.
    let kind = name.split(':').next().unwrap_or_default();
    if !known.iter().any(|other| *other == name || other == kind) {
        let known = known.iter().map(String::as_str);
        names::unknown(&reading.place, ("測定値", "reading"), &name, known, problems);
    }
    let of = of.map_or(Some(spec.service.clone()), |of| of)?;
    let (probe, own) = (spec.name.clone(), spec.service.clone());
    Some((GaugeSource { probe, own, of, reading: name }, unit))
}

fn probe<'a>(
    node: &Node,
    specs: &'a [ProbeSpec],
    problems: &mut Problems,
) -> Option<&'a ProbeSpec> {
    let name = node.text(problems)?;
    let found = specs.iter().find(|spec| spec.name.as_str() == name);
    if found.is_none() {
        let known = specs.iter().map(|spec| spec.name.as_str());
        names::unknown(&node.place, ("プローブ", "probe"), &name, known, problems);
    }
    found
}
