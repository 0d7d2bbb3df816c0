//! The mail sink: as much SMTP as a client needs to hand over a message (RFC 5321, no extensions).

use super::delivery::Delivery;
use super::inbox::Inbox;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{
    AsyncBufRead, AsyncBufReadExt, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufStream,
};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::timeout;

/// A client that says nothing for so long is sent away.
const PATIENCE: Duration = Duration::from_secs(60);
/// The longest line taken, in bytes.
const LONGEST_LINE: usize = 64 * 1024;
/// The largest message taken, in bytes.
const LARGEST_MESSAGE: usize = 10 << 20;
/// A message has this many recipients at most.
const MOST_RECIPIENTS: usize = 100;
/// This many clients are served at once.
const MOST_CLIENTS: usize = 64;

const REFUSED: &str = "421 sink.example service not available";

/// Takes mail until dropped.
pub async fn serve(listener: TcpListener, inbox: Inbox) {
    let clients = Arc::new(Semaphore::new(MOST_CLIENTS));
    loop {
        let Ok(place) = Arc::clone(&clients).acquire_owned().await else { return };
        match listener.accept().await {
            Ok((stream, _)) => {
                let inbox = inbox.clone();
                tokio::spawn(async move {
                    // A client that breaks the connection has nobody to be told.
                    let _ = converse(stream, &inbox).await;
                    drop(place);
                });
            }
            // Out of file descriptors, for example: better late than in a circle.
            Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
        }
    }
}

#[derive(Default)]
struct Envelope {
    sender: Option<String>,
    recipients: Vec<String>,
}

async fn converse(stream: TcpStream, inbox: &Inbox) -> std::io::Result<()> {
    let mut stream = BufStream::new(stream);
    if inbox.is_down() {
        return reply(&mut stream, REFUSED).await;
    }
    reply(&mut stream, "220 sink.example ESMTP").await?;
    let mut envelope = Envelope::default();
    while let Some(line) = read_line(&mut stream).await? {
        if inbox.is_down() {
            return reply(&mut stream, REFUSED).await;
        }
        let line = String::from_utf8_lossy(&line).into_owned();
        let (verb, argument) = line.split_once(' ').unwrap_or((&line, ""));
        match verb.to_ascii_uppercase().as_str() {
            "HELO" | "EHLO" => {
                envelope = Envelope::default();
                reply(&mut stream, "250 sink.example").await?;
            }
            "MAIL" => reply(&mut stream, envelope.mail(argument)).await?,
            "RCPT" => reply(&mut stream, envelope.recipient(argument)).await?,
            "DATA" if envelope.recipients.is_empty() => {
                reply(&mut stream, "503 RCPT first").await?;
            }
            "DATA" => {
                reply(&mut stream, "354 end with a dot on a line of its own").await?;
                let answer = match read_message(&mut stream).await? {
                    Some(message) => envelope.keep(&message, inbox),
                    None => "552 message too large",
                };
                reply(&mut stream, answer).await?;
                envelope = Envelope::default();
            }
            "RSET" => {
                envelope = Envelope::default();
                reply(&mut stream, "250 forgotten").await?;
            }
            "NOOP" => reply(&mut stream, "250 still here").await?,
            "QUIT" => return reply(&mut stream, "221 bye").await,
            _ => reply(&mut stream, "502 not known here").await?,
        }
    }
    Ok(())
}

impl Envelope {
    fn mail(&mut self, argument: &str) -> &'static str {
        match address(argument, "FROM:") {
            Some(sender) => {
                *self = Envelope { sender: Some(sender), recipients: Vec::new() };
                "250 sender taken"
            }
            None => "501 MAIL FROM:<address>",
        }
    }

    fn recipient(&mut self, argument: &str) -> &'static str {
        if self.sender.is_none() {
            return "503 MAIL first";
        }
        if self.recipients.len() >= MOST_RECIPIENTS {
            return "452 too many recipients";
        }
        match address(argument, "TO:").filter(|address| !address.is_empty()) {
            Some(recipient) => {
                self.recipients.push(recipient);
                "250 recipient taken"
            }
            None => "501 RCPT TO:<address>",
        }
    }

    fn keep(&mut self, message: &[u8], inbox: &Inbox) -> &'static str {
        let recipients = std::mem::take(&mut self.recipients);
        let sender = self.sender.take().unwrap_or_default();
        match inbox.keep(&Delivery::mail(recipients, &sender, message)) {
            Ok(()) => "250 message taken",
            Err(_) => "452 cannot keep it now",
        }
    }
}

/// The address between the angle brackets after `FROM:` or `TO:`; parameters are ignored.
fn address(argument: &str, keyword: &str) -> Option<String> {
    let start = argument.get(..keyword.len())?;
    let rest = argument.get(keyword.len()..)?.trim_start();
    if !start.eq_ignore_ascii_case(keyword) {
        return None;
    }
    let (address, _) = rest.strip_prefix('<')?.split_once('>')?;
    Some(address.to_owned())
}

/// A message up to its lone dot; none where it is too large (it is read to its end all the same).
async fn read_message(
    stream: &mut (impl AsyncBufRead + Unpin),
) -> std::io::Result<Option<Vec<u8>>> {
    let mut message = Vec::new();
    let mut too_large = false;
    while let Some(line) = read_line(stream).await? {
        if line == b"." {
            return Ok((!too_large).then_some(message));
        }
        too_large |= message.len() + line.len() > LARGEST_MESSAGE;
        if !too_large {
            // A dot at the start of a line was doubled by the client.
            message.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
            message.extend_from_slice(b"\r\n");
        }
    }
    Err(std::io::ErrorKind::UnexpectedEof.into())
}

/// A line without its end; none when the client has gone.
async fn read_line(stream: &mut (impl AsyncBufRead + Unpin)) -> std::io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    let mut limited = stream.take(LONGEST_LINE as u64);
    let read = timeout(PATIENCE, limited.read_until(b'\n', &mut line));
    read.await.map_err(|_| std::io::Error::from(std::io::ErrorKind::TimedOut))??;
    match line.strip_suffix(b"\n") {
        Some(text) => Ok(Some(text.strip_suffix(b"\r").unwrap_or(text).to_vec())),
        None if line.len() >= LONGEST_LINE => Err(std::io::ErrorKind::InvalidData.into()),
        None => Ok(None),
    }
}

async fn reply(stream: &mut (impl AsyncWrite + Unpin), text: &str) -> std::io::Result<()> {
    stream.write_all(format!("{text}\r\n").as_bytes()).await?;
    stream.flush().await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::folder::Folder;
    use crate::sinks::delivery::read;
    use crate::switches;

    /// A running sink and a client that is connected to it.
    struct Mailbox {
        _place: tempfile::TempDir,
        folder: Folder,
        address: std::net::SocketAddr,
    }

    impl Mailbox {
        async fn open() -> Mailbox {
            let place = tempfile::tempdir().expect("a temporary folder");
            let folder = Folder::create(place.path()).expect("the working folder");
            let listener = TcpListener::bind("127.0.0.1:0").await.expect("listens");
            let address = listener.local_addr().expect("has an address");
            let inbox = Inbox::open(&folder, "mail").expect("opens");
            tokio::spawn(serve(listener, inbox));
            Mailbox { _place: place, folder, address }
        }

        /// Sends the lines at once and returns the first digits of every reply.
        async fn say(&self, lines: &str) -> Vec<String> {
            let mut stream = TcpStream::connect(self.address).await.expect("connects");
            stream.write_all(lines.as_bytes()).await.expect("writes");
            stream.shutdown().await.expect("ends");
            let mut text = String::new();
            stream.read_to_string(&mut text).await.expect("reads");
            text.lines().map(|line| line[..3].to_owned()).collect()
        }
    }

    #[tokio::test]
    async fn a_message_is_taken_with_its_dots_and_its_recipients() {
        let mailbox = Mailbox::open().await;
        let replies = mailbox
            .say(
                "EHLO me\r\nMAIL FROM:<a@example.jp> SIZE=9\r\nRCPT TO:<b@example.jp>\r\n\
                 RCPT TO:<c@example.jp>\r\nDATA\r\nSubject: fire\r\n\r\n..hidden\r\n.\r\nQUIT\r\n",
            )
            .await;
        assert_eq!(replies, ["220", "250", "250", "250", "250", "354", "250", "221"]);
        let mail = read(&mailbox.folder).expect("reads").remove(0);
        assert_eq!(mail.to, ["b@example.jp", "c@example.jp"]);
        assert_eq!(mail.subject.as_deref(), Some("fire"));
        assert_eq!(mail.body.trim_end(), ".hidden");
    }

    #[tokio::test]
    async fn commands_out_of_order_are_refused_and_nothing_is_kept() {
        let mailbox = Mailbox::open().await;
        let replies = mailbox
            .say("RCPT TO:<b@example.jp>\r\nDATA\r\nMAIL b\r\nMAIL FROM:<>\r\nRSET\r\nBURN\r\n")
            .await;
        assert_eq!(replies, ["220", "503", "503", "501", "250", "250", "502"]);
        assert_eq!(read(&mailbox.folder).expect("reads"), []);
    }

    #[tokio::test]
    async fn a_sink_that_is_down_says_421_until_it_is_up_again() {
        let mailbox = Mailbox::open().await;
        let down = "mail:down".parse().expect("a fault");
        switches::set(&mailbox.folder, &down).expect("sets");
        let mut stream = TcpStream::connect(mailbox.address).await.expect("connects");
        let mut text = String::new();
        stream.read_to_string(&mut text).await.expect("reads");
        assert!(text.starts_with("421 "), "{text}");
        switches::clear(&mailbox.folder, &down).expect("clears");
        assert_eq!(mailbox.say("QUIT\r\n").await, ["220", "221"]);
    }

    #[tokio::test]
    async fn a_line_without_end_is_cut_off() {
        let endless = vec![b'x'; LONGEST_LINE + 10];
        let mut stream = tokio::io::BufReader::new(&endless[..]);
        let error = read_line(&mut stream).await.expect_err("too long");
        assert_eq!(error.kind(), std::io::ErrorKind::InvalidData);
    }
}
