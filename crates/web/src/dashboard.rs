//! The dashboard's data (A84 to A86): each value with its age and its history, or with the reason why there is none.

use crate::{
    acting::Answer,
    answer::Refused,
    extract::{Json, Query},
    gauge::Gauge,
    span::{Asked, Row, Span, rows},
    state::Shared,
};
use axum::extract::State;
use domain::{
    ids::{ProbeName, ServiceName},
    reading::{Observation, Reading, Value as Measured},
    said::Said,
};
use jiff::Timestamp;
use samples::{Curve, Series};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// The reading that counts clients, not people (C22).
const ESTIMATE: &str = "distinct_clients";

/// Names in the group `business` that belong together (C23).
const ACCURACY: &str = "accuracy";
const DUE: &str = "due_predictions";

/// A value of the dashboard, as it is now and as it was.
#[derive(Clone, Debug)]
pub struct Shown {
    /// What it is, and where it comes from.
    pub gauge: Gauge,
    /// The value that was measured last and when, or why there is none.
    pub value: Result<(Measured, Timestamp), Said>,
    /// How it was over time, or why that cannot be read; none: it comes from nowhere.
    pub curve: Result<Option<Curve>, Said>,
    /// Of how many it was computed, where that is known.
    pub count: Option<f64>,
}

impl Shown {
    /// How an estimate is made; none: it is measured.
    pub fn method(&self) -> Option<Said> {
        let is_estimate = self.gauge.source.as_ref()?.reading == ESTIMATE;
        is_estimate.then(|| {
            Said::new(
                "アクセスログの期間内の異なるクライアントアドレスの数 (推定)",
                "distinct client addresses in the access log within its window (an estimate)",
            )
        })
    }

    fn is(&self, name: &str) -> bool {
        self.gauge.group == "business" && self.gauge.name == name
    }
}

/// The dashboard of a stretch of time.
#[derive(Serialize, ToSchema)]
pub(crate) struct Dashboard {
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    from: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    to: Timestamp,
    step_seconds: f64,
    system: BTreeMap<String, View>,
    app: BTreeMap<String, View>,
    business: BTreeMap<String, View>,
}

/// A value: either `value` or `reason` is null.
#[derive(Serialize, ToSchema)]
pub(crate) struct View {
    #[schema(value_type = Option<serde_json::Value>)]
    value: Option<Measured>,
    unit: String,
    #[schema(value_type = Option<String>, format = DateTime)]
    at: Option<Timestamp>,
    age_seconds: Option<i64>,
    #[schema(value_type = Option<history::shape::SaidShape>)]
    reason: Option<Said>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<SourceView>,
    /// Only where it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    estimate: Option<bool>,
    /// How it is estimated.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<history::shape::SaidShape>)]
    method: Option<Said>,
    /// Only of the accuracy: the mean absolute error in percent of predictions that are due, or null.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<serde_json::Value>)]
    mape: Option<Option<Measured>>,
    /// Only of the accuracy: how many they are, or null.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<f64>)]
    n: Option<Option<f64>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    history: Option<Vec<Row>>,
    /// Why the past cannot be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<history::shape::SaidShape>)]
    history_reason: Option<Said>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct SourceView {
    #[schema(value_type = String)]
    probe: ProbeName,
    #[schema(value_type = String)]
    service: ServiceName,
    reading: String,
}

/// Every value of the dashboard in its order, with its history of this stretch of time.
pub async fn gauges(shared: &Shared, span: Span) -> Vec<Shown> {
    let all = shared.dashboard.clone();
    let series: Vec<Option<Series>> =
        all.iter().map(|it| it.source.as_ref().map(|source| source.series.clone())).collect();
    // What is measured now is shown even where the past cannot be read.
    let history = histories(shared, series, span).await;
    let one = |(index, gauge): (usize, &Gauge)| Shown {
        gauge: gauge.clone(),
        value: latest(shared, gauge),
        curve: match &history {
            Ok(curves) => Ok(curves.get(index).cloned().flatten()),
            Err(why) => Err(why.said.clone()),
        },
        count: None,
    };
    let mut shown: Vec<_> = all.iter().enumerate().map(one).collect();
    complete_accuracy(&mut shown);
    shown
}

/// `GET /api/v1/dashboard`
pub(crate) async fn dashboard(
    State(shared): State<Shared>,
    Query(asked): Query<Asked>,
) -> Answer<Dashboard> {
    let now = shared.doors.now();
    let span = asked.span(now)?;
    let mut groups: BTreeMap<String, BTreeMap<String, View>> = BTreeMap::new();
    for shown in gauges(&shared, span).await {
        let group = groups.entry(shown.gauge.group.clone()).or_default();
        group.insert(shown.gauge.name.clone(), view(&shown, now));
    }
    let mut group = |name: &str| groups.remove(name).unwrap_or_default();
    Ok(Json(Dashboard {
        at: now,
        from: span.from,
        to: span.to,
        step_seconds: span.step.as_secs_f64(),
        system: group("system"),
        app: group("app"),
        business: group("business"),
    }))
}

fn view(shown: &Shown, now: Timestamp) -> View {
    let (measured, reason) = match &shown.value {
        Ok((value, at)) => (Some((value.clone(), *at)), None),
        Err(reason) => (None, Some(reason.clone())),
    };
    let (value, at) = measured.unzip();
    let (history, history_reason) = match &shown.curve {
        Ok(curve) => (Some(curve.as_ref().map(rows).unwrap_or_default()), None),
        Err(why) => (None, Some(why.clone())),
    };
    View {
        unit: shown.gauge.unit.clone(),
        at,
        age_seconds: at.map(|at| now.duration_since(at).as_secs().max(0)),
        reason,
        source: shown.gauge.source.as_ref().map(|source| SourceView {
            probe: source.probe.clone(),
            service: source.service.clone(),
            reading: source.reading.clone(),
        }),
        estimate: shown.method().map(|_| true),
        method: shown.method(),
        mape: shown.is(ACCURACY).then(|| value.clone()),
        n: shown.is(ACCURACY).then_some(shown.count),
        value,
        history,
        history_reason,
    }
}

async fn histories(
    shared: &Shared,
    series: Vec<Option<Series>>,
    Span { from, to, step }: Span,
) -> Result<Vec<Option<Curve>>, Refused> {
    let curves = shared.measured(move |reader| {
        let curve = |series: &Option<Series>| match series {
            Some(series) => reader.range(series, from, to, step).map(Some),
            None => Ok(None),
        };
        series.iter().map(curve).collect()
    });
    curves.await
}

/// The value that was measured last, or why there is none.
fn latest(shared: &Shared, gauge: &Gauge) -> Result<(Measured, Timestamp), Said> {
    let source = gauge.source.as_ref().ok_or_else(|| gauge.hint.clone())?;
    let seen = shared.readings.last(&source.probe, &source.service);
    value(seen.as_ref(), &source.reading)
}

fn value(seen: Option<&Observation>, reading: &str) -> Result<(Measured, Timestamp), Said> {
    let Some(seen) = seen else {
        return Err(Said::new("まだ測定していません", "not measured yet"));
    };
    match seen.readings.get(reading) {
        Some(Reading::Measured(value)) => Ok((value.clone(), seen.at)),
        Some(Reading::Stale { value, at }) => Ok((value.clone(), *at)),
        Some(Reading::Unknown(why) | Reading::Failed(why)) => Err(why.clone()),
        // A look that failed altogether says so in another reading.
        None => {
            let failed = seen.readings.values().find_map(|reading| match reading {
                Reading::Failed(why) => Some(why.clone()),
                _ => None,
            });
            Err(failed.unwrap_or_else(|| {
                Said::new("この測定値はありませんでした", "the look brought no such reading")
            }))
        }
    }
}

/// The accuracy of predictions says of how many (C23): without any that is due there is none.
fn complete_accuracy(all: &mut [Shown]) {
    let due = all.iter().find(|shown| shown.is(DUE)).and_then(|shown| match &shown.value {
        Ok((Measured::Number(due), _)) => Some(*due),
        _ => None,
    });
    let Some(accuracy) = all.iter_mut().find(|shown| shown.is(ACCURACY)) else { return };
    accuracy.count = due;
    if due == Some(0.0) {
        let none = Said::new("対象日を過ぎた予測がまだありません", "no prediction is due yet");
        accuracy.value = Err(none);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn business(mape: f64, due: f64) -> Shown {
        let shown = |name: &str, value| Shown {
            gauge: Gauge {
                group: "business".into(),
                name: name.into(),
                unit: String::new(),
                source: None,
                hint: Said::same(""),
            },
            value: Ok((Measured::Number(value), Timestamp::UNIX_EPOCH)),
            curve: Ok(None),
            count: None,
        };
        let mut all = [shown(ACCURACY, mape), shown(DUE, due)];
        complete_accuracy(&mut all);
        all[0].clone()
    }

    #[test]
    fn accuracy_is_of_predictions_that_are_due_or_not_there() {
        // C23.
        let measured = json!(view(&business(4.2, 200.0), Timestamp::UNIX_EPOCH));
        assert_eq!((&measured["mape"], &measured["n"]), (&json!(4.2), &json!(200.0)));
        let none = json!(view(&business(0.0, 0.0), Timestamp::UNIX_EPOCH));
        assert_eq!(
            (&none["mape"], &none["value"], &none["age_seconds"]),
            (&Value::Null, &Value::Null, &Value::Null)
        );
        assert_eq!(none["reason"]["en"], "no prediction is due yet");
    }

    #[test]
    fn what_was_not_measured_has_a_reason() {
        let at = Timestamp::UNIX_EPOCH;
        let seen = Observation::new("p", "s", at)
            .with("good", Reading::number(1.5))
            .with("few", Reading::Unknown("insufficient traffic: 3 of 20".into()));
        assert_eq!(value(Some(&seen), "good"), Ok((Measured::Number(1.5), at)));
        assert_eq!(
            value(Some(&seen), "few").expect_err("unknown").en,
            "insufficient traffic: 3 of 20"
        );
        assert_eq!(value(None, "good").expect_err("nothing seen").en, "not measured yet");
        let failed =
            Observation::new("p", "s", at).with("up", Reading::Failed("no such file".into()));
        assert_eq!(value(Some(&failed), "good").expect_err("failed").en, "no such file");
    }
}
