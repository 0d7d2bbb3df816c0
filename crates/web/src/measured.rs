//! What was measured over time: every series, one series, and how the samples themselves are.

use crate::{
    answer::Refused,
    span::{Asked, point, rows},
    state::Shared,
};
use axum::{
    Json,
    extract::{Path, Query, State},
};
use samples::Series;
use serde::Deserialize;
use serde_json::{Value, json};

type Answer = Result<Json<Value>, Refused>;

#[derive(Deserialize)]
pub(crate) struct Wanted {
    probe: Option<String>,
}

/// Every series with its newest value; `?probe=` for those of one probe.
pub(crate) async fn all(State(shared): State<Shared>, Query(wanted): Query<Wanted>) -> Answer {
    let now = shared.doors.now();
    let all = shared.measured(|reader| reader.series()).await?;
    let is_wanted = |series: &Series| wanted.probe.as_deref().is_none_or(|it| it == series.probe());
    let list = all.iter().filter(|(series, _)| is_wanted(series)).map(|(series, newest)| {
        json!({"probe": series.probe(), "reading": series.reading(), "latest": point(newest, now)})
    });
    Ok(Json(list.collect()))
}

/// One series in steps.
pub(crate) async fn one(
    State(shared): State<Shared>,
    Path((probe, reading)): Path<(String, String)>,
    Query(asked): Query<Asked>,
) -> Answer {
    let now = shared.doors.now();
    let span = asked.span(now)?;
    let name = format!("{probe} {reading}");
    let series = Series::new(probe, reading);
    let wanted = series.clone();
    let found = shared.measured(move |reader| {
        let latest = reader.latest(&wanted)?;
        Ok((latest, reader.range(&wanted, span.from, span.to, span.step)?))
    });
    let (latest, curve) = found.await?;
    let Some(latest) = latest else {
        return Err(Refused::not_found(
            format!("`{name}` の測定値はありません"),
            format!("there are no samples of `{name}`"),
        ));
    };
    Ok(Json(json!({
        "probe": series.probe(), "reading": series.reading(), "latest": point(&latest, now),
        "step_seconds": curve.step.as_secs_f64(), "history": rows(&curve),
    })))
}

/// Whether samples are kept, and whether any were lost.
pub(crate) fn state(shared: &Shared) -> Value {
    match &shared.samples {
        Some(samples) => json!({
            "dropped": samples.dropped(), "fault": samples.fault().map(|fault| fault.to_string()),
        }),
        None => json!({"dropped": null, "fault": "the samples could not be opened: see the log"}),
    }
}
