//! The seeded market in memory, asked as the database is asked.

use super::rows::{MarketSummary, RANKING_DAYS, RANKING_LIMIT, Ranked, SEARCH_LIMIT};
use crate::forecast::Prediction;
use crate::market::{Market, Price, Stock};
use std::collections::BTreeSet;

/// The market in memory.
#[derive(Debug)]
pub struct Memory(Market);

impl Memory {
    /// Serves this market.
    pub fn new(market: Market) -> Memory {
        Memory(market)
    }

    /// One stock by its symbol.
    pub fn stock(&self, symbol: &str) -> Option<Stock> {
        self.0.stocks.iter().find(|stock| stock.symbol == symbol).cloned()
    }

    /// Stocks whose symbol or name contains the text.
    pub fn search(&self, text: &str) -> Vec<Stock> {
        let text = text.to_lowercase();
        let hit = |word: &str| word.to_lowercase().contains(&text);
        let hits = self.0.stocks.iter().filter(|it| hit(&it.symbol) || hit(&it.company_name));
        hits.take(SEARCH_LIMIT).cloned().collect()
    }

    /// The newest prices of a stock, newest first.
    pub fn prices(&self, symbol: &str, days: u16) -> Vec<Price> {
        let all = self.0.prices.iter().rev().filter(|price| price.symbol == symbol);
        all.take(days.into()).cloned().collect()
    }

    /// The newest predictions of a stock, nearest target first.
    pub fn predictions(&self, symbol: &str) -> Vec<Prediction> {
        let all = self.0.predictions.iter().filter(|prediction| prediction.symbol == symbol);
        let newest = all.clone().map(|prediction| prediction.prediction_date).max();
        all.filter(|prediction| Some(prediction.prediction_date) == newest).cloned().collect()
    }

    /// The numbers of the market page.
    pub fn summary(&self) -> MarketSummary {
        let total = self.0.stocks.len();
        let priced: BTreeSet<&str> = self.0.prices.iter().map(|it| it.symbol.as_str()).collect();
        let predicted: BTreeSet<&str> =
            self.0.predictions.iter().map(|it| it.symbol.as_str()).collect();
        let latest_price_date = self.0.prices.iter().map(|price| price.date).max();
        let newest = self.0.prices.iter().filter(|price| Some(price.date) == latest_price_date);
        let percent = |part: usize| part as f64 * 100.0 / total.max(1) as f64;
        MarketSummary {
            total_active_symbols: total as i64,
            price_coverage_percent: percent(priced.len()),
            prediction_coverage_percent: percent(predicted.len()),
            latest_price_date,
            latest_prediction_date: self.0.predictions.iter().map(|it| it.prediction_date).max(),
            recent_price_updates: newest.count() as i64,
        }
    }

    /// The stocks predicted to rise most in five days.
    pub fn rankings(&self) -> Vec<Ranked> {
        let newest = self.0.predictions.iter().map(|it| it.prediction_date).max();
        let mut ranked: Vec<Ranked> = self
            .0
            .predictions
            .iter()
            .filter(|it| Some(it.prediction_date) == newest && it.prediction_days == RANKING_DAYS)
            .filter_map(|it| Some((it, self.stock(&it.symbol)?)))
            .map(|(it, stock)| Ranked {
                symbol: stock.symbol,
                company_name: stock.company_name,
                current_price: it.current_price,
                predicted_price: it.predicted_price,
                growth_percent: (it.predicted_price / it.current_price - 1.0) * 100.0,
            })
            .collect();
        ranked.sort_by(|one, two| two.growth_percent.total_cmp(&one.growth_percent));
        ranked.truncate(RANKING_LIMIT);
        ranked
    }

    /// Every prediction whose target date has passed.
    pub fn due_predictions(&self) -> Vec<Prediction> {
        self.0.predictions.iter().filter(|it| it.actual_price.is_some()).cloned().collect()
    }
}
