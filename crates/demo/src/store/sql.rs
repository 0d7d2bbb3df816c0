//! What the API asks PostgreSQL.

use super::pool::{Lane, Pool, Unavailable};
use super::rows::{MarketSummary, RANKING_DAYS, RANKING_LIMIT, Ranked, SEARCH_LIMIT};
use crate::forecast::Prediction;
use crate::market::{Price, Stock};
use jiff::civil::Date;
use tokio_postgres::Row;

/// PostgreSQL, asked through the pool.
#[derive(Debug)]
pub struct Database(Pool);

const STOCKS: &str = "SELECT symbol, company_name, exchange, is_active FROM stock_master";
const PREDICTIONS: &str = "SELECT p.symbol, p.prediction_date::text, p.target_date::text, \
     p.prediction_days, p.current_price, p.predicted_price, p.model_type, c.close_price \
     FROM stock_predictions p \
     LEFT JOIN stock_prices c ON c.symbol = p.symbol AND c.date = p.target_date";

impl Database {
    /// Asks through this pool.
    pub fn new(pool: Pool) -> Database {
        Database(pool)
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// [`Unavailable`], as everything here.
    pub async fn health(&self) -> Result<(), Unavailable> {
        self.0.query(Lane::Health, "SELECT 1", &[]).await.map(drop)
    }

    /// One stock by its symbol.
    pub async fn stock(&self, symbol: &str) -> Result<Option<Stock>, Unavailable> {
        let sql = format!("{STOCKS} WHERE symbol = $1");
        let rows = self.0.query(Lane::Data, &sql, &[&symbol]).await?;
        rows.first().map(stock).transpose()
    }

    /// Stocks whose symbol or name contains the text.
    pub async fn search(&self, text: &str) -> Result<Vec<Stock>, Unavailable> {
        let sql = format!(
            "{STOCKS} WHERE strpos(lower(symbol), lower($1)) > 0 \
             OR strpos(lower(company_name), lower($1)) > 0 ORDER BY symbol LIMIT {SEARCH_LIMIT}"
        );
        self.0.query(Lane::Data, &sql, &[&text]).await?.iter().map(stock).collect()
    }

    /// The newest prices of a stock, newest first.
    pub async fn prices(&self, symbol: &str, days: u16) -> Result<Vec<Price>, Unavailable> {
        let sql = "SELECT symbol, date::text, open_price, high_price, low_price, close_price, \
                   volume FROM stock_prices WHERE symbol = $1 ORDER BY date DESC LIMIT $2";
        let rows = self.0.query(Lane::Data, sql, &[&symbol, &i64::from(days)]).await?;
        rows.iter().map(price).collect()
    }

    /// The newest predictions of a stock, nearest target first.
    pub async fn predictions(&self, symbol: &str) -> Result<Vec<Prediction>, Unavailable> {
        let sql = format!(
            "{PREDICTIONS} WHERE p.symbol = $1 AND p.prediction_date = \
             (SELECT max(prediction_date) FROM stock_predictions WHERE symbol = $1) \
             ORDER BY p.target_date"
        );
        self.0.query(Lane::Data, &sql, &[&symbol]).await?.iter().map(prediction).collect()
    }

    /// The numbers of the market page.
    pub async fn summary(&self) -> Result<MarketSummary, Unavailable> {
        let sql = "SELECT (SELECT count(*) FROM stock_master WHERE is_active), \
             (SELECT count(DISTINCT symbol) FROM stock_prices), \
             (SELECT count(DISTINCT symbol) FROM stock_predictions), \
             (SELECT max(date)::text FROM stock_prices), \
             (SELECT max(prediction_date)::text FROM stock_predictions), \
             (SELECT count(*) FROM stock_prices \
              WHERE date = (SELECT max(date) FROM stock_prices))";
        let rows = self.0.query(Lane::Data, sql, &[]).await?;
        let row = rows.first().ok_or_else(|| Unavailable("no summary row".into()))?;
        let total: i64 = get(row, 0)?;
        let percent = |part: i64| part as f64 * 100.0 / total.max(1) as f64;
        Ok(MarketSummary {
            total_active_symbols: total,
            price_coverage_percent: percent(get(row, 1)?),
            prediction_coverage_percent: percent(get(row, 2)?),
            latest_price_date: get::<Option<String>>(row, 3)?.map(|it| day(&it)).transpose()?,
            latest_prediction_date: get::<Option<String>>(row, 4)?
                .map(|it| day(&it))
                .transpose()?,
            recent_price_updates: get(row, 5)?,
        })
    }

    /// The stocks predicted to rise most in five days.
    pub async fn rankings(&self) -> Result<Vec<Ranked>, Unavailable> {
        let sql = format!(
            "SELECT p.symbol, m.company_name, p.current_price, p.predicted_price, \
             (p.predicted_price / p.current_price - 1) * 100 AS growth \
             FROM stock_predictions p JOIN stock_master m USING (symbol) \
             WHERE p.prediction_days = {RANKING_DAYS} AND p.prediction_date = \
             (SELECT max(prediction_date) FROM stock_predictions) \
             ORDER BY growth DESC LIMIT {RANKING_LIMIT}"
        );
        self.0.query(Lane::Data, &sql, &[]).await?.iter().map(ranked).collect()
    }

    /// Every prediction whose target date has passed, with the close of that day.
    pub async fn due_predictions(&self) -> Result<Vec<Prediction>, Unavailable> {
        let sql = format!("{PREDICTIONS} WHERE c.close_price IS NOT NULL");
        self.0.query(Lane::Data, &sql, &[]).await?.iter().map(prediction).collect()
    }
}

fn stock(row: &Row) -> Result<Stock, Unavailable> {
    Ok(Stock {
        symbol: get(row, 0)?,
        company_name: get(row, 1)?,
        exchange: get(row, 2)?,
        is_active: get(row, 3)?,
    })
}

fn price(row: &Row) -> Result<Price, Unavailable> {
    Ok(Price {
        symbol: get(row, 0)?,
        date: day(get(row, 1)?)?,
        open_price: get(row, 2)?,
        high_price: get(row, 3)?,
        low_price: get(row, 4)?,
        close_price: get(row, 5)?,
        volume: get(row, 6)?,
    })
}

fn prediction(row: &Row) -> Result<Prediction, Unavailable> {
    Ok(Prediction {
        symbol: get(row, 0)?,
        prediction_date: day(get(row, 1)?)?,
        target_date: day(get(row, 2)?)?,
        prediction_days: get(row, 3)?,
        current_price: get(row, 4)?,
        predicted_price: get(row, 5)?,
        model_type: get(row, 6)?,
        actual_price: get(row, 7)?,
    })
}

fn ranked(row: &Row) -> Result<Ranked, Unavailable> {
    Ok(Ranked {
        symbol: get(row, 0)?,
        company_name: get(row, 1)?,
        current_price: get(row, 2)?,
        predicted_price: get(row, 3)?,
        growth_percent: get(row, 4)?,
    })
}

fn get<'a, T: tokio_postgres::types::FromSql<'a>>(
    row: &'a Row,
    column: usize,
) -> Result<T, Unavailable> {
    row.try_get(column).map_err(|error| Unavailable(error.to_string()))
}

fn day(text: &str) -> Result<Date, Unavailable> {
    text.parse().map_err(|error| Unavailable(format!("the date {text:?}: {error}")))
}
