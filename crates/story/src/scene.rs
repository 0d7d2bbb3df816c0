//! The made-up world of a story: what each probe would see, and what steps and channels would do.

use crate::read::{Does, Fault, Manner};
use domain::{
    ids::{ProbeName, ServiceName},
    policy::Policy,
    reading::{Observation, Reading, Value},
    rule::{Rule, Test},
};
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// How things are.
#[derive(Debug, Default)]
pub(crate) struct Scene {
    values: BTreeMap<ProbeName, BTreeMap<String, Value>>,
    good: BTreeMap<ProbeName, BTreeMap<String, Value>>,
    silent: BTreeSet<ProbeName>,
    /// Services that are down.
    down: BTreeMap<ServiceName, Fault>,
    /// Probes with a value that lasts until a repair.
    until_repaired: BTreeSet<ProbeName>,
    /// Probes that look at a process, not at what it answers.
    process: BTreeSet<ProbeName>,
    steps: BTreeMap<String, Does>,
    gives: BTreeMap<String, BTreeMap<String, String>>,
    channels: BTreeMap<String, Manner>,
    services: BTreeMap<ProbeName, ServiceName>,
    /// How often each probe looks.
    pub(crate) every: BTreeMap<ProbeName, SignedDuration>,
}

impl Scene {
    /// Everything is good: for each reading that a rule judges, a value that no band minds.
    pub(crate) fn new(policy: &Policy, every: BTreeMap<ProbeName, SignedDuration>) -> Self {
        let mut scene = Self { every, ..Self::default() };
        for (probe, feed) in &policy.probes {
            let judged = feed.rules.iter().filter_map(|name| policy.rules.get(name));
            let mut good: BTreeMap<_, _> =
                judged.map(|rule| (rule.reading.clone(), good_value(rule))).collect();
            // What no rule judges is measured all the same: the probe is not silent.
            if good.is_empty() {
                good.insert("value".into(), Value::Number(1.0));
            }
            scene.values.insert(probe.clone(), good.clone());
            scene.good.insert(probe.clone(), good);
            scene.services.insert(probe.clone(), feed.service.clone());
            scene.process.extend(feed.is_certain.then(|| probe.clone()));
        }
        scene
    }

    /// What a probe sees now; none while it is silent.
    pub(crate) fn look(&self, probe: &ProbeName, at: Timestamp) -> Option<Observation> {
        if self.silent.contains(probe) {
            return None;
        }
        let service = self.services.get(probe)?;
        let mut seen = Observation::new(probe.as_str(), service.as_str(), at);
        let is_down = match self.down.get(service) {
            Some(Fault::Hangs) => !self.process.contains(probe),
            fault => fault.is_some(),
        };
        for (reading, value) in self.values.get(probe)? {
            let value = if is_down && reading == "up" { Value::Flag(false) } else { value.clone() };
            seen = seen.with(reading, Reading::Measured(value));
        }
        Some(if is_down { seen.because("connection refused") } else { seen })
    }

    pub(crate) fn probes_of(&self, service: &ServiceName) -> Vec<ProbeName> {
        self.services
            .iter()
            .filter(|(_, of)| *of == service)
            .map(|(probe, _)| probe.clone())
            .collect()
    }

    pub(crate) fn set_down(&mut self, service: &str, fault: Fault) -> Result<(), String> {
        let service = ServiceName::from(service);
        if self.probes_of(&service).is_empty() {
            return Err(format!("no probe looks at `{service}`"));
        }
        self.down.insert(service, fault);
        Ok(())
    }

    pub(crate) fn set_value(
        &mut self,
        probe: &str,
        reading: &str,
        text: &str,
        heals: bool,
    ) -> Result<(), String> {
        let values =
            self.values.get_mut(probe).ok_or_else(|| format!("there is no probe `{probe}`"))?;
        let value = match (text, text.parse::<f64>()) {
            ("true", _) => Value::Flag(true),
            ("false", _) => Value::Flag(false),
            (_, Ok(number)) => Value::Number(number),
            _ => Value::Text(text.to_owned()),
        };
        match values.get_mut(reading) {
            Some(known) => {
                *known = value;
                self.until_repaired.extend(heals.then(|| probe.into()));
            }
            // What no rule judges may still give a word to a runbook.
            None if matches!(value, Value::Text(_)) => {
                values.insert(reading.to_owned(), value);
            }
            None => {
                return Err(format!(
                    "no rule judges `{reading}` of `{probe}`; judged: {:?}",
                    values.keys().collect::<Vec<_>>()
                ));
            }
        }
        Ok(())
    }

    pub(crate) fn silence(&mut self, probe: &str) {
        self.silent.insert(probe.into());
    }

    pub(crate) fn recover(&mut self, name: &str) {
        self.down.remove(&ServiceName::from(name));
        self.silent.remove(&ProbeName::from(name));
        if let (Some(good), Some(values)) = (self.good.get(name), self.values.get_mut(name)) {
            values.clone_from(good);
        }
    }

    /// A respond step succeeded on a service: it is healthy again unless it is broken for good.
    pub(crate) fn heal(&mut self, service: &ServiceName) {
        if self.down.get(service).is_some_and(|fault| *fault != Fault::Breaks) {
            self.down.remove(service);
        }
        for probe in self.probes_of(service) {
            if self.until_repaired.remove(&probe) {
                self.recover(probe.as_str());
            }
        }
    }

    /// Whether a step that verifies a service would fail.
    pub(crate) fn is_bad(&self, service: &ServiceName) -> bool {
        let waits = |probe: &ProbeName| self.until_repaired.contains(probe);
        self.down.contains_key(service) || self.probes_of(service).iter().any(waits)
    }

    pub(crate) fn set_step(&mut self, step: &str, does: Does) {
        self.steps.insert(step.to_owned(), does);
    }

    pub(crate) fn set_gives(&mut self, step: &str, pairs: &[(String, String)]) {
        self.gives.insert(step.to_owned(), pairs.iter().cloned().collect());
    }

    pub(crate) fn gives(&self, step: &str) -> BTreeMap<String, String> {
        self.gives.get(step).cloned().unwrap_or_default()
    }

    pub(crate) fn step(&self, step: &str) -> Does {
        self.steps.get(step).copied().unwrap_or(Does::Works)
    }

    pub(crate) fn set_channel(&mut self, channel: &str, manner: Manner) {
        self.channels.insert(channel.to_owned(), manner);
    }

    pub(crate) fn channel(&self, channel: &str) -> Manner {
        self.channels.get(channel).copied().unwrap_or(Manner::Works)
    }
}

fn good_value(rule: &Rule) -> Value {
    match rule.bands.last().map(|band| &band.test) {
        Some(Test::Is(Value::Flag(bad))) => Value::Flag(!bad),
        Some(Test::IsNot(good)) => good.clone(),
        Some(Test::Below(limit)) => Value::Number(limit + 1.0),
        Some(Test::Is(_)) => Value::Text("good".into()),
        Some(Test::Above(limit) | Test::AtLeast(limit)) => Value::Number((limit - 1.0).min(0.0)),
        None => Value::Flag(true),
    }
}
