//! What time does to alerts: pending ones fire, steady ones end, lonely ones become loud, all find their incident.

use crate::{
    alert::{Alert, Firing},
    correlate::{self, Home},
    fact::{Event, Fact},
    graph::Kind,
    ids::{Actor, AlertKey, NoticeId},
    rule::{Rule, Symptom},
    severity::Level,
    telling,
    world::World,
};
use jiff::{SignedDuration, Timestamp};

/// The firing fact of a band of a rule on a service.
pub fn fire(
    world: &World<'_>,
    rule: &Rule,
    key: &AlertKey,
    number: u64,
    band: usize,
    since: Timestamp,
    observed: &str,
) -> Fact {
    let graph = &world.policy.graph;
    let plan = world.policy.plan_for(&key.rule, &key.service);
    let firing = Firing {
        rule,
        key,
        id: crate::ids::AlertId(number),
        service_title: graph.title(&key.service),
        owner: graph.get(&key.service).and_then(|service| service.owner.as_deref()),
        runbook: plan
            .filter(|plan| plan.mode != crate::plan::Mode::Manual)
            .map(|plan| plan.name.clone()),
        others_serve: others_serve(world, key),
        language: world.policy.language,
    };
    firing.fact(band, since, observed, world.now)
}

/// Whether another instance of the same group serves.
fn others_serve(world: &World<'_>, key: &AlertKey) -> bool {
    let graph = &world.policy.graph;
    let Some(group) = graph.get(&key.service).and_then(|service| service.group.as_ref()) else {
        return false;
    };
    let is_down = |name: &crate::ids::ServiceName| {
        let fits =
            |alert: &Alert| alert.fired.key.service == *name && alert.fired.symptom.is_outage();
        world.state.alerts.values().any(fits)
    };
    graph.members(group).any(|member| member.name != key.service && !is_down(&member.name))
}

/// Pending alerts whose time has come.
pub fn fire_pending(world: &World<'_>) -> Vec<Fact> {
    let ready = world.state.pending.iter().filter(|(_, pending)| pending.fires_at <= world.now);
    let mut facts = Vec::new();
    for (number, (key, pending)) in (world.state.next_alert().0..).zip(ready) {
        match world.policy.rules.get(&key.rule) {
            Some(rule) => facts.push(fire(
                world,
                rule,
                key,
                number,
                pending.band,
                pending.since,
                &pending.observed,
            )),
            None => facts.push(Fact::AlertDropped { key: key.clone() }),
        }
    }
    facts
}

/// Flapping alerts that were good for long enough.
pub fn end_steady(world: &World<'_>) -> Vec<Fact> {
    let ends = |alert: &&Alert| matches!(alert.flapping, Some(Some(until)) if until <= world.now);
    let steady = world.state.alerts.values().find(ends);
    steady.map(|alert| resolve(world, alert, &alert.fired.observed)).unwrap_or_default()
}

/// The end of an alert and, where its owner must hear of it by itself, the notices: first that it fired, if that was still to come.
pub fn resolve(world: &World<'_>, alert: &Alert, observed: &str) -> Vec<Fact> {
    let mut facts = vec![Fact::AlertResolved {
        key: alert.fired.key.clone(),
        id: alert.fired.id,
        observed: observed.to_owned(),
    }];
    let alone = alert.incident.is_none() && alert.fired.level >= Level::Warning;
    if alone && !alert.told {
        facts.extend(telling::of_alert(world, alert, Event::Firing, "", world.state.next_notice()));
    }
    if alone || alert.told {
        let first = NoticeId(world.state.next_notice().0 + facts.len() as u64 - 1);
        facts.extend(telling::of_alert(world, alert, Event::Resolved, observed, first));
    }
    facts
}

/// Alerts that were made quieter because others served, when no other serves any more.
pub fn raise_lonely(world: &World<'_>) -> Vec<Fact> {
    let lonely = |alert: &&Alert| alert.fired.redundant && !others_serve(world, &alert.fired.key);
    let raise = |alert: &Alert| {
        let band = world.policy.rules.get(&alert.fired.key.rule)?.bands.get(alert.fired.band)?;
        Some(Fact::AlertRaised {
            key: alert.fired.key.clone(),
            condition: alert.fired.condition.clone(),
            level: band.level,
            priority: band.priority,
            band: alert.fired.band,
            observed: alert.fired.observed.clone(),
            reason: "no other instance of the group serves".into(),
        })
    };
    world.state.alerts.values().filter(lonely).filter_map(raise).collect()
}

/// Puts loose alerts into incidents: joins all that an open incident explains, or opens one new incident.
pub fn place(world: &World<'_>) -> Vec<Fact> {
    let mut joined = Vec::new();
    for alert in world.state.loose.iter().filter_map(|key| world.state.alerts.get(key)) {
        let (cause, symptom) = correlate::cause_of(&world.policy.graph, &world.state.alerts, alert);
        let key = alert.fired.key.clone();
        match correlate::home(&world.policy.graph, world.state.burning(), alert, &cause) {
            _ if alert.fired.level == Level::Info => {}
            Home::Join(incident) => joined.push(Fact::AlertJoined { key, incident }),
            Home::Explains(incident) if !alert.fired.redundant => {
                joined.push(Fact::AlertJoined { key, incident });
                joined.push(Fact::CauseChanged {
                    incident,
                    title: title(world, alert, &cause, symptom),
                    cause,
                    symptom,
                });
                return joined;
            }
            Home::New if alert.fired.priority.is_some() && joined.is_empty() => {
                return open(world, alert, &cause, symptom);
            }
            _ => {}
        }
    }
    joined
}

/// Incidents whose cause another incident explains become part of it.
pub fn merge(world: &World<'_>) -> Vec<Fact> {
    let state = world.state;
    let pair = state.burning().find_map(|incident| {
        let mut others = correlate::explained(&world.policy.graph, state.burning(), incident);
        let other = others.find(|other| {
            // Of two incidents with one and the same cause, the older goes on.
            state
                .incidents
                .get(other)
                .is_some_and(|o| o.cause != incident.cause || o.id > incident.id)
        })?;
        Some(Fact::IncidentMerged { incident: other, into: incident.id })
    });
    pair.into_iter().collect()
}

fn open(
    world: &World<'_>,
    alert: &Alert,
    cause: &crate::ids::ServiceName,
    symptom: Symptom,
) -> Vec<Fact> {
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
fn title(
    world: &World<'_>,
    alert: &Alert,
    cause: &crate::ids::ServiceName,
    symptom: Symptom,
) -> String {
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

/// Warnings that found no incident: their owners are told.
pub fn tell_loose(world: &World<'_>) -> Vec<Fact> {
    let waits = |alert: &Alert| world.now.duration_since(alert.detected_at) < gathering(world);
    let untold = |alert: &&Alert| {
        !alert.told
            && alert.fired.level >= Level::Warning
            && alert.fired.priority.is_none()
            && !waits(alert)
    };
    let alert = world.state.loose.iter().filter_map(|key| world.state.alerts.get(key)).find(untold);
    alert
        .map(|alert| telling::of_alert(world, alert, Event::Firing, "", world.state.next_notice()))
        .unwrap_or_default()
}
