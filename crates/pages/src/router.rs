//! The routes, by door.

use crate::{
    accounts, acts, alerts, assets, audit, configuration, dashboard,
    desk::Desk,
    drafts, elsewhere, enrolling, evidence, find,
    guard::{self, ANSWERING, ENROLLING, Terms},
    linked, listing, live, now, on_call, passkeys, readiness, report, room, run, runbook, runbooks,
    second_step, security, service, services, settings, sign_in, silences, tokens, trouble,
    welcome,
};
use axum::{
    Extension, Router,
    extract::DefaultBodyLimit,
    middleware,
    routing::{get, post},
};
use domain::carried_accounts::Scope::Admin;
use std::sync::Arc;
use web::{Api, Document, Door};

/// The largest form that is read: people's texts are short.
const BODY_LIMIT: usize = 64 * 1024;

/// The pages, for the address.
pub fn showing(desk: Desk) -> Router {
    pages(desk.clone()).merge(behind_links(desk))
}

fn pages(desk: Desk) -> Router {
    Router::new()
        .route("/", get(now::show))
        .route("/wall", get(now::wall))
        .route("/incidents", get(listing::show))
        .route("/incidents/{id}", get(room::show))
        .route("/incidents/{id}/report", get(report::show))
        .route("/incidents/{id}/acknowledge", post(acts::acknowledge))
        .route("/incidents/{id}/note", post(acts::note))
        .route("/incidents/{id}/priority", post(acts::priority))
        .route("/incidents/{id}/close", post(acts::close))
        .route("/incidents/{id}/undo", post(acts::undo))
        .route("/incidents/{id}/roles", post(acts::assign))
        .route("/incidents/{id}/measures", post(acts::measure))
        .route("/incidents/{id}/data-loss", post(acts::data_loss))
        .route("/incidents/{id}/drafts", post(drafts::begin))
        .route("/measures/{id}/done", post(acts::measure_done))
        .route("/drafts/{id}", get(drafts::show).post(drafts::change))
        .route("/drafts/{id}/release", post(drafts::release))
        .route("/drafts/{id}/discard", post(drafts::discard))
        .route("/alerts", get(alerts::show))
        .route("/alerts/{id}/label", post(alerts::label))
        .route("/silences", get(silences::show).post(silences::quieten))
        .route("/silences/{id}/end", post(silences::end))
        .route("/dashboard", get(dashboard::show))
        .route("/services", get(services::show))
        .route("/services/{name}", get(service::show))
        .route("/services/{name}/release", post(service::release))
        .route("/runbooks", get(runbooks::show))
        .route("/runbooks/{name}", get(runbook::show))
        .route("/runbooks/{name}/dry-run", post(runbook::dry_run))
        .route("/runs/{id}", get(run::show))
        .route("/evidence/{run}/{step}/{attempt}", get(evidence::show))
        .route("/evidence/{run}/{step}/{attempt}/{file}", get(evidence::file))
        .route("/evidence/{run}/{step}/{attempt}/{file}/download", get(evidence::download))
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
        .route("/settings/security", get(security::show).post(security::change))
        .route("/settings/security/passkey", post(passkeys::add))
        .route("/settings/security/passkey/options", post(passkeys::to_add))
        .route("/settings/tokens", get(tokens::show).post(tokens::make))
        .route("/settings/tokens/revoke", post(tokens::revoke))
        .route("/sign-in", get(sign_in::show).post(sign_in::enter))
        .route("/sign-in/code", get(second_step::show).post(second_step::enter))
        .route("/sign-in/openid", get(elsewhere::go))
        .route("/sign-in/openid/connect", get(elsewhere::go_to_connect))
        .route("/sign-in/openid/back", get(elsewhere::back))
        .route("/sign-in/passkey", post(passkeys::sign_in))
        .route("/sign-in/passkey/options", post(passkeys::to_sign_in))
        .route("/sign-out", post(sign_in::leave))
        .route("/welcome/{token}", get(welcome::show).post(welcome::choose))
        .fallback(trouble::nowhere)
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(Extension(Arc::<live::Shared>::default()))
        .layer(middleware::from_fn_with_state(desk.clone(), guard::guard))
        .with_state(desk)
}

/// Pages behind links, for whoever holds one, and what they load. They are reached under any name: a proxy in front may lead
/// here for them alone.
fn behind_links(desk: Desk) -> Router {
    let on = |terms: Terms| middleware::from_fn_with_state((desk.clone(), terms), guard::protect);
    let answering = Router::new()
        .route("/a/{token}", get(linked::show).post(linked::act))
        .route("/assets/{file}", get(assets::asset_of))
        .layer(on(ANSWERING));
    let enrolling = Router::new()
        .route("/push/page.js", get(enrolling::page))
        .route("/push/worker.js", get(enrolling::worker))
        .route("/push/manifest.json", get(enrolling::manifest))
        .route("/push/{token}", get(enrolling::show).post(enrolling::enrol))
        .layer(on(ENROLLING));
    answering.merge(enrolling).layer(DefaultBodyLimit::max(BODY_LIMIT)).with_state(desk)
}

/// Who may use them: the part of the API about accounts.
pub fn api(desk: Desk, door: Door) -> Router {
    let routes = table().into_router(&desk.shared, door);
    routes.layer(DefaultBodyLimit::max(BODY_LIMIT)).with_state(desk)
}

/// Writes down what programs can ask about accounts.
pub fn describe(document: &mut Document) {
    table().describe(document);
}

fn table() -> Api<Desk> {
    use web::{delete, get, post};
    Api::default()
        .with(Admin, "/api/v1/accounts", get(accounts::list))
        .with(Admin, "/api/v1/accounts", post(accounts::add))
        .with(Admin, "/api/v1/accounts/{name}", delete(accounts::remove))
        .with(Admin, "/api/v1/accounts/{name}/link", post(accounts::link))
        .with(Admin, "/api/v1/accounts/{name}/role", post(accounts::allow))
        .with(Admin, "/api/v1/accounts/{name}/disconnect", post(accounts::disconnect))
        .on_socket("/api/v1/accounts/{name}/reset-factor", post(accounts::reset_factor))
}
