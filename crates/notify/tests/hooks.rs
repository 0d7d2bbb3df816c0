//! Stories of chat rooms and webhooks, told to a small web server over the wire.

mod common;

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, header::RETRY_AFTER},
    response::{IntoResponse, Redirect},
    routing::post,
};
use common::{began, notice, spec, tell};
use domain::{
    fact::{About, Delivery, NoticeOwed},
    ids::AlertKey,
};
use hmac::{Hmac, KeyInit, Mac};
use notify::{Message, Told};
use secrets::Safe;
use serde_json::{Value, json};
use sha2::Sha256;
use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};
use tokio::{io::AsyncWriteExt, net::TcpListener};

type Heard = Arc<Mutex<Vec<(HeaderMap, Bytes)>>>;

/// A server that records what `/ok/…` gets, and misbehaves everywhere else.
async fn server() -> (SocketAddr, Heard) {
    let heard = Heard::default();
    let record = |State(heard): State<Heard>, headers: HeaderMap, body: Bytes| async move {
        heard.lock().expect("no panic").push((headers, body));
        "ok"
    };
    let busy = || async { (StatusCode::TOO_MANY_REQUESTS, [(RETRY_AFTER, "30")], "slow down") };
    let echo = || async { (StatusCode::NOT_FOUND, "no hook at /gone/t0ken; \u{1b}[31mred") };
    let endless = || async {
        let chunks =
            futures::stream::repeat_with(|| Ok::<_, std::io::Error>(Bytes::from(vec![b'x'; 1024])));
        (StatusCode::BAD_REQUEST, axum::body::Body::from_stream(chunks))
    };
    let router = Router::new()
        .route("/ok/{token}", post(record))
        .route("/busy", post(busy))
        .route("/broken", post(|| async { StatusCode::INTERNAL_SERVER_ERROR }))
        .route("/wrong", post(|| async { (StatusCode::BAD_REQUEST, "invalid_payload") }))
        .route("/gone/{token}", post(echo))
        .route("/moved", post(|| async { Redirect::temporary("/ok/t0ken").into_response() }))
        .route("/endless", post(endless))
        .route("/hang", post(std::future::pending::<()>))
        .with_state(heard.clone());
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move { axum::serve(listener, router).await });
    (address, heard)
}

async fn tell_slack(address: SocketAddr, path: &str) -> Told {
    let spec = spec(&format!("{{kind: slack, url: 'http://{address}{path}', timeout: 5s}}"));
    tell(&*spec.make(&Safe::default()), &notice(), None).await
}

fn document(heard: &Heard, index: usize) -> Value {
    serde_json::from_slice(&heard.lock().expect("no panic")[index].1).expect("JSON")
}

#[tokio::test]
async fn a_chat_room_gets_subject_and_text() {
    let (address, heard) = server().await;
    let told = tell_slack(address, "/ok/t0ken").await;
    assert_eq!(told, Told::delivered(format!("{address}: HTTP 200")));
    let text = document(&heard, 0)["text"].as_str().expect("a text").to_owned();
    assert_eq!(text, format!("{}\n{}", notice().subject, notice().body));
}

#[tokio::test]
async fn hostile_text_is_no_markup_in_a_chat_room() {
    let (address, heard) = server().await;
    let spec = spec(&format!("{{kind: slack, url: 'http://{address}/ok/t0ken'}}"));
    let hostile = NoticeOwed {
        subject: "<!channel> @here".into(),
        body: format!("<https://evil|harmless>{}", "x".repeat(100_000)),
        ..notice()
    };
    tell(&*spec.make(&Safe::default()), &hostile, None).await;
    let text = document(&heard, 0)["text"].as_str().expect("a text").to_owned();
    assert!(!text.contains('<') && !text.contains("@here"), "{text}");
    assert!(text.len() < 5000 && text.ends_with('…'));
}

#[tokio::test]
async fn what_an_answer_means() {
    let (address, heard) = server().await;
    let cases = [
        ("/busy", Delivery::TryAgain, "HTTP 429, Retry-After 30: slow down"),
        ("/broken", Delivery::TryAgain, "HTTP 500"),
        ("/wrong", Delivery::Hopeless, "HTTP 400: invalid_payload"),
        ("/moved", Delivery::Hopeless, "HTTP 307"),
        ("/endless", Delivery::Hopeless, "HTTP 400: xxx"),
    ];
    for (path, outcome, said) in cases {
        let told = tell_slack(address, path).await;
        assert_eq!(told.outcome, outcome, "{path}: {told:?}");
        assert!(told.detail.contains(said) && told.detail.len() < 400, "{path}: {told:?}");
    }
    assert!(heard.lock().expect("no panic").is_empty(), "a redirect is not followed");
}

#[tokio::test]
async fn no_answer_or_nonsense_is_tried_again() {
    let (address, _) = server().await;
    let spec = spec(&format!("{{kind: slack, url: 'http://{address}/hang', timeout: 50ms}}"));
    assert_eq!(
        tell(&*spec.make(&Safe::default()), &notice(), None).await,
        Told::try_again("no answer within 50ms")
    );

    let garbage = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = garbage.local_addr().expect("an address");
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = garbage.accept().await {
            let _ = stream.write_all(b"220 this is a mail server\r\n").await;
        }
    });
    let told = tell_slack(address, "/secret-path").await;
    assert_eq!(told.outcome, Delivery::TryAgain, "{told:?}");
    assert!(!told.detail.contains("secret-path"), "{told:?}");

    let gone = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = gone.local_addr().expect("an address");
    drop(gone);
    let told = tell_slack(address, "/secret-path").await;
    assert_eq!(told.outcome, Delivery::TryAgain, "{told:?}");
    assert!(told.detail.to_lowercase().contains("refused"), "{told:?}");
    assert!(!told.detail.contains("secret-path"), "{told:?}");
}

/// A87
#[tokio::test]
async fn the_token_in_a_url_is_never_shown() {
    let (address, _) = server().await;
    let text = format!("{{kind: slack, url: 'http://{address}/gone/t0ken'}}");
    let spec = spec(&text);
    let told = tell(&*spec.make(&Safe::default()), &notice(), None).await;
    assert_eq!(told.outcome, Delivery::Hopeless);
    assert!(told.detail.contains("no hook at ***") && !told.detail.contains('\u{1b}'), "{told:?}");
    assert!(!format!("{spec:?}{told:?}").contains("t0ken"), "{spec:?}");
}

#[tokio::test]
async fn a_url_may_be_kept_in_a_file_and_is_read_late() {
    let (address, heard) = server().await;
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("url");
    let channel =
        spec(&format!("{{kind: slack, url_file: {}}}", file.display())).make(&Safe::default());
    let told = tell(&*channel, &notice(), None).await;
    assert_eq!(told.outcome, Delivery::TryAgain, "{told:?}");
    std::fs::write(&file, "no url, but zz-canary\n").expect("written");
    let told = tell(&*channel, &notice(), None).await;
    assert!(told.outcome == Delivery::TryAgain && !told.detail.contains("zz-canary"), "{told:?}");
    std::fs::write(&file, format!("http://{address}/ok/t0ken\n")).expect("written");
    assert_eq!(tell(&*channel, &notice(), None).await.outcome, Delivery::Delivered);
    assert_eq!(heard.lock().expect("no panic").len(), 1);
}

/// A45: the phone of the one on call, through a gateway.
#[tokio::test]
async fn a_phone_gateway_gets_the_address_and_can_check_who_asks() {
    let (address, heard) = server().await;
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("secret");
    std::fs::write(&file, "zz-canary\n").expect("written");
    let spec = spec(&format!(
        "{{kind: webhook, url: 'http://{address}/ok/phone', personal: true, pager: true, \
         secret_file: {}, headers: {{X-Team: sre}}, headers_env: {{X-Token: CARGO_PKG_NAME}}}}",
        file.display()
    ));
    assert!(!spec.brief().is_room && spec.brief().is_pager);
    let channel = spec.make(&Safe::default());
    let mut told = Vec::new();
    for attempt in [1, 2] {
        let notice = notice();
        told.push(
            channel
                .tell(&Message {
                    address: Some("+819012345678"),
                    attempt,
                    ..Message::new(&notice, began())
                })
                .await,
        );
    }
    assert!(told.iter().all(|told| told.outcome == Delivery::Delivered), "{told:?}");
    let shown = format!("{spec:?}{told:?}");
    assert!(!shown.contains("zz-canary") && !shown.contains("sre"), "{shown}");
    let expected = json!({
        "version": 1, "notice": "N12", "attempt": 2, "event": "firing", "about": {"incident": "INC-7"},
        "priority": "P0", "level": null, "to": "sato", "address": "+819012345678",
        "subject": notice().subject, "body": notice().body,
    });
    assert_eq!(document(&heard, 1), expected);
    let heard = heard.lock().expect("no panic");
    let header =
        |index: usize, name: &str| heard[index].0[name].to_str().expect("ASCII").to_owned();
    assert_eq!(header(0, "idempotency-key"), header(1, "idempotency-key"));
    assert_eq!(
        (header(0, "x-team"), header(0, "x-token")),
        ("sre".to_owned(), "notify".to_owned())
    );
    let mut mac = Hmac::<Sha256>::new_from_slice(b"zz-canary").expect("a key");
    mac.update(header(1, "x-hikeshi-timestamp").as_bytes());
    mac.update(b".");
    mac.update(&heard[1].1);
    let hex: String =
        mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(header(1, "x-hikeshi-signature"), format!("sha256={hex}"));
}

#[tokio::test]
async fn a_webhook_as_a_room_hears_of_an_alert() {
    let (address, heard) = server().await;
    let channel =
        spec(&format!("{{kind: webhook, url: 'http://{address}/ok/x'}}")).make(&Safe::default());
    let alert = NoticeOwed {
        about: About::Alert(AlertKey::new("disk", "db")),
        to: None,
        priority: None,
        ..notice()
    };
    assert_eq!(tell(&*channel, &alert, None).await.outcome, Delivery::Delivered);
    assert_eq!(document(&heard, 0)["about"], json!({"alert": "disk@db"}));
}

/// C28
#[tokio::test]
async fn a_phone_gateway_without_a_number_is_hopeless() {
    let (address, heard) = server().await;
    let channel = spec(&format!("{{kind: webhook, url: 'http://{address}/ok/x', personal: true}}"))
        .make(&Safe::default());
    for address in [None, Some("[電話番号]")] {
        assert_eq!(tell(&*channel, &notice(), address).await.outcome, Delivery::Hopeless);
    }
    assert!(heard.lock().expect("no panic").is_empty());
}

#[tokio::test]
async fn the_console_needs_no_network() {
    let told = tell(&*spec("kind: console").make(&Safe::default()), &notice(), None).await;
    assert_eq!(told.outcome, Delivery::Delivered);
}
