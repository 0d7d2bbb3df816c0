//! All incidents, the newest first.

use crate::{
    desk::Desk,
    frame::{self, Here, Manner},
    trouble::Trouble,
    visitor::Viewer,
    when::When,
    words,
};
use askama::Template;
use axum::{extract::State, response::Response};
use domain::{said::Language, severity::Priority};
use history::IncidentSummary;

/// The longest list.
const LIMIT: usize = 200;

struct Row {
    number: u64,
    id: String,
    priority: Option<Priority>,
    title: String,
    state: String,
    is_open: bool,
    at: When,
    lasted: Option<String>,
    who: Option<String>,
}

#[derive(Template)]
#[template(path = "incidents.html")]
struct Incidents {
    l: Language,
    rows: Vec<Row>,
}

/// `GET /incidents`.
pub(crate) async fn show(State(desk): State<Desk>, viewer: Viewer) -> Result<Response, Trouble> {
    let refused = |refused| Trouble::refused(&viewer.visitor, refused);
    let all = desk.shared.past(|history| history.incidents(false, LIMIT)).await.map_err(refused)?;
    let zone = desk.shared.look(|world| world.policy.zone.clone()).await.map_err(refused)?;
    let clock = viewer.visitor.clock(&desk, &zone);
    let l = clock.language;
    let row = |one: &IncidentSummary| Row {
        number: one.id.0,
        id: one.id.to_string(),
        priority: one.priority,
        title: one.title.clone(),
        state: words::state(one.state).text(l).to_owned(),
        is_open: one.closed_at.is_none(),
        at: clock.show(one.occurred_at),
        lasted: one.recovered_at.map(|end| clock.length(end.duration_since(one.occurred_at).abs())),
        who: one.acknowledged_by.as_ref().map(ToString::to_string),
    };
    let main = Incidents { l, rows: all.iter().map(row).collect() };
    let manner = Manner::still(l.pick("インシデント", "Incidents"), Here::Incidents);
    Ok(frame::of(&viewer, &manner, &main))
}
