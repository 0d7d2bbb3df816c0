//! What was measured over time: every series, one series, and how the samples themselves are.

use crate::{
    acting::Answer,
    answer::Refused,
    extract::{Json, Path, Query},
    span::{Asked, Newest, Row, point, rows},
    state::Shared,
};
use axum::extract::State;
use samples::Series;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

#[derive(Deserialize, IntoParams)]
pub(crate) struct Wanted {
    probe: Option<String>,
}

/// A series and its newest value.
#[derive(Serialize, ToSchema)]
pub(crate) struct Known {
    probe: String,
    reading: String,
    latest: Newest,
}

/// A series in steps.
#[derive(Serialize, ToSchema)]
pub(crate) struct Course {
    #[serde(flatten)]
    known: Known,
    step_seconds: f64,
    history: Vec<Row>,
}

/// How the samples themselves are.
#[derive(Serialize, ToSchema)]
pub(crate) struct Keeping {
    /// Those that were lost.
    dropped: Option<u64>,
    fault: Option<String>,
}

/// Every series with its newest value; `?probe=` for those of one probe.
pub(crate) async fn all(
    State(shared): State<Shared>,
    Query(wanted): Query<Wanted>,
) -> Answer<Vec<Known>> {
    let now = shared.doors.now();
    let all = shared.measured(|reader| reader.series()).await?;
    let is_wanted = |series: &Series| wanted.probe.as_deref().is_none_or(|it| it == series.probe());
    let list = all
        .iter()
        .filter(|(series, _)| is_wanted(series))
        .map(|(series, newest)| known(series, point(newest, now)));
    Ok(Json(list.collect()))
}

/// One series in steps.
pub(crate) async fn one(
    State(shared): State<Shared>,
    Path((probe, reading)): Path<(String, String)>,
    Query(asked): Query<Asked>,
) -> Answer<Course> {
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
    Ok(Json(Course {
        known: known(&series, point(&latest, now)),
        step_seconds: curve.step.as_secs_f64(),
        history: rows(&curve),
    }))
}

fn known(series: &Series, latest: Newest) -> Known {
    Known { probe: series.probe().to_owned(), reading: series.reading().to_owned(), latest }
}

/// Whether samples are kept, and whether any were lost.
pub(crate) fn state(shared: &Shared) -> Keeping {
    match &shared.samples {
        Some(samples) => Keeping {
            dropped: Some(samples.dropped()),
            fault: samples.fault().map(|fault| fault.to_string()),
        },
        None => Keeping {
            dropped: None,
            fault: Some("the samples could not be opened: see the log".to_owned()),
        },
    }
}
