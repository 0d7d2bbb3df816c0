//! HTTP to others: never through a proxy that the environment names, never where a redirect points. A request goes where
//! the configuration says, or nowhere.

use crate::tls;
use reqwest::{Client, ClientBuilder, redirect::Policy};
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

/// The innermost cause, the one that says something: `connection refused` and not `error sending request`. Without the
/// URL, which may hold what nobody should read.
pub fn innermost(error: &(dyn Error + 'static)) -> String {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}
