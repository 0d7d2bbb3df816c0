//! Clocks of incidents that run out: each once, written down with its limit and told to those who know of the incident.

use crate::{
    clock::Limit,
    fact::{ClockMissed, Fact},
    incident::Incident,
    message, telling,
    world::World,
};
use jiff::Timestamp;

/// The first clock that has run out and is not written down.
pub fn missed(world: &World<'_>, incident: &Incident) -> Vec<Fact> {
    let is_over = |limit: &&Limit| limit.due_at <= world.now;
    let Some(limit) = incident.open_limits().find(is_over) else { return Vec::new() };
    let is_quiet = world.is_quiet(incident);
    let missed = ClockMissed { incident: incident.id, limit: limit.clone(), is_quiet };
    let mut facts = vec![Fact::ClockMissed(Box::new(missed))];
    if !is_quiet {
        let text = message::clock_missed(world.policy, incident, limit);
        let told = (telling::told(world, incident), [].as_slice());
        facts.extend(telling::of_reminder(world, incident, text, told, &facts));
    }
    facts
}

/// When clocks run out.
pub fn timers(incident: &Incident) -> impl Iterator<Item = Timestamp> {
    incident.open_limits().map(|limit| limit.due_at)
}
