//! Counts over the last minutes, in a bounded number of slots: what a client did lately costs the same, however much it was.

use jiff::{SignedDuration, Timestamp};
use std::collections::VecDeque;

/// The parts of a window: a count is exact to one of them.
const SLOTS: i64 = 20;

/// What is counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub requests: u64,
    /// Those that are suspicious.
    pub hits: u64,
    pub bytes: u64,
}

/// Counts of a window.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    /// By the number of the slot since 1970, oldest first.
    slots: VecDeque<(i64, Counts)>,
}

impl Tally {
    /// Adds what happened at a time.
    pub fn add(&mut self, at: Timestamp, window: SignedDuration, more: Counts) {
        let slot = slot(at, window);
        let index = self.slots.partition_point(|(known, _)| *known < slot);
        if self.slots.get(index).is_none_or(|(known, _)| *known != slot) {
            self.slots.insert(index, (slot, Counts::default()));
        }
        let counts = &mut self.slots[index].1;
        counts.requests += more.requests;
        counts.hits += more.hits;
        counts.bytes += more.bytes;
        while self.slots.len() as i64 > SLOTS + 1 {
            self.slots.pop_front();
        }
    }

    /// What happened within the window before now.
    pub fn sum(&self, now: Timestamp, window: SignedDuration) -> Counts {
        let first = slot(now, window) - SLOTS;
        let recent = self.slots.iter().filter(|(slot, _)| *slot > first);
        recent.fold(Counts::default(), |sum, (_, counts)| Counts {
            requests: sum.requests + counts.requests,
            hits: sum.hits + counts.hits,
            bytes: sum.bytes + counts.bytes,
        })
    }
}

fn slot(at: Timestamp, window: SignedDuration) -> i64 {
    let window_ms = i64::try_from(window.as_millis()).unwrap_or(i64::MAX);
    at.as_millisecond().div_euclid((window_ms / SLOTS).max(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::ToSpan;

    #[test]
    fn only_the_window_counts_and_only_so_much_is_kept() {
        let (begin, window) = (Timestamp::UNIX_EPOCH, SignedDuration::from_mins(5));
        let mut tally = Tally::default();
        for second in 0..3600_i64 {
            let one = Counts { requests: 1, hits: second as u64 % 2, bytes: 10 };
            tally.add(begin + second.seconds(), window, one);
        }
        let sum = tally.sum(begin + 3599.seconds(), window);
        assert_eq!((sum.requests, sum.hits, sum.bytes), (300, 150, 3000));
        assert_eq!(tally.slots.len(), 21);
        assert_eq!(tally.sum(begin + 3900.seconds(), window), Counts::default());
    }

    proptest::proptest! {
        /// In whatever order lines come: nothing older than the window counts, and nothing is missed but what is as
        /// old as the window less one slot.
        #[test]
        fn a_sum_is_exact_to_one_slot(ago in proptest::collection::vec(0..400_i64, 0..60)) {
            let (now, window) = (Timestamp::UNIX_EPOCH + 1.hour(), SignedDuration::from_mins(5));
            let mut tally = Tally::default();
            for seconds in &ago {
                tally.add(now - seconds.seconds(), window, Counts { hits: 1, ..Counts::default() });
            }
            let within = |limit: i64| ago.iter().filter(|seconds| **seconds <= limit).count() as u64;
            let sum = tally.sum(now, window).hits;
            assert!(within(285) <= sum && sum <= within(300), "{sum} of {ago:?}");
        }
    }

    #[test]
    fn a_line_that_comes_late_is_counted_in_its_time() {
        let (begin, window) = (Timestamp::UNIX_EPOCH + 1.hour(), SignedDuration::from_mins(5));
        let mut tally = Tally::default();
        for second in [60, 0, 30_i64] {
            tally.add(begin + second.seconds(), window, Counts { hits: 1, ..Counts::default() });
        }
        assert_eq!(tally.sum(begin + 60.seconds(), window).hits, 3);
        assert_eq!(tally.sum(begin + 310.seconds(), window).hits, 2);
    }
}
