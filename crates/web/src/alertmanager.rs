//! The HTTP API v2 of Alertmanager over hikeshi's own state: Prometheus posts to it, amtool, Karma and Grafana read it.
//! Shapes and texts are those of the room `intake`; a 2xx means that it is durable.

use crate::{
    answer::{refuse, respond},
    arriving::{self, Arrived, Sender},
    state::Shared,
};
use axum::{
    body::{Body, Bytes},
    extract::{Path, RawQuery, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{
    command::Command,
    ids::{Actor, AlertKey, SilenceId},
    labels::Labels,
    matcher,
    quiet::{self, Reasons},
    signal::{Fingerprint, SharedSignal, Signal},
    silence::{self, Kept, Kind, Silence, Stage},
    world::World,
};
use engine::EngineError;
use intake::{
    alertmanager::{
        errors,
        query::{AlertsQuery, ReceiversQuery, SilencesQuery},
        show::{self, AlertState, AlertView, GroupView, StatusView},
        silences::{self, SilenceState, SilenceView},
    },
    answer::Answer,
};
use jiff::Timestamp;
use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

/// Alerts that are written in one piece of an answer: a hundred thousand do not stand in memory as text.
const PIECE: usize = 512;
/// Who is told, by the names of hikeshi's routes.
const RECEIVERS: [&str; 6] = ["P0", "P1", "P2", "P3", "warning", "info"];

/// `POST /api/v2/alerts`.
pub(crate) async fn post_alerts(
    State(shared): State<Shared>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let arrived = Arrived { method: "POST", path: "/api/v2/alerts", query: "", headers: &headers };
    arriving::hear(&shared, Sender::Alertmanager, &arrived, body).await
}

/// An alert as it is shown, taken from the writer in one glance.
struct Row {
    signal: SharedSignal,
    ends_at: Timestamp,
    updated_at: Timestamp,
    reasons: Option<Reasons>,
}

impl Row {
    fn receiver(&self) -> &'static str {
        match self.signal.priority {
            Some(priority) => RECEIVERS[3 - priority as usize],
            None if self.signal.level == domain::severity::Level::Info => RECEIVERS[5],
            None => RECEIVERS[4],
        }
    }

    fn is_asked_for(&self, query: &AlertsQuery) -> bool {
        let (silenced, inhibited) = self.reasons.as_ref().map_or((false, false), |reasons| {
            (!reasons.silenced_by.is_empty(), reasons.inhibited_by.is_some())
        });
        let is_hidden = !query.silenced && silenced
            || !query.inhibited && inhibited
            || !query.active && !silenced && !inhibited;
        !is_hidden
            && matcher::all(&query.filter, &self.signal.labels)
            && (query.receivers.is_all()
                || query.receivers.accepts(self.receiver(), &Labels::default()))
    }
}

/// Everything that fires, of other systems and of our own rules; in the order of fingerprints.
async fn rows(shared: &Shared, query: AlertsQuery) -> Result<Vec<Row>, Response> {
    let mut rows = shared.look(all_rows).await.map_err(IntoResponse::into_response)?;
    rows.retain(|row| row.is_asked_for(&query));
    rows.sort_unstable_by_key(|row| row.signal.fingerprint);
    Ok(rows)
}

fn all_rows(world: &World<'_>) -> Vec<Row> {
    let heard = &world.watch.heard;
    let outside = world.state.signals.all().map(|signal| Row {
        ends_at: heard.span(signal).ends_at,
        updated_at: heard.last_heard(signal.fingerprint).unwrap_or(signal.starts_at),
        reasons: world.quiet.of_signal(signal.fingerprint).cloned(),
        signal: signal.clone(),
    });
    let own = world.state.alerts.values().filter(|alert| !alert.fired.is_outside);
    let own = own.map(|alert| {
        let labels = quiet::labels_of(alert, world.policy);
        let observed = alert.fired.observed.text(world.policy.language).to_owned();
        let annotations =
            Labels::new([("summary", &alert.fired.title), ("description", &observed)]);
        let signal = Signal {
            fingerprint: Fingerprint(labels.hash64()),
            key: alert.fired.key.clone(),
            level: alert.fired.level,
            priority: alert.fired.priority,
            labels,
            annotations,
            generator_url: "".into(),
            starts_at: alert.fired.occurred_at,
            ends_at: world.after(world.policy.intake.resolve_timeout),
            is_timeout: true,
        };
        Row {
            ends_at: signal.ends_at,
            updated_at: alert.detected_at,
            reasons: world.quiet.of_alert(&alert.fired.key).cloned(),
            signal: Arc::new(signal),
        }
    });
    outside.chain(own).collect()
}

/// Writes rows as their clients want them.
fn written<T>(rows: &[Row], write: impl FnOnce(&[AlertView<'_>]) -> T) -> T {
    let names: Vec<([&str; 1], Vec<&str>, Vec<&str>)> = rows
        .iter()
        .map(|row| {
            let reasons = row.reasons.as_ref();
            let silenced = reasons.into_iter().flat_map(|reasons| &reasons.silenced_by);
            let inhibited = reasons.and_then(|reasons| reasons.inhibited_by.as_deref());
            let silenced = silenced.map(SilenceId::as_str).collect();
            ([row.receiver()], silenced, inhibited.into_iter().collect())
        })
        .collect();
    let views: Vec<_> = rows
        .iter()
        .zip(&names)
        .map(|(row, (receivers, silenced_by, inhibited_by))| AlertView {
            fingerprint: row.signal.fingerprint,
            labels: &row.signal.labels,
            annotations: &row.signal.annotations,
            generator_url: &row.signal.generator_url,
            starts_at: row.signal.starts_at,
            updated_at: row.updated_at,
            ends_at: row.ends_at,
            receivers,
            state: match row.reasons {
                Some(_) => AlertState::Suppressed,
                None => AlertState::Active,
            },
            silenced_by,
            inhibited_by,
            muted_by: &[],
        })
        .collect();
    write(&views)
}

/// `GET /api/v2/alerts`, written piece by piece.
pub(crate) async fn alerts(State(shared): State<Shared>, RawQuery(query): RawQuery) -> Response {
    let query = match AlertsQuery::read(query.as_deref().unwrap_or_default()) {
        Ok(query) => query,
        Err(rejected) => return refuse(&rejected),
    };
    let rows = match rows(&shared, query).await {
        Ok(rows) => Arc::new(rows),
        Err(response) => return response,
    };
    let last = rows.len().div_ceil(PIECE).max(1);
    let pieces = (0..last).map(move |index| {
        let rows = &rows[index * PIECE..rows.len().min((index + 1) * PIECE)];
        let mut piece = written(rows, |views| show::alerts(views.iter().copied()));
        // Each piece is a list of its own; together they are one.
        if index > 0 {
            piece[0] = b',';
        }
        if index + 1 < last {
            piece.pop();
        }
        Ok::<_, std::convert::Infallible>(piece)
    });
    json_body(Body::from_stream(futures::stream::iter(pieces)))
}

/// `GET /api/v2/alerts/groups`: a group is an alert of hikeshi.
pub(crate) async fn groups(State(shared): State<Shared>, RawQuery(query): RawQuery) -> Response {
    let query = match AlertsQuery::read(query.as_deref().unwrap_or_default()) {
        Ok(query) => query,
        Err(rejected) => return refuse(&rejected),
    };
    let rows = match rows(&shared, query).await {
        Ok(rows) => rows,
        Err(response) => return response,
    };
    let mut groups: BTreeMap<(AlertKey, &'static str), Vec<Row>> = BTreeMap::new();
    for row in rows {
        groups.entry((row.signal.key.clone(), row.receiver())).or_default().push(row);
    }
    let mut body = vec![b'['];
    for ((key, receiver), rows) in &groups {
        if body.len() > 1 {
            body.push(b',');
        }
        let named = [("alertname", name_of(key, rows)), ("service", key.service.to_string())];
        let labels = Labels::new(named);
        let one = written(rows, |views| {
            let route_labels = &Labels::default();
            let alerts = views.iter().copied();
            show::groups([GroupView { labels: &labels, route_labels, receiver, alerts }])
        });
        body.extend_from_slice(&one[1..one.len() - 1]);
    }
    body.push(b']');
    json_body(Body::from(body))
}

fn name_of(key: &AlertKey, rows: &[Row]) -> String {
    let own = rows.first().and_then(|row| row.signal.labels.get("alertname"));
    own.map_or_else(|| key.rule.to_string(), std::borrow::Cow::into_owned)
}

/// `GET /api/v2/receivers`: the names of hikeshi's routes.
pub(crate) async fn receivers(RawQuery(query): RawQuery) -> Response {
    match ReceiversQuery::read(query.as_deref().unwrap_or_default()) {
        Ok(query) => {
            let asked =
                RECEIVERS.into_iter().filter(|name| query.accepts(name, &Labels::default()));
            json_body(Body::from(show::receivers(asked)))
        }
        Err(rejected) => refuse(&rejected),
    }
}

/// `GET /api/v2/status`: the configuration is told in Alertmanager's words, as far as it has words for it.
pub(crate) async fn status(State(shared): State<Shared>) -> Response {
    let timeout = shared.look(|world| world.policy.intake.resolve_timeout).await;
    let timeout = match timeout {
        Ok(timeout) => timeout.as_secs(),
        Err(refused) => return refused.into_response(),
    };
    let names: Vec<_> = RECEIVERS.iter().map(|name| format!("- name: {name}\n")).collect();
    let config = format!(
        "# hikeshi routes by priority; see its own configuration\nglobal:\n  resolve_timeout: {timeout}s\nroute:\n  \
         receiver: warning\n  group_by: [alertname, service]\nreceivers:\n{}",
        names.concat()
    );
    let view = StatusView {
        version: env!("CARGO_PKG_VERSION"),
        revision: "hikeshi",
        config: &config,
        started_at: shared.doors.started_at,
    };
    respond(Answer::json(200, &view))
}

/// `GET /api/v2/silences`.
pub(crate) async fn silences(State(shared): State<Shared>, RawQuery(query): RawQuery) -> Response {
    let query = match SilencesQuery::read(query.as_deref().unwrap_or_default()) {
        Ok(query) => query,
        Err(rejected) => return refuse(&rejected),
    };
    let all = shared.look(|world| world.state.silences.all().cloned().collect::<Vec<Kept>>()).await;
    let all = match all {
        Ok(all) => all,
        Err(refused) => return refused.into_response(),
    };
    let mut views: Vec<_> = all.iter().map(view).collect();
    views.retain(|view| {
        let is_wanted = match view.state {
            SilenceState::Active => query.active,
            SilenceState::Pending => query.pending,
            SilenceState::Expired => query.expired,
        };
        is_wanted && query.accepts(view.matchers)
    });
    views.sort_by_key(SilenceView::order);
    respond(Answer::json(200, &views))
}

fn view(kept: &Kept) -> SilenceView<'_> {
    let silence = &kept.silence;
    SilenceView {
        id: silence.id.as_str(),
        state: match kept.stage {
            Stage::Pending => SilenceState::Pending,
            Stage::Active => SilenceState::Active,
            Stage::Expired => SilenceState::Expired,
        },
        updated_at: kept.updated_at,
        comment: &silence.comment,
        created_by: &silence.created_by,
        starts_at: silence.starts_at,
        ends_at: silence.ends_at,
        matchers: &silence.matchers,
        annotations: &silence.annotations,
    }
}

/// `GET /api/v2/silence/{id}`.
pub(crate) async fn silence(State(shared): State<Shared>, Path(id): Path<String>) -> Response {
    let wanted = SilenceId::from(id.as_str());
    match shared.look(move |world| world.state.silences.get(&wanted).cloned()).await {
        Ok(Some(kept)) => respond(Answer::json(200, &view(&kept))),
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(refused) => refused.into_response(),
    }
}

/// `DELETE /api/v2/silence/{id}`.
pub(crate) async fn expire(
    State(shared): State<Shared>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Response {
    if let Err(rejected) = arriving::may_act(&shared, &headers) {
        return refuse(&rejected);
    }
    let by = Actor::System("alertmanager API".into());
    match shared.submit(Command::ExpireSilence { id: id.as_str().into(), by }).await {
        Ok(_) => StatusCode::OK.into_response(),
        Err(EngineError::Refused(refusal)) if refusal.kind == "not_found" => {
            StatusCode::NOT_FOUND.into_response()
        }
        Err(error) => refuse(&errors::plain(500, error.to_string())),
    }
}

/// `POST /api/v2/silences`: answers with the number of the silence that holds now.
pub(crate) async fn post_silence(
    State(shared): State<Shared>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if let Err(rejected) = arriving::may_act(&shared, &headers) {
        return refuse(&rejected);
    }
    let now = shared.doors.now();
    let asked = match silences::read(&body, now) {
        Ok(asked) => asked,
        Err(rejected) => return refuse(&rejected),
    };
    let id = new_silence_id(now, &asked.created_by);
    let silence = Silence {
        id: id.clone(),
        matchers: asked.matchers,
        starts_at: asked.starts_at,
        ends_at: asked.ends_at,
        created_by: asked.created_by.clone(),
        comment: asked.comment,
        annotations: asked.annotations,
        kind: Kind::Plain,
        announced: None,
    };
    let edits = asked.id.filter(|id| !id.is_empty()).map(|id| SilenceId::from(id.as_str()));
    let by = Actor::Person(asked.created_by);
    let command = Command::PutSilence { silence: Box::new(silence), edits: edits.clone(), by };
    match shared.submit(command).await {
        Ok(_) => {
            // An edit that may keep its number keeps it: the new number was then not used.
            let wanted = id.clone();
            let is_new =
                shared.look(move |world| world.state.silences.get(&wanted).is_some()).await;
            let kept = edits.filter(|_| !is_new.unwrap_or(true)).unwrap_or(id);
            respond(silences::put(kept.as_str()))
        }
        Err(EngineError::Refused(refusal)) => {
            let status = if refusal.kind == "not_found" { 404 } else { 400 };
            refuse(&errors::plain(status, refusal.said.en))
        }
        Err(error) => refuse(&errors::plain(500, error.to_string())),
    }
}

/// A number that no other silence has.
pub(crate) fn new_silence_id(now: Timestamp, by: &str) -> SilenceId {
    static MADE: AtomicU64 = AtomicU64::new(0);
    let count = MADE.fetch_add(1, Ordering::Relaxed).to_string();
    silence::id_of(&[&now.to_string(), by, &count])
}

/// `/-/healthy` and `/-/ready`.
pub(crate) async fn healthy() -> &'static str {
    "OK"
}

/// `POST /-/reload`: the configuration is read again; one with mistakes changes nothing.
pub(crate) async fn reload(State(shared): State<Shared>, headers: HeaderMap) -> Response {
    if let Err(rejected) = arriving::may_act(&shared, &headers) {
        return refuse(&rejected);
    }
    let doors = shared.doors.clone();
    let done = tokio::task::spawn_blocking(move || doors.reload()).await;
    match done.unwrap_or_else(|error| Err(error.to_string())) {
        Ok(()) => StatusCode::OK.into_response(),
        Err(why) => {
            (StatusCode::INTERNAL_SERVER_ERROR, format!("failed to reload config: {why}\n"))
                .into_response()
        }
    }
}

fn json_body(body: Body) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], body).into_response()
}
