//! Which process is meant: pid, start time and boot together, so that a reused pid is never taken for it.

use crate::stat::Stat;
use rustix::process::{Pid, PidfdFlags, pidfd_open, pidfd_send_signal};
use serde::{Deserialize, Serialize};
use std::{fmt, fs, io, os::fd::OwnedFd, sync::OnceLock};
use tokio::io::{Interest, unix::AsyncFd};

pub use rustix::process::Signal;

/// A process, told apart from every other that ever ran on this machine.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Identity {
    /// The process id.
    pub pid: u32,
    /// When it started, in clock ticks since the machine started.
    pub start_ticks: u64,
    /// Which start of the machine that was.
    pub boot_id: String,
}

impl Identity {
    /// The identity of the living process with this pid.
    pub fn of(pid: u32) -> Option<Self> {
        Stat::of(pid).filter(Stat::is_living).map(|stat| Self::from_stat(&stat))
    }

    /// The identity of a process that was just read.
    pub fn from_stat(stat: &Stat) -> Self {
        Self { pid: stat.pid, start_ticks: stat.start_ticks, boot_id: boot_id().to_owned() }
    }

    /// Whether this very process still runs.
    pub fn is_alive(&self) -> bool {
        Self::of(self.pid).is_some_and(|now| now == *self)
    }

    /// A handle that stays with this process; nothing when it is gone. Needs a running tokio.
    ///
    /// # Errors
    /// When the system gives no handle, for example because too many files are open.
    pub fn open(&self) -> io::Result<Option<Process>> {
        let Some(pid) = i32::try_from(self.pid).ok().and_then(Pid::from_raw) else {
            return Ok(None);
        };
        let fd = match pidfd_open(pid, PidfdFlags::NONBLOCK) {
            Ok(fd) => fd,
            Err(rustix::io::Errno::SRCH) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        // Checked after the handle is open: from here on the pid cannot become another process unseen.
        if !self.is_alive() {
            return Ok(None);
        }
        #[allow(
            deprecated,
            reason = "its successor is unsafe; an OwnedFd keeps its promise by itself"
        )]
        let fd = AsyncFd::with_interest(fd, Interest::READABLE)?;
        Ok(Some(Process { identity: self.clone(), fd }))
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "pid {}", self.pid)
    }
}

/// A handle (pidfd) on one process.
#[derive(Debug)]
pub struct Process {
    identity: Identity,
    fd: AsyncFd<OwnedFd>,
}

impl Process {
    /// Which process it is.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Resolves at once when the process dies.
    pub async fn died(&self) {
        if self.fd.readable().await.is_err() {
            // Only when tokio itself is ending: say nothing rather than something false.
            std::future::pending::<()>().await;
        }
    }

    /// Sends a signal to this process and to no other; a dead one takes it without complaint.
    ///
    /// # Errors
    /// When the system refuses, for example because the process belongs to somebody else.
    pub fn signal(&self, signal: Signal) -> io::Result<()> {
        match pidfd_send_signal(&self.fd, signal) {
            Ok(()) | Err(rustix::io::Errno::SRCH) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

/// Reads a signal's name, `TERM` or `SIGTERM`.
pub fn signal_by_name(name: &str) -> Option<Signal> {
    Some(match name.strip_prefix("SIG").unwrap_or(name) {
        "HUP" => Signal::HUP,
        "INT" => Signal::INT,
        "QUIT" => Signal::QUIT,
        "TERM" => Signal::TERM,
        "KILL" => Signal::KILL,
        "USR1" => Signal::USR1,
        "USR2" => Signal::USR2,
        "WINCH" => Signal::WINCH,
        _ => return None,
    })
}

fn boot_id() -> &'static str {
    static BOOT_ID: OnceLock<String> = OnceLock::new();
    BOOT_ID.get_or_init(|| {
        fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default().trim().to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::{
        process::Command,
        time::{Duration, timeout},
    };

    #[test]
    fn a_pid_with_another_start_time_is_another_process() {
        let me = Identity::of(std::process::id()).expect("this process lives");
        assert!(me.is_alive());
        let earlier = Identity { start_ticks: me.start_ticks.saturating_sub(1), ..me.clone() };
        assert!(!earlier.is_alive());
        let other_boot = Identity { boot_id: "another".into(), ..me };
        assert!(!other_boot.is_alive());
    }

    #[tokio::test]
    async fn a_dead_child_is_seen_at_once() {
        let mut child = Command::new("sleep").arg("600").spawn().expect("sleep starts");
        let identity = Identity::of(child.id().expect("it was not waited for")).expect("it lives");
        let process = identity.open().expect("a handle").expect("it lives");
        process.signal(Signal::KILL).expect("our own child");
        timeout(Duration::from_secs(60), process.died()).await.expect("its death is seen");
        assert!(!identity.is_alive(), "a zombie counts as dead");
        child.wait().await.expect("reaped");
        assert!(identity.open().expect("no error").is_none());
        process.signal(Signal::TERM).expect("a dead process takes it without complaint");
    }

    #[test]
    fn signals_are_read_by_name() {
        assert_eq!(signal_by_name("TERM"), Some(Signal::TERM));
        assert_eq!(signal_by_name("SIGHUP"), Some(Signal::HUP));
        assert_eq!(signal_by_name("TREM"), None);
    }
}
