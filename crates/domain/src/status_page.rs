//! What the page is made of that customers see (A49): components, under names that customers know, each standing for
//! services.

use crate::{
    graph::Graph,
    ids::ServiceName,
    said::{Language, Said},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What the page says about itself, and what it shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusPage {
    /// Its title.
    pub title: Said,
    /// The languages that it is offered in, the usual one first.
    pub languages: Vec<Language>,
    /// What it shows, in this order.
    pub components: Vec<Component>,
}

/// Something that customers know by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Component {
    /// The name in the configuration, under which its past is kept; shown to nobody outside.
    pub key: String,
    /// What customers call it.
    pub name: Said,
    /// The heading that it stands under.
    pub group: Option<Said>,
    /// The services that it stands for; a group of the graph means its members, too.
    pub services: Vec<ServiceName>,
}

impl Component {
    /// Whether what happens to a service happens to the component: it, its group or a member of it is named.
    pub fn stands_for(&self, graph: &Graph, service: &ServiceName) -> bool {
        let unit = graph.unit(service);
        self.services.iter().any(|own| own == service || own == unit || graph.unit(own) == service)
    }
}

impl StatusPage {
    /// The components that stand for any of these services, by their place on the page.
    pub fn hit<'a>(
        &self,
        graph: &Graph,
        services: impl IntoIterator<Item = &'a ServiceName>,
    ) -> BTreeSet<usize> {
        let places = |service: &'a ServiceName| {
            let all = self.components.iter().enumerate();
            all.filter(move |(_, one)| one.stands_for(graph, service)).map(|(place, _)| place)
        };
        services.into_iter().flat_map(places).collect()
    }
}

/// How a component is. Orders from good to bad.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ComponentState {
    /// Measured good.
    Operational,
    /// Work that was announced.
    Maintenance,
    /// Not measured, or not lately: nothing can be said.
    Unknown,
    /// It works, and worse than usual.
    Degraded,
    /// A part of it does not work.
    PartialOutage,
    /// It does not work.
    MajorOutage,
}

impl ComponentState {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Operational,
        Self::Maintenance,
        Self::Unknown,
        Self::Degraded,
        Self::PartialOutage,
        Self::MajorOutage,
    ];

    /// Its word for programs.
    pub fn word(self) -> &'static str {
        match self {
            Self::Operational => "operational",
            Self::Maintenance => "maintenance",
            Self::Unknown => "unknown",
            Self::Degraded => "degraded",
            Self::PartialOutage => "partial_outage",
            Self::MajorOutage => "major_outage",
        }
    }

    /// Its word for customers.
    pub fn said(self) -> Said {
        let (ja, en) = match self {
            Self::Operational => ("正常", "Operational"),
            Self::Maintenance => ("メンテナンス中", "Under maintenance"),
            Self::Unknown => ("不明", "Unknown"),
            Self::Degraded => ("性能低下", "Degraded"),
            Self::PartialOutage => ("一部停止", "Partial outage"),
            Self::MajorOutage => ("停止", "Major outage"),
        };
        Said::new(ja, en)
    }

    /// Many as one: the worst; and only when everything is out, everything is.
    pub fn together(states: impl IntoIterator<Item = Self>) -> Self {
        let states: Vec<_> = states.into_iter().collect();
        let worst = states.iter().copied().max().unwrap_or(Self::Unknown);
        match worst {
            Self::MajorOutage if states.iter().any(|state| *state != worst) => Self::PartialOutage,
            worst => worst,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{ComponentState::*, *};

    #[test]
    fn everything_is_out_only_when_all_of_it_is() {
        assert_eq!(ComponentState::together([MajorOutage, MajorOutage]), MajorOutage);
        assert_eq!(ComponentState::together([MajorOutage, Operational]), PartialOutage);
        assert_eq!(ComponentState::together([Operational, Unknown]), Unknown);
        assert_eq!(ComponentState::together([Degraded, Unknown, Operational]), Degraded);
        assert_eq!(ComponentState::together([]), Unknown, "of nothing nothing is known");
    }

    #[test]
    fn each_state_has_the_word_that_it_is_written_with() {
        for state in ComponentState::ALL {
            let json = serde_json::to_string(&state).expect("a word");
            assert_eq!(json, format!("\"{}\"", state.word()));
        }
    }
}
