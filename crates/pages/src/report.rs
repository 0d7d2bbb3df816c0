//! The report of an incident: all of it on paper, in the order in which it is read afterwards (A66 to A68).

use crate::{
    course,
    desk::Desk,
    frame::{self, Here, Manner},
    room::{self, Room},
    trouble::Trouble,
    visitor::Viewer,
    when::{Clock, When},
};
use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use history::{ClockState, ClockView, IncidentView};
use jiff::Timestamp;

/// A limit of the incident, and whether it was kept.
struct Limit {
    name: String,
    minutes: Option<u64>,
    word: &'static str,
    class: &'static str,
    at: Option<When>,
}

#[derive(Template)]
#[template(path = "report.html")]
struct Report {
    room: Room,
    system: String,
    written: When,
    /// How long each part took, where it is over.
    lengths: Vec<(&'static str, Option<String>)>,
    limits: Vec<Limit>,
    /// How many messages went out, and to how many people.
    told: (usize, usize),
}

/// `GET /incidents/{id}/report`.
pub(crate) async fn show(
    State(desk): State<Desk>,
    viewer: Viewer,
    Path(id): Path<String>,
) -> Result<Response, Trouble> {
    let id = room::number(&viewer, &id)?;
    let refused = |refused| Trouble::refused(&viewer.visitor, refused);
    let whole = room::look(&desk, id).await.map_err(refused)?;
    let Some((view, glance)) = &whole else { return Err(room::missing(&viewer, id)) };
    let course = course::look(&desk, view).await.map_err(refused)?;
    let clock = viewer.visitor.clock(&desk, &glance.zone);
    let main = Report {
        system: view.system.clone(),
        written: clock.show(clock.now),
        lengths: lengths(view, &clock),
        limits: view.deadlines.clocks.iter().map(|one| limit(one, &clock)).collect(),
        told: told(view),
        room: room::ready(&desk, &viewer, id, &whole, Some(&course), true)?,
    };
    let title = clock.language.pick("インシデント報告書", "Incident report");
    let title = format!("{id} {title}");
    Ok(frame::of(&viewer, &Manner::still(&title, Here::Incidents), &main))
}

fn lengths(view: &IncidentView, clock: &Clock) -> Vec<(&'static str, Option<String>)> {
    let times = &view.times;
    let since =
        |at: Option<Timestamp>| at.map(|at| clock.length(at.duration_since(times.occurred).abs()));
    let l = clock.language;
    vec![
        (l.pick("検知まで", "until it was detected"), since(Some(times.detected))),
        (l.pick("対応開始まで", "until somebody responded"), since(times.responded)),
        (l.pick("復旧まで", "until it was over"), since(times.recovered)),
    ]
}

fn limit(view: &ClockView, clock: &Clock) -> Limit {
    let l = clock.language;
    let (word, class) = match view.state {
        ClockState::Running => (l.pick("計測中", "running"), "running"),
        ClockState::Met => (l.pick("期限内", "kept"), "pass"),
        ClockState::Missed => (l.pick("超過", "missed"), "fail"),
        ClockState::NotNeeded => (l.pick("不要", "not needed"), "none"),
    };
    Limit {
        name: view.clock.title().text(l).to_owned(),
        minutes: view.minutes,
        word,
        class,
        at: clock.maybe(view.ended_at.or(view.due_at)),
    }
}

fn told(view: &IncidentView) -> (usize, usize) {
    let people: std::collections::BTreeSet<_> =
        view.notices.iter().filter_map(|notice| notice.to.as_ref()).collect();
    (view.notices.len(), people.len())
}
