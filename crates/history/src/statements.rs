//! Follows the drafts for customers, from their beginning until they are released or thrown away.

use crate::{outward::Statement, tables};
use domain::{
    fact::{DraftDiscarded, DraftReleased, Fact},
    stakeholders::Audience,
};
use jiff::Timestamp;
use rusqlite::{Connection, Result};

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
