//! The services on which people answer, faked over the wire: they take every message, and press buttons and keys.

use crate::common::House;
use axum::{
    Json, Router,
    body::Bytes,
    extract::State,
    http::{StatusCode, Uri},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use reqwest::{Method, header::HeaderMap};
use serde_json::json;
use sha1::Sha1;
use sha2::Sha256;
use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::SystemTime,
};

pub(crate) const SECRET: &str = "zz-canary-0123456789";
pub(crate) const PUBLIC: &str = "https://hikeshi.example.jp";

type Sent = Arc<Mutex<Vec<(String, String)>>>;

/// Slack, LINE, Twilio and a gateway in one: they take everything.
pub(crate) struct Services {
    address: SocketAddr,
    sent: Sent,
    runtime: tokio::runtime::Runtime,
}

impl Services {
    pub(crate) fn start() -> Self {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.expect("a runtime");
        let sent = Sent::default();
        let take = |State(sent): State<Sent>, uri: Uri, body: Bytes| async move {
            let body = String::from_utf8_lossy(&body).into_owned();
            sent.lock().expect("no panic").push((uri.path().to_owned(), body));
            let status = match uri.path().starts_with("/gone") {
                true => StatusCode::GONE,
                false => StatusCode::OK,
            };
            (status, Json(json!({"ok": true, "ts": "1764380000.000100", "sid": "CA1"})))
        };
        let router = Router::new().fallback(take).with_state(sent.clone());
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0"));
        let listener = listener.expect("a port");
        let address = listener.local_addr().expect("bound");
        runtime.spawn(async move { axum::serve(listener, router).await });
        Self { address, sent, runtime }
    }

    /// An address of the services.
    pub(crate) fn at(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// How often something was sent to a path.
    pub(crate) fn count(&self, path: &str) -> usize {
        self.sent(path, "").len()
    }

    /// Bodies that were sent to a path and hold a text.
    pub(crate) fn sent(&self, path: &str, part: &str) -> Vec<String> {
        let all = self.sent.lock().expect("no panic");
        let these = all.iter().filter(|(to, body)| to.contains(path) && body.contains(part));
        these.map(|(_, body)| body.clone()).collect()
    }

    /// Asks hikeshi under its public name, unless a header says another.
    pub(crate) fn ask(
        &self,
        house: &House,
        method: Method,
        path: &str,
        headers: &[(&'static str, String)],
        body: &str,
    ) -> (u16, HeaderMap, String) {
        let url = format!("http://{}{path}", house.door());
        let client = reqwest::Client::builder().no_proxy().build().expect("a client");
        let mut request = client.request(method, url);
        if headers.iter().all(|(name, _)| *name != "host") {
            request = request.header("host", "hikeshi.example.jp");
        }
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        let request = request.body(body.to_owned());
        self.runtime.block_on(async {
            let answer = request.send().await.expect("an answer");
            let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
            (status, headers, answer.text().await.expect("a body"))
        })
    }
}

/// Every way on which people answer, and two people on each.
pub(crate) fn reach(services: &Services) -> String {
    let api = format!("http://{}", services.address);
    let twilio =
        format!("account: AC1, token_env: SECRET, from: '+8150', api: '{api}', pager: true");
    format!(
        "public_url: {PUBLIC}/
channels:
  chat: {{kind: slack_api, token_env: SECRET, signing_secret_env: SECRET, channel: C1, api: '{api}'}}
  line: {{kind: line, token_env: SECRET, channel_secret_env: SECRET, api: '{api}', pager: true}}
  phone: {{kind: twilio_call, {twilio}}}
  sms: {{kind: twilio_sms, {twilio}}}
  gate: {{kind: webhook, url: '{api}/gate', personal: true}}
contacts:
  sato: {{chat: U1, line: L1, phone: '+8190', sms: '+8190', gate: g1}}
  suzuki: {{chat: U2, line: L2, phone: '+8191', sms: '+8191', gate: g2}}
"
    )
}

/// What Slack sends when a person presses a button: the body, and the headers that sign it.
pub(crate) fn pressed_in_slack(user: &str, value: &str) -> (String, [(&'static str, String); 2]) {
    let payload = json!({"type": "block_actions", "user": {"id": user},
        "actions": [{"action_id": "x", "value": value}]});
    let body = form_urlencoded::Serializer::new(String::new())
        .append_pair("payload", &payload.to_string())
        .finish();
    let now = SystemTime::UNIX_EPOCH.elapsed().expect("after 1970").as_secs();
    let signature: String =
        sha256(&format!("v0:{now}:{body}")).iter().map(|byte| format!("{byte:02x}")).collect();
    let headers = [
        ("x-slack-request-timestamp", now.to_string()),
        ("x-slack-signature", format!("v0={signature}")),
    ];
    (body, headers)
}

/// What LINE sends when a person presses a button.
pub(crate) fn pressed_in_line(user: &str, data: &str) -> (String, [(&'static str, String); 1]) {
    let body = json!({"destination": "x", "events": [{"type": "postback", "replyToken": "R1",
        "source": {"userId": user}, "postback": {"data": data}}]})
    .to_string();
    let headers = [("x-line-signature", STANDARD.encode(sha256(&body)))];
    (body, headers)
}

pub(crate) fn sha256(text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).expect("a key");
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

/// What Twilio sends to a hook, signed for an address.
pub(crate) fn said_by_twilio(
    services: &Services,
    house: &House,
    url: &str,
    signed: &str,
    sent: &[(&str, &str)],
) -> (u16, HeaderMap, String) {
    let mut sorted = sent.to_vec();
    sorted.sort_unstable();
    let text: String = sorted.iter().map(|(name, value)| format!("{name}{value}")).collect();
    let mut mac = Hmac::<Sha1>::new_from_slice(SECRET.as_bytes()).expect("a key");
    mac.update(format!("{signed}{text}").as_bytes());
    let headers = [
        ("x-twilio-signature", STANDARD.encode(mac.finalize().into_bytes())),
        ("content-type", "application/x-www-form-urlencoded".to_owned()),
    ];
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(sent).finish();
    let path = url.strip_prefix(PUBLIC).expect("the public address");
    services.ask(house, Method::POST, path, &headers, &body)
}
