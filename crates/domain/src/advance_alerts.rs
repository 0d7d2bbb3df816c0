//! What time does to alerts: pending ones fire, steady ones end, lonely ones become loud, all find their incident.

use crate::{
    advance_rhythm,
    agenda::Agenda,
    alert::Alert,
    alerts::Special,
    correlate::{self, Home},
    fact::{AlertRaised, Event, Fact},
    firing,
    graph::Kind,
    ids::{Actor, AlertId, IncidentId, NoticeId, ServiceName},
    incident::Incident,
    rule::Symptom,
    said::Said,
    severity::Level,
    state::{Parting, WORDS, WORDS_WINDOW},
    telling, withdrawal,
    world::World,
};
use jiff::{SignedDuration, Timestamp};

/// Pending alerts whose time has come.
pub fn fire_pending(world: &World<'_>, agenda: &mut Agenda) -> Vec<Fact> {
    if agenda.is_timed {
        return Vec::new();
    }
    let ready = world.state.pending.iter().filter(|(_, pending)| pending.fires_at <= world.now);
    let mut facts = Vec::new();
    for (number, (key, pending)) in (world.state.next_alert().0..).zip(ready) {
        let group = world.state.signals.group(key);
        let fired = match (world.policy.rules.get(&key.rule), group) {
            (_, Some(group)) => {
                firing::of_signals(world, key, group.level(), group.priority(), AlertId(number))
            }
            (Some(rule), None) => {
                let (band, since) = (pending.band, pending.since);
                Some(firing::of_rule(world, rule, key, number, band, since, &pending.observed))
            }
            (None, None) => None,
        };
        facts.push(fired.unwrap_or_else(|| Fact::AlertDropped { key: key.clone() }));
    }
    facts
}

/// Flapping alerts that were good for long enough.
pub fn end_steady(world: &World<'_>, agenda: &mut Agenda) -> Vec<Fact> {
    if agenda.is_timed {
        return Vec::new();
    }
    let ends = |alert: &&Alert| matches!(alert.flapping, Some(Some(until)) if until <= world.now);
    let steady = world.state.alerts.special(Special::Flapping).find(ends);
    let end = |alert: &Alert| {
        let resolved = Fact::AlertResolved {
            key: alert.fired.key.clone(),
            id: alert.fired.id,
            observed: alert.fired.observed.clone(),
            owes_word: false,
        };
        firing::with_parting(world, alert, vec![resolved])
    };
    steady.map(end).unwrap_or_default()
}

/// Alerts that were made quieter because others served, when no other serves any more.
pub fn raise_lonely(world: &World<'_>, _: &mut Agenda) -> Vec<Fact> {
    let lonely = |alert: &&Alert| !firing::others_serve(world, &alert.fired.key);
    let raise = |alert: &Alert| {
        let key = &alert.fired.key;
        let (level, priority) = match world.state.signals.group(key) {
            Some(group) => (group.level(), group.priority()),
            None => {
                let band = world.policy.rules.get(&key.rule)?.bands.get(alert.fired.band)?;
                (band.level, band.priority)
            }
        };
        Some(Fact::AlertRaised(AlertRaised {
            key: key.clone(),
            condition: alert.fired.condition.clone(),
            level,
            priority,
            band: alert.fired.band,
            observed: alert.fired.observed.clone(),
            reason: Said::new(
                "グループの他のインスタンスがすべて停止",
                "no other instance of the group serves",
            ),
        }))
    };
    world.state.alerts.special(Special::Redundant).filter(lonely).filter_map(raise).collect()
}

/// Puts loose alerts into incidents: joins all that an open incident explains, or opens one new incident.
pub fn place(world: &World<'_>, agenda: &mut Agenda) -> Vec<Fact> {
    let mut joined = Vec::new();
    while let Some(key) = agenda.unplaced.first().cloned() {
        let alert = world.state.alerts.get(&key).filter(|_| world.state.loose.contains(&key));
        let Some(alert) = alert.filter(|_| !world.quiet.is_quiet(world.state, &key)) else {
            agenda.unplaced.remove(&key);
            continue;
        };
        let (cause, symptom) = correlate::cause_of(&world.policy.graph, &world.state.alerts, alert);
        match correlate::home(&world.policy.graph, world.state.burning(), alert, &cause) {
            _ if alert.fired.level == Level::Info => {}
            Home::Join(incident) => {
                joined.push(Fact::AlertJoined { key: key.clone(), incident });
            }
            Home::Explains(incident) if !alert.fired.redundant => {
                agenda.unplaced.remove(&key);
                joined.push(Fact::AlertJoined { key, incident });
                joined.push(Fact::CauseChanged {
                    incident,
                    title: title(world, alert, &cause, symptom),
                    cause,
                    symptom,
                });
                return joined;
            }
            // What joined so far may change what this one finds: it is looked at again.
            Home::New if alert.fired.priority.is_some() && !joined.is_empty() => return joined,
            Home::New if alert.fired.priority.is_some() => {
                agenda.unplaced.remove(&key);
                return open(world, alert, &cause, symptom);
            }
            _ => {}
        }
        agenda.unplaced.remove(&key);
    }
    joined
}

/// Incidents whose cause another incident explains become part of it.
pub fn merge(world: &World<'_>, agenda: &mut Agenda) -> Vec<Fact> {
    while let Some(id) = agenda.merges.first().copied() {
        let pair = world.state.incidents.get(&id).and_then(|changed| {
            let others = world.state.burning().filter(|other| other.id != id);
            let is_burning = changed.is_burning();
            others.filter(|_| is_burning).find_map(|other| merged(world, changed, other))
        });
        match pair {
            Some((gone, into)) => {
                let mut facts = withdrawal::over(world, gone);
                facts.push(Fact::IncidentMerged { incident: gone, into });
                return facts;
            }
            None => agenda.merges.remove(&id),
        };
    }
    Vec::new()
}

/// Of two incidents the one that explains the other goes on; of two with one and the same cause, the older. The one that
/// ends, and the one that goes on.
fn merged(world: &World<'_>, one: &Incident, other: &Incident) -> Option<(IncidentId, IncidentId)> {
    let explains = |a: &Incident, b: &Incident| {
        correlate::explains(&world.policy.graph, a, b) && (a.cause != b.cause || a.id < b.id)
    };
    if explains(one, other) {
        Some((other.id, one.id))
    } else {
        explains(other, one).then_some((one.id, other.id))
    }
}

fn open(world: &World<'_>, alert: &Alert, cause: &ServiceName, symptom: Symptom) -> Vec<Fact> {
    let id = world.state.next_incident();
    let system = world
        .policy
        .graph
        .get(cause)
        .map_or_else(|| world.policy.product.clone(), |service| service.system.clone());
    vec![
        Fact::IncidentOpened {
            id,
            title: title(world, alert, cause, symptom),
            system,
            cause: cause.clone(),
            symptom,
            source: "monitoring".into(),
            occurred_at: alert.fired.occurred_at,
            assess_until: world.after(world.policy.clocks.assess_within),
            by: Actor::Hikeshi,
        },
        Fact::AlertJoined { key: alert.fired.key.clone(), incident: id },
    ]
}

/// `データベース接続失敗: PostgreSQL`: the cause's own alert where there is one, else this alert about the cause.
fn title(world: &World<'_>, alert: &Alert, cause: &ServiceName, symptom: Symptom) -> String {
    let graph = &world.policy.graph;
    let rule = world.policy.rules.values().find(|rule| rule.symptom == symptom);
    let is_function =
        matches!(graph.get(cause).map(|service| service.kind), Some(Kind::Function { .. }));
    match rule {
        Some(_) if alert.fired.key.service == *cause || is_function => alert.fired.title.clone(),
        Some(rule) => format!("{}: {}", rule.title.text(world.policy.language), graph.title(cause)),
        None => alert.fired.title.clone(),
    }
}

/// How long a warning waits for an incident that it may belong to before its owner is told of it alone.
pub fn gathering(world: &World<'_>) -> SignedDuration {
    world.policy.clocks.assess_within / 2
}

/// When the owner of a loose alert is told of it, at the earliest: for the first time, or again.
fn tell_at(world: &World<'_>, alert: &Alert) -> Option<Timestamp> {
    let may_be_told = alert.incident.is_none()
        && alert.fired.level >= Level::Warning
        && alert.fired.priority.is_none()
        && !world.quiet.is_quiet(world.state, &alert.fired.key);
    match alert.told_at {
        _ if !may_be_told => None,
        Some(_) => advance_rhythm::next(world, alert).map(|(at, _)| at),
        None => alert.detected_at.saturating_add(gathering(world)).ok(),
    }
}

/// Warnings that found no incident: their owners are told, each by itself, or all in one message when there are many.
pub fn tell_loose(world: &World<'_>, agenda: &mut Agenda) -> Vec<Fact> {
    let (state, now) = (world.state, world.now);
    let mut ready = Vec::new();
    let mut waiting = Vec::new();
    while let Some((at, key)) = agenda.untold.first().filter(|(at, _)| *at <= now).cloned() {
        agenda.untold.remove(&(at, key.clone()));
        match state.alerts.get(&key).and_then(|alert| Some((alert, tell_at(world, alert)?))) {
            Some((alert, due)) if due <= now => ready.push(alert),
            Some((_, due)) => waiting.push((due, key)),
            None => {}
        }
    }
    agenda.untold.extend(waiting);
    let free = free_words(world);
    let many = ready.len() + state.parting.len();
    if many == 0 {
        return Vec::new();
    }
    let (first, alone) = (state.next_notice(), ready.first().copied());
    // Whatever is not told now is looked at again: after this word, or when words are free again.
    let put_off = |alert: &&Alert| (now, alert.fired.key.clone());
    if free == 0 {
        let later = state.told_lately.front().and_then(|at| at.saturating_add(WORDS_WINDOW).ok());
        let again = ready.iter().map(|alert| (later.unwrap_or(now), alert.fired.key.clone()));
        agenda.untold.extend(again);
        return Vec::new();
    }
    if many > free {
        return digest(world, &ready);
    }
    agenda.untold.extend(ready.iter().skip(1).map(put_off));
    match (alone, state.parting.front()) {
        (Some(alert), _) => telling::of_alert(
            world,
            alert,
            advance_rhythm::event(world, alert),
            &Said::default(),
            first,
        ),
        (None, Some(parting)) => part(world, parting),
        (None, None) => Vec::new(),
    }
}

/// The word at the end of an alert: first that it fired, if that was still to come.
fn part(world: &World<'_>, parting: &Parting) -> Vec<Fact> {
    let (alert, first) = (&parting.alert, world.state.next_notice());
    let mut facts = Vec::new();
    if alert.told_at.is_none() {
        facts.extend(telling::of_alert(world, alert, Event::Firing, &Said::default(), first));
    }
    let next = NoticeId(first.0 + facts.len() as u64);
    facts.extend(telling::of_alert(world, alert, Event::Resolved, &parting.observed, next));
    facts.push(Fact::AlertsTold { keys: vec![alert.fired.key.clone()] });
    facts
}

/// Everything that is to be told, in one message.
fn digest(world: &World<'_>, ready: &[&Alert]) -> Vec<Fact> {
    let parted: Vec<_> = world.state.parting.iter().map(|parting| &parting.alert).collect();
    let keys = ready.iter().chain(&parted).map(|alert| alert.fired.key.clone()).collect();
    let mut facts = vec![Fact::AlertsTold { keys }];
    facts.extend(telling::of_alerts(world, ready, &parted));
    facts
}

/// How many single words are left in this minute.
fn free_words(world: &World<'_>) -> usize {
    let lately = world.state.told_lately.iter();
    let recent = lately.filter(|at| world.now.duration_since(**at) < WORDS_WINDOW).count();
    WORDS.saturating_sub(recent)
}

/// When something that waits to be told is looked at next.
pub fn next_word(world: &World<'_>, agenda: &Agenda) -> Option<Timestamp> {
    let untold = agenda.untold.first().map(|(at, _)| *at);
    let oldest = world.state.told_lately.front().filter(|_| !world.state.parting.is_empty());
    untold.into_iter().chain(oldest.and_then(|at| at.saturating_add(WORDS_WINDOW).ok())).min()
}
