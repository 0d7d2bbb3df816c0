//! One cause, one incident: which incident an alert belongs to, by the dependency graph and never by time alone.

use crate::{
    alert::Alert,
    alerts::Alerts,
    graph::Graph,
    ids::{IncidentId, ServiceName},
    incident::Incident,
    rule::Symptom,
};

/// Where a firing alert belongs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Home {
    /// To an open incident that explains it.
    Join(IncidentId),
    /// To an open incident, which it explains better.
    Explains(IncidentId),
    /// To a new incident.
    New,
}

/// What explains an alert: the deepest outage among what its service needs, else its own service.
pub fn cause_of(graph: &Graph, alerts: &Alerts, alert: &Alert) -> (ServiceName, Symptom) {
    let own = &alert.fired.key.service;
    let down = |name: &&ServiceName| alerts.outages_of(name).any(|other| !other.fired.redundant);
    let candidates: Vec<_> = graph.needs_of(own).filter(down).collect();
    let deepest =
        candidates.iter().find(|name| !candidates.iter().any(|other| graph.needs(name, other)));
    let service = deepest.copied().unwrap_or(own);
    let symptom =
        alerts.outages_of(service).next().map_or(alert.fired.symptom, |other| other.fired.symptom);
    let symptom = if service == own { alert.fired.symptom } else { symptom };
    (graph.unit(service).clone(), symptom)
}

/// The incident for an alert whose cause is `cause`.
pub fn home<'a>(
    graph: &Graph,
    open: impl Iterator<Item = &'a Incident> + Clone,
    alert: &Alert,
    cause: &ServiceName,
) -> Home {
    let (service, symptom) = (&alert.fired.key.service, alert.fired.symptom);
    let explained_by = |incident: &&Incident| {
        let needs_it = graph.needs(cause, &incident.cause) || graph.needs(service, &incident.cause);
        is_same(graph, incident, service, cause) && !is_worse(symptom, incident)
            || needs_it && spreads(incident.symptom, symptom)
            || fails_together(graph, alert, cause, incident)
    };
    if let Some(incident) = open.clone().find(explained_by) {
        return Home::Join(incident.id);
    }
    let explains = |incident: &&Incident| {
        symptom.is_outage() && graph.needs(&incident.cause, cause)
            || is_same(graph, incident, service, cause)
    };
    match open.clone().find(explains) {
        Some(incident) => Home::Explains(incident.id),
        None => Home::New,
    }
}

fn is_same(graph: &Graph, incident: &Incident, service: &ServiceName, cause: &ServiceName) -> bool {
    incident.cause == *cause || incident.cause == *graph.unit(service)
}

/// An outage says more than what was known of the same service before.
fn is_worse(symptom: Symptom, incident: &Incident) -> bool {
    symptom.is_outage() && !incident.symptom.is_outage()
}

/// Whether trouble of one kind explains trouble of another kind in what needs the service. Outages explain everything;
/// errors and slowness explain what users feel; wrong data or a full log explain nothing else.
fn spreads(from: Symptom, to: Symptom) -> bool {
    let is_felt = |symptom: Symptom| {
        matches!(symptom, Symptom::FunctionFailed | Symptom::ErrorRate | Symptom::Latency)
    };
    from.is_outage() || (is_felt(from) || from == Symptom::Other) && is_felt(to)
}

/// Functions that users come for and that need a service in common are one incident, as long as nothing explains
/// either of them: users see one product that does not work (A5).
fn fails_together(graph: &Graph, alert: &Alert, cause: &ServiceName, incident: &Incident) -> bool {
    let is_function = |symptom: Symptom| symptom == Symptom::FunctionFailed;
    let in_common = || graph.needs_of(cause).any(|need| graph.needs(&incident.cause, need));
    is_function(alert.fired.symptom)
        && *cause == alert.fired.key.service
        && is_function(incident.symptom)
        && in_common()
}

/// Whether an incident explains another.
pub fn explains(graph: &Graph, incident: &Incident, other: &Incident) -> bool {
    // What a person reported stays the person's: only a person knows what it is.
    if incident.is_by_hand() || other.is_by_hand() {
        return false;
    }
    let needs_it = graph.needs(&other.cause, &incident.cause);
    other.cause == incident.cause || needs_it && spreads(incident.symptom, other.symptom)
}
