//! The addresses of an API instance and the bodies it answers with, healthy or not.

use super::metrics::CONTENT_TYPE;
use super::state::Api;
use crate::accuracy::{by_model, measure};
use crate::fault::FaultKind;
use crate::gate::{internal_error, not_found};
use crate::store::pool::Unavailable;
use axum::extract::{MatchedPath, Path, Query, Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::json;
use std::sync::Arc;
use std::time::Instant;

/// How many days of prices are sent at most.
const MOST_DAYS: u16 = 250;

#[derive(Deserialize)]
struct Search {
    #[serde(default)]
    q: String,
}

#[derive(Deserialize)]
struct Days {
    #[serde(default = "thirty")]
    days: u16,
}

type Shared = State<Arc<Api>>;

/// Every address of the API.
pub fn router() -> Router<Arc<Api>> {
    Router::new()
        .route("/health", get(health))
        .route("/api/health", get(health))
        .route("/metrics", get(show_metrics))
        .route("/api/stocks/search", get(search))
        .route("/api/stocks/{symbol}", get(stock))
        .route("/api/finance/stocks/{symbol}/price", get(price))
        .route("/api/finance/stocks/{symbol}/predictions", get(predictions))
        .route("/api/finance/rankings/predictions", get(rankings))
        .route("/api/market/summary", get(summary))
        .route("/api/predictions/accuracy/summary", get(accuracy))
        .fallback(|| async { not_found("no such address") })
}

/// Counts and logs every request.
pub async fn count(State(api): Shared, request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let (method, path) = (request.method().to_string(), request.uri().path().to_owned());
    let route = request.extensions().get::<MatchedPath>().map(|route| route.as_str().to_owned());
    let response = next.run(request).await;
    let (status, took) = (response.status().as_u16(), begun.elapsed());
    api.metrics.answered(&method, route.as_deref().unwrap_or("other"), status, took);
    let more = json!({
        "method": method, "path": path, "status": status, "duration_ms": took.as_millis() as u64,
    });
    api.log("INFO", "request", more);
    response
}

async fn show_metrics(State(api): Shared) -> Response {
    ([(header::CONTENT_TYPE, CONTENT_TYPE)], api.metrics.text()).into_response()
}

async fn health(State(api): Shared) -> Response {
    let timestamp = Timestamp::now().to_string();
    let health = api.store.health().await;
    api.metrics.saw_database(health.is_ok());
    match health {
        Ok(()) => Json(json!({
            "status": "healthy",
            "timestamp": timestamp,
            "database": api.store.healthy_word(),
            "message": "API is running",
        }))
        .into_response(),
        Err(error) => {
            api.log("ERROR", "health check failed", json!({"error": error.to_string()}));
            let body = json!({
                "status": "unhealthy",
                "timestamp": timestamp,
                "database": "disconnected",
                "error": error.to_string(),
            });
            (StatusCode::SERVICE_UNAVAILABLE, Json(body)).into_response()
        }
    }
}

async fn stock(State(api): Shared, Path(symbol): Path<String>) -> Response {
    match api.store.stock(&symbol).await {
        Ok(Some(stock)) => Json(stock).into_response(),
        Ok(None) => not_found("unknown symbol"),
        Err(error) => database_unavailable(&api, &error),
    }
}

async fn search(State(api): Shared, Query(search): Query<Search>) -> Response {
    if api.gate.has(FaultKind::BrokenSearch) {
        return broken(&api, "search index is corrupt");
    }
    match api.store.search(&search.q).await {
        Ok(results) => Json(json!({"query": search.q, "results": results})).into_response(),
        Err(error) => database_unavailable(&api, &error),
    }
}

async fn price(
    State(api): Shared,
    Path(symbol): Path<String>,
    Query(query): Query<Days>,
) -> Response {
    match api.store.prices(&symbol, query.days.min(MOST_DAYS)).await {
        Ok(prices) if prices.is_empty() => not_found("no prices for this symbol"),
        Ok(prices) => Json(json!({"symbol": symbol, "prices": prices})).into_response(),
        Err(error) => database_unavailable(&api, &error),
    }
}

async fn predictions(State(api): Shared, Path(symbol): Path<String>) -> Response {
    if api.gate.has(FaultKind::BrokenPredictions) {
        return broken(&api, "prediction model could not be loaded");
    }
    match api.store.predictions(&symbol).await {
        Ok(found) if found.is_empty() => not_found("no predictions for this symbol"),
        Ok(found) => Json(json!({"symbol": symbol, "predictions": found})).into_response(),
        Err(error) => database_unavailable(&api, &error),
    }
}

/// With the database down this is a 200 that says so in its body only.
async fn rankings(State(api): Shared) -> Response {
    Json(match api.store.rankings().await {
        Ok(rankings) => json!({"status": "success", "rankings": rankings}),
        Err(error) => {
            api.log("ERROR", "rankings failed", json!({"error": error.to_string()}));
            json!({"status": "error", "rankings": [], "error": error.to_string()})
        }
    })
    .into_response()
}

/// With the database down this swallows the cause.
async fn summary(State(api): Shared) -> Response {
    match api.store.summary().await {
        Ok(summary) => Json(json!({"market_summary": summary})).into_response(),
        Err(error) => {
            api.log("ERROR", "market summary failed", json!({"error": error.to_string()}));
            let body = json!({"detail": "Failed to fetch market summary"});
            (StatusCode::INTERNAL_SERVER_ERROR, Json(body)).into_response()
        }
    }
}

async fn accuracy(State(api): Shared) -> Response {
    match api.store.due_predictions().await {
        Ok(due) => Json(json!({
            "measured_at": Timestamp::now().to_string(),
            "overall": measure(&due),
            "models": by_model(&due),
        }))
        .into_response(),
        Err(error) => database_unavailable(&api, &error),
    }
}

fn database_unavailable(api: &Api, error: &Unavailable) -> Response {
    api.log("ERROR", "database query failed", json!({"error": error.to_string()}));
    let body = json!({"detail": "Database service unavailable"});
    (StatusCode::SERVICE_UNAVAILABLE, Json(body)).into_response()
}

fn broken(api: &Api, why: &str) -> Response {
    api.log("ERROR", "request failed", json!({"error": why}));
    internal_error(why)
}

fn thirty() -> u16 {
    30
}
