//! The parts of log rotation: the folder with its files, who writes to them, and compressing them.

pub(crate) mod compress;
pub(crate) mod folder;
pub(crate) mod writers;
