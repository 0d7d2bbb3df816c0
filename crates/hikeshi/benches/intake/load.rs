//! A client that posts alerts over kept connections, as fast as it is answered, and counts.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    thread,
    time::{Duration, Instant},
};

/// What is posted.
#[derive(Clone, Copy)]
pub struct Load {
    /// Alerts in all.
    pub alerts: usize,
    /// Alerts per request.
    pub batch: usize,
    /// Connections.
    pub connections: usize,
    /// Distinct alerts begin with this number; the same number again is a repeat.
    pub first: usize,
}

/// How it went.
pub struct Took {
    /// Alerts per second.
    pub rate: f64,
    /// Times from request to answer, sorted.
    pub answers: Vec<Duration>,
}

impl Took {
    /// The time that this share of the answers did not exceed, in milliseconds.
    pub fn percentile_ms(&self, share: f64) -> f64 {
        let at = ((self.answers.len() as f64 * share) as usize).min(self.answers.len() - 1);
        self.answers[at].as_secs_f64() * 1000.0
    }
}

/// Posts it all. Bodies are made beforehand: only the posting is timed.
pub fn post(to: SocketAddr, load: Load) -> Took {
    let requests = load.alerts / load.batch;
    let each = requests / load.connections;
    let lots: Vec<Vec<Vec<u8>>> = (0..load.connections)
        .map(|connection| {
            let first = load.first + connection * each * load.batch;
            (0..each).map(|index| request(first + index * load.batch, load.batch)).collect()
        })
        .collect();
    let began = Instant::now();
    let mut answers: Vec<Duration> = thread::scope(|scope| {
        let lots: Vec<_> = lots.iter().map(|lot| scope.spawn(move || post_lot(to, lot))).collect();
        lots.into_iter().flat_map(|lot| lot.join().expect("a connection works")).collect()
    });
    let rate = (each * load.connections * load.batch) as f64 / began.elapsed().as_secs_f64();
    answers.sort_unstable();
    Took { rate, answers }
}

fn post_lot(to: SocketAddr, lot: &[Vec<u8>]) -> Vec<Duration> {
    let mut connection = Connection::to(to);
    let one = |request: &Vec<u8>| {
        let began = Instant::now();
        connection.ask(request);
        began.elapsed()
    };
    lot.iter().map(one).collect()
}

/// A connection that is kept.
pub struct Connection {
    reader: BufReader<TcpStream>,
}

impl Connection {
    /// Connects.
    pub fn to(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).expect("the server listens");
        stream.set_nodelay(true).expect("a socket option");
        Self { reader: BufReader::with_capacity(1 << 16, stream) }
    }

    /// Sends a request and reads its answer, which must be a 200; its length.
    pub fn ask(&mut self, request: &[u8]) -> usize {
        self.reader.get_mut().write_all(request).expect("the server reads");
        let (mut line, mut length, mut is_chunked, mut first) = (String::new(), 0, false, true);
        loop {
            line.clear();
            self.reader.read_line(&mut line).expect("the server answers");
            if std::mem::take(&mut first) {
                assert!(line.contains(" 200 "), "answered: {line}");
            }
            let low = line.to_ascii_lowercase();
            if let Some(value) = low.strip_prefix("content-length:") {
                length = value.trim().parse().expect("a number");
            }
            is_chunked |= low.starts_with("transfer-encoding: chunked");
            if line == "\r\n" {
                break;
            }
        }
        if is_chunked { self.chunks() } else { self.skip(length) }
    }

    fn chunks(&mut self) -> usize {
        let mut all = 0;
        loop {
            let mut line = String::new();
            self.reader.read_line(&mut line).expect("a chunk");
            let length = usize::from_str_radix(line.trim(), 16).expect("a length");
            all += length;
            self.skip(length + 2);
            if length == 0 {
                return all;
            }
        }
    }

    fn skip(&mut self, length: usize) -> usize {
        let mut rest = Read::by_ref(&mut self.reader).take(length as u64);
        std::io::copy(&mut rest, &mut std::io::sink()).expect("the server answers to the end");
        length
    }
}

/// A `GET`.
pub fn get(path: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n").into_bytes()
}

/// A `POST` of alerts with these numbers, about 430 bytes each.
pub fn request(first: usize, count: usize) -> Vec<u8> {
    let alerts: Vec<_> = (first..first + count).map(alert).collect();
    request_of(&alerts)
}

/// A `POST` of these alerts.
pub fn request_of(alerts: &[String]) -> Vec<u8> {
    let body = format!("[{}]", alerts.join(","));
    let head = format!(
        "POST /api/v2/alerts HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body.as_bytes()].concat()
}

fn alert(number: usize) -> String {
    alert_named("HighLatency", number, "warning")
}

/// One alert.
pub fn alert_named(name: &str, number: usize, severity: &str) -> String {
    format!(
        r#"{{"labels":{{"alertname":"{name}","cluster":"tokyo-1","instance":"10.1.{}.{}:{}","job":"backend","severity":"{severity}","shard":"shard-{number:07}"}},"annotations":{{"description":"p99 latency of shard {number} is above the limit for 5 minutes","summary":"High latency on shard {number}"}},"startsAt":"2026-11-22T10:00:00Z","endsAt":"2036-11-22T10:05:00Z","generatorURL":"http://prometheus.example:9090/graph?g0.expr=latency&g0.tab=1"}}"#,
        number / 250 % 250,
        number % 250,
        9000 + number % 1000,
    )
}
