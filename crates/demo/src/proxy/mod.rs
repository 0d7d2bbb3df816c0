//! The role `proxy`: what nginx is in front of the real platform.

mod access_log;
mod upstreams;

use crate::error::DemoError;
use crate::folder::Folder;
use crate::gate::{self, Gate};
use crate::http_call::{Answer, CallError, call};
use crate::lifetime::Lifetime;
use crate::log_file::{LogFile, reopen_on_hangup};
use access_log::{Entry, UpstreamEntry};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header};
use axum::middleware::from_fn_with_state;
use bytes::Bytes;
use jiff::Timestamp;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};
use upstreams::{Upstream, Upstreams};

/// How long an upstream may take to answer.
const UPSTREAM_TIMEOUT: Duration = Duration::from_secs(20);
/// Requests are small here, in bytes.
const LARGEST_REQUEST: usize = 1 << 20;
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
/// Headers that belong to one connection and are not passed on.
const HOP_BY_HOP: [HeaderName; 5] = [
    header::CONNECTION,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    header::TE,
    header::CONTENT_LENGTH,
];

struct Proxy {
    apis: Upstreams,
    frontend: Upstreams,
    log: Arc<LogFile>,
}

/// Runs until told to end.
///
/// # Errors
/// [`DemoError`] when the port or the log is refused.
pub async fn run(
    folder: &Folder,
    port: u16,
    api_ports: &[u16],
    frontend_port: u16,
    lifetime: &Lifetime,
) -> Result<(), DemoError> {
    let log = Arc::new(LogFile::open(&folder.access_log())?);
    reopen_on_hangup(vec![Arc::clone(&log)]).map_err(|error| DemoError::Start {
        name: "proxy".into(),
        reason: format!("SIGHUP: {error}"),
    })?;
    let local = |port: &u16| SocketAddr::from((Ipv4Addr::LOCALHOST, *port));
    let proxy = Arc::new(Proxy {
        apis: Upstreams::new(api_ports.iter().map(local)),
        frontend: Upstreams::new([local(&frontend_port)]),
        log,
    });
    let router = Router::new()
        .fallback(handle)
        .layer(from_fn_with_state(Gate::new(lifetime.switches()), gate::pass))
        .with_state(proxy);
    let listener = lifetime.listen(port).await?;
    lifetime.serve(listener, router).await
}

async fn handle(State(proxy): State<Arc<Proxy>>, request: Request) -> Response<Body> {
    let begun = Instant::now();
    let mut entry = Entry {
        client: client(request.headers()),
        at: Timestamp::now(),
        request: format!("{} {} {:?}", request.method(), request.uri(), request.version()),
        status: 0,
        bytes: 0,
        referer: text(request.headers(), header::REFERER),
        agent: text(request.headers(), header::USER_AGENT),
        request_time: Duration::ZERO,
        upstream: None,
    };
    let response = proxy.answer(request, &mut entry).await;
    entry.at = Timestamp::now();
    entry.status = response.status().as_u16();
    entry.bytes = response.body().len();
    entry.request_time = begun.elapsed();
    // A full disk must not take the proxy down.
    let _ = proxy.log.line(&entry.line());
    response.map(Body::from)
}

impl Proxy {
    async fn answer(&self, request: Request, entry: &mut Entry) -> Response<Bytes> {
        let upstreams = match request.uri().path() {
            // Fixed: it says nothing about what is behind.
            "/health" => return plain(StatusCode::OK, "healthy\n"),
            path if path.starts_with("/api/") => &self.apis,
            _ => &self.frontend,
        };
        let (head, body) = request.into_parts();
        let Ok(body) = to_bytes(body, LARGEST_REQUEST).await else {
            return plain(StatusCode::PAYLOAD_TOO_LARGE, "413 Request Entity Too Large\n");
        };
        for upstream in upstreams.in_order(Instant::now()) {
            let mut again = Request::new(Body::from(body.clone()));
            *again.method_mut() = head.method.clone();
            *again.uri_mut() = head.uri.clone();
            *again.headers_mut() = forwarded(&head.headers, entry.client);
            match ask(upstream, again, entry).await {
                Ok(answer) => return passed_back(answer),
                Err(CallError::Connect(_)) => {}
                Err(CallError::Timeout(_)) => {
                    return plain(StatusCode::GATEWAY_TIMEOUT, "504 Gateway Time-out\n");
                }
                // It died over the request: what may be asked twice is asked elsewhere.
                Err(CallError::Broken(_)) if head.method.is_idempotent() => {}
                Err(CallError::Broken(_)) => break,
            }
        }
        plain(StatusCode::BAD_GATEWAY, "502 Bad Gateway\n")
    }
}

async fn ask(
    upstream: &Upstream,
    request: Request,
    entry: &mut Entry,
) -> Result<Answer, CallError> {
    let _under_way = upstream.begin();
    let answer = call(upstream.address, request, UPSTREAM_TIMEOUT).await;
    let (status, connect_time) = match &answer {
        Ok(answer) => (answer.response.status().as_u16(), Some(answer.connect)),
        Err(CallError::Timeout(_)) => (504, None),
        Err(_) => (502, None),
    };
    match answer {
        Ok(_) => upstream.answered(),
        Err(_) => upstream.failed(Instant::now()),
    }
    entry.upstream = Some(UpstreamEntry { address: upstream.address, status, connect_time });
    answer
}

fn forwarded(headers: &HeaderMap, client: IpAddr) -> HeaderMap {
    let mut headers = headers.clone();
    HOP_BY_HOP.iter().for_each(|name| {
        headers.remove(name);
    });
    let client = HeaderValue::try_from(client.to_string());
    headers.insert(FORWARDED_FOR, client.expect("an address is header text"));
    headers
}

fn passed_back(answer: Answer) -> Response<Bytes> {
    let mut response = answer.response;
    HOP_BY_HOP.iter().for_each(|name| {
        response.headers_mut().remove(name);
    });
    response
}

fn plain(status: StatusCode, body: &'static str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from_static(body.as_bytes()));
    *response.status_mut() = status;
    response
}

/// Only this machine can connect, so a forwarded address is believed.
fn client(headers: &HeaderMap) -> IpAddr {
    text(headers, FORWARDED_FOR)
        .and_then(|addresses| addresses.split(',').next()?.trim().parse().ok())
        .unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST))
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<String> {
    Some(String::from_utf8_lossy(headers.get(name)?.as_bytes()).into_owned())
}
