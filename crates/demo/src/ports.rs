//! Which port each process listens on, all on 127.0.0.1.

use crate::error::DemoError;
use std::net::{Ipv4Addr, TcpListener};

/// Where free ports are looked for: below the range that outgoing connections take theirs from.
const SEARCH: std::ops::Range<u16> = 20_000..32_000;

/// The ports of the platform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ports {
    /// `api-1`, `api-2` and `api-3`.
    pub api: [u16; 3],
    /// The front end.
    pub frontend: u16,
    /// The proxy in front of both.
    pub proxy: u16,
    /// The mks backend.
    pub mks: u16,
    /// PostgreSQL.
    pub database: u16,
    /// The SMTP sink.
    pub mail: u16,
    /// The chat webhook.
    pub chat: u16,
    /// The phone webhook.
    pub phone: u16,
}

impl Default for Ports {
    fn default() -> Ports {
        Ports {
            api: [8080, 8081, 8082],
            frontend: 3000,
            proxy: 8088,
            mks: 5100,
            database: 5432,
            mail: 1025,
            chat: 9001,
            phone: 9002,
        }
    }
}

impl Ports {
    /// The usual ports, with a free one in place of each that is busy.
    ///
    /// # Errors
    /// [`DemoError::NoFreePort`] when nothing is left.
    pub fn free_where_busy() -> Result<Ports, DemoError> {
        let mut ports = Ports::default();
        let mut search = Search::new();
        for port in ports.all_mut() {
            if !is_free(*port) {
                *port = search.next_free()?;
            }
        }
        Ok(ports)
    }

    /// Free ports only, none of the usual ones, for several platforms side by side.
    ///
    /// # Errors
    /// [`DemoError::NoFreePort`] when nothing is left.
    pub fn all_free() -> Result<Ports, DemoError> {
        let mut ports = Ports::default();
        let mut search = Search::new();
        for port in ports.all_mut() {
            *port = search.next_free()?;
        }
        Ok(ports)
    }

    fn all_mut(&mut self) -> impl Iterator<Item = &mut u16> {
        let Ports { api, frontend, proxy, mks, database, mail, chat, phone } = self;
        api.iter_mut().chain([frontend, proxy, mks, database, mail, chat, phone])
    }
}

/// Walks through the range from a random place, so that two searches at once seldom meet.
struct Search {
    next: u16,
    left: u16,
}

impl Search {
    fn new() -> Search {
        Search { next: rand::random_range(SEARCH), left: SEARCH.end - SEARCH.start }
    }

    fn next_free(&mut self) -> Result<u16, DemoError> {
        while self.left > 0 {
            let port = self.next;
            self.left -= 1;
            self.next = if port + 1 < SEARCH.end { port + 1 } else { SEARCH.start };
            if is_free(port) {
                return Ok(port);
            }
        }
        Err(DemoError::NoFreePort(SEARCH.start, SEARCH.end - 1))
    }
}

fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn free_ports_are_all_different_and_none_is_taken() {
        let mut ports = Ports::all_free().expect("a machine has ten free ports");
        let distinct: BTreeSet<u16> = ports.all_mut().map(|port| *port).collect();
        assert_eq!(distinct.len(), 10);
        assert!(distinct.iter().all(|port| SEARCH.contains(port)));
    }

    #[test]
    fn a_search_steps_over_a_busy_port_and_wraps_at_the_end() {
        let holder = (SEARCH.start..SEARCH.end)
            .rev()
            .find_map(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).ok())
            .expect("one port is free");
        let busy = holder.local_addr().expect("a bound socket has an address").port();
        let mut search = Search { next: busy, left: SEARCH.end - SEARCH.start };
        assert_ne!(search.next_free().expect("others are free"), busy);
    }

    #[test]
    fn a_search_that_finds_nothing_says_where_it_looked() {
        let mut search = Search { next: SEARCH.start, left: 0 };
        let error = search.next_free().expect_err("nothing left to try");
        assert_eq!(error.to_string(), "no free port between 20000 and 31999 on 127.0.0.1");
    }
}
