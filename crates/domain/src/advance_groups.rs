//! What becomes of signals: the alert that they are part of fires, grows worse, and ends with the last of them.

use crate::{
    advance_alerts,
    agenda::Agenda,
    alert::{self, Alert, Now},
    fact::{AlertFired, AlertPending, Fact},
    ids::{AlertId, AlertKey, ServiceName},
    labels::Labels,
    rule::Symptom,
    severity::{Level, Priority},
    signal::{Ended, Signal, Span, Told},
    signals::{Group, Meaning, meaning},
    sorting::Sort,
    world::World,
};
use jiff::SignedDuration;
use std::sync::Arc;

/// What a message of signals means: facts, and what was only said again.
#[derive(Debug, Default)]
pub struct Heard {
    /// What is written down.
    pub facts: Vec<Fact>,
    /// What fires as was known: until when now.
    pub again: Vec<(Arc<Signal>, Span)>,
}

/// Takes in the signals of one message.
pub fn hear(world: &World<'_>, integration: &crate::ids::IntegrationName, told: &[Told]) -> Heard {
    let (mut raised, mut ended) = (Vec::new(), Vec::new());
    let mut heard = Heard::default();
    let intake = &world.policy.intake;
    for told in told {
        let number = world.state.signals.number_for(told);
        let known = world.state.signals.get(number);
        let sorted = intake.sort(&world.policy.graph, integration.as_str(), &told.labels);
        let span = Span::of(told, intake.resolve_timeout, world.now);
        let signal = Signal {
            fingerprint: number,
            key: sorted.key,
            level: sorted.level,
            priority: sorted.priority,
            labels: told.labels.clone(),
            annotations: told.annotations.clone(),
            generator_url: told.generator_url.clone(),
            starts_at: span.starts_at,
            ends_at: span.ends_at,
            is_timeout: span.is_timeout,
        };
        let before = known.map(|known| (&**known, world.watch.heard.span(known)));
        match meaning(before, signal, intake.resolve_timeout, world.now) {
            Meaning::New(signal) => raised.push(Arc::new(*signal)),
            Meaning::Again(span) => heard.again.extend(known.map(|known| (known.clone(), span))),
            Meaning::Over(one) => ended.push(one),
            Meaning::Nothing => {}
        }
    }
    heard.facts.extend(raised_fact(integration, raised));
    heard.facts.extend(ended_fact(ended, false));
    heard
}

fn raised_fact(
    integration: &crate::ids::IntegrationName,
    signals: Vec<Arc<Signal>>,
) -> Option<Fact> {
    let integration = integration.clone();
    (!signals.is_empty()).then_some(Fact::SignalsRaised { integration, signals })
}

/// The fact of signals that ended, if there are any.
pub fn ended_fact(mut signals: Vec<Ended>, by_silence: bool) -> Option<Fact> {
    signals.dedup_by_key(|ended| ended.fingerprint);
    (!signals.is_empty()).then_some(Fact::SignalsEnded { signals, by_silence })
}

/// The alerts whose signals came or went, one after the other.
pub fn follow_signals(world: &World<'_>, agenda: &mut Agenda) -> Vec<Fact> {
    while let Some(key) = agenda.groups.first().cloned() {
        let facts = match world.state.signals.group(&key) {
            Some(group) => grow(world, &key, group),
            None => shrink(world, &key),
        };
        if !facts.is_empty() {
            return facts;
        }
        agenda.groups.remove(&key);
    }
    Vec::new()
}

fn grow(world: &World<'_>, key: &AlertKey, group: &Group) -> Vec<Fact> {
    match world.state.alert_now(key) {
        Now::Quiet => begin(world, key, group),
        Now::Pending(_) => Vec::new(),
        Now::Firing(alert) if matches!(alert.flapping, Some(Some(_))) => {
            vec![Fact::AlertUnsteady { key: key.clone() }]
        }
        Now::Firing(alert) => raise(alert, key, group).into_iter().collect(),
    }
}

/// It fires at once, or after the wait that its users asked for.
fn begin(world: &World<'_>, key: &AlertKey, group: &Group) -> Vec<Fact> {
    let Some(first) = world.state.signals.members(key).next() else { return Vec::new() };
    let wait = sort_of(world, &first.labels).map_or(SignedDuration::ZERO, |sort| sort.rhythm.wait);
    if wait > SignedDuration::ZERO {
        return vec![Fact::AlertPending(AlertPending {
            key: key.clone(),
            band: 0,
            since: first.starts_at.min(world.now),
            fires_at: world.after(wait),
            observed: first.text(),
        })];
    }
    fire(world, key, group.level(), group.priority(), world.state.next_alert())
        .into_iter()
        .collect()
}

/// The firing fact of an alert that has signals; none: it has none any more.
pub fn fire(
    world: &World<'_>,
    key: &AlertKey,
    level: Level,
    priority: Option<Priority>,
    id: AlertId,
) -> Option<Fact> {
    let signals = &world.state.signals;
    let first = signals.members(key).next()?;
    let sort = sort_of(world, &first.labels);
    let symptom = sort.and_then(|sort| sort.symptom).unwrap_or(Symptom::Other);
    let others_serve = symptom.is_outage() && advance_alerts::others_serve(world, key);
    let (level, priority) =
        if others_serve { (level.min(Level::Warning), None) } else { (level, priority) };
    let graph = &world.policy.graph;
    let owner = sort
        .and_then(|sort| sort.owner.clone())
        .or_else(|| graph.get(&key.service).and_then(|service| service.owner.clone()))
        .or_else(|| first.labels.get("team").map(std::borrow::Cow::into_owned));
    let within = sort.and_then(|sort| sort.respond_within).unwrap_or_else(|| respond_within(level));
    Some(Fact::AlertFired(Box::new(AlertFired {
        id,
        key: key.clone(),
        title: title(world, key, first),
        symptom,
        level,
        priority,
        band: 0,
        condition: key.rule.to_string(),
        observed: first.text(),
        // One of many suffices: all of them began about now.
        occurred_at: first.starts_at.min(world.now),
        owner: owner.unwrap_or_else(|| "SRE".to_owned()),
        respond_by: world.after(within),
        runbook: advance_alerts::runbook_for(world, key),
        redundant: others_serve,
        is_outside: true,
    })))
}

fn title(world: &World<'_>, key: &AlertKey, first: &Signal) -> String {
    let service: &ServiceName = &key.service;
    let own = first.annotations.get("title").or_else(|| first.annotations.get("summary"));
    match own {
        Some(own) => format!("{own}: {}", world.policy.graph.title(service)),
        None => format!("{}: {}", key.rule, world.policy.graph.title(service)),
    }
}

/// Section D: what is critical within 15 minutes, a warning within four hours.
fn respond_within(level: Level) -> SignedDuration {
    match level {
        Level::Critical => SignedDuration::from_mins(15),
        Level::Warning => SignedDuration::from_hours(4),
        Level::Info => SignedDuration::from_hours(24),
    }
}

fn sort_of<'a>(world: &World<'a>, labels: &Labels) -> Option<&'a Sort> {
    world.policy.intake.sort_for(labels)
}

/// Louder signals came: an alert never becomes quieter while it fires.
fn raise(alert: &Alert, key: &AlertKey, group: &Group) -> Option<Fact> {
    let (level, priority) =
        (alert.fired.level.max(group.level()), alert.fired.priority.max(group.priority()));
    let is_new = (level, priority) != (alert.fired.level, alert.fired.priority);
    (is_new && !alert.fired.redundant).then(|| Fact::AlertRaised {
        key: key.clone(),
        level,
        priority,
        band: alert.fired.band,
        condition: String::new(),
        observed: alert.fired.observed.clone(),
        reason: format!("a signal of level {}", group.level()),
    })
}

/// The last signal is gone: the alert ends, unless a probe of our own still sees it bad.
fn shrink(world: &World<'_>, key: &AlertKey) -> Vec<Fact> {
    let is_ours = world.policy.rules.contains_key(&key.rule);
    match world.state.alert_now(key) {
        Now::Pending(_) if !is_ours => vec![Fact::AlertDropped { key: key.clone() }],
        Now::Firing(alert) if alert.fired.is_outside && !alert.is_steadying() => {
            if is_ours && world.watch.seen(key).is_some() && world.watch.bad_seen(key).is_some() {
                return Vec::new();
            }
            let (flap, firings) = (&world.policy.flap, world.state.firings.get(key));
            let facts = alert::end(flap, alert, firings, key, &alert.fired.observed, world.now);
            advance_alerts::with_parting(world, alert, facts)
        }
        _ => Vec::new(),
    }
}
