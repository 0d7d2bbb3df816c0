//! A server that speaks as Google's servers do: for metadata, for tokens, and Secret Manager. It can deny, hang, lie and break.

use axum::{
    Router,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

/// What Secret Manager does now.
#[derive(Clone, Debug, PartialEq)]
pub enum Mood {
    /// Gives this secret to whoever shows a token that holds.
    Gives(String),
    /// Answers with this status and word.
    Says(u16, &'static str),
    /// Takes the request and says nothing.
    Hangs,
    /// Answers with something else.
    Babbles,
    /// Gives a secret that was damaged on the way.
    Damages,
}

/// The server.
#[derive(Clone)]
pub struct FakeGoogle {
    /// Where it is.
    pub address: SocketAddr,
    world: Arc<Mutex<World>>,
}

struct World {
    mood: Mood,
    token: u32,
    has_account: bool,
    calls: BTreeMap<&'static str, u32>,
    assertion: Option<String>,
}

impl World {
    fn count(&mut self, what: &'static str) {
        *self.calls.entry(what).or_default() += 1;
    }
}

impl FakeGoogle {
    /// Starts it on a free port. Needs a running tokio.
    pub async fn start(mood: Mood) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("bound");
        let calls = BTreeMap::new();
        let world = World { mood, token: 1, has_account: true, calls, assertion: None };
        let world = Arc::new(Mutex::new(world));
        let router = Router::new()
            .route("/computeMetadata/v1/instance/service-accounts/default/token", get(metadata))
            .route("/token", post(exchange))
            .route("/v1/{*name}", get(access))
            .with_state(world.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, world }
    }

    /// From now on it behaves so.
    pub fn set(&self, mood: Mood) {
        self.world.lock().expect("no panic").mood = mood;
    }

    /// The machine has no service account.
    pub fn without_account(&self) {
        self.world.lock().expect("no panic").has_account = false;
    }

    /// Every token that was given is worth nothing any more.
    pub fn revoke_tokens(&self) {
        self.world.lock().expect("no panic").token += 1;
    }

    /// How often something was asked for: `token`, `secret`.
    pub fn calls(&self, what: &'static str) -> u32 {
        self.world.lock().expect("no panic").calls.get(what).copied().unwrap_or_default()
    }

    /// What a key file was last used for.
    pub fn assertion(&self) -> Option<String> {
        self.world.lock().expect("no panic").assertion.clone()
    }

    /// The variables that make Google's programs talk to it.
    pub fn variables(&self) -> [(&'static str, String); 2] {
        [
            ("GCE_METADATA_HOST", self.address.to_string()),
            ("CLOUDSDK_API_ENDPOINT_OVERRIDES_SECRETMANAGER", format!("http://{}/", self.address)),
        ]
    }
}

type Shared = State<Arc<Mutex<World>>>;

async fn metadata(State(world): Shared, headers: HeaderMap) -> Response {
    let mut world = world.lock().expect("no panic");
    world.count("token");
    let flavor = [("metadata-flavor", "Google")];
    if headers.get("metadata-flavor").is_none_or(|it| it != "Google") {
        return (StatusCode::FORBIDDEN, flavor).into_response();
    }
    if !world.has_account {
        return (StatusCode::NOT_FOUND, flavor).into_response();
    }
    (flavor, token(&world)).into_response()
}

fn token(world: &World) -> String {
    format!(
        r#"{{"access_token": "token-{}", "expires_in": 3599, "token_type": "Bearer"}}"#,
        world.token
    )
}

async fn exchange(State(world): Shared, body: Bytes) -> String {
    let mut world = world.lock().expect("no panic");
    world.count("token");
    world.assertion = Some(String::from_utf8_lossy(&body).into_owned());
    token(&world)
}

async fn access(State(world): Shared, Path(name): Path<String>, headers: HeaderMap) -> Response {
    let (mood, expected) = {
        let mut world = world.lock().expect("no panic");
        world.count("secret");
        (world.mood.clone(), format!("Bearer token-{}", world.token))
    };
    if headers.get("authorization").is_none_or(|it| *it != expected) {
        return error(401, "UNAUTHENTICATED");
    }
    match mood {
        Mood::Gives(value) => payload(&name, &value, &value),
        Mood::Damages => payload(&name, "damaged", "sent"),
        Mood::Says(status, word) => error(status, word),
        Mood::Hangs => std::future::pending().await,
        Mood::Babbles => "<html>Welcome to the hotel</html>".into_response(),
    }
}

fn error(status: u16, word: &str) -> Response {
    let status = StatusCode::from_u16(status).expect("a status");
    let code = status.as_u16();
    (status, format!(r#"{{"error": {{"code": {code}, "message": "m", "status": "{word}"}}}}"#))
        .into_response()
}

fn payload(name: &str, value: &str, sent: &str) -> Response {
    let name = name.trim_end_matches(":access");
    let (data, checksum) = (STANDARD.encode(value), crc32c(sent.as_bytes()));
    format!(r#"{{"name": "{name}", "payload": {{"data": "{data}", "dataCrc32c": "{checksum}"}}}}"#)
        .into_response()
}

/// CRC-32C by the table that RFC 3720 describes: not the code that is tested.
fn crc32c(bytes: &[u8]) -> u32 {
    let table: Vec<u32> = (0..256)
        .map(|index| {
            (0..8).fold(index, |c, _| if c & 1 == 1 { 0x82f6_3b78 ^ (c >> 1) } else { c >> 1 })
        })
        .collect();
    !bytes.iter().fold(u32::MAX, |crc, byte| table[usize::from((crc as u8) ^ byte)] ^ (crc >> 8))
}
