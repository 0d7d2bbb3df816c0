//! Stories about the platform on a real PostgreSQL. Where none is installed they say so and end;
//! under CI that is a failure.

mod common;

use common::{Stage, get, until};
use std::time::Duration;
use tokio_postgres::{Client, Config, NoTls};

/// A platform with PostgreSQL, or none with the reason printed.
fn stage() -> Option<Stage> {
    if demo::is_postgres_installed() {
        return Some(Stage::open(true));
    }
    assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "{}", demo::DemoError::PostgresMissing);
    eprintln!("skipped: {}", demo::DemoError::PostgresMissing);
    None
}

impl Stage {
    fn health(&self) -> (u16, String) {
        self.ask(1, "/health").expect("api-1 answers")
    }

    async fn client(&self) -> Result<Client, tokio_postgres::Error> {
        let access = self.platform.database().expect("it has a database");
        let mut config = Config::new();
        config.host(&access.host).port(access.port).user(&access.user).dbname(&access.name);
        let (client, connection) = config.password(&access.password.0).connect(NoTls).await?;
        tokio::spawn(connection);
        Ok(client)
    }
}

#[test]
fn a_stopped_database_is_said_by_every_route_in_its_own_way_until_it_is_back() {
    let Some(mut stage) = stage() else { return };
    let (status, health) = stage.health();
    assert!(status == 200 && health.contains("\"database\":\"connected\""), "{health}");
    assert!(stage.visit("/api/stocks/7203.T").1.contains("トヨタ自動車"));
    assert!(stage.visit("/api/stocks/search?q=%E3%83%88%E3%83%A8%E3%82%BF").1.contains("7203.T"));
    assert!(stage.visit("/api/finance/stocks/7203.T/price?days=5").1.contains("close_price"));
    assert!(stage.visit("/api/finance/stocks/7203.T/predictions").1.contains("linear-40"));
    assert!(stage.visit("/api/market/summary").1.contains("\"recent_price_updates\":30"));
    let accuracy = stage.visit("/api/predictions/accuracy/summary").1;
    assert!(accuracy.contains("\"mape_percent\":") && !accuracy.contains("\"n\":0"), "{accuracy}");

    stage.set("database:stop");
    let (_, health) = until("it is seen", || stage.health(), |(status, _)| *status == 503);
    for part in ["\"status\":\"unhealthy\"", "\"database\":\"disconnected\"", "\"error\":"] {
        assert!(health.contains(part), "{health}");
    }
    let unavailable = (503, "{\"detail\":\"Database service unavailable\"}".to_owned());
    assert_eq!(stage.visit("/api/stocks/7203.T"), unavailable);
    assert_eq!(stage.visit("/api/market/summary").0, 500);
    let (status, rankings) = stage.visit("/api/finance/rankings/predictions");
    assert!(status == 200 && rankings.contains("\"status\":\"error\""), "{rankings}");
    assert!(stage.visit("/").1.contains("data-ready=\"false\""));

    stage.clear("database:stop");
    until("it is back", || stage.health().0, |status| *status == 200);
    until("data is back", || stage.visit("/api/stocks/7203.T").0, |status| *status == 200);

    let port = stage.platform.ports().database;
    let cluster = stage.platform.folder().postgres();
    let data = std::fs::canonicalize(&cluster).expect("the cluster is there");
    stage.platform.stop();
    assert!(std::net::TcpStream::connect(("127.0.0.1", port)).is_err(), "PostgreSQL is gone");
    assert!(!data.join("postmaster.pid").exists(), "and ended in order");
}

#[test]
fn a_sticky_pool_stays_broken_until_its_process_restarts() {
    // A57: the pool is renewed by a restart after the database answers.
    let Some(mut stage) = stage() else { return };
    stage.set("api-2:sticky-pool");
    assert_eq!(stage.ask(2, "/health").expect("answers").0, 200, "not broken yet");
    stage.set("database:stop");
    let health = |stage: &Stage, number| stage.ask(number, "/health").map(|(status, _)| status);
    until("the database is gone", || health(&stage, 2), |status| *status == Some(503));
    stage.clear("database:stop");
    until("the others are back", || health(&stage, 1), |status| *status == Some(200));
    let (status, body) = stage.ask(2, "/health").expect("answers");
    assert!(status == 503 && body.contains("restart the process"), "{body}");
    stage.set("api-2:kill");
    until("it is dead", || health(&stage, 2), Option::is_none);
    stage.platform.start_services(&|_| {}).expect("restarts");
    assert_eq!(health(&stage, 2), Some(200));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotated_password_a_read_only_database_and_a_lock_are_three_different_fires() {
    let Some(stage) = stage() else { return };
    let connect = async || stage.client().await.map_err(|error| error.code().cloned());

    stage.set("database:wrong-password");
    let health = || stage.health();
    until("the password is said", health, |(status, body)| {
        *status == 503 && body.contains("28P01")
    });
    let refused = connect().await.expect_err("the password is wrong");
    assert_eq!(refused.map(|code| code.code().to_owned()).as_deref(), Some("28P01"));
    stage.clear("database:wrong-password");
    until("it is right again", || stage.health().0, |status| *status == 200);

    let client = connect().await.expect("connects");
    let write = "UPDATE stock_master SET is_active = is_active WHERE symbol = '7203.T'";
    assert_eq!(client.execute(write, &[]).await.expect("writes"), 1);
    stage.set("database:read-only");
    let code = async || client.execute(write, &[]).await.err().and_then(|it| it.code().cloned());
    let refused = soon("writes are refused", code, Option::is_some).await;
    assert_eq!(refused.as_ref().map(|it| it.code()), Some("25006"));
    assert_eq!(stage.visit("/api/stocks/7203.T").0, 200, "reads are not");
    stage.clear("database:read-only");
    soon("writes are taken", code, Option::is_none).await;

    stage.set("database:lock");
    let blockers = "SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid) \
                    WHERE l.mode = 'AccessExclusiveLock' AND a.application_name = 'nightly-report'";
    let holders = async || client.query_one(blockers, &[]).await.expect("asks").get::<_, i64>(0);
    soon("the report holds its lock", holders, |count| *count == 1).await;
    let port = stage.platform.ports().api[0];
    let price = "/api/finance/stocks/7203.T/price";
    assert_eq!(get(port, price, Duration::from_millis(500)), None, "prices wait");
    assert_eq!(stage.health().0, 200, "the health check does not see it");
    stage.clear("database:lock");
    let prices = || stage.ask(1, price).map(|(status, _)| status);
    until("prices come again", prices, |status| *status == Some(200));
}

/// Asks again and again until it is so.
async fn soon<T>(what: &str, mut ask: impl AsyncFnMut() -> T, fits: impl Fn(&T) -> bool) -> T {
    let asking = async {
        loop {
            let answer = ask().await;
            if fits(&answer) {
                return answer;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(90), asking).await.expect(what)
}
