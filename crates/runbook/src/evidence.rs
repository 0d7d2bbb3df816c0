//! The parts of an evidence bundle: the folder with its manifest, and what goes into it.

pub(crate) mod bundle;
pub(crate) mod sources;
