//! Tells people; returns delivered, try again, or hopeless. When to try again, and which way is next, the core decides.
//!
//! [`ChannelSpec::parse`] reads what a person configured; [`ChannelSpec::make`] makes the [`Channel`] that tells.
//! A kind of channel is one file and one row in [`kinds::KINDS`]. Text of alerts is hostile here: it comes into no
//! header, no markup and no terminal unescaped. URLs, passwords and keys are secrets: no detail and no `Debug` shows them.
//!
//! Every message carries a key of its own ([`identity::key`]) that stays the same over all attempts, so that
//! a receiver can tell a repetition from news.

pub mod channel;
mod console;
mod email;
mod endpoint;
pub mod identity;
pub mod kinds;
mod letter;
mod outside;
mod post;
pub mod sign_of_life;
mod slack;
pub mod spec;
mod webhook;

pub use channel::{Channel, Kind, Message, Settings, Told};
pub use sign_of_life::SignOfLife;
pub use spec::ChannelSpec;
