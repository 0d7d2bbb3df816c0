//! Calls of Google's servers: bounded in time and bytes, never redirected, and what their answers mean.

use crate::miss::Miss;
use egress::http::{self, innermost};
use reqwest::{Client, RequestBuilder, StatusCode, Url};
use serde::Deserialize;
use source::Hidden;
use std::{sync::OnceLock, time::Duration};
use zeroize::Zeroizing;

/// A server that is not connected to by then is not reached.
const CONNECT: Duration = Duration::from_secs(2);
/// A secret has at most 64 KiB (Secret Manager's quota), and a third more in Base64.
const BODY_BYTES: usize = 128 << 10;

/// Calls; makes its client when it is first needed.
#[derive(Default)]
pub(super) struct Caller(OnceLock<Result<Client, String>>);

/// An answer.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) body: Zeroizing<Vec<u8>>,
    /// Whether a metadata server answered.
    pub(super) is_google: bool,
}

#[derive(Deserialize)]
struct Refusal {
    error: Reason,
}

/// Google's own errors have a status beside the code; those of the token's server are one word.
#[derive(Deserialize)]
#[serde(untagged)]
enum Reason {
    Status { status: String },
    Word(String),
}

impl Answer {
    /// `Secret Manager: HTTP 403 PERMISSION_DENIED`. Words from outside are only taken where they can be nothing else.
    pub(super) fn said(&self, who: &str) -> String {
        let refusal = serde_json::from_slice(&self.body).ok();
        let word = refusal.map(|Refusal { error }| match error {
            Reason::Status { status } => status,
            Reason::Word(word) => word,
        });
        let is_word = |word: &String| {
            word.len() <= 40 && word.bytes().all(|b| b.is_ascii_alphabetic() || b == b'_')
        };
        let word = word.filter(is_word).map_or_else(String::new, |word| format!(" {word}"));
        format!("{who}: HTTP {}{word}", self.status.as_u16())
    }

    /// What an answer without what was asked for means. Too many requests and trouble of the server say nothing of the
    /// secret; neither does a redirect, which no server of Google's answers with.
    pub(super) fn refusal(&self, who: &str) -> Miss {
        let said = self.said(who);
        match self.status.as_u16() {
            408 | 425 | 429 => Miss::Unreachable(said),
            400..500 => Miss::Denied(said),
            _ => Miss::Unreachable(said),
        }
    }
}

impl Caller {
    /// Asks, with a token.
    pub(super) async fn get(&self, url: Url, token: &Hidden) -> Result<Answer, Miss> {
        self.send(|client| client.get(url).bearer_auth(token.reveal())).await
    }

    /// Sends a request and reads the answer, as far as its limit.
    pub(super) async fn send(
        &self,
        request: impl FnOnce(&Client) -> RequestBuilder,
    ) -> Result<Answer, Miss> {
        let client = self.0.get_or_init(client).as_ref();
        let client = client.map_err(|why| Miss::Unreachable(why.clone()))?;
        let mut response = request(client).send().await.map_err(|error| unreachable(&error))?;
        let is_google = response.headers().get("metadata-flavor").is_some_and(|it| it == "Google");
        let status = response.status();
        let mut body = Zeroizing::new(Vec::with_capacity(BODY_BYTES));
        while let Some(piece) = response.chunk().await.map_err(|error| unreachable(&error))? {
            if body.len() + piece.len() > BODY_BYTES {
                return Err(Miss::Unreachable("the answer is too long for a secret".into()));
            }
            body.extend_from_slice(&piece);
        }
        Ok(Answer { status, body, is_google })
    }
}

fn unreachable(error: &reqwest::Error) -> Miss {
    Miss::Unreachable(format!("Google cannot be reached: {}", innermost(error)))
}

/// The URL, when nobody on the way can read what is sent to it.
pub(super) fn encrypted(url: &str) -> Result<Url, Miss> {
    url.parse::<Url>().ok().filter(http::is_guarded).ok_or_else(|| {
        Miss::Denied("the address for Google is no https URL; nothing is sent there".into())
    })
}

/// A machine without certificates reaches its own server for metadata, and nobody else.
fn client() -> Result<Client, String> {
    http::client().connect_timeout(CONNECT).build().map_err(|error| innermost(&error))
}
