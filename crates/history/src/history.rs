//! The history itself: catches up with the journal and answers.

use crate::{
    audit::{AuditEntry, AuditWanted},
    dossier::Dossier,
    error::HistoryError,
    fold::fold,
    outward::Outward,
    source::Facts,
    stats::Counts,
    store,
    subject::Subject,
    summary::{AlertSummary, IncidentState, IncidentSummary},
    tables,
    timeline::TimelineEntry,
    view_alert::AlertView,
    view_incident::{Folding, IncidentView},
    view_notice::NoticeView,
    view_run::RunView,
};
use domain::ids::{AlertId, IncidentId, RunId, RunbookName, ServiceName};
use jiff::Timestamp;
use journal::Position;
use rusqlite::{Connection, TransactionBehavior};
use std::{
    cell::Cell,
    path::{Path, PathBuf},
};

/// Facts that are folded in one transaction.
const BATCH: usize = 2000;
/// Notices that one question about the ledger looks at.
const LEDGER: usize = 10_000;
/// Incidents that are looked at for what may be told outside.
const OUTWARD: usize = 1000;

/// What happened, ready to be asked. One at a time: share it behind a mutex.
pub struct History {
    connection: Connection,
    file: PathBuf,
    /// It was compared with the journal since it was opened.
    is_compared: bool,
    /// A question met damage.
    is_damaged: Cell<bool>,
}

impl History {
    /// Opens a history, or makes an empty one; `:memory:` keeps it in memory. A file of another layout or a damaged
    /// one is made anew and filled by the next [`History::catch_up`].
    ///
    /// # Errors
    /// The file cannot be opened, or belongs to another program.
    pub fn open(file: impl AsRef<Path>) -> Result<Self, HistoryError> {
        let file = file.as_ref().to_owned();
        let connection = store::open(&file)?;
        Ok(Self { connection, file, is_compared: false, is_damaged: Cell::new(false) })
    }

    /// Folds what is new in the journal; returns how many facts that were. What was committed before the call is
    /// there after it.
    ///
    /// # Errors
    /// The journal cannot be read, or the history cannot be written; what was folded before stays.
    pub fn catch_up(&mut self, journal: &impl Facts) -> Result<u64, HistoryError> {
        if self.is_damaged.get() || !self.continues(journal)? {
            self.rebuild()?;
        }
        let mut next = self.next()?;
        let first = next;
        loop {
            let entries = journal.read(next, BATCH)?;
            let Some(last) = entries.last() else { return Ok(next - first) };
            next = last.position + 1;
            let folded = self.fold_all(&entries, next);
            self.checked(folded)?;
        }
    }

    /// Forgets everything; the next [`History::catch_up`] fills it again.
    ///
    /// # Errors
    /// The file cannot be removed or made.
    pub fn rebuild(&mut self) -> Result<(), HistoryError> {
        // The file must be closed before it is removed.
        let closed = Connection::open_in_memory();
        self.connection = self.checked(closed)?;
        store::remove(&self.file)?;
        self.connection = store::open(&self.file)?;
        self.is_damaged.set(false);
        Ok(())
    }

    /// The position that is folded next: how many facts are in it.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn next(&self) -> Result<Position, HistoryError> {
        self.checked(tables::next(&self.connection))
    }

    /// Incidents, newest first.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn incidents(
        &self,
        only_open: bool,
        limit: usize,
    ) -> Result<Vec<IncidentSummary>, HistoryError> {
        self.checked(tables::incidents(&self.connection, only_open, limit))
    }

    /// One incident, whole.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn incident(&self, id: IncidentId) -> Result<Option<IncidentView>, HistoryError> {
        let Some(summary) = self.checked(tables::incident(&self.connection, id))? else {
            return Ok(None);
        };
        let alerts = self.checked(tables::alerts_of(&self.connection, id))?;
        let mut folding = Folding::new(id);
        let subject = Subject::Incident(id);
        let read = tables::each_mentioned(&self.connection, &subject, 0, usize::MAX, |entry| {
            folding.add(entry)
        });
        self.checked(read)?;
        Ok(folding.finish(&summary, alerts))
    }

    /// Alerts, newest first.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn alerts(&self, only_open: bool, limit: usize) -> Result<Vec<AlertSummary>, HistoryError> {
        self.checked(tables::alerts(&self.connection, only_open, limit))
    }

    /// One alert, by number (`A12`), by key (`service_down@api-1`) or by rule (`service_down`): then the newest.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn alert(&self, name: &str) -> Result<Option<AlertView>, HistoryError> {
        let found = match name.parse::<AlertId>() {
            Ok(id) => tables::alert(&self.connection, id),
            Err(_) => tables::newest_alert(&self.connection, name),
        };
        let Some(summary) = self.checked(found)? else { return Ok(None) };
        let dossier = self.dossier(&Subject::Alert(summary.id))?;
        Ok(Some(AlertView::new(summary, dossier)))
    }

    /// One run.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn run(&self, id: RunId) -> Result<Option<RunView>, HistoryError> {
        let owner = self.checked(tables::run_owner(&self.connection, id))?;
        let Some((_, owner)) = owner else { return Ok(None) };
        let runs = self.dossier(&Subject::Run(id))?.runs();
        Ok(runs.into_iter().next().map(|run| RunView { incident: owner.incident, ..run }))
    }

    /// Up to `limit` runs of a runbook or on a service, newest first; none: any.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn runs(
        &self,
        runbook: Option<&RunbookName>,
        target: Option<&ServiceName>,
        limit: usize,
    ) -> Result<Vec<RunView>, HistoryError> {
        let ids = self.checked(tables::runs(&self.connection, runbook, target, limit))?;
        let views = ids.into_iter().map(|id| self.run(id));
        Ok(views.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
    }

    /// The delivery ledger, newest first: up to `limit` notices, of one incident or of all, that are `wanted`. No more than
    /// the newest ten thousand are looked at.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn notices(
        &self,
        incident: Option<IncidentId>,
        limit: usize,
        wanted: impl Fn(&NoticeView) -> bool,
    ) -> Result<Vec<NoticeView>, HistoryError> {
        let mut found = Vec::new();
        for id in self.checked(tables::notices(&self.connection, incident, LEDGER))? {
            if found.len() >= limit {
                break;
            }
            let notices = self.dossier(&Subject::Notice(id))?.notices();
            found.extend(notices.into_iter().filter(&wanted));
        }
        Ok(found)
    }

    /// Up to `limit` facts from a position on, for a live tail: go on with the last position plus one.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn timeline(
        &self,
        from: Position,
        limit: usize,
    ) -> Result<Vec<TimelineEntry>, HistoryError> {
        let entries = self.checked(tables::facts(&self.connection, from, limit))?;
        Ok(entries.into_iter().map(TimelineEntry::from).collect())
    }

    /// Up to `limit` facts about one subject from a position on.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn timeline_of(
        &self,
        subject: &Subject,
        from: Position,
        limit: usize,
    ) -> Result<Vec<TimelineEntry>, HistoryError> {
        let mut timeline = Vec::new();
        let read = tables::each_mentioned(&self.connection, subject, from, limit, |entry| {
            timeline.push(entry.into());
        });
        self.checked(read)?;
        Ok(timeline)
    }

    /// Up to `limit` facts behind which somebody stands, newest first: the same as `hikeshi audit`.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn audit(
        &self,
        wanted: &AuditWanted,
        limit: usize,
    ) -> Result<Vec<AuditEntry>, HistoryError> {
        let found = self.checked(tables::audited(&self.connection, wanted, limit))?;
        let line = |(who, entry)| AuditEntry { who, entry: TimelineEntry::from(entry) };
        Ok(found.into_iter().map(line).collect())
    }

    /// Everybody who stands behind a fact, and the kinds of those facts: what the audit can be asked for.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn audited(&self) -> Result<(Vec<String>, Vec<String>), HistoryError> {
        self.checked(tables::audited_names(&self.connection))
    }

    /// Incidents that were urgent (P0 or P1) or of which customers were told, unless they were over before a time; newest
    /// first.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn outward(&self, since: Timestamp) -> Result<Vec<Outward>, HistoryError> {
        let read = |db: &Connection| {
            let mut found = Vec::new();
            for incident in tables::incidents(db, false, OUTWARD)? {
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
        };
        self.checked(read(&self.connection))
    }

    /// How much there is.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn counts(&self) -> Result<Counts, HistoryError> {
        let count = |select: &str| self.checked(tables::count(&self.connection, select));
        Ok(Counts {
            facts: self.next()?,
            incidents: count("select count(*) from incidents")?,
            incidents_open: count("select count(*) from incidents where open")?,
            alerts: count("select count(*) from alerts")?,
            alerts_open: count("select count(*) from alerts where open")?,
            runs: count("select count(*) from runs")?,
            notices: count("select count(*) from notices")?,
        })
    }

    fn dossier(&self, subject: &Subject) -> Result<Dossier, HistoryError> {
        let mut dossier = Dossier::default();
        let read = tables::each_mentioned(&self.connection, subject, 0, usize::MAX, |entry| {
            dossier.add(entry)
        });
        self.checked(read)?;
        Ok(dossier)
    }

    /// Whether this history was folded from this journal: its last fact stands there too. A journal that was
    /// restored from a backup, or is another one, makes it worthless.
    fn continues(&mut self, journal: &impl Facts) -> Result<bool, HistoryError> {
        if self.is_compared {
            return Ok(true);
        }
        let continues = match self.next()?.checked_sub(1) {
            None => true,
            Some(last) => {
                let known = self.checked(tables::fact(&self.connection, last))?;
                let there = journal.read(last, 1)?.into_iter().next().map(|entry| entry.recorded);
                known.is_some() && known == there
            }
        };
        self.is_compared = true;
        Ok(continues)
    }

    fn fold_all(&mut self, entries: &[journal::Entry], next: Position) -> rusqlite::Result<()> {
        let transaction =
            self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for entry in entries {
            fold(&transaction, entry)?;
        }
        tables::set_next(&transaction, next)?;
        transaction.commit()
    }

    fn checked<T>(&self, outcome: rusqlite::Result<T>) -> Result<T, HistoryError> {
        outcome.map_err(|error| {
            let error = store::said(&self.file, &error);
            self.is_damaged
                .set(self.is_damaged.get() || matches!(error, HistoryError::Damaged { .. }));
            error
        })
    }
}
