//! What the tests of this room share: a time, and a file that goes away.

use crate::Accounts;
use jiff::Timestamp;

/// So many hours after the beginning.
pub(crate) fn at(hours: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + hours * 3600).expect("a time")
}

/// A new file, and its folder, which goes with this value.
pub(crate) fn open() -> (tempfile::TempDir, Accounts) {
    let folder = tempfile::tempdir().expect("a folder");
    let accounts = Accounts::open(&folder.path().join("accounts.db")).expect("opened");
    (folder, accounts)
}
