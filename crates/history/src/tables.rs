//! The tables and every statement on them, one function each.

use crate::{
    audit::AuditWanted,
    outward::Statement,
    subject::Subject,
    summary::{AlertSummary, IncidentSummary},
};
use domain::{
    audit,
    fact::{Recorded, RunPlanned},
    ids::{AlertId, AlertKey, DraftId, IncidentId, NoticeId, RunId, RunbookName, ServiceName},
    tell,
};
use jiff::Timestamp;
use journal::{Entry, Position};
use rusqlite::{Connection, Error, OptionalExtension, Params, Result, Row, params, types::Type};
use serde::{Serialize, de::DeserializeOwned};

/// The layout below. It has no history of its own: when it changes, the file is built anew.
pub(crate) const LAYOUT: i64 = 2;

/// The tables. `row` holds a list row as JSON; the columns beside it are what is searched by.
pub(crate) const TABLES: &str = "
create table caught_up (next integer not null);
insert into caught_up values (0);
create table facts (position integer primary key, at text not null, kind text not null, who text, json text not null);
create index facts_by_who on facts (who, position) where who is not null;
create table mentions (subject text not null, position integer not null, primary key (subject, position)) without rowid;
create table keys (key text primary key, alert integer, pending_from integer) without rowid;
create table alerts (id integer primary key, rule text not null, key text not null, open integer not null, incident integer, row text not null);
create index alerts_by_key on alerts (key);
create index alerts_by_rule on alerts (rule);
create index alerts_by_incident on alerts (incident);
create index alerts_open on alerts (open);
create table incidents (id integer primary key, open integer not null, merged_into integer, row text not null);
create index incidents_open on incidents (open);
create table runs (id integer primary key, runbook text not null, target text not null, alert integer, incident integer);
create index runs_by_runbook on runs (runbook);
create index runs_by_target on runs (target);
create index runs_by_alert on runs (alert);
create index runs_by_incident on runs (incident);
create table notices (id integer primary key, alert integer, incident integer);
create table statements (id integer primary key, incident integer not null, released integer not null, row text not null);
create index statements_by_incident on statements (incident, released);
";

/// What something belongs to.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Owner {
    pub alert: Option<AlertId>,
    pub incident: Option<IncidentId>,
}

/// The position that is folded next.
pub(crate) fn next(db: &Connection) -> Result<Position> {
    db.prepare_cached("select next from caught_up")?.query_row([], |row| row.get(0))
}

pub(crate) fn set_next(db: &Connection, next: Position) -> Result<()> {
    run(db, "update caught_up set next = ?1", params![next])
}

pub(crate) fn keep(db: &Connection, entry: &Entry) -> Result<()> {
    let recorded = &entry.recorded;
    let row = params![
        entry.position,
        recorded.at.to_string(),
        tell::kind(&recorded.fact),
        audit::who(&recorded.fact).map(|who| who.to_string()),
        json(recorded)?
    ];
    run(db, "insert into facts (position, at, kind, who, json) values (?1, ?2, ?3, ?4, ?5)", row)
}

pub(crate) fn fact(db: &Connection, position: Position) -> Result<Option<Recorded>> {
    db.prepare_cached("select json from facts where position = ?1")?
        .query_row([position], |row| parsed(row, 0))
        .optional()
}

/// All facts from a position on.
pub(crate) fn facts(db: &Connection, from: Position, limit: usize) -> Result<Vec<Entry>> {
    db.prepare_cached(
        "select position, json from facts where position >= ?1 order by position limit ?2",
    )?
    .query_map(params![stored(from), bound(limit)], entry)?
    .collect()
}

/// Facts behind which somebody stands, newest first.
pub(crate) fn audited(
    db: &Connection,
    wanted: &AuditWanted,
    limit: usize,
) -> Result<Vec<(String, Entry)>> {
    // Times are compared without their ending: `…:00Z` and `…:00.5Z` are of one length then.
    let time =
        |at: &Option<Timestamp>| at.map(|at| at.to_string().trim_end_matches('Z').to_owned());
    db.prepare_cached(
        "select position, json, who from facts
         where who is not null and position < ?1 and (?2 is null or who = ?2) and (?3 is null or kind = ?3)
           and (?4 is null or at >= ?4) and (?5 is null or at < ?5)
         order by position desc limit ?6",
    )?
    .query_map(
        params![
            wanted.before.map_or(i64::MAX, stored),
            wanted.who,
            wanted.kind,
            time(&wanted.from),
            time(&wanted.to),
            bound(limit)
        ],
        |row| Ok((row.get(2)?, entry(row)?)),
    )?
    .collect()
}

/// Everybody who stands behind a fact, and the kinds of those facts, by name.
pub(crate) fn audited_names(db: &Connection) -> Result<(Vec<String>, Vec<String>)> {
    let names = |column: &str| -> Result<Vec<String>> {
        let select = format!(
            "select distinct {column} from facts where who is not null order by {column} limit 1000"
        );
        db.prepare_cached(&select)?.query_map([], |row| row.get(0))?.collect()
    };
    Ok((names("who")?, names("kind")?))
}

/// Hands every fact that is mentioned under a subject to `each`, in order.
pub(crate) fn each_mentioned(
    db: &Connection,
    subject: &Subject,
    from: Position,
    limit: usize,
    mut each: impl FnMut(Entry),
) -> Result<()> {
    let mut select = db.prepare_cached(
        "select facts.position, json from mentions join facts using (position)
         where subject = ?1 and position >= ?2 order by position limit ?3",
    )?;
    for found in select.query_map(params![subject.to_string(), from, bound(limit)], entry)? {
        each(found?);
    }
    Ok(())
}

/// The newest facts of a kind that are mentioned under a subject.
pub(crate) fn newest_of_kind(
    db: &Connection,
    subject: &Subject,
    kind: &str,
    limit: usize,
) -> Result<Vec<Entry>> {
    db.prepare_cached(
        "select facts.position, json from mentions join facts using (position)
         where subject = ?1 and kind = ?2 order by position desc limit ?3",
    )?
    .query_map(params![subject.to_string(), kind, bound(limit)], entry)?
    .collect()
}

pub(crate) fn mention(db: &Connection, subject: &Subject, position: Position) -> Result<()> {
    let row = params![subject.to_string(), position];
    run(db, "insert or ignore into mentions (subject, position) values (?1, ?2)", row)
}

/// Everything that is mentioned under one subject from a position on is mentioned under another too.
pub(crate) fn adopt(db: &Connection, from: &Subject, since: Position, to: &Subject) -> Result<()> {
    run(
        db,
        "insert or ignore into mentions (subject, position)
         select ?3, position from mentions where subject = ?1 and position >= ?2",
        params![from.to_string(), since, to.to_string()],
    )
}

/// The alert of a key that fires now.
pub(crate) fn firing(db: &Connection, key: &AlertKey) -> Result<Option<AlertId>> {
    let found: Option<Option<u64>> = db
        .prepare_cached("select alert from keys where key = ?1")?
        .query_row([key.to_string()], |row| row.get(0))
        .optional()?;
    Ok(found.flatten().map(AlertId))
}

pub(crate) fn set_firing(db: &Connection, key: &AlertKey, alert: Option<AlertId>) -> Result<()> {
    let row = params![key.to_string(), alert.map(|alert| alert.0)];
    run(
        db,
        "insert into keys (key, alert) values (?1, ?2)
         on conflict (key) do update set alert = ?2, pending_from = null",
        row,
    )
}

/// Since which position a key has been pending.
pub(crate) fn pending_from(db: &Connection, key: &AlertKey) -> Result<Option<Position>> {
    let found: Option<Option<Position>> = db
        .prepare_cached("select pending_from from keys where key = ?1")?
        .query_row([key.to_string()], |row| row.get(0))
        .optional()?;
    Ok(found.flatten())
}

pub(crate) fn set_pending(db: &Connection, key: &AlertKey, from: Position) -> Result<()> {
    run(
        db,
        "insert into keys (key, pending_from) values (?1, ?2)
         on conflict (key) do update set pending_from = coalesce(pending_from, ?2)",
        params![key.to_string(), from],
    )
}

pub(crate) fn alert(db: &Connection, id: AlertId) -> Result<Option<AlertSummary>> {
    db.prepare_cached("select row, incident from alerts where id = ?1")?
        .query_row([stored(id.0)], alert_row)
        .optional()
}

pub(crate) fn put_alert(db: &Connection, alert: &AlertSummary) -> Result<()> {
    let incident = alert.incident.map(|incident| incident.0);
    let (rule, key) = (alert.key.rule.as_str(), alert.key.to_string());
    run(
        db,
        "insert or replace into alerts (id, rule, key, open, incident, row) values (?1, ?2, ?3, ?4, ?5, ?6)",
        params![alert.id.0, rule, key, alert.resolved_at.is_none(), incident, json(alert)?],
    )
}

/// The newest alert of a key, or of a rule.
pub(crate) fn newest_alert(db: &Connection, name: &str) -> Result<Option<AlertSummary>> {
    db.prepare_cached(
        "select row, incident from alerts where key = ?1 or rule = ?1 order by id desc limit 1",
    )?
    .query_row([name], alert_row)
    .optional()
}

/// Newest first.
pub(crate) fn alerts(db: &Connection, only_open: bool, limit: usize) -> Result<Vec<AlertSummary>> {
    db.prepare_cached(
        "select row, incident from alerts where open >= ?1 order by id desc limit ?2",
    )?
    .query_map(params![only_open, bound(limit)], alert_row)?
    .collect()
}

/// Oldest first.
pub(crate) fn alerts_of(db: &Connection, incident: IncidentId) -> Result<Vec<AlertSummary>> {
    db.prepare_cached("select row, incident from alerts where incident = ?1 order by id")?
        .query_map([stored(incident.0)], alert_row)?
        .collect()
}

pub(crate) fn incident(db: &Connection, id: IncidentId) -> Result<Option<IncidentSummary>> {
    db.prepare_cached("select row from incidents where id = ?1")?
        .query_row([stored(id.0)], |row| parsed(row, 0))
        .optional()
}

pub(crate) fn put_incident(db: &Connection, incident: &IncidentSummary) -> Result<()> {
    let into = incident.merged_into.map(|into| into.0);
    run(
        db,
        "insert or replace into incidents (id, open, merged_into, row) values (?1, ?2, ?3, ?4)",
        params![incident.id.0, incident.is_open(), into, json(incident)?],
    )
}

/// Newest first.
pub(crate) fn incidents(
    db: &Connection,
    only_open: bool,
    limit: usize,
) -> Result<Vec<IncidentSummary>> {
    db.prepare_cached("select row from incidents where open >= ?1 order by id desc limit ?2")?
        .query_map(params![only_open, bound(limit)], |row| parsed(row, 0))?
        .collect()
}

/// The incident and those in which it went on.
pub(crate) fn survivors(db: &Connection, id: IncidentId) -> Result<Vec<IncidentId>> {
    let mut chain = vec![id];
    let mut select = db.prepare_cached("select merged_into from incidents where id = ?1")?;
    while let Some(last) = chain.last() {
        let into: Option<Option<u64>> =
            select.query_row([stored(last.0)], |row| row.get(0)).optional()?;
        match into.flatten().map(IncidentId) {
            Some(into) if !chain.contains(&into) => chain.push(into),
            _ => break,
        }
    }
    Ok(chain)
}

/// What belonged to one incident belongs to another.
pub(crate) fn hand_over(db: &Connection, gone: IncidentId, into: IncidentId) -> Result<()> {
    for table in ["alerts", "runs", "statements"] {
        let update = format!("update {table} set incident = ?2 where incident = ?1");
        run(db, &update, params![gone.0, into.0])?;
    }
    Ok(())
}

pub(crate) fn put_run(db: &Connection, planned: &RunPlanned, owner: Owner) -> Result<()> {
    run(
        db,
        "insert or replace into runs (id, runbook, target, alert, incident) values (?1, ?2, ?3, ?4, ?5)",
        params![
            planned.id.0,
            planned.runbook.as_str(),
            planned.target.as_str(),
            owner.alert.map(|id| id.0),
            owner.incident.map(|id| id.0)
        ],
    )
}

/// The runs that answer an alert serve its incident.
pub(crate) fn runs_join(db: &Connection, alert: AlertId, incident: IncidentId) -> Result<()> {
    run(db, "update runs set incident = ?2 where alert = ?1", params![alert.0, incident.0])
}

/// The target of a run, and what it belongs to.
pub(crate) fn run_owner(db: &Connection, id: RunId) -> Result<Option<(ServiceName, Owner)>> {
    db.prepare_cached("select alert, incident, target from runs where id = ?1")?
        .query_row([stored(id.0)], |row| Ok((row.get::<_, String>(2)?.into(), owner(row)?)))
        .optional()
}

/// Runs of a runbook or on a service, newest first; none: any.
pub(crate) fn runs(
    db: &Connection,
    runbook: Option<&RunbookName>,
    target: Option<&ServiceName>,
    limit: usize,
) -> Result<Vec<RunId>> {
    db.prepare_cached(
        "select id from runs where (?1 is null or runbook = ?1) and (?2 is null or target = ?2)
         order by id desc limit ?3",
    )?
    .query_map(
        params![runbook.map(RunbookName::as_str), target.map(ServiceName::as_str), bound(limit)],
        |row| row.get(0).map(RunId),
    )?
    .collect()
}

/// The newest run on a target.
pub(crate) fn newest_run(db: &Connection, target: &ServiceName) -> Result<Option<RunId>> {
    db.prepare_cached("select id from runs where target = ?1 order by id desc limit 1")?
        .query_row([target.as_str()], |row| row.get(0).map(RunId))
        .optional()
}

pub(crate) fn put_notice(db: &Connection, id: NoticeId, owner: Owner) -> Result<()> {
    run(
        db,
        "insert or replace into notices (id, alert, incident) values (?1, ?2, ?3)",
        params![id.0, owner.alert.map(|id| id.0), owner.incident.map(|id| id.0)],
    )
}

pub(crate) fn notice_owner(db: &Connection, id: NoticeId) -> Result<Option<Owner>> {
    db.prepare_cached("select alert, incident from notices where id = ?1")?
        .query_row([stored(id.0)], owner)
        .optional()
}

/// The notices of an incident, or all, newest first.
pub(crate) fn notices(
    db: &Connection,
    incident: Option<IncidentId>,
    limit: usize,
) -> Result<Vec<NoticeId>> {
    db.prepare_cached(
        "select id from notices where ?1 is null or incident = ?1 order by id desc limit ?2",
    )?
    .query_map(params![incident.map(|id| stored(id.0)), bound(limit)], |row| {
        row.get(0).map(NoticeId)
    })?
    .collect()
}

pub(crate) fn put_statement(
    db: &Connection,
    incident: IncidentId,
    statement: &Statement,
) -> Result<()> {
    let (id, released) = (statement.draft.0, statement.released_at.is_some());
    run(
        db,
        "insert or replace into statements (id, incident, released, row) values (?1, ?2, ?3, ?4)",
        params![id, incident.0, released, json(statement)?],
    )
}

/// A text for customers that was begun, and its incident.
pub(crate) fn statement(db: &Connection, id: DraftId) -> Result<Option<(IncidentId, Statement)>> {
    db.prepare_cached("select incident, row from statements where id = ?1")?
        .query_row([stored(id.0)], |row| Ok((row.get(0).map(IncidentId)?, parsed(row, 1)?)))
        .optional()
}

pub(crate) fn drop_statement(db: &Connection, id: DraftId) -> Result<()> {
    run(db, "delete from statements where id = ?1", [stored(id.0)])
}

/// What was released for customers about an incident, oldest first.
pub(crate) fn statements(db: &Connection, incident: IncidentId) -> Result<Vec<Statement>> {
    let mut found: Vec<Statement> = db
        .prepare_cached("select row from statements where incident = ?1 and released")?
        .query_map([stored(incident.0)], |row| parsed(row, 0))?
        .collect::<Result<_>>()?;
    found.sort_by_key(|statement| statement.released_at);
    Ok(found)
}

/// One number from a statement without parameters.
pub(crate) fn count(db: &Connection, select: &str) -> Result<u64> {
    db.prepare_cached(select)?.query_row([], |row| row.get(0))
}

/// A number or a position as SQLite keeps them. None of ours is larger than that: what asks for one finds nothing.
fn stored(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A limit as SQLite counts.
fn bound(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

fn run(db: &Connection, statement: &str, values: impl Params) -> Result<()> {
    db.prepare_cached(statement)?.execute(values).map(drop)
}

fn owner(row: &Row<'_>) -> Result<Owner> {
    let (alert, incident): (Option<u64>, Option<u64>) = (row.get(0)?, row.get(1)?);
    Ok(Owner { alert: alert.map(AlertId), incident: incident.map(IncidentId) })
}

fn entry(row: &Row<'_>) -> Result<Entry> {
    Ok(Entry { position: row.get(0)?, recorded: parsed(row, 1)? })
}

fn alert_row(row: &Row<'_>) -> Result<AlertSummary> {
    let summary: AlertSummary = parsed(row, 0)?;
    // The column is what a merge changes.
    Ok(AlertSummary { incident: row.get::<_, Option<u64>>(1)?.map(IncidentId), ..summary })
}

fn parsed<T: DeserializeOwned>(row: &Row<'_>, column: usize) -> Result<T> {
    let text = row.get_ref(column)?.as_str()?;
    serde_json::from_str(text)
        .map_err(|error| Error::FromSqlConversionFailure(column, Type::Text, Box::new(error)))
}

fn json(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|error| Error::ToSqlConversionFailure(Box::new(error)))
}
