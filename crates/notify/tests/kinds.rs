//! Stories of the kinds that speak to services, over the wire: what each sends, byte for byte, and what each answer means.
//!
//! `HIKESHI_WRITE=1` writes the recorded requests anew.

mod common;

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, Method, StatusCode, Uri, header::RETRY_AFTER},
    response::{IntoResponse, Response},
};
use common::{began, notice, spec, tell};
use domain::{
    fact::{About, Delivery, Event, NoticeOwed},
    said::Language,
};
use notify::{Answers, Channel, Message, Told};
use secrets::Safe;
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    fmt::Write as _,
    net::SocketAddr,
    path::PathBuf,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::net::TcpListener;

/// What the service answers; its requests are recorded.
#[derive(Clone)]
struct Service(Arc<Mutex<Inner>>);

struct Inner {
    status: StatusCode,
    retry_after: Option<&'static str>,
    answer: String,
    heard: Vec<(Method, Uri, HeaderMap, String)>,
    /// Retry keys of LINE that were taken.
    taken: BTreeSet<String>,
    /// It takes the next message and does not answer.
    takes_and_hangs: bool,
}

impl Service {
    async fn start() -> (Self, SocketAddr) {
        let service = Self(Arc::new(Mutex::new(Inner {
            status: StatusCode::OK,
            retry_after: None,
            answer: "{}".into(),
            heard: Vec::new(),
            taken: BTreeSet::new(),
            takes_and_hangs: false,
        })));
        let router = Router::new().fallback(hear).with_state(service.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        tokio::spawn(async move { axum::serve(listener, router).await });
        (service, address)
    }

    fn answers(&self, status: u16, retry_after: Option<&'static str>, answer: &str) {
        let mut inner = self.0.lock().expect("no panic");
        inner.status = StatusCode::from_u16(status).expect("a status");
        inner.retry_after = retry_after;
        answer.clone_into(&mut inner.answer);
    }

    /// The last request as text: what golden files hold.
    fn last(&self, address: SocketAddr) -> String {
        let inner = self.0.lock().expect("no panic");
        let (method, uri, headers, body) = inner.heard.last().expect("a request");
        let mut text = format!("{method} {uri}\n");
        for (name, value) in headers {
            if !["host", "user-agent", "accept", "content-length"].contains(&name.as_str()) {
                let _ = writeln!(text, "{name}: {}", value.to_str().expect("ASCII"));
            }
        }
        let body = match serde_json::from_str::<Value>(body) {
            Ok(json) => serde_json::to_string_pretty(&json).expect("JSON"),
            // A form: one field a line, decoded.
            Err(_) => {
                let url: reqwest::Url = format!("http://x/?{body}").parse().expect("a form");
                url.query_pairs().map(|(name, value)| format!("{name} = {value}\n")).collect()
            }
        };
        format!("{text}\n{}\n", body.trim_end()).replace(&address.to_string(), "service")
    }

    fn body(&self) -> Value {
        let inner = self.0.lock().expect("no panic");
        serde_json::from_str(&inner.heard.last().expect("a request").3).expect("JSON")
    }

    fn count(&self) -> usize {
        self.0.lock().expect("no panic").heard.len()
    }
}

async fn hear(
    State(service): State<Service>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let (answer, hangs) = {
        let mut inner = service.0.lock().expect("no panic");
        let text = String::from_utf8(body.to_vec()).expect("UTF-8");
        inner.heard.push((method, uri, headers.clone(), text));
        let key = headers.get("x-line-retry-key").and_then(|key| key.to_str().ok());
        let is_good = inner.status.is_success();
        let is_known = key.is_some_and(|key| inner.taken.contains(key));
        if let Some(key) = key.filter(|_| is_good) {
            inner.taken.insert(key.to_owned());
        }
        let status = if is_known { StatusCode::CONFLICT } else { inner.status };
        let mut answer = (status, inner.answer.clone()).into_response();
        if let Some(wait) = inner.retry_after {
            answer.headers_mut().insert(RETRY_AFTER, wait.parse().expect("ASCII"));
        }
        (answer, std::mem::take(&mut inner.takes_and_hangs))
    };
    if hangs {
        std::future::pending::<()>().await;
    }
    answer
}

/// A secret in a file, and the kinds, each with the address of its service and what that answers.
struct Town {
    folder: tempfile::TempDir,
    service: Service,
    address: SocketAddr,
}

const CANARY: &str = "zz-canary-0123456789";

impl Town {
    async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("secret"), CANARY).expect("written");
        let (service, address) = Service::start().await;
        Self { folder, service, address }
    }

    fn channel(&self, kind: &str) -> Box<dyn Channel> {
        let file = self.folder.path().join("secret");
        let (file, address) = (file.display(), self.address);
        let account = "account: AC1, from: '+815012345678'";
        let text = match kind {
            "line" => {
                format!("token_file: {file}, channel_secret_file: {file}, api: 'http://{address}'")
            }
            "slack_api" => format!(
                "token_file: {file}, signing_secret_file: {file}, channel: C1, api: 'http://{address}'"
            ),
            "ntfy" => format!("token_file: {file}, api: 'http://{address}'"),
            "twilio_call" | "twilio_sms" => {
                format!("token_file: {file}, {account}, api: 'http://{address}'")
            }
            "pagerduty" => {
                format!("routing_key_file: {file}, source: tokyo, api: 'http://{address}'")
            }
            _ => format!("url: 'http://{address}/hook/{CANARY}'"),
        };
        let spec = spec(&format!("{{kind: {kind}, timeout: 5s, {text}}}"));
        assert!(!format!("{spec:?}").contains(CANARY), "{spec:?}");
        spec.make(&Safe::default())
    }

    async fn tell(&self, kind: &str, notice: &NoticeOwed, receipt: Option<&str>) -> Told {
        let answers = Answers {
            base: "https://hikeshi.example.jp".into(),
            channel: "phone".into(),
            link: "L1NK.S1G".into(),
            hook: "H00K.S1G".into(),
        };
        let message = Message {
            address: Some("+819012345678"),
            receipt,
            answers: notice.to.is_some().then_some(&answers),
            ..Message::new(notice, began())
        };
        self.channel(kind).tell(&message).await
    }
}

const KINDS: [(&str, &str); 11] = [
    ("line", r#"{"sentMessages": [{"id": "461230966842064897"}]}"#),
    ("slack_api", r#"{"ok": true, "channel": "C1", "ts": "1764380000.000100"}"#),
    ("teams", ""),
    ("discord", ""),
    ("mattermost", "ok"),
    ("google_chat", r#"{"name": "spaces/1/messages/2"}"#),
    ("ntfy", r#"{"id": "hwQ2YpKdmg", "event": "message"}"#),
    ("twilio_call", r#"{"sid": "CA1", "status": "queued"}"#),
    ("twilio_sms", r#"{"sid": "SM1", "status": "queued"}"#),
    ("pagerduty", r#"{"status": "success", "dedup_key": "tokyo/incident-7"}"#),
    ("alertmanager", ""),
];

fn is_room(kind: &str) -> bool {
    !["line", "ntfy", "twilio_call", "twilio_sms"].contains(&kind)
}

fn for_kind(kind: &str) -> NoticeOwed {
    NoticeOwed { to: (!is_room(kind)).then(|| "sato".into()), ..notice() }
}

/// A45-A47: what each service gets, as recorded.
#[tokio::test]
async fn each_kind_sends_what_was_recorded() {
    let town = Town::new().await;
    for (kind, answer) in KINDS {
        let status = if kind == "twilio_call" || kind == "twilio_sms" { 201 } else { 200 };
        town.service.answers(status, None, answer);
        let told = town.tell(kind, &for_kind(kind), None).await;
        assert_eq!(told.outcome, Delivery::Delivered, "{kind}: {told:?}");
        let sent = town.service.last(town.address);
        let file =
            PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("tests/golden/{kind}.txt"));
        if std::env::var_os("HIKESHI_WRITE").is_some() {
            std::fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
            std::fs::write(&file, &sent).expect("written");
        }
        let recorded = std::fs::read_to_string(&file).unwrap_or_default();
        assert_eq!(sent, recorded, "{kind}: HIKESHI_WRITE=1 writes what is sent now");
    }
}

/// 401, 403 and 404 never pass: the next way is used at once. 429 is waited for as long as the service asks.
#[tokio::test]
async fn what_an_answer_means_is_the_same_for_every_kind() {
    let town = Town::new().await;
    for (kind, _) in KINDS {
        for status in [400, 401, 403, 404] {
            town.service.answers(status, None, &format!("no {CANARY}"));
            let told = town.tell(kind, &for_kind(kind), None).await;
            assert_eq!(told.outcome, Delivery::Hopeless, "{kind} {status}: {told:?}");
            assert!(!told.detail.contains(CANARY), "{kind}: {told:?}");
        }
        town.service.answers(429, Some("30"), "slow down");
        // LINE knows the key by now; another notice has another one.
        let other = NoticeOwed { body: "another".into(), ..for_kind(kind) };
        let told = town.tell(kind, &other, None).await;
        assert_eq!(told.outcome, Delivery::TryAgain, "{kind}: {told:?}");
        assert_eq!(told.wait, Some(Duration::from_secs(30)), "{kind}: {told:?}");
        town.service.answers(503, None, "");
        let third = NoticeOwed { body: "a third".into(), ..for_kind(kind) };
        let told = town.tell(kind, &third, None).await;
        assert_eq!((told.outcome, told.wait), (Delivery::TryAgain, None), "{kind}: {told:?}");
    }
}

/// The service took it, and its answer was lost: the same key again is a second attempt and never a second page.
#[tokio::test]
async fn a_retry_by_key_is_never_a_second_page() {
    let town = Town::new().await;
    town.service.0.lock().expect("no panic").takes_and_hangs = true;
    let notice = for_kind("line");
    let channel = spec(&format!(
        "{{kind: line, timeout: 100ms, token_file: {}, api: 'http://{}'}}",
        town.folder.path().join("secret").display(),
        town.address
    ))
    .make(&Safe::default());
    let message = Message { address: Some("U1"), ..Message::new(&notice, began()) };
    assert_eq!(channel.tell(&message).await.outcome, Delivery::TryAgain);
    let again = town.tell("line", &notice, None).await;
    assert_eq!(again.outcome, Delivery::Delivered, "{again:?}");
    assert!(again.detail.starts_with("taken before"), "{again:?}");
    assert_eq!(town.service.count(), 2);
    assert_eq!(town.service.0.lock().expect("no panic").taken.len(), 1);
}

/// The line that warns of a possible repeat changes the text, and not the key.
#[tokio::test]
async fn a_possible_repeat_is_marked_and_keeps_its_key() {
    let town = Town::new().await;
    let notice = for_kind("line");
    assert_eq!(town.tell("line", &notice, None).await.outcome, Delivery::Delivered);
    let message = Message {
        address: Some("U1"),
        again: Some("(possibly a repeat)"),
        ..Message::new(&notice, began())
    };
    let told = town.channel("line").tell(&message).await;
    assert!(told.detail.starts_with("taken before"), "{told:?}");
    let text = town.service.body()["messages"][0]["text"].as_str().expect("a text").to_owned();
    assert!(text.contains("\n(possibly a repeat)\n"), "{text}");
}

/// The answer to the first message names the thread; the later ones are in it, and what is urgent is seen in the room.
#[tokio::test]
async fn slack_answers_in_the_thread_of_the_incident() {
    let town = Town::new().await;
    town.service.answers(200, None, KINDS[1].1);
    let first = town.tell("slack_api", &for_kind("slack_api"), None).await;
    let thread = first.receipt.expect("a thread");
    assert_eq!(thread, "1764380000.000100");
    for (event, is_loud) in [
        (Event::Update, false),
        (Event::Repeated, false),
        (Event::Escalated, true),
        (Event::Resolved, true),
    ] {
        let later = NoticeOwed { event, ..for_kind("slack_api") };
        town.tell("slack_api", &later, Some(&thread)).await;
        let body = town.service.body();
        assert_eq!(
            (&body["thread_ts"], &body["reply_broadcast"]),
            (&json!(thread), &json!(is_loud))
        );
        let has_button = body["blocks"].as_array().expect("blocks").len() == 2;
        assert_eq!(has_button, event != Event::Resolved, "nobody acknowledges what is over");
    }
}

#[tokio::test]
async fn slack_refuses_with_a_200() {
    let town = Town::new().await;
    for (answer, outcome) in [
        (r#"{"ok": false, "error": "invalid_auth"}"#, Delivery::Hopeless),
        (r#"{"ok": false, "error": "channel_not_found"}"#, Delivery::Hopeless),
        (r#"{"ok": false, "error": "ratelimited"}"#, Delivery::TryAgain),
        ("<html>a captive portal</html>", Delivery::TryAgain),
    ] {
        town.service.answers(200, None, answer);
        let told = town.tell("slack_api", &for_kind("slack_api"), None).await;
        assert_eq!(told.outcome, outcome, "{answer}: {told:?}");
    }
}

/// Text of alerts is hostile: no markup, no mention, no TwiML, nothing in a header, and never longer than allowed.
#[tokio::test]
async fn hostile_text_is_text_everywhere() {
    let town = Town::new().await;
    let evil = "<!channel> <users/all> @everyone [x](http://evil) *b* \"</Say><Hangup/>\r\nX-Evil: 1\u{1b}[2J & ";
    for (kind, answer) in KINDS {
        town.service.answers(200, None, answer);
        let hostile =
            NoticeOwed { subject: evil.into(), body: evil.repeat(5000), ..for_kind(kind) };
        let told = town.tell(kind, &hostile, None).await;
        assert_eq!(told.outcome, Delivery::Delivered, "{kind}: {told:?}");
        let sent = town.service.last(town.address);
        let (head, body) = sent.split_once("\n\n").expect("a body");
        assert!(!head.contains("Evil") && !head.contains("evil"), "{kind}: {head}");
        assert!(!body.contains('\u{1b}'), "{kind}");
        let limit = match kind {
            "teams" => 28_000,
            "pagerduty" | "alertmanager" => 512_000,
            "mattermost" => 70_000,
            _ => 16_000,
        };
        assert!(sent.len() < limit, "{kind}: {}", sent.len());
        match kind {
            "slack_api" => assert!(!body.contains("<!") && !body.contains("@everyone"), "{body}"),
            "google_chat" => assert!(!body.contains("<users"), "{body}"),
            "discord" => {
                assert_eq!(town.service.body()["allowed_mentions"], json!({"parse": []}));
                let content = town.service.body()["content"].as_str().expect("text").to_owned();
                assert!(content.encode_utf16().count() <= 2000 && content.contains("\\[x\\]"));
            }
            "mattermost" => assert!(!body.contains("@everyone") && body.contains("\\\\[x\\\\]")),
            "twilio_call" => {
                let twiml = body.lines().find(|line| line.starts_with("Twiml")).expect("TwiML");
                let twiml = twiml.to_owned() + body.split_once("Twiml").expect("TwiML").1;
                assert!(!body.contains("<Hangup/>") && body.contains("&lt;/Say&gt;"), "{twiml}");
                let twiml = body.split_once("Twiml = ").expect("TwiML").1;
                let twiml = twiml.split("StatusCallback = ").next().expect("text");
                assert!(twiml.chars().count() <= 4000, "{}", twiml.chars().count());
            }
            "twilio_sms" => {
                let text = body.split_once("Body = ").expect("a text").1;
                let text = text.split("StatusCallback = ").next().expect("text");
                assert!(text.encode_utf16().count() <= 1600 && text.contains("7a"));
            }
            "line" => {
                let text =
                    town.service.body()["messages"][0]["text"].as_str().expect("t").to_owned();
                assert!(text.encode_utf16().count() <= 5001, "{}", text.encode_utf16().count());
            }
            "ntfy" => {
                let text = town.service.body()["message"].as_str().expect("a text").to_owned();
                assert!(text.len() <= 4096, "{}", text.len());
            }
            _ => {}
        }
    }
}

/// A resolve goes the way of the page: the same key, the other word.
#[tokio::test]
async fn an_incident_is_triggered_acknowledged_and_resolved_by_one_key() {
    let town = Town::new().await;
    let mut seen = Vec::new();
    for event in [Event::Firing, Event::Repeated, Event::Acknowledged, Event::Resolved] {
        let notice = NoticeOwed { event, ..for_kind("pagerduty") };
        town.tell("pagerduty", &notice, None).await;
        let body = town.service.body();
        assert_eq!(body["dedup_key"], "tokyo/incident-7");
        seen.push(body["event_action"].as_str().expect("a word").to_owned());
    }
    assert_eq!(seen, ["trigger", "trigger", "acknowledge", "resolve"]);

    let mut fingerprints = BTreeSet::new();
    for (event, status) in
        [(Event::Firing, "firing"), (Event::Update, "firing"), (Event::Resolved, "resolved")]
    {
        town.tell("alertmanager", &NoticeOwed { event, ..for_kind("alertmanager") }, None).await;
        let body = town.service.body();
        assert_eq!(
            (&body["status"], &body["alerts"][0]["status"]),
            (&json!(status), &json!(status))
        );
        fingerprints.insert(body["alerts"][0]["fingerprint"].to_string());
    }
    assert_eq!(fingerprints.len(), 1);
}

#[tokio::test]
async fn a_call_is_spoken_in_the_language_of_the_team_and_offers_keys_only_where_they_are_heard() {
    let town = Town::new().await;
    let notice = for_kind("twilio_call");
    let message = Message {
        address: Some("+819012345678"),
        language: Language::En,
        ..Message::new(&notice, began())
    };
    assert_eq!(town.channel("twilio_call").tell(&message).await.outcome, Delivery::Delivered);
    let sent = town.service.last(town.address);
    assert!(sent.contains("<Say language=\"en-US\">") && !sent.contains("Gather"), "{sent}");
    let test = NoticeOwed {
        about: About::Channel("phone".into(), "k7".into()),
        event: Event::Test,
        ..notice
    };
    assert_eq!(town.tell("twilio_call", &test, None).await.outcome, Delivery::Delivered);
    let sent = town.service.last(town.address);
    let closes = sent.contains("クローズ") || sent.contains("to close");
    assert!(sent.contains("Gather") && !closes, "there is no incident to close: {sent}");
}

/// C28: nobody is called by chance.
#[tokio::test]
async fn a_personal_kind_without_an_address_is_hopeless() {
    let town = Town::new().await;
    for kind in ["line", "ntfy", "twilio_call", "twilio_sms"] {
        for address in [None, Some("[電話番号]")] {
            let notice = for_kind(kind);
            let message = Message { address, ..Message::new(&notice, began()) };
            let told = town.channel(kind).tell(&message).await;
            assert_eq!(told.outcome, Delivery::Hopeless, "{kind}: {told:?}");
        }
    }
    assert_eq!(town.service.count(), 0);
}

/// L-uptime-kuma-1: a name that does not resolve may resolve later.
#[tokio::test]
async fn without_dns_it_is_tried_again() {
    let notice = for_kind("teams");
    let channel = spec("{kind: teams, url: 'http://no-such-host.invalid/x', timeout: 5s}")
        .make(&Safe::default());
    let told = tell(&*channel, &notice, None).await;
    assert_eq!(told.outcome, Delivery::TryAgain, "{told:?}");
}
