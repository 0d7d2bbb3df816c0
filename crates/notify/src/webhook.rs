//! Channel kind `webhook`: a JSON document to any URL, signed when a secret is given. With `personal` it is a phone gateway.
//!
//! The document, which only ever grows:
//!
//! ```json
//! {"version": 1, "notice": "N12", "attempt": 1, "event": "firing",
//!  "about": {"incident": "INC-7"}, "priority": "P0", "level": null,
//!  "to": "sato", "address": "+819012345678", "subject": "[P0] …", "body": "…"}
//! ```
//!
//! `about` is `{"incident": "INC-7"}` or `{"alert": "service_down@api-1"}`. Where the person can answer on a page, `link`
//! is its address. `event` is `firing`, `raised`,
//! `escalated`, `repeated`, `update`, `handover`, `resolved`, `reminder`, `approval`, `acknowledged` or `test`. The header `Idempotency-Key` is the same over all
//! attempts. With a secret, `X-Hikeshi-Timestamp` holds Unix seconds and `X-Hikeshi-Signature` holds
//! `sha256=` and, in hex, HMAC-SHA256 over timestamp, a full stop, and the body.

use crate::{
    channel::{Channel, Kind, Message, Settings, Told},
    endpoint::Endpoint,
    identity, outside,
    post::Poster,
};
use domain::{
    fact::{About, Event},
    ids::ContactName,
    said::Said,
    severity::{Level, Priority},
};
use futures::future::BoxFuture;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use reqwest::{
    Url,
    header::{HeaderMap, HeaderName, HeaderValue},
};
use secrets::Reader;
use serde::Serialize;
use sha2::Sha256;
use source::{Fields, Hidden, Node, Problems, Secret};
use std::sync::Arc;

/// The row of the table.
pub(crate) const KIND: Kind = Kind {
    name: "webhook",
    summary: (
        "任意の URL に JSON を送る (署名つき)。`personal: true` なら電話・SMS ゲートウェイ",
        "posts JSON, signed, to any URL; with `personal: true` a gateway to phones",
    ),
    example: "\
kind: webhook
url: https://phone.example.jp/call   # or secret:NAME; or url_env, url_file
personal: true                    # each contact has an address here; false: a room
pager: true                       # it wakes people up
headers: {X-Team: sre}
headers_env: {Authorization: PHONE_TOKEN}   # or in headers: {Authorization: secret:NAME}
secret: secret:phone              # or secret_env, secret_file: signs the document
timeout: 10s
",
    parse,
};

#[derive(Clone, Debug)]
struct Webhook {
    endpoint: Endpoint,
    personal: bool,
    headers: Vec<(HeaderName, HeaderValue)>,
    secret_headers: Vec<(HeaderName, Secret)>,
    secret: Option<Secret>,
}

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    notice: String,
    attempt: u32,
    event: Event,
    about: Subject,
    priority: Option<Priority>,
    level: Option<Level>,
    to: Option<&'a ContactName>,
    address: Option<&'a str>,
    subject: &'a str,
    body: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Subject {
    Incident(String),
    Alert(String),
    Alerts(Vec<String>),
    Silence(String),
    Run(String),
    Schedule(String),
    News(String),
    Channel(String),
    Digest(String),
}

fn parse(fields: &mut Fields<'_>, problems: &mut Problems) -> Option<Arc<dyn Settings>> {
    let endpoint = Endpoint::parse(fields, problems);
    let personal = fields.flag_or("personal", false, problems);
    let secret = Secret::take(fields, ["secret", "secret_env", "secret_file"], problems);
    let (mut headers, mut secret_headers) = (Vec::new(), Vec::new());
    for (name, node) in named(fields.optional("headers"), problems) {
        let Some(text) = node.text(problems) else { continue };
        if let Some(secret) = Secret::reference(&text, &node.place) {
            secret_headers.push((name, secret));
            continue;
        }
        match HeaderValue::from_str(&text) {
            Ok(mut value) => {
                // People write tokens here too: it is shown nowhere.
                value.set_sensitive(true);
                headers.push((name, value));
            }
            Err(_) => problems.add(
                &node.place,
                Said::new(
                    "ヘッダーに使えない文字があります",
                    "this has characters that no header may have",
                ),
            ),
        }
    }
    for (name, node) in named(fields.optional("headers_env"), problems) {
        secret_headers.extend(node.text(problems).map(|variable| (name, Secret::Env(variable))));
    }
    Some(Arc::new(Webhook { endpoint: endpoint?, personal, headers, secret_headers, secret }))
}

fn named<'a>(node: Option<&'a Node>, problems: &mut Problems) -> Vec<(HeaderName, &'a Node)> {
    let entries = node.and_then(|node| node.entries(problems)).unwrap_or_default();
    let mut names = Vec::new();
    for (name, place, value) in entries {
        match name.parse() {
            Ok(name) => names.push((name, value)),
            Err(_) => problems.add(
                place,
                Said::new(
                    format!("`{name}` はヘッダー名ではありません"),
                    format!("`{name}` is not a header name"),
                ),
            ),
        }
    }
    names
}

impl Settings for Webhook {
    fn is_room(&self) -> bool {
        !self.personal
    }

    fn secrets(&self) -> Vec<Secret> {
        let headers = self.secret_headers.iter().map(|(_, secret)| secret);
        self.secret.iter().chain(self.endpoint.secret()).chain(headers).cloned().collect()
    }

    fn make(&self, reader: Reader) -> Box<dyn Channel> {
        Box::new(Hook { webhook: self.clone(), poster: Poster::new(), reader })
    }
}

struct Hook {
    webhook: Webhook,
    poster: Poster,
    reader: Reader,
}

impl Channel for Hook {
    fn tell<'a>(&'a self, message: &'a Message<'a>) -> BoxFuture<'a, Told> {
        Box::pin(async move {
            if self.webhook.personal && message.address.is_none() {
                return Told::hopeless("this channel needs an address; give the contact one");
            }
            let json = document(message);
            match self.ready(message, &json).await {
                Ok((url, headers)) => self.poster.post(url, headers, json).await,
                // A secret that is missing can be put there; the notice is not given up for that.
                Err(why) => Told::try_again(why),
            }
        })
    }
}

impl Hook {
    async fn ready(&self, message: &Message<'_>, json: &str) -> Result<(Url, HeaderMap), String> {
        let Self { webhook, reader, .. } = self;
        let headers = webhook.headers(reader, message, json, Timestamp::now()).await?;
        Ok((webhook.endpoint.url(reader).await?, headers))
    }
}

fn document(message: &Message<'_>) -> String {
    let notice = message.notice;
    let document = Document {
        version: 1,
        notice: notice.id.to_string(),
        attempt: message.attempt,
        event: notice.event,
        about: match &notice.about {
            About::Incident(id) => Subject::Incident(id.to_string()),
            About::Alert(key) => Subject::Alert(key.to_string()),
            About::Alerts(keys) => Subject::Alerts(keys.iter().map(ToString::to_string).collect()),
            About::Silence(id) => Subject::Silence(id.to_string()),
            About::Run(id) => Subject::Run(id.to_string()),
            About::Schedule(name) => Subject::Schedule(name.to_string()),
            About::News(id) => Subject::News(id.to_string()),
            About::Channel(name, _) => Subject::Channel(name.to_string()),
            About::Digest(day) => Subject::Digest(day.to_string()),
        },
        priority: notice.priority,
        level: notice.level,
        to: notice.to.as_ref(),
        address: message.address,
        subject: &outside::line(&notice.subject),
        body: &message.text(),
        link: message.answers.map(|answers| answers.link()),
    };
    serde_json::to_string(&document).expect("text and numbers always become JSON")
}

impl Webhook {
    async fn headers(
        &self,
        reader: &Reader,
        message: &Message<'_>,
        json: &str,
        now: Timestamp,
    ) -> Result<HeaderMap, String> {
        let mut headers: HeaderMap = self.headers.iter().cloned().collect();
        for (name, secret) in &self.secret_headers {
            let value = HeaderValue::from_str(reader.read(secret).await?.reveal());
            let mut value = value.map_err(|_| {
                format!("the secret for the header {name} has characters that no header may have")
            })?;
            value.set_sensitive(true);
            headers.insert(name.clone(), value);
        }
        headers.insert("idempotency-key", ascii(&identity::key(message.notice)));
        if let Some(secret) = &self.secret {
            let second = now.as_second();
            headers.insert("x-hikeshi-timestamp", HeaderValue::from(second));
            let secret = reader.read(secret).await?;
            let signature = sign(&secret, &format!("{second}.{json}"));
            headers.insert("x-hikeshi-signature", ascii(&format!("sha256={signature}")));
        }
        Ok(headers)
    }
}

fn ascii(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).expect("hex digits and letters")
}

fn sign(secret: &Hidden, text: &str) -> String {
    let mut mac =
        Hmac::<Sha256>::new_from_slice(secret.reveal().as_bytes()).expect("a key of any length");
    mac.update(text.as_bytes());
    identity::hex(&mac.finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4231, test case 2.
    #[test]
    fn the_signature_is_the_one_of_the_standard() {
        let signature = sign(&Hidden::from("Jefe".to_owned()), "what do ya want for nothing?");
        assert_eq!(signature, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    }
}
