//! Whom a level of the escalation policy means at a time: its contacts, and whoever is on call.

use crate::{
    ids::{ContactName, ScheduleName},
    policy::{EscalationLevel, Policy},
    rota::unique,
    schedule::{self, Overrides},
};
use jiff::Timestamp;

/// Who is on call by a schedule; nobody by one that the configuration does not have.
pub fn who(
    policy: &Policy,
    overrides: &Overrides,
    name: &ScheduleName,
    at: Timestamp,
) -> Vec<ContactName> {
    let schedule = policy.schedules.get(name);
    schedule.map(|schedule| schedule::who(schedule, overrides.of(name), at)).unwrap_or_default()
}

/// Whoever is on call at a level, then its contacts, each once.
pub fn at_level(
    policy: &Policy,
    overrides: &Overrides,
    level: &EscalationLevel,
    at: Timestamp,
) -> Vec<ContactName> {
    let on_call = level.on_call.iter().flat_map(|name| who(policy, overrides, name, at));
    unique(on_call.chain(level.contacts.iter().cloned()))
}

/// The people of the first level that has somebody.
pub fn first(policy: &Policy, overrides: &Overrides, at: Timestamp) -> Vec<ContactName> {
    let levels = policy.escalation.iter();
    let mut people = levels.map(|level| at_level(policy, overrides, level, at));
    people.find(|people| !people.is_empty()).unwrap_or_default()
}
