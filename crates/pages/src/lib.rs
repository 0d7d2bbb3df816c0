//! The pages that people look at and act on, and who may: what burns, the room of an incident, accounts and sessions.
//!
//! A page is a struct with what it shows, a template that shows it, and a cache policy. From the plain to the whole:
//!
//! | | |
//! | --- | --- |
//! | plain | [`assets`], [`address`], [`words`], [`when`], [`recent`], [`picture`] |
//! | what all share | [`desk`], [`visitor`], [`frame`], [`trouble`] |
//! | who comes in, and from where | [`entrance`], [`acting`], [`session`], [`guard`] |
//! | what is shown | [`services`], [`asking`], [`now`], [`told`], [`runs`], [`room`], [`listing`], [`alerts`], [`on_call`] |
//! | what is done | [`sign_in`], [`second_step`], [`welcome`], [`security`], [`passkeys`], [`settings`], [`acts`], [`accounts`], [`tokens`] |
//! | on top | [`live`], [`router`] |

mod accounts;
mod acting;
mod acts;
mod address;
mod alerts;
mod asking;
mod assets;
mod desk;
mod entrance;
mod frame;
mod guard;
mod listing;
mod live;
mod now;
mod on_call;
mod passkeys;
mod picture;
mod recent;
mod room;
mod router;
mod runs;
mod second_step;
mod security;
mod services;
mod session;
mod settings;
mod sign_in;
mod tokens;
mod told;
mod trouble;
mod visitor;
mod welcome;
mod when;
mod words;

pub use desk::{Desk, Entry};
pub use router::{api, showing};
