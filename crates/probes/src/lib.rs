//! Looks at the world and returns observations, never opinions: whether a value is bad is for rules to say.
//!
//! [`spec::ProbeSpec`] is what a person configures, [`kinds::KINDS`] the table of what there is to choose
//! from, [`schedule::Schedule`] looks again and again, [`once::look_once`] looks one time and changes nothing.

mod access_line;
mod access_log;
mod aside;
mod ask;
mod deleted;
mod disk;
mod expect;
mod follow;
mod host;
mod http;
mod journey;
pub mod kinds;
mod level;
mod log;
mod login;
mod mounts;
pub mod once;
pub mod outside;
mod postgres;
pub mod probe;
mod process;
mod reach;
pub mod schedule;
pub mod spec;
mod tcp;
mod tls;
mod top;
mod tree;

pub use once::look_once;
pub use probe::{Clock, Deps, Kind, Probe, Seat, Settings};
pub use schedule::Schedule;
pub use spec::ProbeSpec;
