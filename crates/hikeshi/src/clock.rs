//! The one door to the time. Everything inside is told it.

use jiff::Timestamp;
use std::sync::Arc;

/// The time now.
pub fn now() -> Timestamp {
    Timestamp::now()
}

/// The door as a value, for rooms that ask often.
pub fn shared() -> Arc<dyn Fn() -> Timestamp + Send + Sync> {
    Arc::new(now)
}
