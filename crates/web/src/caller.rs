//! In whose name a piece of work asks for things. Whatever it asks for is checked where it is sent to the writer, so that no
//! handler can forget it.

use domain::{carried_accounts::Rights, ids::AccountName};

/// Somebody with an account.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Who.
    pub name: AccountName,
    /// The most that the way allows on which they came: a token may less than its owner.
    pub most: Rights,
}

tokio::task_local! {
    static CALLER: Caller;
}

impl Caller {
    /// Does work in their name: commands that it sends are refused where they may not ask for them.
    pub async fn does<T>(self, work: impl Future<Output = T>) -> T {
        CALLER.scope(self, work).await
    }

    /// In whose name the present work asks; none: in that of whoever runs hikeshi, or with a proof of its own.
    pub(crate) fn present() -> Option<Self> {
        CALLER.try_with(Clone::clone).ok()
    }
}
