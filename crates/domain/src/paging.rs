//! Who is told next of an incident: level after level, again until somebody answers, and anew when it becomes more urgent.

use crate::{
    fact::{Event, Fact, IncidentEscalated, LevelSkipped, PassedOn},
    ids::ContactName,
    incident::Incident,
    on_call,
    policy::EscalationLevel,
    rota,
    severity::Priority,
    telling,
    world::World,
};
use jiff::Timestamp;

/// Tells the people of a level, as they are on call right now; a level beyond the last repeats to the last person (C17).
/// A level at which nobody is on call is not waited for: the next is told at once.
pub fn escalate(world: &World<'_>, incident: &Incident, level: u32, reason: &str) -> Vec<Fact> {
    let event = if incident.level == 0 { Event::Firing } else { Event::Escalated };
    let mut told = incident.clone();
    let mut facts = Vec::new();
    for level in level.. {
        told.level = level;
        let (this, next) = level_of(world, level);
        let contacts = this.map(|level| people_of(world, level)).unwrap_or_default();
        let schedules = this.map(|level| level.on_call.clone()).unwrap_or_default();
        if !contacts.is_empty() || schedules.is_empty() {
            facts.extend(page(world, &told, event, contacts, reason));
            return facts;
        }
        let title = this.map(|level| level.title.clone()).unwrap_or_default();
        let skipped = LevelSkipped { incident: incident.id, level, title, schedules };
        facts.push(Fact::LevelSkipped(skipped));
        if next.is_none() {
            break;
        }
    }
    // Nobody is left further up: those below hear of it again, and where there is nobody at all, at least the rooms do.
    facts.extend(page(world, &told, event, telling::told(world, &told), reason));
    facts
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

fn people_of(world: &World<'_>, level: &EscalationLevel) -> Vec<ContactName> {
    on_call::at_level(world.policy, &world.state.overrides, level, world.now)
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
    let mut facts = vec![Fact::IncidentEscalated(IncidentEscalated {
        incident: incident.id,
        level: incident.level,
        title: level.map(|level| level.title.clone()).unwrap_or_default(),
        contacts: contacts.clone(),
        reason: reason.to_owned(),
        next_at: next,
        next_page_at: repeat.map(|every| world.after(every)),
    })];
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

/// The shift has changed while nobody has acknowledged a P0 or P1: whoever is on call now and has not heard of it is paged.
/// Whoever was paged before stays told; nobody is ever cut off.
pub fn pass_on(world: &World<'_>, incident: &Incident) -> Vec<Fact> {
    let is_answered = incident.acknowledged_by.is_some() || incident.quiet_since.is_some();
    if is_answered || telling::priority(incident) < Priority::P1 {
        return Vec::new();
    }
    let levels = usize::try_from(incident.level).unwrap_or(usize::MAX);
    let schedules = world.policy.escalation.iter().take(levels).flat_map(|level| &level.on_call);
    let overrides = &world.state.overrides;
    let people = schedules.flat_map(|name| on_call::who(world.policy, overrides, name, world.now));
    let new: Vec<_> =
        rota::unique(people).into_iter().filter(|one| !incident.paged.contains(one)).collect();
    if new.is_empty() {
        return Vec::new();
    }
    let repeat = world.policy.routes.get(&telling::priority(incident));
    let next_page_at = repeat.and_then(|route| route.repeat_every).map(|every| world.after(every));
    let passed = PassedOn { incident: incident.id, contacts: new.clone(), next_page_at };
    let mut facts = vec![Fact::IncidentPassedOn(passed)];
    facts.extend(telling::of_incident(world, incident, Event::Shift, new));
    facts
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
