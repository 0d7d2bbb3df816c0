//! What an authenticator says (Web Authentication, level 3): read, and checked with the signatures of *ring*.
//!
//! A credential is registered without attestation: which make an authenticator is proves nothing about who holds it. It must
//! have verified its user, so that a passkey is more than something somebody has found.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use minicbor::{Decoder, data::Type, decode::Error};
use ring::signature::{
    ECDSA_P256_SHA256_ASN1, ED25519, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents,
    UnparsedPublicKey,
};
use serde::Deserialize;
use sha2::{Digest, Sha256};

/// The algorithms that are offered, by their numbers in COSE (RFC 9053, RFC 8812): ES256, EdDSA, RS256.
pub const ALGORITHMS: [i64; 3] = [-7, -8, -257];

const USER_PRESENT: u8 = 1;
const USER_VERIFIED: u8 = 1 << 2;
const HAS_CREDENTIAL: u8 = 1 << 6;
/// The longest id of a credential (5.8.3, and 7.1 step 25).
const LONGEST_ID: usize = 1023;

/// Where a browser is: what an authenticator's words must be about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// The domain to which passkeys belong.
    pub domain: String,
    /// The origin of the page: scheme, host, and port where it is not the usual one.
    pub origin: String,
}

/// Why an answer of an authenticator does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// It cannot be read.
    #[error("the answer of the authenticator cannot be read: {0}")]
    Unreadable(&'static str),
    /// It was not asked for, was asked for too long ago, or has been used.
    #[error("this answer was not asked for, or too long ago")]
    Challenge,
    /// It is about another site, or something else.
    #[error("the answer of the authenticator is about something else: {0}")]
    Other(&'static str),
    /// The authenticator has not verified who holds it.
    #[error("the authenticator has not verified its user")]
    Unverified,
    /// The signature is not the credential's.
    #[error("the signature is not that of the passkey")]
    Signature,
    /// The counter went back: there are two of this passkey.
    #[error("the counter of this passkey went back: it may have been copied")]
    Copied,
    /// There is no such passkey here.
    #[error("this passkey is not known here")]
    Unknown,
}

/// What a browser hands on from an authenticator; every field in base64url.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Reply {
    /// The credential.
    pub id: String,
    /// What the browser was asked: a JSON text.
    #[serde(rename = "clientDataJSON")]
    pub client_data: String,
    /// When registering.
    #[serde(default)]
    pub attestation_object: String,
    /// When signing in.
    #[serde(default)]
    pub authenticator_data: String,
    /// When signing in.
    #[serde(default)]
    pub signature: String,
    /// When signing in: whose credential the authenticator says it is.
    #[serde(default)]
    pub user_handle: Option<String>,
}

/// A credential that an authenticator has made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registered {
    pub(crate) id: Vec<u8>,
    /// Its public key in COSE.
    pub(crate) key: Vec<u8>,
    pub(crate) counter: u32,
}

/// What the browser says it was asked.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ClientData {
    #[serde(rename = "type")]
    kind: String,
    /// In base64url, as it was handed out.
    pub(crate) challenge: String,
    origin: String,
    #[serde(default)]
    cross_origin: bool,
}

impl Reply {
    /// What the browser says it was asked; whether it was is not checked yet.
    pub(crate) fn client_data(&self) -> Result<ClientData, Unfit> {
        let bytes = decoded(&self.client_data)?;
        serde_json::from_slice(&bytes).map_err(|_| Unfit::Unreadable("clientDataJSON"))
    }

    /// Reads and checks a new credential (7.1). The challenge is the caller's to check.
    pub(crate) fn registered(&self, site: &Site) -> Result<Registered, Unfit> {
        self.client_data()?.must_be("webauthn.create", site)?;
        let object = decoded(&self.attestation_object)?;
        let data = auth_data(&object).map_err(|_| Unfit::Unreadable("attestationObject"))?;
        let (flags, counter, rest) = checked(data, site)?;
        if flags & HAS_CREDENTIAL == 0 {
            return Err(Unfit::Unreadable("no credential"));
        }
        // 16 bytes that name the make, then the length of the id.
        let (length, rest) = rest
            .get(16..)
            .and_then(|rest| rest.split_first_chunk::<2>())
            .ok_or(Unfit::Unreadable("too short"))?;
        let length = usize::from(u16::from_be_bytes(*length));
        let (id, rest) = rest.split_at_checked(length).ok_or(Unfit::Unreadable("too short"))?;
        if id.is_empty() || id.len() > LONGEST_ID || decoded(&self.id)? != id {
            return Err(Unfit::Unreadable("the id"));
        }
        let (_, length) = key(rest)?;
        Ok(Registered { id: id.to_vec(), key: rest[..length].to_vec(), counter })
    }

    /// Checks that the holder of a credential signed in (7.2); returns the counter. The challenge is the caller's to check.
    pub(crate) fn asserted(&self, site: &Site, cose: &[u8], counter: u32) -> Result<u32, Unfit> {
        self.client_data()?.must_be("webauthn.get", site)?;
        let data = decoded(&self.authenticator_data)?;
        let (_, count, _) = checked(&data, site)?;
        let signed = [data.as_slice(), &Sha256::digest(decoded(&self.client_data)?)].concat();
        key(cose)?.0.verify(&signed, &decoded(&self.signature)?)?;
        if (count, counter) != (0, 0) && count <= counter {
            return Err(Unfit::Copied);
        }
        Ok(count)
    }
}

impl ClientData {
    fn must_be(&self, kind: &str, site: &Site) -> Result<(), Unfit> {
        if self.kind != kind {
            return Err(Unfit::Other("what was done"));
        }
        if self.origin != site.origin || self.cross_origin {
            return Err(Unfit::Other("the site"));
        }
        Ok(())
    }
}

pub(crate) fn decoded(text: &str) -> Result<Vec<u8>, Unfit> {
    URL_SAFE_NO_PAD.decode(text).map_err(|_| Unfit::Unreadable("no base64url"))
}

/// The authenticator's data within an attestation (6.5.4).
fn auth_data(object: &[u8]) -> Result<&[u8], Error> {
    let mut decoder = Decoder::new(object);
    let count = decoder.map()?.ok_or_else(|| Error::message("no length"))?;
    for _ in 0..count {
        match decoder.str()? {
            "authData" => return decoder.bytes(),
            _ => decoder.skip()?,
        }
    }
    Err(Error::message("no authData"))
}

/// The flags, the counter and the rest of an authenticator's data (6.1), which must be about this site and a verified user.
fn checked<'a>(data: &'a [u8], site: &Site) -> Result<(u8, u32, &'a [u8]), Unfit> {
    let short = Unfit::Unreadable("too short");
    let (domain, rest) = data.split_first_chunk::<32>().ok_or(short)?;
    let (flags, rest) = rest.split_first().ok_or(short)?;
    let (counter, rest) = rest.split_first_chunk::<4>().ok_or(short)?;
    if domain[..] != Sha256::digest(site.domain.as_bytes())[..] {
        return Err(Unfit::Other("the domain"));
    }
    if flags & USER_PRESENT == 0 || flags & USER_VERIFIED == 0 {
        return Err(Unfit::Unverified);
    }
    Ok((*flags, u32::from_be_bytes(*counter), rest))
}

/// A public key.
#[derive(Debug, PartialEq, Eq)]
enum Key {
    /// An uncompressed point on P-256, for ES256.
    P256(Vec<u8>),
    Ed25519(Vec<u8>),
    /// Modulus and exponent, for RS256.
    Rsa(Vec<u8>, Vec<u8>),
}

impl Key {
    fn verify(&self, text: &[u8], signature: &[u8]) -> Result<(), Unfit> {
        match self {
            Self::P256(point) => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point).verify(text, signature)
            }
            Self::Ed25519(key) => UnparsedPublicKey::new(&ED25519, key).verify(text, signature),
            Self::Rsa(n, e) => {
                RsaPublicKeyComponents { n, e }.verify(&RSA_PKCS1_2048_8192_SHA256, text, signature)
            }
        }
        .map_err(|_| Unfit::Signature)
    }
}

/// The public key at the beginning of the bytes (RFC 9052, 7), and how many of them it takes.
fn key(bytes: &[u8]) -> Result<(Key, usize), Unfit> {
    let mut fields = Fields::default();
    let mut decoder = Decoder::new(bytes);
    fields.read(&mut decoder).map_err(|_| Unfit::Unreadable("the public key"))?;
    let of = |bytes: Option<Vec<u8>>, length| bytes.filter(|bytes| bytes.len() == length);
    let Fields { kind, algorithm, curve, modulus, first, second } = fields;
    let key = match (kind, algorithm, curve) {
        (Some(2), Some(-7), Some(1)) => of(first, 32)
            .zip(of(second, 32))
            .map(|(x, y)| Key::P256([&[4], x.as_slice(), &y].concat())),
        (Some(1), Some(-8), Some(6)) => of(first, 32).map(Key::Ed25519),
        (Some(3), Some(-257), None) => modulus.zip(first).map(|(n, e)| Key::Rsa(n, e)),
        _ => None,
    };
    Ok((key.ok_or(Unfit::Unreadable("a public key of another kind"))?, decoder.position()))
}

/// The fields of a key by their numbers.
#[derive(Default)]
struct Fields {
    kind: Option<i64>,
    algorithm: Option<i64>,
    curve: Option<i64>,
    modulus: Option<Vec<u8>>,
    /// `x`, or the exponent.
    first: Option<Vec<u8>>,
    /// `y`.
    second: Option<Vec<u8>>,
}

impl Fields {
    fn read(&mut self, decoder: &mut Decoder<'_>) -> Result<(), Error> {
        let count = decoder.map()?.ok_or_else(|| Error::message("no length"))?;
        for _ in 0..count {
            let number = decoder.i64()?;
            let is_text = decoder.datatype()? == Type::Bytes;
            match (number, is_text) {
                (1, false) => self.kind = Some(decoder.i64()?),
                (3, false) => self.algorithm = Some(decoder.i64()?),
                (-1, false) => self.curve = Some(decoder.i64()?),
                // In a key of RSA, the modulus has the number of the curve.
                (-1, true) => self.modulus = Some(decoder.bytes()?.to_vec()),
                (-2, true) => self.first = Some(decoder.bytes()?.to_vec()),
                (-3, true) => self.second = Some(decoder.bytes()?.to_vec()),
                _ => decoder.skip()?,
            }
        }
        Ok(())
    }
}
