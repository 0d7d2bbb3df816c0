//! Signatures of bodies: HMAC over parts one after the other, compared in constant time; and bytes in hex.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

/// Whether `hex` signs the parts with HMAC-SHA256.
pub(crate) fn is_right(secret: &[u8], parts: &[&[u8]], hex: &str) -> bool {
    unhex(hex).is_some_and(|signature| signs::<Hmac<Sha256>>(secret, parts, &signature))
}

/// Whether these bytes sign the parts, one after the other.
pub fn signs<M: Mac + KeyInit>(secret: &[u8], parts: &[&[u8]], signature: &[u8]) -> bool {
    let Ok(mut mac) = <M as KeyInit>::new_from_slice(secret) else { return false };
    parts.iter().for_each(|part| mac.update(part));
    mac.verify_slice(signature).is_ok()
}

/// A digest of parts, each with its length, so that no two lists of parts are alike.
pub(crate) fn digest(parts: &[&[u8]]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part);
    }
    hasher.finalize().into()
}

/// Bytes in lower-case hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The bytes that hex stands for; none: it is no hex.
pub fn unhex(hex: &str) -> Option<Vec<u8>> {
    let pairs = hex.as_bytes().chunks(2);
    pairs.map(|pair| u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of GitHub's documentation.
    #[test]
    fn the_right_secret_signs_and_no_other() {
        let hex = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
        let body = b"Hello, World!";
        assert!(is_right(b"It's a Secret to Everybody", &[body], hex));
        assert!(is_right(b"It's a Secret to Everybody", &[b"Hello", b", World!"], hex));
        assert!(!is_right(b"another", &[body], hex));
        for wrong in ["", "7571", "zz", &hex[..62], "日本"] {
            assert!(!is_right(b"It's a Secret to Everybody", &[body], wrong), "{wrong}");
        }
    }

    #[test]
    fn parts_do_not_flow_into_each_other() {
        assert_ne!(digest(&[b"a", b"bc"]), digest(&[b"ab", b"c"]));
        assert_eq!(hex(&[0, 255]), "00ff");
    }
}
