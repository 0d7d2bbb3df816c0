//! All processes of one service: a session, found and ended as a whole.

use crate::{
    error::SuperviseError,
    identity::{Identity, Process, Signal},
    launch::{MARK, ServiceCommand},
    stat::Stat,
};
use futures::future::select_all;
use std::{fs, io, time::Duration};
use tokio::time::{Instant, timeout_at};

/// How long the kernel may take to end what was killed.
const KILL_TIMEOUT: Duration = Duration::from_secs(10);

/// Ends every process of the session: the main one is asked first, then what it left behind; whoever is
/// still there after the command's timeout is killed. Returns when all are seen gone.
pub(crate) async fn end(leader: &Identity, command: &ServiceCommand) -> Result<(), SuperviseError> {
    let refuse = |error: io::Error| SuperviseError::Signal { service: command.name.clone(), error };
    let deadline = Instant::now() + command.stop_timeout;
    if let Some(process) = leader.open().map_err(refuse)? {
        process.signal(command.stop_signal).map_err(refuse)?;
        // What the answer was shows below, in who is left.
        let _ = timeout_at(deadline, process.died()).await;
    }
    if Instant::now() < deadline
        && is_gone(leader, command.stop_signal, deadline).await.map_err(refuse)?
    {
        return Ok(());
    }
    if is_gone(leader, Signal::KILL, Instant::now() + KILL_TIMEOUT).await.map_err(refuse)? {
        return Ok(());
    }
    let pids = members(leader).iter().map(|identity| identity.pid).collect();
    Err(SuperviseError::WillNotDie { service: command.name.clone(), pids })
}

/// Signals whoever is left, each once, until nobody is; false when the deadline comes first.
async fn is_gone(leader: &Identity, signal: Signal, deadline: Instant) -> io::Result<bool> {
    let mut signalled: Vec<Process> = Vec::new();
    loop {
        let living = members(leader);
        if living.is_empty() {
            return Ok(true);
        }
        signalled.retain(|process| living.contains(process.identity()));
        for identity in living {
            if !signalled.iter().any(|process| *process.identity() == identity)
                && let Some(process) = identity.open()?
            {
                process.signal(signal)?;
                signalled.push(process);
            }
        }
        if signalled.is_empty() {
            continue;
        }
        let any = select_all(signalled.iter().map(|process| Box::pin(process.died())));
        if timeout_at(deadline, any).await.is_err() {
            return Ok(false);
        }
    }
}

/// The living processes of the session that `leader` opened. While one of them lives, the kernel gives the
/// session's number to nobody else; so if another process has the leader's pid, all of them are gone.
pub(crate) fn members(leader: &Identity) -> Vec<Identity> {
    let all = Stat::all();
    let taken =
        all.iter().any(|stat| stat.pid == leader.pid && Identity::from_stat(stat) != *leader);
    if taken {
        return Vec::new();
    }
    all.iter()
        .filter(|stat| {
            stat.session == leader.pid && stat.is_living() && stat.start_ticks >= leader.start_ticks
        })
        .map(Identity::from_stat)
        .collect()
}

/// The living main process that was started with this mark, when hikeshi died before it could write it down.
pub(crate) fn find_marked(mark: &str) -> Option<Identity> {
    let wanted = format!("{MARK}={mark}");
    let is_marked = |pid: u32| {
        fs::read(format!("/proc/{pid}/environ")).is_ok_and(|bytes| {
            bytes.split(|byte| *byte == 0).any(|entry| entry == wanted.as_bytes())
        })
    };
    Stat::all()
        .iter()
        .filter(|stat| stat.session == stat.pid && stat.is_living() && is_marked(stat.pid))
        .min_by_key(|stat| stat.start_ticks)
        .map(Identity::from_stat)
}
