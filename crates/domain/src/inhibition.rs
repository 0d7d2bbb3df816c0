//! Inhibition: while one alert fires, others that it explains are quiet. Who inhibits is counted, so that a storm is one
//! lookup per alert.

use crate::{
    labels::Labels,
    matcher::{self, Matcher},
};
use std::collections::HashMap;

/// While an alert of `source` fires, alerts of `target` with the same values of `equal` are quiet.
#[derive(Clone, Debug, PartialEq)]
pub struct Inhibition {
    /// Who inhibits.
    pub source: Vec<Matcher>,
    /// Who is inhibited. What is source and target of one rule at once is not inhibited by its own kind.
    pub target: Vec<Matcher>,
    /// Labels that both must have in common; one that neither has is common.
    pub equal: Vec<String>,
}

impl Inhibition {
    fn values(&self, labels: &Labels) -> Vec<String> {
        let value = |name: &String| labels.get(name).unwrap_or_default().into_owned();
        self.equal.iter().map(value).collect()
    }
}

/// What inhibits now: how many firing sources there are, by rule and common values.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    counts: HashMap<(usize, Vec<String>), Vec<String>>,
}

impl Sources {
    /// A source may have begun; whether anything that was loud may be quiet now.
    pub fn add(&mut self, rules: &[Inhibition], labels: &Labels, name: &str) -> bool {
        let mut is_first = false;
        for (index, rule) in rules.iter().enumerate() {
            if !matcher::all(&rule.source, labels) {
                continue;
            }
            let names = self.counts.entry((index, rule.values(labels))).or_default();
            if !names.iter().any(|known| known == name) {
                is_first |= names.is_empty();
                names.push(name.to_owned());
            }
        }
        is_first
    }

    /// A source may be over; whether anything that was quiet may be loud now.
    pub fn remove(&mut self, rules: &[Inhibition], labels: &Labels, name: &str) -> bool {
        let mut is_last = false;
        for (index, rule) in rules.iter().enumerate() {
            let place = (index, rule.values(labels));
            let Some(names) = self.counts.get_mut(&place) else { continue };
            names.retain(|known| known != name);
            if names.is_empty() {
                is_last = true;
                self.counts.remove(&place);
            }
        }
        is_last
    }

    /// The name of an alert that inhibits one with these labels.
    pub fn of<'a>(&'a self, rules: &[Inhibition], labels: &Labels) -> Option<&'a str> {
        if self.counts.is_empty() {
            return None;
        }
        rules.iter().enumerate().find_map(|(index, rule)| {
            let is_target =
                matcher::all(&rule.target, labels) && !matcher::all(&rule.source, labels);
            let names = is_target.then(|| self.counts.get(&(index, rule.values(labels))))??;
            names.first().map(String::as_str)
        })
    }
}
