//! Signatures of tokens, checked by the library that TLS uses anyway.

use jsonwebtoken::{
    Algorithm, DecodingKey, DecodingKeyKind,
    crypto::{CryptoProvider, JwtVerifier, KeyUtils},
    errors::ErrorKind,
    signature::{Error, Verifier},
};
use ring::signature::{self, RsaParameters, RsaPublicKeyComponents, UnparsedPublicKey};

/// Checks, and never signs: hikeshi makes no tokens.
static RING: CryptoProvider = CryptoProvider {
    signer_factory: |_, _| Err(ErrorKind::UnsupportedAlgorithm.into()),
    verifier_factory: |algorithm, key| {
        Ok(Box::new(Ring { algorithm: *algorithm, key: key.clone() }))
    },
    key_utils: KeyUtils::new_unimplemented(),
};

/// From now on tokens are checked with ring.
pub(crate) fn by_ring() {
    // The second time it is there already, and it is ours.
    let _ = CryptoProvider::install_default(&RING);
}

struct Ring {
    algorithm: Algorithm,
    key: DecodingKey,
}

impl JwtVerifier for Ring {
    fn algorithm(&self) -> Algorithm {
        self.algorithm
    }
}

impl Verifier<Vec<u8>> for Ring {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), Error> {
        let is_good = match self.key.kind() {
            DecodingKeyKind::RsaModulusExponent { n, e } => {
                rsa(self.algorithm).is_some_and(|how| {
                    RsaPublicKeyComponents { n, e }.verify(how, message, signature).is_ok()
                })
            }
            DecodingKeyKind::SecretOrDer(point) => curve(self.algorithm).is_some_and(|how| {
                UnparsedPublicKey::new(how, point).verify(message, signature).is_ok()
            }),
        };
        if is_good { Ok(()) } else { Err(Error::new()) }
    }
}

/// RSA keys of 2,048 to 8,192 bits: shorter ones are no protection any more.
fn rsa(algorithm: Algorithm) -> Option<&'static RsaParameters> {
    match algorithm {
        Algorithm::RS256 => Some(&signature::RSA_PKCS1_2048_8192_SHA256),
        Algorithm::RS384 => Some(&signature::RSA_PKCS1_2048_8192_SHA384),
        Algorithm::RS512 => Some(&signature::RSA_PKCS1_2048_8192_SHA512),
        Algorithm::PS256 => Some(&signature::RSA_PSS_2048_8192_SHA256),
        Algorithm::PS384 => Some(&signature::RSA_PSS_2048_8192_SHA384),
        Algorithm::PS512 => Some(&signature::RSA_PSS_2048_8192_SHA512),
        _ => None,
    }
}

fn curve(algorithm: Algorithm) -> Option<&'static dyn signature::VerificationAlgorithm> {
    match algorithm {
        Algorithm::ES256 => Some(&signature::ECDSA_P256_SHA256_FIXED),
        Algorithm::ES384 => Some(&signature::ECDSA_P384_SHA384_FIXED),
        Algorithm::EdDSA => Some(&signature::ED25519),
        _ => None,
    }
}

/// Whether a token is signed like this by something with two keys.
pub(crate) fn is_accepted(algorithm: Algorithm) -> bool {
    rsa(algorithm).is_some() || curve(algorithm).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
    use jsonwebtoken::jwk::Jwk;

    fn is_good(
        algorithm: Algorithm,
        key: serde_json::Value,
        message: &str,
        signature: &str,
    ) -> bool {
        let key: Jwk = serde_json::from_value(key).expect("a key");
        let key = DecodingKey::from_jwk(&key).expect("a key that checks");
        let signature = URL_SAFE_NO_PAD.decode(signature).expect("base64url");
        Ring { algorithm, key }.verify(message.as_bytes(), &signature).is_ok()
    }

    #[test]
    fn signatures_of_the_standards_are_good_and_a_changed_message_is_not() {
        let payload = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
        let all = [
            // RFC 7515, A.2.
            (
                Algorithm::RS256,
                serde_json::json!({"kty": "RSA", "e": "AQAB", "n": "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"}),
                format!("eyJhbGciOiJSUzI1NiJ9.{payload}"),
                "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw",
            ),
            // RFC 7515, A.3.
            (
                Algorithm::ES256,
                serde_json::json!({"kty": "EC", "crv": "P-256", "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}),
                format!("eyJhbGciOiJFUzI1NiJ9.{payload}"),
                "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q",
            ),
            // RFC 8037, A.4.
            (
                Algorithm::EdDSA,
                serde_json::json!({"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}),
                "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc".to_owned(),
                "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg",
            ),
        ];
        for (algorithm, key, message, signature) in all {
            assert!(is_good(algorithm, key.clone(), &message, signature), "{algorithm:?}");
            assert!(!is_good(algorithm, key, &format!("{message}x"), signature), "{algorithm:?}");
        }
    }

    #[test]
    fn what_anybody_can_sign_is_not_accepted() {
        for shared in [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512] {
            assert!(!is_accepted(shared));
        }
    }
}
