//! Requests that verbs make: bounded in time and bytes, never redirected, trusting what the system trusts.

use domain::said::Said;
use egress::http::{self, innermost};
use reqwest::{Client, RequestBuilder};
use std::sync::OnceLock;
use tokio::time::{Instant, timeout_at};

/// More of an answer is not read.
const BODY_BYTES: usize = 1 << 20;

/// An answer.
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The beginning of the body.
    pub body: Vec<u8>,
}

/// Why there is none.
#[derive(Debug)]
pub struct Failure {
    /// The innermost reason, without the address: that may hold what nobody should read.
    pub why: Said,
    /// Whether the request may have arrived all the same.
    pub may_have_arrived: bool,
}

/// The client of all verbs.
///
/// # Errors
/// A sentence: it cannot be made.
pub fn client() -> Result<Client, String> {
    static CLIENT: OnceLock<Result<Client, String>> = OnceLock::new();
    let make = || http::client().pool_max_idle_per_host(0).build();
    CLIENT.get_or_init(|| make().map_err(|error| innermost(&error))).clone()
}

/// Asks.
///
/// # Errors
/// There is no answer.
pub async fn ask(request: RequestBuilder, deadline: Instant) -> Result<Answer, Failure> {
    let asking = async {
        let mut response = request.send().await.map_err(failure)?;
        let (status, mut body) = (response.status().as_u16(), Vec::new());
        while body.len() < BODY_BYTES
            && let Some(chunk) = response.chunk().await.map_err(failure)?
        {
            let room = BODY_BYTES - body.len();
            body.extend_from_slice(&chunk[..chunk.len().min(room)]);
        }
        Ok(Answer { status, body })
    };
    let late = || Failure {
        why: Said::new("時間内に応答なし", "no answer in time"),
        may_have_arrived: true,
    };
    timeout_at(deadline, asking).await.unwrap_or_else(|_| Err(late()))
}

fn failure(error: reqwest::Error) -> Failure {
    let may_have_arrived = !error.is_connect() && !error.is_builder();
    Failure { why: innermost(&error).into(), may_have_arrived }
}
