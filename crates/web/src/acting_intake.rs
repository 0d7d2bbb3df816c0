//! What people and scripts on this machine tell: reports of users, signs of life, changes; and how heartbeats are.

use crate::{
    acting::{Answer, person, submit},
    answer::Refused,
    caller::Caller,
    extract::{Json, Mail, Path, Query},
    state::Shared,
    worded,
};
use axum::{Extension, extract::State};
use domain::{
    change::Change,
    command::Command,
    fact::{Fact, ReportReceived},
    heartbeat::{Heartbeat, HeartbeatPolicy, PingKind},
    ids::{HeartbeatName, IncidentId, ServiceName},
    secret_access::SecretAccess,
    severity::Level,
};
use jiff::Timestamp;
use journal::Position;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Facts of one commit among which one's own is looked for.
const LOOKED_AT: u64 = 1000;
/// How what arrives over the local socket is named.
const LOCAL: &str = "local";
/// How mails that a mail server hands over are named.
const MAIL: &str = "mail";

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Report {
    by: String,
    from: Option<String>,
    text: String,
    service: Option<String>,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(crate) struct Mailed {
    /// The service that it is about.
    service: Option<String>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Ping {
    by: String,
    #[schema(schema_with = worded::sign)]
    kind: Option<PingKind>,
    run: Option<String>,
    #[serde(default)]
    text: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Accesses {
    by: String,
    #[schema(value_type = Vec<history::shape::Open>)]
    accesses: Vec<SecretAccess>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Mark {
    by: String,
    title: String,
    source: Option<String>,
    service: Option<String>,
    #[serde(default)]
    url: String,
    #[serde(default)]
    key: String,
    #[schema(value_type = Option<String>, format = DateTime)]
    at: Option<Timestamp>,
}

/// What became of a report.
#[derive(Serialize, ToSchema)]
pub(crate) struct Reported {
    /// Null: it was none.
    #[schema(value_type = Option<u64>)]
    position: Option<Position>,
    /// The incident that it opened or joined.
    #[schema(value_type = Option<u64>)]
    incident: Option<IncidentId>,
}

/// A job that must give a sign of life.
#[derive(Serialize, ToSchema)]
pub(crate) struct Beat {
    #[schema(value_type = String)]
    name: HeartbeatName,
    #[schema(value_type = String)]
    service: ServiceName,
    /// `good`, `running`, `missed`, `failed` or `unknown`.
    state: &'static str,
    #[schema(value_type = String)]
    level: Level,
    every_s: i64,
    grace_s: i64,
    is_watchdog: bool,
    #[schema(value_type = Option<serde_json::Value>)]
    heard: Option<PingKind>,
    #[schema(value_type = Option<String>, format = DateTime)]
    heard_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    succeeded_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    due_at: Option<Timestamp>,
}

/// Nothing more is to be said.
#[derive(Serialize, ToSchema)]
pub(crate) struct Nothing {}

/// Accesses to secrets that a command of the command line made; answered when all of them are durable.
pub(crate) async fn accesses(
    State(shared): State<Shared>,
    Json(ask): Json<Accesses>,
) -> Answer<Nothing> {
    let by = person(&ask.by)?;
    for access in ask.accesses {
        let access = SecretAccess { by: by.clone(), ..access };
        shared.submit(Command::RecordAccess(Box::new(access.clone()))).await?;
        shared.safe.hear(&access);
    }
    Ok(Json(Nothing {}))
}

/// Answers with the number of the incident that the report opened or joined. A program says whose report it hands on; its
/// own name stands there as well.
pub(crate) async fn report(
    State(shared): State<Shared>,
    caller: Option<Extension<Caller>>,
    Json(ask): Json<Report>,
) -> Answer<Reported> {
    person(&ask.by)?;
    let from = match (ask.from, caller) {
        (Some(from), None) => from,
        (Some(from), Some(_)) if from != ask.by => format!("{from} ({})", ask.by),
        (Some(_) | None, _) => ask.by,
    };
    hand_in(&shared, from, ask.text, ask.service, LOCAL).await
}

/// A report as a mail. One that a program wrote is left out: the incident and the position are null then.
pub(crate) async fn mail(
    State(shared): State<Shared>,
    Query(ask): Query<Mailed>,
    Mail(body): Mail,
) -> Answer<Reported> {
    // A mail may be large.
    let read = tokio::task::block_in_place(|| intake::report::from_mail(&body));
    match read.map_err(|rejected| Refused::bad(rejected.reason))? {
        Some(mail) => hand_in(&shared, mail.from, mail.text, ask.service, MAIL).await,
        None => Ok(Json(Reported { position: None, incident: None })),
    }
}

async fn hand_in(
    shared: &Shared,
    from: String,
    text: String,
    service: Option<String>,
    way: &'static str,
) -> Answer<Reported> {
    let service = service.map(Into::into);
    let command = Command::Report { from, text, service, via: way.into() };
    let position = shared.submit(command).await?;
    let first = position.saturating_sub(LOOKED_AT);
    let mine = shared.past(move |history| {
        let timeline = history.timeline(first, usize::try_from(LOOKED_AT).unwrap_or(usize::MAX))?;
        let incident = |fact: &Fact| match fact {
            Fact::ReportReceived(ReportReceived { incident, via, .. }) if via == way => {
                Some(*incident)
            }
            _ => None,
        };
        Ok::<_, history::HistoryError>(timeline.iter().rev().find_map(|line| incident(&line.fact)))
    });
    Ok(Json(Reported { position: Some(position), incident: mine.await? }))
}

pub(crate) async fn ping(
    State(shared): State<Shared>,
    Path(name): Path<String>,
    Json(ask): Json<Ping>,
) -> Answer {
    person(&ask.by)?;
    let kind = ask.kind.unwrap_or(PingKind::Success);
    let command = Command::Ping { name: name.into(), kind, run: ask.run, detail: ask.text };
    submit(&shared, command).await
}

pub(crate) async fn mark(State(shared): State<Shared>, Json(ask): Json<Mark>) -> Answer {
    person(&ask.by)?;
    let change = Box::new(Change {
        key: ask.key,
        title: ask.title,
        source: ask.source.unwrap_or(ask.by),
        service: ask.service.map(Into::into),
        url: ask.url,
        at: ask.at,
    });
    submit(&shared, Command::Mark { integration: LOCAL.into(), change }).await
}

/// Every heartbeat of the configuration, and how it is.
pub(crate) async fn heartbeats(State(shared): State<Shared>) -> Answer<Vec<Beat>> {
    let shown = shared.look(|world| {
        let kept = |name: &HeartbeatName| world.state.heartbeats.get(name);
        let all = world.policy.heartbeats.iter();
        all.map(|(name, policy)| shown(name, policy, kept(name))).collect::<Vec<_>>()
    });
    Ok(Json(shown.await?))
}

fn shown(name: &HeartbeatName, policy: &HeartbeatPolicy, kept: Option<&Heartbeat>) -> Beat {
    let state = match kept {
        Some(kept) if kept.failed.is_some() => "failed",
        Some(kept) if kept.missed.is_some() => "missed",
        Some(kept) if !kept.runs.is_empty() => "running",
        Some(kept) if kept.succeeded_at.is_some() => "good",
        Some(_) | None => "unknown",
    };
    let heard = kept.and_then(|kept| kept.heard);
    Beat {
        name: name.clone(),
        service: policy.service.clone(),
        state,
        level: policy.level,
        every_s: policy.period.as_secs(),
        grace_s: policy.grace.as_secs(),
        is_watchdog: !policy.watchdog.is_empty(),
        heard: heard.map(|(kind, _)| kind),
        heard_at: heard.map(|(_, at)| at),
        succeeded_at: kept.and_then(|kept| kept.succeeded_at),
        due_at: kept.and_then(Heartbeat::late_at),
    }
}
