//! What every request passes first: the switches that make a server hang, slow or wrong.

use crate::fault::FaultKind;
use crate::lifetime::LOOK_EVERY;
use crate::switches::Switches;
use axum::Json;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// The gate of one server.
#[derive(Clone, Debug)]
pub struct Gate {
    switches: Arc<Switches>,
    requests: Arc<AtomicU64>,
}

impl Gate {
    /// A gate that obeys these switches.
    pub fn new(switches: &Arc<Switches>) -> Gate {
        Gate { switches: Arc::clone(switches), requests: Arc::default() }
    }

    /// Whether a fault without a value is on.
    pub fn has(&self, kind: FaultKind) -> bool {
        self.switches.now().has(kind)
    }

    /// Whether this request is one of the hundred that fail; spread evenly, not by chance, so
    /// that a rate of 60 is 60 however few the requests are.
    fn fails(&self, path: &str) -> bool {
        let Some(percent) = self.switches.now().error_percent() else { return false };
        if path.ends_with("/health") || path == "/metrics" {
            return false;
        }
        let number = self.requests.fetch_add(1, Ordering::Relaxed);
        let failed_by = |requests: u64| requests * u64::from(percent) / 100;
        failed_by(number + 1) > failed_by(number)
    }

    async fn wait_while_hung(&self) {
        while self.has(FaultKind::Hang) {
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }
}

/// The middleware of the gate.
pub async fn pass(State(gate): State<Gate>, request: Request, next: Next) -> Response {
    gate.wait_while_hung().await;
    if let Some(ms) = gate.switches.now().slow_ms() {
        tokio::time::sleep(Duration::from_millis(ms)).await;
    }
    if gate.fails(request.uri().path()) {
        return internal_error("simulated application error");
    }
    next.run(request).await
}

/// The body of an unhandled error, as the platform's servers send it.
pub fn internal_error(message: &str) -> Response {
    let body = json!({
        "error": "Internal server error",
        "message": message,
        "timestamp": Timestamp::now().to_string(),
    });
    (StatusCode::INTERNAL_SERVER_ERROR, Json(body)).into_response()
}

/// The body of an address that does not exist, as the platform's servers send it.
pub fn not_found(message: &str) -> Response {
    let body = json!({
        "error": "Not found",
        "message": message,
        "timestamp": Timestamp::now().to_string(),
    });
    (StatusCode::NOT_FOUND, Json(body)).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::folder::Folder;
    use crate::switches::set;

    #[test]
    fn an_error_rate_of_sixty_fails_sixty_of_a_hundred_and_spares_health() {
        let place = tempfile::tempdir().expect("a temporary folder");
        let folder = Folder::create(place.path()).expect("the working folder");
        let gate = Gate::new(&Arc::new(Switches::of(&folder, "api-1")));
        assert!(!gate.fails("/api/stocks/7203.T"), "no fault, no failure");
        set(&folder, &"api-1:error-rate=60".parse().expect("a fault")).expect("sets");
        let failed = (0..100).filter(|_| gate.fails("/api/stocks/7203.T")).count();
        assert_eq!(failed, 60);
        assert!((0..100).all(|_| !gate.fails("/health") && !gate.fails("/api/health")));
        assert!((0..100).all(|_| !gate.fails("/metrics")));
    }
}
