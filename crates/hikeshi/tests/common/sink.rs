//! A webhook that takes everything and remembers it.

use axum::{
    Json, Router,
    extract::State,
    http::{HeaderMap, StatusCode},
    routing::post,
};
use serde_json::Value;
use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

/// Something that was told.
#[derive(Clone, Debug)]
pub struct Told {
    /// The header `Idempotency-Key`.
    pub key: String,
    /// The document.
    pub body: Value,
}

/// The webhook; it ends with this value.
pub struct Sink {
    address: SocketAddr,
    told: Arc<Mutex<Vec<Told>>>,
    _runtime: tokio::runtime::Runtime,
}

impl Sink {
    /// Starts one on a free port.
    pub fn start() -> Self {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.expect("a runtime");
        let told = Arc::new(Mutex::new(Vec::new()));
        let router = Router::new().route("/hook", post(take)).with_state(told.clone());
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0"));
        let listener = listener.expect("a port");
        let address = listener.local_addr().expect("bound");
        runtime.spawn(async move { axum::serve(listener, router).await });
        Self { address, told, _runtime: runtime }
    }

    /// The channel's line in a configuration.
    pub fn channel(&self) -> String {
        format!("{{kind: webhook, url: \"{}\"}}", self.url())
    }

    /// Where it listens.
    pub fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    /// Everything so far.
    pub fn told(&self) -> Vec<Told> {
        self.told.lock().expect("nobody panics while holding it").clone()
    }
}

async fn take(
    State(told): State<Arc<Mutex<Vec<Told>>>>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> StatusCode {
    let key = headers.get("idempotency-key").and_then(|key| key.to_str().ok());
    let key = key.unwrap_or_default().to_owned();
    told.lock().expect("nobody panics while holding it").push(Told { key, body });
    StatusCode::OK
}
