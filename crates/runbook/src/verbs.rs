//! The built-in verbs, one file each.

pub mod database_reconnect;
pub mod evidence_collect;
pub mod host_block_ip;
pub mod log_rotate;
pub mod process_terminate;
pub mod service;
