//! The parts of an evidence bundle: the folder with its manifest, what goes into it, and reading it again.

pub(crate) mod access;
pub(crate) mod bundle;
pub(crate) mod database;
pub(crate) mod host;
pub(crate) mod journal;
pub mod kept;
pub(crate) mod logs;
