//! What users report: it joins the incident that it is about, or opens one that somebody looks at (A19).

use crate::{
    classify::Decision,
    command::Refusal,
    deadline,
    fact::{About, Assessment, Event, Fact, ReportReceived},
    graph::Kind,
    ids::{Actor, IncidentId, NoticeId, ServiceName},
    incident::{Incident, REPORT},
    incident_message, message,
    notice::{self, Message, Telling},
    outside_text::{cut, line},
    rule::Symptom,
    severity::Priority,
    telling::{self, first_told},
    world::World,
};
use jiff::SignedDuration;

/// Characters of a report.
const TEXT_CHARS: usize = 2000;
/// Characters of a title, and of the numbers that decided.
const TITLE_CHARS: usize = 80;
/// Characters of who reports, of the service that they name, and of the way that it came.
const NAME_CHARS: usize = 100;
/// A report that names nothing is about what was reported so long ago at most.
const SAME_WITHIN: SignedDuration = SignedDuration::from_hours(1);

/// What somebody reports. A service that nobody knows is kept as text: a report is never lost for a wrong name.
///
/// # Errors
/// It says nothing.
pub fn report(
    world: &World<'_>,
    from: &str,
    text: &str,
    service: Option<&ServiceName>,
    via: &str,
) -> Result<Vec<Fact>, Refusal> {
    let text = cut(text.trim(), TEXT_CHARS);
    if text.is_empty() {
        return Err(Refusal::incomplete("報告が空です".into(), "the report is empty".into()));
    }
    let from = match line(from, NAME_CHARS) {
        nobody if nobody.is_empty() => world.policy.language.pick("匿名", "anonymous").to_owned(),
        from => from,
    };
    let via = line(via, NAME_CHARS);
    let known = service.filter(|name| world.policy.graph.get(name).is_some());
    let (incident, mut facts) = match home(world, known) {
        Some(incident) => (incident.id, Vec::new()),
        None => (world.state.next_incident(), open(world, &from, &text, known, &via)),
    };
    let received = Fact::ReportReceived(ReportReceived {
        incident,
        from,
        text,
        service: service.map(|name| line(name.as_str(), NAME_CHARS)),
        via,
    });
    facts.insert(facts.len().min(1), received);
    Ok(facts)
}

/// The burning incident that a report is about.
fn home<'a>(world: &World<'a>, service: Option<&ServiceName>) -> Option<&'a Incident> {
    let burning = || world.state.burning();
    if let Some(service) = service {
        let rank = |incident: &&Incident| nearness(world, incident, service);
        let near = burning().filter(|incident| rank(incident) > 0);
        return near.max_by_key(|incident| (rank(incident), incident.id));
    }
    let is_fresh = |incident: &&Incident| {
        incident.source == REPORT
            && world.now.duration_since(incident.times.detected) <= SAME_WITHIN
    };
    let mut all = burning();
    let only = all.next().filter(|_| all.next().is_none());
    burning().filter(is_fresh).last().or(only)
}

/// How surely an incident is what a service's users feel: its cause, what it hurts, or something in the chain of needs.
fn nearness(world: &World<'_>, incident: &Incident, service: &ServiceName) -> u8 {
    let graph = &world.policy.graph;
    let is_hurt = incident
        .assessment
        .as_ref()
        .is_some_and(|found| found.services.contains(service) || found.functions.contains(service));
    if incident.cause == *service || incident.cause == *graph.unit(service) {
        3
    } else if is_hurt {
        2
    } else {
        let cause = &incident.cause;
        u8::from(graph.needs(service, cause) || graph.needs(cause, service))
    }
}

/// An incident that needs a look: P3, told where warnings are told.
fn open(
    world: &World<'_>,
    from: &str,
    text: &str,
    service: Option<&ServiceName>,
    via: &str,
) -> Vec<Fact> {
    let (policy, now, id) = (world.policy, world.now, world.state.next_incident());
    let cause = service.cloned().unwrap_or_else(|| ServiceName::from("unknown"));
    let found = policy.graph.get(&cause);
    let first = line(text.lines().next().unwrap_or_default(), TITLE_CHARS);
    let title = policy.language.pick(format!("報告: {first}"), format!("reported: {first}"));
    let decision = Decision {
        priority: Priority::P3,
        rule: REPORT.into(),
        observed: line(text, TITLE_CHARS).into(),
    };
    let classification = deadline::classification(world, decision, None, None);
    let is_function = found.is_some_and(|service| matches!(service.kind, Kind::Function { .. }));
    let (functions, services): (Vec<_>, Vec<_>) =
        service.cloned().into_iter().partition(|_| is_function);
    let assessment = Assessment { services, functions, ..Assessment::default() };
    let mut facts = vec![
        Fact::IncidentOpened {
            id,
            title: title.clone(),
            system: found.map_or_else(|| policy.product.clone(), |found| found.system.clone()),
            cause,
            symptom: Symptom::Other,
            source: REPORT.into(),
            occurred_at: now,
            assess_until: now,
            // Nobody has checked the name of who reports.
            by: Actor::System(via.to_owned()),
        },
        Fact::IncidentAssessed { incident: id, assessment },
        Fact::IncidentClassified { incident: id, classification, by: Actor::Hikeshi },
    ];
    let message = message::reported(policy, &title, from, text, now);
    facts.extend(told(world, id, Event::Firing, message, world.state.next_notice()));
    facts
}

/// What users reported is over: those who heard of it hear that too. `facts` are what was decided before in one go.
pub fn over(world: &World<'_>, incident: &Incident, facts: &[Fact]) -> Vec<Fact> {
    let first = telling::next_notice(world, facts);
    let message = incident_message::text(world.policy, incident, Event::Resolved, world.now);
    told(world, incident.id, Event::Resolved, message, first)
}

/// Tells those who hear of warnings, as far as the route of P3 does not tell them anyway.
fn told(
    world: &World<'_>,
    incident: IncidentId,
    event: Event,
    message: Message,
    first: NoticeId,
) -> Vec<Fact> {
    let policy = world.policy;
    let route = &policy.warning_route;
    let by_priority = policy.routes.get(&Priority::P3);
    let is_told = |channel: &crate::ids::ChannelName| {
        by_priority.is_some_and(|route| route.channels.contains(channel))
    };
    let channels: Vec<_> =
        route.channels.iter().filter(|channel| !is_told(channel)).cloned().collect();
    let contacts = first_told(world);
    let telling = Telling {
        about: About::Incident(incident),
        event,
        message,
        channels: &channels,
        contacts: contacts.into_iter().chain(route.also.iter().cloned()).collect(),
        priority: Some(Priority::P3),
        level: None,
    };
    let owed = notice::owe(policy, &telling, first, world.now);
    owed.into_iter().map(|owed| Fact::NoticeOwed(Box::new(owed))).collect()
}
