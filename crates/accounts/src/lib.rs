//! What proves that somebody is the owner of an account: passwords, passkeys, second factors, sessions and one-time links.
//!
//! Who has an account, and what they may do, are facts of the journal (`domain::account`). What lies here is secret, or
//! the digest of a secret, and can be taken back: a journal never forgets, and its facts are shown to people.
//!
//! A lost file costs nothing but new links: the accounts are still there.

mod accounts;
mod factors;
mod passkeys;
mod password;
mod sessions;
#[cfg(test)]
mod testing;
mod totp;
mod tries;
mod webauthn;

pub use accounts::{Accounts, AccountsError, LINK_GOOD_FOR};
pub use factors::{Factors, Shown};
pub use passkeys::Passkey;
pub use password::{LEAST, MOST};
pub use sessions::{HALF_GOOD_FOR, SESSION_GOOD_FOR, Session};
pub use tries::Tries;
pub use webauthn::{ALGORITHMS, Registered, Reply, Site, Unfit};
