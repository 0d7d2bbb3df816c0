//! What proves that somebody is the owner of an account: passwords, sessions and one-time links.
//!
//! Who has an account, and what they may do, are facts of the journal (`domain::account`). What lies here is secret, or
//! the digest of a secret, and can be taken back: a journal never forgets, and its facts are shown to people.
//!
//! A lost file costs nothing but new links: the accounts are still there.

mod accounts;
mod password;
mod tries;

pub use accounts::{Accounts, AccountsError, LINK_GOOD_FOR, SESSION_GOOD_FOR};
pub use password::{LEAST, MOST};
pub use tries::Tries;
