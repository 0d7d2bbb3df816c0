//! Handlers that only show: state from the engine, the past from the history.

use crate::{
    acting::Answer,
    answer::Refused,
    extract::{Json, Path, Query},
    measured::{self, Keeping},
    quieting::{self, Marks},
    services,
    state::Shared,
};
use axum::extract::State;
use domain::{
    ids::{ContactName, IncidentId, ProbeName, RuleName, RunId, RunbookName, ServiceName},
    plan::{Mode, Plan},
    reading::{Observation, Reading},
    said::Said,
    watch::Health,
};
use history::{
    AlertSummary, AlertView, IncidentSummary, IncidentView, NoticeState, NoticeView, RunView,
    TimelineEntry, shape::Open, shape::SaidShape,
};
use jiff::Timestamp;
use journal::Position;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, net::SocketAddr, sync::atomic::Ordering};
use utoipa::{IntoParams, ToSchema};

/// The longest list in one answer.
const LIMIT: usize = 1000;

#[derive(Deserialize, IntoParams)]
pub(crate) struct Listing {
    #[serde(default)]
    all: bool,
    limit: Option<usize>,
}

#[derive(Deserialize, IntoParams)]
pub(crate) struct After {
    #[serde(default)]
    #[param(format = "uint64")]
    after: u64,
    limit: Option<usize>,
}

/// What is open.
#[derive(Serialize, ToSchema)]
pub(crate) struct Status {
    #[schema(value_type = Option<String>)]
    listen: Option<SocketAddr>,
    #[schema(value_type = u64)]
    position: Position,
    version: Option<String>,
    incidents: usize,
    alerts: usize,
    runs: usize,
    notices_owed: usize,
    samples: Keeping,
}

/// One look of one probe at one service.
#[derive(Serialize, ToSchema)]
pub(crate) struct Look {
    #[schema(value_type = String)]
    probe: ProbeName,
    #[schema(value_type = String)]
    service: ServiceName,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    #[schema(value_type = BTreeMap<String, ReadingShape>)]
    readings: BTreeMap<String, Reading>,
    #[schema(value_type = Option<SaidShape>)]
    detail: Option<Said>,
}

/// A measured value, or why there is none.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = Reading)]
#[allow(dead_code, reason = "it only describes the one of the core")]
pub(crate) enum ReadingShape {
    Measured(serde_json::Value),
    Stale { value: serde_json::Value, at: String },
    Unknown(SaidShape),
    Failed(SaidShape),
}

/// An alert in a list.
#[derive(Serialize, ToSchema)]
pub(crate) struct Listed {
    #[serde(flatten)]
    alert: AlertSummary,
    #[serde(flatten)]
    marks: Marks,
}

/// An alert, whole.
#[derive(Serialize, ToSchema)]
pub(crate) struct Marked {
    #[serde(flatten)]
    alert: AlertView,
    #[serde(flatten)]
    marks: Marks,
}

/// A runbook in a list.
#[derive(Serialize, ToSchema)]
pub(crate) struct Brief {
    #[schema(value_type = String)]
    name: RunbookName,
    title: String,
    #[schema(value_type = String)]
    alert: RuleName,
    #[schema(value_type = Option<String>)]
    service: Option<ServiceName>,
    #[schema(value_type = String)]
    mode: Mode,
    version: Option<String>,
    approved_by: Option<String>,
    file: String,
    steps: usize,
}

/// A runbook, whole.
#[derive(Serialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = Open)]
pub(crate) struct Whole(Plan);

/// A service as it looks now.
#[derive(Serialize, ToSchema)]
pub(crate) struct Served {
    #[schema(value_type = String)]
    name: ServiceName,
    title: String,
    system: String,
    #[schema(value_type = Option<String>)]
    group: Option<ServiceName>,
    #[schema(value_type = Vec<String>)]
    depends_on: Vec<ServiceName>,
    /// `good`, `bad` or `unknown`.
    health: &'static str,
    alerts: Vec<String>,
    #[schema(value_type = String)]
    look: services::Look,
    #[schema(value_type = SaidShape)]
    why: Said,
    #[schema(value_type = Option<String>, format = DateTime)]
    seen_at: Option<Timestamp>,
    #[schema(value_type = Option<u64>)]
    run: Option<RunId>,
    #[schema(value_type = Option<String>, format = DateTime)]
    latched_until: Option<Timestamp>,
}

pub(crate) async fn healthz() -> &'static str {
    "ok\n"
}

/// Ready when the writer answers and the journal takes facts.
pub(crate) async fn readyz(State(shared): State<Shared>) -> Result<&'static str, Refused> {
    shared.ask(|_, _, _, _| ()).await?;
    if shared.counts.journal_fault.load(Ordering::Relaxed) != 0 {
        return Err(Refused::fault("the journal does not take facts"));
    }
    Ok("ready\n")
}

pub(crate) async fn status(State(shared): State<Shared>) -> Answer<Status> {
    let (listen, samples) = (shared.listen.get().copied(), measured::state(&shared));
    let status = shared.ask(move |state, _, _, position| Status {
        listen,
        position,
        version: state.version.clone(),
        incidents: state.burning().count(),
        alerts: state.alerts.len(),
        runs: state.runs.len(),
        notices_owed: state.notices.len(),
        samples,
    });
    Ok(Json(status.await?))
}

pub(crate) async fn readings(State(shared): State<Shared>) -> Answer<BTreeMap<String, Vec<Look>>> {
    let look = |Observation { probe, service, at, readings, detail }| Look {
        probe,
        service,
        at,
        readings,
        detail,
    };
    let all = shared.readings.all().into_iter();
    let all = all.map(|(probe, seen)| (probe.to_string(), seen.into_iter().map(look).collect()));
    Ok(Json(all.collect()))
}

pub(crate) async fn incidents(
    State(shared): State<Shared>,
    Query(listing): Query<Listing>,
) -> Answer<Vec<IncidentSummary>> {
    let limit = listing.limit.unwrap_or(100).min(LIMIT);
    Ok(Json(shared.past(move |history| history.incidents(!listing.all, limit)).await?))
}

pub(crate) async fn incident(
    State(shared): State<Shared>,
    Path(id): Path<String>,
) -> Answer<IncidentView> {
    let id: IncidentId = match id.as_str() {
        "latest" => IncidentId(shared.ask(|state, _, _, _| state.last.incident).await?),
        id => id.parse().map_err(Refused::bad)?,
    };
    let found = shared.past(move |history| history.incident(id)).await?;
    found.map(Json).ok_or_else(|| {
        Refused::not_found(
            format!("インシデント {id} はありません"),
            format!("there is no incident {id}"),
        )
    })
}

pub(crate) async fn alerts(
    State(shared): State<Shared>,
    Query(listing): Query<Listing>,
) -> Answer<Vec<Listed>> {
    let limit = listing.limit.unwrap_or(100).min(LIMIT);
    let found = shared.past(move |history| history.alerts(!listing.all, limit)).await?;
    let marked = quieting::mark(&shared, found, |alert| alert).await?.into_iter();
    Ok(Json(marked.map(|(alert, marks)| Listed { alert, marks }).collect()))
}

#[derive(Deserialize, IntoParams)]
pub(crate) struct Ledger {
    incident: Option<String>,
    #[param(value_type = Option<String>)]
    contact: Option<ContactName>,
    #[param(inline)]
    only: Option<Only>,
    limit: Option<usize>,
}

#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Only {
    /// Not delivered yet.
    Pending,
    /// Given up, or with an attempt that failed or missed its person.
    Failed,
}

/// The delivery ledger, newest first.
pub(crate) async fn notices(
    State(shared): State<Shared>,
    Query(asked): Query<Ledger>,
) -> Answer<Vec<NoticeView>> {
    let incident = asked.incident.as_deref().map(str::parse).transpose().map_err(Refused::bad)?;
    let limit = asked.limit.unwrap_or(100).min(LIMIT);
    let wanted = move |notice: &NoticeView| {
        let is_to = asked.contact.as_ref().is_none_or(|name| notice.to.as_ref() == Some(name));
        is_to
            && match asked.only {
                None => true,
                Some(Only::Pending) => notice.state == NoticeState::Pending,
                Some(Only::Failed) => notice.has_failed(),
            }
    };
    Ok(Json(shared.past(move |history| history.notices(incident, limit, wanted)).await?))
}

/// By number (`A12`), by key (`service_down@api-1`) or by rule (`service_down`): then the newest.
pub(crate) async fn alert(State(shared): State<Shared>, Path(key): Path<String>) -> Answer<Marked> {
    let name = key.clone();
    let found = shared.past(move |history| history.alert(&key)).await?.into_iter().collect();
    let marked = quieting::mark(&shared, found, |alert: &AlertView| &alert.summary).await?;
    let one = marked.into_iter().next().map(|(alert, marks)| Json(Marked { alert, marks }));
    one.ok_or_else(|| {
        Refused::not_found(
            format!("アラート {name} はありません"),
            format!("there is no alert {name}"),
        )
    })
}

pub(crate) async fn run(State(shared): State<Shared>, Path(id): Path<String>) -> Answer<RunView> {
    let id: RunId = id.parse().map_err(Refused::bad)?;
    let found = shared.past(move |history| history.run(id)).await?;
    found.map(Json).ok_or_else(|| {
        Refused::not_found(format!("実行 {id} はありません"), format!("there is no run {id}"))
    })
}

pub(crate) async fn timeline(
    State(shared): State<Shared>,
    Query(after): Query<After>,
) -> Answer<Vec<TimelineEntry>> {
    let limit = after.limit.unwrap_or(100).min(LIMIT);
    Ok(Json(shared.past(move |history| history.timeline(after.after, limit)).await?))
}

pub(crate) async fn runbooks(State(shared): State<Shared>) -> Answer<Vec<Brief>> {
    let plans = shared
        .ask(|_, _, policy, _| policy.plans.iter().map(|plan| brief(plan)).collect::<Vec<_>>())
        .await?;
    Ok(Json(plans))
}

pub(crate) async fn runbook(
    State(shared): State<Shared>,
    Path(name): Path<String>,
) -> Answer<Whole> {
    let wanted = RunbookName::from(name.as_str());
    let plan = shared.ask(move |_, _, policy, _| policy.plan(&wanted).cloned()).await?;
    match plan {
        Some(plan) => Ok(Json(Whole((*plan).clone()))),
        None => Err(Refused::not_found(
            format!("手順書 {name} はありません"),
            format!("there is no runbook {name}"),
        )),
    }
}

fn brief(plan: &Plan) -> Brief {
    Brief {
        name: plan.name.clone(),
        title: plan.title.clone(),
        alert: plan.alert.clone(),
        service: plan.service.clone(),
        mode: plan.mode,
        version: plan.version.clone(),
        approved_by: plan.approved_by.clone(),
        file: plan.file.clone(),
        steps: plan.steps.len(),
    }
}

pub(crate) async fn services(State(shared): State<Shared>) -> Answer<Vec<Served>> {
    let readings = shared.readings.clone();
    let services = shared.look(move |world| {
        let (state, policy) = (world.state, world.policy);
        let of = |seen: services::Seen| {
            let service = policy.graph.get(&seen.name)?;
            let alerts = state.alerts.values().filter(|alert| alert.fired.key.service == seen.name);
            let alerts: Vec<_> = alerts.map(|alert| alert.fired.key.to_string()).collect();
            let health = match world.watch.health(policy, &seen.name) {
                Health::Good { .. } => "good",
                Health::Bad => "bad",
                Health::Unknown => "unknown",
            };
            let target = state.targets.get(&seen.name);
            Some(Served {
                name: service.name.clone(),
                title: service.title.clone(),
                system: service.system.clone(),
                group: service.group.clone(),
                depends_on: service.depends_on.clone(),
                health,
                alerts,
                look: seen.look,
                why: seen.why,
                seen_at: seen.seen_at,
                run: state.run_on(&seen.name).map(|run| run.planned.id),
                latched_until: target.and_then(|target| target.latched_until),
            })
        };
        services::all(world, &readings).into_iter().filter_map(of).collect::<Vec<_>>()
    });
    Ok(Json(services.await?))
}
