//! Hands secrets to a step: each in a file that is in memory only, has no name, and is gone with the last who holds it.
//!
//! Nothing is left behind by a crash, nothing is on a disk, and no argument and no environment holds the secret: the
//! variable only says where to read it, as `/proc/self/fd/N`.

use rustix::fs::{MemfdFlags, Mode, SealFlags, fchmod, fcntl_add_seals, memfd_create};
use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, Write},
    os::fd::AsRawFd,
};
use zeroize::Zeroizing;

/// A secret in memory. It is open for whatever this process starts: a recorder starts its step and nothing else.
pub(crate) struct InMemory {
    /// The variable that says where it is.
    pub(crate) variable: String,
    file: File,
}

impl InMemory {
    /// Where a child reads it, from its beginning with every opening.
    pub(crate) fn path(&self) -> String {
        format!("/proc/self/fd/{}", self.file.as_raw_fd())
    }
}

/// Puts every secret into a file of its own, which nobody can change any more.
///
/// # Errors
/// The system gives none: then the step is not started.
pub(crate) fn over(handed: &BTreeMap<String, Zeroizing<String>>) -> io::Result<Vec<InMemory>> {
    let put = |(variable, value): (&String, &Zeroizing<String>)| {
        // Not closed on exec, on purpose.
        let mut file = File::from(memfd_create("secret", MemfdFlags::ALLOW_SEALING)?);
        file.write_all(value.as_bytes())?;
        fchmod(&file, Mode::RUSR)?;
        let seals = SealFlags::WRITE | SealFlags::GROW | SealFlags::SHRINK | SealFlags::SEAL;
        fcntl_add_seals(&file, seals)?;
        Ok(InMemory { variable: variable.clone(), file })
    };
    handed.iter().map(put).collect()
}
