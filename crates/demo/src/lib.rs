//! A small stock prediction platform to set on fire: real processes on loopback, each with
//! switches that break it and ways back.
//!
//! One program runs every role ([`process::main`]); [`Platform`] starts what belongs together.
//! [`Platform::services`] says how the services are started, for whoever supervises them. Faults
//! are files in the working folder ([`fire`]), so that a second terminal can flip them too.

mod accuracy;
mod api;
mod child;
mod error;
mod fault;
pub mod fire;
mod folder;
mod forecast;
mod frontend;
mod gate;
mod host;
mod http_call;
mod identity;
mod lifetime;
mod log_file;
mod market;
mod mks;
mod platform;
mod ports;
mod postgres;
pub mod process;
mod proxy;
mod service;
pub mod sinks;
mod store;
mod switches;
mod visitors;

pub use error::{DemoError, POSTGRES_HINT};
pub use fault::{Fault, FaultKind, Target};
pub use folder::Folder;
pub use platform::{DatabaseAccess, Platform, PlatformOptions};
pub use ports::Ports;
pub use service::{Password, ServiceCommand};

/// Whether this machine has the PostgreSQL programs that a platform with a database needs.
pub fn is_postgres_installed() -> bool {
    postgres::find().is_ok()
}
