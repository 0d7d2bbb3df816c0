//! HTTP to others: never through a proxy that the environment names, never where a redirect points. A request goes where
//! the configuration says, or nowhere.

use crate::tls;
use reqwest::{Client, ClientBuilder, Url, redirect::Policy};
use std::error::Error;

/// A client to be made. A machine without certificates can still ask without TLS; with TLS it trusts nobody, and says so.
///
/// ```
/// let client = egress::http::client().build().expect("nothing else is asked of it");
/// assert!(client.get("http://127.0.0.1:9/").build().is_ok());
/// ```
pub fn client() -> ClientBuilder {
    Client::builder()
        .user_agent("hikeshi")
        .tls_backend_preconfigured(tls::config().unwrap_or_else(|_| tls::config_without_trust()))
        .redirect(Policy::none())
        .no_proxy()
}

/// Whether nobody on the way can read what is sent there: over TLS, or not beyond this machine.
///
/// ```
/// use egress::http::is_guarded;
/// let is_guarded = |url: &str| is_guarded(&url.parse().expect("a URL"));
/// assert!(is_guarded("https://example.jp/") && is_guarded("http://127.0.0.1:9000/"));
/// assert!(!is_guarded("http://example.jp/") && !is_guarded("file:///etc/passwd"));
/// ```
pub fn is_guarded(url: &Url) -> bool {
    let is_here = matches!(url.host_str(), Some("127.0.0.1" | "[::1]" | "localhost"));
    url.scheme() == "https" || (url.scheme() == "http" && is_here)
}

/// The innermost cause, the one that says something: `connection refused` and not `error sending request`. Without the
/// URL, which may hold what nobody should read.
pub fn innermost(error: &(dyn Error + 'static)) -> String {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}
