//! Regular updates, each at the time that was promised; a promise that is not kept is flagged at once (A50, C32).

use crate::{
    decide_drafts,
    fact::{About, Event, Fact, Late, StakeholdersInformed, UpdateAsked, UpdateOverdue},
    ids::{ChannelName, ContactName, NoticeId, StakeholderName},
    incident::Incident,
    incident_message,
    incident_role::IncidentRole,
    message,
    notice::Telling,
    rota,
    stakeholders::{Audience, Stakeholders},
    telling,
    updates::Promise,
    world::World,
};
use jiff::{SignedDuration, Timestamp};

/// Messages show minutes: what comes within this is in time.
const GRACE: SignedDuration = SignedDuration::from_secs(60);
/// A person is asked this long before an update that they write is due, or a third of its cadence before.
const ASKED_BEFORE: SignedDuration = SignedDuration::from_mins(10);

/// The next update of an incident that is due, or the flag that it is not sent.
pub fn keep(world: &World<'_>, incident: &Incident) -> Vec<Fact> {
    let facts = of_route(world, incident);
    if !facts.is_empty() {
        return facts;
    }
    let groups = world.policy.stakeholders.iter();
    let mut moves = groups.map(|(name, group)| of_group(world, incident, name, group));
    moves.find(|facts| !facts.is_empty()).unwrap_or_else(|| dropped(world, incident))
}

/// When something of this is due next: an update, or asking somebody to write one.
pub fn timers(world: &World<'_>, incident: &Incident) -> Vec<Timestamp> {
    let mut timers: Vec<_> = incident.next_update_at.into_iter().collect();
    for (name, promise) in &incident.updates.promises {
        timers.extend(promise.next_at);
        if let Some(group) = world.policy.stakeholders.get(name) {
            timers.extend(ask_at(world, incident, group, promise));
        }
    }
    timers
}

/// Stakeholders who heard of an incident hear that it is over. `facts` are what was decided before in one go.
pub fn over(world: &World<'_>, incident: &Incident, facts: &mut Vec<Fact>) {
    for name in incident.updates.promises.keys() {
        if let Some(group) = world.policy.stakeholders.get(name) {
            let first = telling::next_notice(world, facts);
            facts.extend(inform(world, incident, (name, group), Event::Resolved, None, first));
        }
    }
}

/// Those whom the route of the priority tells.
fn of_route(world: &World<'_>, incident: &Incident) -> Vec<Fact> {
    let Some(due) = incident.next_update_at.filter(|due| *due <= world.now) else {
        return Vec::new();
    };
    if world.is_quiet(incident) {
        return flag(incident, None, due, Late::Quiet);
    }
    let route = world.policy.routes.get(&incident.priority());
    let next_at = route.and_then(|route| route.update_every).map(|every| world.after(every));
    let mut facts = flag_if_late(world, incident, None, due);
    let mut updated = incident.clone();
    updated.next_update_at = next_at;
    // What was promised before is over, also where no next one is promised.
    if let Some(classification) = &mut updated.classification {
        classification.next_update_at = next_at;
    }
    facts.push(Fact::IncidentUpdated { incident: incident.id, next_at });
    facts.extend(telling::of_incident(world, &updated, Event::Update, Vec::new()));
    facts
}

fn of_group(
    world: &World<'_>,
    incident: &Incident,
    name: &StakeholderName,
    group: &Stakeholders,
) -> Vec<Fact> {
    let now_is = incident.priority();
    let is_quiet = world.is_quiet(incident);
    let next_at = telling::cadence(world, incident, group).map(|every| world.after(every));
    let first = world.state.next_notice();
    let tell = |event| inform(world, incident, (name, group), event, next_at, first);
    let Some(promise) = incident.updates.promises.get(name) else {
        let is_new = group.hear_of(now_is, &incident.system) && !is_quiet;
        return if is_new { tell(Event::Firing) } else { Vec::new() };
    };
    if promise.priority < now_is && !is_quiet {
        return tell(Event::Raised);
    }
    let due = promise.next_at.filter(|due| *due <= world.now);
    match due {
        Some(due) if is_quiet => flag(incident, Some(name), due, Late::Quiet),
        _ if is_quiet => Vec::new(),
        Some(due) if !group.is_written => {
            let mut facts = flag_if_late(world, incident, Some(name), due);
            facts.extend(tell(Event::Update));
            facts
        }
        due => written(world, incident, (name, group), promise, due),
    }
}

/// An update that a person writes: asked for in time, flagged when it is not there.
fn written(
    world: &World<'_>,
    incident: &Incident,
    (name, group): (&StakeholderName, &Stakeholders),
    promise: &Promise,
    due: Option<Timestamp>,
) -> Vec<Fact> {
    let is_time = ask_at(world, incident, group, promise).is_some_and(|at| at <= world.now);
    if let Some(promised_at) = promise.next_at.filter(|_| is_time) {
        let open = world.state.drafts.newest(incident.id, Audience::Stakeholders);
        let mut facts = Vec::new();
        let draft = match open {
            Some(draft) => draft.written.id,
            None => {
                facts.extend(decide_drafts::begin(world, incident, Audience::Stakeholders));
                world.state.next_draft()
            }
        };
        facts.push(Fact::UpdateAsked(UpdateAsked {
            incident: incident.id,
            group: name.clone(),
            promised_at,
            draft,
        }));
        let (told, also) = speaker(world, incident);
        let text = message::update_asked(world.policy, incident, &group.title, promised_at, draft);
        facts.extend(telling::of_reminder(world, incident, text, (told, &also), &facts));
        return facts;
    }
    let Some(due) = due else { return Vec::new() };
    let mut facts = flag(incident, Some(name), due, Late::Unwritten);
    if !facts.is_empty() {
        let (first, also) = speaker(world, incident);
        let told = rota::unique(first.into_iter().chain(telling::told(world, incident)));
        let text = message::update_overdue(world.policy, incident, &group.title, due);
        facts.extend(telling::of_reminder(world, incident, text, (told, &also), &facts));
    }
    facts
}

/// Whoever answers for communications writes updates, and is asked on their own channels; where nobody does, all who work
/// on it are asked.
fn speaker(world: &World<'_>, incident: &Incident) -> (Vec<ContactName>, Vec<ChannelName>) {
    let holder = incident.holder(IncidentRole::Communications);
    match holder.filter(|name| world.policy.contacts.contains_key(*name)) {
        Some(name) => (vec![name.into()], world.policy.quiet_personal()),
        None => (telling::told(world, incident), Vec::new()),
    }
}

/// Stakeholders who are not in the configuration any more cannot be told; that a promise to them breaks, is said.
fn dropped(world: &World<'_>, incident: &Incident) -> Vec<Fact> {
    let mut gone = incident.updates.promises.iter().filter_map(|(name, promise)| {
        let due = promise.next_at.filter(|due| *due <= world.now)?;
        (!world.policy.stakeholders.contains_key(name)).then_some((name, due))
    });
    let found = gone.find(|(name, _)| !incident.updates.is_flagged(Some(name)));
    found.map(|(name, due)| flag(incident, Some(name), due, Late::Dropped)).unwrap_or_default()
}

/// Tells stakeholders, and promises the next update.
pub(crate) fn inform(
    world: &World<'_>,
    incident: &Incident,
    (name, group): (&StakeholderName, &Stakeholders),
    event: Event,
    next_at: Option<Timestamp>,
    first: NoticeId,
) -> Vec<Fact> {
    let policy = world.policy;
    let message =
        incident_message::for_stakeholders(policy, incident, group, event, next_at, world.now);
    let mut facts = vec![Fact::StakeholdersInformed(StakeholdersInformed {
        incident: incident.id,
        group: name.clone(),
        priority: incident.priority(),
        next_at,
        is_over: event == Event::Resolved,
        draft: None,
    })];
    let telling = Telling {
        about: About::News(incident.id),
        event,
        message,
        channels: &group.channels,
        contacts: group.contacts.clone(),
        priority: Some(incident.priority()),
        level: None,
    };
    facts.extend(telling::owed_outside(world, &telling, first));
    facts
}

/// When a person is asked to write the next update; none: nobody is, or somebody was.
fn ask_at(
    world: &World<'_>,
    incident: &Incident,
    group: &Stakeholders,
    promise: &Promise,
) -> Option<Timestamp> {
    let due = promise.next_at.filter(|_| group.is_written && !promise.is_asked)?;
    let before = telling::cadence(world, incident, group).map_or(ASKED_BEFORE, |every| every / 3);
    due.checked_sub(before.min(ASKED_BEFORE)).ok()
}

fn flag_if_late(
    world: &World<'_>,
    incident: &Incident,
    to: Option<&StakeholderName>,
    due: Timestamp,
) -> Vec<Fact> {
    let is_late = world.now.duration_since(due) > GRACE;
    if is_late { flag(incident, to, due, Late::Away) } else { Vec::new() }
}

/// Once for each promise.
fn flag(
    incident: &Incident,
    to: Option<&StakeholderName>,
    promised_at: Timestamp,
    why: Late,
) -> Vec<Fact> {
    if incident.updates.is_flagged(to) {
        return Vec::new();
    }
    let (incident, to) = (incident.id, to.cloned());
    vec![Fact::UpdateOverdue(UpdateOverdue { incident, to, promised_at, why })]
}
