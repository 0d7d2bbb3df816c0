//! Freeze windows: times in which a service is changed only with a person's consent, such as trading hours.

use crate::{graph::Graph, hours::Hours, ids::ServiceName};
use jiff::Timestamp;

/// A time in which hikeshi changes nothing by itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Freeze {
    /// Its name in the configuration.
    pub name: String,
    /// When.
    pub when: When,
    /// Which services, groups included; empty: all.
    pub services: Vec<ServiceName>,
}

/// When a freeze holds.
#[derive(Clone, Debug, PartialEq)]
pub enum When {
    /// The same hours on certain days.
    Hours(Hours),
    /// Once.
    Once {
        /// From then on.
        from: Timestamp,
        /// Up to then.
        until: Timestamp,
    },
}

impl Freeze {
    /// Whether it holds for a service now.
    pub fn holds(&self, service: &ServiceName, graph: &Graph, now: Timestamp) -> bool {
        let names = |name: &ServiceName| *name == *service || name == graph.unit(service);
        let covers = self.services.is_empty() || self.services.iter().any(names);
        let is_time = match &self.when {
            When::Hours(hours) => hours.at(now).is_some(),
            When::Once { from, until } => (*from..*until).contains(&now),
        };
        covers && is_time
    }
}
