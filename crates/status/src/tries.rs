//! How often strangers may write an address into the form: each costs a mail to somebody.

use jiff::{SignedDuration, Timestamp};
use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
};

/// Addresses that are written into the form within [`WINDOW`]: what a stranger can make us send is bounded.
const MOST: usize = 30;
/// See [`MOST`].
const WINDOW: SignedDuration = SignedDuration::from_mins(1);

/// How often the form was used lately.
#[derive(Debug, Default)]
pub(crate) struct Tries(Mutex<VecDeque<Timestamp>>);

impl Tries {
    /// Whether it may be used once more.
    pub(crate) fn take(&self, now: Timestamp) -> bool {
        let mut lately = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        while lately.front().is_some_and(|at| now.duration_since(*at) >= WINDOW) {
            lately.pop_front();
        }
        if lately.len() >= MOST {
            return false;
        }
        lately.push_back(now);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strangers_send_no_more_than_so_many_a_minute() {
        let (tries, now) = (Tries::default(), Timestamp::UNIX_EPOCH);
        assert!((0..MOST).all(|_| tries.take(now)));
        assert!(!tries.take(now));
        assert!(tries.take(now + WINDOW));
    }
}
