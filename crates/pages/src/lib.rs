//! The pages that people look at and act on, and who may: what burns, the room of an incident, accounts and sessions.
//!
//! A page is a struct with what it shows, a template that shows it, and a cache policy. From the plain to the whole:
//!
//! | | |
//! | --- | --- |
//! | plain | [`assets`], [`address`], [`words`], [`when`] |
//! | who | [`desk`], [`visitor`], [`acting`] |
//! | what is shown | [`frame`], [`trouble`], [`services`], [`asking`], [`now`], [`room`], [`told`], [`listing`] |
//! | doors | [`sign_in`], [`welcome`], [`settings`], [`acts`], [`live`], [`accounts`], [`router`] |

mod accounts;
mod acting;
mod acts;
mod address;
mod asking;
mod assets;
mod desk;
mod frame;
mod listing;
mod live;
mod now;
mod room;
mod router;
mod services;
mod settings;
mod sign_in;
mod told;
mod trouble;
mod visitor;
mod welcome;
mod when;
mod words;

pub use desk::Desk;
pub use router::{local, showing};
