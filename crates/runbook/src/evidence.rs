//! The parts of an evidence bundle: the folder with its manifest, and what goes into it.

pub(crate) mod access;
pub(crate) mod bundle;
pub(crate) mod database;
pub(crate) mod host;
pub(crate) mod journal;
pub(crate) mod logs;
