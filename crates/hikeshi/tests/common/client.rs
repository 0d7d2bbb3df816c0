//! Speaks HTTP to the server, through the local socket or the open door.

use serde_json::Value;
use std::{net::SocketAddr, path::Path, time::Duration};

/// An answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub body: String,
}

impl Answer {
    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body)
            .unwrap_or_else(|error| panic!("no JSON ({error}): {self:?}"))
    }
}

/// A client for one thread.
pub struct Client {
    http: reqwest::Client,
    runtime: tokio::runtime::Runtime,
    base: String,
}

impl Client {
    /// Through the local socket.
    pub fn over_socket(socket: &Path) -> Self {
        Self::new(builder().unix_socket(socket.to_owned()), "http://hikeshi".into())
    }

    /// Through the open door.
    pub fn over_tcp(address: SocketAddr) -> Self {
        Self::new(builder(), format!("http://{address}"))
    }

    fn new(builder: reqwest::ClientBuilder, base: String) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        Self {
            http: builder.build().expect("a client"),
            runtime: runtime.expect("a runtime"),
            base,
        }
    }

    /// Asks.
    pub fn get(&self, path: &str) -> reqwest::Result<Answer> {
        self.send(self.http.get(format!("{}{path}", self.base)))
    }

    /// Acts.
    pub fn post(&self, path: &str, body: &Value) -> reqwest::Result<Answer> {
        self.send(self.http.post(format!("{}{path}", self.base)).json(body))
    }

    fn send(&self, request: reqwest::RequestBuilder) -> reqwest::Result<Answer> {
        self.runtime.block_on(async {
            let answer = request.send().await?;
            Ok(Answer { status: answer.status().as_u16(), body: answer.text().await? })
        })
    }
}

fn builder() -> reqwest::ClientBuilder {
    // The crate asks for one even where no TLS is spoken; it fails only when one is there already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(30))
}
