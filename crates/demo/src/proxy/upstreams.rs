//! Which API instance gets the next request: the one with the fewest under way.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long an upstream that failed is asked last, as nginx's `fail_timeout` has it.
const FAIL_TIMEOUT: Duration = Duration::from_secs(10);

/// A server behind the proxy.
#[derive(Debug)]
pub struct Upstream {
    /// Where it listens.
    pub address: SocketAddr,
    under_way: AtomicUsize,
    failed_at: Mutex<Option<Instant>>,
}

/// All servers behind one location of the proxy.
#[derive(Debug)]
pub struct Upstreams {
    servers: Vec<Upstream>,
    turn: AtomicUsize,
}

/// One request under way; ends when dropped.
#[derive(Debug)]
pub struct UnderWay<'a>(&'a Upstream);

impl Upstreams {
    /// The servers at these addresses.
    pub fn new(addresses: impl IntoIterator<Item = SocketAddr>) -> Upstreams {
        let servers = addresses.into_iter().map(|address| Upstream {
            address,
            under_way: AtomicUsize::new(0),
            failed_at: Mutex::default(),
        });
        Upstreams { servers: servers.collect(), turn: AtomicUsize::new(0) }
    }

    /// All servers in the order they are to be tried at `now`: those that did not fail lately
    /// first, then by requests under way, then in turn.
    pub fn in_order(&self, now: Instant) -> Vec<&Upstream> {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        let count = self.servers.len();
        let mut order: Vec<&Upstream> =
            (0..count).map(|step| &self.servers[(turn + step) % count]).collect();
        order.sort_by_key(|server| {
            (server.failed_lately(now), server.under_way.load(Ordering::Relaxed))
        });
        order
    }
}

impl Upstream {
    /// Counts a request until the returned value is dropped.
    pub fn begin(&self) -> UnderWay<'_> {
        self.under_way.fetch_add(1, Ordering::Relaxed);
        UnderWay(self)
    }

    /// Remembers that it did not answer.
    pub fn failed(&self, now: Instant) {
        *self.failed_at.lock().unwrap_or_else(PoisonError::into_inner) = Some(now);
    }

    /// Remembers that it answered.
    pub fn answered(&self) {
        *self.failed_at.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn failed_lately(&self, now: Instant) -> bool {
        let failed_at = *self.failed_at.lock().unwrap_or_else(PoisonError::into_inner);
        failed_at.is_some_and(|at| now.saturating_duration_since(at) < FAIL_TIMEOUT)
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.under_way.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn three() -> Upstreams {
        Upstreams::new([1, 2, 3].map(|port| SocketAddr::from(([127, 0, 0, 1], port))))
    }

    fn ports(upstreams: &Upstreams, now: Instant) -> Vec<u16> {
        upstreams.in_order(now).iter().map(|server| server.address.port()).collect()
    }

    #[test]
    fn idle_servers_take_turns() {
        let (upstreams, now) = (three(), Instant::now());
        let firsts: Vec<u16> = (0..4).map(|_| ports(&upstreams, now)[0]).collect();
        assert_eq!(firsts, [1, 2, 3, 1]);
    }

    #[test]
    fn the_server_with_the_fewest_requests_under_way_is_next() {
        let (upstreams, now) = (three(), Instant::now());
        let hung = upstreams.servers[0].begin();
        let _other = upstreams.servers[2].begin();
        let _another = upstreams.servers[2].begin();
        assert_eq!(ports(&upstreams, now), [2, 1, 3]);
        drop(hung);
        assert!(ports(&upstreams, now)[..2].contains(&1));
    }

    #[test]
    fn a_server_that_failed_is_asked_last_for_ten_seconds() {
        let (upstreams, now) = (three(), Instant::now());
        upstreams.servers[0].failed(now);
        assert!((0..6).all(|_| ports(&upstreams, now)[2] == 1));
        let later = now + FAIL_TIMEOUT;
        assert!((0..6).any(|_| ports(&upstreams, later)[0] == 1));
        upstreams.servers[0].answered();
        assert!((0..6).any(|_| ports(&upstreams, now)[0] == 1));
    }
}
