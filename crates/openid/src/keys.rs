//! The provider's keys (RFC 7517): public ones that check signatures, and nothing else.

use crate::{ask, fault::Fault};
use jsonwebtoken::{
    Algorithm, DecodingKey, Header,
    jwk::{AlgorithmParameters, EllipticCurve, Jwk, PublicKeyUse},
};
use reqwest::{Client, Url};
use serde::Deserialize;
use serde_json::Value;

/// The keys that can be used.
#[derive(Clone, Debug, Default)]
pub(crate) struct Keys(Vec<Jwk>);

#[derive(Deserialize)]
struct Document {
    keys: Vec<Value>,
}

impl Keys {
    /// Asks the provider.
    ///
    /// # Errors
    /// There are none, or none that can be used.
    pub async fn read(client: &Client, url: &Url) -> Result<Self, Fault> {
        let found: Document = ask::json("keys", client.get(url.clone())).await?;
        let keys = Self::of(found.keys);
        if keys.0.is_empty() {
            return Err(Fault::Unfit("keys: none that checks signatures".into()));
        }
        Ok(keys)
    }

    /// One key that nobody can read does not spoil the others.
    pub fn of(keys: Vec<Value>) -> Self {
        let keys = keys.into_iter().filter_map(|key| serde_json::from_value::<Jwk>(key).ok());
        Self(keys.filter(checks_signatures).collect())
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The keys with which a token may have been signed that begins like this: that of its name, or, without a name, all
    /// that fit.
    pub fn of_token(&self, header: &Header) -> Vec<DecodingKey> {
        let is_named = |key: &&Jwk| match &header.kid {
            Some(name) => key.common.key_id.as_ref() == Some(name),
            None => true,
        };
        let fits = |key: &&Jwk| algorithms(key).contains(&header.alg);
        let found = self.0.iter().filter(is_named).filter(fits);
        found.filter_map(|key| DecodingKey::from_jwk(key).ok()).collect()
    }
}

fn checks_signatures(key: &Jwk) -> bool {
    let is_for_signatures =
        matches!(key.common.public_key_use, None | Some(PublicKeyUse::Signature));
    is_for_signatures && !algorithms(key).is_empty()
}

/// The algorithms of a key. A key that is a shared secret has none here: whoever knows it could sign for anybody.
fn algorithms(key: &Jwk) -> Vec<Algorithm> {
    use Algorithm::{ES256, ES384, EdDSA, PS256, PS384, PS512, RS256, RS384, RS512};
    let all: &[Algorithm] = match &key.algorithm {
        AlgorithmParameters::RSA(_) => &[RS256, RS384, RS512, PS256, PS384, PS512],
        AlgorithmParameters::EllipticCurve(curve) => match curve.curve {
            EllipticCurve::P256 => &[ES256],
            EllipticCurve::P384 => &[ES384],
            _ => &[],
        },
        AlgorithmParameters::OctetKeyPair(curve) => match curve.curve {
            EllipticCurve::Ed25519 => &[EdDSA],
            _ => &[],
        },
        _ => &[],
    };
    let stated = key.common.key_algorithm.map(|algorithm| algorithm.to_string());
    let is_stated = |algorithm: &&Algorithm| {
        stated.as_ref().is_none_or(|stated| *stated == format!("{algorithm:?}"))
    };
    all.iter().filter(is_stated).copied().collect()
}
