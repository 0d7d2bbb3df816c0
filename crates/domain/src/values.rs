//! The values of a step: what people are shown when they are asked is looked up just as what the step is given.

use crate::{
    graph::Service,
    ids::{ServiceName, StepName},
    plan::{Parameter, Plan},
    types,
};
use std::collections::BTreeMap;

/// Where the values of a run come from.
#[derive(Clone, Copy, Debug)]
pub struct Values<'a> {
    /// The runbook.
    pub plan: &'a Plan,
    /// The target: `HK_SERVICE`.
    pub target: &'a ServiceName,
    /// The target as the configuration has it, with its attributes; none when it is gone.
    pub service: Option<&'a Service>,
    /// What the run was given from the labels of its alert.
    pub given: &'a BTreeMap<String, Parameter>,
}

impl Values<'_> {
    /// A value by its name: `HK_SERVICE`, what the run was given, the parameters of the runbook, then the attributes of
    /// the target (`health_url` is `HK_HEALTH_URL`).
    pub fn find(&self, name: &str) -> Option<Parameter> {
        if name == "HK_SERVICE" {
            return Some(Parameter { kind: "service".into(), value: self.target.to_string() });
        }
        let own = self.given.get(name).or_else(|| self.plan.parameters.get(name));
        own.or_else(|| self.service?.attribute(name.strip_prefix("HK_")?)).cloned()
    }

    /// A value that is made of another one: `HK_WAIT_SECONDS` of `HK_WAIT`. Gives that other one, and what is made of it.
    pub fn derived<'n>(&self, name: &'n str) -> Option<(&'n str, Parameter, String)> {
        let (base, suffix) = name.rsplit_once('_')?;
        let parameter = self.find(base)?;
        let made = types::derived(&parameter, suffix)?;
        Some((base, parameter, made))
    }

    /// What a person is shown of a step: every value that it names, a derived one as what it is made of.
    pub fn shown(&self, step: &StepName) -> BTreeMap<String, String> {
        let uses = self.plan.step(step).map(|step| &step.uses).into_iter().flatten();
        uses.filter_map(|name| match self.find(name) {
            Some(found) => Some((name.clone(), found.value)),
            None => self.derived(name).map(|(base, found, _)| (base.to_owned(), found.value)),
        })
        .collect()
    }
}
