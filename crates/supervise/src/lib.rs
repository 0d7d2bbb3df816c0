//! Starts, stops and restarts services behind one trait; hikeshi's own supervisor comes first.
//!
//! [`supervisor::Supervisor`] is what the rest of the product sees. [`own::Own`] starts services as its
//! own processes that outlive it; [`kinds::KINDS`] is the table of those who may do it instead. [`identity::Identity`] is
//! how a process is told from another with the same pid, [`program::Program`] how any other program is run,
//! [`pm2_list`] how pm2's own list is read.

pub mod bus;
mod docker;
pub mod error;
pub mod identity;
mod job;
pub mod kind;
pub mod kinds;
pub mod launch;
pub mod own;
mod pm2;
pub mod pm2_list;
pub mod program;
mod record;
pub mod scope;
mod session;
pub mod stat;
pub mod supervisor;
mod systemd;

pub use error::SuperviseError;
pub use identity::{Identity, Process, Signal};
pub use kind::{Kind, Supervised, Target};
pub use launch::ServiceCommand;
pub use own::{Clock, Own};
pub use program::{Program, ProgramError};
pub use scope::Scopes;
pub use supervisor::{Exit, Status, Supervisor};
