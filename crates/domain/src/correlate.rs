//! One cause, one incident: which incident an alert belongs to, by the dependency graph and never by time alone.

use crate::{
    alert::Alert,
    graph::Graph,
    ids::{AlertKey, IncidentId, ServiceName},
    incident::Incident,
    rule::Symptom,
};
use std::collections::BTreeMap;

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
pub fn cause_of(
    graph: &Graph,
    alerts: &BTreeMap<AlertKey, Alert>,
    alert: &Alert,
) -> (ServiceName, Symptom) {
    let own = &alert.fired.key.service;
    let down = |name: &&ServiceName| {
        alerts.values().any(|other| {
            other.fired.symptom.is_outage()
                && other.fired.key.service == **name
                && !other.fired.redundant
        })
    };
    let candidates: Vec<_> = graph.needs_of(own).filter(down).collect();
    let deepest =
        candidates.iter().find(|name| !candidates.iter().any(|other| graph.needs(name, other)));
    let service = deepest.copied().unwrap_or(own);
    let of_service =
        |other: &&Alert| other.fired.key.service == *service && other.fired.symptom.is_outage();
    let symptom =
        alerts.values().find(of_service).map_or(alert.fired.symptom, |other| other.fired.symptom);
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
    let service = &alert.fired.key.service;
    let explained_by = |incident: &&Incident| {
        incident.cause == *cause
            || incident.cause == *graph.unit(service)
            || graph.needs(cause, &incident.cause)
            || graph.needs(service, &incident.cause)
    };
    if let Some(incident) = open.clone().find(explained_by) {
        return Home::Join(incident.id);
    }
    let explains = |incident: &&Incident| {
        alert.fired.symptom.is_outage() && graph.needs(&incident.cause, cause)
    };
    match open.clone().find(explains) {
        Some(incident) => Home::Explains(incident.id),
        None => Home::New,
    }
}

/// Other open incidents that `cause` explains as well.
pub fn explained<'a>(
    graph: &'a Graph,
    open: impl Iterator<Item = &'a Incident> + 'a,
    incident: IncidentId,
    cause: &'a ServiceName,
) -> impl Iterator<Item = IncidentId> + 'a {
    open.filter(move |other| {
        other.id != incident && (other.cause == *cause || graph.needs(&other.cause, cause))
    })
    .map(|other| other.id)
}
