//! A mail server that takes everything and remembers it as it came over the wire: as much SMTP as a client needs.

use std::{
    io::{BufRead, BufReader, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

/// A mail as it came.
#[derive(Clone, Debug)]
pub struct Mail {
    /// Whom the envelope names.
    pub to: Vec<String>,
    /// Headers and text.
    pub raw: String,
}

impl Mail {
    /// The value of a header on one line; empty where it is not there.
    pub fn header(&self, name: &str) -> String {
        let unfolded = self.raw.replace("\r\n ", " ").replace("\r\n\t", " ");
        let start = format!("{}:", name.to_ascii_lowercase());
        let found = unfolded.lines().take_while(|line| !line.is_empty());
        let mut found = found.filter(|line| line.to_ascii_lowercase().starts_with(&start));
        found.next().map(|line| line[start.len()..].trim().to_owned()).unwrap_or_default()
    }

    /// The text, decoded.
    pub fn text(&self) -> String {
        let (_, body) = self.raw.split_once("\r\n\r\n").unwrap_or_default();
        match self.header("content-transfer-encoding").as_str() {
            "base64" => {
                use base64::{Engine as _, engine::general_purpose::STANDARD};
                let plain: String = body.split_whitespace().collect();
                let bytes = STANDARD.decode(plain).expect("base64");
                String::from_utf8(bytes).expect("UTF-8")
            }
            "quoted-printable" => quoted(body),
            _ => body.to_owned(),
        }
    }
}

/// RFC 2045, 6.7.
fn quoted(body: &str) -> String {
    let joined = body.replace("=\r\n", "");
    let mut bytes = Vec::new();
    let mut rest = joined.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let hex = after.get(..2).and_then(|two| std::str::from_utf8(two).ok());
        match hex.filter(|_| *first == b'=').and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8(bytes).expect("UTF-8")
}

/// The server; it ends with the process.
#[derive(Clone)]
pub struct Mailbox {
    address: SocketAddr,
    mails: Arc<Mutex<Vec<Mail>>>,
}

impl Mailbox {
    /// Starts one on a free port.
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("bound");
        let mails = Arc::new(Mutex::new(Vec::new()));
        let kept = mails.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let kept = kept.clone();
                // Who hangs up in the middle has sent nothing.
                thread::spawn(move || drop(converse(stream, &kept)));
            }
        });
        Self { address, mails }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Everything so far.
    pub fn mails(&self) -> Vec<Mail> {
        self.mails.lock().expect("nobody panics while holding it").clone()
    }
}

fn converse(stream: TcpStream, mails: &Mutex<Vec<Mail>>) -> std::io::Result<()> {
    let mut answers = stream.try_clone()?;
    let mut lines = BufReader::new(stream);
    let mut say = |text: &str| answers.write_all(format!("{text}\r\n").as_bytes());
    say("220 mailbox.test ESMTP")?;
    let (mut line, mut to) = (String::new(), Vec::new());
    while lines.read_line(&mut line)? > 0 {
        let word = line.get(..4).unwrap_or_default().to_ascii_uppercase();
        match word.as_str() {
            "RCPT" => {
                let address = line.split(['<', '>']).nth(1).unwrap_or_default();
                to.push(address.to_owned());
                say("250 ok")?;
            }
            "DATA" => {
                say("354 go on")?;
                let mut raw = String::new();
                loop {
                    let mut line = String::new();
                    lines.read_line(&mut line)?;
                    if line == ".\r\n" {
                        break;
                    }
                    raw.push_str(line.strip_prefix('.').unwrap_or(&line));
                }
                let mail = Mail { to: std::mem::take(&mut to), raw };
                mails.lock().expect("nobody panics while holding it").push(mail);
                say("250 taken")?;
            }
            "QUIT" => return say("221 bye"),
            _ => say("250 ok")?,
        }
        line.clear();
    }
    Ok(())
}
