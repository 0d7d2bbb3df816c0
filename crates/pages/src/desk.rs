//! What all pages share.

use crate::address::Public;
use accounts::{Accounts, Tries};
use jiff::Timestamp;
use std::{fmt, sync::Arc};
use web::Shared;

/// What all pages share. Clones share.
#[derive(Clone)]
pub struct Desk {
    pub(crate) shared: Shared,
    pub(crate) accounts: Arc<Accounts>,
    pub(crate) tries: Arc<Tries>,
    pub(crate) public: Option<Public>,
    public_url: Option<String>,
}

impl Desk {
    /// With the public address, where there is one.
    pub fn new(shared: Shared, accounts: Accounts, public_url: Option<&str>) -> Self {
        Self {
            shared,
            accounts: Arc::new(accounts),
            tries: Arc::default(),
            public: public_url.and_then(Public::of),
            public_url: public_url.map(ToOwned::to_owned),
        }
    }

    /// The time.
    pub(crate) fn now(&self) -> Timestamp {
        self.shared.doors.now()
    }

    /// A path as somebody reaches it who is not on a page yet.
    pub(crate) fn link(&self, path: &str) -> String {
        let listen = self.shared.listen.get();
        let here = || listen.map_or_else(String::new, |address| format!("http://{address}"));
        let base = self.public_url.clone().unwrap_or_else(here);
        format!("{base}{path}")
    }
}

impl fmt::Debug for Desk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Desk").field("public", &self.public).finish_non_exhaustive()
    }
}
