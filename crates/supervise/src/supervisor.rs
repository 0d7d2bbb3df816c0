//! The trait that everything which starts and stops services stands behind, and what it says about one.

use crate::{error::SuperviseError, identity::Identity};
use domain::{ids::ServiceName, said::Said};
use futures::future::BoxFuture;
use jiff::Timestamp;
use std::fmt;

/// Starts and stops services. One operation per service runs at a time; others wait.
pub trait Supervisor: Send + Sync {
    /// Whether the service is supervised here.
    fn knows(&self, service: &ServiceName) -> bool;

    /// What the supervisor knows about the service now.
    fn status<'a>(
        &'a self,
        service: &'a ServiceName,
    ) -> BoxFuture<'a, Result<Status, SuperviseError>>;

    /// Starts the service; fine when it already runs. Returns when the program runs, not when it is healthy.
    fn start<'a>(&'a self, service: &'a ServiceName) -> BoxFuture<'a, Result<(), SuperviseError>>;

    /// Stops the service; fine when it does not run. Returns when every process of it is seen gone.
    fn stop<'a>(&'a self, service: &'a ServiceName) -> BoxFuture<'a, Result<(), SuperviseError>>;

    /// Stops the service and starts it again.
    fn restart<'a>(&'a self, service: &'a ServiceName)
    -> BoxFuture<'a, Result<(), SuperviseError>>;

    /// Asks the service to read its configuration or reopen its logs, without stopping it.
    fn reload<'a>(&'a self, service: &'a ServiceName) -> BoxFuture<'a, Result<(), SuperviseError>>;
}

/// A service as its supervisor sees it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// The living main process, if there is one.
    pub running: Option<Identity>,
    /// When the service was last started.
    pub started_at: Option<Timestamp>,
    /// How often it was restarted since hikeshi knows it.
    pub restarts: u64,
    /// How the process before, or the last one, ended; nothing when none has.
    pub last_exit: Option<Exit>,
}

/// How a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// It ended by itself with this code.
    Code(i32),
    /// A signal ended it.
    Signal(i32),
    /// It was adopted from an earlier hikeshi, so the system did not tell.
    Unknown,
}

impl Exit {
    /// How it ended, for people.
    pub fn said(&self) -> Said {
        match self {
            Self::Code(code) => {
                Said::new(format!("終了コード {code}"), format!("exit code {code}"))
            }
            Self::Signal(signal) => {
                Said::new(format!("シグナル {signal} で終了"), format!("ended by signal {signal}"))
            }
            Self::Unknown => {
                Said::new("終了状態は不明 (引き継いだプロセス)", "exit unknown (was adopted)")
            }
        }
    }
}

/// English, for logs; people see [`Exit::said`].
impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.said().en)
    }
}
