//! What becomes of signals: the alert that they are part of fires, grows worse, and ends with the last of them.

use crate::{
    advance_heartbeats,
    agenda::Agenda,
    alert::{self, Alert, Now},
    fact::{AlertPending, AlertRaised, Fact},
    firing,
    ids::{AlertKey, IntegrationName},
    said::Said,
    signal::{Ended, Signal, Span, Told},
    signals::{Group, Meaning, meaning},
    world::World,
};
use jiff::SignedDuration;
use std::{collections::BTreeSet, sync::Arc};

/// What a message of signals means: facts, and what was only said again.
#[derive(Debug, Default)]
pub struct Heard {
    /// What is written down.
    pub facts: Vec<Fact>,
    /// What fires as was known: until when now.
    pub again: Vec<(Arc<Signal>, Span)>,
}

/// Takes in the signals of one message.
pub fn hear(world: &World<'_>, integration: &IntegrationName, told: &[Told]) -> Heard {
    let (mut moved, mut raised, mut ended) = (Vec::new(), Vec::new(), Vec::new());
    let mut barking = BTreeSet::new();
    let mut heard = Heard::default();
    let intake = &world.policy.intake;
    for told in told {
        if let Some(name) = advance_heartbeats::watched(world, &told.labels) {
            if !Span::of(told, intake.resolve_timeout, world.now).is_over(world.now) {
                barking.insert(name);
            }
            continue;
        }
        let number = world.state.signals.number_for(told);
        let known = world.state.signals.get(number);
        let sorted = intake.sort(&world.policy.graph, integration.as_str(), &told.labels);
        let span = Span::of(told, intake.resolve_timeout, world.now);
        let signal = Signal {
            fingerprint: number,
            key: world.state.signals.shared(sorted.key),
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
            Meaning::New(signal) => {
                moved.extend(
                    known.filter(|known| known.key != signal.key).map(|known| leave(known)),
                );
                // Of two messages about one signal in a batch the later counts.
                ended.retain(|one: &Ended| one.fingerprint != number);
                raised.push(Arc::new(*signal));
            }
            Meaning::Again(span) => heard.again.extend(known.map(|known| (known.clone(), span))),
            Meaning::Over(one) => {
                raised.retain(|signal: &Arc<Signal>| signal.fingerprint != number);
                ended.push(one);
            }
            Meaning::Nothing => {}
        }
    }
    heard.facts.extend(barking.into_iter().flat_map(|name| advance_heartbeats::bark(world, name)));
    heard.facts.extend(ended_fact(moved, false));
    heard.facts.extend(raised_fact(integration, raised));
    heard.facts.extend(ended_fact(ended, false));
    heard
}

/// A signal that another policy sorts to another alert leaves the one that it was part of.
fn leave(known: &Signal) -> Ended {
    Ended { fingerprint: known.fingerprint, key: known.key.clone(), ends_at: known.ends_at }
}

fn raised_fact(integration: &IntegrationName, signals: Vec<Arc<Signal>>) -> Option<Fact> {
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
            Some(group) => {
                // An alert that was told has news, and may have to be told again.
                agenda.untold.insert((world.now, key.clone()));
                grow(world, &key, group)
            }
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
    let wait =
        firing::sort_of(world, &first.labels).map_or(SignedDuration::ZERO, |sort| sort.rhythm.wait);
    if wait > SignedDuration::ZERO {
        return vec![Fact::AlertPending(AlertPending {
            key: key.clone(),
            band: 0,
            since: first.starts_at.min(world.now),
            fires_at: world.after(wait),
            observed: first.text().into(),
        })];
    }
    firing::of_signals(world, key, group.level(), group.priority(), world.state.next_alert())
        .into_iter()
        .collect()
}

/// Louder signals came: an alert never becomes quieter while it fires.
fn raise(alert: &Alert, key: &AlertKey, group: &Group) -> Option<Fact> {
    let (level, priority) =
        (alert.fired.level.max(group.level()), alert.fired.priority.max(group.priority()));
    let is_new = (level, priority) != (alert.fired.level, alert.fired.priority);
    (is_new && !alert.fired.redundant).then(|| {
        Fact::AlertRaised(AlertRaised {
            key: key.clone(),
            level,
            priority,
            band: alert.fired.band,
            condition: String::new(),
            observed: alert.fired.observed.clone(),
            reason: Said::new(
                format!("レベル {} のシグナルを受信", group.level()),
                format!("a signal of level {}", group.level()),
            ),
        })
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
            firing::with_parting(world, alert, facts)
        }
        _ => Vec::new(),
    }
}
