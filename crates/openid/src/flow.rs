//! One sign-in on its way: what the browser keeps until it comes back, and what it comes back with.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use rand::RngExt;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// What the browser keeps, in a cookie of its own, while it is with the provider. Whoever has it may know it: it proves that
/// who comes back is who left, and nothing else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flow {
    /// Comes back in the address (RFC 6749, 10.12): another site cannot send somebody in.
    pub(crate) state: String,
    /// Comes back in the token: no token of another sign-in is taken.
    pub(crate) nonce: String,
    /// Opens the code (RFC 7636): a code that somebody else caught is worth nothing.
    pub(crate) verifier: String,
}

impl Flow {
    /// Three times 256 random bits.
    pub(crate) fn begin() -> Self {
        let random = || URL_SAFE_NO_PAD.encode(rand::rng().random::<[u8; 32]>());
        Self { state: random(), nonce: random(), verifier: random() }
    }

    /// The challenge of the verifier, by the method `S256` (RFC 7636, 4.2).
    pub(crate) fn challenge(&self) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(&self.verifier))
    }
}

/// What stands in the address with which somebody comes back (RFC 6749, 4.1.2). All of it is hostile.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Return {
    /// That of the flow.
    #[serde(default)]
    pub state: String,
    /// What the provider takes for a token.
    #[serde(default)]
    pub code: Option<String>,
    /// A word: there is no code.
    #[serde(default)]
    pub error: Option<String>,
    /// Who sends them back (RFC 9207).
    #[serde(default)]
    pub iss: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_challenge_is_that_of_the_standard() {
        // RFC 7636, appendix B.
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".to_owned();
        let flow = Flow { verifier, ..Flow::begin() };
        assert_eq!(flow.challenge(), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }

    #[test]
    fn no_two_sign_ins_are_alike() {
        let (one, other) = (Flow::begin(), Flow::begin());
        assert!(one.state != other.state && one.nonce != other.nonce);
        assert!(one.verifier != other.verifier && one.verifier.len() == 43);
    }
}
