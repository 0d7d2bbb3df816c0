//! Stories of the `postgres_stats` and `sql` probes with a real PostgreSQL.

mod common;

use common::{again, cluster::Cluster, deps, look, number, spec, text};
use domain::reading::{Observation, Reading, Value};
use std::time::Duration;
use tokio::time::{Instant, sleep};
use tokio_postgres::{Client, NoTls};

const LONG: Duration = Duration::from_secs(60);

fn stats(cluster: &Cluster) -> String {
    cluster.spec("right", "").replace("kind: postgres", "kind: postgres_stats")
}

fn sql(cluster: &Cluster, query: &str) -> String {
    cluster.spec("right", &format!(", query: \"{query}\"")).replace("kind: postgres", "kind: sql")
}

async fn login(cluster: &Cluster) -> Client {
    let config = format!(
        "host=127.0.0.1 port={} user=app dbname=postgres password=right application_name=story",
        cluster.port
    );
    let (client, connection) =
        tokio_postgres::connect(&config, NoTls).await.expect("a free connection");
    tokio::spawn(connection);
    client
}

async fn say(client: &Client, sql: &str) {
    client.batch_execute(sql).await.expect(sql);
}

fn failed<'a>(seen: &'a Observation, name: &str) -> &'a str {
    match &seen.readings[name] {
        Reading::Failed(why) => &why.en,
        other => panic!("{name} was measured: {other}"),
    }
}

#[tokio::test]
async fn a_database_counts_its_connections_locks_and_long_work() {
    // A32, A56, B21.
    let Some(mut cluster) = Cluster::start() else { return };
    let mut probe = spec(&stats(&cluster)).make(&deps());
    let seen = again(&mut probe).await;
    assert_eq!(number(&seen, "max_connections"), 5.0, "{seen:?}");
    assert_eq!(number(&seen, "numbackends"), 1.0, "the probe itself");
    assert_eq!(
        (number(&seen, "connections_used_percent"), number(&seen, "connections_free")),
        (20.0, 4.0)
    );
    for name in [
        "xact_commit",
        "xact_rollback",
        "blks_read",
        "blks_hit",
        "deadlocks",
        "database_size_bytes",
    ] {
        assert!(number(&seen, name) >= 0.0, "{name}");
    }
    assert!((0.0..=100.0).contains(&number(&seen, "hit_ratio_percent")));
    assert_eq!(
        (number(&seen, "longest_query_seconds"), number(&seen, "locks_waiting")),
        (0.0, 0.0)
    );
    assert_eq!(text(&seen, "blocked_by"), "");
    for name in ["commits_per_s", "rollbacks_per_s", "replication_lag_seconds"] {
        assert!(matches!(seen.readings[name], Reading::Unknown(_)), "{name}: {seen:?}");
    }

    let holder = login(&cluster).await;
    say(&holder, "CREATE TABLE prices (n int)").await;
    say(&holder, "BEGIN; LOCK TABLE prices").await;
    let waiter = login(&cluster).await;
    let waiting = tokio::spawn(async move { waiter.batch_execute("SELECT n FROM prices").await });
    let seen = until(&mut probe, |seen| number(seen, "locks_waiting") >= 1.0).await;
    let who = text(&seen, "blocked_by");
    assert!(
        who.contains("(app) waits for pid") && who.contains("(app, idle in transaction)"),
        "{who}"
    );
    assert_eq!(number(&seen, "idle_in_transaction"), 1.0);
    assert!(number(&seen, "longest_transaction_seconds") > 0.0);
    assert!(number(&seen, "longest_query_seconds") > 0.0, "waiting counts as running");
    assert_eq!(number(&seen, "connections_free"), 2.0);
    assert!(number(&seen, "commits_per_s") >= 0.0 && number(&seen, "rollbacks_per_s") >= 0.0);
    assert_eq!(number(&seen, "xact_rollback"), 0.0, "looking rolls nothing back");

    say(&holder, "ROLLBACK").await;
    waiting.await.expect("joined").expect("free again");

    // A role that may not see the others says so, instead of seeing nobody.
    say(&holder, "CREATE ROLE modest LOGIN PASSWORD 'right'").await;
    let modest = stats(&cluster).replace("user: app", "user: modest");
    let seen = look(&modest).await;
    assert!(number(&seen, "connections_used_percent") >= 40.0, "{seen:?}");
    assert!(
        matches!(&seen.readings["idle_in_transaction"], Reading::Unknown(why) if why.en.contains("pg_monitor")),
        "{seen:?}"
    );

    all_taken(&cluster, holder).await;
    cluster.stop();
    let seen = again(&mut probe).await;
    assert!(failed(&seen, "connections_used_percent").contains("connection refused"), "{seen:?}");
}

/// Nobody can log in any more, which is the number that counts.
async fn all_taken(cluster: &Cluster, first: Client) {
    let mut held = vec![first];
    let config =
        format!("host=127.0.0.1 port={} user=app dbname=postgres password=right", cluster.port);
    while let Ok((client, connection)) = tokio_postgres::connect(&config, NoTls).await {
        tokio::spawn(connection);
        held.push(client);
        assert!(held.len() < 20, "the limit is five");
    }
    let seen = look(&stats(cluster)).await;
    assert_eq!(number(&seen, "connections_free"), 0.0, "{seen:?}");
    assert!(failed(&seen, "connections_used_percent").contains("too many clients"), "{seen:?}");
}

/// Looks until it is so; PostgreSQL takes its time to show what its other sessions do.
async fn until(
    probe: &mut Box<dyn probes::Probe>,
    is_so: impl Fn(&Observation) -> bool,
) -> Observation {
    let deadline = Instant::now() + LONG;
    loop {
        let seen = again(probe).await;
        if is_so(&seen) {
            return seen;
        }
        assert!(Instant::now() < deadline, "never: {seen:?}");
        sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn one_query_gives_one_value_and_nothing_is_ever_written() {
    let Some(cluster) = Cluster::start() else { return };
    let owner = login(&cluster).await;
    say(&owner, "CREATE TABLE prices (n int); INSERT INTO prices SELECT generate_series(1, 1000)")
        .await;

    let value = |seen: &Observation| seen.readings["value"].measured().cloned();
    let seen = look(&sql(&cluster, "select count(*) from prices")).await;
    assert_eq!(value(&seen), Some(Value::Number(1000.0)), "{seen:?}");
    let seen = look(&sql(&cluster, "select count(*) > 5 from prices")).await;
    assert_eq!(value(&seen), Some(Value::Flag(true)));
    let seen = look(&sql(&cluster, "select 'ok'")).await;
    assert_eq!(value(&seen), Some(Value::Text("ok".into())));

    for (query, why) in [
        ("select max(n) from prices where n < 0", "null"),
        ("select n from prices where n < 0", "no row"),
    ] {
        let seen = look(&sql(&cluster, query)).await;
        assert!(
            matches!(&seen.readings["value"], Reading::Unknown(said) if said.en.contains(why)),
            "{seen:?}"
        );
    }
    for (query, why) in [
        ("select n from prices", "more than one row"),
        ("select 1, 2", "2 columns"),
        ("select nothing from nowhere", "nowhere"),
        ("delete from prices", "read-only"),
        ("rollback; delete from prices", "multiple commands"),
    ] {
        let seen = look(&sql(&cluster, query)).await;
        assert!(failed(&seen, "value").contains(why), "{query}: {seen:?}");
    }
    let slow = sql(&cluster, "select pg_sleep(600)").replace('}', ", timeout: 300ms}");
    let seen = look(&slow).await;
    assert!(matches!(seen.readings["value"], Reading::Failed(_)), "{seen:?}");
    let seen = look(&sql(&cluster, "select count(*) from prices")).await;
    assert_eq!(value(&seen), Some(Value::Number(1000.0)), "all rows are still there");

    let seen = look(&sql(&cluster, "select 1").replace("password-right", "password-wrong")).await;
    assert!(matches!(seen.readings["value"], Reading::Failed(_)), "not asked is not zero");
}
