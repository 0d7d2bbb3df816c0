//! A provider on this machine, by the standard unless it is told otherwise. Its keys sign by ES256.

use axum::{
    Json, Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use openid::Return;
use reqwest::Url;
use ring::{
    hmac,
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use std::{
    collections::BTreeMap,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, MutexGuard},
};

pub const CLIENT: &str = "hikeshi";
pub const SECRET: &str = "a secret: with / and +";
/// Tokens are made at this time.
pub const NOW: &str = "2026-11-29T18:00:00Z";

/// A token that the provider did not make like this.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forged {
    /// Signed by nobody, `alg: none`.
    Nothing,
    /// Signed with a secret that everybody has: the public key.
    WithThePublicKey,
    /// Signed with somebody's own key, under the name of the provider's.
    ByAnotherKey,
    /// Signed with a key that the provider does not have.
    ByAnUnknownKey,
    /// With an extension that must be understood.
    WithAnExtension,
    /// There is none.
    NoToken,
    /// It is none.
    Garbage,
}

/// How the whole provider misbehaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Broken {
    Redirects,
    Floods,
    Fails,
    HasNoKeys,
}

struct Mind {
    issuer: String,
    key: EcdsaKeyPair,
    key_name: String,
    claims: Map<String, Value>,
    userinfo: Value,
    document: Map<String, Value>,
    forged: Option<Forged>,
    broken: Option<Broken>,
    methods: Option<Value>,
    shown: Option<&'static str>,
    asked: BTreeMap<&'static str, usize>,
    /// By code: the nonce, the challenge, and whether it was used.
    codes: Vec<(String, String, bool)>,
}

#[derive(Clone)]
pub struct Fake(Arc<Mutex<Mind>>);

impl Fake {
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
        let listener = listener.expect("a port");
        let fake = Self::at(listener.local_addr().expect("bound"));
        let routes = Router::new()
            .route("/.well-known/openid-configuration", get(discovery))
            .route("/keys", get(keys))
            .route("/token", post(token))
            .route("/userinfo", get(userinfo))
            .with_state(fake.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        fake
    }

    /// Nobody listens there.
    pub fn nowhere() -> Self {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        Self::at(listener.local_addr().expect("bound"))
    }

    fn at(address: SocketAddr) -> Self {
        Self(Arc::new(Mutex::new(Mind {
            issuer: format!("http://{address}"),
            key: new_key(),
            key_name: "key-1".into(),
            claims: Map::new(),
            userinfo: json!({"sub": "sub-sato"}),
            document: Map::new(),
            forged: None,
            broken: None,
            methods: None,
            shown: None,
            asked: BTreeMap::new(),
            codes: Vec::new(),
        })))
    }

    fn mind(&self) -> MutexGuard<'_, Mind> {
        self.0.lock().expect("no test panics while it holds it")
    }

    pub fn issuer(&self) -> String {
        self.mind().issuer.clone()
    }

    /// Somebody signs in there: what their browser brings back.
    pub fn visit(&self, url: &Url) -> Return {
        let query: BTreeMap<_, _> = url.query_pairs().into_owned().collect();
        let mut mind = self.mind();
        mind.codes.push((query["nonce"].clone(), query["code_challenge"].clone(), false));
        Return {
            state: query["state"].clone(),
            code: Some((mind.codes.len() - 1).to_string()),
            error: None,
            iss: Some(mind.issuer.clone()),
        }
    }

    pub fn asked(&self, what: &str) -> usize {
        self.mind().asked.get(what).copied().unwrap_or_default()
    }

    /// The next tokens claim this; null: nothing of it.
    pub fn claim(&self, name: &str, value: Value) {
        self.mind().claims.insert(name.to_owned(), value);
    }

    pub fn claim_nothing_else(&self) {
        self.mind().claims.clear();
    }

    pub fn userinfo(&self, value: Value) {
        self.mind().userinfo = value;
    }

    pub fn document(&self, value: Value) {
        self.mind().document = value.as_object().cloned().expect("an object");
    }

    pub fn forge(&self, forged: Option<Forged>) {
        self.mind().forged = forged;
    }

    pub fn breaks(&self, broken: Option<Broken>) {
        self.mind().broken = broken;
    }

    pub fn rotate(&self) {
        let mut mind = self.mind();
        mind.key = new_key();
        mind.key_name = "key-2".into();
    }

    /// From now on whoever asks for tokens shows the secret, in one of these ways.
    pub fn takes_secrets(&self, methods: Option<Value>) {
        self.mind().methods = Some(methods.unwrap_or(Value::Null));
    }

    pub fn secret_shown(&self) -> Option<&'static str> {
        self.mind().shown
    }
}

fn new_key() -> EcdsaKeyPair {
    let random = SystemRandom::new();
    let bytes = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random);
    let bytes = bytes.expect("made");
    EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, bytes.as_ref(), &random)
        .expect("just made")
}

async fn discovery(State(fake): State<Fake>) -> Response {
    let mut mind = fake.mind();
    *mind.asked.entry("discovery").or_default() += 1;
    match mind.broken {
        Some(Broken::Redirects) => {
            return (StatusCode::FOUND, [(header::LOCATION, "/elsewhere")]).into_response();
        }
        Some(Broken::Floods) => return "x".repeat((1 << 20) + 1).into_response(),
        Some(Broken::Fails) => return StatusCode::SERVICE_UNAVAILABLE.into_response(),
        Some(Broken::HasNoKeys) | None => {}
    }
    let issuer = &mind.issuer;
    let mut document = json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/keys"),
        "userinfo_endpoint": format!("{issuer}/userinfo"),
    });
    if let Some(methods) = mind.methods.as_ref().filter(|methods| !methods.is_null()) {
        document["token_endpoint_auth_methods_supported"] = methods.clone();
    }
    for (name, value) in &mind.document {
        document[name] = value.clone();
    }
    Json(document).into_response()
}

async fn keys(State(fake): State<Fake>) -> Json<Value> {
    let mut mind = fake.mind();
    *mind.asked.entry("keys").or_default() += 1;
    // Keys for something else, of a kind that nobody knows, or that everybody has, are passed over.
    let mut keys = vec![
        json!({"kty": "quantum", "kid": "odd", "q": 7}),
        json!({"kty": "oct", "kid": "shared", "k": "c2VjcmV0"}),
        json!({"no": "key"}),
    ];
    let point = mind.key.public_key().as_ref();
    let part = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let purpose = if mind.broken == Some(Broken::HasNoKeys) { "enc" } else { "sig" };
    keys.push(json!({
        "kty": "EC", "crv": "P-256", "kid": mind.key_name, "use": purpose, "alg": "ES256",
        "x": part(&point[1..33]), "y": part(&point[33..]),
    }));
    Json(json!({ "keys": keys }))
}

async fn token(State(fake): State<Fake>, headers: HeaderMap, body: Bytes) -> Response {
    let mut mind = fake.mind();
    *mind.asked.entry("token").or_default() += 1;
    let refused =
        |error: &str| (StatusCode::BAD_REQUEST, Json(json!({"error": error}))).into_response();
    let given: BTreeMap<_, _> = form_urlencoded::parse(&body).into_owned().collect();
    if mind.methods.is_some() {
        mind.shown = shown(&headers, &given);
        if mind.shown.is_none() {
            return refused("invalid_client");
        }
    }
    let Some((nonce, challenge, is_used)) = given
        .get("code")
        .and_then(|code| code.parse().ok())
        .and_then(|at: usize| mind.codes.get_mut(at))
    else {
        return refused("invalid_grant");
    };
    let fits = URL_SAFE_NO_PAD.encode(Sha256::digest(&given["code_verifier"])) == *challenge;
    if *is_used || !fits {
        return refused("invalid_grant");
    }
    *is_used = true;
    let nonce = nonce.clone();
    let token = id_token(&mind, &nonce);
    let mut answer = json!({"access_token": "open", "token_type": "Bearer", "id_token": token});
    if mind.forged == Some(Forged::NoToken) {
        answer["id_token"].take();
    }
    Json(answer).into_response()
}

/// In which way the secret was shown, if it was.
fn shown(headers: &HeaderMap, given: &BTreeMap<String, String>) -> Option<&'static str> {
    let basic = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    if let Some(pair) = basic.and_then(|text| text.strip_prefix("Basic ")) {
        let pair = String::from_utf8(STANDARD.decode(pair).ok()?).ok()?;
        let (client, secret) = pair.split_once(':')?;
        let secret =
            form_urlencoded::parse(format!("s={secret}").as_bytes()).next()?.1.into_owned();
        return (client == CLIENT && secret == SECRET).then_some("basic");
    }
    let is_right = given.get("client_secret").is_some_and(|secret| secret == SECRET);
    is_right.then_some("post")
}

async fn userinfo(State(fake): State<Fake>, headers: HeaderMap) -> Response {
    let mut mind = fake.mind();
    *mind.asked.entry("userinfo").or_default() += 1;
    if headers.get(header::AUTHORIZATION).is_none_or(|value| value != "Bearer open") {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    Json(mind.userinfo.clone()).into_response()
}

fn id_token(mind: &Mind, nonce: &str) -> String {
    let second = NOW.parse::<jiff::Timestamp>().expect("a time").as_second();
    let mut claims = json!({
        "iss": mind.issuer, "sub": "sub-sato", "aud": CLIENT, "exp": second + 86_400, "iat": second,
        "nonce": nonce, "preferred_username": "sato", "groups": ["sre"],
    });
    for (name, value) in &mind.claims {
        match value {
            Value::Null => drop(claims.as_object_mut().expect("an object").remove(name)),
            value => claims[name] = value.clone(),
        }
    }
    let mut header = json!({"alg": "ES256", "kid": mind.key_name, "typ": "JWT"});
    match mind.forged {
        Some(Forged::Nothing) => header["alg"] = json!("none"),
        Some(Forged::WithThePublicKey) => header["alg"] = json!("HS256"),
        Some(Forged::ByAnUnknownKey) => header["kid"] = json!("made-up"),
        Some(Forged::WithAnExtension) => header["crit"] = json!(["b64"]),
        Some(Forged::Garbage) => return "not.a.token".into(),
        _ => {}
    }
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let message = format!("{}.{}", part(&header), part(&claims));
    let sign = |key: &EcdsaKeyPair| {
        let signature = key.sign(&SystemRandom::new(), message.as_bytes()).expect("signed");
        signature.as_ref().to_vec()
    };
    let signature = match mind.forged {
        Some(Forged::Nothing) => Vec::new(),
        Some(Forged::WithThePublicKey) => {
            let key = hmac::Key::new(hmac::HMAC_SHA256, mind.key.public_key().as_ref());
            hmac::sign(&key, message.as_bytes()).as_ref().to_vec()
        }
        Some(Forged::ByAnotherKey) => sign(&new_key()),
        _ => sign(&mind.key),
    };
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
}
