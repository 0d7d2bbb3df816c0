//! Something for each client, for so many clients: with more, those that were not seen for longest are forgotten.

use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;

/// Something for each client.
#[derive(Clone, Debug)]
pub(crate) struct Clients<T> {
    all: HashMap<String, Entry<T>>,
    most: usize,
    /// Grows with every look-up: times may be equal, turns are not.
    turn: u64,
    forgotten: u64,
}

#[derive(Clone, Debug)]
struct Entry<T> {
    turn: u64,
    seen: Timestamp,
    of: T,
}

impl<T: Default> Clients<T> {
    /// Nobody yet; at most so many.
    pub fn new(most: usize) -> Self {
        Self { all: HashMap::new(), most: most.max(10), turn: 0, forgotten: 0 }
    }

    /// What there is for a client that is seen now.
    pub fn of(&mut self, client: &str, at: Timestamp) -> &mut T {
        self.turn += 1;
        let turn = self.turn;
        if !self.all.contains_key(client) {
            self.make_room();
            self.all.insert(client.to_owned(), Entry { turn, seen: at, of: T::default() });
        }
        let entry = self.all.get_mut(client).expect("it is there, or was put there just now");
        entry.turn = turn;
        entry.seen = entry.seen.max(at);
        &mut entry.of
    }

    /// Drops who was not seen within the window; that is no loss.
    pub fn keep_window(&mut self, now: Timestamp, window: SignedDuration) {
        self.all.retain(|_, entry| now.duration_since(entry.seen) <= window * 2);
    }

    /// Everybody, in no order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &T)> {
        self.all.iter().map(|(client, entry)| (client.as_str(), &entry.of))
    }

    /// How many were dropped because there were too many.
    pub fn forgotten(&self) -> u64 {
        self.forgotten
    }

    /// Where it is full, a tenth goes at once, so that a flood of new ones costs little.
    fn make_room(&mut self) {
        if self.all.len() < self.most {
            return;
        }
        let mut turns: Vec<u64> = self.all.values().map(|entry| entry.turn).collect();
        let (_, last, _) = turns.select_nth_unstable(self.most / 10);
        let last = *last;
        let before = self.all.len();
        self.all.retain(|_, entry| entry.turn > last);
        self.forgotten += (before - self.all.len()) as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_of_clients_pushes_out_the_oldest_and_says_so() {
        let mut clients: Clients<u32> = Clients::new(100);
        for number in 0..10_000 {
            *clients.of("203.0.113.7", Timestamp::UNIX_EPOCH) += 1;
            clients.of(&format!("10.0.{}.{}", number / 256, number % 256), Timestamp::UNIX_EPOCH);
        }
        assert!(clients.iter().count() <= 100 && clients.forgotten() > 9_000);
        let stayed = clients.iter().find(|(client, _)| *client == "203.0.113.7");
        assert_eq!(stayed.map(|(_, count)| *count), Some(10_000));
    }
}
