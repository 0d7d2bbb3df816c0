//! Where accesses are written down. The shell decides where that is: the journal, or the server that has it.

use domain::secret_access::SecretAccess;
use futures::future::BoxFuture;

/// Takes accesses down.
pub trait Ledger: Send + Sync {
    /// Writes it down soon; never waits.
    fn note(&self, access: SecretAccess);

    /// Writes it down now. What stands for an emergency is handed out only after this.
    ///
    /// # Errors
    /// A sentence: it is not durable.
    fn keep(&self, access: SecretAccess) -> BoxFuture<'_, Result<(), String>>;
}

/// Nobody writes anything down, so nothing that stands for an emergency is handed out.
pub struct Unwritten;

impl Ledger for Unwritten {
    fn note(&self, _: SecretAccess) {}

    fn keep(&self, _: SecretAccess) -> BoxFuture<'_, Result<(), String>> {
        Box::pin(async { Err("nobody writes accesses down here".into()) })
    }
}
