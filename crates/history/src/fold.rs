//! Folds one fact into the tables: it is kept, the rows of lists follow it, and it is mentioned under all that it is about.

use crate::{
    changes, statements,
    subject::Subject,
    summary::{AlertSummary, IncidentSummary},
    tables::{self, Owner},
};
use domain::{
    apply::incident_of,
    fact::{
        About, AlertRaised, AttemptIntended, AttemptSettled, Fact, NoticeAttempted, NoticeMissed,
        NoticeProved, NoticeWithdrawn, QuestionAnswered, QuestionAsked, RunPlanned,
    },
    ids::{AlertId, AlertKey, IncidentId, RunId, ServiceName},
};
use jiff::Timestamp;
use journal::Entry;
use rusqlite::{Connection, Result};
use std::collections::BTreeSet;

/// Folds one fact.
pub(crate) fn fold(db: &Connection, entry: &Entry) -> Result<()> {
    tables::keep(db, entry)?;
    let mut subjects = Vec::new();
    statements::follow(db, &entry.recorded.fact, entry.recorded.at)?;
    follow(db, entry, &mut subjects)?;
    for subject in &subjects {
        tables::mention(db, subject, entry.position)?;
    }
    Ok(())
}

fn follow(db: &Connection, entry: &Entry, subjects: &mut Vec<Subject>) -> Result<()> {
    let (fact, at) = (&entry.recorded.fact, entry.recorded.at);
    match fact {
        Fact::EngineStarted { .. } => Ok(()),
        Fact::AlertPending(pending) => {
            tables::set_pending(db, &pending.key, entry.position)?;
            quiet(&pending.key, subjects);
            Ok(())
        }
        Fact::AlertDropped { key } => {
            tables::set_firing(db, key, None)?;
            quiet(key, subjects);
            Ok(())
        }
        Fact::AlertFired(fired) => {
            tables::put_alert(db, &AlertSummary::fired(fired, at))?;
            if let Some(since) = tables::pending_from(db, &fired.key)? {
                let key = Subject::Key(fired.key.clone());
                tables::adopt(db, &key, since, &Subject::Alert(fired.id))?;
            }
            tables::set_firing(db, &fired.key, Some(fired.id))?;
            subjects.push(Subject::Service(fired.key.service.clone()));
            of_alert(db, fired.id, subjects)
        }
        Fact::AlertRaised(AlertRaised { key, .. })
        | Fact::AlertFlapping { key, .. }
        | Fact::AlertSteadying { key, .. }
        | Fact::AlertUnsteady { key }
        | Fact::AlertResolved { key, .. } => alert(db, key, fact, at, subjects),
        Fact::AlertLabelled(labelled) => {
            if let Some(row) = tables::alert(db, labelled.alert)? {
                tables::put_alert(db, &AlertSummary { label: labelled.label, ..row })?;
            }
            of_alert(db, labelled.alert, subjects)
        }
        Fact::SignalsRaised { signals, .. } => {
            signal_keys(signals.iter().map(|signal| &signal.key), subjects);
            Ok(())
        }
        Fact::SignalsEnded { signals, .. } => {
            signal_keys(signals.iter().map(|ended| &ended.key), subjects);
            Ok(())
        }
        Fact::AlertsTold { .. }
        | Fact::SilencePut { .. }
        | Fact::SilenceStarted { .. }
        | Fact::SilenceEnded { .. }
        | Fact::TokenIssued(_)
        | Fact::TokenRevoked { .. }
        | Fact::ApiTokenIssued(_)
        | Fact::ApiTokenUsed(_)
        | Fact::DeviceAdded(_)
        | Fact::DeviceRemoved(_)
        | Fact::AccountChanged(_)
        | Fact::SecretAccessed(_)
        | Fact::OverrideSet(_)
        | Fact::OverrideRemoved(_)
        | Fact::ShiftChanged(_)
        | Fact::ContactVerified(_)
        | Fact::DigestSent(_)
        | Fact::SilenceReminded { .. } => Ok(()),
        Fact::HeartbeatExpected { name, .. }
        | Fact::HeartbeatMissed { name, .. }
        | Fact::HeartbeatForgotten { name } => {
            subjects.push(Subject::Heartbeat(name.clone()));
            Ok(())
        }
        Fact::HeartbeatHeard(heard) => {
            subjects.push(Subject::Heartbeat(heard.name.clone()));
            Ok(())
        }
        Fact::ChangeMarked(change) => changes::mark(db, change, subjects),
        Fact::AlertJoined { key, incident } => join(db, key, *incident, at, subjects),
        Fact::RunPlanned(planned) => plan(db, planned, subjects),
        Fact::RunHeld { run, .. }
        | Fact::AttemptIntended(AttemptIntended { run, .. })
        | Fact::AttemptStarted { run, .. }
        | Fact::AttemptSettled(AttemptSettled { run, .. })
        | Fact::RoundVerified { run, .. }
        | Fact::ApprovalGiven { run, .. }
        | Fact::ApprovalEnded { run, .. }
        | Fact::QuestionAsked(QuestionAsked { run, .. })
        | Fact::QuestionAnswered(QuestionAnswered { run, .. })
        | Fact::RunFinished { run, .. } => of_run(db, *run, subjects),
        Fact::ApprovalAsked(asked) => of_run(db, asked.run, subjects),
        Fact::RunbookPromoted { .. }
        | Fact::AutomationStopped { .. }
        | Fact::AutomationResumed { .. } => Ok(()),
        Fact::TargetLatched { target, .. } | Fact::TargetReleased { target, .. } => {
            latch(db, target, subjects)
        }
        Fact::NoticeOwed(owed) => {
            let owner = match &owed.about {
                About::Incident(id) | About::News(id) => Owner { alert: None, incident: Some(*id) },
                About::Alert(key) => Owner { alert: tables::firing(db, key)?, incident: None },
                About::Alerts(_)
                | About::Silence(_)
                | About::Run(_)
                | About::Schedule(_)
                | About::Digest(_)
                | About::Channel(..) => Owner::default(),
            };
            tables::put_notice(db, owed.id, owner)?;
            subjects.push(Subject::Notice(owed.id));
            owned(db, owner, subjects)
        }
        Fact::NoticeAttempted(NoticeAttempted { notice, .. })
        | Fact::NoticeWithdrawn(NoticeWithdrawn { notice, .. })
        | Fact::NoticeMissed(NoticeMissed { notice, .. })
        | Fact::NoticeProved(NoticeProved { notice, .. }) => {
            subjects.push(Subject::Notice(*notice));
            owned(db, tables::notice_owner(db, *notice)?.unwrap_or_default(), subjects)
        }
        fact => incident(db, fact, at, subjects),
    }
}

/// The alerts that signals are part of, each mentioned once.
fn signal_keys<'a>(keys: impl Iterator<Item = &'a AlertKey>, subjects: &mut Vec<Subject>) {
    let keys: BTreeSet<&AlertKey> = keys.collect();
    subjects.extend(keys.into_iter().map(|key| Subject::Key(key.clone())));
}

/// A key that does not fire.
fn quiet(key: &AlertKey, subjects: &mut Vec<Subject>) {
    subjects.extend([Subject::Key(key.clone()), Subject::Service(key.service.clone())]);
}

fn alert(
    db: &Connection,
    key: &AlertKey,
    fact: &Fact,
    at: Timestamp,
    subjects: &mut Vec<Subject>,
) -> Result<()> {
    subjects.push(Subject::Service(key.service.clone()));
    let Some(id) = tables::firing(db, key)? else { return Ok(()) };
    if let Some(mut summary) = tables::alert(db, id)? {
        summary.follow(fact, at);
        tables::put_alert(db, &summary)?;
    }
    if matches!(fact, Fact::AlertResolved { .. }) {
        tables::set_firing(db, key, None)?;
    }
    of_alert(db, id, subjects)
}

/// From here on the alert's story is part of the incident's, and so is what happened before.
fn join(
    db: &Connection,
    key: &AlertKey,
    incident: IncidentId,
    at: Timestamp,
    subjects: &mut Vec<Subject>,
) -> Result<()> {
    subjects.push(Subject::Service(key.service.clone()));
    of_incident(db, incident, subjects)?;
    let Some(id) = tables::firing(db, key)? else { return Ok(()) };
    if let Some(summary) = tables::alert(db, id)? {
        if let Some(mut joined) = tables::incident(db, incident)? {
            joined.occurred_at = joined.occurred_at.min(summary.occurred_at);
            tables::put_incident(db, &joined)?;
        }
        tables::put_alert(db, &AlertSummary { incident: Some(incident), ..summary })?;
    }
    changes::adopt(db, &key.service, at, incident)?;
    tables::runs_join(db, id, incident)?;
    tables::adopt(db, &Subject::Alert(id), 0, &Subject::Incident(incident))?;
    subjects.push(Subject::Alert(id));
    Ok(())
}

fn incident(
    db: &Connection,
    fact: &Fact,
    at: Timestamp,
    subjects: &mut Vec<Subject>,
) -> Result<()> {
    let Some(id) = incident_of(fact) else { return Ok(()) };
    let summary = match IncidentSummary::opened(fact, at) {
        Some(opened) => Some(opened),
        None => tables::incident(db, id)?.map(|mut known| {
            known.follow(fact, at);
            known
        }),
    };
    if let Some(summary) = &summary {
        tables::put_incident(db, summary)?;
        if let Fact::IncidentMerged { into, .. } = fact {
            merge(db, summary, *into)?;
        }
    }
    if let Fact::IncidentOpened { cause, .. } | Fact::CauseChanged { cause, .. } = fact {
        subjects.push(Subject::Service(cause.clone()));
        changes::adopt(db, cause, at, id)?;
    }
    of_incident(db, id, subjects)
}

fn merge(db: &Connection, gone: &IncidentSummary, into: IncidentId) -> Result<()> {
    if let Some(mut survivor) = tables::incident(db, into)? {
        survivor.absorb(gone);
        tables::put_incident(db, &survivor)?;
    }
    tables::hand_over(db, gone.id, into)?;
    tables::adopt(db, &Subject::Incident(gone.id), 0, &Subject::Incident(into))
}

fn plan(db: &Connection, planned: &RunPlanned, subjects: &mut Vec<Subject>) -> Result<()> {
    let alert = match &planned.alert {
        Some(key) => tables::firing(db, key)?,
        None => None,
    };
    let of_its_alert = match alert {
        Some(alert) => tables::alert(db, alert)?.and_then(|alert| alert.incident),
        None => None,
    };
    tables::put_run(db, planned, Owner { alert, incident: planned.incident.or(of_its_alert) })?;
    of_run(db, planned.id, subjects)
}

/// A latch comes from the run that was just there; its story is where it belongs.
fn latch(db: &Connection, target: &ServiceName, subjects: &mut Vec<Subject>) -> Result<()> {
    match tables::newest_run(db, target)? {
        Some(run) => of_run(db, run, subjects),
        None => {
            subjects.push(Subject::Service(target.clone()));
            Ok(())
        }
    }
}

fn of_run(db: &Connection, run: RunId, subjects: &mut Vec<Subject>) -> Result<()> {
    subjects.push(Subject::Run(run));
    let Some((target, owner)) = tables::run_owner(db, run)? else { return Ok(()) };
    subjects.push(Subject::Service(target));
    owned(db, owner, subjects)
}

fn owned(db: &Connection, owner: Owner, subjects: &mut Vec<Subject>) -> Result<()> {
    if let Some(alert) = owner.alert {
        of_alert(db, alert, subjects)?;
    }
    match owner.incident {
        Some(incident) => of_incident(db, incident, subjects),
        None => Ok(()),
    }
}

fn of_alert(db: &Connection, id: AlertId, subjects: &mut Vec<Subject>) -> Result<()> {
    subjects.push(Subject::Alert(id));
    match tables::alert(db, id)?.and_then(|alert| alert.incident) {
        Some(incident) => of_incident(db, incident, subjects),
        None => Ok(()),
    }
}

fn of_incident(db: &Connection, id: IncidentId, subjects: &mut Vec<Subject>) -> Result<()> {
    subjects.extend(tables::survivors(db, id)?.into_iter().map(Subject::Incident));
    Ok(())
}
