//! What a database is slow at: from its own statistics where it keeps them, else from what runs now.

use crate::{cleaner::Cleaner, part::PART_LIMIT, pattern};
use probes::database::{Database, Row};
use serde::Serialize;

/// So many are named.
const NAMED: usize = 10;

/// A query that takes long.
#[derive(Clone, Debug, Default, Serialize)]
pub struct SlowQuery {
    /// The database's address.
    pub database: String,
    /// `pg_stat_statements`: all since the statistics began; `pg_stat_activity`: what runs now.
    pub seen_in: &'static str,
    /// The query without its values.
    pub query: String,
    /// How often it ran.
    pub calls: Option<f64>,
    /// How long it takes.
    pub mean_ms: Option<f64>,
    /// How long it took at worst.
    pub max_ms: Option<f64>,
    /// How long all of its runs took together.
    pub total_ms: Option<f64>,
    /// How long it has been running.
    pub running_ms: Option<f64>,
    /// What it waits for now.
    pub waits_for: Option<String>,
    /// The session that runs it.
    pub pid: Option<f64>,
    /// Who runs it.
    pub user: Option<String>,
}

/// The connections of one user, application and state.
#[derive(Clone, Debug, Serialize)]
pub struct Connections {
    /// The database's address.
    pub database: String,
    /// Who.
    pub user: Option<String>,
    /// From which program, as it says itself.
    pub application: Option<String>,
    /// `active`, `idle`, `idle in transaction` and so on; null when it is hidden.
    pub state: Option<String>,
    /// How many.
    pub count: Option<f64>,
    /// The most connections that the server takes.
    pub max_connections: Option<f64>,
}

const HAS_KEPT: &str = "SELECT 1 FROM pg_extension WHERE extname = 'pg_stat_statements'";

const KEPT: &str = "
SELECT query, calls, mean_exec_time AS mean_ms, max_exec_time AS max_ms, total_exec_time AS total_ms
FROM pg_stat_statements JOIN pg_database ON pg_database.oid = dbid
WHERE datname = current_database() ORDER BY mean_exec_time DESC LIMIT 10";

const RUNNING: &str = "
SELECT pid, usename AS user, query, wait_event_type || ': ' || wait_event AS waits_for,
       1000 * extract(epoch FROM clock_timestamp() - query_start) AS running_ms
FROM pg_stat_activity
WHERE state = 'active' AND pid <> pg_backend_pid() AND datname = current_database()
  AND application_name <> 'hikeshi'
ORDER BY query_start LIMIT 10";

const CONNECTIONS: &str = "
SELECT usename AS user, application_name AS application, state, count(*) AS count,
       current_setting('max_connections') AS max_connections
FROM pg_stat_activity WHERE datname = current_database()
GROUP BY 1, 2, 3, 5 ORDER BY 4 DESC LIMIT 20";

/// The slowest queries of a database.
pub(crate) async fn slow(database: &Database, cleaner: &Cleaner) -> Result<Vec<SlowQuery>, String> {
    // To ask for what is not there would count among the rollbacks that others watch.
    let has_kept =
        !database.ask(HAS_KEPT, 1, PART_LIMIT / 3).await.map_err(|why| why.en)?.is_empty();
    // There, it may still not be loaded; then what runs now must do, as without it.
    let kept = match has_kept {
        true => database.ask(KEPT, NAMED, PART_LIMIT / 3).await.ok(),
        false => None,
    };
    let (seen_in, rows) = match kept {
        Some(rows) => ("pg_stat_statements", rows),
        None => (
            "pg_stat_activity",
            database.ask(RUNNING, NAMED, PART_LIMIT / 3).await.map_err(|why| why.en)?,
        ),
    };
    let query = |row: &Row| SlowQuery {
        database: database.address(),
        seen_in,
        query: cleaner.clean(&pattern::of(text(row, "query").unwrap_or_default())),
        calls: number(row, "calls"),
        mean_ms: number(row, "mean_ms"),
        max_ms: number(row, "max_ms"),
        total_ms: number(row, "total_ms"),
        running_ms: number(row, "running_ms"),
        waits_for: text(row, "waits_for").map(str::to_owned),
        pid: number(row, "pid"),
        user: text(row, "user").map(|user| cleaner.clean(user)),
    };
    Ok(rows.iter().map(query).collect())
}

/// Who is connected to a database.
pub(crate) async fn connections(
    database: &Database,
    cleaner: &Cleaner,
) -> Result<Vec<Connections>, String> {
    let rows = database.ask(CONNECTIONS, 20, PART_LIMIT).await.map_err(|why| why.en)?;
    let clean = |row: &Row, name: &str| text(row, name).map(|text| cleaner.clean(text));
    let group = |row: &Row| Connections {
        database: database.address(),
        user: clean(row, "user"),
        application: clean(row, "application").filter(|name| !name.is_empty()),
        state: clean(row, "state"),
        count: number(row, "count"),
        max_connections: number(row, "max_connections"),
    };
    Ok(rows.iter().map(group).collect())
}

fn text<'r>(row: &'r Row, name: &str) -> Option<&'r str> {
    row.iter().find(|(column, _)| column == name)?.1.as_deref()
}

fn number(row: &Row, name: &str) -> Option<f64> {
    text(row, name)?.parse().ok().filter(|number: &f64| number.is_finite())
}
