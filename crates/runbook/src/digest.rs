//! SHA-256 of what is reviewed, approved and run.

use domain::plan::Body;
use sha2::{Digest, Sha256};

/// The digest of bytes, in hex.
pub fn of_bytes(bytes: &[u8]) -> String {
    hex(Sha256::digest(bytes).as_slice())
}

/// The digest of what a step does. A verb counts as its name and its arguments in alphabetical order.
pub fn of_body(body: &Body) -> String {
    match body {
        Body::Shell(text) => of_bytes(text.as_bytes()),
        Body::Action { verb, arguments } => {
            let mut text = format!("{verb}\n");
            for (key, value) in arguments {
                text.push_str(&format!("{key}: {value}\n"));
            }
            of_bytes(text.as_bytes())
        }
    }
}

/// A digest as hex.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_is_the_one_that_sha256sum_prints() {
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(of_bytes(b"abc"), abc);
        assert_eq!(of_body(&Body::Shell("abc".into())), abc);
    }

    #[test]
    fn every_argument_of_a_verb_counts() {
        let action = |keep: &str| Body::Action {
            verb: "log.rotate".into(),
            arguments: [("keep".to_owned(), keep.to_owned())].into(),
        };
        assert_ne!(of_body(&action("30")), of_body(&action("3")));
    }
}
