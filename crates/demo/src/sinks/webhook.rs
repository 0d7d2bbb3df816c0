//! The chat and phone sinks: they take any POST.

use super::delivery::Delivery;
use super::inbox::Inbox;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{StatusCode, Uri};
use axum::routing::post;

/// The largest body taken, in bytes.
const LARGEST_BODY: usize = 1 << 20;

/// The addresses of one webhook: every path is one.
pub fn router(inbox: Inbox) -> Router {
    Router::new()
        .route("/", post(take))
        .route("/{*path}", post(take))
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .with_state(inbox)
}

async fn take(State(inbox): State<Inbox>, uri: Uri, body: Bytes) -> (StatusCode, &'static str) {
    if inbox.is_down() {
        return (StatusCode::INTERNAL_SERVER_ERROR, "service error");
    }
    match inbox.keep(&Delivery::webhook(inbox.name, uri.path(), &body)) {
        Ok(()) => (StatusCode::OK, "ok"),
        Err(_) => (StatusCode::INSUFFICIENT_STORAGE, "cannot keep it"),
    }
}
