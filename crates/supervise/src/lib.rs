//! Starts, stops and restarts services behind one trait; hikeshi's own supervisor comes first.
//!
//! [`supervisor::Supervisor`] is what the rest of the product sees. [`own::Own`] starts services as its
//! own processes that outlive it. [`identity::Identity`] is how a process is told from another with the
//! same pid.

pub mod error;
pub mod identity;
pub mod kinds;
pub mod launch;
pub mod own;
mod record;
mod session;
pub mod stat;
pub mod supervisor;

pub use error::SuperviseError;
pub use identity::{Identity, Process, Signal};
pub use launch::ServiceCommand;
pub use own::{Clock, Own};
pub use supervisor::{Exit, Status, Supervisor};
