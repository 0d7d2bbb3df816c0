//! A schedule: who is on call when, by its layers and by what people have changed.

use crate::{
    ids::{ContactName, OverrideId, ScheduleName},
    rota::{During, Layer, unique},
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The next change is looked for this far ahead, and looked for again when that time has come.
pub const LOOK_AHEAD: SignedDuration = SignedDuration::from_hours(24 * 62);
/// What was changed is remembered for this long after it was over.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(24 * 90);

/// Who is on call when.
#[derive(Clone, Debug, PartialEq)]
pub struct Schedule {
    /// Its name.
    pub name: ScheduleName,
    /// What people call it.
    pub title: String,
    /// Its layers, the lowest first: where a higher one has somebody, those below do not count.
    pub layers: Vec<Layer>,
    /// When somebody must be on call; empty: always.
    pub covers: Vec<During>,
    /// Whether whoever leaves and whoever comes is told.
    pub tells: bool,
}

/// A change by a person: for a while, somebody else is on call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Override {
    /// Its number.
    pub id: OverrideId,
    /// The schedule.
    pub schedule: ScheduleName,
    /// Who is on call instead.
    pub people: Vec<ContactName>,
    /// In whose place, where they have the turn; none: instead of everybody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<ContactName>,
    /// From then on.
    pub from: Timestamp,
    /// Up to then.
    pub until: Timestamp,
    /// Why.
    pub reason: String,
}

impl Override {
    /// Whether it holds at a time.
    pub fn holds(&self, at: Timestamp) -> bool {
        self.from <= at && at < self.until
    }
}

/// What people have changed, by schedule, the newest last.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Overrides(BTreeMap<ScheduleName, Vec<Override>>);

impl Overrides {
    /// Those of a schedule.
    pub fn of(&self, schedule: &ScheduleName) -> &[Override] {
        self.0.get(schedule).map_or(&[], Vec::as_slice)
    }

    /// All of them.
    pub fn all(&self) -> impl Iterator<Item = &Override> {
        self.0.values().flatten()
    }

    /// Adds one, and forgets what was over long ago.
    pub fn set(&mut self, one: Override, now: Timestamp) {
        let is_old = |one: &Override| now.duration_since(one.until) > REMEMBERED;
        let own = self.0.entry(one.schedule.clone()).or_default();
        own.retain(|one| !is_old(one));
        own.push(one);
    }

    /// Takes one away.
    pub fn remove(&mut self, id: OverrideId) {
        self.0.values_mut().for_each(|own| own.retain(|one| one.id != id));
        self.0.retain(|_, own| !own.is_empty());
    }
}

/// Some people on call for some time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shift {
    /// From then on.
    pub from: Timestamp,
    /// Up to then.
    pub until: Timestamp,
    /// Who; empty: nobody.
    pub people: Vec<ContactName>,
}

/// Who is on call at a time, each person once; empty: nobody.
pub fn who(schedule: &Schedule, overrides: &[Override], at: Timestamp) -> Vec<ContactName> {
    let mut layers = schedule.layers.iter().rev().map(|layer| layer.at(at));
    let mut people = layers.find(|people| !people.is_empty()).unwrap_or_default();
    for one in overrides.iter().filter(|one| one.holds(at)) {
        match &one.replaces {
            None => people = one.people.clone(),
            Some(replaced) => {
                let stand_in = |person: ContactName| match person == *replaced {
                    true => one.people.clone(),
                    false => vec![person],
                };
                people = people.into_iter().flat_map(stand_in).collect();
            }
        }
    }
    unique(people)
}

/// The next time at which somebody else may be on call.
pub fn next_edge(schedule: &Schedule, overrides: &[Override], at: Timestamp) -> Option<Timestamp> {
    let layers = schedule.layers.iter().filter_map(|layer| layer.next_edge(at));
    let changed = overrides.iter().flat_map(|one| [one.from, one.until]);
    layers.chain(changed.filter(|edge| *edge > at)).min()
}

/// The next time at which somebody else is on call; none: not within [`LOOK_AHEAD`].
pub fn next_change(
    schedule: &Schedule,
    overrides: &[Override],
    at: Timestamp,
) -> Option<Timestamp> {
    let now = who(schedule, overrides, at);
    let end = at.saturating_add(LOOK_AHEAD).unwrap_or(Timestamp::MAX);
    let next = |edge: &Timestamp| next_edge(schedule, overrides, *edge);
    let mut edges = std::iter::successors(next(&at), next).take_while(|edge| *edge < end);
    edges.find(|edge| who(schedule, overrides, *edge) != now)
}

/// Who is on call from `from` up to `until`, without a hole: where nobody is, the shift has no people.
pub fn shifts(
    schedule: &Schedule,
    overrides: &[Override],
    from: Timestamp,
    until: Timestamp,
) -> Vec<Shift> {
    let mut found: Vec<Shift> = Vec::new();
    let mut at = from;
    while at < until {
        let edge = next_edge(schedule, overrides, at).map_or(until, |edge| edge.min(until));
        let people = who(schedule, overrides, at);
        match found.last_mut().filter(|last| last.people == people) {
            Some(last) => last.until = edge,
            None => found.push(Shift { from: at, until: edge, people }),
        }
        at = edge;
    }
    found
}

/// The shift at a time, from its beginning to its end; both are looked for within [`LOOK_AHEAD`].
pub fn shift_at(schedule: &Schedule, overrides: &[Override], at: Timestamp) -> Option<Shift> {
    let from = at.saturating_sub(LOOK_AHEAD).unwrap_or(Timestamp::MIN);
    let until = at.saturating_add(LOOK_AHEAD).unwrap_or(Timestamp::MAX);
    shifts(schedule, overrides, from, until).into_iter().find(|s| s.from <= at && at < s.until)
}
