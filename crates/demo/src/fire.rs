//! Sets parts of the platform on fire and puts them out, from any process that knows the folder.

use crate::error::DemoError;
use crate::fault::{Fault, FaultKind};
use crate::folder::Folder;
use crate::identity::Running;
use crate::switches;

pub use crate::switches::{clear, clear_all, list};

/// Makes the fault happen. Switches are obeyed within a tenth of a second; `kill` happens now.
///
/// # Errors
/// [`DemoError`] when the switch cannot be written or there is nothing to kill.
pub fn set(folder: &Folder, fault: &Fault) -> Result<(), DemoError> {
    if fault.kind() != FaultKind::Kill {
        return switches::set(folder, fault);
    }
    let name = fault.target().name();
    match Running::find(folder, name)? {
        Some(running) => running.kill(),
        None => Err(DemoError::Process {
            name: name.to_owned(),
            reason: format!("does not run ({})", folder.pid_file(name).display()),
        }),
    }
}
