//! Who is told next of an incident: level after level, again until somebody answers, and anew when it becomes more urgent.

use crate::{
    fact::{Event, Fact, IncidentEscalated, LevelSkipped, PassedOn},
    ids::ContactName,
    incident::Incident,
    on_call,
    policy::EscalationLevel,
    rota,
    said::Said,
    severity::Priority,
    telling,
    world::World,
};
use jiff::{SignedDuration, Timestamp};

/// C17, B19: a P0 or P1 whose route names no rhythm is repeated this often.
const AT_LEAST: SignedDuration = SignedDuration::from_mins(30);
/// Pages are not repeated more often.
const SHORTEST: SignedDuration = SignedDuration::from_secs(1);

/// Tells the people of a level, as they are on call right now; a level beyond the last repeats to the last person (C17).
/// A level at which nobody is on call, or everybody is left in peace, is not waited for: the next is told at once.
pub fn escalate(world: &World<'_>, incident: &Incident, level: u32, reason: &Said) -> Vec<Fact> {
    let event = if incident.level == 0 { Event::Firing } else { Event::Escalated };
    let mut told = incident.clone();
    let mut facts = Vec::new();
    for level in level.. {
        told.level = level;
        let (this, next) = level_of(world, level);
        let all = this.map(|level| people_of(world, level)).unwrap_or_default();
        let (in_peace, contacts): (Vec<_>, Vec<_>) =
            all.into_iter().partition(|name| is_in_peace(world, incident, name));
        let schedules = this.map(|level| level.on_call.clone()).unwrap_or_default();
        if !contacts.is_empty() || (schedules.is_empty() && in_peace.is_empty()) {
            facts.extend(page(world, &told, event, contacts, reason));
            return facts;
        }
        let title = this.map(|level| level.title.clone()).unwrap_or_default();
        let skipped = LevelSkipped { incident: incident.id, level, title, schedules, in_peace };
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
pub fn raised(world: &World<'_>, incident: &Incident, reason: &Said) -> Vec<Fact> {
    page(world, incident, Event::Raised, telling::told(world, incident), reason)
}

/// Nothing came next for an incident: everybody who was told hears of it again, and it goes on from here.
pub fn anew(world: &World<'_>, incident: &Incident, reason: &Said) -> Vec<Fact> {
    page(world, incident, Event::Repeated, telling::told(world, incident), reason)
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

/// Whether somebody's quiet hours send a page to whoever comes next.
fn is_in_peace(world: &World<'_>, incident: &Incident, name: &ContactName) -> bool {
    let contact = world.policy.contacts.get(name);
    contact.is_some_and(|one| one.personal.is_passed_over(incident.priority(), world.now))
}

/// How often an incident that nobody acknowledges is paged again; none: it waits for the next level, or for the digest.
fn rhythm(world: &World<'_>, incident: &Incident) -> Option<SignedDuration> {
    let priority = incident.priority();
    let own = world.policy.routes.get(&priority).and_then(|route| route.repeat_every);
    let every = own.or_else(|| (priority >= Priority::P1).then_some(AT_LEAST));
    every.map(|every| every.max(SHORTEST))
}

/// When an incident is paged again, if nobody acknowledges it. A clock that was set back does not put it off. While nothing
/// burns any more, recovery gets its time first: what is not verified by then still needs somebody.
pub fn next_page(world: &World<'_>, incident: &Incident) -> Option<Timestamp> {
    let at = incident.next_page_at.filter(|_| incident.acknowledged_by.is_none())?;
    let every = rhythm(world, incident);
    let at = if every.is_some_and(|every| at > world.after(every)) { world.now } else { at };
    let Some(quiet) = incident.quiet_since else { return Some(at) };
    let policy = world.policy;
    let list = policy.checklist(&incident.system);
    let holds = list.into_iter().flat_map(|list| &list.boxes).map(|one| one.hold);
    let longest = holds.chain([policy.clocks.steady]).max().unwrap_or_default();
    let patience = longest.saturating_add(every.unwrap_or(AT_LEAST));
    let settled = quiet.min(world.now).saturating_add(patience).unwrap_or(Timestamp::MAX);
    Some(at.max(settled))
}

fn people_of(world: &World<'_>, level: &EscalationLevel) -> Vec<ContactName> {
    on_call::at_level(world.policy, &world.state.overrides, level, world.now)
}

fn page(
    world: &World<'_>,
    incident: &Incident,
    event: Event,
    contacts: Vec<ContactName>,
    reason: &Said,
) -> Vec<Fact> {
    let (level, next) = level_of(world, incident.level);
    let next = next
        .map(|next| incident.times.detected.saturating_add(next.after).unwrap_or(Timestamp::MAX));
    let repeat = rhythm(world, incident).filter(|_| incident.acknowledged_by.is_none());
    let mut facts = vec![Fact::IncidentEscalated(IncidentEscalated {
        incident: incident.id,
        level: incident.level,
        title: level.map(|level| level.title.clone()).unwrap_or_default(),
        contacts: contacts.clone(),
        reason: reason.clone(),
        next_at: next,
        next_page_at: repeat.map(|every| world.after(every)),
    })];
    facts.extend(telling::of_incident(world, incident, event, contacts));
    facts
}

/// Automation has given up: people hear of it at once, one level up (B17, B19).
pub fn hand_over(world: &World<'_>, incident: &Incident) -> Vec<Fact> {
    if incident.handed_over && incident.level < 2 && !incident.burning.is_empty() {
        let why = Said::new("自動復旧を断念", "automatic repair gave up");
        escalate(world, incident, 2, &why)
    } else {
        Vec::new()
    }
}

/// A80, A81: the next level when its time has come and it still burns.
pub fn climb(world: &World<'_>, incident: &Incident) -> Vec<Fact> {
    match incident.next_level_at {
        Some(at) if at <= world.now => {
            let why = Said::new("時間内に解消せず", "not resolved in time");
            escalate(world, incident, incident.level + 1, &why)
        }
        _ => Vec::new(),
    }
}

/// The shift has changed while nobody has acknowledged a P0 or P1: whoever is on call now and has not heard of it is paged.
/// Whoever was paged before stays told; nobody is ever cut off.
pub fn pass_on(world: &World<'_>, incident: &Incident) -> Vec<Fact> {
    let is_answered = incident.acknowledged_by.is_some() || incident.quiet_since.is_some();
    if is_answered || incident.priority() < Priority::P1 {
        return Vec::new();
    }
    let levels = usize::try_from(incident.level).unwrap_or(usize::MAX);
    let schedules = world.policy.escalation.iter().take(levels).flat_map(|level| &level.on_call);
    let overrides = &world.state.overrides;
    let people = schedules.flat_map(|name| on_call::who(world.policy, overrides, name, world.now));
    let is_new =
        |one: &ContactName| !incident.paged.contains(one) && !is_in_peace(world, incident, one);
    let new: Vec<_> = rota::unique(people).into_iter().filter(is_new).collect();
    if new.is_empty() {
        return Vec::new();
    }
    let next_page_at = rhythm(world, incident).map(|every| world.after(every));
    let passed = PassedOn { incident: incident.id, contacts: new.clone(), next_page_at };
    let mut facts = vec![Fact::IncidentPassedOn(passed)];
    facts.extend(telling::of_incident(world, incident, Event::Shift, new));
    facts
}

/// A45: repeated until somebody acknowledges; every repetition goes to the next person of the levels told so far.
pub fn page_again(world: &World<'_>, incident: &Incident) -> Vec<Fact> {
    if next_page(world, incident).is_none_or(|at| at > world.now) {
        return Vec::new();
    }
    let told = telling::told(world, incident);
    // The turn goes on to whoever it reaches now; whom it reaches later, has it waiting already.
    let priority = incident.priority();
    let is_reached = |name: &&ContactName| {
        let contact = world.policy.contacts.get(*name);
        contact.is_none_or(|one| one.personal.is_reached(priority, world.now))
    };
    let free = told.iter().filter(is_reached);
    let mut contacts: Vec<_> = free.cloned().collect();
    if contacts.is_empty() {
        contacts = told;
    }
    let turn = usize::try_from(incident.pages).unwrap_or(0) + 1;
    let Some(contact) = contacts.get(turn % contacts.len().max(1)).cloned() else {
        // Nobody is left at these levels: the rooms hear of it, or whoever can be reached at all.
        return anew(world, incident, &Said::new("当番がいません", "nobody is on call"));
    };
    // Without a rhythm it is said once more, after a silence.
    let next_at = rhythm(world, incident).map(|every| world.after(every));
    let mut facts =
        vec![Fact::IncidentPaged { incident: incident.id, contact: contact.clone(), next_at }];
    facts.extend(telling::of_incident(world, incident, Event::Repeated, vec![contact]));
    facts
}
