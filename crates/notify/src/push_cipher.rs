//! Web push: the encryption of a message for one device, and the signature that shows who sends it.
//!
//! - Message Encryption for Web Push, RFC 8291: ECDH on P-256 with a key for each message, HKDF-SHA256, and one record of
//!   `aes128gcm` (RFC 8188);
//! - Voluntary Application Server Identification (VAPID), RFC 8292: a JSON Web Token with ES256.
//!
//! The `web-push` crate does both over OpenSSL and some thirty packages; *ring*, which TLS brings anyway, has all that is
//! needed.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::{SignedDuration, Timestamp};
use ring::{
    aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey},
    agreement::{ECDH_P256, EphemeralPrivateKey, UnparsedPublicKey, agree_ephemeral},
    error::Unspecified,
    hkdf::{HKDF_SHA256, KeyType, Prk, Salt},
    rand::{SecureRandom, SystemRandom},
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair},
};
use serde_json::json;

/// An uncompressed point on P-256.
const POINT: usize = 65;
/// The size of a record: one is enough, because a service takes 4096 bytes at most.
const RECORD: u32 = 4096;
/// As much text as fits into one record with its header, its end and its tag.
pub(crate) const PLAIN: usize = RECORD as usize - (16 + 4 + 1 + POINT) - 1 - 16;
/// How long a signature is good; a day is allowed (RFC 8292, 2).
const GOOD_FOR: SignedDuration = SignedDuration::from_hours(12);

/// A device that receives: what its browser said when it enrolled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Receiver {
    /// Its public key.
    pub public: Vec<u8>,
    /// The secret that it shares with senders.
    pub auth: Vec<u8>,
}

/// Encrypts a text of at most [`PLAIN`] bytes for a device: the body of the request.
///
/// # Errors
/// The device's key is none.
pub(crate) fn encrypt(to: &Receiver, text: &[u8]) -> Result<Vec<u8>, Unspecified> {
    let random = SystemRandom::new();
    let mut salt = [0; 16];
    random.fill(&mut salt)?;
    let mine = EphemeralPrivateKey::generate(&ECDH_P256, &random)?;
    let public = mine.compute_public_key()?;
    let theirs = UnparsedPublicKey::new(&ECDH_P256, &to.public);
    agree_ephemeral(mine, &theirs, |shared| seal(to, shared, public.as_ref(), &salt, text))?
}

/// RFC 8291, 3.4, and the one record of RFC 8188, 2.
fn seal(
    to: &Receiver,
    shared: &[u8],
    mine: &[u8],
    salt: &[u8],
    text: &[u8],
) -> Result<Vec<u8>, Unspecified> {
    let about = [b"WebPush: info\0", to.public.as_slice(), mine].concat();
    let input: [u8; 32] = expand(&Salt::new(HKDF_SHA256, &to.auth).extract(shared), &about)?;
    let keys = Salt::new(HKDF_SHA256, salt).extract(&input);
    let key: [u8; 16] = expand(&keys, b"Content-Encoding: aes128gcm\0")?;
    let nonce: [u8; 12] = expand(&keys, b"Content-Encoding: nonce\0")?;
    // The byte after the text says that this record is the last.
    let mut record = [text, &[2]].concat();
    let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &key)?);
    key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::empty(), &mut record)?;
    let length = [u8::try_from(mine.len()).map_err(|_| Unspecified)?];
    Ok([salt, &RECORD.to_be_bytes(), &length, mine, &record].concat())
}

struct Bytes(usize);

impl KeyType for Bytes {
    fn len(&self) -> usize {
        self.0
    }
}

fn expand<const N: usize>(from: &Prk, about: &[u8]) -> Result<[u8; N], Unspecified> {
    let mut out = [0; N];
    from.expand(&[about], Bytes(N))?.fill(&mut out)?;
    Ok(out)
}

/// The key with which a sender shows that it is the one for whom devices enrolled.
pub(crate) struct Sender {
    key: EcdsaKeyPair,
    public: String,
}

impl Sender {
    /// From a private and a public key, both base64url, as every tool for web push writes them.
    ///
    /// # Errors
    /// They are no keys, or not a pair.
    pub fn new(private: &str, public: &str) -> Result<Self, &'static str> {
        let bytes = |text: &str| URL_SAFE_NO_PAD.decode(text.trim().trim_end_matches('='));
        let private = bytes(private).map_err(|_| "the private key is not base64url")?;
        let point = point(public).ok_or("the public key is none")?;
        let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let random = SystemRandom::new();
        EcdsaKeyPair::from_private_key_and_public_key(algorithm, &private, &point, &random)
            .map(|key| Self { key, public: URL_SAFE_NO_PAD.encode(point) })
            .map_err(|_| "the private and the public key are not a pair")
    }

    /// The header `Authorization` for a service, such as `https://fcm.googleapis.com`.
    ///
    /// # Errors
    /// There is no randomness.
    pub fn authorization(
        &self,
        service: &str,
        contact: &str,
        now: Timestamp,
    ) -> Result<String, Unspecified> {
        let until = now.saturating_add(GOOD_FOR).map_err(|_| Unspecified)?.as_second();
        let part = |json: serde_json::Value| URL_SAFE_NO_PAD.encode(json.to_string());
        let head = part(json!({"typ": "JWT", "alg": "ES256"}));
        let claims = part(json!({"aud": service, "exp": until, "sub": contact}));
        let signed = format!("{head}.{claims}");
        let signature = self.key.sign(&SystemRandom::new(), signed.as_bytes())?;
        let signature = URL_SAFE_NO_PAD.encode(signature);
        Ok(format!("vapid t={signed}.{signature}, k={}", self.public))
    }
}

/// A new pair for a channel: private and public, both base64url.
///
/// # Errors
/// There is no randomness.
///
/// ```
/// let (private, public) = notify::new_push_keys().unwrap();
/// assert_eq!((private.len(), public.len()), (43, 87));
/// ```
pub fn new_push_keys() -> Result<(String, String), Unspecified> {
    // The private key of an EcdsaKeyPair comes out in its PKCS #8 document alone (RFC 5958): 32 bytes after the version of
    // the inner structure (RFC 5915).
    let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
    let random = SystemRandom::new();
    let document = EcdsaKeyPair::generate_pkcs8(algorithm, &random)?;
    let inner = [0x02, 0x01, 0x01, 0x04, 0x20];
    let bytes = document.as_ref();
    let at = bytes.windows(inner.len()).position(|window| window == inner).ok_or(Unspecified)?;
    let private = bytes.get(at + inner.len()..at + inner.len() + 32).ok_or(Unspecified)?;
    let public = bytes.len().checked_sub(POINT).map(|start| &bytes[start..]).ok_or(Unspecified)?;
    let (private, public) = (URL_SAFE_NO_PAD.encode(private), URL_SAFE_NO_PAD.encode(public));
    // Whatever the document looks like: what is given out is a pair, or nothing.
    Sender::new(&private, &public).map_err(|_| Unspecified)?;
    Ok((private, public))
}

/// A public key in base64url as a point.
pub(crate) fn point(text: &str) -> Option<Vec<u8>> {
    let bytes = URL_SAFE_NO_PAD.decode(text.trim().trim_end_matches('=')).ok()?;
    (bytes.len() == POINT && bytes[0] == 4).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey as Verifier};

    fn bytes(text: &str) -> Vec<u8> {
        URL_SAFE_NO_PAD.decode(text).expect("base64url")
    }

    /// RFC 8291, 5 and appendix A. The agreement itself takes no key from outside: its result is given.
    #[test]
    fn the_example_of_the_rfc_is_sealed_byte_for_byte() {
        let to = Receiver {
            public: bytes(
                "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
            ),
            auth: bytes("BTBZMqHH6r4Tts7J_aSIgg"),
        };
        let shared = bytes("kyrL1jIIOHEzg3sM2ZWRHDRB62YACZhhSlknJ672kSs");
        let mine = bytes(
            "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8",
        );
        let salt = bytes("DGv6ra1nlYgDCS1FRnbzlw");
        let text = b"When I grow up, I want to be a watermelon";
        let sealed = seal(&to, &shared, &mine, &salt, text).expect("seals");
        assert_eq!(
            URL_SAFE_NO_PAD.encode(sealed),
            "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
        );
    }

    /// RFC 8292, 2: the service verifies the token with the key beside it.
    #[test]
    fn a_service_can_verify_who_sends() {
        let (private, public) = new_push_keys().expect("random");
        let sender = Sender::new(&private, &public).expect("a pair");
        let now = "2026-11-22T03:00:00Z".parse().expect("a time");
        let header = sender
            .authorization("https://push.example.net", "mailto:ops@example.jp", now)
            .expect("random");
        let (token, key) = header
            .strip_prefix("vapid t=")
            .and_then(|rest| rest.split_once(", k="))
            .expect("both parts");
        assert_eq!(key, public);
        let (signed, signature) = token.rsplit_once('.').expect("three parts");
        Verifier::new(&ECDSA_P256_SHA256_FIXED, bytes(key))
            .verify(signed.as_bytes(), &bytes(signature))
            .expect("it is ours");
        let claims: serde_json::Value =
            serde_json::from_slice(&bytes(signed.split_once('.').expect("two").1)).expect("JSON");
        assert_eq!(
            claims,
            json!({"aud": "https://push.example.net", "exp": now.as_second() + 43_200, "sub": "mailto:ops@example.jp"})
        );
    }

    #[test]
    fn keys_that_are_no_pair_are_refused() {
        let (private, _) = new_push_keys().expect("random");
        let (_, public) = new_push_keys().expect("random");
        assert!(Sender::new(&private, &public).is_err());
        assert!(Sender::new("?", &public).is_err() && Sender::new(&private, "BA").is_err());
    }
}
