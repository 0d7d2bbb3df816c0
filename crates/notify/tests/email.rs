//! Stories of e-mail, told to a small SMTP server over the wire.

mod common;

use common::{notice, spec, tell};
use domain::{fact::Delivery, ids::NoticeId};
use mail_parser::{Message as Mail, MessageParser};
use secrets::Safe;
use std::{
    io,
    net::SocketAddr,
    sync::{Arc, Mutex},
};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

/// What the server answers, where it is not content.
#[derive(Clone, Copy, Default)]
struct Mood {
    greeting: Option<&'static str>,
    recipient: Option<(&'static str, &'static str)>,
    data: Option<&'static str>,
    login: Option<&'static str>,
}

#[derive(Clone, Default)]
struct Heard {
    commands: Arc<Mutex<Vec<String>>>,
    mails: Arc<Mutex<Vec<String>>>,
}

impl Heard {
    fn mails(&self) -> Vec<String> {
        self.mails.lock().expect("no panic").clone()
    }

    fn commands(&self) -> String {
        self.commands.lock().expect("no panic").join("\n")
    }
}

async fn server(mood: Mood) -> (SocketAddr, Heard) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let heard = Heard::default();
    let told = heard.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let _ = serve(stream, mood, &told).await;
        }
    });
    (address, heard)
}

async fn serve(stream: TcpStream, mood: Mood, heard: &Heard) -> io::Result<()> {
    let (reader, mut writer) = stream.into_split();
    let mut lines = BufReader::new(reader).lines();
    writer.write_all(format!("{}\r\n", mood.greeting.unwrap_or("220 sink")).as_bytes()).await?;
    while let Some(line) = lines.next_line().await? {
        heard.commands.lock().expect("no panic").push(line.clone());
        let verb = line.split([' ', ':']).next().unwrap_or_default().to_uppercase();
        let answer = match (verb.as_str(), mood.recipient) {
            ("EHLO", _) => "250-sink\r\n250-8BITMIME\r\n250 AUTH PLAIN LOGIN",
            ("AUTH", _) => mood.login.unwrap_or("235 welcome"),
            ("RCPT", Some((who, answer))) if line.contains(who) => answer,
            ("DATA", _) => {
                writer.write_all(b"354 go on\r\n").await?;
                let mut mail = String::new();
                while let Some(line) = lines.next_line().await?.filter(|line| line != ".") {
                    mail.push_str(&line);
                    mail.push_str("\r\n");
                }
                heard.mails.lock().expect("no panic").push(mail);
                mood.data.unwrap_or("250 queued as 4711")
            }
            ("QUIT", _) => "221 bye",
            _ => "250 ok",
        };
        writer.write_all(format!("{answer}\r\n").as_bytes()).await?;
    }
    Ok(())
}

fn plain(address: SocketAddr, more: &str) -> String {
    format!(
        "{{kind: email, server: '{address}', tls: none, from: 火消し <hikeshi@example.jp>{more}}}"
    )
}

fn read(mail: &str) -> Mail<'_> {
    MessageParser::default().parse(mail).expect("a mail")
}

/// A28, A52: the template arrives as it is written.
#[tokio::test]
async fn a_japanese_notice_arrives_and_reads_back() {
    let (address, heard) = server(Mood::default()).await;
    let channel = spec(&plain(address, "")).make(&Safe::default());
    let told = tell(&*channel, &notice(), Some("佐藤 <sato@example.jp>")).await;
    assert_eq!(told.outcome, Delivery::Delivered, "{told:?}");
    assert!(told.detail.contains("250 queued as 4711"), "{told:?}");
    let mails = heard.mails();
    let mail = read(&mails[0]);
    assert_eq!(mail.subject(), Some("[P0] Miraikakakuサービス緊急事態"));
    let body = mail.body_text(0).expect("a body");
    assert_eq!(body.trim_end().replace("\r\n", "\n"), notice().body);
    let from = mail.from().and_then(|from| from.first()).expect("a sender");
    assert_eq!((from.name(), from.address()), (Some("火消し"), Some("hikeshi@example.jp")));
    assert_eq!(mail.header_raw("Auto-Submitted").map(str::trim), Some("auto-generated"));
    assert!(heard.commands().contains("RCPT TO:<sato@example.jp>"));
}

#[tokio::test]
async fn a_repeated_attempt_is_the_same_mail_and_one_incident_is_one_thread() {
    let (address, heard) = server(Mood::default()).await;
    let channel = spec(&plain(address, "")).make(&Safe::default());
    let recovered = domain::fact::NoticeOwed {
        id: NoticeId(30),
        event: domain::fact::Event::Resolved,
        subject: "[復旧完了] Miraikakakuサービス正常化".into(),
        ..notice()
    };
    for notice in [&notice(), &notice(), &recovered] {
        tell(&*channel, notice, Some("sato@example.jp")).await;
    }
    let mails = heard.mails();
    let mails: Vec<_> = mails.iter().map(|mail| read(mail)).collect();
    let ids: Vec<_> = mails.iter().map(|mail| mail.message_id().expect("an id")).collect();
    assert_eq!(ids[0], ids[1]);
    assert_ne!(ids[0], ids[2]);
    let threads: Vec<_> = mails.iter().map(|mail| mail.references().as_text()).collect();
    assert_eq!(threads, [Some("incident-7@example.jp"); 3]);
}

#[tokio::test]
async fn a_hostile_subject_brings_no_header_and_no_recipient() {
    let (address, heard) = server(Mood::default()).await;
    let channel = spec(&plain(address, "")).make(&Safe::default());
    let hostile = domain::fact::NoticeOwed {
        subject: "down\r\nBcc: victim@example.org\r\n\r\nsurprise".into(),
        body: "first\r\n.\r\nMAIL FROM:<evil@example.org>\r\n\u{1b}[2J".into(),
        ..notice()
    };
    let told = tell(&*channel, &hostile, Some("sato@example.jp")).await;
    assert_eq!(told.outcome, Delivery::Delivered, "{told:?}");
    let mails = heard.mails();
    assert_eq!(mails.len(), 1);
    let mail = read(&mails[0]);
    assert!(mail.bcc().is_none());
    assert_eq!(mail.subject(), Some("down  Bcc: victim@example.org    surprise"));
    assert!(mail.body_text(0).expect("a body").contains("MAIL FROM:<evil@example.org>"));
    assert!(!heard.commands().contains("evil@"), "{}", heard.commands());
    let address = tell(&*channel, &hostile, Some("a@example.jp>\r\nRCPT TO:<b@example.jp")).await;
    assert_eq!(address.outcome, Delivery::Hopeless, "{address:?}");
}

/// A49: a mail to a subscriber ends with one press (RFC 2369, RFC 8058), and a second try is the same mail; nothing in it
/// becomes a header. A room sends none.
#[tokio::test]
async fn a_mail_to_a_subscriber_can_be_unsubscribed_from_at_once() {
    let (address, heard) = server(Mood::default()).await;
    let channel = spec(&plain(address, "")).make(&Safe::default());
    let mail = notify::Mail {
        to: "hanako@example.jp".into(),
        subject: "復旧\r\nBcc: victim@example.org".into(),
        body: "復旧しました。\n.\nQUIT".into(),
        key: "status-1-2".into(),
        unsubscribe: Some("https://status.example.jp/status/unsubscribe/abc".into()),
    };
    for _ in 0..2 {
        let told = channel.mail(&mail).await.expect("it sends mails");
        assert_eq!(told.outcome, Delivery::Delivered, "{told:?}");
    }
    let mails = heard.mails();
    let (first, again) = (read(&mails[0]), read(&mails[1]));
    assert_eq!(first.message_id(), Some("status-1-2@example.jp"));
    assert_eq!(first.message_id(), again.message_id());
    assert!(first.bcc().is_none());
    assert!(first.body_text(0).expect("a body").contains("復旧しました。"));
    let header = |name: &str| first.header_raw(name).map(str::trim).unwrap_or_default().to_owned();
    assert_eq!(header("List-Unsubscribe"), "<https://status.example.jp/status/unsubscribe/abc>");
    assert_eq!(header("List-Unsubscribe-Post"), "List-Unsubscribe=One-Click");
    let room = spec(&plain(address, ", to: [board@example.jp]")).make(&Safe::default());
    assert!(room.mail(&mail).await.is_none());
    assert_eq!(heard.mails().len(), 2);
}

#[tokio::test]
async fn a_server_that_is_busy_is_tried_again_and_one_that_refuses_is_not() {
    let cases = [
        (Mood { data: Some("451 try later"), ..Mood::default() }, Delivery::TryAgain, "451"),
        (Mood { data: Some("554 spam"), ..Mood::default() }, Delivery::Hopeless, "554"),
        (Mood { greeting: Some("421 too busy"), ..Mood::default() }, Delivery::TryAgain, "421"),
        (Mood { greeting: Some("HTTP/1.1 200 OK"), ..Mood::default() }, Delivery::TryAgain, ""),
        (
            Mood { recipient: Some(("sato", "550 no such user")), ..Mood::default() },
            Delivery::Hopeless,
            "no such user",
        ),
    ];
    for (mood, outcome, said) in cases {
        let (address, _) = server(mood).await;
        let told = tell(
            &*spec(&plain(address, "")).make(&Safe::default()),
            &notice(),
            Some("sato@example.jp"),
        )
        .await;
        assert_eq!(told.outcome, outcome, "{told:?}");
        assert!(told.detail.contains(said), "{told:?}");
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_or_never_answers_is_tried_again() {
    let gone = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = gone.local_addr().expect("an address");
    drop(gone);
    let told = tell(
        &*spec(&plain(address, "")).make(&Safe::default()),
        &notice(),
        Some("sato@example.jp"),
    )
    .await;
    assert_eq!(told.outcome, Delivery::TryAgain, "{told:?}");
    let silent = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = silent.local_addr().expect("an address");
    let channel = spec(&plain(address, ", timeout: 50ms")).make(&Safe::default());
    let told = tell(&*channel, &notice(), Some("sato@example.jp")).await;
    assert_eq!(told, notify::Told::try_again("no answer within 50ms"));
}

#[tokio::test]
async fn one_bad_address_keeps_the_mail_from_nobody_else() {
    let (address, heard) =
        server(Mood { recipient: Some(("gone@", "550 no such user")), ..Mood::default() }).await;
    let spec = spec(&plain(address, ", to: [gone@example.jp, boss@example.jp]"));
    assert!(spec.brief().is_room);
    let told = tell(&*spec.make(&Safe::default()), &notice(), None).await;
    assert_eq!(told.outcome, Delivery::Delivered, "{told:?}");
    assert!(
        told.detail.contains("gone@example.jp: ") && told.detail.contains("no such user"),
        "{told:?}"
    );
    assert_eq!(heard.mails().len(), 1);
}

/// C28
#[tokio::test]
async fn a_placeholder_is_never_sent_to() {
    let (address, heard) = server(Mood::default()).await;
    let channel = spec(&plain(address, "")).make(&Safe::default());
    for blank in ["[メールアドレス]", "stakeholders@company.com"] {
        let told = tell(&*channel, &notice(), Some(blank)).await;
        assert_eq!(told.outcome, Delivery::Hopeless, "{told:?}");
    }
    assert_eq!(tell(&*channel, &notice(), None).await.outcome, Delivery::Hopeless);
    assert_eq!(heard.commands(), "");
}

/// A87
#[tokio::test]
async fn a_password_is_used_and_never_shown() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("password");
    std::fs::write(&file, "zz-canary\n").expect("written");
    let login = format!(", user: hikeshi, password_file: {}", file.display());
    let (address, heard) =
        server(Mood { login: Some("535 zz-canary is wrong"), ..Mood::default() }).await;
    let spec = spec(&plain(address, &login));
    let told = tell(&*spec.make(&Safe::default()), &notice(), Some("sato@example.jp")).await;
    assert_eq!(told.outcome, Delivery::Hopeless, "{told:?}");
    assert!(heard.commands().contains("AUTH PLAIN"), "{}", heard.commands());
    assert!(!format!("{spec:?} {told:?}").contains("zz-canary"), "{spec:?} {told:?}");
    std::fs::remove_file(&file).expect("removed");
    let told = tell(&*spec.make(&Safe::default()), &notice(), Some("sato@example.jp")).await;
    assert!(
        told.outcome == Delivery::TryAgain && told.detail.contains("cannot read the secret"),
        "{told:?}"
    );
}

#[tokio::test]
async fn a_server_without_encryption_gets_neither_password_nor_text() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("password");
    std::fs::write(&file, "zz-canary\n").expect("written");
    let (address, heard) = server(Mood::default()).await;
    let text = format!(
        "{{kind: email, server: '{address}', tls: starttls, from: a@example.jp, user: a, password_file: {}}}",
        file.display()
    );
    let told = tell(&*spec(&text).make(&Safe::default()), &notice(), Some("sato@example.jp")).await;
    assert_ne!(told.outcome, Delivery::Delivered, "{told:?}");
    assert!(!heard.commands().contains("AUTH") && heard.mails().is_empty(), "{}", heard.commands());
}
