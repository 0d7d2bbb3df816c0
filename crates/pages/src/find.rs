//! To anything by a word: pages, incidents, services, runbooks. The palette shows what this page shows.

use crate::{
    desk::Desk,
    frame::{self, Here, Manner},
    links,
    search::Search,
    trouble::Trouble,
    visitor::Viewer,
    words,
};
use askama::Template;
use axum::{
    extract::{Query, State},
    response::Response,
};
use domain::{ids::IncidentId, said::Language, world::World};
use history::{HistoryError, IncidentSummary};
use serde::Deserialize;

/// So many incidents are looked through, the newest first.
const SEARCHED: usize = 2000;
/// So many of each are shown.
const SHOWN: usize = 8;

#[derive(Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    q: String,
}

/// Something that was found.
#[derive(Clone, Debug, PartialEq)]
struct Found {
    kind: &'static str,
    title: String,
    note: String,
    link: String,
}

#[derive(Template)]
#[template(path = "find.html")]
struct Find {
    l: Language,
    q: String,
    found: Vec<Found>,
    /// The same words among the alerts.
    alerts: String,
}

/// `GET /find?q=WORDS`: every word must stand in the title or the name.
pub(crate) async fn show(
    State(desk): State<Desk>,
    viewer: Viewer,
    Query(Asked { q }): Query<Asked>,
) -> Result<Response, Trouble> {
    let refused = |refused| Trouble::refused(&viewer.visitor, refused);
    let l = viewer.visitor.language;
    let search = Search::of(&q);
    let mut found = pages(&viewer, &search, l);
    let wanted = search.clone();
    let names = desk.shared.look(move |world| named(world, &wanted, l)).await.map_err(refused)?;
    let wanted = search.clone();
    let past = desk.shared.past(move |history| {
        let number = wanted.number().map(|id| history.incident(id)).transpose()?.flatten();
        let all = history.incidents(wanted.is_empty(), SEARCHED)?;
        let fits = |one: &&IncidentSummary| wanted.fits(&[&one.title, one.cause.as_str()]);
        let fitting: Vec<_> = all.iter().filter(fits).take(SHOWN).cloned().collect();
        Ok::<_, HistoryError>((number, fitting))
    });
    let (number, fitting) = past.await.map_err(refused)?;
    let incident = |id: IncidentId, title: &str, state| Found {
        kind: l.pick("インシデント", "incident"),
        title: format!("{id} {title}"),
        note: words::state(state).text(l).to_owned(),
        link: format!("/incidents/{}", id.0),
    };
    // Whoever writes a number means that incident.
    if let Some(view) = number {
        found.insert(0, incident(view.id, &view.title, view.state));
    }
    found.extend(names);
    found.extend(fitting.iter().map(|one| incident(one.id, &one.title, one.state)));
    let mut seen = std::collections::BTreeSet::new();
    found.retain(|one| seen.insert(one.link.clone()));
    let alerts = links::alerts(&q, true);
    let manner = Manner::still(l.pick("検索", "Find"), Here::Elsewhere);
    Ok(frame::of(&viewer, &manner, &Find { l, q, found, alerts }))
}

fn pages(viewer: &Viewer, search: &Search, l: Language) -> Vec<Found> {
    let open = frame::PAGES.iter().filter(|page| viewer.may(page.rights));
    let fitting = open.filter(|page| search.fits(&[page.ja, page.en, page.path]));
    let found = fitting.map(|page| Found {
        kind: l.pick("ページ", "page"),
        title: l.pick(page.ja, page.en).to_owned(),
        note: page.key.to_owned(),
        link: page.path.to_owned(),
    });
    found.collect()
}

/// Services and runbooks; nobody wants all of them.
fn named(world: &World<'_>, search: &Search, l: Language) -> Vec<Found> {
    if search.is_empty() {
        return Vec::new();
    }
    let services = world.policy.graph.services();
    let services = services.filter(|one| search.fits(&[&one.title, one.name.as_str()]));
    let services = services.take(SHOWN).map(|one| Found {
        kind: l.pick("サービス", "service"),
        title: one.title.clone(),
        note: one.name.to_string(),
        link: links::service(&one.name),
    });
    let plans = world.policy.plans.iter();
    let fits = |plan: &&std::sync::Arc<domain::plan::Plan>| {
        search.fits(&[&plan.title, plan.name.as_str(), plan.alert.as_str()])
    };
    let runbooks = plans.filter(fits).take(SHOWN).map(|plan| Found {
        kind: l.pick("手順書", "runbook"),
        title: plan.title.clone(),
        note: plan.name.to_string(),
        link: links::runbook(&plan.name),
    });
    services.chain(runbooks).collect()
}
