//! Handlers that only show: state from the engine, the past from the history.

use crate::{answer::Refused, measured, quieting, services, state::Shared};
use axum::{
    Json,
    extract::{Path, Query, State},
};
use domain::{
    ids::{ContactName, IncidentId, RunId, RunbookName},
    plan::Plan,
    watch::Health,
};
use history::{History, NoticeState, NoticeView};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::atomic::Ordering;

type Answer = Result<Json<Value>, Refused>;

/// The longest list in one answer.
const LIMIT: usize = 1000;

#[derive(Deserialize)]
pub(crate) struct Listing {
    #[serde(default)]
    all: bool,
    limit: Option<usize>,
}

#[derive(Deserialize)]
pub(crate) struct After {
    #[serde(default)]
    after: u64,
    limit: Option<usize>,
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

pub(crate) async fn status(State(shared): State<Shared>) -> Answer {
    let (listen, samples) = (shared.listen.get().copied(), measured::state(&shared));
    let status = shared.ask(move |state, _, _, position| {
        json!({
            "listen": listen,
            "position": position,
            "version": state.version,
            "incidents": state.burning().count(),
            "alerts": state.alerts.len(),
            "runs": state.runs.len(),
            "notices_owed": state.notices.len(),
            "samples": samples,
        })
    });
    Ok(Json(status.await?))
}

pub(crate) async fn readings(State(shared): State<Shared>) -> Answer {
    json_of(shared.readings.all())
}

pub(crate) async fn incidents(
    State(shared): State<Shared>,
    Query(listing): Query<Listing>,
) -> Answer {
    let limit = listing.limit.unwrap_or(100).min(LIMIT);
    past(&shared, move |history| history.incidents(!listing.all, limit)).await
}

pub(crate) async fn incident(State(shared): State<Shared>, Path(id): Path<String>) -> Answer {
    let id: IncidentId = match id.as_str() {
        "latest" => IncidentId(shared.ask(|state, _, _, _| state.last.incident).await?),
        id => id.parse().map_err(Refused::bad)?,
    };
    let found = past(&shared, move |history| history.incident(id)).await?;
    some(found, || {
        Refused::not_found(
            format!("インシデント {id} はありません"),
            format!("there is no incident {id}"),
        )
    })
}

pub(crate) async fn alerts(State(shared): State<Shared>, Query(listing): Query<Listing>) -> Answer {
    let limit = listing.limit.unwrap_or(100).min(LIMIT);
    let found = past(&shared, move |history| history.alerts(!listing.all, limit)).await?;
    quieting::mark(&shared, found).await
}

#[derive(Deserialize)]
pub(crate) struct Ledger {
    incident: Option<String>,
    contact: Option<ContactName>,
    only: Option<Only>,
    limit: Option<usize>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Only {
    /// Not delivered yet.
    Pending,
    /// Given up, or with an attempt that failed or missed its person.
    Failed,
}

/// The delivery ledger, newest first.
pub(crate) async fn notices(State(shared): State<Shared>, Query(asked): Query<Ledger>) -> Answer {
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
    past(&shared, move |history| history.notices(incident, limit, wanted)).await
}

/// By number (`A12`), by key (`service_down@api-1`) or by rule (`service_down`): then the newest.
pub(crate) async fn alert(State(shared): State<Shared>, Path(key): Path<String>) -> Answer {
    let name = key.clone();
    let found = past(&shared, move |history| history.alert(&key)).await?;
    let found = some(found, || {
        Refused::not_found(
            format!("アラート {name} はありません"),
            format!("there is no alert {name}"),
        )
    })?;
    quieting::mark(&shared, found).await
}

pub(crate) async fn run(State(shared): State<Shared>, Path(id): Path<String>) -> Answer {
    let id: RunId = id.parse().map_err(Refused::bad)?;
    let found = past(&shared, move |history| history.run(id)).await?;
    some(found, || {
        Refused::not_found(format!("実行 {id} はありません"), format!("there is no run {id}"))
    })
}

pub(crate) async fn timeline(State(shared): State<Shared>, Query(after): Query<After>) -> Answer {
    let limit = after.limit.unwrap_or(100).min(LIMIT);
    past(&shared, move |history| history.timeline(after.after, limit)).await
}

pub(crate) async fn runbooks(State(shared): State<Shared>) -> Answer {
    let plans = shared
        .ask(|_, _, policy, _| policy.plans.iter().map(|plan| brief(plan)).collect::<Vec<_>>())
        .await?;
    Ok(Json(Value::Array(plans)))
}

pub(crate) async fn runbook(State(shared): State<Shared>, Path(name): Path<String>) -> Answer {
    let wanted = RunbookName::from(name.as_str());
    let plan = shared.ask(move |_, _, policy, _| policy.plan(&wanted).cloned()).await?;
    match plan {
        Some(plan) => json_of(&*plan),
        None => Err(Refused::not_found(
            format!("手順書 {name} はありません"),
            format!("there is no runbook {name}"),
        )),
    }
}

fn brief(plan: &Plan) -> Value {
    json!({
        "name": plan.name, "title": plan.title, "alert": plan.alert, "service": plan.service, "mode": plan.mode,
        "version": plan.version, "approved_by": plan.approved_by, "file": plan.file, "steps": plan.steps.len(),
    })
}

pub(crate) async fn services(State(shared): State<Shared>) -> Answer {
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
            Some(json!({
                "name": service.name, "title": service.title, "system": service.system, "group": service.group,
                "depends_on": service.depends_on, "health": health, "alerts": alerts,
                "look": seen.look, "why": seen.why, "seen_at": seen.seen_at,
                "run": state.run_on(&seen.name).map(|run| run.planned.id),
                "latched_until": state.targets.get(&seen.name).and_then(|target| target.latched_until),
            }))
        };
        services::all(world, &readings).into_iter().filter_map(of).collect::<Vec<_>>()
    });
    Ok(Json(Value::Array(services.await?)))
}

/// What the history says, as JSON.
pub(crate) async fn past<
    T: serde::Serialize + Send + 'static,
    E: std::fmt::Display + Send + 'static,
>(
    shared: &Shared,
    question: impl FnOnce(&mut History) -> Result<T, E> + Send + 'static,
) -> Answer {
    json_of(shared.past(question).await?)
}

fn some(Json(found): Json<Value>, missing: impl FnOnce() -> Refused) -> Answer {
    if found.is_null() { Err(missing()) } else { Ok(Json(found)) }
}

fn json_of(value: impl serde::Serialize) -> Answer {
    serde_json::to_value(value).map(Json).map_err(Refused::fault)
}
