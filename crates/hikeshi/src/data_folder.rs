//! The data folder: what its files are called, and that one process at a time writes to it.

use crate::show::Trouble;
use domain::said::Said;
use rustix::fs::{FlockOperation, Mode, OFlags};
use std::{os::fd::OwnedFd, path::Path};

/// Bundles of evidence in the data folder.
pub const EVIDENCE: &str = "evidence";
/// What proves who people are; see the room `accounts`.
pub const ACCOUNTS: &str = "accounts.db";
/// The journal's file in the data folder.
pub const JOURNAL: &str = "journal.db";
/// The socket of the command line in the data folder.
pub const SOCKET: &str = "hikeshi.sock";

/// One server per data folder; the lock goes with the process, however it ends.
pub fn claim(data: &Path) -> Result<OwnedFd, Trouble> {
    let trouble = |error: &dyn std::fmt::Display| {
        let data = data.display();
        Trouble::unusable(Said::new(
            format!("{data}: 起動できません: {error}"),
            format!("{data}: cannot start: {error}"),
        ))
    };
    std::fs::create_dir_all(data).map_err(|error| trouble(&error))?;
    rustix::fs::chmod(data, Mode::RWXU).map_err(|error| trouble(&error))?;
    let file = rustix::fs::open(
        data.join("lock"),
        OFlags::CREATE | OFlags::RDWR | OFlags::CLOEXEC,
        Mode::RUSR | Mode::WUSR,
    )
    .map_err(|error| trouble(&error))?;
    rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive).map_err(|_| {
        let data = data.display();
        Trouble::unusable(Said::new(
            format!("{data} では別の hikeshi が動いています"),
            format!("another hikeshi already runs on {data}"),
        ))
    })?;
    Ok(file)
}
