//! What may be told outside of incidents: those that were urgent, or of which customers were told, with their alerts and
//! the texts that were released for customers. No text of ours is in it: whoever tells it has words of their own.

use crate::{
    error::HistoryError,
    history::History,
    summary::{AlertSummary, IncidentState, IncidentSummary},
    tables,
};
use domain::{
    fact::{DraftDiscarded, DraftReleased, Fact},
    ids::DraftId,
    stakeholders::Audience,
};
use jiff::Timestamp;
use rusqlite::{Connection, Result};
use serde::{Deserialize, Serialize};

/// Incidents that are looked at; more urgent ones than this in the time that a page shows would be another problem.
const INCIDENTS: usize = 1000;

/// An incident as far as it may be told outside.
#[derive(Clone, Debug, PartialEq)]
pub struct Outward {
    /// Its times, its priority, and the service that explains it.
    pub incident: IncidentSummary,
    /// Its alerts, oldest first.
    pub alerts: Vec<AlertSummary>,
    /// What customers were told, oldest first.
    pub statements: Vec<Statement>,
}

/// A text that was released for customers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// The draft that it was.
    pub draft: DraftId,
    /// Its subject.
    pub subject: String,
    /// Its text.
    pub body: String,
    /// When it was released; none: it waits.
    pub released_at: Option<Timestamp>,
}

impl History {
    /// Incidents that were urgent (P0 or P1) or of which customers were told, unless they were over before a time; newest
    /// first.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn outward(&self, since: Timestamp) -> std::result::Result<Vec<Outward>, HistoryError> {
        self.read(|db| {
            let mut found = Vec::new();
            for incident in tables::incidents(db, false, INCIDENTS)? {
                let end = incident.recovered_at.or(incident.closed_at);
                let is_past = end.is_some_and(|end| end < since);
                if is_past || incident.state == IncidentState::Merged {
                    continue;
                }
                let statements = tables::statements(db, incident.id)?;
                if incident.urgent_since.is_none() && statements.is_empty() {
                    continue;
                }
                let alerts = tables::alerts_of(db, incident.id)?;
                found.push(Outward { incident, alerts, statements });
            }
            Ok(found)
        })
    }
}

/// Follows the drafts for customers; every other fact is nothing here.
pub(crate) fn follow(db: &Connection, fact: &Fact, at: Timestamp) -> Result<()> {
    match fact {
        Fact::DraftWritten(written) if written.audience == Audience::Customers => {
            let statement = Statement {
                draft: written.id,
                subject: written.subject.clone(),
                body: written.body.clone(),
                released_at: None,
            };
            tables::put_statement(db, written.incident, &statement)
        }
        Fact::DraftChanged(changed) => {
            let Some((incident, known)) = tables::statement(db, changed.id)? else { return Ok(()) };
            let (subject, body) = (changed.subject.clone(), changed.body.clone());
            tables::put_statement(db, incident, &Statement { subject, body, ..known })
        }
        Fact::DraftReleased(DraftReleased { id, .. }) => {
            let Some((incident, known)) = tables::statement(db, *id)? else { return Ok(()) };
            let released_at = Some(at);
            tables::put_statement(db, incident, &Statement { released_at, ..known })
        }
        Fact::DraftDiscarded(DraftDiscarded { id, .. }) => tables::drop_statement(db, *id),
        _ => Ok(()),
    }
}
