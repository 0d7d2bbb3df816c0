//! Incidents in customers' words: which components they hit, and what was said when. Nothing of an incident's own words is
//! used: no title, no alert, no name of a service. What is said by itself are sentences of this room; everything else was
//! written for customers and released by whoever answers for what they read.

use domain::{
    component_state::{self, Trouble},
    graph::Graph,
    ids::ServiceName,
    incident::{MANUAL, REPORT},
    outside_text::is_hostile,
    said::Said,
    severity::Priority,
    status_page::{Component, ComponentState, StatusPage},
};
use history::{AlertSummary, Outward, Statement};
use jiff::Timestamp;
use sha2::{Digest, Sha256};

/// An incident as customers read of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// Tells it from others, and tells nothing else.
    pub id: String,
    /// Since when customers have noticed.
    pub began_at: Timestamp,
    /// When it was over.
    pub ended_at: Option<Timestamp>,
    /// What it hit, and how it was at the worst.
    pub hits: Vec<Hit>,
    /// What was said, oldest first.
    pub entries: Vec<Entry>,
}

/// A component that an incident hit.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    /// What customers call it.
    pub name: Said,
    /// How it was.
    pub state: ComponentState,
}

/// Something that was said.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Tells it from every other entry, also after a restart.
    pub id: String,
    /// When.
    pub at: Timestamp,
    /// What.
    pub what: What,
}

/// What was said.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// It began, and this is what it hit then.
    Began(Vec<Hit>),
    /// Words of people, released for customers.
    Said {
        /// The subject.
        subject: String,
        /// The text.
        body: String,
    },
    /// It is over: verified, or closed by a person.
    Ended {
        /// Whether it was verified that everything is good again.
        is_verified: bool,
    },
}

/// What customers read of an incident; none: it hits nothing that they know, and nobody told them.
pub fn tell(page: &StatusPage, graph: &Graph, outward: &Outward) -> Option<Told> {
    let teller = Teller { page, graph, outward };
    let incident = &outward.incident;
    let began = incident.urgent_since.and_then(|since| teller.began(since));
    let mut entries: Vec<_> = began
        .into_iter()
        .map(|(at, hits)| teller.entry("began", at, What::Began(hits)))
        .chain(outward.statements.iter().filter_map(|statement| teller.said(statement)))
        .collect();
    if entries.is_empty() {
        return None;
    }
    let ended_at = incident.recovered_at.or(incident.closed_at);
    if let Some(at) = ended_at {
        let is_verified = incident.recovered_at.is_some();
        entries.push(teller.entry("ended", at, What::Ended { is_verified }));
    }
    entries.sort_by_key(|entry| entry.at);
    let bad = outward.alerts.iter().filter(|alert| trouble(alert).is_some());
    let hitting = bad.filter(|alert| !page.hit(graph, [&alert.service]).is_empty());
    let occurred = hitting.map(|alert| alert.occurred_at).min();
    Some(Told {
        id: teller.id(""),
        began_at: occurred.unwrap_or(incident.occurred_at),
        ended_at,
        hits: teller.hits(|_| true),
        entries,
    })
}

struct Teller<'a> {
    page: &'a StatusPage,
    graph: &'a Graph,
    outward: &'a Outward,
}

impl Teller<'_> {
    /// When customers noticed first, from the time on at which it was urgent, and what they noticed.
    fn began(&self, since: Timestamp) -> Option<(Timestamp, Vec<Hit>)> {
        let later = self.outward.alerts.iter().map(|alert| alert.fired_at).filter(|at| *at > since);
        let mut times: Vec<_> = later.collect();
        times.push(since);
        times.sort_unstable();
        times.dedup();
        times.into_iter().find_map(|at| {
            let fires = |alert: &AlertSummary| {
                alert.fired_at <= at && alert.resolved_at.is_none_or(|end| end > at)
            };
            let hits = self.hits(fires);
            (!hits.is_empty()).then_some((at, hits))
        })
    }

    /// The components that some of its alerts hit, and what a person said about a service.
    fn hits(&self, counts: impl Fn(&AlertSummary) -> bool) -> Vec<Hit> {
        let alerts: Vec<_> = self.outward.alerts.iter().filter(|alert| counts(alert)).collect();
        let hit = |component: &Component| {
            let services = component.services.iter().map(|name| self.service(name, &alerts));
            let state = component_state::of_trouble(&services.collect::<Vec<_>>())?;
            Some(Hit { name: component.name.clone(), state })
        };
        self.page.components.iter().filter_map(hit).collect()
    }

    fn service(&self, name: &ServiceName, alerts: &[&AlertSummary]) -> Option<Trouble> {
        let members = self.graph.members(name).map(|member| self.service(&member.name, alerts));
        let of_members = component_state::of_members(members);
        let own = alerts.iter().filter(|alert| alert.service == *name);
        own.filter_map(|alert| trouble(alert)).chain(of_members).chain(self.by_hand(name)).max()
    }

    fn by_hand(&self, name: &ServiceName) -> Option<Trouble> {
        let incident = &self.outward.incident;
        let is_by_hand = matches!(incident.source.as_str(), MANUAL | REPORT);
        let priority = incident.priority.filter(|_| is_by_hand && incident.cause == *name)?;
        // Whatever it was made later: it was urgent.
        component_state::of_person(if incident.urgent_since.is_some() {
            priority.max(Priority::P1)
        } else {
            priority
        })
    }

    fn said(&self, statement: &Statement) -> Option<Entry> {
        let (subject, body) = (seen(&statement.subject), seen(&statement.body));
        let kind = format!("said {}", statement.draft);
        Some(self.entry(&kind, statement.released_at?, What::Said { subject, body }))
    }

    fn entry(&self, kind: &str, at: Timestamp, what: What) -> Entry {
        Entry { id: self.id(kind), at, what }
    }

    /// A name that stays the same and does not count our incidents.
    fn id(&self, kind: &str) -> String {
        let incident = &self.outward.incident;
        name(&format!("{} {} {kind}", incident.opened_at, incident.id))
    }
}

/// The characters of a text that are seen, and its lines.
fn seen(text: &str) -> String {
    text.chars().filter(|c| *c == '\n' || !is_hostile(*c)).collect()
}

/// Twelve bytes that stand for a text.
pub(crate) fn name(text: &str) -> String {
    let digest = Sha256::digest(format!("hikeshi status 1\n{text}"));
    digest.iter().take(12).map(|byte| format!("{byte:02x}")).collect()
}

fn trouble(alert: &AlertSummary) -> Option<Trouble> {
    component_state::trouble(alert.symptom?, alert.level, alert.priority)
}
