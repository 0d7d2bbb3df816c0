//! All services: what needs what, how each looks, and what is wrong with it.

use crate::{
    desk::Desk,
    drawing::{self, Drawing},
    frame::{self, Here, Manner},
    links,
    trouble::Trouble,
    visitor::Viewer,
    when::When,
};
use askama::Template;
use axum::{extract::State, response::Response};
use domain::{graph::Kind, said::Language, world::World};
use std::collections::BTreeMap;
use web::{Refused, services::Seen};

/// What the writer knows.
pub(crate) struct Glance {
    services: Vec<Seen>,
    /// Kind, system and owner of each, in the same order.
    written: Vec<(Kind, String, Option<String>)>,
    zone: jiff::tz::TimeZone,
}

struct Row {
    seen: Seen,
    link: String,
    at: Option<When>,
    kind: &'static str,
    owner: String,
}

#[derive(Template)]
#[template(path = "services.html")]
pub(crate) struct Services {
    l: Language,
    summary: String,
    drawing: Option<Drawing>,
    /// By system.
    systems: BTreeMap<String, Vec<Row>>,
    now: When,
}

/// `GET /services`.
pub(crate) async fn show(State(desk): State<Desk>, viewer: Viewer) -> Result<Response, Trouble> {
    let glance = look(&desk).await;
    let glance = glance.map_err(|refused| Trouble::refused(&viewer.visitor, refused))?;
    let main = ready(&desk, &viewer, &glance);
    let manner = Manner {
        live: Some("/live/services".into()),
        refresh: Some(20),
        ..Manner::still(viewer.visitor.language.pick("サービス", "Services"), Here::Services)
    };
    Ok(frame::of(&viewer, &manner, &main))
}

/// Asks the writer.
pub(crate) async fn look(desk: &Desk) -> Result<Glance, Refused> {
    let readings = desk.shared.readings.clone();
    let glance = desk.shared.look(move |world: &World<'_>| {
        let written = world.policy.graph.services();
        Glance {
            services: web::services::all(world, &readings),
            written: written.map(|one| (one.kind, one.system.clone(), one.owner.clone())).collect(),
            zone: world.policy.zone.clone(),
        }
    });
    glance.await
}

/// As this viewer sees it.
pub(crate) fn ready(desk: &Desk, viewer: &Viewer, glance: &Glance) -> Services {
    let clock = viewer.visitor.clock(desk, &glance.zone);
    let l = clock.language;
    let mut systems: BTreeMap<String, Vec<Row>> = BTreeMap::new();
    for (seen, (kind, system, owner)) in glance.services.iter().zip(&glance.written) {
        systems.entry(system.clone()).or_default().push(Row {
            link: links::service(&seen.name),
            at: clock.maybe(seen.seen_at),
            kind: self::kind(*kind, l),
            owner: owner.clone().unwrap_or_default(),
            seen: seen.clone(),
        });
    }
    systems.values_mut().for_each(|rows| rows.sort_by_key(|row| row.seen.look));
    Services {
        l,
        summary: web::services::summary(&glance.services).text(l).to_owned(),
        drawing: drawing::draw(&glance.services),
        systems,
        now: clock.show(clock.now),
    }
}

/// What a service is.
pub(crate) fn kind(kind: Kind, l: Language) -> &'static str {
    match kind {
        Kind::Process => l.pick("プロセス", "process"),
        Kind::Group => l.pick("グループ", "group"),
        Kind::Database => l.pick("データベース", "database"),
        Kind::Function { core: true } => l.pick("主要機能", "main function"),
        Kind::Function { core: false } => l.pick("機能", "function"),
        Kind::Host => l.pick("マシン", "machine"),
        Kind::External => l.pick("外部サービス", "somebody else's service"),
    }
}
