//! How good the predictions were, measured on those whose target date has passed.

use crate::forecast::Prediction;
use serde::Serialize;
use std::collections::BTreeMap;

/// The measurement over some predictions. What cannot be measured is absent, never a constant.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Measured {
    /// How many predictions were due.
    pub n: usize,
    /// The mean of the absolute errors, in percent of the actual price.
    pub mape_percent: Option<f64>,
    /// How many of a hundred predictions had the direction right; those where the price did not
    /// move are left out.
    pub direction_hit_rate_percent: Option<f64>,
}

/// The measurement of one model over one horizon.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ModelAccuracy {
    /// The model.
    pub model_type: String,
    /// Business days between prediction and target.
    pub prediction_days: i32,
    /// What was measured.
    #[serde(flatten)]
    pub measured: Measured,
}

/// Measures the predictions that have an actual price.
pub fn measure<'a>(predictions: impl IntoIterator<Item = &'a Prediction>) -> Measured {
    let (mut n, mut error, mut moved, mut hits) = (0, 0.0, 0, 0);
    for prediction in predictions {
        let Some(actual) = prediction.actual_price.filter(|actual| *actual > 0.0) else { continue };
        n += 1;
        error += (prediction.predicted_price - actual).abs() / actual;
        let change = actual - prediction.current_price;
        if change != 0.0 {
            moved += 1;
            if change * (prediction.predicted_price - prediction.current_price) > 0.0 {
                hits += 1;
            }
        }
    }
    let percent = |part: f64, whole: i32| (whole > 0).then(|| part / f64::from(whole) * 100.0);
    Measured {
        n: n as usize,
        mape_percent: percent(error, n),
        direction_hit_rate_percent: percent(f64::from(hits), moved),
    }
}

/// The same per model and horizon.
pub fn by_model(predictions: &[Prediction]) -> Vec<ModelAccuracy> {
    let mut groups: BTreeMap<(&str, i32), Vec<&Prediction>> = BTreeMap::new();
    for prediction in predictions {
        groups
            .entry((&prediction.model_type, prediction.prediction_days))
            .or_default()
            .push(prediction);
    }
    groups
        .into_iter()
        .map(|((model, days), group)| ModelAccuracy {
            model_type: model.to_owned(),
            prediction_days: days,
            measured: measure(group),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn prediction(predicted: f64, actual: Option<f64>) -> Prediction {
        Prediction {
            symbol: "7203.T".into(),
            prediction_date: date(2026, 11, 2),
            target_date: date(2026, 11, 9),
            prediction_days: 5,
            current_price: 100.0,
            predicted_price: predicted,
            model_type: "linear-40".into(),
            actual_price: actual,
        }
    }

    #[test]
    fn errors_and_directions_are_those_of_the_target_date() {
        let due = [prediction(110.0, Some(100.0)), prediction(95.0, Some(50.0))];
        let measured = measure(&due);
        assert_eq!(measured.n, 2);
        assert_eq!(measured.mape_percent, Some(50.0), "mean of 10 % and 90 %");
        assert_eq!(measured.direction_hit_rate_percent, Some(100.0), "the still one is left out");
    }

    #[test]
    fn nothing_due_is_nothing_measured() {
        let measured = measure(&[prediction(110.0, None)]);
        assert_eq!(
            measured,
            Measured { n: 0, mape_percent: None, direction_hit_rate_percent: None }
        );
    }

    #[test]
    fn horizons_are_measured_apart() {
        let mut far = prediction(110.0, Some(220.0));
        far.prediction_days = 20;
        let groups = by_model(&[prediction(110.0, Some(110.0)), far]);
        let mapes: Vec<_> = groups
            .iter()
            .map(|group| (group.prediction_days, group.measured.mape_percent))
            .collect();
        assert_eq!(mapes, [(5, Some(0.0)), (20, Some(50.0))]);
    }
}
