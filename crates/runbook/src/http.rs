//! Requests that verbs make: bounded in time and bytes, never redirected, trusting what the system trusts.

use reqwest::{Client, RequestBuilder, redirect::Policy};
use rustls::{ClientConfig, RootCertStore, crypto::ring};
use rustls_platform_verifier::BuilderVerifierExt;
use std::sync::{Arc, OnceLock};
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
    pub why: String,
    /// Whether the request may have arrived all the same.
    pub may_have_arrived: bool,
}

/// The client of all verbs.
///
/// # Errors
/// A sentence: it cannot be made.
pub fn client() -> Result<Client, String> {
    static CLIENT: OnceLock<Result<Client, String>> = OnceLock::new();
    CLIENT.get_or_init(make).clone()
}

fn make() -> Result<Client, String> {
    let trust = || {
        ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())
    };
    // A machine without certificates can still ask without TLS; with TLS it trusts nobody, and says so.
    let tls = match trust()?.with_platform_verifier() {
        Ok(verified) => verified.with_no_client_auth(),
        Err(_) => trust()?.with_root_certificates(RootCertStore::empty()).with_no_client_auth(),
    };
    Client::builder()
        .user_agent("hikeshi")
        .tls_backend_preconfigured(tls)
        .redirect(Policy::none())
        .no_proxy()
        .pool_max_idle_per_host(0)
        .build()
        .map_err(|error| error.to_string())
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
    let late = || Failure { why: "no answer in time".into(), may_have_arrived: true };
    timeout_at(deadline, asking).await.unwrap_or_else(|_| Err(late()))
}

/// `connection refused` says more than "error sending request".
fn failure(error: reqwest::Error) -> Failure {
    let may_have_arrived = !error.is_connect() && !error.is_builder();
    let error = error.without_url();
    let mut inner: &dyn std::error::Error = &error;
    while let Some(next) = inner.source() {
        inner = next;
    }
    Failure { why: inner.to_string(), may_have_arrived }
}
