//! Stories of web push over the wire: a device reads what was meant for it, the service knows who sends, and what it says
//! of devices that are gone is heard.

mod common;

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, Uri},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use common::{began, notice, spec};
use domain::fact::Delivery;
use notify::{Answers, Channel, Message, Told};
use ring::{
    aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey},
    agreement::{ECDH_P256, EphemeralPrivateKey, UnparsedPublicKey, agree_ephemeral},
    hkdf::{HKDF_SHA256, KeyType, Prk, Salt},
    rand::SystemRandom,
};
use secrets::Safe;
use serde_json::{Value, json};
use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};
use tokio::net::TcpListener;

type Heard = Arc<Mutex<Vec<(String, HeaderMap, Vec<u8>)>>>;

const AUTH: [u8; 16] = [7; 16];

/// A push service: `/gone/…` are devices that it does not know any more, `/later/…` must be tried again.
async fn service() -> (Heard, SocketAddr) {
    let heard = Heard::default();
    let hear = |State(heard): State<Heard>, uri: Uri, headers: HeaderMap, body: Bytes| async move {
        let path = uri.path().to_owned();
        let status = match path.split('/').nth(1) {
            Some("gone") => StatusCode::GONE,
            Some("later") => StatusCode::TOO_MANY_REQUESTS,
            _ => StatusCode::CREATED,
        };
        heard.lock().expect("no panic").push((path, headers, body.to_vec()));
        status
    };
    let router = Router::new().fallback(hear).with_state(heard.clone());
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move { axum::serve(listener, router).await });
    (heard, address)
}

/// A browser that enrolled.
struct Browser {
    key: EphemeralPrivateKey,
    public: Vec<u8>,
}

impl Browser {
    fn new() -> Self {
        let key = EphemeralPrivateKey::generate(&ECDH_P256, &SystemRandom::new()).expect("random");
        let public = key.compute_public_key().expect("a key").as_ref().to_vec();
        Self { key, public }
    }

    fn line(&self, number: u64, url: &str) -> String {
        let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        format!("{number} {url} {} {}", encode(&self.public), encode(&AUTH))
    }

    /// What a body says to it (RFC 8291, 3.4; RFC 8188, 2).
    fn read(self, body: &[u8]) -> Value {
        let (salt, rest) = body.split_at(16);
        let (head, rest) = rest.split_at(5);
        assert_eq!(head, [0, 0, 16, 0, 65], "one record of 4096 bytes, and a point");
        let (sender, sealed) = rest.split_at(65);
        let about = [b"WebPush: info\0", self.public.as_slice(), sender].concat();
        let theirs = UnparsedPublicKey::new(&ECDH_P256, sender);
        let input: [u8; 32] = agree_ephemeral(self.key, &theirs, |shared| {
            expand(&Salt::new(HKDF_SHA256, &AUTH).extract(shared), &about)
        })
        .expect("agrees");
        let keys = Salt::new(HKDF_SHA256, salt).extract(&input);
        let key: [u8; 16] = expand(&keys, b"Content-Encoding: aes128gcm\0");
        let nonce: [u8; 12] = expand(&keys, b"Content-Encoding: nonce\0");
        let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &key).expect("16 bytes"));
        let mut sealed = sealed.to_vec();
        let nonce = Nonce::assume_unique_for_key(nonce);
        let text = key.open_in_place(nonce, Aad::empty(), &mut sealed).expect("it is for us");
        let (end, text) = text.split_last().expect("not empty");
        assert_eq!(*end, 2, "the last record");
        serde_json::from_slice(text).expect("JSON")
    }
}

struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

fn expand<const N: usize>(from: &Prk, about: &[u8]) -> [u8; N] {
    let mut out = [0; N];
    from.expand(&[about], Length(N)).expect("short").fill(&mut out).expect("fits");
    out
}

fn channel(folder: &std::path::Path) -> Box<dyn Channel> {
    let (private, public) = notify::new_push_keys().expect("random");
    let file = folder.join("push.key");
    std::fs::write(&file, private).expect("written");
    let text = format!(
        "{{kind: web_push, public_key: {public}, private_key_file: {}, contact: 'mailto:ops@example.jp', services: [127.0.0.1], pager: true}}",
        file.display()
    );
    spec(&text).make(&Safe::default())
}

async fn tell(channel: &dyn Channel, body: &str, address: &str) -> Told {
    let answers = Answers {
        base: "https://hikeshi.example.jp".into(),
        channel: "push".into(),
        link: "token".into(),
        hook: "hook".into(),
    };
    let notice = domain::fact::NoticeOwed { body: body.into(), ..notice() };
    let message = Message {
        address: Some(address),
        answers: Some(&answers),
        ..Message::new(&notice, began())
    };
    channel.tell(&message).await
}

#[tokio::test]
async fn a_phone_reads_what_was_meant_for_it() {
    let (heard, at) = service().await;
    let folder = tempfile::tempdir().expect("a folder");
    let channel = channel(folder.path());
    let browser = Browser::new();
    let line = browser.line(3, &format!("http://{at}/send/abcdefgh12345678"));
    let told = tell(&*channel, "影響範囲: API", &line).await;
    assert_eq!(told.outcome, Delivery::Delivered, "{}", told.detail);
    let (path, headers, body) = heard.lock().expect("no panic").remove(0);
    assert_eq!(path, "/send/abcdefgh12345678");
    let header = |name: &str| headers[name].to_str().expect("ASCII");
    assert_eq!(header("content-encoding"), "aes128gcm");
    assert_eq!((header("ttl"), header("urgency"), header("topic").len()), ("3600", "high", 32));
    assert!(header("authorization").starts_with("vapid t="));
    assert_eq!(
        browser.read(&body),
        json!({
            "title": "[P0] Miraikakakuサービス緊急事態", "body": "影響範囲: API", "tag": "incident-7",
            "again": true, "stays": true, "label": "対応する",
            "link": "https://hikeshi.example.jp/a/token",
        })
    );
    assert!(!told.detail.contains("abcdefgh12345678"), "an address lets its holder send");
}

/// A second attempt takes the place of the first, also at the service (RFC 8030, 5.4).
#[tokio::test]
async fn a_long_text_is_cut_and_a_repetition_has_the_same_topic() {
    let (heard, at) = service().await;
    let folder = tempfile::tempdir().expect("a folder");
    let channel = channel(folder.path());
    for _ in 0..2 {
        let browser = Browser::new();
        let line = browser.line(1, &format!("http://{at}/send/1"));
        let told = tell(&*channel, &"長い\"".repeat(5_000), &line).await;
        assert_eq!(told.outcome, Delivery::Delivered, "{}", told.detail);
        let body = heard.lock().expect("no panic").last().expect("heard").2.clone();
        assert!(body.len() <= 4096, "{}", body.len());
        assert!(browser.read(&body)["body"].as_str().is_some_and(|text| text.ends_with('…')));
    }
    let heard = heard.lock().expect("no panic");
    assert_eq!(heard[0].1["topic"], heard[1].1["topic"]);
    assert_ne!(heard[0].2, heard[1].2, "no two messages are sealed alike");
}

#[tokio::test]
async fn one_of_several_devices_is_enough_and_those_that_are_gone_are_named() {
    let (heard, at) = service().await;
    let folder = tempfile::tempdir().expect("a folder");
    let channel = channel(folder.path());
    let line = |number, kind: &str| Browser::new().line(number, &format!("http://{at}/{kind}/1"));
    let told =
        tell(&*channel, "x", &[line(1, "gone"), line(2, "later"), line(3, "send")].join("\n"))
            .await;
    assert_eq!((told.outcome, told.gone), (Delivery::Delivered, vec![1]));
    let told = tell(&*channel, "x", &[line(1, "gone"), line(2, "later")].join("\n")).await;
    assert_eq!((told.outcome, told.gone), (Delivery::TryAgain, vec![1]), "{}", told.detail);
    let told = tell(&*channel, "x", &line(1, "gone")).await;
    assert_eq!((told.outcome, told.gone), (Delivery::Hopeless, vec![1]));
    assert_eq!(heard.lock().expect("no panic").len(), 6);
}

/// Whoever enrols must not choose whom hikeshi talks to.
#[tokio::test]
async fn nothing_is_sent_to_a_host_that_is_no_push_service() {
    let (heard, at) = service().await;
    let folder = tempfile::tempdir().expect("a folder");
    let channel = channel(folder.path());
    let port = at.port();
    for url in
        [format!("http://localhost:{port}/x"), format!("https://127.0.0.1@localhost:{port}/x")]
    {
        let told = tell(&*channel, "x", &Browser::new().line(1, &url)).await;
        assert_eq!(told.outcome, Delivery::Hopeless, "{url}");
        assert!(told.detail.contains("`services`"), "{}", told.detail);
    }
    for nonsense in ["", "1", "1 not-an-address K A", "x y z"] {
        assert_eq!(tell(&*channel, "x", nonsense).await.outcome, Delivery::Hopeless, "{nonsense}");
    }
    assert!(heard.lock().expect("no panic").is_empty());
}
