//! Maintenance windows: work on services, planned or begun. Whatever needs one of them is expected to suffer, so the
//! window explains its alerts as an outage would.

use crate::{
    command::Refusal,
    graph::Graph,
    ids::{ServiceName, SilenceId},
    labels::Labels,
    matcher::Matcher,
    silence::{Announced, Kind, Silence},
};
use jiff::Timestamp;

/// A window as somebody asks for it.
#[derive(Clone, Debug, PartialEq)]
pub struct Window {
    /// The number that it gets.
    pub id: SilenceId,
    /// The services that are worked on.
    pub services: Vec<ServiceName>,
    /// From when on.
    pub starts_at: Timestamp,
    /// Until when.
    pub ends_at: Timestamp,
    /// Who answers for it.
    pub created_by: String,
    /// Why. Text from people, for people who work here.
    pub comment: String,
    /// What customers are told of it; none: nothing.
    pub announced: Option<Announced>,
}

impl Window {
    /// The silence that it is: of its services and of the members of groups among them.
    ///
    /// # Errors
    /// A service is not in the configuration, or none was named.
    pub fn silence(self, graph: &Graph) -> Result<Silence, Refusal> {
        if let Some(unknown) = self.services.iter().find(|name| graph.get(name).is_none()) {
            return Err(Refusal::not_found(
                format!("サービス {unknown} は設定にありません"),
                format!("service {unknown} is not in the configuration"),
            ));
        }
        let members = self.services.iter().flat_map(|name| graph.members(name));
        let members = members.map(|member| member.name.clone());
        let mut all: Vec<_> = self.services.iter().cloned().chain(members).collect();
        all.sort();
        all.dedup();
        Ok(Silence {
            id: self.id,
            matchers: vec![matcher(&all)?],
            starts_at: self.starts_at,
            ends_at: self.ends_at,
            created_by: self.created_by,
            comment: self.comment,
            annotations: Labels::default(),
            kind: Kind::Maintenance(self.services),
            announced: self.announced,
        })
    }
}

fn matcher(services: &[ServiceName]) -> Result<Matcher, Refusal> {
    if let [one] = services {
        return Ok(Matcher::equal("service", one.as_str()));
    }
    let names: Vec<_> = services.iter().map(|name| regex::escape(name.as_str())).collect();
    let wrong = |why: String| Refusal::incomplete(format!("対象が正しくありません: {why}"), why);
    if names.is_empty() {
        return Err(wrong("a maintenance window needs at least one service".into()));
    }
    Matcher::new("service", names.join("|"), true, true).map_err(wrong)
}

/// Whether a window explains what a service suffers: work on what it needs.
pub fn explains(graph: &Graph, kind: &Kind, service: &ServiceName) -> bool {
    match kind {
        Kind::Maintenance(services) => services.iter().any(|name| {
            let unit = graph.unit(service);
            graph.needs(service, name) || graph.needs(unit, name) || unit == name
        }),
        Kind::Plain | Kind::Recurring(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::tests::graph;

    fn window(services: &[&str]) -> Window {
        Window {
            id: "w".into(),
            services: services.iter().map(|name| ServiceName::from(*name)).collect(),
            starts_at: Timestamp::UNIX_EPOCH,
            ends_at: Timestamp::MAX,
            created_by: "sato".into(),
            comment: "upgrade".into(),
            announced: None,
        }
    }

    #[test]
    fn a_window_of_a_group_covers_its_members_and_explains_what_needs_it() {
        let shop = graph("db\napi < db\napi-1 in api\napi-2 in api\nfront < api").expect("a graph");
        let silence = window(&["api"]).silence(&shop).expect("known");
        let covers = |service: &str| silence.covers(&Labels::new([("service", service)]));
        assert!(covers("api") && covers("api-1") && !covers("front") && !covers("db"));
        let explains = |service: &str| explains(&shop, &silence.kind, &service.into());
        assert!(explains("front") && explains("api-2") && !explains("db"));
    }

    #[test]
    fn a_window_of_what_nobody_knows_is_refused() {
        let shop = graph("db").expect("a graph");
        assert_eq!(window(&["bd"]).silence(&shop).expect_err("unknown").kind, "not_found");
        assert_eq!(window(&[]).silence(&shop).expect_err("nothing").kind, "incomplete");
    }
}
