//! Stories of the `postgres` probe with a real PostgreSQL of the system's own binaries.

mod common;

use common::{cluster::Cluster, look, number, text, up};
use domain::reading::{Reading, Value};

#[tokio::test]
async fn a_database_and_all_the_ways_in_which_it_fails() {
    // B2, C4 and faults 9, 10, 14.
    let Some(mut cluster) = Cluster::start() else { return };
    let queries = ", write_probe: true, queries: {two: select 1 + 1, yes: select true, none: select null::int, \
                   broken: select nothing from nowhere, writes: create table t (n int)}";
    let seen = look(&cluster.spec("right", queries)).await;
    assert_eq!(up(&seen), Some(true), "{seen:?}");
    assert_eq!(seen.readings["writable"], Reading::flag(true));
    assert_eq!(number(&seen, "two"), 2.0);
    assert_eq!(seen.readings["yes"].measured(), Some(&Value::Flag(true)));
    assert!(matches!(seen.readings["none"], Reading::Unknown(_)));
    assert!(
        matches!(&seen.readings["broken"], Reading::Failed(why) if why.en.contains("nowhere")),
        "{seen:?}"
    );
    assert!(
        matches!(&seen.readings["writes"], Reading::Failed(why) if why.en.contains("read-only")),
        "{seen:?}"
    );
    for step in ["resolve", "connect", "authenticate", "query", "write"] {
        assert!(number(&seen, &format!("step_{step}_ms")) >= 0.0);
    }

    let seen = look(&cluster.spec("wrong", "")).await;
    assert_eq!((up(&seen), text(&seen, "cause").as_str()), (Some(false), "auth"), "{seen:?}");
    assert!(!format!("{seen:?}").contains("wrong"), "the password is never shown");
    let seen = look(&cluster.spec("right", ", tls: require")).await;
    assert_eq!(text(&seen, "cause"), "tls", "{seen:?}");
    let seen =
        look(&cluster.spec("right", "").replace("database: postgres", "database: nothing")).await;
    assert_eq!(text(&seen, "cause"), "no_database");
    let seen = look(&cluster.spec("right", "").replace("password-right", "password-gone")).await;
    assert_eq!(up(&seen), None, "without its secret the probe cannot look");

    too_many_clients(&cluster).await;

    cluster.stop();
    let seen = look(&cluster.spec("right", ", queries: {two: select 2}")).await;
    assert_eq!((up(&seen), text(&seen, "cause").as_str()), (Some(false), "refused"));
    assert!(matches!(seen.readings["two"], Reading::Failed(_)), "not asked is not zero");

    // SELECT 1 is green, and still nobody can write.
    cluster.boot(&["default_transaction_read_only=on"]);
    assert_eq!(up(&look(&cluster.spec("right", "")).await), Some(true));
    let seen = look(&cluster.spec("right", ", write_probe: true, queries: {two: select 2}")).await;
    assert_eq!((up(&seen), text(&seen, "cause").as_str()), (Some(false), "read_only"), "{seen:?}");
    assert_eq!((&seen.readings["writable"], number(&seen, "two")), (&Reading::flag(false), 2.0));
}

async fn too_many_clients(cluster: &Cluster) {
    let config =
        format!("host=127.0.0.1 port={} user=app dbname=postgres password=right", cluster.port);
    let mut held = Vec::new();
    while let Ok((client, connection)) =
        tokio_postgres::connect(&config, tokio_postgres::NoTls).await
    {
        tokio::spawn(connection);
        held.push(client);
        assert!(held.len() < 20, "the limit is five");
    }
    let seen = look(&cluster.spec("right", "")).await;
    assert_eq!(
        (up(&seen), text(&seen, "cause").as_str()),
        (Some(false), "too_many_clients"),
        "{seen:?}"
    );
}

#[tokio::test]
async fn a_port_that_accepts_and_says_nothing_is_a_timeout() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("its address").port();
    let seen =
        look(&format!("{{kind: postgres, service: db, port: {port}, user: app, timeout: 200ms}}"))
            .await;
    assert_eq!((up(&seen), text(&seen, "cause").as_str()), (Some(false), "timeout"));
    assert_eq!(number(&seen, "latency_ms"), 200.0);
    assert!(seen.detail.expect("a reason").en.contains("authenticate"), "it names the step");
}
