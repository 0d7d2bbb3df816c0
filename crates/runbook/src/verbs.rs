//! The built-in verbs, one file each.

pub mod database_reconnect;
pub mod evidence_collect;
pub mod log_rotate;
pub mod service;
