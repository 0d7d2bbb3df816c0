//! What is quiet: silences and maintenance windows, why and until when, what each hides; somebody makes one or ends it.

use crate::{
    acting::Acting,
    desk::Desk,
    frame::{self, Here, Manner},
    trouble::Trouble,
    visitor::Viewer,
    when::{Clock, When},
};
use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::{Redirect, Response},
};
use domain::{
    carried_accounts::Rights,
    command::Command,
    said::Language,
    silence::{Announced, Kept, Kind, Stage},
    world::World,
};
use jiff::{SignedDuration, Timestamp, civil::DateTime};
use serde::Deserialize;
use web::{Quiet, Scope};

/// For how long something can be made quiet with one press, in minutes.
const MINUTES: [u32; 7] = [30, 60, 120, 240, 480, 1440, 10_080];

/// What a new silence begins with, for links from elsewhere.
#[derive(Deserialize)]
pub(crate) struct Begun {
    #[serde(default)]
    matchers: String,
}

struct Row {
    id: String,
    kind: &'static str,
    is_active: bool,
    is_over: bool,
    what: String,
    comment: String,
    by: String,
    from: When,
    until: When,
    hides: usize,
    may_end: bool,
}

#[derive(Template)]
#[template(path = "silences.html")]
struct Silences {
    l: Language,
    csrf: String,
    matchers: String,
    may_change: bool,
    rows: Vec<Row>,
    /// Those that ended within the last days.
    over: Vec<Row>,
    /// Services by name, with what people call them.
    services: Vec<(String, String)>,
    minutes: Vec<(u32, String)>,
}

/// `GET /silences?matchers=`.
pub(crate) async fn show(
    State(desk): State<Desk>,
    viewer: Viewer,
    Query(begun): Query<Begun>,
) -> Result<Response, Trouble> {
    let may_change = viewer.may(Rights::Responder);
    let seen = viewer.clone();
    let own = desk.clone();
    let look = move |world: &World<'_>| {
        let clock = seen.visitor.clock(&own, &world.policy.zone);
        let mut kept: Vec<_> = world.state.silences.all().collect();
        kept.sort_by_key(|one| (one.stage == Stage::Pending, one.silence.ends_at));
        let rows = kept.into_iter().map(|one| row(world, one, &clock, may_change));
        let services = world.policy.graph.services();
        let services = services.map(|one| (one.name.to_string(), one.title.clone()));
        (rows.collect::<Vec<_>>(), services.collect(), clock)
    };
    let (rows, services, clock) = desk
        .shared
        .look(look)
        .await
        .map_err(|refused| Trouble::refused(&viewer.visitor, refused))?;
    let (mut over, rows): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| row.is_over);
    over.reverse();
    let l = clock.language;
    let length = |minutes: u32| clock.length(SignedDuration::from_mins(minutes.into()));
    let main = Silences {
        l,
        csrf: viewer.csrf.clone(),
        matchers: begun.matchers,
        may_change,
        rows,
        over,
        services,
        minutes: MINUTES.map(|minutes| (minutes, length(minutes))).to_vec(),
    };
    let manner = Manner::still(l.pick("サイレンス", "Quiet"), Here::Silences);
    Ok(frame::of(&viewer, &manner, &main))
}

fn row(world: &World<'_>, kept: &Kept, clock: &Clock, may_change: bool) -> Row {
    let (l, silence) = (clock.language, &kept.silence);
    let matchers = || {
        let all: Vec<_> = silence.matchers.iter().map(ToString::to_string).collect();
        all.join(", ")
    };
    let (kind, what) = match &silence.kind {
        Kind::Plain => (l.pick("サイレンス", "silence"), matchers()),
        Kind::Recurring(_) => (l.pick("定期", "recurring"), matchers()),
        Kind::Maintenance(services) => {
            let titles = services.iter().map(|name| world.policy.graph.title(name).to_owned());
            let titles: Vec<_> = titles.collect();
            (l.pick("メンテナンス", "maintenance"), titles.join(l.pick("、", ", ")))
        }
    };
    let is_over = kept.stage == Stage::Expired;
    Row {
        id: silence.id.to_string(),
        kind,
        is_active: kept.stage == Stage::Active,
        is_over,
        what,
        comment: silence.comment.clone(),
        by: silence.created_by.clone(),
        from: clock.show(silence.starts_at),
        until: clock.show(silence.ends_at),
        hides: world.quiet.covered_by(&silence.id),
        // One of a series would begin anew at once: it is ended where it is written.
        may_end: may_change && !is_over && !matches!(silence.kind, Kind::Recurring(_)),
    }
}

/// `POST /silences`: a silence by its matchers, or a window by its services.
pub(crate) async fn quieten(State(desk): State<Desk>, acting: Acting) -> Result<Redirect, Trouble> {
    acting.needs(Rights::Responder)?;
    let minutes: u32 = acting.read(acting.field("minutes"))?;
    if !MINUTES.contains(&minutes) {
        return Err(acting.bad(format!("`minutes` is one of {MINUTES:?}")));
    }
    let starts_at = match acting.field("from") {
        "" => desk.now(),
        text => start(&desk, &acting, text).await?,
    };
    let ends_at = starts_at.saturating_add(SignedDuration::from_mins(minutes.into()));
    let services: Vec<_> = acting.all("service").map(Into::into).collect();
    let scope = match acting.field("kind") {
        "maintenance" => {
            let words = Some(acting.text("words")).filter(|words| !words.is_empty());
            let is_announced = acting.field("announce") == "1" || words.is_some();
            Scope::Services { services, announced: is_announced.then_some(Announced { words }) }
        }
        _ => Scope::Alerts(acting.text("matchers")),
    };
    let quiet = Quiet {
        scope,
        starts_at,
        ends_at: ends_at.map_err(|error| acting.bad(error.to_string()))?,
        comment: acting.text("comment"),
    };
    acting.does(web::quieten(&desk.shared, acting.viewer.name.as_str(), quiet)).await?;
    Ok(Redirect::to("/silences"))
}

/// A time as the browser writes it, in the zone in which it was read.
async fn start(desk: &Desk, acting: &Acting, text: &str) -> Result<Timestamp, Trouble> {
    let visitor = &acting.viewer.visitor;
    let zone = desk.shared.look(|world| world.policy.zone.clone()).await;
    let zone = zone.map_err(|refused| Trouble::refused(visitor, refused))?;
    let at: DateTime = acting.read(text)?;
    let there = visitor.clock(desk, &zone).zone.to_zoned(at);
    there.map(|there| there.timestamp()).map_err(|error| acting.bad(error.to_string()))
}

/// `POST /silences/{id}/end`: what still burns is judged anew.
pub(crate) async fn end(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    acting: Acting,
) -> Result<Redirect, Trouble> {
    acting.needs(Rights::Responder)?;
    let by = acting.viewer.actor();
    acting.submit(&desk, Command::ExpireSilence { id: id.into(), by }).await?;
    Ok(Redirect::to("/silences"))
}
