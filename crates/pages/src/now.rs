//! The first page: what burns, how bad, who has it, what is done about it, and which clocks run.

use crate::{
    asking::{self, Approval, Question, Waiting},
    desk::Desk,
    drawing::{self, Drawing},
    frame::{self, Here, Manner},
    links,
    trouble::Trouble,
    visitor::Viewer,
    when::{Clock, When},
    words,
};
use askama::Template;
use axum::{extract::State, response::Response};
use domain::{
    ids::IncidentId,
    incident::{Incident, Stage},
    on_call,
    run::Run,
    said::{Language, Said},
    severity::Priority,
    world::World,
};
use history::IncidentState;
use jiff::{SignedDuration, Timestamp};
use web::{Refused, services::Seen};

/// What the writer knows for this page.
pub(crate) struct Glance {
    fires: Vec<Fire>,
    waiting: Vec<Waiting>,
    services: Vec<Seen>,
    levels: Vec<(String, SignedDuration, Vec<String>)>,
    stopped: Option<domain::guard::Stopped>,
    /// Alerts that belong to no incident.
    loose: usize,
    zone: jiff::tz::TimeZone,
    product: String,
}

/// An open incident.
struct Fire {
    incident: Incident,
    doing: Said,
    clocks: Vec<(Said, Timestamp)>,
    cause: String,
    /// Who has it, as people call them.
    who: Option<String>,
}

/// An open incident, ready to be shown.
struct Card {
    id: IncidentId,
    number: u64,
    priority: Option<Priority>,
    title: String,
    state: String,
    is_burning: bool,
    since: When,
    who: Option<String>,
    doing: String,
    cause: String,
    alerts: usize,
    clock: Option<(String, When)>,
}

struct Shown {
    link: String,
    seen: Seen,
    at: Option<When>,
}

struct Level {
    title: String,
    after: String,
    people: Vec<String>,
}

#[derive(Template)]
#[template(path = "now.html")]
pub(crate) struct Now {
    l: Language,
    csrf: String,
    product: String,
    headline: String,
    is_calm: bool,
    cards: Vec<Card>,
    over: Vec<Card>,
    approvals: Vec<Approval>,
    questions: Vec<Question>,
    services: Vec<Shown>,
    summary: String,
    drawing: Option<Drawing>,
    levels: Vec<Level>,
    stopped: Option<(String, String, Option<When>)>,
    loose: usize,
    now: When,
    is_wall: bool,
}

/// `GET /`.
pub(crate) async fn show(State(desk): State<Desk>, viewer: Viewer) -> Result<Response, Trouble> {
    let main = build(&desk, &viewer, false).await?;
    let title = viewer.visitor.language.pick("現況", "Now");
    let manner = Manner {
        live: Some("/live/now".into()),
        refresh: Some(20),
        ..Manner::still(title, Here::Now)
    };
    Ok(frame::of(&viewer, &manner, &main))
}

/// `GET /wall`: the same for a screen that hangs on a wall.
pub(crate) async fn wall(State(desk): State<Desk>, viewer: Viewer) -> Result<Response, Trouble> {
    let main = build(&desk, &viewer, true).await?;
    let title = viewer.visitor.language.pick("現況", "Now");
    let manner = Manner {
        live: Some("/live/wall".into()),
        refresh: Some(20),
        is_wall: true,
        ..Manner::still(title, Here::Now)
    };
    Ok(frame::of(&viewer, &manner, &main))
}

/// What the page shows to a viewer now.
pub(crate) async fn build(desk: &Desk, viewer: &Viewer, is_wall: bool) -> Result<Now, Trouble> {
    let glance = look(desk).await;
    let glance = glance.map_err(|refused| Trouble::refused(&viewer.visitor, refused))?;
    Ok(ready(desk, viewer, &glance, is_wall))
}

/// Asks the writer.
pub(crate) async fn look(desk: &Desk) -> Result<Glance, Refused> {
    let readings = desk.shared.readings.clone();
    desk.shared.look(move |world| glance(world, &readings)).await
}

fn glance(world: &World<'_>, readings: &web::Readings) -> Glance {
    let mut fires: Vec<_> =
        world.state.incidents.values().map(|incident| fire(world, incident)).collect();
    let rank = |fire: &Fire| {
        let one = &fire.incident;
        (!one.is_burning(), std::cmp::Reverse(one.priority()), one.times.occurred)
    };
    fires.sort_by_key(rank);
    let title = |name: &domain::ids::ContactName| world.policy.title_of(name.as_str());
    let levels = world.policy.escalation.iter().map(|level| {
        let people = on_call::at_level(world.policy, &world.state.overrides, level, world.now);
        (level.title.clone(), level.after, people.iter().map(title).collect())
    });
    Glance {
        fires,
        waiting: asking::all(world),
        services: web::services::all(world, readings),
        levels: levels.collect(),
        stopped: world.state.stopped.clone().filter(|stopped| stopped.holds(world.now)),
        loose: world.state.loose.len(),
        zone: world.policy.zone.clone(),
        product: world.policy.product.clone(),
    }
}

fn fire(world: &World<'_>, incident: &Incident) -> Fire {
    Fire {
        doing: doing(world, incident),
        clocks: clocks(world, incident),
        cause: world.policy.graph.title(&incident.cause).to_owned(),
        who: incident.acknowledged_by.as_ref().map(|by| world.policy.title_of(&by.to_string())),
        incident: incident.clone(),
    }
}

/// What is done about an incident, in one sentence.
pub(crate) fn doing(world: &World<'_>, incident: &Incident) -> Said {
    let run = world.state.runs.values().find(|run| run.planned.incident == Some(incident.id));
    if let Some(run) = run {
        let (book, on) = (&run.planned.runbook, world.policy.graph.title(&run.planned.target));
        let what = step(world, run);
        return Said::new(
            format!("{book} → {on}: {}", what.ja),
            format!("{book} → {on}: {}", what.en),
        );
    }
    match (incident.stage, &incident.acknowledged_by) {
        (Stage::Recovered | Stage::Reviewed, _) => {
            Said::new("復旧済み。クローズ待ち", "recovered; waits to be closed")
        }
        (Stage::Detected, _) => Said::new("影響を評価中", "finding out what it hurts"),
        (_, Some(by)) => Said::new(format!("{by} が対応中"), format!("{by} works on it")),
        (_, None) if incident.handed_over => Said::new(
            "自動対応では直らず、人に引き継ぎ済み",
            "automation gave up; people must go on",
        ),
        (_, None) => Said::new("引き受けを待っています", "waits for somebody to take it"),
    }
}

fn step(world: &World<'_>, run: &Run) -> Said {
    if let Some(hold) = &run.hold {
        return words::hold(hold, &world.policy.graph);
    }
    if let Some((_, attempt)) = run.unsettled() {
        let role = words::role(attempt.role);
        let name = &attempt.step;
        return Said::new(
            format!("{} ({name}) を実行中", role.ja),
            format!("{} ({name}) is running", role.en),
        );
    }
    match &run.verifying {
        Some(verifying) => {
            let (passes, of) = (verifying.passes, run.planned.verify.passes);
            Said::new(format!("確認中 {passes}/{of}"), format!("verifying, {passes} of {of}"))
        }
        None => Said::new("準備中", "about to start"),
    }
}

/// The clocks that run on an incident, the nearest first.
pub(crate) fn clocks(world: &World<'_>, incident: &Incident) -> Vec<(Said, Timestamp)> {
    let mut all = Vec::new();
    let mut add = |ja: String, en: String, at: Option<Timestamp>| {
        all.extend(at.map(|at| (Said::new(ja, en), at)));
    };
    let runs = world.state.runs.values().filter(|run| run.planned.incident == Some(incident.id));
    for run in runs {
        let approval = run.approval.as_ref().map(|approval| approval.expires_at);
        add("承認の期限".into(), "approval expires".into(), approval);
        let question = run.question.as_ref().map(|question| question.expires_at);
        add("回答の期限".into(), "answer is due".into(), question);
    }
    if incident.is_burning() {
        let next = usize::try_from(incident.level).unwrap_or(usize::MAX);
        let level = world.policy.escalation.get(next).map(|level| level.title.clone());
        let level = level.unwrap_or_default();
        add(format!("次の段階 {level} へ"), format!("goes on to {level}"), incident.next_level_at);
        add("再通知".into(), "is paged again".into(), incident.next_page_at);
        add("次の状況連絡".into(), "next update".into(), incident.next_update_at);
        for limit in incident.open_limits() {
            let title = limit.clock.title();
            let (ja, en) = (format!("{}の期限", title.ja), format!("{} is due", title.en));
            add(ja, en, Some(limit.due_at));
        }
    }
    all.sort_by_key(|(_, at)| *at);
    all
}

/// What the writer knows, as this viewer sees it.
pub(crate) fn ready(desk: &Desk, viewer: &Viewer, glance: &Glance, is_wall: bool) -> Now {
    let l = viewer.visitor.language;
    let clock = viewer.visitor.clock(desk, &glance.zone);
    let card = |fire: &Fire| card(&clock, fire);
    let (cards, over): (Vec<_>, Vec<_>) =
        glance.fires.iter().map(card).partition(|card| card.is_burning);
    let summary = web::services::summary(&glance.services).text(l).to_owned();
    let drawing = drawing::draw(&glance.services);
    let mut services = glance.services.clone();
    services.sort_by_key(|seen| (seen.look, !seen.is_function));
    let level = |(title, after, people): &(String, SignedDuration, Vec<String>)| Level {
        title: title.clone(),
        after: clock.length(*after),
        people: people.clone(),
    };
    let stopped = glance.stopped.as_ref().map(|stopped| {
        (stopped.by.to_string(), stopped.reason.clone(), clock.maybe(stopped.until))
    });
    Now {
        l,
        csrf: viewer.csrf.clone(),
        product: glance.product.clone(),
        headline: headline(&cards, l),
        is_calm: cards.is_empty(),
        cards,
        over,
        approvals: asking::approvals(&glance.waiting, viewer, &clock),
        questions: asking::questions(&glance.waiting, viewer, &clock),
        services: services
            .into_iter()
            .map(|seen| Shown {
                link: links::service(&seen.name),
                at: clock.maybe(seen.seen_at),
                seen,
            })
            .collect(),
        summary,
        drawing,
        levels: glance.levels.iter().map(level).collect(),
        stopped,
        loose: glance.loose,
        now: clock.show(clock.now),
        is_wall,
    }
}

fn card(clock: &Clock, fire: &Fire) -> Card {
    let (l, incident) = (clock.language, &fire.incident);
    let clocks = fire.clocks.first();
    Card {
        id: incident.id,
        number: incident.id.0,
        priority: incident.classification.as_ref().map(|found| found.priority),
        title: incident.title.clone(),
        state: words::state(IncidentState::from(incident.stage)).text(l).to_owned(),
        is_burning: incident.is_burning(),
        since: clock.show(incident.times.occurred),
        who: fire.who.clone(),
        doing: fire.doing.text(l).to_owned(),
        cause: fire.cause.clone(),
        alerts: incident.burning.len(),
        clock: clocks.map(|(said, at)| (said.text(l).to_owned(), clock.show(*at))),
    }
}

fn headline(cards: &[Card], l: Language) -> String {
    let worst = cards.iter().filter_map(|card| card.priority).max();
    let worst = worst.map(|priority| priority.to_string());
    match (cards.len(), worst) {
        (0, _) => l.pick("燃えているものはありません", "Nothing burns").to_owned(),
        (1, Some(worst)) => {
            l.pick(format!("{worst} が 1 件燃えています"), format!("One {worst} burns"))
        }
        (count, Some(worst)) => l.pick(
            format!("{count} 件燃えています。最悪は {worst}"),
            format!("{count} burn, the worst is {worst}"),
        ),
        (count, None) => l.pick(
            format!("{count} 件燃えています。判定待ち"),
            format!("{count} burn, not classified yet"),
        ),
    }
}
