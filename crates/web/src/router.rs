//! The routes, by door.

use crate::{
    acting as act, acting_intake as tell, alertmanager as am, answering as ask, arriving as arrive,
    auditing, channels, contacts, dashboard, devices, digesting, drafting as draft, labelling,
    linked, measured, metrics, on_call, on_call_feed, own_name, quieting as quiet,
    replying as reply, showing as show, state::Shared, teaming as team, tokens,
};
use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware,
    routing::{any, delete, get, post},
};

/// The largest body that is read: people's texts are short.
const BODY_LIMIT: usize = 64 * 1024;

/// Routes for the address: they show, and take in what other systems send.
pub fn showing(shared: Shared) -> Router {
    let own = open(shared.clone()).layer(middleware::from_fn(own_name::only));
    own.merge(replying(shared))
}

/// Routes for people's answers, under the public address: each request proves itself by a signature, so that the name in
/// `Host` matters to none of them.
fn replying(shared: Shared) -> Router {
    Router::new()
        .route("/a/{token}", get(linked::show).post(linked::act))
        .route("/push/page.js", get(devices::page))
        .route("/push/worker.js", get(devices::worker))
        .route("/push/manifest.json", get(devices::manifest))
        .route("/push/{token}", get(devices::show).post(devices::enrol))
        .route("/answer/slack/{channel}", post(reply::slack))
        .route("/answer/line/{channel}", post(reply::line))
        .route("/answer/twilio/{channel}/sms", post(reply::sms))
        .route("/answer/twilio/{channel}/voice/{token}", post(reply::voice))
        .route("/answer/twilio/{channel}/status/{token}", post(reply::status))
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .with_state(shared)
}

fn open(shared: Shared) -> Router {
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
        .route("/api/v1/approvals", get(ask::approvals))
        .route("/api/v1/approvals/{id}", get(ask::approval))
        .route("/api/v1/automation", get(ask::automation))
        .route("/api/v1/readiness", get(ask::readiness))
        .route("/api/v1/digest", get(digesting::preview))
        .route("/api/v1/runbooks", get(show::runbooks))
        .route("/api/v1/runbooks/{name}", get(show::runbook))
        .route("/api/v1/services", get(show::services))
        .route("/api/v1/timeline", get(show::timeline))
        .route("/api/v1/audit", get(auditing::audit))
        .route("/api/v1/dashboard", get(dashboard::dashboard))
        .route("/api/v1/samples", get(measured::all))
        .route("/api/v1/samples/{probe}/{reading}", get(measured::one))
        .route("/api/v1/heartbeats", get(tell::heartbeats))
        .route("/api/v1/silences", get(quiet::silences))
        .route("/api/v1/oncall", get(on_call::now))
        .route("/api/v1/oncall/gaps", get(on_call::gaps))
        .route("/api/v1/oncall/{schedule}/shifts", get(on_call::shifts))
        .route("/api/v1/overrides", get(on_call::overrides))
        .route("/oncall/{token}/{file}", get(on_call_feed::feed))
        .route("/api/v1/channels", get(channels::list))
        .route("/api/v1/notices", get(show::notices))
        .merge(arriving())
        .with_state(shared)
}

/// Routes for other systems: they bring alerts, and read them back.
fn arriving() -> Router<Shared> {
    Router::new()
        .route("/-/healthy", get(am::healthy))
        .route("/-/ready", get(show::readyz))
        .route("/-/reload", post(am::reload))
        .route("/api/v2/status", get(am::status))
        .route("/api/v2/receivers", get(am::receivers))
        .route("/api/v2/alerts", get(am::alerts).post(am::post_alerts))
        .route("/api/v2/alerts/groups", get(am::groups))
        .route("/api/v2/silences", get(am::silences).post(am::post_silence))
        .route("/api/v2/silence/{id}", get(am::silence).delete(am::expire))
        .route("/in/{integration}", any(arrive::integration))
        .route("/in/{integration}/{*rest}", any(arrive::integration))
        .route("/ping/{*rest}", any(arrive::ping))
        .route("/v2/enqueue", post(arrive::events))
        .route("/v2/change/enqueue", post(arrive::events))
        .layer(DefaultBodyLimit::max(arrive::BODY_LIMIT))
}

/// Routes that act, and all that show: for the local socket.
pub fn acting(shared: Shared) -> Router {
    let mails = DefaultBodyLimit::max(arrive::BODY_LIMIT);
    Router::new()
        .route("/api/v1/incidents", post(act::open))
        .route("/api/v1/incidents/{id}/acknowledge", post(act::acknowledge))
        .route("/api/v1/incidents/{id}/note", post(act::note))
        .route("/api/v1/incidents/{id}/priority", post(act::priority))
        .route("/api/v1/incidents/{id}/close", post(act::close))
        .route("/api/v1/incidents/{id}/data-loss", post(draft::data_loss))
        .route("/api/v1/incidents/{id}/roles", post(team::assign))
        .route("/api/v1/incidents/{id}/measures", post(team::record))
        .route("/api/v1/measures", get(team::measures))
        .route("/api/v1/measures/{id}/done", post(team::finish))
        .route("/api/v1/drafts", get(draft::list).post(draft::write))
        .route("/api/v1/drafts/{id}", get(draft::one))
        .route("/api/v1/drafts/{id}/fill", post(draft::fill))
        .route("/api/v1/drafts/{id}/edit", post(draft::edit))
        .route("/api/v1/drafts/{id}/release", post(draft::release))
        .route("/api/v1/drafts/{id}/discard", post(draft::discard))
        .route("/api/v1/alerts/{key}/label", post(labelling::label))
        .route("/api/v1/runbooks/{name}/run", post(act::run))
        .route("/api/v1/runbooks/{name}/undo", post(ask::undo))
        .route("/api/v1/runbooks/{name}/promote", post(ask::promote))
        .route("/api/v1/runs/{id}/answer", post(ask::answer))
        .route("/api/v1/runs/{id}/end", post(ask::end))
        .route("/api/v1/approvals/{id}/approve", post(ask::approve))
        .route("/api/v1/approvals/{id}/deny", post(ask::deny))
        .route("/api/v1/services/{name}/release", post(ask::release))
        .route("/api/v1/automation/stop", post(ask::stop))
        .route("/api/v1/automation/resume", post(ask::resume))
        .route("/api/v1/recover", post(act::recover))
        .route("/api/v1/secrets/accesses", post(tell::accesses))
        .route("/api/v1/devices", get(devices::list))
        .route("/api/v1/devices/link", post(devices::link))
        .route("/api/v1/devices/{id}/remove", post(devices::remove))
        .route("/api/v1/tokens", get(tokens::list))
        .route("/api/v1/tokens/{id}/revoke", post(tokens::revoke))
        .route("/api/v1/integrations/{name}/tokens", post(tokens::issue))
        .route("/api/v1/silences", post(quiet::silence))
        .route("/api/v1/silences/{id}", delete(quiet::expire))
        .route("/api/v1/maintenance", post(quiet::maintenance))
        .route("/api/v1/oncall/{schedule}/overrides", post(on_call::put))
        .route("/api/v1/oncall/{schedule}/swap", post(on_call::swap))
        .route("/api/v1/oncall/{schedule}/feed", post(on_call_feed::make))
        .route("/api/v1/overrides/{id}", delete(on_call::remove))
        .route("/api/v1/contacts", get(contacts::list))
        .route("/api/v1/contacts/{name}/confirmed", post(contacts::confirmed))
        .route("/api/v1/channels/{name}/test", post(channels::test))
        .route("/api/v1/channels/confirm", post(channels::confirm))
        .route("/api/v1/reports", post(tell::report))
        .route("/api/v1/changes", post(tell::mark))
        .route("/api/v1/heartbeats/{name}/ping", post(tell::ping))
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        // Mails bring pictures along.
        .merge(Router::new().route("/api/v1/reports/mail", post(tell::mail)).layer(mails))
        .with_state(shared.clone())
        .merge(open(shared))
}
