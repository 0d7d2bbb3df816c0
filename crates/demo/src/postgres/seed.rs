//! The tables of the platform and what is in them.

use crate::error::DemoError;
use crate::market::Market;
use bytes::Bytes;
use futures::SinkExt;
use std::fmt::Write;
use std::pin::pin;
use tokio_postgres::{Client, CopyInSink, Transaction};

/// The database the services use.
pub const DATABASE: &str = "miraikakaku";

const TABLES: &str = "
    CREATE TABLE stock_master (
        symbol text PRIMARY KEY,
        company_name text NOT NULL,
        exchange text NOT NULL,
        is_active boolean NOT NULL
    );
    CREATE TABLE stock_prices (
        symbol text NOT NULL REFERENCES stock_master,
        date date NOT NULL,
        open_price double precision NOT NULL,
        high_price double precision NOT NULL,
        low_price double precision NOT NULL,
        close_price double precision NOT NULL,
        volume bigint NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        UNIQUE (symbol, date)
    );
    CREATE TABLE stock_predictions (
        symbol text NOT NULL REFERENCES stock_master,
        prediction_date date NOT NULL,
        target_date date NOT NULL,
        prediction_days integer NOT NULL,
        current_price double precision NOT NULL,
        predicted_price double precision NOT NULL,
        model_type text NOT NULL,
        actual_price double precision,
        created_at timestamptz NOT NULL DEFAULT now(),
        UNIQUE (symbol, prediction_date, target_date, model_type)
    );";

/// Whether the tables are there.
///
/// # Errors
/// What the server says.
pub async fn is_seeded(client: &Client) -> Result<bool, DemoError> {
    let row = client.query_one("SELECT to_regclass('stock_predictions') IS NOT NULL", &[]).await?;
    Ok(row.try_get(0)?)
}

/// Makes and fills the tables, all or nothing.
///
/// # Errors
/// What the server says.
pub async fn seed(client: &mut Client, market: &Market) -> Result<(), DemoError> {
    let transaction = client.transaction().await?;
    transaction.batch_execute(TABLES).await?;
    let into = "stock_master (symbol, company_name, exchange, is_active)";
    copy(&transaction, into, stocks(market)).await?;
    let into =
        "stock_prices (symbol, date, open_price, high_price, low_price, close_price, volume)";
    copy(&transaction, into, prices(market)).await?;
    let into = "stock_predictions (symbol, prediction_date, target_date, prediction_days, \
                current_price, predicted_price, model_type, actual_price)";
    copy(&transaction, into, predictions(market)).await?;
    transaction.commit().await?;
    client.batch_execute("ANALYZE").await?;
    Ok(())
}

async fn copy(to: &Transaction<'_>, into: &str, rows: String) -> Result<(), DemoError> {
    let sink: CopyInSink<Bytes> = to.copy_in(&format!("COPY {into} FROM STDIN")).await?;
    let mut sink = pin!(sink);
    sink.send(Bytes::from(rows)).await?;
    sink.finish().await?;
    Ok(())
}

/// Rows in the text format of COPY. Our own names hold neither tabs nor backslashes.
fn stocks(market: &Market) -> String {
    market.stocks.iter().fold(String::new(), |mut rows, it| {
        let (symbol, name) = (&it.symbol, &it.company_name);
        writeln!(rows, "{symbol}\t{name}\t{}\t{}", it.exchange, it.is_active)
            .expect("a String takes everything");
        rows
    })
}

fn prices(market: &Market) -> String {
    market.prices.iter().fold(String::new(), |mut rows, it| {
        writeln!(
            rows,
            "{}\t{}\t{}\t{}\t{}\t{}\t{}",
            it.symbol,
            it.date,
            it.open_price,
            it.high_price,
            it.low_price,
            it.close_price,
            it.volume
        )
        .expect("a String takes everything");
        rows
    })
}

fn predictions(market: &Market) -> String {
    market.predictions.iter().fold(String::new(), |mut rows, it| {
        let actual = it.actual_price.map_or_else(|| "\\N".into(), |price| price.to_string());
        writeln!(
            rows,
            "{}\t{}\t{}\t{}\t{}\t{}\t{}\t{actual}",
            it.symbol,
            it.prediction_date,
            it.target_date,
            it.prediction_days,
            it.current_price,
            it.predicted_price,
            it.model_type
        )
        .expect("a String takes everything");
        rows
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn every_row_has_all_its_columns_and_unknown_is_null() {
        let market = Market::synthetic(1, date(2026, 11, 20));
        let columns = |rows: &str| -> Vec<usize> {
            let mut counts: Vec<usize> = rows.lines().map(|row| row.split('\t').count()).collect();
            counts.dedup();
            counts
        };
        assert_eq!(columns(&stocks(&market)), [4]);
        assert_eq!(columns(&prices(&market)), [7]);
        assert_eq!(columns(&predictions(&market)), [8]);
        assert!(predictions(&market).contains("\t\\N\n"), "a target date still to come");
        assert!(!prices(&market).contains('\\') && !stocks(&market).contains('\\'));
    }
}
