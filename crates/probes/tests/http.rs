//! Stories of the `http`, `journey` and `tcp` probes against real servers on loopback.

mod common;

use axum::{
    Json, Router,
    http::{HeaderMap, StatusCode, header},
    response::Redirect,
    routing::get,
};
use common::{look, number, text, up};
use domain::reading::Reading;
use serde_json::json;
use std::net::SocketAddr;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// The demo's API in small, with the health contracts of the real ones.
async fn api() -> SocketAddr {
    let router = Router::new()
        .route(
            "/health",
            get(|| async { Json(json!({"status": "healthy", "database": "connected"})) }),
        )
        .route("/api/health", get(|| async { Json(json!({"status": "unhealthy"})) }))
        .route(
            "/down",
            get(|| async { (StatusCode::SERVICE_UNAVAILABLE, "Database\x1b[31m unavailable") }),
        )
        .route("/moved", get(|| async { Redirect::temporary("/health") }))
        .route("/loop", get(|| async { Redirect::temporary("/loop") }))
        .route("/hang", get(|| async { std::future::pending::<()>().await }))
        .route(
            "/secret",
            get(|headers: HeaderMap| async move {
                if headers.contains_key("x-path") {
                    StatusCode::OK
                } else {
                    StatusCode::UNAUTHORIZED
                }
            }),
        )
        .route(
            "/page",
            get(|| async {
                ([(header::CONTENT_TYPE, "text/html")], "<h1>ミライカカク</h1>")
            }),
        );
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("its address");
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

/// A server that does with every connection what it is told.
async fn rude<F, Fut>(behave: F) -> SocketAddr
where
    F: Fn(TcpStream) -> Fut + Send + 'static,
    Fut: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("its address");
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.read(&mut [0; 4096]).await;
            tokio::spawn(behave(stream));
        }
    });
    address
}

/// A port where nobody listens.
async fn nobody() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    listener.local_addr().expect("its address")
}

fn http(address: SocketAddr, path: &str, more: &str) -> String {
    format!("{{kind: http, service: api-1, url: 'http://{address}{path}'{more}}}")
}

#[tokio::test]
async fn a_healthy_api_is_up_by_status_and_body() {
    // A43, C34: over HTTP/1.1 and over HTTP/2.
    let api = api().await;
    for protocol in ["", ", http2: true"] {
        let seen = look(&http(
            api,
            "/health",
            &format!(", expect: {{json: {{/status: healthy}}}}{protocol}"),
        ))
        .await;
        assert_eq!(up(&seen), Some(true), "{seen:?}");
        assert_eq!(number(&seen, "status"), 200.0);
        assert!(number(&seen, "latency_ms") > 0.0);
    }
}

#[tokio::test]
async fn two_hundred_that_says_unhealthy_is_down() {
    let api = api().await;
    let seen = look(&http(api, "/api/health", ", expect: {json: {/status: healthy}}")).await;
    assert_eq!((up(&seen), text(&seen, "cause").as_str()), (Some(false), "body"));
    let seen = look(&http(api, "/page", ", expect: {body_contains: [ミライカカク, chart]}")).await;
    // A44: the reason names the body.
    assert!(seen.detail.expect("a reason").en.contains("body"), "frontend blank");
    let seen = look(&http(api, "/page", ", expect: {header: {content-type: json}}")).await;
    assert_eq!(text(&seen, "cause"), "header");
}

#[tokio::test]
async fn an_error_status_is_down_and_its_text_is_shown_harmlessly() {
    let seen = look(&http(api().await, "/down", "")).await;
    assert_eq!((up(&seen), number(&seen, "status")), (Some(false), 503.0));
    assert_eq!(text(&seen, "cause"), "status");
    assert_eq!(
        seen.detail.as_ref().map(|said| said.en.as_str()),
        Some("HTTP 503 Database [31m unavailable")
    );
    assert!(number(&seen, "latency_ms") > 0.0, "a 503 is an answer and has a time");
}

#[tokio::test]
async fn a_hang_is_a_measured_timeout_of_the_whole_limit() {
    // C5: the timeout counts as its length.
    let seen = look(&http(api().await, "/hang", ", timeout: 200ms")).await;
    assert_eq!((up(&seen), text(&seen, "cause").as_str()), (Some(false), "timeout"));
    assert_eq!(number(&seen, "latency_ms"), 200.0);
}

#[tokio::test]
async fn nobody_there_and_nobody_by_that_name_are_told_apart() {
    let seen = look(&http(nobody().await, "/", "")).await;
    assert_eq!((up(&seen), text(&seen, "cause").as_str()), (Some(false), "refused"));
    assert!(matches!(seen.readings["latency_ms"], Reading::Unknown(_)), "no time is made up");
    let seen =
        look("{kind: http, service: s, url: 'http://no-such-name.invalid/', timeout: 60s}").await;
    assert_eq!(text(&seen, "cause"), "dns", "{seen:?}");
}

#[tokio::test]
async fn a_server_without_tls_is_a_tls_error() {
    let api = api().await;
    let seen = look(&format!("{{kind: http, service: s, url: 'https://{api}/health'}}")).await;
    assert_eq!(text(&seen, "cause"), "tls", "{seen:?}");
}

#[tokio::test]
async fn redirects_are_followed_so_far() {
    let api = api().await;
    assert_eq!(up(&look(&http(api, "/moved", "")).await), Some(true));
    assert_eq!(text(&look(&http(api, "/moved", ", redirects: 0")).await, "cause"), "redirect");
    assert_eq!(text(&look(&http(api, "/loop", "")).await, "cause"), "redirect");
}

#[tokio::test]
async fn garbage_and_a_broken_answer_are_named() {
    let garbage =
        rude(|mut stream| async move { drop(stream.write_all(b"\0\x01\x02 what?\r\n\r\n").await) })
            .await;
    assert_eq!(text(&look(&http(garbage, "/", "")).await, "cause"), "garbage");
    assert_eq!(text(&look(&http(garbage, "/", ", http2: true")).await, "cause"), "garbage");
    let half = rude(|mut stream| async move {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf").await;
    });
    let seen = look(&http(half.await, "/", "")).await;
    assert_eq!((up(&seen), text(&seen, "cause").as_str()), (Some(false), "reset"), "{seen:?}");
    let closed = rude(|stream| async move { drop(stream) }).await;
    assert_eq!(text(&look(&http(closed, "/", "")).await, "cause"), "reset");
}

#[tokio::test]
async fn an_answer_that_never_ends_is_cut() {
    const HEAD: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n\r\n";
    let flood = rude(|mut stream| async move {
        let _ = stream.write_all(HEAD).await;
        while stream.write_all(&[b'x'; 65536]).await.is_ok() {}
    });
    let seen = look(&http(flood.await, "/", ", timeout: 60s")).await;
    assert_eq!((up(&seen), text(&seen, "cause").as_str()), (Some(false), "body"), "{seen:?}");
    let trickle = rude(|mut stream| async move {
        let _ = stream.write_all(HEAD).await;
        while stream.write_all(b"x").await.is_ok() {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    });
    let seen = look(&http(trickle.await, "/", ", timeout: 300ms")).await;
    assert_eq!(text(&seen, "cause"), "timeout");
}

#[tokio::test]
async fn a_secret_header_is_read_at_the_look_and_its_absence_is_a_failed_look() {
    let api = api().await;
    // PATH stands for a secret: it is set wherever tests run.
    assert_eq!(up(&look(&http(api, "/secret", ", headers_env: {x-path: PATH}")).await), Some(true));
    let seen = look(&http(api, "/secret", ", headers_env: {x-path: HIKESHI_TEST_UNSET}")).await;
    assert_eq!(up(&seen), None, "the probe could not look, which says nothing about the target");
    assert!(seen.detail.expect("a reason").en.contains("HIKESHI_TEST_UNSET"));
}

#[tokio::test]
async fn a_journey_names_the_step_that_failed() {
    let api = api().await;
    let journey = |second: &str| {
        format!(
            "{{kind: journey, service: frontend, timeout: 5s, steps: [\
             {{name: page, url: 'http://{api}/page', expect: {{body_contains: ミライ}}}}, \
             {{name: data, url: 'http://{api}{second}'}}]}}"
        )
    };
    let seen = look(&journey("/health")).await;
    assert_eq!(up(&seen), Some(true), "{seen:?}");
    let seen = look(&journey("/down")).await;
    assert_eq!((up(&seen), text(&seen, "failed_step").as_str()), (Some(false), "data"));
    assert_eq!((text(&seen, "cause").as_str(), number(&seen, "status")), ("status", 503.0));
}

#[tokio::test]
async fn a_port_accepts_or_refuses() {
    let open = api().await;
    assert_eq!(
        up(&look(&format!("{{kind: tcp, service: s, address: '{open}'}}")).await),
        Some(true)
    );
    let closed = nobody().await;
    let seen = look(&format!("{{kind: tcp, service: s, address: '{closed}'}}")).await;
    assert_eq!((up(&seen), text(&seen, "cause").as_str()), (Some(false), "refused"));
}
