//! A made-up market: real ticker codes, invented prices, the same for the same seed and day.

use crate::forecast::{Prediction, is_business_day, round, walk_forward};
use jiff::civil::Date;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde::Serialize;

/// How many business days of prices there are.
const DAYS: usize = 250;
/// Every stock is listed here.
const EXCHANGE: &str = "TSE";

/// A listed company.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Stock {
    /// The ticker code, for example `7203.T`.
    pub symbol: String,
    /// The company's name.
    pub company_name: String,
    /// Where it is listed.
    pub exchange: String,
    /// Whether it is still traded.
    pub is_active: bool,
}

/// The prices of one stock on one day, in yen.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Price {
    /// The stock.
    pub symbol: String,
    /// The day.
    pub date: Date,
    /// The first price.
    pub open_price: f64,
    /// The highest price.
    pub high_price: f64,
    /// The lowest price.
    pub low_price: f64,
    /// The last price.
    pub close_price: f64,
    /// How many shares changed hands.
    pub volume: i64,
}

/// All there is to know.
#[derive(Clone, Debug)]
pub struct Market {
    /// By symbol.
    pub stocks: Vec<Stock>,
    /// By symbol and day.
    pub prices: Vec<Price>,
    /// By symbol and day made.
    pub predictions: Vec<Prediction>,
}

impl Market {
    /// The market as it stands at the close of the last business day up to `today`.
    pub fn synthetic(seed: u64, today: Date) -> Market {
        let days = business_days_until(today);
        let mut market = Market { stocks: Vec::new(), prices: Vec::new(), predictions: Vec::new() };
        for (number, (code, name)) in (0u64..).zip(LISTED) {
            let symbol = format!("{code}.T");
            let prices = walk(&symbol, seed.wrapping_mul(1_000).wrapping_add(number), &days);
            let closes: Vec<(Date, f64)> =
                prices.iter().map(|price| (price.date, price.close_price)).collect();
            market.predictions.extend(walk_forward(&symbol, &closes));
            market.prices.extend(prices);
            market.stocks.push(Stock {
                symbol,
                company_name: (*name).to_owned(),
                exchange: EXCHANGE.to_owned(),
                is_active: true,
            });
        }
        market
    }
}

/// Every symbol of the market, for visitors to ask for.
pub fn symbols() -> Vec<String> {
    LISTED.iter().map(|(code, _)| format!("{code}.T")).collect()
}

/// A random walk with a drift that changes slowly, so that a trend is worth following.
fn walk(symbol: &str, seed: u64, days: &[Date]) -> Vec<Price> {
    let mut chance = StdRng::seed_from_u64(seed);
    let mut close = chance.random_range(400.0..9_000.0);
    let mut drift = 0.0;
    days.iter()
        .map(|date| {
            drift = 0.95 * drift + chance.random_range(-0.001..0.001);
            let open = close * (1.0 + chance.random_range(-0.004..0.004));
            close = open * (1.0 + drift + chance.random_range(-0.015..0.015));
            let (low, high) = (f64::min(open, close), f64::max(open, close));
            Price {
                symbol: symbol.to_owned(),
                date: *date,
                open_price: round(open),
                high_price: round(high * (1.0 + chance.random_range(0.0..0.006))),
                low_price: round(low * (1.0 - chance.random_range(0.0..0.006))),
                close_price: round(close),
                volume: chance.random_range(100_000..20_000_000),
            }
        })
        .collect()
}

fn business_days_until(today: Date) -> Vec<Date> {
    let mut days = Vec::with_capacity(DAYS);
    let mut day = today;
    while days.len() < DAYS {
        if is_business_day(day) {
            days.push(day);
        }
        day = day.yesterday().expect("a year ago is in the calendar");
    }
    days.reverse();
    days
}

/// Codes and names as on the Tokyo exchange.
const LISTED: [(&str, &str); 30] = [
    ("1605", "INPEX"),
    ("2502", "アサヒグループホールディングス"),
    ("2914", "日本たばこ産業"),
    ("3382", "セブン&アイ・ホールディングス"),
    ("4063", "信越化学工業"),
    ("4452", "花王"),
    ("4502", "武田薬品工業"),
    ("4568", "第一三共"),
    ("4661", "オリエンタルランド"),
    ("5108", "ブリヂストン"),
    ("6098", "リクルートホールディングス"),
    ("6273", "SMC"),
    ("6301", "小松製作所"),
    ("6367", "ダイキン工業"),
    ("6501", "日立製作所"),
    ("6594", "ニデック"),
    ("6758", "ソニーグループ"),
    ("6861", "キーエンス"),
    ("6902", "デンソー"),
    ("6981", "村田製作所"),
    ("7203", "トヨタ自動車"),
    ("7267", "本田技研工業"),
    ("7741", "HOYA"),
    ("7974", "任天堂"),
    ("8001", "伊藤忠商事"),
    ("8035", "東京エレクトロン"),
    ("8306", "三菱UFJフィナンシャル・グループ"),
    ("9022", "東海旅客鉄道"),
    ("9432", "日本電信電話"),
    ("9984", "ソフトバンクグループ"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn the_same_seed_and_day_make_the_same_market() {
        let today = date(2026, 11, 22);
        let (one, two) = (Market::synthetic(7, today), Market::synthetic(7, today));
        assert_eq!(one.prices, two.prices);
        assert_eq!(one.predictions, two.predictions);
        assert_ne!(one.prices, Market::synthetic(8, today).prices);
    }

    #[test]
    fn a_sunday_knows_prices_up_to_friday_and_predicts_beyond() {
        let market = Market::synthetic(7, date(2026, 11, 22));
        assert_eq!(market.stocks.len(), 30);
        assert_eq!(market.prices.len(), 30 * DAYS);
        let last = market.prices.iter().map(|price| price.date).max();
        assert_eq!(last, Some(date(2026, 11, 20)));
        let furthest = market.predictions.iter().map(|prediction| prediction.target_date).max();
        assert!(furthest > last);
        assert!(market.predictions.iter().any(|prediction| prediction.actual_price.is_some()));
    }

    #[test]
    fn every_day_is_a_possible_trading_day() {
        for price in Market::synthetic(3, date(2026, 11, 22)).prices {
            assert!(price.low_price > 0.0 && price.volume > 0, "{price:?}");
            assert!(price.low_price <= f64::min(price.open_price, price.close_price), "{price:?}");
            assert!(price.high_price >= f64::max(price.open_price, price.close_price), "{price:?}");
        }
    }
}
