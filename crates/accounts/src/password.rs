//! Passwords: hashed with Argon2id (RFC 9106), with the parameters that OWASP recommends, which are the crate's defaults.

use argon2::{Argon2, PasswordHasher, PasswordVerifier, password_hash::phc::PasswordHash};
use std::sync::LazyLock;

/// The fewest characters of a password (NIST SP 800-63B: length is what counts, no rules about its characters).
pub const LEAST: usize = 12;
/// The most bytes of one: hashing must not be a way to keep the server busy.
pub const MOST: usize = 1024;

/// Compared where there is no account, so that the time tells nobody which names there are.
static NOBODY: LazyLock<String> = LazyLock::new(|| hash("nobody has this password"));

/// The hash in the PHC format, with its parameters and a salt of its own.
pub(crate) fn hash(password: &str) -> String {
    Argon2::default()
        .hash_password(password.as_bytes())
        .expect("the parameters are the crate's own")
        .to_string()
}

/// Whether a password is the one of a hash; without a hash it is not, after the same work.
pub(crate) fn is_right(password: &str, hash: Option<&str>) -> bool {
    let known = hash.unwrap_or(&NOBODY);
    let fits = PasswordHash::new(known)
        .is_ok_and(|known| Argon2::default().verify_password(password.as_bytes(), &known).is_ok());
    fits && hash.is_some()
}
