//! Secrets: asked for where they are kept, in the declared order, at the moment they are needed.
//!
//! A [`Safe`] knows what `secrets:` declares ([`declared`]), asks the [`keeper`]s, and keeps what a remote one gave for a
//! few minutes ([`held`]). Whoever needs a secret is a [`Reader`]: it says what for, and every access is written down in
//! the [`Ledger`] before anybody could forget it. The kinds of places stand in [`kinds`], one file each.

mod credential;
pub mod declared;
mod env;
mod file;
pub mod google;
pub mod held;
pub mod keeper;
pub mod kinds;
pub mod ledger;
pub mod miss;
mod reading;
pub mod safe;
pub mod world;

pub use declared::{Declarations, Declared};
pub use ledger::{Ledger, Unwritten};
pub use miss::Miss;
pub use safe::{Reader, Safe};
pub use world::World;
