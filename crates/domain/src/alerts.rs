//! All firing alerts, with the indexes that deciding asks for: a storm of ten thousand must not make each look a walk
//! over all of them.

use crate::{
    alert::Alert,
    ids::{AlertKey, RuleName, ServiceName},
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Firing alerts by key.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "BTreeMap<AlertKey, Alert>", into = "BTreeMap<AlertKey, Alert>")]
pub struct Alerts {
    by_key: BTreeMap<AlertKey, Alert>,
    outages: BTreeMap<ServiceName, BTreeSet<RuleName>>,
    special: BTreeMap<Special, BTreeSet<AlertKey>>,
}

/// What makes an alert one that time alone may move.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Special {
    /// Made quieter because others serve.
    Redundant,
    /// It flaps.
    Flapping,
    /// A runbook answers it by itself.
    WithRunbook,
}

impl Alerts {
    /// One alert.
    pub fn get(&self, key: &AlertKey) -> Option<&Alert> {
        self.by_key.get(key)
    }

    /// Whether an alert fires.
    pub fn contains(&self, key: &AlertKey) -> bool {
        self.by_key.contains_key(key)
    }

    /// How many fire.
    pub fn len(&self) -> usize {
        self.by_key.len()
    }

    /// Whether none fires.
    pub fn is_empty(&self) -> bool {
        self.by_key.is_empty()
    }

    /// All of them, by key.
    pub fn values(&self) -> impl Iterator<Item = &Alert> {
        self.by_key.values()
    }

    /// The outages of a service.
    pub fn outages_of<'a>(&'a self, service: &ServiceName) -> impl Iterator<Item = &'a Alert> {
        let of = self.outages.get_key_value(service);
        let keys = of.into_iter().flat_map(|(service, rules)| {
            rules.iter().map(|rule| AlertKey { rule: rule.clone(), service: service.clone() })
        });
        keys.filter_map(|key| self.by_key.get(&key))
    }

    /// The alerts with a property.
    pub fn special(&self, special: Special) -> impl Iterator<Item = &Alert> {
        let keys = self.special.get(&special).into_iter().flatten();
        keys.filter_map(|key| self.by_key.get(key))
    }

    /// Puts an alert in, in place of the one with the same key.
    pub fn insert(&mut self, alert: Alert) {
        self.remove(&alert.fired.key.clone());
        self.index(&alert);
        self.by_key.insert(alert.fired.key.clone(), alert);
    }

    /// Takes an alert out.
    pub fn remove(&mut self, key: &AlertKey) -> Option<Alert> {
        let gone = self.by_key.remove(key)?;
        if let Some(rules) = self.outages.get_mut(&key.service) {
            rules.remove(&key.rule);
            if rules.is_empty() {
                self.outages.remove(&key.service);
            }
        }
        self.special.retain(|_, keys| {
            keys.remove(key);
            !keys.is_empty()
        });
        Some(gone)
    }

    /// Changes an alert.
    pub fn change(&mut self, key: &AlertKey, change: impl FnOnce(&mut Alert)) {
        if let Some(mut alert) = self.remove(key) {
            change(&mut alert);
            self.insert(alert);
        }
    }

    /// Changes every alert of a service.
    pub fn change_all_of(&mut self, service: &ServiceName, change: impl Fn(&mut Alert)) {
        let of = |key: &&AlertKey| key.service == *service;
        let keys: Vec<AlertKey> = self.by_key.keys().filter(of).cloned().collect();
        keys.iter().for_each(|key| self.change(key, &change));
    }

    /// A signal came to an alert. Counted only where its owner was told: no index knows of it.
    pub fn count_news(&mut self, key: &AlertKey) {
        if let Some(alert) = self.by_key.get_mut(key).filter(|alert| alert.told_at.is_some()) {
            alert.news = alert.news.saturating_add(1);
        }
    }

    fn index(&mut self, alert: &Alert) {
        let key = &alert.fired.key;
        if alert.fired.symptom.is_outage() {
            self.outages.entry(key.service.clone()).or_default().insert(key.rule.clone());
        }
        let properties = [
            (Special::Redundant, alert.fired.redundant),
            (Special::Flapping, alert.flapping.is_some()),
            (Special::WithRunbook, alert.fired.runbook.is_some()),
        ];
        for (special, _) in properties.into_iter().filter(|(_, holds)| *holds) {
            self.special.entry(special).or_default().insert(key.clone());
        }
    }
}

impl From<BTreeMap<AlertKey, Alert>> for Alerts {
    fn from(by_key: BTreeMap<AlertKey, Alert>) -> Self {
        let mut alerts = Self::default();
        by_key.into_values().for_each(|alert| alerts.insert(alert));
        alerts
    }
}

impl From<Alerts> for BTreeMap<AlertKey, Alert> {
    fn from(alerts: Alerts) -> Self {
        alerts.by_key
    }
}

impl<'a> IntoIterator for &'a Alerts {
    type Item = (&'a AlertKey, &'a Alert);
    type IntoIter = std::collections::btree_map::Iter<'a, AlertKey, Alert>;

    fn into_iter(self) -> Self::IntoIter {
        self.by_key.iter()
    }
}
