//! One run of a runbook, by itself: every step with its output, live while it is under way.

use crate::{
    desk::Desk,
    frame::{self, Here, Manner},
    links,
    runs::{self, Known, Run},
    trouble::Trouble,
    visitor::Viewer,
};
use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use domain::{
    ids::RunId,
    said::{Language, Said},
};
use history::RunView;
use web::Refused;

/// What the history tells and the writer knows.
pub(crate) struct Glance {
    view: RunView,
    known: Known,
    zone: jiff::tz::TimeZone,
}

#[derive(Template)]
#[template(path = "run.html")]
pub(crate) struct OneRun {
    l: Language,
    run: Run,
    runbook_link: String,
    target_link: String,
    incident: Option<u64>,
    is_dry: bool,
    took: Option<String>,
    answers: Vec<String>,
    digest: String,
    pub(crate) is_over: bool,
}

/// `GET /runs/{id}`.
pub(crate) async fn show(
    State(desk): State<Desk>,
    viewer: Viewer,
    Path(id): Path<String>,
) -> Result<Response, Trouble> {
    let id = number(&viewer, &id)?;
    let glance = look(&desk, id).await;
    let glance = glance.map_err(|refused| Trouble::refused(&viewer.visitor, refused))?;
    let main = ready(&desk, &viewer, id, &glance)?;
    let live = (!main.is_over).then(|| format!("/live/runs/{}", id.0));
    let refresh = (!main.is_over).then_some(5);
    let title = format!("{id} {}", main.run.runbook);
    let manner = Manner { live, refresh, ..Manner::still(&title, Here::Runbooks) };
    Ok(frame::of(&viewer, &manner, &main))
}

/// The number of a run in an address.
pub(crate) fn number(viewer: &Viewer, text: &str) -> Result<RunId, Trouble> {
    text.parse().map_err(|_| {
        let said = Said::new(
            format!("「{text}」は実行の番号ではありません。"),
            format!("“{text}” is not the number of a run."),
        );
        Trouble::missing(&viewer.visitor, said)
    })
}

/// There is no such run.
pub(crate) fn missing(viewer: &Viewer, id: RunId) -> Trouble {
    let said =
        Said::new(format!("{id} という実行はありません。"), format!("There is no run {id}."));
    Trouble::missing(&viewer.visitor, said)
}

/// Asks both; none: there is no such run.
pub(crate) async fn look(desk: &Desk, id: RunId) -> Result<Option<Glance>, Refused> {
    let Some(view) = desk.shared.past(move |history| history.run(id)).await? else {
        return Ok(None);
    };
    let known = desk.shared.look(|world| (Known::of(world), world.policy.zone.clone()));
    let (known, zone) = known.await?;
    Ok(Some(Glance { view, known, zone }))
}

/// As this viewer sees it.
pub(crate) fn ready(
    desk: &Desk,
    viewer: &Viewer,
    id: RunId,
    glance: &Option<Glance>,
) -> Result<OneRun, Trouble> {
    let Some(Glance { view, known, zone }) = glance else { return Err(missing(viewer, id)) };
    let clock = viewer.visitor.clock(desk, zone);
    let length = |end: jiff::Timestamp| clock.length(end.duration_since(view.planned_at).abs());
    Ok(OneRun {
        l: clock.language,
        // Steps are taken back in the room of the incident.
        run: runs::run(view, known, &clock, false),
        runbook_link: links::runbook(&view.runbook),
        target_link: links::service(&view.target),
        incident: view.incident.map(|id| id.0),
        is_dry: view.dry_run,
        took: view.finished_at.map(length),
        answers: view.answers.iter().map(|said| said.text(clock.language).to_owned()).collect(),
        digest: view.digest.clone(),
        is_over: view.finished_at.is_some(),
    })
}
