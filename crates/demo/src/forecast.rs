//! Real forecasts of closing prices, past ones included: a line through the last ones, drawn on.

use jiff::civil::Date;
use serde::Serialize;
use yata::{
    core::{Method, PeriodType},
    methods::LinReg,
};

/// The name of the model.
pub const MODEL: &str = "linear-40";
/// How many closing prices a forecast looks back on.
const LOOK_BACK: usize = 40;
/// A line through fewer says nothing.
const LEAST: usize = 10;
/// How many business days ahead a price is predicted.
pub const HORIZONS: [usize; 3] = [1, 5, 20];
/// A forecast was made every so many business days.
const MADE_EVERY: usize = 5;
/// How many forecasts were made in the past, the newest one not counted.
const MADE_BEFORE: usize = 8;

/// One predicted price.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Prediction {
    /// The stock.
    pub symbol: String,
    /// The day it was made on, with the closing prices up to that day.
    pub prediction_date: Date,
    /// The day it is about.
    pub target_date: Date,
    /// Business days between the two.
    pub prediction_days: i32,
    /// The close of the day it was made on, in yen.
    pub current_price: f64,
    /// The predicted close, in yen.
    pub predicted_price: f64,
    /// The model.
    pub model_type: String,
    /// The close of the target day where that has passed, in yen.
    pub actual_price: Option<f64>,
}

/// Everything that would have been predicted for one stock: nine forecasts, each with the prices
/// known on its day only, over three horizons.
pub fn walk_forward(symbol: &str, closes: &[(Date, f64)]) -> Vec<Prediction> {
    (0..=MADE_BEFORE)
        .rev()
        .filter_map(|forecast| closes.len().checked_sub(1 + forecast * MADE_EVERY))
        .flat_map(|made| predict(symbol, closes, made))
        .collect()
}

/// The forecast made at the close of day number `made`. A series that is too short has none.
fn predict(symbol: &str, closes: &[(Date, f64)], made: usize) -> Vec<Prediction> {
    let from = (made + 1).saturating_sub(LOOK_BACK);
    let known = &closes[from..=made];
    if known.len() < LEAST {
        return Vec::new();
    }
    let line = line(known);
    let (prediction_date, current_price) = closes[made];
    HORIZONS
        .iter()
        .map(|days| Prediction {
            symbol: symbol.to_owned(),
            prediction_date,
            target_date: business_day_after(prediction_date, *days),
            prediction_days: *days as i32,
            current_price,
            predicted_price: round(line.b() + line.tan() * *days as f64),
            model_type: MODEL.to_owned(),
            actual_price: closes.get(made + days).map(|(_, close)| *close),
        })
        .collect()
}

/// The line through these closes.
fn line(closes: &[(Date, f64)]) -> LinReg {
    let length = PeriodType::try_from(closes.len()).expect("we look back on forty at most");
    let mut line = LinReg::new(length, &closes[0].1).expect("two points and more are a line");
    for (_, close) in closes {
        line.next(close);
    }
    line
}

/// The day `days` business days later; weekends are left out, holidays are not known here.
pub fn business_day_after(day: Date, days: usize) -> Date {
    (0..days).fold(day, |day, _| next_business_day(day))
}

/// Whether the exchange is open on that day of the week.
pub fn is_business_day(day: Date) -> bool {
    use jiff::civil::Weekday::{Saturday, Sunday};
    !matches!(day.weekday(), Saturday | Sunday)
}

/// Prices are kept to a tenth of a yen.
pub fn round(price: f64) -> f64 {
    (price * 10.0).round() / 10.0
}

fn next_business_day(day: Date) -> Date {
    let mut next = day.tomorrow().expect("the calendar reaches to the year 9999");
    while !is_business_day(next) {
        next = next.tomorrow().expect("the calendar reaches to the year 9999");
    }
    next
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    /// A price that rises by two yen every business day.
    fn rising() -> Vec<(Date, f64)> {
        let mut day = date(2026, 1, 5);
        (0..80)
            .map(|number| {
                let close = (day, 1000.0 + 2.0 * f64::from(number));
                day = next_business_day(day);
                close
            })
            .collect()
    }

    #[test]
    fn a_steady_rise_is_predicted_to_go_on() {
        let closes = rising();
        let predictions = walk_forward("7203.T", &closes);
        assert_eq!(predictions.len(), (MADE_BEFORE + 1) * HORIZONS.len());
        for prediction in predictions.iter().filter(|prediction| prediction.prediction_days == 5) {
            let expected = prediction.current_price + 10.0;
            assert!((prediction.predicted_price - expected).abs() < 0.1, "{prediction:?}");
        }
    }

    #[test]
    fn only_a_target_date_that_has_passed_has_an_actual_price() {
        let closes = rising();
        let (last, _) = closes[closes.len() - 1];
        let predictions = walk_forward("7203.T", &closes);
        assert!(predictions.iter().any(|prediction| prediction.target_date > last));
        for prediction in predictions {
            let actual = closes.iter().find(|(day, _)| *day == prediction.target_date);
            assert_eq!(prediction.actual_price, actual.map(|(_, close)| *close));
        }
    }

    #[test]
    fn a_series_too_short_for_a_line_has_no_predictions() {
        assert_eq!(walk_forward("7203.T", &rising()[..9]), []);
        assert_eq!(walk_forward("7203.T", &[]), []);
    }

    #[test]
    fn friday_is_followed_by_monday() {
        assert_eq!(business_day_after(date(2026, 11, 20), 1), date(2026, 11, 23));
    }
}
