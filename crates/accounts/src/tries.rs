//! How often somebody may guess: what was wrong is counted, per account and altogether.

use jiff::{SignedDuration, Timestamp};
use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Mutex, PoisonError},
};

/// Counts what was wrong. Who is signed in, or holds a one-time link, is not kept out by somebody who guesses.
#[derive(Debug)]
pub struct Tries {
    /// It is remembered this long.
    window: SignedDuration,
    /// So much per account in that time.
    per_account: usize,
    /// So much altogether: what guessing many names costs the server is bounded, too.
    altogether: usize,
    wrong: Mutex<VecDeque<(Timestamp, String)>>,
}

impl Tries {
    /// Of passwords: five a minute per account, thirty altogether.
    pub fn of_passwords() -> Self {
        Self::new(SignedDuration::from_mins(1), 5, 30)
    }

    /// Of codes with six digits, of which three count at a time: ten an hour per account. Whoever guesses them has the
    /// password already.
    pub fn of_codes() -> Self {
        Self::new(SignedDuration::from_hours(1), 10, 100)
    }

    fn new(window: SignedDuration, per_account: usize, altogether: usize) -> Self {
        Self { window, per_account, altogether, wrong: Mutex::default() }
    }

    /// Takes one try; it counts until [`Tries::forgive`] says that it was right.
    ///
    /// # Errors
    /// There were too many: when the next one may be.
    pub fn take(&self, account: &str, now: Timestamp) -> Result<(), Timestamp> {
        let mut wrong = self.wrong.lock().unwrap_or_else(PoisonError::into_inner);
        while wrong.front().is_some_and(|(at, _)| now.duration_since(*at) >= self.window) {
            wrong.pop_front();
        }
        let mut counts: BTreeMap<&str, Vec<Timestamp>> = BTreeMap::new();
        wrong.iter().for_each(|(at, name)| counts.entry(name).or_default().push(*at));
        let own = counts.remove(account).unwrap_or_default();
        let over = |first: Timestamp| first.saturating_add(self.window).unwrap_or(Timestamp::MAX);
        if own.len() >= self.per_account {
            return Err(over(own[0]));
        }
        if let Some((first, _)) = wrong.front().filter(|_| wrong.len() >= self.altogether) {
            return Err(over(*first));
        }
        wrong.push_back((now, account.to_owned()));
        Ok(())
    }

    /// It was right: the tries of this account do not count any more.
    pub fn forgive(&self, account: &str) {
        let mut wrong = self.wrong.lock().unwrap_or_else(PoisonError::into_inner);
        wrong.retain(|(_, name)| name != account);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).expect("a time")
    }

    #[test]
    fn guessing_is_slow_and_right_passwords_cost_nothing() {
        let tries = Tries::of_passwords();
        for second in 0..5 {
            tries.take("sato", at(second)).expect("few");
        }
        assert_eq!(tries.take("sato", at(5)), Err(at(60)), "the first is forgotten after a minute");
        tries.take("suzuki", at(5)).expect("another account");
        tries.take("sato", at(60)).expect("one is over");
        tries.take("sato", at(60)).expect_err("only one");
        tries.forgive("sato");
        tries.take("sato", at(60)).expect("it was right");
    }

    #[test]
    fn many_names_do_not_help() {
        let tries = Tries::of_passwords();
        for name in 0..30 {
            tries.take(&format!("name {name}"), at(0)).expect("few");
        }
        assert_eq!(tries.take("another", at(10)), Err(at(60)));
    }
}
