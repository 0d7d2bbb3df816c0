//! The dependency graph of services: it drives correlation, impact, the order of recovery and the blast radius.

use crate::{ids::ServiceName, plan::Parameter};
use std::collections::{BTreeMap, BTreeSet};

/// What a node of the graph is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Something that runs: an instance, a daemon, a front end.
    Process,
    /// Several interchangeable instances; it serves as long as one of them does.
    Group,
    /// A database server.
    Database,
    /// What users come for, measured by a journey: price display, prediction.
    Function {
        /// Whether it is a main function (主要機能).
        core: bool,
    },
    /// A machine or a part of one: memory, a disk.
    Host,
    /// Somebody else's service.
    External,
}

/// A node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// Its name.
    pub name: ServiceName,
    /// What people call it.
    pub title: String,
    /// What it is.
    pub kind: Kind,
    /// The system it belongs to; impact is judged per system.
    pub system: String,
    /// What it needs to work.
    pub depends_on: Vec<ServiceName>,
    /// The group it is a member of.
    pub group: Option<ServiceName>,
    /// Who owns it.
    pub owner: Option<String>,
    /// Its own attributes (port, unit, health_url …): parameters of every runbook for it, by upper-case name without `HK_`.
    pub attributes: BTreeMap<String, Parameter>,
}

impl Service {
    /// One of its attributes, whatever the case of the name.
    pub fn attribute(&self, name: &str) -> Option<&Parameter> {
        let found = self.attributes.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value)
    }
}

/// All services. [`Graph::new`] has checked that every edge leads somewhere and that there is no circle.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Graph {
    services: BTreeMap<ServiceName, Service>,
    /// For each service everything that it needs, directly or not.
    needs: BTreeMap<ServiceName, BTreeSet<ServiceName>>,
}

/// Why a set of services is not a graph.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GraphError {
    /// An edge leads nowhere.
    #[error("service `{service}` names `{missing}`, which is not a service")]
    Missing {
        /// The service that names it.
        service: ServiceName,
        /// The name.
        missing: ServiceName,
    },
    /// Services need each other in a circle.
    #[error("services depend on each other in a circle: {}", .circle.iter().map(ToString::to_string).collect::<Vec<_>>().join(" → "))]
    Circle {
        /// The circle, first and last are the same.
        circle: Vec<ServiceName>,
    },
}

impl Graph {
    /// Checks the edges and computes what each service needs.
    ///
    /// # Errors
    /// An edge to a service that is not there, or a circle.
    pub fn new(services: impl IntoIterator<Item = Service>) -> Result<Self, GraphError> {
        let services: BTreeMap<_, _> = services.into_iter().map(|s| (s.name.clone(), s)).collect();
        let mut graph = Self { services, needs: BTreeMap::new() };
        for service in graph.services.values() {
            for missing in service.depends_on.iter().chain(&service.group) {
                if !graph.services.contains_key(missing) {
                    return Err(GraphError::Missing {
                        service: service.name.clone(),
                        missing: missing.clone(),
                    });
                }
            }
        }
        let names: Vec<_> = graph.services.keys().cloned().collect();
        for name in names {
            graph.collect(&name, &mut Vec::new())?;
        }
        Ok(graph)
    }

    fn collect(
        &mut self,
        name: &ServiceName,
        path: &mut Vec<ServiceName>,
    ) -> Result<BTreeSet<ServiceName>, GraphError> {
        if let Some(known) = self.needs.get(name) {
            return Ok(known.clone());
        }
        if let Some(start) = path.iter().position(|seen| seen == name) {
            let mut circle = path[start..].to_vec();
            circle.push(name.clone());
            return Err(GraphError::Circle { circle });
        }
        path.push(name.clone());
        let mut needs = BTreeSet::new();
        for next in self.edges(name) {
            needs.extend(self.collect(&next, path)?);
            needs.insert(next);
        }
        path.pop();
        self.needs.insert(name.clone(), needs.clone());
        Ok(needs)
    }

    /// Direct edges: what is declared, what its group declares, and for a group what its members declare.
    fn edges(&self, name: &ServiceName) -> Vec<ServiceName> {
        let Some(service) = self.services.get(name) else { return Vec::new() };
        let of_group = service
            .group
            .iter()
            .filter_map(|group| self.services.get(group))
            .flat_map(|group| &group.depends_on);
        let of_members = self.members(name).flat_map(|member| &member.depends_on);
        service.depends_on.iter().chain(of_group).chain(of_members).cloned().collect()
    }

    /// One service.
    pub fn get(&self, name: &ServiceName) -> Option<&Service> {
        self.services.get(name)
    }

    /// What people call a service; its name when the graph does not know it.
    pub fn title<'a>(&'a self, name: &'a ServiceName) -> &'a str {
        self.services.get(name).map_or(name.as_str(), |service| &service.title)
    }

    /// All services by name.
    pub fn services(&self) -> impl Iterator<Item = &Service> {
        self.services.values()
    }

    /// The members of a group.
    pub fn members<'a>(&'a self, group: &'a ServiceName) -> impl Iterator<Item = &'a Service> {
        self.services.values().filter(move |service| service.group.as_ref() == Some(group))
    }

    /// Whether `a` cannot work without `b`. A group needs what its members need.
    pub fn needs(&self, a: &ServiceName, b: &ServiceName) -> bool {
        self.needs.get(a).is_some_and(|needs| needs.contains(b))
    }

    /// Everything that a service needs, directly or not.
    pub fn needs_of<'a>(&'a self, name: &ServiceName) -> impl Iterator<Item = &'a ServiceName> {
        self.needs.get(name).into_iter().flatten()
    }

    /// Everything that needs a service, directly or not.
    pub fn dependents<'a>(&'a self, name: &'a ServiceName) -> impl Iterator<Item = &'a Service> {
        self.services.values().filter(move |service| self.needs(&service.name, name))
    }

    /// The group of a member, else the service itself: members of one group are one cause.
    pub fn unit<'a>(&'a self, name: &'a ServiceName) -> &'a ServiceName {
        self.services.get(name).and_then(|service| service.group.as_ref()).unwrap_or(name)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// `name < a b` needs a and b; `name in group`.
    pub(crate) fn graph(lines: &str) -> Result<Graph, GraphError> {
        Graph::new(lines.lines().filter(|line| !line.trim().is_empty()).map(|line| {
            let (head, needs) = line.split_once('<').unwrap_or((line, ""));
            let (name, group) = head.split_once(" in ").unwrap_or((head, ""));
            Service {
                name: name.trim().into(),
                title: name.trim().to_owned(),
                kind: Kind::Process,
                system: "s".into(),
                depends_on: needs.split_whitespace().map(Into::into).collect(),
                group: Some(group.trim()).filter(|g| !g.is_empty()).map(Into::into),
                owner: None,
                attributes: BTreeMap::new(),
            }
        }))
    }

    #[test]
    fn a_member_needs_what_its_group_needs_and_the_group_what_its_members_need() {
        let graph =
            graph("db\napi < db\napi-1 in api\nfrontend < api\nprice < frontend").expect("a graph");
        assert!(graph.needs(&"api-1".into(), &"db".into()));
        assert!(graph.needs(&"price".into(), &"db".into()));
        assert!(!graph.needs(&"db".into(), &"price".into()));
        assert_eq!(graph.unit(&"api-1".into()).as_str(), "api");
    }

    #[test]
    fn a_circle_is_named() {
        let error = graph("a < b\nb < c\nc < a").expect_err("a circle");
        assert_eq!(error.to_string(), "services depend on each other in a circle: a → b → c → a");
    }

    #[test]
    fn an_edge_to_nowhere_is_named() {
        let error = graph("a < b").expect_err("b is not there");
        assert_eq!(error.to_string(), "service `a` names `b`, which is not a service");
    }
}
