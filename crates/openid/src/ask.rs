//! Requests to the provider: bounded in time and bytes.

use crate::fault::Fault;
use reqwest::{RequestBuilder, StatusCode};
use serde::de::DeserializeOwned;
use std::time::Duration;

/// Somebody waits at a screen.
const LIMIT: Duration = Duration::from_secs(10);
/// Keys of a provider are a few kilobytes.
const BODY_BYTES: usize = 1 << 20;

/// An answer.
pub(crate) struct Answer {
    pub status: StatusCode,
    body: Vec<u8>,
}

impl Answer {
    /// The body as JSON of this shape; nothing: it has another.
    pub fn json<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_slice(&self.body).ok()
    }
}

/// Asks.
///
/// # Errors
/// There is no whole answer in time.
pub(crate) async fn ask(what: &str, request: RequestBuilder) -> Result<Answer, Fault> {
    let asking = async {
        let mut response = request.send().await.map_err(|error| unreachable(what, &error))?;
        let (status, mut body) = (response.status(), Vec::new());
        while let Some(chunk) = response.chunk().await.map_err(|error| unreachable(what, &error))? {
            if body.len() + chunk.len() > BODY_BYTES {
                return Err(Fault::Unfit(format!("{what}: more than {BODY_BYTES} bytes")));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answer { status, body })
    };
    let late = || Err(Fault::Unreachable(format!("{what}: no answer within {LIMIT:?}")));
    tokio::time::timeout(LIMIT, asking).await.unwrap_or_else(|_| late())
}

/// Asks for JSON that has to be there.
///
/// # Errors
/// It is not there.
pub(crate) async fn json<T: DeserializeOwned>(
    what: &str,
    request: RequestBuilder,
) -> Result<T, Fault> {
    let answer = ask(what, request).await?;
    let status = answer.status;
    if status.is_server_error() {
        return Err(Fault::Unreachable(format!("{what}: HTTP {}", status.as_u16())));
    }
    if !status.is_success() {
        return Err(Fault::Unfit(format!("{what}: HTTP {}", status.as_u16())));
    }
    answer.json().ok_or_else(|| Fault::Unfit(format!("{what}: not the JSON of the standard")))
}

fn unreachable(what: &str, error: &reqwest::Error) -> Fault {
    Fault::Unreachable(format!("{what}: {}", egress::http::innermost(error)))
}
