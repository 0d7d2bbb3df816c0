//! Probes: those that are written down, those that follow from services, and the rules that each feeds.

use crate::{alerts::Fed, names, services::Services};
use domain::{ids::ProbeName, policy::Feed, said::Said, watch::NO_DATA};
use jiff::SignedDuration;
use probes::ProbeSpec;
use source::{Node, Place, Problems, Shape};
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
            let scalar = |text: &str| Node::made_up(place.clone(), Shape::Scalar(text.into()));
            let entry = |key: &str, value: &str| (key.to_owned(), place.clone(), scalar(value));
            let name = command.name.as_str();
            let entries = vec![
                entry("kind", "process"),
                entry("service", name),
                entry("supervised", name),
                entry("every", "2s"),
            ];
            let node = Node::made_up(place.clone(), Shape::Map(entries));
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
            let known = services.graph.services().map(|service| service.name.as_str());
            let place = value_place(node, "service").unwrap_or(place);
            names::unknown(place, ("サービス", "service"), spec.service.as_str(), known, problems);
        }
        if specs.iter().any(|other| other.name == spec.name) {
            problems.add(
                place,
                Said::new(
                    format!("プローブ `{name}` は `services:` からすでにできています"),
                    format!("the probe `{name}` follows from `services:` already"),
                ),
            );
        }
        specs.push(spec);
    }
    specs
}

fn value_place<'a>(node: &'a Node, key: &str) -> Option<&'a Place> {
    let Shape::Map(entries) = &node.shape else { return None };
    entries.iter().find(|(known, ..)| known == key).map(|(_, _, node)| &node.place)
}

/// A rule that no probe can ever feed watches nothing (B32): its sources must be known, and one of them bring the reading.
pub(crate) fn check_sources(specs: &[ProbeSpec], rules: &[Fed], problems: &mut Problems) {
    let kinds: Vec<_> = probes::kinds::KINDS.iter().map(|kind| kind.name).collect();
    for fed in rules {
        let mut readings: Vec<String> = Vec::new();
        for (name, place) in &fed.sources {
            let own = specs.iter().filter(|spec| is_named(spec, name)).collect::<Vec<_>>();
            readings.extend(own.iter().flat_map(|spec| spec.readings()));
            if own.is_empty() && !kinds.contains(&name.as_str()) {
                let known = specs.iter().map(|spec| spec.name.as_str()).chain(kinds.clone());
                names::unknown(place, ("プローブ", "probe"), name, known, problems);
            }
        }
        let reading = &fed.rule.reading;
        if fed.sources.is_empty() && fed.rule.name.as_str() != NO_DATA {
            let name = &fed.rule.name;
            problems.add(
                &fed.place,
                Said::new(
                    format!("`{name}` の `probes` が空です"),
                    format!("`{name}` names no probe"),
                ),
            );
        } else if !readings.is_empty() && !readings.contains(reading) {
            readings.sort();
            readings.dedup();
            let known = readings.iter().map(String::as_str);
            names::unknown(&fed.place, ("測定値", "reading"), reading, known, problems);
        }
    }
}

fn is_named(spec: &ProbeSpec, name: &str) -> bool {
    name == spec.kind.name || name == spec.name.as_str()
}

/// Which rules judge which probe: those that name its kind, or the probe itself, and a reading that it brings.
pub(crate) fn feeds(specs: &[ProbeSpec], rules: &[Fed]) -> BTreeMap<ProbeName, Feed> {
    let feed = |spec: &ProbeSpec| {
        let readings = spec.readings();
        let judges = |fed: &&Fed| {
            fed.sources.iter().any(|(name, _)| is_named(spec, name))
                && readings.contains(&fed.rule.reading)
        };
        let silence = (spec.every * 3).saturating_add(spec.timeout).max(LEAST_SILENCE);
        Feed {
            service: spec.service.clone(),
            rules: rules.iter().filter(judges).map(|fed| fed.rule.name.clone()).collect(),
            is_certain: spec.kind.name == "process",
            no_data_after: silence,
        }
    };
    specs.iter().map(|spec| (spec.name.clone(), feed(spec))).collect()
}
