//! One service: how it looks and who says so, what burns on it, what would be done about it, and how it was.

use crate::{
    acting::Acting,
    chart::{Chart, Mark},
    curves::{self, Source},
    dashboard::{self, Asked, Range},
    desk::Desk,
    figures::{figure, unit_of},
    frame::{self, Here, Manner},
    links,
    runs::{self, Brief},
    services,
    trouble::Trouble,
    visitor::Viewer,
    when::{Clock, When},
    words,
};
use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::{Redirect, Response},
};
use domain::{
    alert::Alert as Firing,
    carried_accounts::Rights,
    command::Command,
    graph::Service as Written,
    ids::{ProbeName, RunbookName, ServiceName},
    maintenance,
    reading::{Observation, Reading, Value},
    said::{Language, Said},
    silence::{Kind as Quiet, Silence},
    world::World,
};
use history::{IncidentSummary, RunView};
use jiff::{SignedDuration, Timestamp};
use samples::Curve;
use std::collections::{BTreeMap, BTreeSet};
use web::{Readings, Refused, Span, services::Seen};

/// So many incidents and runs of the past are shown.
const PAST: usize = 10;
/// So many incidents are looked through for them.
const SEARCHED: usize = 1000;

/// What the writer knows of a service.
#[derive(Clone, Debug)]
struct Known {
    seen: Seen,
    written: Written,
    titles: BTreeMap<ServiceName, String>,
    needed_by: Vec<ServiceName>,
    probes: Vec<Probe>,
    alerts: Vec<Firing>,
    runbooks: Vec<(RunbookName, String)>,
    latched_until: Option<Timestamp>,
    /// hikeshi keeps away from it until a person says otherwise.
    can_be_released: bool,
    freeze: Option<String>,
    quiet: Vec<Silence>,
    sources: Vec<Source>,
    changes: Vec<Mark>,
    zone: jiff::tz::TimeZone,
}

/// A probe, and what it brought last.
#[derive(Clone, Debug)]
struct Probe {
    name: ProbeName,
    heard_at: Timestamp,
    no_data_after: SignedDuration,
    seen: Option<Observation>,
}

/// What is known of a service, and its charts.
pub(crate) struct Glance {
    known: Known,
    incidents: Vec<IncidentSummary>,
    runs: Vec<RunView>,
    curves: Result<Vec<Curve>, Refused>,
    span: Span,
}

struct Shown {
    name: String,
    word: &'static str,
    class: &'static str,
    value: String,
    at: Option<When>,
}

struct ProbeShown {
    name: String,
    heard: When,
    is_silent: bool,
    detail: String,
    readings: Vec<Shown>,
}

struct Alert {
    id: String,
    title: String,
    level: String,
    observed: String,
    condition: String,
    at: When,
    incident: Option<u64>,
}

struct Past {
    number: u64,
    title: String,
    state: String,
    is_open: bool,
    at: When,
    lasted: Option<String>,
}

#[derive(Template)]
#[template(path = "service.html")]
pub(crate) struct Service {
    l: Language,
    csrf: String,
    range: Range,
    link: String,
    seen: Seen,
    seen_at: Option<When>,
    kind: &'static str,
    owner: String,
    system: String,
    group: Option<(String, String)>,
    needs: Vec<(String, String)>,
    needed_by: Vec<(String, String)>,
    latched: Option<When>,
    can_be_released: bool,
    may_release: bool,
    freeze: Option<String>,
    quiet: Vec<(String, When, String, String)>,
    probes: Vec<ProbeShown>,
    alerts: Vec<Alert>,
    incidents: Vec<Past>,
    runbooks: Vec<(String, String)>,
    runs: Vec<Brief>,
    charts: Vec<Chart>,
    no_charts: Option<String>,
    now: When,
}

/// `GET /services/{name}?range=24h`.
pub(crate) async fn show(
    State(desk): State<Desk>,
    viewer: Viewer,
    Path(name): Path<String>,
    Query(Asked { range }): Query<Asked>,
) -> Result<Response, Trouble> {
    let name = ServiceName::from(name);
    let glance = look(&desk, name.clone(), range).await;
    let glance = glance.map_err(|refused| Trouble::refused(&viewer.visitor, refused))?;
    let main = ready(&desk, &viewer, range, &name, &glance)?;
    let title = main.seen.title.clone();
    let live = format!("/live{}?range={}", links::service(&name), range.name());
    let manner = Manner { live: Some(live), ..Manner::still(&title, Here::Services) };
    Ok(frame::of(&viewer, &manner, &main))
}

/// `POST /services/{name}/release`: hikeshi may act on it by itself again.
pub(crate) async fn release(
    State(desk): State<Desk>,
    Path(name): Path<String>,
    acting: Acting,
) -> Result<Redirect, Trouble> {
    let target = ServiceName::from(name);
    let back = links::service(&target);
    acting.submit(&desk, Command::ReleaseTarget { target, by: acting.viewer.actor() }).await?;
    Ok(Redirect::to(&back))
}

/// Asks the writer, the history and the samples; none: there is no such service.
pub(crate) async fn look(
    desk: &Desk,
    name: ServiceName,
    range: Range,
) -> Result<Option<Glance>, Refused> {
    let readings = desk.shared.readings.clone();
    let wanted = name.clone();
    let known = desk.shared.look(move |world| known(world, &readings, &wanted)).await?;
    let Some(known) = known else { return Ok(None) };
    let past = desk.shared.past(move |history| {
        let all = history.incidents(false, SEARCHED)?;
        let own: Vec<_> = all.into_iter().filter(|one| one.cause == name).collect();
        Ok::<_, history::HistoryError>((own, history.runs(None, Some(&name), PAST)?))
    });
    let (incidents, runs) = past.await?;
    let span = range.span(desk.now());
    let curves = curves::fetch(desk, &known.sources, span).await;
    Ok(Some(Glance { known, incidents, runs, curves, span }))
}

fn known(world: &World<'_>, readings: &Readings, name: &ServiceName) -> Option<Known> {
    let (state, policy, now) = (world.state, world.policy, world.now);
    let graph = &policy.graph;
    let written = graph.get(name)?.clone();
    let seen = web::services::all(world, readings).into_iter().find(|seen| seen.name == *name)?;
    let alerts = state.alerts.values().filter(|alert| alert.fired.key.service == *name);
    let alerts: Vec<_> = alerts.cloned().collect();
    let probes: Vec<_> = policy
        .probes
        .iter()
        .filter(|(probe, feed)| feed.service == *name || readings.last(probe, name).is_some())
        .collect();
    let rules: BTreeSet<_> = probes.iter().flat_map(|(_, feed)| &feed.rules).collect();
    let answering = rules.into_iter().filter_map(|rule| policy.plan_for(rule, name));
    let own = policy.plans.iter().filter(|plan| plan.service.as_ref() == Some(name));
    let runbooks: BTreeMap<_, _> =
        answering.chain(own).map(|plan| (plan.name.clone(), plan.title.clone())).collect();
    let target = state.targets.get(name);
    let latched_until = target.and_then(|it| it.latched_until).filter(|until| *until > now);
    let freeze = policy.freezes.iter().find(|freeze| freeze.holds(name, graph, now));
    let changes = state.changes.iter().filter(|change| change.service.as_ref() == Some(name));
    Some(Known {
        titles: graph.services().map(|one| (one.name.clone(), one.title.clone())).collect(),
        needed_by: graph.dependents(name).map(|one| one.name.clone()).collect(),
        probes: probes
            .iter()
            .map(|(probe, feed)| Probe {
                name: (*probe).clone(),
                heard_at: world.watch.heard_at(probe),
                no_data_after: feed.no_data_after,
                seen: readings.last(probe, name),
            })
            .collect(),
        runbooks: runbooks.into_iter().collect(),
        latched_until,
        can_be_released: latched_until.is_some() || alerts.iter().any(|alert| alert.fruitless > 0),
        freeze: freeze.map(|freeze| freeze.name.clone()),
        quiet: state.silences.active().filter(|it| quiets(world, it, name)).cloned().collect(),
        sources: curves::judged(world, readings, name),
        changes: changes
            .map(|change| Mark {
                at: change.made_at,
                text: Said::new(
                    format!("変更: {}", change.title),
                    format!("change: {}", change.title),
                ),
                class: "acted",
            })
            .collect(),
        zone: policy.zone.clone(),
        seen,
        written,
        alerts,
    })
}

/// Whether a silence makes a service quiet: it names the service, or hides what fires on it.
fn quiets(world: &World<'_>, silence: &Silence, name: &ServiceName) -> bool {
    let names = |matcher: &domain::matcher::Matcher| {
        matcher.name == "service" && matcher.accepts(name.as_str())
    };
    let hides = |alert: &Firing| {
        let reasons = world.quiet.reasons(world.state, &alert.fired.key);
        alert.fired.key.service == *name
            && reasons.is_some_and(|reasons| reasons.silenced_by.contains(&silence.id))
    };
    silence.matchers.iter().any(names)
        || maintenance::explains(&world.policy.graph, &silence.kind, name)
        || world.state.alerts.values().any(hides)
}

/// As this viewer sees it.
pub(crate) fn ready(
    desk: &Desk,
    viewer: &Viewer,
    range: Range,
    name: &ServiceName,
    glance: &Option<Glance>,
) -> Result<Service, Trouble> {
    let Some(Glance { known, incidents, runs, curves, span }) = glance else {
        let said = Said::new(
            format!("{name} というサービスは設定にありません。"),
            format!("There is no service {name} in the configuration."),
        );
        return Err(Trouble::missing(&viewer.visitor, said));
    };
    let clock = viewer.visitor.clock(desk, &known.zone);
    let l = clock.language;
    let title =
        |name: &ServiceName| known.titles.get(name).cloned().unwrap_or_else(|| name.to_string());
    let linked = |name: &ServiceName| (title(name), links::service(name));
    let mut marks = known.changes.clone();
    marks.extend(incidents.iter().flat_map(dashboard::marks));
    let (charts, no_charts) = match curves {
        Ok(curves) => (curves::charts(&known.sources, curves, *span, &marks, &clock), None),
        Err(why) => (Vec::new(), Some(why.said.text(l).to_owned())),
    };
    Ok(Service {
        l,
        csrf: viewer.csrf.clone(),
        range,
        link: links::service(name),
        seen_at: clock.maybe(known.seen.seen_at),
        seen: known.seen.clone(),
        kind: services::kind(known.written.kind, l),
        owner: known.written.owner.clone().unwrap_or_default(),
        system: known.written.system.clone(),
        group: known.written.group.as_ref().map(linked),
        needs: known.seen.needs.iter().map(linked).collect(),
        needed_by: known.needed_by.iter().map(linked).collect(),
        latched: clock.maybe(known.latched_until),
        can_be_released: known.can_be_released,
        may_release: viewer.may(Rights::Approver),
        freeze: known.freeze.clone(),
        quiet: known.quiet.iter().map(|silence| quiet(silence, &clock)).collect(),
        probes: known.probes.iter().map(|probe| probed(probe, &clock)).collect(),
        alerts: known.alerts.iter().map(|alert| burning(alert, &clock)).collect(),
        incidents: incidents.iter().take(PAST).map(|incident| past(incident, &clock)).collect(),
        runbooks: known
            .runbooks
            .iter()
            .map(|(name, title)| (title.clone(), links::runbook(name)))
            .collect(),
        runs: runs.iter().map(|run| runs::brief(run, &title, &clock)).collect(),
        charts,
        no_charts,
        now: clock.show(clock.now),
    })
}

fn quiet(silence: &Silence, clock: &Clock) -> (String, When, String, String) {
    let l = clock.language;
    let word = match silence.kind {
        Quiet::Maintenance(_) => l.pick("メンテナンス中", "maintenance"),
        Quiet::Plain | Quiet::Recurring(_) => l.pick("サイレンス中", "silenced"),
    };
    let (by, why) = (silence.created_by.clone(), silence.comment.clone());
    (word.to_owned(), clock.show(silence.ends_at), by, why)
}

fn probed(probe: &Probe, clock: &Clock) -> ProbeShown {
    let readings = probe.seen.iter().flat_map(|seen| {
        seen.readings.iter().map(|(name, reading)| shown(name, reading, seen.at, clock))
    });
    let detail = probe.seen.as_ref().and_then(|seen| seen.detail.clone());
    ProbeShown {
        name: probe.name.to_string(),
        heard: clock.show(probe.heard_at),
        is_silent: clock.now.duration_since(probe.heard_at) > probe.no_data_after,
        detail: detail.map(|said| said.text(clock.language).to_owned()).unwrap_or_default(),
        readings: readings.collect(),
    }
}

/// A reading: measured, stale, unknown or failed, and nothing else.
fn shown(name: &str, reading: &Reading, at: Timestamp, clock: &Clock) -> Shown {
    let l = clock.language;
    let plain = |value: &Value| match value {
        Value::Number(number) => figure(*number, unit_of(name)),
        other => other.to_string(),
    };
    let (word, class, value, at) = match reading {
        Reading::Measured(value) => (l.pick("計測", "measured"), "good", plain(value), Some(at)),
        Reading::Stale { value, at } => {
            (l.pick("計測が古い", "stale"), "stale", plain(value), Some(*at))
        }
        Reading::Unknown(why) => {
            (l.pick("不明", "unknown"), "unknown", why.text(l).to_owned(), None)
        }
        Reading::Failed(why) => {
            (l.pick("計測失敗", "cannot look"), "failed", why.text(l).to_owned(), None)
        }
    };
    Shown { name: name.to_owned(), word, class, value, at: clock.maybe(at) }
}

fn burning(alert: &Firing, clock: &Clock) -> Alert {
    let fired = &alert.fired;
    Alert {
        id: fired.id.to_string(),
        title: fired.title.clone(),
        level: fired.level.to_string(),
        observed: fired.observed.text(clock.language).to_owned(),
        condition: fired.condition.clone(),
        at: clock.show(fired.occurred_at),
        incident: alert.incident.map(|id| id.0),
    }
}

fn past(incident: &IncidentSummary, clock: &Clock) -> Past {
    let length = |end: Timestamp| clock.length(end.duration_since(incident.occurred_at).abs());
    Past {
        number: incident.id.0,
        title: incident.title.clone(),
        state: words::state(incident.state).text(clock.language).to_owned(),
        is_open: incident.is_open(),
        at: clock.show(incident.occurred_at),
        lasted: incident.recovered_at.map(length),
    }
}
