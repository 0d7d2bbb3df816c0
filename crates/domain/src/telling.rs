//! Whom to tell of an incident or an alert, as the routes and the escalation policy say.

use crate::{
    alert::Alert,
    fact::{About, ApprovalAsked, Asks, Event, Fact, NoticeOwed},
    ids::{Actor, ChannelName, ContactName, NoticeId},
    incident::Incident,
    incident_message, message,
    notice::{self, Message, Notice, Telling},
    on_call,
    policy::{Contact, Policy, Route},
    rota,
    run::{Attempt, Run},
    said::Said,
    severity::Priority,
    stakeholders::Stakeholders,
    world::World,
};
use jiff::SignedDuration;

/// Alerts that a message about many names one by one.
const NAMED: usize = 20;

/// The contacts of the levels that were told so far, or of the first.
pub fn told(world: &World<'_>, incident: &Incident) -> Vec<ContactName> {
    let levels = usize::try_from(incident.level.max(1)).unwrap_or(usize::MAX);
    let mut contacts: Vec<_> = world
        .policy
        .escalation
        .iter()
        .take(levels)
        .flat_map(|level| on_call::at_level(world.policy, &world.state.overrides, level, world.now))
        .collect();
    contacts.dedup();
    contacts
}

/// Everybody who was told of an incident: those who are told now, and those whose shift is over. The end is told to all.
pub fn heard(world: &World<'_>, incident: &Incident) -> Vec<ContactName> {
    rota::unique(told(world, incident).into_iter().chain(incident.paged.iter().cloned()))
}

/// The people of the first level that has somebody now.
pub fn first_told(world: &World<'_>) -> Vec<ContactName> {
    on_call::first(world.policy, &world.state.overrides, world.now)
}

/// The notices of an incident event. `contacts` are told on personal channels, besides those whom the route names.
pub fn of_incident(
    world: &World<'_>,
    incident: &Incident,
    event: Event,
    contacts: Vec<ContactName>,
) -> Vec<Fact> {
    let empty = Route::default();
    let route = world.policy.routes.get(&incident.priority()).unwrap_or(&empty);
    let is_pager = |channel: &ChannelName| world.policy.is_pager(channel);
    // Good news wakes nobody up, unless there is no other way to tell it.
    let quiet = match event {
        Event::Update => true,
        Event::Resolved => !route.channels.iter().all(is_pager),
        _ => false,
    };
    let channels: Vec<_> =
        route.channels.iter().filter(|channel| !quiet || !is_pager(channel)).cloned().collect();
    let with_stakeholders =
        matches!(event, Event::Firing | Event::Raised | Event::Update | Event::Resolved);
    let mut contacts = contacts;
    contacts.extend(route.also.iter().filter(|_| with_stakeholders).cloned());
    let tell = |channels: &[ChannelName], contacts| {
        let telling = Telling {
            about: About::Incident(incident.id),
            event,
            message: incident_message::text(world.policy, incident, event, world.now),
            channels,
            contacts,
            priority: Some(incident.priority()),
            level: None,
        };
        owed(world, &telling, world.state.next_notice())
    };
    let facts = tell(&channels, contacts.clone());
    let is_urgent = event.is_page() && incident.priority() >= Priority::P1;
    if !facts.is_empty() || !is_urgent || has_waiting(world, incident) {
        return facts;
    }
    // The route reaches none of them: everybody who can be reached at all hears of it.
    let all: Vec<_> = world.policy.channels.keys().cloned().collect();
    tell(&all, rota::unique(contacts.into_iter().chain(world.policy.contacts.keys().cloned())))
}

/// Whether any channel of the configuration reaches anybody.
pub fn reaches_anybody(policy: &Policy) -> bool {
    let reaches = |contact: &Contact| {
        contact.addresses.keys().any(|channel| policy.channels.contains_key(channel))
    };
    policy.channels.values().any(|brief| brief.is_room) || policy.contacts.values().any(reaches)
}

/// Whether a page of an incident still waits for its time.
fn has_waiting(world: &World<'_>, incident: &Incident) -> bool {
    world.state.pages_of(incident.id).any(|page| !page.has_begun(world.now))
}

/// Whether a notice is a page whose time has not come: by somebody's own rules, or after their quiet hours.
fn waits(world: &World<'_>, notice: &Notice) -> bool {
    notice.owed.event.is_page() && !notice.has_begun(world.now)
}

/// Somebody is on an incident: the channels of its route that show its state hear of it, and nobody else.
pub fn of_acknowledged(world: &World<'_>, incident: &Incident, by: &Actor) -> Vec<Fact> {
    let route = world.policy.routes.get(&incident.priority());
    let is_mirror = |channel: &&ChannelName| {
        world.policy.channels.get(*channel).is_some_and(|brief| brief.is_mirror)
    };
    let channels: Vec<_> =
        route.iter().flat_map(|route| &route.channels).filter(is_mirror).cloned().collect();
    if channels.is_empty() {
        return Vec::new();
    }
    let mut taken = incident.clone();
    taken.acknowledged_by = Some(by.clone());
    owed(
        world,
        &Telling {
            about: About::Incident(incident.id),
            event: Event::Acknowledged,
            message: incident_message::text(world.policy, &taken, Event::Acknowledged, world.now),
            channels: &channels,
            contacts: Vec::new(),
            priority: Some(incident.priority()),
            level: None,
        },
        world.state.next_notice(),
    )
}

/// The notices of an alert that is no incident.
pub fn of_alert(
    world: &World<'_>,
    alert: &Alert,
    event: Event,
    reason: &Said,
    first: NoticeId,
) -> Vec<Fact> {
    let route = &world.policy.warning_route;
    let contacts = first_told(world);
    let group = world.state.signals.group(&alert.fired.key);
    let signals = group.map_or(0, |group| group.members.len());
    owed(
        world,
        &Telling {
            about: About::Alert(alert.fired.key.clone()),
            event,
            message: message::alert(world.policy, alert, event, reason, signals),
            channels: &route.channels,
            contacts: contacts.into_iter().chain(route.also.iter().cloned()).collect(),
            priority: None,
            level: Some(alert.fired.level),
        },
        first,
    )
}

/// The notices of many alerts in one message: those that fire, and those that are over already.
pub fn of_alerts(world: &World<'_>, firing: &[&Alert], over: &[&Alert]) -> Vec<Fact> {
    let route = &world.policy.warning_route;
    let contacts = first_told(world);
    let all = firing.iter().chain(over);
    let keys = all.clone().take(NAMED).map(|alert| alert.fired.key.clone()).collect();
    owed(
        world,
        &Telling {
            about: About::Alerts(keys),
            event: if firing.is_empty() { Event::Resolved } else { Event::Firing },
            message: message::alerts(world.policy, firing, over, NAMED),
            channels: &route.channels,
            contacts: contacts.into_iter().chain(route.also.iter().cloned()).collect(),
            priority: None,
            level: all.map(|alert| alert.fired.level).max(),
        },
        world.state.next_notice(),
    )
}

/// Asks people whether a step may run. Whoever was told of the incident so far is asked; without one, the first level.
pub fn of_approval(world: &World<'_>, run: &Run, asked: &ApprovalAsked) -> Vec<Fact> {
    let text = message::approval(world.policy, asked);
    of_run(world, run, Event::Approval, text, &Asks::Approval(asked.id))
}

/// Asks people what became of an attempt.
pub fn of_question(world: &World<'_>, run: &Run, attempt: &Attempt, reason: &Said) -> Vec<Fact> {
    let planned = &run.planned;
    let text = message::question(world.policy, planned.id, &planned.target, reason);
    let (step, attempt) = (attempt.step.clone(), attempt.number);
    let asks = Asks::Outcome { run: planned.id, step, attempt };
    of_run(world, run, Event::Handover, text, &asks)
}

fn of_run(world: &World<'_>, run: &Run, event: Event, text: Message, asks: &Asks) -> Vec<Fact> {
    let incident = run.planned.incident.and_then(|id| world.state.incidents.get(&id));
    let route = incident.and_then(|incident| world.policy.routes.get(&incident.priority()));
    let mut facts = owed(
        world,
        &Telling {
            about: incident
                .map_or(About::Run(run.planned.id), |incident| About::Incident(incident.id)),
            event,
            message: text,
            channels: &route.unwrap_or(&world.policy.warning_route).channels,
            contacts: incident.map_or_else(|| first_told(world), |incident| told(world, incident)),
            priority: incident.map(Incident::priority),
            level: None,
        },
        world.state.next_notice(),
    );
    for fact in &mut facts {
        if let Fact::NoticeOwed(owed) = fact {
            owed.asks = Some(asks.clone());
        }
    }
    facts
}

/// Those who work on an incident are reminded of something where they read, without being woken up. `facts` are what was
/// decided before in one go; `also` are further channels beside those of the route.
pub fn of_reminder(
    world: &World<'_>,
    incident: &Incident,
    message: Message,
    (contacts, also): (Vec<ContactName>, &[ChannelName]),
    facts: &[Fact],
) -> Vec<Fact> {
    let route = world.policy.routes.get(&incident.priority());
    let all: Vec<_> = route.map(|route| route.channels.clone()).unwrap_or_default();
    let own = all.iter().filter(|channel| !world.policy.is_pager(channel));
    let quiet: Vec<_> = rota::unique(own.chain(also).cloned());
    let telling = Telling {
        about: About::Incident(incident.id),
        event: Event::Reminder,
        message,
        channels: if quiet.is_empty() { &all } else { &quiet },
        contacts,
        priority: Some(incident.priority()),
        level: None,
    };
    owed(world, &telling, next_notice(world, facts))
}

/// How often stakeholders hear of an incident as it is now; none: on change.
pub(crate) fn cadence(
    world: &World<'_>,
    incident: &Incident,
    group: &Stakeholders,
) -> Option<SignedDuration> {
    let route = world.policy.routes.get(&incident.priority());
    group.update_every.or(route.and_then(|route| route.update_every))
}

/// The number of the next notice, after what was decided before in one go.
pub(crate) fn next_notice(world: &World<'_>, facts: &[Fact]) -> NoticeId {
    let owed = facts.iter().filter(|fact| matches!(fact, Fact::NoticeOwed(_))).count();
    NoticeId(world.state.next_notice().0 + owed as u64)
}

/// The same for those outside of the response: what another room takes in their place has not reached them, so that only
/// ways to the very same person stand in for one that fails.
pub(crate) fn owed_outside(world: &World<'_>, telling: &Telling<'_>, first: NoticeId) -> Vec<Fact> {
    let owed = notice::owe(world.policy, telling, first, world.now).into_iter();
    owed.map(|mut owed| {
        match owed.to {
            Some(_) => owed.ways.retain(|way| way.address.is_some()),
            None => owed.ways.truncate(1),
        }
        Fact::NoticeOwed(Box::new(owed))
    })
    .collect()
}

/// The notices of a telling, as facts; a channel that is busy comes last.
pub(crate) fn owed(world: &World<'_>, telling: &Telling<'_>, first: NoticeId) -> Vec<Fact> {
    // A page that still waits for its time on a way is not owed a second time there.
    let is_waiting = |owed: &NoticeOwed| {
        let first = |owed: &NoticeOwed| owed.ways.first().map(|way| way.channel.clone());
        let is_same = |notice: &&Notice| {
            let other = &notice.owed;
            other.to.is_some()
                && other.to == owed.to
                && other.about == owed.about
                && first(other) == first(owed)
        };
        owed.event.is_page()
            && world.state.notices.values().filter(is_same).any(|notice| waits(world, notice))
    };
    let owed = notice::owe(world.policy, telling, first, world.now);
    (first.0..)
        .zip(owed.into_iter().filter(|owed| !is_waiting(owed)))
        .map(|(id, mut owed)| {
            owed.id = NoticeId(id);
            // A channel that asked for long peace is not waited for where another way is free.
            let patience = world.after(owed.longest_wait());
            owed.ways.sort_by_key(|way| {
                world.state.deliveries.busy_until(&way.channel, patience).is_some()
            });
            Fact::NoticeOwed(Box::new(owed))
        })
        .collect()
}
