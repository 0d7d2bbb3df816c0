//! Alerts: what fires and what fired, found by a word; people say here what each was, with one key.

use crate::{
    acting::Acting,
    desk::Desk,
    frame::{self, Here, Manner},
    links,
    search::Search,
    sign_in::own_path,
    trouble::Trouble,
    visitor::Viewer,
    when::When,
    words,
};
use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::{Redirect, Response},
};
use domain::{
    alert_label::{AlertLabel, AlertLabelled},
    carried_accounts::Rights,
    command::Command,
    ids::AlertId,
    said::Language,
    said::Said,
};
use history::AlertSummary;
use serde::Deserialize;

/// So many are looked through, the newest first.
const SEARCHED: usize = 20_000;
/// So many are shown.
const SHOWN: usize = 200;

#[derive(Deserialize)]
pub(crate) struct Wanted {
    #[serde(default)]
    q: String,
    #[serde(default)]
    all: String,
}

/// One of the words that somebody can say of an alert.
struct Label {
    /// Its key.
    key: char,
    word: String,
    is_said: bool,
    /// What pressing it asks for: the word, or, where it is said already, to take it back.
    asks: &'static str,
}

struct Row {
    id: String,
    labels: [Label; 3],
    title: String,
    key: String,
    level: String,
    class: &'static str,
    at: When,
    until: Option<When>,
    observed: String,
    condition: String,
    owner: String,
    incident: Option<u64>,
    is_flapping: bool,
}

#[derive(Template)]
#[template(path = "alerts.html")]
struct Alerts {
    l: Language,
    csrf: String,
    may_respond: bool,
    /// This very page, to come back to.
    here: String,
    q: String,
    is_all: bool,
    rows: Vec<Row>,
    found: usize,
}

/// `GET /alerts?q=WORDS&all=1`: every word must stand in the title, the key, the value, the owner or the level.
pub(crate) async fn show(
    State(desk): State<Desk>,
    viewer: Viewer,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Trouble> {
    let refused = |refused| Trouble::refused(&viewer.visitor, refused);
    let is_all = !wanted.all.is_empty();
    let search = Search::of(&wanted.q);
    let found = desk.shared.past(move |history| {
        let all = history.alerts(!is_all, SEARCHED)?;
        Ok::<_, history::HistoryError>(pick(all, &search))
    });
    let (count, alerts) = found.await.map_err(refused)?;
    let zone = desk.shared.look(|world| world.policy.zone.clone()).await.map_err(refused)?;
    let clock = viewer.visitor.clock(&desk, &zone);
    let l = clock.language;
    let row = |alert: AlertSummary| Row {
        id: alert.id.to_string(),
        labels: labels(alert.label, l),
        key: alert.key.to_string(),
        level: alert.level.to_string(),
        class: if alert.resolved_at.is_some() { "none" } else { "fail" },
        at: clock.show(alert.fired_at),
        until: clock.maybe(alert.resolved_at),
        observed: alert.observed.text(l).to_owned(),
        condition: alert.condition,
        owner: alert.owner,
        incident: alert.incident.map(|id| id.0),
        is_flapping: alert.flapping,
        title: alert.title,
    };
    let rows = alerts.into_iter().map(row).collect();
    let here = links::alerts(&wanted.q, is_all);
    let (csrf, may_respond) = (viewer.csrf.clone(), viewer.may(Rights::Responder));
    let main = Alerts { l, csrf, may_respond, here, q: wanted.q, is_all, rows, found: count };
    let manner = Manner::still(l.pick("アラート", "Alerts"), Here::Alerts);
    Ok(frame::of(&viewer, &manner, &main))
}

/// `POST /alerts/{id}/label`: what somebody says that it was; they go on at the same alert.
pub(crate) async fn label(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    acting: Acting,
) -> Result<Redirect, Trouble> {
    acting.needs(Rights::Responder)?;
    let alert: AlertId = acting.read(&id)?;
    let label = match acting.field("label") {
        "none" => None,
        word => Some(acting.read::<AlertLabel>(word)?),
    };
    let by = acting.viewer.actor();
    acting.submit(&desk, Command::LabelAlert(AlertLabelled { alert, label, by })).await?;
    Ok(Redirect::to(&format!("{}#{alert}", own_path(acting.field("back")))))
}

fn labels(said: Option<AlertLabel>, l: Language) -> [Label; 3] {
    [(AlertLabel::True, 't'), (AlertLabel::False, 'f'), (AlertLabel::Noise, 'x')].map(
        |(label, key)| {
            let is_said = said == Some(label);
            let asks = if is_said { "none" } else { label.name() };
            Label { key, word: words::label(label).text(l).to_owned(), is_said, asks }
        },
    )
}

/// How many have all words, and the first of them.
fn pick(all: Vec<AlertSummary>, search: &Search) -> (usize, Vec<AlertSummary>) {
    let fits = |alert: &AlertSummary| {
        let (key, level, id) =
            (alert.key.to_string(), alert.level.to_string(), alert.id.to_string());
        let Said { ja, en } = &alert.observed;
        let texts = [&alert.title, ja, en, &alert.owner, &alert.condition];
        search.fits(&[&texts.map(String::as_str)[..], &[&key, &level, &id]].concat())
    };
    let mut found: Vec<_> = all.into_iter().filter(fits).collect();
    let count = found.len();
    found.truncate(SHOWN);
    (count, found)
}
