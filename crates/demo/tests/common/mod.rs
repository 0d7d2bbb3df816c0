//! What every story about the platform needs: a running one on free ports, and patience.

use demo::{Platform, PlatformOptions, Ports};
use std::fmt::Debug;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

/// How long anything may take on a loaded machine before a story fails.
const PATIENCE: Duration = Duration::from_secs(90);

/// A platform in a temporary folder.
pub struct Stage {
    pub platform: Platform,
    pub _place: tempfile::TempDir,
}

impl Stage {
    /// The platform with its services. Free ports are only free until someone else takes them, so
    /// it is tried three times.
    pub fn open(database: bool) -> Stage {
        (1..=3).find_map(|_| Stage::try_open(database)).expect("the platform starts")
    }

    fn try_open(database: bool) -> Option<Stage> {
        let place = tempfile::tempdir().expect("a temporary folder");
        let options = PlatformOptions {
            folder: place.path().join("work"),
            ports: Ports::all_free().expect("free ports"),
            program: env!("CARGO_BIN_EXE_miraikakaku").into(),
            program_args: Vec::new(),
            database,
            seed: 7,
        };
        let progress = |line: &str| eprintln!("{line}");
        let started = Platform::start(options, &progress)
            .and_then(|mut platform| platform.start_services(&progress).map(|()| platform));
        match started {
            Ok(platform) => Some(Stage { platform, _place: place }),
            Err(error) if error.to_string().contains("cannot listen on") => {
                eprintln!("once more: {error}");
                None
            }
            Err(error) => panic!("{error}"),
        }
    }

    /// Sets a fault by its text.
    pub fn set(&self, fault: &str) {
        self.platform.set(&fault.parse().expect("a fault")).expect("the fault is set");
    }

    /// Clears a fault by its text.
    pub fn clear(&self, fault: &str) {
        self.platform.clear(&fault.parse().expect("a fault")).expect("the fault is cleared");
    }

    /// A GET through the proxy: status and body.
    pub fn visit(&self, path: &str) -> (u16, String) {
        get(self.platform.ports().proxy, path, PATIENCE).expect("the proxy always answers")
    }

    /// A GET of one API instance.
    pub fn ask(&self, number: usize, path: &str) -> Option<(u16, String)> {
        get(self.platform.ports().api[number - 1], path, PATIENCE)
    }
}

/// One request over a fresh connection; none when nobody answers in time.
pub fn get(port: u16, path: &str, patience: Duration) -> Option<(u16, String)> {
    let head = format!("GET {path} HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n");
    exchange(port, &head, patience)
}

/// Sends a text and reads an HTTP answer to its end.
pub fn exchange(port: u16, request: &str, patience: Duration) -> Option<(u16, String)> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    stream.set_read_timeout(Some(patience)).ok()?;
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).ok()?;
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some((status, body.to_owned()))
}

/// Looks again and again until it is so.
pub fn until<T: Debug>(what: &str, mut look: impl FnMut() -> T, fits: impl Fn(&T) -> bool) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let seen = look();
        if fits(&seen) {
            return seen;
        }
        assert!(Instant::now() < deadline, "never happened: {what}; last seen: {seen:?}");
        std::thread::sleep(Duration::from_millis(20));
    }
}
