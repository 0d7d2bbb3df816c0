//! What a provider says of itself (OpenID Connect Discovery 1.0).

use crate::{ask, fault::Fault, spec::Spec};
use egress::http::is_guarded;
use reqwest::{Client, Url};
use serde::Deserialize;

/// Where the provider is asked for what.
#[derive(Clone, Debug)]
pub(crate) struct Metadata {
    pub authorization: Url,
    pub token: Url,
    pub keys: Url,
    pub userinfo: Option<Url>,
    /// It takes the secret in the body only.
    pub is_secret_posted: bool,
}

#[derive(Deserialize)]
struct Document {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    userinfo_endpoint: Option<String>,
    /// Without it, `client_secret_basic` (section 3).
    #[serde(default)]
    token_endpoint_auth_methods_supported: Vec<String>,
}

/// Asks the provider.
///
/// # Errors
/// There is no such document, it is another issuer's, or it leads where others could read along.
pub(crate) async fn read(client: &Client, spec: &Spec) -> Result<Metadata, Fault> {
    let document =
        format!("{}/.well-known/openid-configuration", spec.issuer.trim_end_matches('/'));
    let found: Document = ask::json("discovery", client.get(document)).await?;
    if found.issuer != spec.issuer {
        let theirs: String =
            found.issuer.chars().filter(|c| c.is_ascii_graphic()).take(200).collect();
        return Err(Fault::Unfit(format!("the issuer calls itself `{theirs}`")));
    }
    let userinfo = found.userinfo_endpoint.map(|url| guarded("userinfo_endpoint", &url));
    let methods = &found.token_endpoint_auth_methods_supported;
    let takes = |method: &str| methods.iter().any(|one| one == method);
    Ok(Metadata {
        authorization: guarded("authorization_endpoint", &found.authorization_endpoint)?,
        token: guarded("token_endpoint", &found.token_endpoint)?,
        keys: guarded("jwks_uri", &found.jwks_uri)?,
        userinfo: userinfo.transpose()?,
        is_secret_posted: takes("client_secret_post") && !takes("client_secret_basic"),
    })
}

/// An address to which nobody on the way reads what is sent.
fn guarded(name: &str, text: &str) -> Result<Url, Fault> {
    let url = text.parse::<Url>().ok().filter(is_guarded);
    url.ok_or_else(|| Fault::Unfit(format!("{name} is not https")))
}
