//! One HTTP POST and what its answer means: 2xx delivered; 408, 425, 429, 5xx and no answer try again; all else hopeless.

use crate::{channel::Told, endpoint, outside};
use reqwest::{
    Client, Response, StatusCode, Url,
    header::{CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER},
    redirect::Policy,
};
use rustls::{ClientConfig, RootCertStore, crypto::ring};
use rustls_platform_verifier::BuilderVerifierExt;
use std::{error::Error, sync::Arc, time::Duration};

/// As much of a refusal as is read.
const BODY_LIMIT: usize = 4096;
/// A refusal is known from its status; its text is waited for no longer than this.
const BODY_PATIENCE: Duration = Duration::from_secs(1);

/// Posts. Without a proxy and without following redirects: a message goes where the configuration says, or nowhere.
pub(crate) struct Poster {
    client: Result<Client, String>,
}

impl Poster {
    pub fn new() -> Self {
        Self { client: client() }
    }

    /// Posts JSON. Headers that are marked as sensitive, and the URL, appear in no detail.
    pub async fn post(&self, url: Url, headers: HeaderMap, json: String) -> Told {
        let host = endpoint::host(&url);
        let client = match &self.client {
            Ok(client) => client,
            Err(why) => return Told::try_again(format!("{host}: {why}")),
        };
        let path = url.path().to_owned();
        let query = url.query().unwrap_or_default().to_owned();
        let mut secrets = vec![url.as_str(), &path, &query];
        let sensitive = headers.values().filter(|value| value.is_sensitive());
        secrets.extend(sensitive.filter_map(|value| value.to_str().ok()));
        let request = client
            .post(url.clone())
            .headers(headers.clone())
            .header(CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"))
            .body(json);
        match request.send().await {
            Ok(response) => judge(&host, response, &secrets).await,
            Err(error) => {
                Told::try_again(format!("{host}: {}", outside::shown(&innermost(&error), &secrets)))
            }
        }
    }
}

fn client() -> Result<Client, String> {
    let trust = || {
        ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("ring knows the protocol versions")
    };
    // A machine without certificates can still post without TLS; with TLS it trusts nobody, and says so.
    let tls = match trust().with_platform_verifier() {
        Ok(verified) => verified.with_no_client_auth(),
        Err(_) => trust().with_root_certificates(RootCertStore::empty()).with_no_client_auth(),
    };
    Client::builder()
        .user_agent("hikeshi")
        .tls_backend_preconfigured(tls)
        .redirect(Policy::none())
        .no_proxy()
        .pool_max_idle_per_host(0)
        .build()
        .map_err(|error| innermost(&error))
}

async fn judge(host: &str, response: Response, secrets: &[&str]) -> Told {
    let status = response.status();
    if status.is_success() {
        return Told::delivered(format!("{host}: HTTP {}", status.as_u16()));
    }
    let wait = response
        .headers()
        .get(RETRY_AFTER)
        .and_then(|value| value.to_str().ok())
        .map(str::to_owned);
    let said = outside::shown(&beginning(response).await, secrets);
    let mut detail = format!("{host}: HTTP {}", status.as_u16());
    if let Some(wait) = wait {
        detail.push_str(&format!(", Retry-After {}", outside::shown(&wait, secrets)));
    }
    if !said.is_empty() {
        detail.push_str(&format!(": {said}"));
    }
    let may_pass = status.is_server_error()
        || matches!(
            status,
            StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_EARLY | StatusCode::TOO_MANY_REQUESTS
        );
    if may_pass { Told::try_again(detail) } else { Told::hopeless(detail) }
}

/// The beginning of the body: an answer that never ends fills no memory.
async fn beginning(mut response: Response) -> String {
    let mut body = Vec::new();
    let reading = async {
        while let Ok(Some(chunk)) = response.chunk().await {
            let room = BODY_LIMIT.saturating_sub(body.len());
            body.extend_from_slice(&chunk[..chunk.len().min(room)]);
            if body.len() >= BODY_LIMIT {
                break;
            }
        }
    };
    let _ = tokio::time::timeout(BODY_PATIENCE, reading).await;
    String::from_utf8_lossy(&body).into_owned()
}

/// The innermost cause, the one that says something, without the URL.
fn innermost(error: &(dyn Error + 'static)) -> String {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}
