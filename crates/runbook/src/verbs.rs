//! The built-in verbs, one file each.

pub mod backup_verify;
pub mod certificate_renew;
pub mod ci_rerun;
pub mod cloud_database_restart;
pub mod database_reconnect;
pub mod evidence_collect;
pub mod host_block_ip;
pub mod log_rotate;
pub mod process_terminate;
pub mod service;
pub mod service_rolling_restart;
