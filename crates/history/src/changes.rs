//! Changes stand on the timeline of what they changed, and of its incidents that burn then or begin soon after.

use crate::{subject::Subject, tables};
use domain::{
    change::{ChangeMarked, RECENT},
    fact::Fact,
    ids::{IncidentId, ServiceName},
};
use jiff::Timestamp;
use rusqlite::{Connection, Result};

/// Open incidents and changes that are looked at; more is no help for anybody who reads.
const LOOKED_AT: usize = 100;

/// Mentions a change under the service that it changed, and under the service's open incidents.
pub(crate) fn mark(
    db: &Connection,
    change: &ChangeMarked,
    subjects: &mut Vec<Subject>,
) -> Result<()> {
    let Some(service) = &change.service else { return Ok(()) };
    subjects.push(Subject::Service(service.clone()));
    for incident in tables::incidents(db, true, LOOKED_AT)? {
        let hurts = || {
            let alerts = tables::alerts_of(db, incident.id)?;
            Ok::<_, rusqlite::Error>(alerts.iter().any(|alert| alert.service == *service))
        };
        if incident.recovered_at.is_none() && (incident.cause == *service || hurts()?) {
            subjects.push(Subject::Incident(incident.id));
        }
    }
    Ok(())
}

/// Mentions the recent changes of a service under an incident that is about it from now on.
pub(crate) fn adopt(
    db: &Connection,
    service: &ServiceName,
    at: Timestamp,
    incident: IncidentId,
) -> Result<()> {
    let of_service = Subject::Service(service.clone());
    for entry in tables::newest_of_kind(db, &of_service, "change_marked", LOOKED_AT)? {
        let Fact::ChangeMarked(change) = &entry.recorded.fact else { continue };
        if at.duration_since(change.made_at) <= RECENT {
            tables::mention(db, &Subject::Incident(incident), entry.position)?;
        }
    }
    Ok(())
}
