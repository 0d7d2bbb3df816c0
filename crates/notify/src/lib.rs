//! Tells people; returns delivered, try again, or hopeless. When to try again, and which way is next, the core decides.
//!
//! [`ChannelSpec::parse`] reads what a person configured; [`ChannelSpec::make`] makes the [`Channel`] that tells.
//! A kind of channel is one file and one row in [`kinds::KINDS`]. Text of alerts is hostile here: it comes into no
//! header, no markup and no terminal unescaped. URLs, passwords and keys are secrets: no detail and no `Debug` shows them.
//!
//! Every message carries a key of its own ([`identity::key`]) that stays the same over all attempts, so that
//! a receiver can tell a repetition from news.

mod alertmanager;
mod bearer;
pub mod channel;
mod console;
mod discord;
mod email;
mod endpoint;
mod google_chat;
pub mod identity;
pub mod kinds;
mod letter;
mod line;
mod mattermost;
mod ntfy;
mod outside;
mod pagerduty;
mod post;
mod push_cipher;
mod room;
pub mod sign_of_life;
mod slack;
mod slack_api;
pub mod spec;
mod teams;
mod twilio;
mod twilio_call;
mod twilio_sms;
mod web_push;
mod webhook;

pub use channel::{Answering, Answers, Channel, Kind, Mail, Message, Settings, Told};
pub use push_cipher::new_push_keys;
pub use sign_of_life::SignOfLife;
pub use spec::ChannelSpec;
