//! The routes, by door.

use crate::{
    accounts, acts, alerts, assets, audit, configuration, dashboard, desk::Desk, find, guard,
    listing, live, now, on_call, readiness, room, run, runbook, runbooks, service, services,
    settings, sign_in, trouble, welcome,
};
use axum::{
    Extension, Router,
    extract::DefaultBodyLimit,
    middleware,
    routing::{delete, get, post},
};
use std::sync::Arc;

/// The largest form that is read: people's texts are short.
const BODY_LIMIT: usize = 64 * 1024;

/// The pages, for the address.
pub fn showing(desk: Desk) -> Router {
    Router::new()
        .route("/", get(now::show))
        .route("/wall", get(now::wall))
        .route("/incidents", get(listing::show))
        .route("/incidents/{id}", get(room::show))
        .route("/incidents/{id}/acknowledge", post(acts::acknowledge))
        .route("/incidents/{id}/note", post(acts::note))
        .route("/incidents/{id}/priority", post(acts::priority))
        .route("/incidents/{id}/close", post(acts::close))
        .route("/incidents/{id}/undo", post(acts::undo))
        .route("/alerts", get(alerts::show))
        .route("/dashboard", get(dashboard::show))
        .route("/services", get(services::show))
        .route("/services/{name}", get(service::show))
        .route("/services/{name}/release", post(service::release))
        .route("/runbooks", get(runbooks::show))
        .route("/runbooks/{name}", get(runbook::show))
        .route("/runbooks/{name}/dry-run", post(runbook::dry_run))
        .route("/runs/{id}", get(run::show))
        .route("/readiness", get(readiness::show))
        .route("/audit", get(audit::show))
        .route("/find", get(find::show))
        .route("/configuration", get(configuration::show))
        .route("/on-call", get(on_call::show))
        .route("/on-call/override", post(on_call::step_in))
        .route("/on-call/remove", post(on_call::step_out))
        .route("/approvals/{id}/approve", post(acts::approve))
        .route("/approvals/{id}/refuse", post(acts::refuse))
        .route("/runs/{id}/answer", post(acts::answer))
        .route("/live/now", get(live::now))
        .route("/live/wall", get(live::wall))
        .route("/live/dashboard", get(live::dashboard))
        .route("/live/services", get(live::services))
        .route("/live/services/{name}", get(live::service))
        .route("/live/runs/{id}", get(live::run))
        .route("/live/incidents/{id}", get(live::incident))
        .route("/accounts", get(accounts::show).post(accounts::add_one))
        .route("/accounts/change", post(accounts::change_one))
        .route("/settings", get(settings::show).post(settings::choose))
        .route("/sign-in", get(sign_in::show).post(sign_in::enter))
        .route("/sign-out", post(sign_in::leave))
        .route("/welcome/{token}", get(welcome::show).post(welcome::choose))
        .route("/assets/{file}", get(assets::asset_of))
        .fallback(trouble::nowhere)
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(Extension(Arc::<live::Shared>::default()))
        .layer(middleware::from_fn_with_state(desk.clone(), guard::guard))
        .with_state(desk)
}

/// Who may use them, for the local socket: it belongs to whoever runs hikeshi.
pub fn local(desk: Desk) -> Router {
    Router::new()
        .route("/api/v1/accounts", get(accounts::list).post(accounts::add))
        .route("/api/v1/accounts/{name}", delete(accounts::remove))
        .route("/api/v1/accounts/{name}/link", post(accounts::link))
        .route("/api/v1/accounts/{name}/role", post(accounts::allow))
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .with_state(desk)
}
