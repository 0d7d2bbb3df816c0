//! Probe kind `postgres`: logs in as an application would, asks, writes if told to, and names what fails.

use crate::{
    database::Entrance,
    login::{self, Session, Steps, Stop, Target},
    probe::{Kind, Probe, ReadingMeaning, Seat, Settings},
    reach::Wrong,
    read_only,
    subject::Subject,
};
use domain::{
    reading::{Observation, Reading},
    said::Said,
};
use futures::future::BoxFuture;
use source::{Fields, Problems, Secret};
use std::{sync::Arc, time::Duration};
use tokio::time::{Instant, timeout};

/// The row of the table.
pub(crate) const KIND: Kind = Kind {
    name: "postgres",
    summary: (
        "PostgreSQL にログインし、問い合わせと (指定すれば) 書き込みができるかを見る",
        "logs in to PostgreSQL, asks, and writes if told to",
    ),
    example: "\
kind: postgres
service: db
host: 127.0.0.1
port: 5432
user: hikeshi
database: miraikakaku
password_env: HIKESHI_DB_PASSWORD    # or password_file: PATH
tls: prefer                          # off, prefer or require
write_probe: true                    # a temporary table, rolled back
queries:                             # one number or flag each, read only
  price_age_hours: select extract(epoch from now() - max(created_at)) / 3600 from stock_prices
  connections: select count(*) from pg_stat_activity
every: 10s
",
    readings: READINGS,
    parse,
};

const READINGS: &[ReadingMeaning] = &[
    (
        "up",
        "ログインと SELECT 1 (指定すれば書き込みも) ができるか",
        "whether login, SELECT 1 and, if told to, a write work",
    ),
    (
        "cause",
        "できない原因: dns refused unreachable timeout reset tls auth no_database too_many_clients starting read_only disk_full query garbage",
        "why not: dns refused unreachable timeout reset tls auth no_database too_many_clients starting read_only disk_full query garbage",
    ),
    (
        "latency_ms",
        "接続から確認までの時間。時間切れならその制限時間",
        "time from connecting to the end; the timeout when it is exceeded",
    ),
    (
        "writable",
        "書き込めるか (write_probe のとき)",
        "whether it can be written to, with write_probe",
    ),
    ("step_secret_ms", "パスワードの取得時間", "time to get the password"),
    ("step_resolve_ms", "名前解決の時間", "time to resolve the name"),
    ("step_connect_ms", "接続の時間", "time to connect"),
    ("step_authenticate_ms", "TLS と認証の時間", "time for TLS and authentication"),
    ("step_query_ms", "SELECT 1 の時間", "time for SELECT 1"),
    ("step_write_ms", "書き込み確認の時間", "time for the write"),
];

#[derive(Clone, Debug)]
struct Postgres {
    target: Target,
    write_probe: bool,
    queries: Vec<(String, String)>,
}

fn parse(fields: &mut Fields<'_>, problems: &mut Problems) -> Option<Arc<dyn Settings>> {
    let target = Target::take(fields, problems);
    let write_probe = fields.flag_or("write_probe", false, problems);
    let queries = queries(fields, problems);
    Some(Arc::new(Postgres { target: target?, write_probe, queries }))
}

fn queries(fields: &mut Fields<'_>, problems: &mut Problems) -> Vec<(String, String)> {
    let Some(entries) = fields.optional("queries").and_then(|node| node.entries(problems)) else {
        return Vec::new();
    };
    let mut queries = Vec::new();
    for (name, place, node) in entries {
        if READINGS.iter().any(|(taken, ..)| taken == name) {
            let message = Said::new(
                format!("`{name}` は既にある名前です"),
                format!("`{name}` is a reading of this probe already"),
            );
            problems.add(place, message);
        }
        queries.extend(node.text(problems).map(|sql| (name.clone(), sql)));
    }
    queries
}

impl Settings for Postgres {
    fn make(&self, seat: Seat) -> Box<dyn Probe> {
        Box::new(Looking { seat, settings: self.clone() })
    }

    fn own_readings(&self) -> Vec<String> {
        self.queries.iter().map(|(name, _)| name.clone()).collect()
    }

    fn secrets(&self) -> Vec<Secret> {
        self.target.secrets()
    }

    fn subject(&self) -> Subject {
        Subject::Database(Entrance::new(self.target.clone()))
    }
}

struct Looking {
    seat: Seat,
    settings: Postgres,
}

impl Probe for Looking {
    fn look(&mut self) -> BoxFuture<'_, Vec<Observation>> {
        Box::pin(async move { vec![self.run().await] })
    }
}

impl Looking {
    async fn run(&self) -> Observation {
        let begun = Instant::now();
        let mut steps = Steps::default();
        let outcome = timeout(self.seat.timeout, self.enter(&mut steps)).await;
        let limit = self.seat.timeout;
        let outcome = outcome.unwrap_or_else(|_| {
            let detail = Said::new(
                format!("{limit:?} 以内に応答なし (段階 {})", steps.unfinished()),
                format!("no answer within {limit:?} in the step {}", steps.unfinished()),
            );
            Err(Stop::Wrong(Wrong::new("timeout", detail)))
        });
        let spent = begun.elapsed().as_secs_f64() * 1000.0;
        let seen = self.seat.observation();
        match outcome {
            Err(Stop::Failed(why)) => self.seat.failed("up", why),
            Err(Stop::Wrong(wrong)) => {
                let spent =
                    if wrong.cause == "timeout" { limit.as_secs_f64() * 1000.0 } else { spent };
                self.unasked(judged(with_steps(seen, &steps), Some(wrong), spent))
            }
            Ok((session, write)) => {
                let seen = self.ask_all(&session, with_steps(seen, &steps), begun).await;
                session.close().await;
                let (seen, wrong) = with_write(seen, write);
                judged(seen, wrong, spent)
            }
        }
    }

    /// Logs in, asks and writes. The write has its own outcome: reading may work where writing does not.
    async fn enter(&self, steps: &mut Steps) -> Result<(Session, Option<Result<(), Wrong>>), Stop> {
        let session = login::open(&self.seat.reader(), &self.settings.target, steps).await?;
        steps.begin("query");
        // The server, too, gives up: a look that was cut must not leave a statement running there.
        let limit_ms = self.seat.timeout.as_millis().max(1);
        let first = format!("SET statement_timeout = {limit_ms}; SELECT 1");
        session.client().simple_query(&first).await.map_err(|error| login::wrong(&error))?;
        let mut write = None;
        if self.settings.write_probe {
            steps.begin("write");
            let sql = "BEGIN; CREATE TEMPORARY TABLE hikeshi_write_probe (n int) ON COMMIT DROP; \
                       INSERT INTO hikeshi_write_probe VALUES (1); ROLLBACK";
            let outcome = session.client().simple_query(sql).await;
            write = Some(outcome.map(drop).map_err(|error| login::wrong(&error)));
            if write.as_ref().is_some_and(Result::is_err) {
                // Only ends the failed transaction; if that fails too, the queries below will say so.
                let _ = session.client().simple_query("ROLLBACK").await;
            }
        }
        steps.end();
        Ok((session, write))
    }

    async fn ask_all(
        &self,
        session: &Session,
        mut seen: Observation,
        begun: Instant,
    ) -> Observation {
        for (name, sql) in &self.settings.queries {
            let left = self.seat.timeout.saturating_sub(begun.elapsed());
            let reading = match timeout(left, ask(session, sql, left)).await {
                Ok(reading) => reading,
                Err(_) => Reading::Failed(Said::new(
                    format!("{:?} 以内に応答なし", self.seat.timeout),
                    format!("no answer within {:?}", self.seat.timeout),
                )),
            };
            seen = seen.with(name, reading);
        }
        seen
    }

    /// Without a session the queries were not asked.
    fn unasked(&self, mut seen: Observation) -> Observation {
        for (name, _) in &self.settings.queries {
            seen = seen.with(
                name,
                Reading::Failed(Said::new(
                    "データベースに接続できません",
                    "no connection to the database",
                )),
            );
        }
        if self.settings.write_probe {
            seen = seen.with(
                "writable",
                Reading::Failed(Said::new(
                    "データベースに接続できません",
                    "no connection to the database",
                )),
            );
        }
        seen
    }
}

fn with_steps(mut seen: Observation, steps: &Steps) -> Observation {
    for (step, ms) in steps.done() {
        seen = seen.with(&format!("step_{step}_ms"), Reading::number(*ms));
    }
    seen
}

fn with_write(seen: Observation, write: Option<Result<(), Wrong>>) -> (Observation, Option<Wrong>) {
    match write {
        None => (seen, None),
        Some(Ok(())) => (seen.with("writable", Reading::flag(true)), None),
        // This user may not even try, which says nothing about whether others can write.
        Some(Err(wrong)) if wrong.cause == "privilege" => {
            (seen.with("writable", Reading::Failed(wrong.detail)), None)
        }
        Some(Err(wrong)) => (seen.with("writable", Reading::flag(false)), Some(wrong)),
    }
}

fn judged(seen: Observation, wrong: Option<Wrong>, spent_ms: f64) -> Observation {
    let seen = seen
        .with("up", Reading::flag(wrong.is_none()))
        .with("latency_ms", Reading::number(spent_ms));
    match wrong {
        Some(wrong) => seen.with("cause", Reading::text(wrong.cause)).because(wrong.detail),
        None => seen.because(Said::new("ログインとクエリは正常", "login and query work")),
    }
}

/// The first value of the first row.
async fn ask(session: &Session, sql: &str, limit: Duration) -> Reading {
    match read_only::rows(session, sql, limit, 1).await {
        Err(wrong) => Reading::Failed(wrong.detail),
        Ok(rows) => {
            match rows.first().map(|row| row.first().and_then(|(_, value)| value.as_deref())) {
                None => Reading::Unknown(Said::new(
                    "クエリの結果に行がありません",
                    "the query has no row",
                )),
                Some(None) => Reading::Unknown(Said::new(
                    "クエリの値が null です",
                    "the query's value is null",
                )),
                Some(Some(text)) => Reading::Measured(read_only::value(text)),
            }
        }
    }
}
