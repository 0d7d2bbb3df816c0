//! Stories of surveys with a real PostgreSQL.

mod common;

use common::{cleaner, cluster::Cluster, deps, spec};
use jiff::Timestamp;
use std::time::Duration;
use survey::{Status, db, perf};
use tokio::time::{Instant, sleep};
use tokio_postgres::{Client, NoTls};

const PATIENCE: Duration = Duration::from_secs(60);

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

#[tokio::test]
async fn a_database_is_entered_step_by_step_and_counts_itself() {
    // A32, A56.
    let Some(mut cluster) = Cluster::start() else { return };
    cluster.stop();
    cluster.boot(&["max_connections=20"]);
    let specs = [spec("db/login", &cluster.spec("right", ""))];
    let found = db(&specs, &deps(), Timestamp::now(), &cleaner()).await.expect("a database");
    assert_eq!(found.status, Status::Ok, "{found:?}");
    let names: Vec<_> = found.first.steps.iter().map(|step| step.name).collect();
    assert_eq!(names, ["dns", "tcp", "tls", "auth", "query", "provider_state"]);
    for step in &found.first.steps[..5] {
        assert_eq!((step.ok, step.error.as_deref()), (Some(true), None), "{step:?}");
        assert!(step.ms.is_some_and(|ms| ms >= 0.0));
    }
    assert_eq!(found.first.steps[5].ok, None, "no provider is configured");
    let json = serde_json::to_value(&found).expect("plain data");
    for name in
        ["numbackends", "xact_commit", "xact_rollback", "blks_read", "blks_hit", "deadlocks"]
    {
        assert!(json["database"][name].is_u64(), "{name}: {json}");
    }
    for name in ["hit_ratio_percent", "connections_free", "longest_transaction_seconds"] {
        assert!(json["database"][name].is_number(), "{name}: {json}");
    }
    // A counter only grows: what was told is not more than what is counted now.
    let client = login(&cluster).await;
    let sql = "SELECT blks_hit FROM pg_stat_database WHERE datname = current_database()";
    let counted: i64 = client.query_one(sql, &[]).await.expect("counted").get(0);
    assert!(json["database"]["blks_hit"].as_i64().is_some_and(|told| told <= counted), "A32");

    let wrong = [spec("db/login", &cluster.spec("wrong", ""))];
    let refused = db(&wrong, &deps(), Timestamp::now(), &cleaner()).await.expect("a database");
    let step = &refused.first.steps[3];
    assert_eq!((refused.status, step.name, step.ok), (Status::Failed, "auth", Some(false)));
    assert!(step.error.as_deref().is_some_and(|why| why.contains("password")), "{step:?}");
}

#[tokio::test]
async fn slow_queries_and_locks_are_named_and_a_database_that_is_gone_hides_nothing_else() {
    // A31.
    let Some(mut cluster) = Cluster::start() else { return };
    cluster.stop();
    cluster.boot(&["max_connections=20"]);
    let (holder, waiting, slow) =
        (login(&cluster).await, login(&cluster).await, login(&cluster).await);
    holder.batch_execute("CREATE TABLE prices (code int, name text)").await.expect("made");
    holder.batch_execute("BEGIN; LOCK TABLE prices").await.expect("locked");
    tokio::spawn(async move {
        let sql = "SELECT code FROM prices WHERE name = 'secret of a customer'";
        let _ = waiting.simple_query(sql).await;
    });
    tokio::spawn(async move {
        let _ = slow.simple_query("SELECT pg_sleep(300), 'secret of a customer'").await;
    });
    let specs = [spec(
        "db/stats",
        &cluster.spec("right", "").replace("kind: postgres", "kind: postgres_stats"),
    )];
    let deadline = Instant::now() + PATIENCE;
    let found = loop {
        let found = perf(&specs, &deps(), "/nowhere".into(), Timestamp::now(), &cleaner()).await;
        let is_there = found.slow_queries.iter().any(|query| query.query.contains("pg_sleep"));
        if is_there && !found.locks.is_empty() {
            break found;
        }
        assert!(Instant::now() < deadline, "{found:?}");
        sleep(Duration::from_millis(50)).await;
    };
    assert_eq!(found.status, Status::Ok, "{:?}", found.probes);
    let query = found.slow_queries.iter().find(|query| query.query.contains("pg_sleep"));
    let query = query.expect("seen above");
    assert_eq!(query.seen_in, "pg_stat_activity");
    assert!(query.running_ms.is_some_and(|ms| ms > 0.0), "{query:?}");
    let lock = &found.locks[0];
    assert_eq!(lock["object"].as_deref(), Some("prices"), "{lock:?}");
    assert_eq!(lock["blocking_state"].as_deref(), Some("idle in transaction"));
    assert!(found.connections.iter().any(|group| group.application.as_deref() == Some("story")));
    let told = serde_json::to_string(&found).expect("plain data");
    assert!(!told.contains("secret of a customer"), "values of queries belong to customers");

    cluster.stop();
    let found = perf(&specs, &deps(), "/nowhere".into(), Timestamp::now(), &cleaner()).await;
    assert_eq!(found.status, Status::Degraded);
    assert!(found.probes.iter().any(|part| part.name == "locks" && part.error.is_some()));
    assert!(found.processes.is_some());
}
