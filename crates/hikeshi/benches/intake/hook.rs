//! A receiver of pages that notes when each name was first heard of, and that can be away for a while.

use std::{
    collections::HashMap,
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

/// A receiver of pages.
#[derive(Clone)]
pub struct Hook {
    /// Where it listens.
    pub address: SocketAddr,
    heard: Arc<Mutex<HashMap<String, Instant>>>,
}

impl Hook {
    /// Starts it; it ends with the program.
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("bound");
        let hook = Self { address, heard: Arc::default() };
        let taking = hook.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let taking = taking.clone();
                thread::spawn(move || taking.take(stream));
            }
        });
        hook
    }

    fn take(&self, stream: TcpStream) {
        let mut reader = BufReader::new(stream);
        loop {
            let (mut length, mut line) = (0, String::new());
            loop {
                line.clear();
                if reader.read_line(&mut line).unwrap_or(0) == 0 {
                    return;
                }
                let low = line.to_ascii_lowercase();
                if let Some(value) = low.strip_prefix("content-length:") {
                    length = value.trim().parse().unwrap_or(0);
                }
                if line == "\r\n" {
                    break;
                }
            }
            let mut body = vec![0; length];
            if reader.read_exact(&mut body).is_err() {
                return;
            }
            let now = Instant::now();
            let body = String::from_utf8_lossy(&body);
            let mut heard = self.heard.lock().expect("nobody panics while holding it");
            for word in body.split("Probe").skip(1) {
                let digits: String = word.chars().take_while(char::is_ascii_digit).collect();
                heard.entry(format!("Probe{digits}")).or_insert(now);
            }
            drop(heard);
            let _ = reader.get_mut().write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
        }
    }

    /// When a name was heard of; waits for it.
    pub fn wait_for(&self, name: &str) -> Option<Instant> {
        let limit = Instant::now() + Duration::from_secs(60);
        while Instant::now() < limit {
            let heard = self.heard.lock().expect("nobody panics while holding it");
            if let Some(at) = heard.get(name) {
                return Some(*at);
            }
            drop(heard);
            thread::sleep(Duration::from_micros(200));
        }
        None
    }
}
