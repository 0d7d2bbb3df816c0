//! How an alert begins and ends: its firing fact, from a rule of our own or from signals, and the word that is owed at its end.

use crate::{
    alert::{Alert, Firing},
    calendar::Within,
    clock::Origin,
    fact::{AlertFired, Fact},
    ids::{AlertId, AlertKey, RunbookName, ServiceName},
    labels::Labels,
    rule::{Rule, Symptom},
    said::Said,
    severity::{Level, Priority},
    signal::Signal,
    sorting::Sort,
    world::World,
};
use jiff::{SignedDuration, Timestamp};

/// The firing fact of a band of a rule on a service.
pub fn of_rule(
    world: &World<'_>,
    rule: &Rule,
    key: &AlertKey,
    number: u64,
    band: usize,
    since: Timestamp,
    observed: &Said,
) -> Fact {
    let graph = &world.policy.graph;
    let firing = Firing {
        rule,
        key,
        id: AlertId(number),
        service_title: graph.title(&key.service),
        owner: graph.get(&key.service).and_then(|service| service.owner.as_deref()),
        respond_by: deadline(world, rule.respond_within(band)),
        runbook: runbook_for(world, key),
        others_serve: others_serve(world, key),
        language: world.policy.language,
    };
    firing.fact(band, since, observed, world.now)
}

/// The firing fact of an alert that has signals; none: it has none any more.
pub fn of_signals(
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
    let others_serve = symptom.is_outage() && others_serve(world, key);
    let (level, priority) =
        if others_serve { (level.min(Level::Warning), None) } else { (level, priority) };
    let graph = &world.policy.graph;
    let owner = sort
        .and_then(|sort| sort.owner.clone())
        .or_else(|| graph.get(&key.service).and_then(|service| service.owner.clone()))
        .or_else(|| first.labels.get("team").map(std::borrow::Cow::into_owned));
    let within = sort.and_then(|sort| sort.respond_within);
    let within = within.unwrap_or_else(|| Within::Time(respond_within(level)));
    Some(Fact::AlertFired(Box::new(AlertFired {
        id,
        key: key.clone(),
        title: title(world, key, first),
        symptom,
        level,
        priority,
        band: 0,
        condition: key.rule.to_string(),
        observed: first.text().into(),
        // One of many suffices: all of them began about now.
        occurred_at: first.starts_at.min(world.now),
        owner: owner.unwrap_or_else(|| "SRE".to_owned()),
        respond_by: deadline(world, within),
        runbook: runbook_for(world, key),
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

fn deadline(world: &World<'_>, within: Within) -> Timestamp {
    within.after(world.policy.business.as_deref(), &world.policy.zone, world.now)
}

/// How soon somebody must respond to an alert, and who says so.
pub fn deadline_of(world: &World<'_>, alert: &Alert) -> (Origin, Within) {
    let fired = &alert.fired;
    if let Some(rule) = world.policy.rules.get(&fired.key.rule).filter(|_| !fired.is_outside) {
        return (rule.respond_from, rule.respond_within(fired.band));
    }
    let first = world.state.signals.members(&fired.key).next();
    let sort = first.and_then(|first| sort_of(world, &first.labels));
    match sort.and_then(|sort| sort.respond_within) {
        Some(within) => (Origin::Team, within),
        None => (Origin::Hikeshi, Within::Time(respond_within(fired.level))),
    }
}

/// Section D: what is critical within 15 minutes, a warning within four hours.
pub fn respond_within(level: Level) -> SignedDuration {
    match level {
        Level::Critical => SignedDuration::from_mins(15),
        Level::Warning => SignedDuration::from_hours(4),
        Level::Info => SignedDuration::from_hours(24),
    }
}

/// How signals with these labels are sorted.
pub fn sort_of<'a>(world: &World<'a>, labels: &Labels) -> Option<&'a Sort> {
    world.policy.intake.sort_for(labels)
}

/// The runbook that answers an alert by itself.
pub fn runbook_for(world: &World<'_>, key: &AlertKey) -> Option<RunbookName> {
    let plan = world.policy.plan_for(&key.rule, &key.service);
    plan.filter(|plan| plan.mode != crate::plan::Mode::Manual).map(|plan| plan.name.clone())
}

/// Whether another instance of the same group serves.
pub fn others_serve(world: &World<'_>, key: &AlertKey) -> bool {
    let graph = &world.policy.graph;
    let Some(group) = graph.get(&key.service).and_then(|service| service.group.as_ref()) else {
        return false;
    };
    let is_down = |name: &ServiceName| world.state.alerts.outages_of(name).next().is_some();
    graph.members(group).any(|member| member.name != key.service && !is_down(&member.name))
}

/// Notes at the end of an alert whether its owner must hear of it by itself: of one that is told already, of a warning that
/// belongs to no incident. What was quiet to its end is only recorded.
pub fn with_parting(world: &World<'_>, alert: &Alert, mut facts: Vec<Fact>) -> Vec<Fact> {
    let key = &alert.fired.key;
    let is_alone = alert.incident.is_none() && alert.fired.level >= Level::Warning;
    let owes = alert.told_at.is_some() || is_alone && !world.quiet.is_quiet(world.state, key);
    for fact in &mut facts {
        if let Fact::AlertResolved { owes_word, .. } = fact {
            *owes_word = owes;
        }
    }
    facts
}
