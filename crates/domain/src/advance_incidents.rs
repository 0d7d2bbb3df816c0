//! What time does to incidents: assessed, classified, escalated, updated, checked, recovered, reviewed.

use crate::{
    advance_changes, advance_clocks, advance_updates,
    agenda::Agenda,
    alert::Alert,
    classify::{self, Decision},
    clock::Clock,
    data_loss, deadline,
    fact::{Assessment, Event, Fact, NeededRole},
    graph::Kind,
    ids::{Actor, AlertKey, ServiceName},
    incident::{Incident, Stage},
    paging,
    policy::Contact,
    reading::Value,
    recovery,
    rule::Symptom,
    said::{Language, Said},
    severity::Priority,
    state::State,
    telling,
    watch::Health,
    withdrawal,
    world::World,
};
use jiff::Timestamp;
use std::collections::BTreeSet;

/// The next move of the first incident that has one.
pub fn progress(world: &World<'_>, agenda: &mut Agenda) -> Vec<Fact> {
    while let Some(id) = agenda.incidents.first().copied() {
        let facts = world.state.incidents.get(&id).map(|incident| step(world, incident));
        match facts {
            Some(facts) if !facts.is_empty() => return facts,
            _ => agenda.incidents.remove(&id),
        };
    }
    Vec::new()
}

fn step(world: &World<'_>, incident: &Incident) -> Vec<Fact> {
    let suspicion = data_loss::suspect(world, incident);
    if !suspicion.is_empty() {
        return suspicion;
    }
    let missed = advance_clocks::missed(world, incident);
    if !missed.is_empty() {
        return missed;
    }
    match incident.stage {
        Stage::Detected => assess_in_time(world, incident),
        Stage::Assessed => vec![classified(world, incident, None)],
        Stage::Classified if world.is_quiet(incident) => Vec::new(),
        Stage::Classified => {
            paging::escalate(world, incident, 1, &Said::new("分類済み", "classified"))
        }
        Stage::Escalated | Stage::Responding => burning(world, incident),
        Stage::Recovered => vec![Fact::IncidentReviewed {
            incident: incident.id,
            review: review(world, incident),
            by: Actor::Hikeshi,
        }],
        Stage::Reviewed => close_small(incident),
    }
}

/// Assessment gathers until its time is over; what is P0 already does not wait.
fn assess_in_time(world: &World<'_>, incident: &Incident) -> Vec<Fact> {
    let alerts = world.state.alerts_of(incident);
    let urgent = decision(world, incident, &alerts).priority == Priority::P0;
    if urgent || assess_until(world, incident) <= world.now {
        vec![assessed(world, incident)]
    } else {
        Vec::new()
    }
}

/// When assessment ends at the latest. A clock that was set back does not put it off.
pub fn assess_until(world: &World<'_>, incident: &Incident) -> Timestamp {
    let longest = world.after(world.policy.clocks.assess_within);
    if incident.assess_until > longest { world.now } else { incident.assess_until }
}

/// Assesses and classifies at once, before the last alert of a short incident ends and its numbers are gone.
pub fn hurry(world: &World<'_>, incident: &Incident) -> Vec<Fact> {
    match incident.stage {
        Stage::Detected => vec![assessed(world, incident), classified(world, incident, None)],
        Stage::Assessed => vec![classified(world, incident, None)],
        _ => Vec::new(),
    }
}

fn assessed(world: &World<'_>, incident: &Incident) -> Fact {
    Fact::IncidentAssessed { incident: incident.id, assessment: assessment(world, incident) }
}

/// The priority by what is known now.
fn decision(world: &World<'_>, incident: &Incident, alerts: &[&Alert]) -> Decision {
    let works = |function: &ServiceName| works(world, incident, function);
    classify::decide(&world.policy.graph, &incident.system, alerts, &works)
}

/// What the journeys of a function say since the trouble began; none: nobody has looked since.
fn works(world: &World<'_>, incident: &Incident, function: &ServiceName) -> Option<bool> {
    let rules = world.policy.rules.values().filter(|rule| rule.symptom == Symptom::FunctionFailed);
    let keys = rules.map(|rule| AlertKey { rule: rule.name.clone(), service: function.clone() });
    let looks =
        keys.filter(|key| world.watch.seen(key).is_some_and(|seen| seen > incident.times.detected));
    let good = looks.map(|key| matches!(world.watch.rule_health(&key), Health::Good { .. }));
    good.reduce(|all, one| all && one)
}

/// A22, A24, A25: scope by the graph, time to recover from past incidents of the kind, roles from the owners.
fn assessment(world: &World<'_>, incident: &Incident) -> Assessment {
    let graph = &world.policy.graph;
    let alerts = world.state.alerts_of(incident);
    let mut services: BTreeSet<ServiceName> =
        alerts.iter().map(|alert| alert.fired.key.service.clone()).collect();
    let cause_is_out =
        alerts.iter().any(|alert| alert.fired.symptom.is_outage() && !alert.fired.redundant);
    if cause_is_out {
        services.extend(graph.dependents(&incident.cause).map(|service| service.name.clone()));
    }
    let is_function =
        |name: &ServiceName| matches!(graph.get(name).map(|s| s.kind), Some(Kind::Function { .. }));
    let failed: BTreeSet<_> = alerts
        .iter()
        .filter(|a| a.fired.symptom == Symptom::FunctionFailed)
        .map(|a| a.fired.key.service.clone())
        .collect();
    services.retain(|name| !is_function(name));
    let share = alerts
        .iter()
        .filter(|alert| alert.fired.symptom == Symptom::ErrorRate)
        .filter_map(|alert| leading_number(&alert.fired.observed.en));
    let past = world.state.past.get(&State::past_key(&incident.cause, incident.symptom));
    let eta = past.filter(|minutes| !minutes.is_empty()).map(|minutes| {
        let mut sorted: Vec<_> = minutes.iter().copied().collect();
        sorted.sort_unstable();
        (sorted[sorted.len() / 2].max(1), sorted.len())
    });
    let language = world.policy.language;
    let roles: BTreeSet<_> = alerts.iter().map(|alert| alert.fired.owner.clone()).collect();
    // A role such as `SRE/DevOps` is held by whoever holds one of its parts.
    let has_role = |role: &String| {
        role.split('/').any(|part| {
            let holds =
                |contact: &Contact| contact.title.contains(part) || contact.name.as_str() == part;
            world.policy.contacts.values().any(holds)
        })
    };
    Assessment {
        services: services.into_iter().collect(),
        functions: failed.into_iter().collect(),
        request_share_percent: share.reduce(f64::max),
        eta_minutes: eta.map(|(minutes, _)| minutes),
        eta_basis: match eta {
            Some((_, count)) => language.pick(
                format!("過去 {count} 件の中央値"),
                format!("median of {count} past incidents"),
            ),
            None => {
                language.pick("同種の記録なし", "no incident of this kind on record").to_owned()
            }
        },
        roles: roles
            .into_iter()
            .map(|role| NeededRole { available: has_role(&role), role })
            .collect(),
        recent_changes: advance_changes::recent(world, incident),
    }
}

/// Observed values are printed with the number first: `62.5 % (…)`.
fn leading_number(observed: &str) -> Option<f64> {
    observed.split_whitespace().next()?.parse().ok()
}

fn classified(world: &World<'_>, incident: &Incident, reason: Option<String>) -> Fact {
    let alerts = world.state.alerts_of(incident);
    let decision = decision(world, incident, &alerts);
    let classification = deadline::classification(world, decision, Some(incident), reason);
    Fact::IncidentClassified { incident: incident.id, classification, by: Actor::Hikeshi }
}

fn burning(world: &World<'_>, incident: &Incident) -> Vec<Fact> {
    let paging = [paging::hand_over, paging::climb, paging::pass_on, paging::page_again];
    let paging = paging.iter().filter(|_| !world.is_quiet(incident));
    // What was promised comes first: a change of priority promises anew.
    let moves: [fn(&World<'_>, &Incident) -> Vec<Fact>; 4] =
        [respond, advance_updates::keep, reclassify, check_recovery];
    moves[..3]
        .iter()
        .chain(paging)
        .chain(&moves[3..])
        .map(|go| go(world, incident))
        .find(|facts| !facts.is_empty())
        .unwrap_or_default()
}

fn respond(world: &World<'_>, incident: &Incident) -> Vec<Fact> {
    let run = world
        .state
        .runs
        .values()
        .find(|run| run.planned.incident == Some(incident.id) && !run.planned.dry_run);
    let by = incident.acknowledged_by.clone().or(run.map(|run| run.planned.by.clone()));
    match by {
        Some(by) if incident.stage == Stage::Escalated => {
            vec![Fact::IncidentResponding { incident: incident.id, by }]
        }
        _ => Vec::new(),
    }
}

/// More urgent numbers raise the priority; it never falls by itself, because the impact was real. What a person has
/// decided holds until the numbers are worse than those that the person saw.
fn reclassify(world: &World<'_>, incident: &Incident) -> Vec<Fact> {
    let Some(current) = &incident.classification else { return Vec::new() };
    let alerts = world.state.alerts_of(incident);
    let decision = decision(world, incident, &alerts);
    let known = current.priority.max(incident.overruled.unwrap_or(Priority::P3));
    if decision.priority <= known || alerts.is_empty() {
        return Vec::new();
    }
    let reason = format!("{} → {}: {}", current.priority, decision.priority, decision.rule);
    let fact = classified(world, incident, Some(reason.clone()));
    let mut raised = incident.clone();
    raised.assessment = Some(assessment(world, incident));
    if let Fact::IncidentClassified { classification, .. } = &fact {
        raised.classification = Some(classification.clone());
    }
    let mut facts = vec![assessed(world, incident), fact];
    facts.extend(paging::raised(world, &raised, &reason.into()));
    facts
}

/// A35 to A39: once nothing burns, every box must pass; where there is no checklist, everything must stay quiet.
fn check_recovery(world: &World<'_>, incident: &Incident) -> Vec<Fact> {
    let Some(quiet) = incident.quiet_since.filter(|_| incident.burning.is_empty()) else {
        return Vec::new();
    };
    if world.state.runs.values().any(|run| run.planned.incident == Some(incident.id)) {
        return Vec::new();
    }
    let Some(list) = world.policy.checklist(&incident.system) else {
        let steady =
            quiet.saturating_add(world.policy.clocks.steady).is_ok_and(|at| at <= world.now);
        return if steady { recovered(world, incident) } else { Vec::new() };
    };
    let mut facts = Vec::new();
    for the_box in &list.boxes {
        let (result, detail) = recovery::check(world.policy, world.watch, the_box, quiet);
        if incident.checklist.get(&the_box.name) != Some(&result) {
            facts.push(Fact::RecoveryChecked {
                incident: incident.id,
                check: the_box.name.clone(),
                result,
                detail,
            });
        }
    }
    if facts.is_empty() && incident.has_passed(list.boxes.len()) {
        return recovered(world, incident);
    }
    facts
}

fn recovered(world: &World<'_>, incident: &Incident) -> Vec<Fact> {
    let mut facts = vec![Fact::IncidentRecovered { incident: incident.id }];
    facts.extend(withdrawal::over(world, incident.id));
    let mut over = incident.clone();
    over.times.recovered = Some(world.now);
    let heard = telling::heard(world, incident);
    facts.extend(telling::of_incident(world, &over, Event::Resolved, heard));
    advance_updates::over(world, &over, &mut facts);
    facts
}

/// B18: the review that hikeshi writes itself; a person adds the root cause.
fn review(world: &World<'_>, incident: &Incident) -> String {
    let language = world.policy.language;
    let end = incident.times.recovered.unwrap_or(world.now);
    let seconds = |from: Timestamp, to: Timestamp| {
        Value::Number(to.duration_since(from).as_secs_f64().round())
    };
    let detect = seconds(incident.times.occurred, incident.times.detected);
    let down = seconds(incident.times.occurred, end);
    let how = match (incident.times.repaired, incident.handed_over) {
        (Some(_), false) => language.pick("自動復旧", "repaired automatically"),
        (_, true) => language.pick("手動対応", "repaired by people"),
        (None, false) => {
            language.pick("自然復旧または外部対応", "recovered by itself or from outside")
        }
    };
    let (title, alerts) = (&incident.title, incident.resolved.len());
    let clocks = clocks(incident, language);
    language.pick(
        format!(
            "{title}。検知まで {detect} 秒、影響 {down} 秒、{how}、アラート {alerts} 件{clocks}"
        ),
        format!(
            "{title}. Detected after {detect} s, impact {down} s, {how}, {alerts} alerts{clocks}"
        ),
    )
}

/// Which deadlines were kept, and which were missed.
fn clocks(incident: &Incident, language: Language) -> String {
    let kept: Vec<_> = incident.deadlines.met.keys().copied().collect();
    let mut late: Vec<_> = incident.deadlines.missed.keys().copied().collect();
    if !incident.updates.overdue.is_empty() {
        late.push(Clock::Update);
    }
    let part = |clocks: Vec<Clock>, ja: &str, en: &str| {
        if clocks.is_empty() {
            return String::new();
        }
        let titles = clocks.into_iter().map(|clock| clock.title().text(language).to_owned());
        let titles = titles.collect::<Vec<_>>().join(language.pick("・", ", "));
        language.pick(format!("、{ja}: {titles}"), format!("; {en}: {titles}"))
    };
    part(kept, "期限内", "in time") + &part(late, "期限超過", "deadlines missed")
}

/// P2 and P3 that ended well need nobody; P0 and P1 wait for a person with the root cause (A68).
fn close_small(incident: &Incident) -> Vec<Fact> {
    let small = incident.priority() <= Priority::P2;
    if small && incident.source == "monitoring" {
        vec![Fact::IncidentClosed { incident: incident.id, by: Actor::Hikeshi, unverified: None }]
    } else {
        Vec::new()
    }
}
