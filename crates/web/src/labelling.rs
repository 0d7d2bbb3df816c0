//! Alerts get labels from people: was it right, was it worth a call?

use crate::{
    acting::{Answer, person, submit},
    answer::Refused,
    extract::{Json, Path},
    state::Shared,
    worded,
};
use axum::extract::State;
use domain::{
    alert_label::{AlertLabel, AlertLabelled},
    command::Command,
};
use serde::Deserialize;
use utoipa::ToSchema;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Label {
    by: String,
    /// None takes back what was said.
    #[schema(schema_with = worded::label)]
    label: Option<AlertLabel>,
}

/// `POST /api/v1/alerts/{key}/label`: by number (`A12`), or the newest of a key or a rule.
pub(crate) async fn label(
    State(shared): State<Shared>,
    Path(key): Path<String>,
    Json(ask): Json<Label>,
) -> Answer {
    let by = person(&ask.by)?;
    let name = key.clone();
    let found = shared.past(move |history| history.alert(&key)).await?;
    let alert = found.map(|view| view.summary.id).ok_or_else(|| {
        Refused::not_found(
            format!("アラート {name} はありません"),
            format!("there is no alert {name}"),
        )
    })?;
    submit(&shared, Command::LabelAlert(AlertLabelled { alert, label: ask.label, by })).await
}
