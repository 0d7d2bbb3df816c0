//! One HTTP POST and what its answer means: 2xx delivered; 408, 425, 429, 5xx and no answer try again, after the time that
//! `Retry-After` asks for; all else, such as 401, 403 and 404, is hopeless.

use crate::{channel::Told, endpoint, outside};
use egress::http::{self, innermost};
use jiff::Timestamp;
use reqwest::{
    Client, Response, StatusCode, Url,
    header::{CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER},
};
use std::time::Duration;

/// A part of a path that is this long may be a token.
const TOKEN: usize = 8;
/// As much of a refusal as is read.
const BODY_LIMIT: usize = 4096;
/// A refusal is known from its status; its text is waited for no longer than this.
const BODY_PATIENCE: Duration = Duration::from_secs(1);

/// Posts. Without a proxy and without following redirects: a message goes where the configuration says, or nowhere.
pub(crate) struct Poster {
    client: Result<Client, String>,
}

impl Poster {
    pub fn new() -> Self {
        let client = http::client().pool_max_idle_per_host(0).build();
        Self { client: client.map_err(|error| innermost(&error)) }
    }

    /// Posts JSON. Headers that are marked as sensitive, and the URL, appear in no detail.
    pub async fn post(&self, url: Url, headers: HeaderMap, json: String) -> Told {
        match self.send(url, headers, JSON, json).await {
            Ok(taken) => taken.told,
            Err(refused) => refused.told,
        }
    }

    /// Posts, and gives the answer for those that read it.
    ///
    /// # Errors
    /// What it means that the message was not taken, and the status.
    pub async fn send(
        &self,
        url: Url,
        headers: HeaderMap,
        content: &'static str,
        body: impl Into<reqwest::Body>,
    ) -> Result<Taken, Refused> {
        let host = endpoint::host(&url);
        let unsent = |why: String| Refused { status: None, told: Told::try_again(why) };
        let client = self.client.as_ref().map_err(|why| unsent(format!("{host}: {why}")))?;
        let path = url.path().to_owned();
        let query = url.query().unwrap_or_default().to_owned();
        let mut secrets = vec![url.as_str(), &path, &query];
        // The token of a hook is a part of its path.
        secrets.extend(path.split('/').filter(|part| part.len() >= TOKEN));
        let sensitive = headers.values().filter(|value| value.is_sensitive());
        secrets.extend(sensitive.filter_map(|value| value.to_str().ok()).flat_map(|value| {
            // A bearer is a word and the secret.
            [value, value.split_once(' ').map_or(value, |(_, secret)| secret)]
        }));
        let request = client
            .post(url.clone())
            .headers(headers.clone())
            .header(CONTENT_TYPE, HeaderValue::from_static(content))
            .body(body);
        match request.send().await {
            Ok(response) => judge(&host, response, &secrets).await,
            Err(error) => {
                let why = outside::shown(&innermost(&error), &secrets);
                Err(unsent(format!("{host}: {why}")))
            }
        }
    }
}

/// JSON, as a content type.
pub(crate) const JSON: &str = "application/json; charset=utf-8";
/// Bytes, as a content type.
pub(crate) const OCTETS: &str = "application/octet-stream";
/// The fields of a form, as a content type.
pub(crate) const FORM: &str = "application/x-www-form-urlencoded";

/// The other side took it.
pub(crate) struct Taken {
    /// Delivered, with the status.
    pub told: Told,
    /// The beginning of the answer. It may hold secrets, and is never shown as it is.
    pub body: String,
}

impl Taken {
    /// The answer as JSON; null when it is none.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }
}

/// The other side did not take it.
pub(crate) struct Refused {
    /// The status; none: there was no answer.
    pub status: Option<StatusCode>,
    /// What that means.
    pub told: Told,
}

/// The fields of a form, encoded.
pub(crate) fn form(fields: &[(&str, &str)]) -> String {
    let mut url = Url::parse("http://form.invalid/").expect("a constant URL");
    url.query_pairs_mut().extend_pairs(fields);
    url.query().unwrap_or_default().to_owned()
}

async fn judge(host: &str, response: Response, secrets: &[&str]) -> Result<Taken, Refused> {
    let status = response.status();
    let mut detail = format!("{host}: HTTP {}", status.as_u16());
    if status.is_success() {
        let body = beginning(response).await;
        return Ok(Taken { told: Told::delivered(detail), body });
    }
    let asked = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
    let asked = asked.map(str::to_owned);
    let said = outside::shown(&beginning(response).await, secrets);
    if let Some(asked) = &asked {
        detail.push_str(&format!(", Retry-After {}", outside::shown(asked, secrets)));
    }
    if !said.is_empty() {
        detail.push_str(&format!(": {said}"));
    }
    let may_pass = status.is_server_error()
        || matches!(
            status,
            StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_EARLY | StatusCode::TOO_MANY_REQUESTS
        );
    let told = if may_pass { Told::try_again(detail) } else { Told::hopeless(detail) };
    let wait = asked.filter(|_| may_pass).and_then(|asked| wait(&asked, Timestamp::now()));
    Err(Refused { status: Some(status), told: Told { wait, ..told } })
}

/// `Retry-After`: seconds, with a fraction where a service writes one, or a date (RFC 9110, 10.2.3).
fn wait(asked: &str, now: Timestamp) -> Option<Duration> {
    if let Ok(seconds) = asked.trim().parse::<f64>() {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let date = jiff::fmt::rfc2822::parse(asked.trim()).ok()?;
    Duration::try_from(date.timestamp().duration_since(now)).ok()
}

/// The beginning of the body: an answer that never ends fills no memory.
async fn beginning(mut response: Response) -> String {
    let mut body = Vec::new();
    let reading = async {
        while let Ok(Some(chunk)) = response.chunk().await {
            let room = BODY_LIMIT.saturating_sub(body.len());
            body.extend_from_slice(&chunk[..chunk.len().min(room)]);
            if body.len() >= BODY_LIMIT {
                break;
            }
        }
    };
    let _ = tokio::time::timeout(BODY_PATIENCE, reading).await;
    String::from_utf8_lossy(&body).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn peace_is_asked_for_in_seconds_or_until_a_date() {
        let now: Timestamp = "2026-11-22T01:00:00Z".parse().expect("a time");
        assert_eq!(wait("30", now), Some(Duration::from_secs(30)));
        assert_eq!(wait("0.65", now), Some(Duration::from_millis(650)));
        assert_eq!(wait("Sun, 22 Nov 2026 01:02:00 GMT", now), Some(Duration::from_secs(120)));
        for other in ["", "soon", "-5", "Sun, 22 Nov 2026 00:00:00 GMT", "NaN", "1e99"] {
            assert_eq!(wait(other, now), None, "{other}");
        }
    }
}
