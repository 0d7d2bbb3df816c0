//! How hikeshi speaks to other machines: whom it trusts ([`tls`]), and what its requests never do ([`http`]).

pub mod http;
pub mod tls;
