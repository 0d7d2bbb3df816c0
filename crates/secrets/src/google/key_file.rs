//! The key file of a service account: signs who hikeshi is, and gets a token for it (RFC 7523).
//!
//! <https://developers.google.com/identity/protocols/oauth2/service-account#httprest>

use super::call::{self, Answer, Caller};
use crate::{miss::Miss, reading};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use reqwest::{StatusCode, header::CONTENT_TYPE};
use rustls::{
    SignatureScheme,
    crypto::ring::sign::any_supported_type,
    pki_types::{PrivateKeyDer, pem::PemObject},
};
use serde::Deserialize;
use serde_json::json;
use std::path::Path;
use zeroize::Zeroizing;

const SCOPE: &str = "https://www.googleapis.com/auth/cloud-platform";
const GRANT: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const TOKEN_URI: &str = "https://oauth2.googleapis.com/token";
/// What is signed holds for so long.
const SECONDS: i64 = 300;

#[derive(Deserialize)]
struct KeyFile {
    #[serde(rename = "type")]
    kind: String,
    client_email: String,
    private_key_id: Option<String>,
    private_key: Zeroizing<String>,
    token_uri: Option<String>,
}

/// Gets a token for the account of a key file.
pub(super) async fn exchange(caller: &Caller, path: &Path) -> Result<Answer, Miss> {
    let wrong = |what: &str| Miss::Denied(format!("{}: {what}", path.display()));
    // Without its key hikeshi cannot ask; that is no statement about the secret, but nothing will change by itself.
    let text = reading::read(path).await.map_err(|miss| Miss::Denied(miss.why().to_owned()))?;
    let key: KeyFile = serde_json::from_str(text.reveal())
        .map_err(|_| wrong("this is no key file of a service account"))?;
    if key.kind != "service_account" {
        return Err(wrong("only key files of service accounts can be used"));
    }
    let uri = key.token_uri.as_deref().unwrap_or(TOKEN_URI);
    let url = call::encrypted(uri)?;
    let assertion = signed(&key, uri, Timestamp::now().as_second())
        .ok_or_else(|| wrong("its private key is no RSA key in PKCS#8"))?;
    let form = form(&assertion);
    let asked = caller.send(|client| {
        client.post(url).header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(form)
    });
    let answer = asked.await?;
    match answer.status {
        StatusCode::OK => Ok(answer),
        _ => Err(answer.refusal("the server for tokens")),
    }
}

fn form(assertion: &str) -> String {
    form_urlencoded::Serializer::new(String::new())
        .append_pair("grant_type", GRANT)
        .append_pair("assertion", assertion)
        .finish()
}

/// A JSON Web Token signed with RS256 (RFC 7515); nothing when the key cannot sign so.
fn signed(key: &KeyFile, audience: &str, now: i64) -> Option<String> {
    let header = json!({"alg": "RS256", "typ": "JWT", "kid": key.private_key_id});
    let claims = json!({
        "iss": key.client_email, "scope": SCOPE, "aud": audience, "iat": now, "exp": now + SECONDS,
    });
    let encoded = |part: serde_json::Value| URL_SAFE_NO_PAD.encode(part.to_string());
    let text = format!("{}.{}", encoded(header), encoded(claims));
    let private = PrivateKeyDer::from_pem_slice(key.private_key.as_bytes()).ok()?;
    let signer =
        any_supported_type(&private).ok()?.choose_scheme(&[SignatureScheme::RSA_PKCS1_SHA256])?;
    let signature = signer.sign(text.as_bytes()).ok()?;
    Some(format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature)))
}
