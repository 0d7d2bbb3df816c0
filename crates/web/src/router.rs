//! The routes, by door.

use crate::{
    acting as act, acting_intake as tell, alertmanager as am, answering as ask,
    api::{self, Api, Door},
    arriving as arrive, auditing, channels, contacts, dashboard, devices, digesting,
    document::{self, Document},
    drafting as draft,
    extract::BODY_LIMIT,
    labelling, measured, metrics, on_call, on_call_feed, own_name, quieting as quiet,
    replying as reply, showing as show,
    state::Shared,
    teaming as team, tokens,
};
use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware,
    routing::{any, get, post},
};
use domain::carried_accounts::Scope::{Admin, Approve, Read, Respond};

/// Writes down what programs can ask at the address.
pub fn describe(document: &mut Document) {
    let [routes, mails] = api();
    routes.describe(document);
    mails.describe(document);
}

/// Routes for the address: they show; who shows a token of an account acts; and other systems bring what they send.
pub fn showing(shared: Shared) -> Router {
    let named = mirroring().layer(middleware::from_fn(own_name::only));
    let proven = arriving().layer(middleware::from_fn(own_name::unless_from_elsewhere));
    let others = named.merge(proven).with_state(shared.clone());
    api_at(&shared, Door::Address).merge(others).merge(replying(shared))
}

/// Routes for the local socket: all that act, and all that show.
pub fn acting(shared: Shared) -> Router {
    api_at(&shared, Door::Socket).merge(mirroring().merge(arriving()).with_state(shared))
}

/// Routes for people's answers in other services, under the public address: each request proves itself by a signature, so
/// that the name in `Host` matters to none of them.
fn replying(shared: Shared) -> Router {
    Router::new()
        .route("/answer/slack/{channel}", post(reply::slack))
        .route("/answer/line/{channel}", post(reply::line))
        .route("/answer/twilio/{channel}/sms", post(reply::sms))
        .route("/answer/twilio/{channel}/voice/{token}", post(reply::voice))
        .route("/answer/twilio/{channel}/status/{token}", post(reply::status))
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .with_state(shared)
}

/// The API: each route with what it takes at the address. What a token may at most is what its owner may, and what may be
/// done at all is decided where everything is decided.
fn api() -> [Api<Shared>; 2] {
    use api::{delete, get, post};
    let mails = Api::default().with(Respond, "/api/v1/reports/mail", post(tell::mail));
    let routes = Api::default()
        .open("/healthz", get(show::healthz))
        .open("/readyz", get(show::readyz))
        .open("/metrics", get(metrics::metrics))
        .open("/api/v1/openapi.json", get(document::show))
        .open("/api/v1/status", get(show::status))
        .open("/api/v1/readings", get(show::readings))
        .open("/api/v1/incidents", get(show::incidents))
        .open("/api/v1/incidents/{id}", get(show::incident))
        .open("/api/v1/alerts", get(show::alerts))
        .open("/api/v1/alerts/{key}", get(show::alert))
        .open("/api/v1/runs/{id}", get(show::run))
        .open("/api/v1/approvals", get(ask::approvals))
        .open("/api/v1/approvals/{id}", get(ask::approval))
        .open("/api/v1/automation", get(ask::automation))
        .open("/api/v1/readiness", get(ask::readiness))
        .open("/api/v1/digest", get(digesting::preview))
        .open("/api/v1/runbooks", get(show::runbooks))
        .open("/api/v1/runbooks/{name}", get(show::runbook))
        .open("/api/v1/services", get(show::services))
        .open("/api/v1/timeline", get(show::timeline))
        .open("/api/v1/audit", get(auditing::audit))
        .open("/api/v1/dashboard", get(dashboard::dashboard))
        .open("/api/v1/samples", get(measured::all))
        .open("/api/v1/samples/{probe}/{reading}", get(measured::one))
        .open("/api/v1/heartbeats", get(tell::heartbeats))
        .open("/api/v1/silences", get(quiet::silences))
        .open("/api/v1/oncall", get(on_call::now))
        .open("/api/v1/oncall/gaps", get(on_call::gaps))
        .open("/api/v1/oncall/{schedule}/shifts", get(on_call::shifts))
        .open("/api/v1/overrides", get(on_call::overrides))
        .open("/api/v1/channels", get(channels::list))
        .open("/api/v1/notices", get(show::notices))
        .with(Respond, "/api/v1/incidents", post(act::open))
        .with(Respond, "/api/v1/incidents/{id}/acknowledge", post(act::acknowledge))
        .with(Respond, "/api/v1/incidents/{id}/note", post(act::note))
        .with(Respond, "/api/v1/incidents/{id}/priority", post(act::priority))
        .with(Respond, "/api/v1/incidents/{id}/close", post(act::close))
        .with(Respond, "/api/v1/incidents/{id}/data-loss", post(draft::data_loss))
        .with(Respond, "/api/v1/incidents/{id}/roles", post(team::assign))
        .with(Respond, "/api/v1/incidents/{id}/measures", post(team::record))
        .with(Read, "/api/v1/measures", get(team::measures))
        .with(Respond, "/api/v1/measures/{id}/done", post(team::finish))
        .with(Read, "/api/v1/drafts", get(draft::list))
        .with(Respond, "/api/v1/drafts", post(draft::write))
        .with(Read, "/api/v1/drafts/{id}", get(draft::one))
        .with(Respond, "/api/v1/drafts/{id}/fill", post(draft::fill))
        .with(Respond, "/api/v1/drafts/{id}/edit", post(draft::edit))
        .with(Respond, "/api/v1/drafts/{id}/release", post(draft::release))
        .with(Respond, "/api/v1/drafts/{id}/discard", post(draft::discard))
        .with(Respond, "/api/v1/alerts/{key}/label", post(labelling::label))
        .with(Respond, "/api/v1/runbooks/{name}/run", post(act::run))
        .with(Respond, "/api/v1/runbooks/{name}/undo", post(ask::undo))
        .with(Approve, "/api/v1/runbooks/{name}/promote", post(ask::promote))
        .with(Respond, "/api/v1/runs/{id}/answer", post(ask::answer))
        .with(Respond, "/api/v1/runs/{id}/end", post(ask::end))
        .with(Approve, "/api/v1/approvals/{id}/approve", post(ask::approve))
        .with(Approve, "/api/v1/approvals/{id}/deny", post(ask::deny))
        .with(Approve, "/api/v1/services/{name}/release", post(ask::release))
        .with(Respond, "/api/v1/automation/stop", post(ask::stop))
        .with(Approve, "/api/v1/automation/resume", post(ask::resume))
        .with(Respond, "/api/v1/recover", post(act::recover))
        .on_socket("/api/v1/secrets/accesses", post(tell::accesses))
        .with(Admin, "/api/v1/devices", get(devices::list))
        .with(Admin, "/api/v1/devices/link", post(devices::link))
        .with(Admin, "/api/v1/devices/{id}/remove", post(devices::remove))
        .with(Admin, "/api/v1/tokens", get(tokens::list))
        .with(Admin, "/api/v1/tokens/{id}/revoke", post(tokens::revoke))
        .with(Admin, "/api/v1/integrations/{name}/tokens", post(tokens::issue))
        .with(Respond, "/api/v1/silences", post(quiet::silence))
        .with(Respond, "/api/v1/silences/{id}", delete(quiet::expire))
        .with(Respond, "/api/v1/maintenance", post(quiet::maintenance))
        .with(Respond, "/api/v1/oncall/{schedule}/overrides", post(on_call::put))
        .with(Respond, "/api/v1/oncall/{schedule}/swap", post(on_call::swap))
        .with(Respond, "/api/v1/oncall/{schedule}/feed", post(on_call_feed::make))
        .with(Respond, "/api/v1/overrides/{id}", delete(on_call::remove))
        .with(Read, "/api/v1/contacts", get(contacts::list))
        .with(Respond, "/api/v1/contacts/{name}/confirmed", post(contacts::confirmed))
        .with(Respond, "/api/v1/channels/{name}/test", post(channels::test))
        .with(Respond, "/api/v1/channels/confirm", post(channels::confirm))
        .with(Respond, "/api/v1/reports", post(tell::report))
        .with(Respond, "/api/v1/changes", post(tell::mark))
        .with(Respond, "/api/v1/heartbeats/{name}/ping", post(tell::ping))
        .on_socket("/api/v1/accounts/{name}/tokens", post(tokens::issue_api));
    [routes, mails]
}

/// The API at a door. Mails bring pictures along, so that their bodies may be larger.
fn api_at(shared: &Shared, door: Door) -> Router {
    let [routes, mails] = api();
    let routes = routes.into_router(shared, door).layer(DefaultBodyLimit::max(BODY_LIMIT));
    let mails = mails.into_router(shared, door).layer(DefaultBodyLimit::max(arrive::BODY_LIMIT));
    routes.merge(mails).with_state(shared.clone())
}

/// Routes for other systems that bring something, and for calendars: each shows a token or a signature, or is on this
/// machine.
fn arriving() -> Router<Shared> {
    Router::new()
        .route("/api/v2/alerts", post(am::post_alerts))
        .route("/in/{integration}", any(arrive::integration))
        .route("/in/{integration}/{*rest}", any(arrive::integration))
        .route("/ping/{*rest}", any(arrive::ping))
        .route("/v2/enqueue", post(arrive::events))
        .route("/v2/change/enqueue", post(arrive::events))
        .route("/oncall/{token}/{file}", get(on_call_feed::feed))
        .layer(DefaultBodyLimit::max(arrive::BODY_LIMIT))
}

/// What else Alertmanager's API is, for clients on this machine.
fn mirroring() -> Router<Shared> {
    Router::new()
        .route("/-/healthy", get(am::healthy))
        .route("/-/ready", get(show::readyz))
        .route("/-/reload", post(am::reload))
        .route("/api/v2/status", get(am::status))
        .route("/api/v2/receivers", get(am::receivers))
        .route("/api/v2/alerts", get(am::alerts))
        .route("/api/v2/alerts/groups", get(am::groups))
        .route("/api/v2/silences", get(am::silences).post(am::post_silence))
        .route("/api/v2/silence/{id}", get(am::silence).delete(am::expire))
        .layer(DefaultBodyLimit::max(arrive::BODY_LIMIT))
}
