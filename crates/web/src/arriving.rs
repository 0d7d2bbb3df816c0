//! What other systems send arrives here: who is it, is it small enough, what does it say; answered once it is durable.

use crate::{
    answer::{refuse, respond},
    doors::Integration,
    state::Shared,
    words,
};
use axum::{
    body::Bytes,
    extract::{Path, RawQuery, State},
    http::{HeaderMap, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use engine::EngineError;
use flate2::read::MultiGzDecoder;
use intake::{Answer, Context, Heard, Proof, Rejected, Request, alertmanager::errors};
use source::Hidden;
use std::{borrow::Cow, io::Read};

/// The largest body that is read, before and after unpacking: 30,000 alerts of Prometheus.
pub(crate) const BODY_LIMIT: usize = 16 << 20;
/// Bodies larger than this are read aside, so that they delay no other request.
const ASIDE: usize = 256 << 10;

/// A request as it arrived.
pub(crate) struct Arrived<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) query: &'a str,
    pub(crate) headers: &'a HeaderMap,
}

/// Who sends: whoever speaks Alertmanager's API, or an integration by its name.
pub(crate) enum Sender<'a> {
    Alertmanager,
    Named(&'a str),
}

/// `/in/{integration}/…`: every other wire format.
pub(crate) async fn integration(
    State(shared): State<Shared>,
    method: Method,
    Path(path): Path<Vec<(String, String)>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let part =
        |name: &str| path.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let rest = format!("/{}", part("rest").unwrap_or_default());
    let arrived = Arrived {
        method: method.as_str(),
        path: &rest,
        query: query.as_deref().unwrap_or_default(),
        headers: &headers,
    };
    hear(&shared, Sender::Named(part("integration").unwrap_or_default()), &arrived, body).await
}

/// `/ping/…`: the way that healthchecks' clients know.
pub(crate) async fn ping(
    State(shared): State<Shared>,
    method: Method,
    Path(rest): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let rest = format!("/{rest}");
    let (method, query) = (method.as_str(), query.as_deref().unwrap_or_default());
    let arrived = Arrived { method, path: &rest, query, headers: &headers };
    let Some(integration) = shared.doors.of_kind("ping").into_iter().next() else {
        return StatusCode::NOT_FOUND.into_response();
    };
    hear(&shared, Sender::Named(integration.name.as_str()), &arrived, body).await
}

/// `/v2/enqueue` and `/v2/change/enqueue`: where clients of PagerDuty send when only the host is changed. The routing key
/// says which integration is meant.
pub(crate) async fn events(
    State(shared): State<Shared>,
    method: Method,
    uri: axum::http::Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let arrived =
        Arrived { method: method.as_str(), path: uri.path(), query: "", headers: &headers };
    let all = shared.doors.of_kind("pagerduty");
    let mut answer = StatusCode::NOT_FOUND.into_response();
    for integration in all {
        let sender = Sender::Named(integration.name.as_str());
        answer = hear(&shared, sender, &arrived, body.clone()).await;
        if !matches!(answer.status(), StatusCode::UNAUTHORIZED | StatusCode::BAD_REQUEST) {
            break;
        }
    }
    answer
}

/// Takes in a request: everything that it says is durable before it is answered.
pub(crate) async fn hear(
    shared: &Shared,
    sender: Sender<'_>,
    arrived: &Arrived<'_>,
    body: Bytes,
) -> Response {
    let found = match sender {
        Sender::Named(name) => shared.doors.named(name),
        Sender::Alertmanager => alertmanager(shared, arrived.headers),
    };
    let Some(integration) = found else {
        let reason = "there is no such integration, or the token opens none";
        return refuse(&Rejected::plain(404, reason));
    };
    match read(shared, &integration, arrived, body).await {
        Ok(heard) => keep(shared, &integration, heard).await,
        Err(rejected) => {
            tracing::warn!("{}: refused: {rejected}", integration.name);
            refuse(&rejected)
        }
    }
}

/// Of several integrations with Alertmanager's API the token tells which; without one, the one that lets everybody in.
fn alertmanager(shared: &Shared, headers: &HeaderMap) -> Option<Integration> {
    let all = shared.doors.of_kind("alertmanager");
    let token = token(headers);
    let by_token = token
        .and_then(|token| all.iter().find(|one| shared.doors.opens(&one.name, &token)).cloned());
    by_token.or_else(|| all.into_iter().find(|one| shared.doors.lets_in_all(one)))
}

/// Whether a request may change silences over Alertmanager's API.
pub(crate) fn may_act(shared: &Shared, headers: &HeaderMap) -> Result<(), Rejected> {
    from_here(headers)?;
    match alertmanager(shared, headers) {
        Some(_) => Ok(()),
        None => Err(errors::plain(401, "a token of an integration of kind alertmanager is needed")),
    }
}

/// A page of somebody else that a person has open must not send through that person's browser.
fn from_here(headers: &HeaderMap) -> Result<(), Rejected> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let host = text(header::HOST).unwrap_or_default();
    let Some(origin) = text(header::ORIGIN) else { return Ok(()) };
    match origin.split_once("://") {
        Some((_, authority)) if authority == host => Ok(()),
        _ => Err(Rejected::plain(403, "requests of other sites are not taken")),
    }
}

async fn read(
    shared: &Shared,
    integration: &Integration,
    arrived: &Arrived<'_>,
    body: Bytes,
) -> Result<Heard, Rejected> {
    from_here(arrived.headers)?;
    let body = unpack(arrived.headers, body).await?;
    let secret = match &integration.secret {
        Some(secret) => {
            let reader = shared.safe.reader(format!("integration {}", integration.name));
            Some(reader.read(secret).await.map_err(|why| {
                tracing::error!("{}: {why}", integration.name);
                Rejected::plain(503, "the secret of this integration cannot be read")
            })?)
        }
        None => None,
    };
    let judging = || judge(shared, integration, arrived, secret.as_ref(), &body);
    if body.len() > ASIDE {
        return tokio::task::block_in_place(judging);
    }
    judging()
}

fn judge(
    shared: &Shared,
    integration: &Integration,
    arrived: &Arrived<'_>,
    secret: Option<&Hidden>,
    body: &[u8],
) -> Result<Heard, Rejected> {
    let text = |name: &str| arrived.headers.get(name).and_then(|value| value.to_str().ok());
    let request = Request {
        method: arrived.method,
        path: arrived.path,
        query: arrived.query,
        content_type: text("content-type"),
        headers: &text,
        body,
    };
    let opens = |token: &str| shared.doors.opens(&integration.name, token);
    let shown = token(arrived.headers).or_else(|| request.query_value("token").map(Into::into));
    let is_shown = shown.as_deref().is_some_and(opens);
    // A format proves its sender in its own way only where it has one; everybody else shows a token.
    let proof = match (secret, integration.kind) {
        _ if is_shown || shared.doors.lets_in_all(integration) => Proof::Checked,
        (Some(secret), "github" | "grafana") => Proof::Secret(secret.reveal().as_bytes()),
        (_, "pagerduty" | "opsgenie" | "gitlab") => Proof::Token(&opens),
        _ => return Err(Rejected::plain(401, "a token of this integration is needed")),
    };
    let context =
        Context { integration: integration.name.as_str(), now: shared.doors.now(), proof };
    integration.reader.read(&request, &context)
}

/// The token that a request shows: as a bearer, as a key, or as the password of somebody.
fn token(headers: &HeaderMap) -> Option<String> {
    let shown = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, value) = shown.split_once(' ')?;
    match scheme.to_ascii_lowercase().as_str() {
        "bearer" | "geniekey" => Some(value.trim().to_owned()),
        "basic" => {
            let decoded = base64(value.trim())?;
            let (_, password) = decoded.split_once(':')?;
            Some(password.to_owned())
        }
        _ => None,
    }
}

fn base64(text: &str) -> Option<String> {
    use base64::Engine as _;
    let bytes = base64::engine::general_purpose::STANDARD.decode(text).ok()?;
    String::from_utf8(bytes).ok()
}

/// The body as it was before it was packed; never more than the limit, however well it was packed.
async fn unpack(headers: &HeaderMap, body: Bytes) -> Result<Bytes, Rejected> {
    let encoding = headers.get(header::CONTENT_ENCODING).map(|value| value.as_bytes());
    match encoding {
        None | Some(b"" | b"identity") => Ok(body),
        Some(b"gzip" | b"x-gzip") => tokio::task::block_in_place(|| gunzip(&body)),
        Some(other) => {
            let other = String::from_utf8_lossy(other).chars().take(32).collect::<String>();
            Err(Rejected::plain(415, format!("bodies packed with `{other}` are not read, gzip is")))
        }
    }
}

fn gunzip(body: &[u8]) -> Result<Bytes, Rejected> {
    let mut plain = Vec::new();
    let limit = BODY_LIMIT as u64 + 1;
    let read = MultiGzDecoder::new(body).take(limit).read_to_end(&mut plain);
    read.map_err(|error| Rejected::plain(400, format!("the body is not gzip: {error}")))?;
    if plain.len() > BODY_LIMIT {
        return Err(Rejected::plain(413, format!("the body has more than {BODY_LIMIT} bytes")));
    }
    Ok(plain.into())
}

/// Makes the words durable, then answers as the format wants it.
async fn keep(shared: &Shared, integration: &Integration, heard: Heard) -> Response {
    let Heard { words, problems, answer } = heard;
    for problem in problems.iter().take(3) {
        tracing::warn!("{}: {problem}", integration.name);
    }
    let waiting: Vec<_> = words::commands(&integration.name, words)
        .into_iter()
        .map(|command| shared.submit(command))
        .collect();
    for done in futures::future::join_all(waiting).await {
        match done {
            Ok(_) => {}
            Err(EngineError::Refused(refusal)) => {
                let status = if refusal.kind == "not_found" { 404 } else { 409 };
                return respond(Answer::text(status, &refusal.said.en));
            }
            Err(error) => {
                let told = Cow::from(error.to_string());
                return respond(Answer::text(503, &told));
            }
        }
    }
    respond(answer)
}
