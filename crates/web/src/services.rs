//! How services look right now: one answer for the API, the pages and whoever else asks.

use crate::state::Readings;
use domain::{
    graph::{Kind, Service},
    ids::{AlertKey, ServiceName},
    reading::Reading,
    said::{Language, Said},
    watch::Health,
    world::World,
};
use jiff::Timestamp;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// How a service looks. Each has a shape of its own: nobody needs to tell colours apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Look {
    /// Measured bad.
    Bad,
    /// The probes themselves fail: this says nothing about the service.
    Failed,
    /// It was measured, and that is too long ago.
    Stale,
    /// It cannot be said yet.
    Unknown,
    /// Measured good.
    Good,
    /// Nobody looks at it.
    Unwatched,
}

impl Look {
    /// Its class in the stylesheet.
    pub fn class(self) -> &'static str {
        match self {
            Self::Bad => "bad",
            Self::Failed => "failed",
            Self::Stale => "stale",
            Self::Unknown => "unknown",
            Self::Good => "good",
            Self::Unwatched => "unwatched",
        }
    }

    /// Its word for people.
    pub fn word(self, language: Language) -> &'static str {
        match self {
            Self::Bad => language.pick("異常", "bad"),
            Self::Failed => language.pick("計測失敗", "cannot look"),
            Self::Stale => language.pick("計測が古い", "stale"),
            Self::Unknown => language.pick("不明", "unknown"),
            Self::Good => language.pick("正常", "good"),
            Self::Unwatched => language.pick("監視なし", "not watched"),
        }
    }
}

/// A service as it looks now.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Its name.
    pub name: ServiceName,
    /// What people call it.
    pub title: String,
    /// How it looks.
    pub look: Look,
    /// What shows it, or why nothing does.
    pub why: Said,
    /// When that was seen.
    pub seen_at: Option<Timestamp>,
    /// Alerts that fire on it.
    pub alerts: usize,
    /// An incident has it for its cause.
    pub is_cause: bool,
    /// hikeshi works on it.
    pub is_worked_on: bool,
    /// Users come for it.
    pub is_function: bool,
    /// What it needs, by name; the members of a group belong to it.
    pub needs: Vec<ServiceName>,
    /// The same as people call it.
    pub needs_titles: Vec<String>,
}

/// All services, in the order of the configuration's names.
pub fn all(world: &World<'_>, readings: &Readings) -> Vec<Seen> {
    let (state, graph) = (world.state, &world.policy.graph);
    let mut alerts: BTreeMap<&ServiceName, Vec<&AlertKey>> = BTreeMap::new();
    for alert in state.alerts.values() {
        alerts.entry(&alert.fired.key.service).or_default().push(&alert.fired.key);
    }
    let causes: BTreeSet<_> = state.burning().map(|incident| &incident.cause).collect();
    let one = |service: &Service| {
        let name = &service.name;
        let firing = alerts.get(name).map_or(&[][..], Vec::as_slice);
        let (look, why, seen_at) = look(world, readings, name, firing);
        let mut needs = service.depends_on.clone();
        needs.extend(graph.members(name).map(|member| member.name.clone()));
        Seen {
            name: name.clone(),
            title: service.title.clone(),
            look,
            why,
            seen_at,
            alerts: firing.len(),
            is_cause: causes.contains(name),
            is_worked_on: state.run_on(name).is_some(),
            is_function: matches!(service.kind, Kind::Function { .. }),
            needs_titles: needs.iter().map(|need| graph.title(need).to_owned()).collect(),
            needs,
        }
    };
    graph.services().map(one).collect()
}

/// How a service looks, what shows it, and when that was seen.
fn look(
    world: &World<'_>,
    readings: &Readings,
    name: &ServiceName,
    firing: &[&AlertKey],
) -> (Look, Said, Option<Timestamp>) {
    let (watch, policy) = (world.watch, world.policy);
    let health = watch.health(policy, name);
    if health == Health::Bad {
        let worst = firing.iter().filter_map(|key| world.state.alerts.get(key));
        let worst = worst.max_by_key(|alert| alert.fired.level);
        let why = worst.map(|alert| alert.fired.observed.clone()).unwrap_or_default();
        return (Look::Bad, why, None);
    }
    // A probe that is silent for too long says nothing any more, whatever it said last.
    let feeds = policy.probes.iter().filter(|(_, feed)| feed.service == *name);
    let (mut silent, mut failed, mut stale) = (None, None, None);
    for (probe, feed) in feeds {
        let heard = watch.heard_at(probe);
        if world.now.duration_since(heard) > feed.no_data_after {
            silent = Some((probe.to_string(), heard));
        }
        for reading in readings.last(probe, name).iter().flat_map(|seen| seen.readings.values()) {
            match reading {
                Reading::Failed(why) => failed = Some(why.clone()),
                Reading::Stale { at, .. } => stale = Some(*at),
                _ => {}
            }
        }
    }
    if let Some((probe, heard)) = silent {
        return (Look::Stale, probe.into(), Some(heard));
    }
    match (health, failed, stale) {
        (Health::Good { seen, .. }, ..) => (Look::Good, Said::default(), Some(seen)),
        (_, Some(why), _) => (Look::Failed, why, None),
        (_, None, Some(at)) => (Look::Stale, Said::default(), Some(at)),
        _ if watch.is_watched(policy, name) => (Look::Unknown, Said::default(), None),
        _ => (Look::Unwatched, Said::default(), None),
    }
}

/// The sentence about all of them: what is not good, else that everything is.
pub fn summary(all: &[Seen]) -> Said {
    let count = |look| all.iter().filter(|seen| seen.look == look).count();
    let (mut ja, mut en) = (Vec::new(), Vec::new());
    for look in [Look::Bad, Look::Failed, Look::Stale, Look::Unknown, Look::Good, Look::Unwatched] {
        match count(look) {
            0 => {}
            number => {
                ja.push(format!("{} {number}", look.word(Language::Ja)));
                en.push(format!("{number} {}", look.word(Language::En)));
            }
        }
    }
    Said::new(ja.join("・"), en.join(" · "))
}
