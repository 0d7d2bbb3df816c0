//! The doors of the page: without signing in, for everybody, and with nothing behind them but the page.

use crate::{
    asking::{Trouble, Visit},
    atom, copy, html, json,
    page::Page,
    place::Place,
    site::{Form, Site},
    subscribing,
};
use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, Request, State},
    http::{HeaderName, HeaderValue, StatusCode, header},
    middleware::{self, Next},
    response::{Html, IntoResponse, Response},
    routing::get,
};
use serde_json::json;
use std::collections::BTreeMap;
use tower::ServiceExt;

/// The largest form that is read: an address.
const BODY_LIMIT: usize = 4096;
/// What is asked again within this time need not come from here.
const KEPT_FOR: &str = "public, max-age=10";
/// Everything comes from here, nothing is inline, nobody frames it.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; form-action 'self'; base-uri 'none'; \
                      frame-ancestors 'none'";

const HEADERS: [(HeaderName, &str); 5] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()"),
];

/// The page under its usual paths, beside everything else.
fn beside(site: &Site) -> Router<Site> {
    Router::new()
        .route("/status", get(page))
        .route("/status.json", get(document))
        .route("/status.atom", get(feed))
        .route("/status/page.css", get(style))
        .route("/status/page.js", get(script))
        .merge(subscribing::router())
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(middleware::from_fn_with_state(site.clone(), protect))
}

/// The page at an address of its own, where there is nothing else.
pub fn own(site: &Site) -> Router {
    let home = get(page).layer(middleware::from_fn_with_state(site.clone(), protect));
    let nothing = middleware::from_fn_with_state(site.clone(), protect);
    let nowhere = Router::new().fallback(nowhere).layer(nothing);
    beside(site).route("/", home).with_state(site.clone()).merge(nowhere.with_state(site.clone()))
}

/// Puts the page in front of what is inside: under its paths, and alone where a request names the page's own host.
pub fn in_front_of(site: &Site, inside: Router) -> Router {
    let alone = own(site);
    let host = site.setup().own_host.clone();
    let choose = move |request: Request, next: Next| {
        let alone = alone.clone();
        let named = request.headers().get(header::HOST).and_then(|value| value.to_str().ok());
        let is_own = host.as_deref().zip(named).is_some_and(|(a, b)| a.eq_ignore_ascii_case(b));
        async move {
            if is_own {
                let Ok(response) = alone.oneshot(request).await;
                return response;
            }
            next.run(request).await
        }
    };
    beside(site).with_state(site.clone()).merge(inside).layer(middleware::from_fn(choose))
}

/// What the command line asks, for the local socket.
pub fn local(site: &Site) -> Router {
    Router::new()
        .route("/api/v1/status-page", get(document))
        .route("/api/v1/status-page/files", get(files))
        .route("/api/v1/status-page/subscribers", get(subscribers))
        .with_state(site.clone())
}

/// Adds what protects a page to every answer.
async fn protect(State(site): State<Site>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if site.setup().public_url.as_ref().is_some_and(|url| url.starts_with("https://")) {
        let value = HeaderValue::from_static("max-age=31536000");
        headers.insert(header::STRICT_TRANSPORT_SECURITY, value);
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

async fn page(visit: Visit) -> Result<Response, Trouble> {
    let Visit { site, page, language } = visit;
    let place = Place::Live { subscribe: site.mailing().is_some() };
    let form = Form::Html(html::code(language));
    let html = site.form(form, &page, |page| html::page(page, language, &place))?;
    let headers = [(header::CACHE_CONTROL, KEPT_FOR), (header::VARY, "Accept-Language")];
    Ok((headers, Html(html.to_string())).into_response())
}

async fn document(State(site): State<Site>) -> Result<Response, Trouble> {
    let page = site.page().ok_or(Trouble::None)?;
    // Anybody's page may show it: there is nothing in it that is not for everybody.
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, KEPT_FOR),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
    ];
    let make = |page: &Page| Ok::<_, Trouble>(json::document(page).to_string());
    let text = site.form(Form::Document, &page, make)?;
    Ok((headers, text.to_string()).into_response())
}

async fn feed(visit: Visit) -> Result<Response, Trouble> {
    let Visit { site, page, language } = visit;
    let base = site.base();
    let make = |page: &Page| Ok::<_, Trouble>(atom::feed(page, language, base.as_deref()));
    let feed = site.form(Form::Feed(html::code(language)), &page, make)?.to_string();
    let headers = [
        (header::CONTENT_TYPE, "application/atom+xml; charset=utf-8"),
        (header::CACHE_CONTROL, KEPT_FOR),
        (header::VARY, "Accept-Language"),
    ];
    Ok((headers, feed).into_response())
}

async fn style(State(site): State<Site>) -> Response {
    let headers =
        [(header::CONTENT_TYPE, "text/css; charset=utf-8"), (header::CACHE_CONTROL, "max-age=300")];
    (headers, copy::style(site.setup().accent)).into_response()
}

async fn script() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/javascript; charset=utf-8"),
        (header::CACHE_CONTROL, "max-age=300"),
    ];
    (headers, copy::SCRIPT).into_response()
}

/// `GET /api/v1/status-page/files`: the files of a copy by name.
async fn files(State(site): State<Site>) -> Result<Response, Trouble> {
    let page = site.page().ok_or(Trouble::None)?;
    let files: BTreeMap<_, _> = site.files(&page)?.into_iter().collect();
    Ok(Json(json!({"files": files})).into_response())
}

/// `GET /api/v1/status-page/subscribers`: how many there are; who they are is nobody's business.
async fn subscribers(State(site): State<Site>) -> Result<Response, Trouble> {
    let mailing = site.mailing().ok_or(Trouble::None)?;
    let count = mailing.subscribers.count().map_err(Trouble::file)?;
    Ok(Json(json!({"subscribers": count})).into_response())
}

async fn nowhere(visit: Visit) -> Result<Response, Trouble> {
    let Visit { page, language, .. } = visit;
    let said = language.pick(
        ("ページがありません", "このアドレスには何もありません。"),
        ("Nothing here", "There is nothing at this address."),
    );
    Ok((StatusCode::NOT_FOUND, Html(html::small(&page, language, said, None)?)).into_response())
}
