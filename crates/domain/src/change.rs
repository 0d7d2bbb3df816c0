//! Changes of the world, such as deployments: marks on the timeline, and what is told of them beside trouble.

use crate::{
    graph::Graph,
    ids::{IntegrationName, ServiceName},
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// A change is told with trouble that began so long after it at most.
pub const RECENT: SignedDuration = SignedDuration::from_mins(30);

/// A change as it is told to hikeshi; every text in it comes from outside.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// What makes it this one: told again with the same key by the same integration, it is the same. Empty: always another.
    pub key: String,
    /// What was done, in one line.
    pub title: String,
    /// Where, or by which tool.
    pub source: String,
    /// What was changed, where that is known.
    pub service: Option<ServiceName>,
    /// Where to read more; empty: nowhere.
    pub url: String,
    /// When; none: now.
    pub at: Option<Timestamp>,
}

/// A change that was marked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChangeMarked {
    /// Who told it.
    pub integration: IntegrationName,
    /// See [`Change::key`].
    #[serde(default)]
    pub key: String,
    /// What was done. Text from outside.
    pub title: String,
    /// Where, or by which tool. Text from outside.
    pub source: String,
    /// What was changed.
    pub service: Option<ServiceName>,
    /// Where to read more: `http` or `https`, or empty. Text from outside.
    pub url: String,
    /// When it was made.
    pub made_at: Timestamp,
}

impl ChangeMarked {
    /// Whether it may have to do with trouble of `cause` that began at `began`: it changed the cause or something that the
    /// cause needs, and not long before.
    pub fn may_explain(&self, graph: &Graph, cause: &ServiceName, began: Timestamp) -> bool {
        let Some(service) = &self.service else { return false };
        let unit = graph.unit(service);
        let is_near = service == cause
            || unit == cause
            || [service, unit].into_iter().any(|need| graph.needs(cause, need));
        is_near && began.duration_since(self.made_at) <= RECENT
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::tests::graph;

    #[test]
    fn a_change_of_what_the_cause_needs_may_explain_it_for_half_an_hour() {
        let graph = graph("db\napi < db\napi-1 in api\nfront < api").expect("a graph");
        let at = |minute: i64| Timestamp::from_second(minute * 60).expect("a time");
        let marked = |service: &str| ChangeMarked {
            integration: "ci".into(),
            key: String::new(),
            title: "deploy".into(),
            source: "ci".into(),
            service: Some(service.into()),
            url: String::new(),
            made_at: at(0),
        };
        let explains =
            |service: &str, minute| marked(service).may_explain(&graph, &"api".into(), at(minute));
        assert!(explains("api", 30) && explains("api-1", 5) && explains("db", 5));
        assert!(!explains("api", 31) && !explains("front", 5) && !explains("nowhere", 5));
        let nothing = ChangeMarked { service: None, ..marked("api") };
        assert!(!nothing.may_explain(&graph, &"api".into(), at(1)));
    }
}
