//! What customers are told: the status page, its feed and document for programs, its mails, and the copy that is served
//! from elsewhere when everything here is down (A49).
//!
//! Nothing internal leaves this room because nothing internal enters the [`Page`]: it holds names and words that were
//! written for customers, states, and times. From the plain to the whole:
//!
//! | | |
//! | --- | --- |
//! | the page as data | [`tally`], [`book`], [`told`], [`page`] |
//! | the page as text | [`place`], [`words`], [`html`], [`json`], [`atom`], [`copy`] |
//! | who wants mails | [`tries`], [`subscribers`], [`letters`], [`post`] |
//! | kept up to date | [`site`] |
//! | on top | [`asking`], [`subscribing`], [`doors`] |

mod asking;
pub mod atom;
pub mod book;
pub mod copy;
mod doors;
pub mod html;
pub mod json;
mod letters;
pub mod page;
pub mod place;
mod post;
mod site;
mod subscribers;
mod subscribing;
pub mod tally;
pub mod told;
mod tries;
mod words;

pub use doors::{in_front_of, local, own};
pub use page::Page;
pub use post::Sender;
pub use site::{Setup, Site, SiteError};
