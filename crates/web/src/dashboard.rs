//! The dashboard's data (A84 to A86): each value with its age and its history, or with the reason why there is none.

use crate::{
    answer::Refused,
    gauge::Gauge,
    measured,
    span::{Asked, Span, rows},
    state::Shared,
};
use axum::{
    Json,
    extract::{Query, State},
};
use domain::{
    reading::{Observation, Reading, Value as Measured},
    said::Said,
};
use jiff::Timestamp;
use samples::{Curve, Series};
use serde_json::{Map, Value, json};

/// The reading that counts clients, not people (C22).
const ESTIMATE: &str = "distinct_clients";

/// `GET /api/v1/dashboard`
pub(crate) async fn dashboard(
    State(shared): State<Shared>,
    Query(asked): Query<Asked>,
) -> Result<Json<Value>, Refused> {
    let now = shared.doors.now();
    let span = asked.span(now)?;
    let gauges = shared.dashboard.clone();
    let series: Vec<Option<Series>> =
        gauges.iter().map(|it| it.source.as_ref().map(|source| source.series.clone())).collect();
    // What is measured now is shown even where the past cannot be read.
    let history = histories(&shared, series, span).await;
    let mut groups: Map<String, Value> = ["system", "app", "business"]
        .into_iter()
        .map(|group| (group.to_owned(), Value::Object(Map::new())))
        .collect();
    for (index, gauge) in gauges.iter().enumerate() {
        let mut shown = shown(&shared, gauge, now);
        match &history {
            Ok(curves) => {
                let curve = curves.get(index).and_then(Option::as_ref);
                shown["history"] = curve.map_or(json!([]), rows);
            }
            Err(why) => shown["history_reason"] = json!(why.said),
        }
        groups[&gauge.group][&gauge.name] = shown;
    }
    complete_accuracy(&mut groups["business"]);
    Ok(Json(json!({
        "at": now, "from": span.from, "to": span.to, "step_seconds": span.step.as_secs_f64(),
        "system": groups["system"], "app": groups["app"], "business": groups["business"],
    })))
}

async fn histories(
    shared: &Shared,
    series: Vec<Option<Series>>,
    Span { from, to, step }: Span,
) -> Result<Vec<Option<Curve>>, Refused> {
    measured::ask(shared, move |reader| {
        let curve = |series: &Option<Series>| match series {
            Some(series) => reader.range(series, from, to, step).map(Some),
            None => Ok(None),
        };
        series.iter().map(curve).collect()
    })
    .await
}

/// The value that was measured last, or why there is none.
fn shown(shared: &Shared, gauge: &Gauge, now: Timestamp) -> Value {
    let mut shown = json!({
        "value": null, "unit": gauge.unit, "at": null, "age_seconds": null, "reason": null,
    });
    let Some(source) = &gauge.source else {
        shown["reason"] = json!(gauge.hint);
        return shown;
    };
    shown["source"] = json!({
        "probe": source.probe, "service": source.service, "reading": source.reading,
    });
    if source.reading == ESTIMATE {
        shown["estimate"] = true.into();
        shown["method"] = json!(Said::new(
            "アクセスログの期間内の異なるクライアントアドレスの数 (推定)",
            "distinct client addresses in the access log within its window (an estimate)",
        ));
    }
    let seen = shared.readings.last(&source.probe, &source.service);
    match value(seen.as_ref(), &source.reading) {
        Ok((value, at)) => {
            shown["value"] = value;
            shown["at"] = json!(at);
            shown["age_seconds"] = json!(now.duration_since(at).as_secs().max(0));
        }
        Err(reason) => shown["reason"] = json!(reason),
    }
    shown
}

fn value(seen: Option<&Observation>, reading: &str) -> Result<(Value, Timestamp), Said> {
    let Some(seen) = seen else {
        return Err(Said::new("まだ測定していません", "not measured yet"));
    };
    let plain = |value: &Measured| match value {
        Measured::Number(number) => json!(number),
        Measured::Flag(flag) => json!(flag),
        Measured::Text(text) => json!(text),
    };
    match seen.readings.get(reading) {
        Some(Reading::Measured(value)) => Ok((plain(value), seen.at)),
        Some(Reading::Stale { value, at }) => Ok((plain(value), *at)),
        Some(Reading::Unknown(why) | Reading::Failed(why)) => Err(Said::same(why.clone())),
        // A look that failed altogether says so in another reading.
        None => {
            let failed = seen.readings.values().find_map(|reading| match reading {
                Reading::Failed(why) => Some(Said::same(why.clone())),
                _ => None,
            });
            Err(failed.unwrap_or_else(|| {
                Said::new("この測定値はありませんでした", "the look brought no such reading")
            }))
        }
    }
}

/// The accuracy of predictions says of how many (C23): without any that is due there is none.
fn complete_accuracy(business: &mut Value) {
    let due = business["due_predictions"]["value"].clone();
    let Some(accuracy) = business.get_mut("accuracy") else { return };
    if due.as_f64() == Some(0.0) {
        for key in ["value", "at", "age_seconds"] {
            accuracy[key] = Value::Null;
        }
        accuracy["reason"] =
            json!(Said::new("対象日を過ぎた予測がまだありません", "no prediction is due yet",));
    }
    accuracy["mape"] = accuracy["value"].clone();
    accuracy["n"] = due;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn business(mape: Value, due: Value) -> Value {
        let mut business = json!({
            "accuracy": {"value": mape, "at": "x", "age_seconds": 1, "reason": null},
            "due_predictions": {"value": due},
        });
        complete_accuracy(&mut business);
        business["accuracy"].clone()
    }

    #[test]
    fn accuracy_is_of_predictions_that_are_due_or_not_there() {
        // C23.
        let measured = business(json!(4.2), json!(200.0));
        assert_eq!((&measured["mape"], &measured["n"]), (&json!(4.2), &json!(200.0)));
        let none = business(json!(0.0), json!(0.0));
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
        assert_eq!(value(Some(&seen), "good"), Ok((json!(1.5), at)));
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
