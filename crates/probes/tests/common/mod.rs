//! What the stories share: a probe from its YAML, and readings of what it saw.
#![allow(dead_code, reason = "every test file uses its own part")]

pub mod cluster;
pub mod serving;

use domain::{
    reading::{Observation, Reading, Value},
    said::Language,
};
use jiff::Timestamp;
use probes::{Deps, Probe, ProbeSpec};
use secrets::Safe;
use source::{Problems, yaml};
use std::{path::Path, sync::Arc};

/// What probes are given when nothing special is needed.
pub fn deps() -> Deps {
    Deps {
        clock: Arc::new(Timestamp::now),
        supervisor: None,
        state_folder: None,
        samples: None,
        safe: Safe::default(),
    }
}

/// The same, with a folder for what log probes keep.
pub fn deps_in(folder: &Path) -> Deps {
    Deps { state_folder: Some(folder.to_owned()), ..deps() }
}

/// A probe as a person writes it.
pub fn spec(text: &str) -> ProbeSpec {
    let mut problems = Problems::new();
    let node = yaml::read("probes.yaml", text, 0, &mut problems).expect("YAML");
    let spec = ProbeSpec::parse("probe", &node, &mut problems);
    assert!(problems.is_empty(), "{}", problems.render(Language::En));
    spec.expect("no problem, so a spec")
}

/// One look of a new probe at one service.
pub async fn look(text: &str) -> Observation {
    let mut seen = spec(text).make(&deps()).look().await;
    assert_eq!(seen.len(), 1, "{seen:?}");
    seen.remove(0)
}

/// One look of a probe that lives on.
pub async fn again(probe: &mut Box<dyn Probe>) -> Observation {
    let mut seen = probe.look().await;
    seen.remove(0)
}

/// The number of a reading that was measured.
pub fn number(seen: &Observation, name: &str) -> f64 {
    match seen.readings.get(name).and_then(Reading::measured) {
        Some(Value::Number(number)) => *number,
        _ => panic!("{name} is no number: {seen:?}"),
    }
}

/// Whether `up` was measured, and what.
pub fn up(seen: &Observation) -> Option<bool> {
    match seen.readings.get("up").and_then(Reading::measured) {
        Some(Value::Flag(up)) => Some(*up),
        _ => None,
    }
}

/// The word of a reading; empty when there is none.
pub fn text(seen: &Observation, name: &str) -> String {
    match seen.readings.get(name).and_then(Reading::measured) {
        Some(Value::Text(text)) => text.clone(),
        _ => String::new(),
    }
}
