//! What all pages share.

use crate::address::Public;
use accounts::{Accounts, Tries};
use jiff::Timestamp;
use openid::Provider;
use runbook::kept::Bundles;
use std::{fmt, sync::Arc};
use tokio::sync::Semaphore;
use web::Shared;

/// So many people who come back from a provider are asked about at once; the others wait for their turn.
const ARRIVALS: usize = 8;

/// What the configuration says of the ways in.
#[derive(Debug, Default)]
pub struct Entry {
    /// The address under which people reach the pages from where they are.
    pub public_url: Option<String>,
    /// Nobody signs in with a password alone.
    pub is_factor_required: bool,
    /// Who vouches for people who have an account elsewhere.
    pub provider: Option<Provider>,
}

/// What all pages share. Clones share.
#[derive(Clone)]
pub struct Desk {
    pub(crate) shared: Shared,
    pub(crate) accounts: Arc<Accounts>,
    pub(crate) tries: Arc<Tries>,
    pub(crate) codes: Arc<Tries>,
    /// Turns of people who come back from a provider: each costs a request there. Nobody is locked out by others who try.
    pub(crate) arrivals: Arc<Semaphore>,
    pub(crate) provider: Option<Arc<Provider>>,
    /// What steps kept as evidence.
    pub(crate) bundles: Bundles,
    /// A password alone opens nothing but the page on which somebody gets a second factor.
    pub(crate) is_factor_required: bool,
    pub(crate) public: Option<Public>,
    public_url: Option<String>,
}

impl Desk {
    /// With what the configuration says of the ways in, and what steps kept as evidence.
    pub fn new(shared: Shared, accounts: Accounts, entry: Entry, bundles: Bundles) -> Self {
        Self {
            shared,
            accounts: Arc::new(accounts),
            tries: Arc::new(Tries::of_passwords()),
            codes: Arc::new(Tries::of_codes()),
            arrivals: Arc::new(Semaphore::new(ARRIVALS)),
            provider: entry.provider.map(Arc::new),
            bundles,
            is_factor_required: entry.is_factor_required,
            public: entry.public_url.as_deref().and_then(Public::of),
            public_url: entry.public_url,
        }
    }

    /// The time.
    pub(crate) fn now(&self) -> Timestamp {
        self.shared.doors.now()
    }

    /// A path as somebody reaches it who is not on a page yet.
    pub(crate) fn link(&self, path: &str) -> String {
        match &self.public_url {
            Some(base) => format!("{base}{path}"),
            None => self.shared.here(path).unwrap_or_default(),
        }
    }
}

impl fmt::Debug for Desk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Desk").field("public", &self.public).finish_non_exhaustive()
    }
}
