//! Probes: those that are written down, those that follow from services, and the rules that each feeds.

use crate::services::Services;
use domain::{ids::ProbeName, policy::Feed, rule::Rule, said::Said};
use jiff::SignedDuration;
use probes::ProbeSpec;
use source::{Node, Problems, Shape};
use std::collections::BTreeMap;

/// A probe that is silent for less than this may only be slow.
const LEAST_SILENCE: SignedDuration = SignedDuration::from_secs(60);

pub(crate) fn read(
    node: Option<&Node>,
    services: &Services,
    problems: &mut Problems,
) -> Vec<ProbeSpec> {
    let mut specs = Vec::new();
    for (service, node) in &services.health {
        specs.extend(ProbeSpec::parse(format!("{service}/health"), node, problems));
    }
    for command in &services.commands {
        if let Some(place) = services.places.get(&command.name) {
            let scalar =
                |text: &str| Node { place: place.clone(), shape: Shape::Scalar(text.into()) };
            let entry = |key: &str, value: &str| (key.to_owned(), place.clone(), scalar(value));
            let name = command.name.as_str();
            let entries = vec![
                entry("kind", "process"),
                entry("service", name),
                entry("supervised", name),
                entry("every", "2s"),
            ];
            let node = Node { place: place.clone(), shape: Shape::Map(entries) };
            specs.extend(ProbeSpec::parse(format!("{name}/process"), &node, problems));
        }
    }
    for (name, place, node) in node.and_then(|node| node.entries(problems)).unwrap_or_default() {
        if node.is_off() {
            continue;
        }
        let Some(spec) = ProbeSpec::parse(name.as_str(), node, problems) else { continue };
        if services.graph.get(&spec.service).is_none() && services.graph.services().next().is_some()
        {
            let service = &spec.service;
            problems.add(
                place,
                Said::new(
                    format!("サービス `{service}` はありません"),
                    format!("there is no service `{service}`"),
                ),
            );
        }
        specs.push(spec);
    }
    specs
}

/// Which rules judge which probe: those that name its kind, or the probe itself, and a reading that it brings.
pub(crate) fn feeds(
    specs: &[ProbeSpec],
    rules: &[(Rule, Vec<String>)],
) -> BTreeMap<ProbeName, Feed> {
    let feed = |spec: &ProbeSpec| {
        let readings = spec.readings();
        let judges = |(rule, sources): &&(Rule, Vec<String>)| {
            let fed =
                sources.iter().any(|name| *name == spec.kind.name || *name == spec.name.as_str());
            fed && readings.contains(&rule.reading)
        };
        let silence = (spec.every * 3).saturating_add(spec.timeout).max(LEAST_SILENCE);
        Feed {
            service: spec.service.clone(),
            rules: rules.iter().filter(judges).map(|(rule, _)| rule.name.clone()).collect(),
            is_certain: spec.kind.name == "process",
            no_data_after: silence,
        }
    };
    specs.iter().map(|spec| (spec.name.clone(), feed(spec))).collect()
}
