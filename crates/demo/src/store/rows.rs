//! Answers that are computed from several tables, and how many rows they have.

use jiff::civil::Date;
use serde::Serialize;

/// How many hits a search has at most.
pub const SEARCH_LIMIT: usize = 20;

/// How many stocks a ranking has at most.
pub const RANKING_LIMIT: usize = 10;
/// Rankings compare predictions over this many business days.
pub const RANKING_DAYS: i32 = 5;

/// The numbers of the market page.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MarketSummary {
    /// Stocks that are traded.
    pub total_active_symbols: i64,
    /// Of a hundred of those, how many have a price.
    pub price_coverage_percent: f64,
    /// Of a hundred of those, how many have a prediction.
    pub prediction_coverage_percent: f64,
    /// The newest price.
    pub latest_price_date: Option<Date>,
    /// The newest prediction.
    pub latest_prediction_date: Option<Date>,
    /// How many prices the newest day has.
    pub recent_price_updates: i64,
}

/// A stock that is predicted to rise.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Ranked {
    /// The stock.
    pub symbol: String,
    /// The company's name.
    pub company_name: String,
    /// The close it was predicted from, in yen.
    pub current_price: f64,
    /// The predicted close, in yen.
    pub predicted_price: f64,
    /// The rise, in percent.
    pub growth_percent: f64,
}
