//! The provider: sends people there, and says who came back.

use crate::{
    ask,
    claims::{Arrival, Claims},
    fault::Fault,
    flow::{Flow, Return},
    keys::Keys,
    metadata::{self, Metadata},
    spec::Spec,
    token::{self, Expected},
};
use domain::carried_accounts::Identity;
use jiff::{SignedDuration, Timestamp};
use reqwest::{Client, Url};
use secrets::Reader;
use serde::Deserialize;
use tokio::sync::Mutex;

/// What a provider says of itself, its keys included, is asked for again after that: new keys count soon, and whoever is sent
/// there finds somebody.
const KNOWN_FOR: SignedDuration = SignedDuration::from_secs(30);
/// That it does not answer, after that: many who try do not wait one after the other.
const DOWN_FOR: SignedDuration = SignedDuration::from_secs(5);
/// The longest word of an error that is repeated.
const WORD: usize = 40;

/// The provider. What it says of itself is asked for when somebody comes, and held for a while.
pub struct Provider {
    spec: Spec,
    reader: Reader,
    client: Result<Client, String>,
    known: Mutex<Option<(Timestamp, Result<Known, Fault>)>>,
}

/// What it has said of itself.
#[derive(Clone)]
struct Known {
    metadata: Metadata,
    keys: Keys,
}

/// What was found when the provider was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Health {
    /// Keys that check signatures.
    pub keys: usize,
}

/// The answer with tokens (RFC 6749, 5.1; OpenID Connect Core, 3.1.3.3).
#[derive(Deserialize)]
struct Tokens {
    id_token: String,
    access_token: Option<String>,
}

/// The answer without (RFC 6749, 5.2).
#[derive(Deserialize)]
struct Refusal {
    error: String,
}

impl Provider {
    /// `reader`: reads the secret of the client.
    pub fn new(spec: Spec, reader: Reader) -> Self {
        let client = egress::http::client().build();
        let client = client.map_err(|error| egress::http::innermost(&error));
        Self { spec, reader, client, known: Mutex::default() }
    }

    /// What is configured.
    pub fn spec(&self) -> &Spec {
        &self.spec
    }

    /// Where somebody is sent, and what their browser keeps. `back`: our address to which they return, as the provider
    /// knows it.
    ///
    /// # Errors
    /// The provider cannot be asked, or is not the one that is configured.
    pub async fn begin(&self, back: &str, now: Timestamp) -> Result<(Url, Flow), Fault> {
        let Known { metadata, .. } = self.known(now).await?;
        let flow = Flow::begin();
        let scope = std::iter::once("openid").chain(self.spec.scopes.iter().map(String::as_str));
        let mut url = metadata.authorization;
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.spec.client_id)
            .append_pair("redirect_uri", back)
            .append_pair("scope", &scope.collect::<Vec<_>>().join(" "))
            .append_pair("state", &flow.state)
            .append_pair("nonce", &flow.nonce)
            .append_pair("code_challenge", &flow.challenge())
            .append_pair("code_challenge_method", "S256");
        Ok((url, flow))
    }

    /// Who came back. `flow`: what their browser kept.
    ///
    /// # Errors
    /// They come from nowhere, the provider let them not through, or what it says is not believed.
    pub async fn finish(
        &self,
        flow: &Flow,
        back: &str,
        returned: &Return,
        now: Timestamp,
    ) -> Result<Arrival, Fault> {
        if returned.state != flow.state {
            return Err(Fault::Astray);
        }
        if returned.iss.as_ref().is_some_and(|iss| *iss != self.spec.issuer) {
            return Err(Fault::Unfit("another issuer sends you back".into()));
        }
        if let Some(error) = &returned.error {
            return Err(Fault::Denied(word(error)));
        }
        let Some(code) = &returned.code else { return Err(Fault::Astray) };
        let known = self.known(now).await?;
        let tokens = self.exchange(&known.metadata, code, flow, back).await?;
        let (issuer, client) = (self.spec.issuer.as_str(), self.spec.client_id.as_str());
        let expected = Expected { issuer, client, nonce: &flow.nonce, now };
        let (subject, claims) = token::verify(&tokens.id_token, &known.keys, &expected)?;
        let claims = self.all_claims(&known.metadata, &tokens, &subject, claims).await?;
        Ok(Arrival {
            identity: Identity { issuer: self.spec.issuer.clone(), subject },
            name: claims.name(&self.spec.name),
            groups: claims.texts(&self.spec.groups),
        })
    }

    /// Looks at the provider as if somebody came.
    ///
    /// # Errors
    /// Nobody could sign in.
    pub async fn look(&self, now: Timestamp) -> Result<Health, Fault> {
        let known = self.known(now).await?;
        self.secret().await?;
        Ok(Health { keys: known.keys.len() })
    }

    /// The code for tokens.
    async fn exchange(
        &self,
        metadata: &Metadata,
        code: &str,
        flow: &Flow,
        back: &str,
    ) -> Result<Tokens, Fault> {
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", back),
            ("code_verifier", &flow.verifier),
        ];
        let secret = self.secret().await?;
        let secret = secret.as_ref().map(|secret| secret.reveal());
        let mut request = self.client()?.post(metadata.token.clone());
        match secret {
            // Both are encoded as in a form before (RFC 6749, 2.3.1).
            Some(secret) if !metadata.is_secret_posted => {
                let encoded = |text: &str| -> String {
                    form_urlencoded::byte_serialize(text.as_bytes()).collect()
                };
                request = request.basic_auth(encoded(&self.spec.client_id), Some(encoded(secret)));
            }
            secret => {
                form.push(("client_id", &self.spec.client_id));
                form.extend(secret.map(|secret| ("client_secret", secret)));
            }
        }
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let content = "application/x-www-form-urlencoded";
        let request = request.header(reqwest::header::CONTENT_TYPE, content).body(body);
        let answer = ask::ask("token", request).await?;
        let status = answer.status;
        if status.is_server_error() {
            return Err(Fault::Unreachable(format!("token: HTTP {}", status.as_u16())));
        }
        if status.is_success() {
            let none = || Fault::Unfit("token: no ID token in the answer".into());
            return answer.json().ok_or_else(none);
        }
        match answer.json::<Refusal>().map(|refusal| word(&refusal.error)) {
            // A code is good once and for a minute or so.
            Some(error) if error == "invalid_grant" => Err(Fault::Astray),
            Some(error) => Err(Fault::Unfit(format!("token: {error}"))),
            None => Err(Fault::Unfit(format!("token: HTTP {}", status.as_u16()))),
        }
    }

    /// What the token does not say, the provider may say when it is asked (OpenID Connect Core, 5.3).
    async fn all_claims(
        &self,
        metadata: &Metadata,
        tokens: &Tokens,
        subject: &str,
        claims: Claims,
    ) -> Result<Claims, Fault> {
        let is_whole = claims.name(&self.spec.name).is_some()
            && (self.spec.roles.is_empty() || claims.has(&self.spec.groups));
        let (Some(url), Some(token)) = (&metadata.userinfo, &tokens.access_token) else {
            return Ok(claims);
        };
        if is_whole {
            return Ok(claims);
        }
        let request = self.client()?.get(url.clone()).bearer_auth(token);
        let more: Claims = ask::json("userinfo", request).await?;
        // Section 5.3.2: of anybody else, nothing of it may be used.
        if more.text("sub") != Some(subject) {
            return Err(Fault::Unfit("userinfo: it is about somebody else (sub)".into()));
        }
        Ok(claims.or(more))
    }

    /// What the provider says of itself; it is asked by one at a time.
    async fn known(&self, now: Timestamp) -> Result<Known, Fault> {
        let mut held = self.known.lock().await;
        if let Some((at, found)) = held.as_ref() {
            let good_for = if found.is_ok() { KNOWN_FOR } else { DOWN_FOR };
            if now.duration_since(*at).abs() < good_for {
                return found.clone();
            }
        }
        let found = self.ask().await;
        held.insert((now, found)).1.clone()
    }

    async fn ask(&self) -> Result<Known, Fault> {
        let client = self.client()?;
        let metadata = metadata::read(client, &self.spec).await?;
        let keys = Keys::read(client, &metadata.keys).await?;
        Ok(Known { metadata, keys })
    }

    async fn secret(&self) -> Result<Option<source::Hidden>, Fault> {
        let Some(secret) = &self.spec.client_secret else { return Ok(None) };
        let read = self.reader.read(secret).await;
        read.map(Some).map_err(|why| Fault::Unreachable(format!("client_secret: {why}")))
    }

    fn client(&self) -> Result<&Client, Fault> {
        self.client.as_ref().map_err(|why| Fault::Unreachable(why.clone()))
    }
}

impl std::fmt::Debug for Provider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Provider").field("issuer", &self.spec.issuer).finish_non_exhaustive()
    }
}

/// A word of the protocol; what is none is not repeated.
fn word(text: &str) -> String {
    let is_word = !text.is_empty()
        && text.len() <= WORD
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    if is_word { text.to_owned() } else { "unknown_error".to_owned() }
}
