//! What people say about an alert in the system that sent it: they take it on, or note something. It counts for the
//! incident that the alert belongs to. What is unknown or over is no error: the sender cannot know (PagerDuty, Opsgenie).

use crate::{
    fact::Fact,
    ids::{Actor, IntegrationName},
    incident::Incident,
    outside_text::cut,
    signal::Fingerprint,
    world::World,
};

/// Characters of a note.
const NOTE_CHARS: usize = 2000;

/// Somebody has taken an alert on; a second one changes nothing.
pub fn acknowledge(
    world: &World<'_>,
    integration: &IntegrationName,
    signal: Fingerprint,
    by: &Actor,
    text: &str,
) -> Vec<Fact> {
    let Some(incident) = incident_of(world, signal) else { return Vec::new() };
    let is_new = incident.acknowledged_by.is_none();
    let taken =
        is_new.then(|| Fact::IncidentAcknowledged { incident: incident.id, by: by.clone() });
    taken.into_iter().chain(noted(incident, integration, by, text).filter(|_| is_new)).collect()
}

/// Somebody says something about an alert.
pub fn note(
    world: &World<'_>,
    integration: &IntegrationName,
    signal: Fingerprint,
    by: &Actor,
    text: &str,
) -> Vec<Fact> {
    let incident = incident_of(world, signal);
    incident.and_then(|incident| noted(incident, integration, by, text)).into_iter().collect()
}

fn noted(
    incident: &Incident,
    integration: &IntegrationName,
    by: &Actor,
    text: &str,
) -> Option<Fact> {
    let text = cut(text.trim(), NOTE_CHARS);
    let (incident, by) = (incident.id, by.clone());
    (!text.is_empty()).then(|| Fact::IncidentNoted {
        incident,
        text: format!("{integration}: {text}"),
        by,
    })
}

/// The burning incident of the alert that a signal is part of.
fn incident_of<'a>(world: &World<'a>, signal: Fingerprint) -> Option<&'a Incident> {
    let signal = world.state.signals.get(signal)?;
    let incident = world.state.alerts.get(&signal.key)?.incident?;
    world.state.incidents.get(&incident).filter(|incident| incident.is_burning())
}
