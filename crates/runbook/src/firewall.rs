//! A firewall table of our own: who may be blocked, and how nftables is asked to.

pub(crate) mod allowed;
pub(crate) mod table;
