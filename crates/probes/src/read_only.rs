//! One SQL query that can only read: one statement, in a read-only transaction, with a time limit of its own.

use crate::{
    login::{self, Session},
    outside::shown,
    reach::Wrong,
};
use domain::reading::Value;
use futures::TryStreamExt;
use std::time::Duration;
use tokio_postgres::{Error, SimpleQueryMessage, SimpleQueryRow};

/// A row: the names of its columns with their values as text, nothing where it is null.
pub type Row = Vec<(String, Option<String>)>;

/// The first rows of the answer.
///
/// # Errors
/// The query failed, was too slow, or would write.
pub(crate) async fn rows(
    session: &Session,
    sql: &str,
    limit: Duration,
    most: usize,
) -> Result<Vec<Row>, Wrong> {
    let limit_ms = limit.as_millis().max(1);
    // LOCAL: behind a pool the connection is somebody else's afterwards.
    let begin = format!("BEGIN READ ONLY; SET LOCAL statement_timeout = {limit_ms}");
    session.client().simple_query(&begin).await.map_err(|error| login::wrong(&error))?;
    let answer = ask(session, sql, most).await;
    // There is nothing to commit, but rolling back would count among the rollbacks that others watch. After a
    // failure it rolls back by itself; a failed end shows in the next query.
    let _ = session.client().simple_query("COMMIT").await;
    answer.map_err(|error| login::wrong(&error))
}

async fn ask(session: &Session, sql: &str, most: usize) -> Result<Vec<Row>, Error> {
    // Refuses more than one statement: a second one could leave the transaction and write.
    session.client().prepare(sql).await?;
    let answer = session.client().simple_query_raw(sql).await?;
    tokio::pin!(answer);
    let mut rows = Vec::new();
    // Read to its end, so that the session is free again, but not kept.
    while let Some(message) = answer.try_next().await? {
        if let SimpleQueryMessage::Row(found) = message
            && rows.len() < most
        {
            rows.push(row(&found));
        }
    }
    Ok(rows)
}

fn row(found: &SimpleQueryRow) -> Row {
    let columns = found.columns().iter().enumerate();
    columns
        .map(|(at, column)| (column.name().to_owned(), found.get(at).map(str::to_owned)))
        .collect()
}

/// What the text of a value means: a flag, a number, or words.
pub(crate) fn value(text: &str) -> Value {
    match (text, text.parse::<f64>()) {
        ("t", _) => Value::Flag(true),
        ("f", _) => Value::Flag(false),
        (_, Ok(number)) if number.is_finite() => Value::Number(number),
        _ => Value::Text(shown(text)),
    }
}
