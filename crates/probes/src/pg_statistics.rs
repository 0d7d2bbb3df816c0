//! What PostgreSQL counts about itself, its sessions and locks: one query, and what its columns mean.

use crate::{
    outside::shown,
    read_only::{self, Row},
};
use domain::{reading::Reading, said::Said};

/// What others' sessions hide from a role without the right to see them.
const HIDDEN: [&str; 3] =
    ["longest_transaction_seconds", "longest_query_seconds", "idle_in_transaction"];

/// One row; the names of its columns are those of the readings. Without the right to see more, even the type
/// of another's session is null; then whoever has a user and a database is a client.
pub(crate) const SQL: &str = "
WITH mine AS (
  SELECT * FROM pg_stat_database WHERE datname = current_database()
), clients AS (
  SELECT * FROM pg_stat_activity WHERE coalesce(
    backend_type = 'client backend', usesysid IS NOT NULL AND datid IS NOT NULL)
), others AS (
  SELECT * FROM clients WHERE pid <> pg_backend_pid()
), rights AS (
  SELECT pg_has_role(current_user, 'pg_read_all_stats', 'USAGE') AS see_all
), room AS (
  SELECT current_setting('max_connections')::int AS most,
         current_setting('superuser_reserved_connections')::int
           + coalesce(current_setting('reserved_connections', true), '0')::int AS reserved
), blocked AS (
  SELECT format('pid %s (%s) waits for pid %s (%s, %s)',
                waiting.pid, waiting.usename, blocker, holder.usename,
                coalesce(holder.state, 'its state is hidden')) AS who
  FROM (SELECT DISTINCT pid FROM pg_locks WHERE NOT granted) AS wanted
  JOIN pg_stat_activity AS waiting USING (pid)
  CROSS JOIN LATERAL unnest(pg_blocking_pids(waiting.pid)) AS blocker
  LEFT JOIN pg_stat_activity AS holder ON holder.pid = blocker
  ORDER BY waiting.query_start LIMIT 3
)
SELECT
  100.0 * (SELECT count(*) FROM clients) / most AS connections_used_percent,
  greatest(0, most - reserved - (SELECT count(*) FROM clients)) AS connections_free,
  most AS max_connections,
  numbackends, xact_commit, xact_rollback, blks_read, blks_hit, deadlocks,
  100.0 * blks_hit / nullif(blks_hit + blks_read, 0) AS hit_ratio_percent,
  100.0 * xact_rollback / nullif(xact_rollback + xact_commit, 0) AS rollback_ratio_percent,
  CASE WHEN see_all THEN (SELECT coalesce(extract(epoch FROM max(clock_timestamp() - xact_start)), 0)
    FROM others) END AS longest_transaction_seconds,
  CASE WHEN see_all THEN (SELECT coalesce(extract(epoch FROM max(clock_timestamp() - query_start)), 0)
    FROM others WHERE state = 'active') END AS longest_query_seconds,
  CASE WHEN see_all THEN (SELECT count(*) FROM others
    WHERE state LIKE 'idle in transaction%') END AS idle_in_transaction,
  (SELECT count(*) FROM pg_locks WHERE NOT granted) AS locks_waiting,
  (SELECT string_agg(who, '; ') FROM blocked) AS blocked_by,
  CASE
    WHEN NOT pg_is_in_recovery() THEN NULL
    WHEN pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn()
      AND EXISTS (SELECT FROM pg_stat_wal_receiver WHERE pid IS NOT NULL) THEN 0
    ELSE extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp())
  END AS replication_lag_seconds,
  pg_database_size(current_database()) AS database_size_bytes
FROM mine, rights, room";

/// The readings of the row, by the names of its columns. Who blocks whom is there only while somebody does.
pub(crate) fn readings(row: &Row) -> impl Iterator<Item = (&str, Reading)> {
    row.iter().filter_map(|(name, value)| {
        let reading = match (name.as_str(), value) {
            ("blocked_by", None) => return None,
            ("blocked_by", Some(text)) => Reading::text(shown(text)),
            (_, Some(text)) => Reading::Measured(read_only::value(text)),
            (_, None) => Reading::Unknown(why_null(name)),
        };
        Some((name.as_str(), reading))
    })
}

fn why_null(name: &str) -> Said {
    match name {
        "replication_lag_seconds" => Said::new(
            "このサーバーはスタンバイではないか、まだ何も再生していません",
            "this server is no standby, or has replayed nothing yet",
        ),
        hidden if HIDDEN.contains(&hidden) => Said::new(
            "このユーザーには他のセッションが見えません。pg_monitor を付与してください",
            "this user may not see the sessions of others; grant pg_monitor to it",
        ),
        _ => Said::new("PostgreSQL がまだ何も数えていません", "PostgreSQL has counted nothing yet"),
    }
}
