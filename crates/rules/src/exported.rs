//! What all targets export: the metrics, their labels, and the values that were seen.

use crate::exposition;
use domain::said::Said;
use source::{Place, Problem};
use std::collections::{BTreeMap, BTreeSet};

/// A label with more values than this has no list of them: any value may come.
const VALUES_LIMIT: usize = 1000;
/// Prometheus makes these for every target by itself.
const OF_EVERY_TARGET: [&str; 8] = [
    "up",
    "scrape_duration_seconds",
    "scrape_samples_scraped",
    "scrape_samples_post_metric_relabeling",
    "scrape_series_added",
    "scrape_timeout_seconds",
    "scrape_sample_limit",
    "scrape_body_size_bytes",
];
/// Prometheus makes these of the alerts themselves.
const OF_ALERTS: [&str; 2] = ["ALERTS", "ALERTS_FOR_STATE"];

/// What all targets export.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Exported {
    metrics: BTreeMap<String, Metric>,
    added_labels: BTreeSet<String>,
}

/// The series of one metric.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Metric {
    /// Whether it has any now; a metric may only be announced.
    pub(crate) has_series: bool,
    /// The values of each label.
    pub(crate) labels: BTreeMap<String, Values>,
}

/// The values of a label.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Values {
    /// All that were seen.
    Listed(BTreeSet<String>),
    /// Too many to list.
    Many,
}

impl Exported {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one series: its metric and its labels.
    pub fn add<'l>(&mut self, metric: &str, labels: impl IntoIterator<Item = (&'l str, &'l str)>) {
        let metric = self.metrics.entry(metric.to_owned()).or_default();
        metric.has_series = true;
        for (label, value) in labels {
            let empty = || Values::Listed(BTreeSet::new());
            let values = metric.labels.entry(label.to_owned()).or_insert_with(empty);
            if let Values::Listed(list) = values {
                list.insert(value.to_owned());
                if list.len() > VALUES_LIMIT {
                    *values = Values::Many;
                }
            }
        }
    }

    /// Adds a metric of which no more is known than its name; nothing is said of its labels.
    pub fn announce(&mut self, metric: &str) {
        self.metrics.entry(metric.to_owned()).or_default();
    }

    /// Adds everything that one target exports. `labels` are those that Prometheus gives it: `job` and
    /// `instance`. A label of the target's own with such a name counts as both `job` and `exported_job`: which one it
    /// becomes is up to `honor_labels`. Returns the number of series.
    ///
    /// # Errors
    /// The first wrong line of the text; nothing was added then.
    pub fn read_exposition(
        &mut self,
        target: &str,
        text: &str,
        labels: &[(&str, &str)],
    ) -> Result<usize, Problem> {
        let found = exposition::read(text).map_err(|wrong| Problem {
            place: Place { file: target.into(), line: wrong.line },
            message: Said::new(
                format!("Prometheus の形式ではありません (期待: {})", wrong.expected),
                format!("this is not the text format of Prometheus: expected {}", wrong.expected),
            ),
            hint: Some(Said::new(
                "対象の /metrics の URL を確かめてください",
                "check the address of the target's /metrics",
            )),
        })?;
        for (metric, own) in &found.series {
            let taken = labels.iter().filter_map(|(label, _)| Some((label, own.get(*label)?)));
            let renamed: Vec<_> =
                taken.map(|(label, value)| (format!("exported_{label}"), value)).collect();
            let renamed = renamed.iter().map(|(label, value)| (label.as_str(), value.as_str()));
            let own = own.iter().map(|(label, value)| (label.as_str(), value.as_str()));
            self.add(metric, labels.iter().copied().chain(own).chain(renamed));
        }
        found.announced.iter().for_each(|metric| self.announce(metric));
        for metric in OF_EVERY_TARGET {
            self.add(metric, labels.iter().copied());
        }
        Ok(found.series.len())
    }

    /// Names a label that Prometheus adds by its own configuration (`external_labels`, relabelling): no target shows it.
    pub fn add_label(&mut self, label: &str) {
        self.added_labels.insert(label.to_owned());
    }

    /// Whether a metric is exported, or made by Prometheus itself.
    pub fn has(&self, metric: &str) -> bool {
        let own = || OF_EVERY_TARGET.iter().chain(&OF_ALERTS).any(|known| *known == metric);
        self.metrics.contains_key(metric) || own()
    }

    /// Every metric that is exported.
    pub fn metrics(&self) -> impl Iterator<Item = &str> {
        self.metrics.keys().map(String::as_str)
    }

    /// The series of a metric.
    pub(crate) fn metric(&self, name: &str) -> Option<&Metric> {
        self.metrics.get(name)
    }

    /// Whether somebody adds a label on the way.
    pub(crate) fn is_added(&self, label: &str) -> bool {
        self.added_labels.contains(label)
    }
}

impl Values {
    /// Whether one of the values fits; of too many, one may.
    pub(crate) fn any(&self, fits: impl Fn(&str) -> bool) -> bool {
        match self {
            Self::Listed(list) => list.iter().any(|value| fits(value)),
            Self::Many => true,
        }
    }

    /// The values, when they could be listed.
    pub(crate) fn listed(&self) -> impl Iterator<Item = &str> {
        let list = match self {
            Self::Listed(list) => Some(list),
            Self::Many => None,
        };
        list.into_iter().flatten().map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_target_adds_nothing() {
        let mut exported = Exported::new();
        let problem = exported
            .read_exposition("http://127.0.0.1/metrics", "x 1\n<html>", &[("job", "a")])
            .expect_err("HTML is no exposition");
        assert_eq!(problem.place.to_string(), "http://127.0.0.1/metrics:2");
        assert_eq!(exported, Exported::new());
    }

    #[test]
    fn a_label_with_endless_values_has_any() {
        let mut exported = Exported::new();
        (0..=VALUES_LIMIT).for_each(|number| exported.add("x", [("id", &*number.to_string())]));
        let values = &exported.metric("x").expect("added").labels["id"];
        assert_eq!(*values, Values::Many);
        assert!(values.any(|value| value == "never seen"));
    }

    #[test]
    fn every_target_is_up_or_not() {
        let mut exported = Exported::new();
        let count = exported.read_exposition("t", "x 1\n# TYPE later counter\n", &[("job", "api")]);
        assert_eq!(count, Ok(1));
        assert!(["up", "x", "later", "ALERTS"].iter().all(|metric| exported.has(metric)));
        assert!(!exported.has("y"));
        assert!(exported.metric("up").is_some_and(|up| up.labels["job"].any(|job| job == "api")));
    }
}
