//! What all checks look things up in: what targets export and what rules record.

use crate::{
    exported::Exported,
    file::{Rule, RuleFile, RuleKind},
};
use std::collections::BTreeMap;

/// What there is.
pub(super) struct Known<'a> {
    /// What targets export; none: nobody has looked.
    pub(super) exported: Option<&'a Exported>,
    recorded: BTreeMap<&'a str, &'a Rule>,
}

impl<'a> Known<'a> {
    pub(super) fn of(files: &'a [RuleFile], exported: Option<&'a Exported>) -> Self {
        let rules = files.iter().flat_map(RuleFile::rules);
        let recorded = rules.filter(|rule| rule.kind == RuleKind::Recording);
        Self { exported, recorded: recorded.map(|rule| (rule.name.as_str(), rule)).collect() }
    }

    /// Whether a rule records this metric.
    pub(super) fn is_recorded(&self, metric: &str) -> bool {
        self.recorded.contains_key(metric)
    }

    /// Whether a rule records this metric and keeps only what it compares.
    pub(super) fn is_recorded_filtered(&self, metric: &str) -> bool {
        self.recorded.get(metric).is_some_and(|rule| rule.expression.filters(&|_| false))
    }

    /// The known metric with the nearest name.
    pub(super) fn nearest(&self, metric: &str) -> Option<&str> {
        let exported = self.exported.into_iter().flat_map(Exported::metrics);
        nearest(metric, exported.chain(self.recorded.keys().copied()))
    }
}

/// The nearest of some names, when one is near enough to be meant.
pub(super) fn nearest<'n>(name: &str, known: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let distances = known.map(|known| {
        let longer = known.starts_with(name) || name.starts_with(known);
        // A forgotten ending (`_total`, `_percent`) is many letters and yet one slip.
        let distance = strsim::osa_distance(name, known);
        (if longer { distance.min(2) } else { distance }, known)
    });
    let (distance, nearest) = distances.min()?;
    (distance <= 2.max(name.chars().count() / 3)).then_some(nearest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_one_that_may_be_meant() {
        let known = ["mks_http_requests_total", "mks_system_disk_usage_percent", "up"];
        let near = |name| nearest(name, known.into_iter());
        assert_eq!(near("mks_system_disk_percent"), Some("mks_system_disk_usage_percent"));
        assert_eq!(near("mks_http_requests"), Some("mks_http_requests_total"));
        assert_eq!(near("node_filesystem_avail_bytes"), None);
    }
}
