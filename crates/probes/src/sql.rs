//! Probe kind `sql`: one value that a PostgreSQL database answers to one query.

use crate::{
    login::{self, Steps, Stop, Target},
    probe::{Kind, Probe, Seat, Settings},
    reach::Wrong,
    read_only::{self, Row},
};
use domain::reading::{Observation, Reading};
use domain::said::Said;
use futures::future::BoxFuture;
use source::{Fields, Problems, Secret};
use std::sync::Arc;
use tokio::time::timeout;

/// The row of the table.
pub(crate) const KIND: Kind = Kind {
    name: "sql",
    summary: (
        "PostgreSQL に一つの値を問い合わせる (読み取りのみ)",
        "asks PostgreSQL for one value, read only",
    ),
    example: "\
kind: sql
service: db
host: 127.0.0.1
user: hikeshi
database: miraikakaku
password_env: HIKESHI_DB_PASSWORD    # or password_file: PATH
query: select count(*) from stock_prices where close_price is null
every: 1m
timeout: 5s
",
    readings: &[(
        "value",
        "答え: 数、true / false、または語",
        "the answer: a number, true or false, or a word",
    )],
    parse,
};

#[derive(Clone, Debug)]
struct Sql {
    target: Target,
    query: String,
}

fn parse(fields: &mut Fields<'_>, problems: &mut Problems) -> Option<Arc<dyn Settings>> {
    let target = Target::take(fields, problems);
    let query = fields.required("query", problems).and_then(|node| node.text(problems));
    Some(Arc::new(Sql { target: target?, query: query? }))
}

impl Settings for Sql {
    fn make(&self, seat: Seat) -> Box<dyn Probe> {
        Box::new(Looking { seat, settings: self.clone() })
    }

    fn secrets(&self) -> Vec<Secret> {
        self.target.secrets()
    }
}

struct Looking {
    seat: Seat,
    settings: Sql,
}

impl Probe for Looking {
    fn look(&mut self) -> BoxFuture<'_, Vec<Observation>> {
        Box::pin(async move {
            let limit = self.seat.timeout;
            let mut steps = Steps::default();
            let rows = match timeout(limit, self.ask(&mut steps)).await {
                Ok(rows) => rows,
                Err(_) => {
                    let step = steps.unfinished();
                    Err(Stop::Failed(Said::new(
                        format!("{limit:?} 以内に応答なし (段階 {step})"),
                        format!("no answer within {limit:?} in the step {step}"),
                    )))
                }
            };
            let reading = match rows {
                Ok(rows) => single(&rows),
                Err(Stop::Failed(why)) => Reading::Failed(why),
                Err(Stop::Wrong(wrong)) => Reading::Failed(said(&self.settings.target, &wrong)),
            };
            let detail = reading.said();
            vec![self.seat.observation().with("value", reading).because(detail)]
        })
    }
}

impl Looking {
    async fn ask(&self, steps: &mut Steps) -> Result<Vec<Row>, Stop> {
        let session = login::open(&self.seat.reader(), &self.settings.target, steps).await?;
        steps.begin("query");
        // Two rows are enough to know that it is not one.
        let rows = read_only::rows(&session, &self.settings.query, self.seat.timeout, 2).await;
        session.close().await;
        Ok(rows?)
    }
}

fn said(target: &Target, wrong: &Wrong) -> Said {
    let Target { host, port, database, .. } = target;
    wrong.detail.within(|why| format!("{host}:{port}/{database}: {why}"))
}

/// The value of an answer that has one row with one column.
fn single(rows: &[Row]) -> Reading {
    let [row] = rows else {
        return match rows {
            [] => {
                Reading::Unknown(Said::new("クエリの結果に行がありません", "the query has no row"))
            }
            _ => Reading::Failed(Said::new(
                "クエリの結果が複数行です。1 行になるクエリを書いてください",
                "the query has more than one row; write one that has one",
            )),
        };
    };
    match row.as_slice() {
        [(_, Some(text))] => Reading::Measured(read_only::value(text)),
        [(_, None)] => {
            Reading::Unknown(Said::new("クエリの値が null です", "the query's value is null"))
        }
        columns => Reading::Failed(Said::new(
            format!("クエリの結果が {} 列です。1 列になるクエリを書いてください", columns.len()),
            format!("the query has {} columns; write one that has one", columns.len()),
        )),
    }
}
