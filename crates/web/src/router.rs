//! The routes, by door.

use crate::{acting as act, metrics, showing as show, state::Shared};
use axum::{
    Router,
    extract::DefaultBodyLimit,
    routing::{get, post},
};

/// The largest body that is read: people's texts are short.
const BODY_LIMIT: usize = 64 * 1024;

/// Routes that only show.
pub fn showing(shared: Shared) -> Router {
    Router::new()
        .route("/healthz", get(show::healthz))
        .route("/readyz", get(show::readyz))
        .route("/metrics", get(metrics::metrics))
        .route("/api/v1/status", get(show::status))
        .route("/api/v1/readings", get(show::readings))
        .route("/api/v1/incidents", get(show::incidents))
        .route("/api/v1/incidents/{id}", get(show::incident))
        .route("/api/v1/alerts", get(show::alerts))
        .route("/api/v1/alerts/{key}", get(show::alert))
        .route("/api/v1/runs/{id}", get(show::run))
        .route("/api/v1/runbooks", get(show::runbooks))
        .route("/api/v1/runbooks/{name}", get(show::runbook))
        .route("/api/v1/services", get(show::services))
        .route("/api/v1/timeline", get(show::timeline))
        .with_state(shared)
}

/// Routes that act, and all that show: for the local socket.
pub fn acting(shared: Shared) -> Router {
    Router::new()
        .route("/api/v1/incidents", post(act::open))
        .route("/api/v1/incidents/{id}/acknowledge", post(act::acknowledge))
        .route("/api/v1/incidents/{id}/note", post(act::note))
        .route("/api/v1/incidents/{id}/priority", post(act::priority))
        .route("/api/v1/incidents/{id}/close", post(act::close))
        .route("/api/v1/runbooks/{name}/run", post(act::run))
        .route("/api/v1/recover", post(act::recover))
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .with_state(shared.clone())
        .merge(showing(shared))
}
