//! Who is told next of an incident: level after level, again until somebody answers, and anew when it becomes more urgent.

use crate::{
    fact::{Event, Fact},
    ids::ContactName,
    incident::Incident,
    policy::EscalationLevel,
    telling,
    world::World,
};
use jiff::Timestamp;

/// Tells the people of a level; a level beyond the last repeats to the last person (C17).
pub fn escalate(world: &World<'_>, incident: &Incident, level: u32, reason: &str) -> Vec<Fact> {
    let contacts = level_of(world, level).0.map(|l| l.contacts.clone()).unwrap_or_default();
    let event = if level == 1 { Event::Firing } else { Event::Escalated };
    let mut told = incident.clone();
    told.level = level;
    page(world, &told, event, contacts, reason)
}

/// An incident has become more urgent: everybody who was told hears of it on the channels of its new priority, and is
/// paged by its rhythm from now on.
pub fn raised(world: &World<'_>, incident: &Incident, reason: &str) -> Vec<Fact> {
    page(world, incident, Event::Raised, telling::told(world, incident), reason)
}

/// A level of the escalation policy, or the last one; and the one after it.
fn level_of<'a>(
    world: &World<'a>,
    level: u32,
) -> (Option<&'a EscalationLevel>, Option<&'a EscalationLevel>) {
    let levels = &world.policy.escalation;
    let index =
        usize::try_from(level.max(1) - 1).unwrap_or(usize::MAX).min(levels.len().saturating_sub(1));
    (levels.get(index), levels.get(index + 1))
}

fn page(
    world: &World<'_>,
    incident: &Incident,
    event: Event,
    contacts: Vec<ContactName>,
    reason: &str,
) -> Vec<Fact> {
    let (level, next) = level_of(world, incident.level);
    let next = next
        .map(|next| incident.times.detected.saturating_add(next.after).unwrap_or(Timestamp::MAX));
    let route = world.policy.routes.get(&telling::priority(incident));
    let repeat =
        route.and_then(|route| route.repeat_every).filter(|_| incident.acknowledged_by.is_none());
    let mut facts = vec![Fact::IncidentEscalated {
        incident: incident.id,
        level: incident.level,
        title: level.map(|level| level.title.clone()).unwrap_or_default(),
        contacts: contacts.clone(),
        reason: reason.to_owned(),
        next_at: next,
        next_page_at: repeat.map(|every| world.after(every)),
    }];
    facts.extend(telling::of_incident(world, incident, event, contacts));
    facts
}

/// Automation has given up: people hear of it at once, one level up (B17, B19).
pub fn hand_over(world: &World<'_>, incident: &Incident) -> Vec<Fact> {
    if incident.handed_over && incident.level < 2 && !incident.burning.is_empty() {
        escalate(world, incident, 2, "automatic repair gave up")
    } else {
        Vec::new()
    }
}

/// A80, A81: the next level when its time has come and it still burns.
pub fn climb(world: &World<'_>, incident: &Incident) -> Vec<Fact> {
    match incident.next_level_at {
        Some(at) if at <= world.now => {
            escalate(world, incident, incident.level + 1, "not resolved in time")
        }
        _ => Vec::new(),
    }
}

/// A45: repeated until somebody acknowledges; every repetition goes to the next person of the levels told so far.
pub fn page_again(world: &World<'_>, incident: &Incident) -> Vec<Fact> {
    // What people opened has no alerts and never falls quiet by itself.
    let is_answered = incident.acknowledged_by.is_some() || incident.quiet_since.is_some();
    if incident.next_page_at.is_none_or(|at| at > world.now) || is_answered {
        return Vec::new();
    }
    let contacts = telling::told(world, incident);
    let turn = usize::try_from(incident.pages).unwrap_or(0) + 1;
    let Some(contact) = contacts.get(turn % contacts.len().max(1)).cloned() else {
        return Vec::new();
    };
    let route = world.policy.routes.get(&telling::priority(incident));
    // Without a rhythm it is said once more, after a silence.
    let next_at = route.and_then(|route| route.repeat_every).map(|every| world.after(every));
    let mut facts =
        vec![Fact::IncidentPaged { incident: incident.id, contact: contact.clone(), next_at }];
    facts.extend(telling::of_incident(world, incident, Event::Repeated, vec![contact]));
    facts
}
