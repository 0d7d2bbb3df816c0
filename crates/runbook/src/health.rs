//! Whether a service is healthy: as its probes see it, and where none looks, as its own address says.

use crate::{
    call::{Call, flag},
    http,
};
use domain::{graph::Service, said::Said};
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// Probes that say whether a service works; that a process lives is less than that.
const KINDS: &[&str] = &["http", "journey"];
/// A service that answers later than this is not healthy.
const LIMIT: Duration = Duration::from_secs(15);

/// How the health of a service is seen.
pub enum Eyes<'a> {
    /// Its probes.
    Probes(&'a Service),
    /// A request to its `health_url`.
    Url(reqwest::Url),
}

impl<'a> Eyes<'a> {
    /// How a service is looked at.
    ///
    /// # Errors
    /// Nobody could tell whether it is healthy.
    pub fn on(call: &Call<'_>, service: &'a Service) -> Result<Self, Said> {
        if call.deps.looks.knows(&service.name, KINDS) {
            return Ok(Self::Probes(service));
        }
        let url = service.attribute("health_url");
        let url = url.and_then(|parameter| reqwest::Url::parse(&parameter.value).ok());
        url.map(Self::Url).ok_or_else(|| {
            let name = &service.name;
            Said::new(
                format!(
                    "`{name}` が正常かどうかを見る手段がありません。`health:` を書いてください"
                ),
                format!("nobody can see whether `{name}` is healthy; add `health:` to it"),
            )
        })
    }

    /// Whether it is healthy now.
    ///
    /// # Errors
    /// Why it is not.
    pub async fn look(&self, call: &Call<'_>) -> Result<(), Said> {
        let deadline = call.deadline.min(Instant::now() + LIMIT);
        match self {
            Self::Probes(service) => {
                let looks = call.deps.looks.look(&service.name, KINDS);
                let seen = timeout_at(deadline, looks)
                    .await
                    .map_err(|_| Said::new("時間内に応答なし", "no answer in time"))?;
                let bad = seen.iter().find(|seen| flag(seen, "up") != Some(true));
                match bad {
                    None if seen.is_empty() => Err(Said::new(
                        "プローブが何も計測できませんでした",
                        "its probes saw nothing",
                    )),
                    None => Ok(()),
                    Some(seen) => Err(seen
                        .detail
                        .clone()
                        .unwrap_or_else(|| Said::new("稼働していません", "not up"))),
                }
            }
            Self::Url(url) => {
                let request = http::client()?.get(url.clone());
                let answer = http::ask(request, deadline).await.map_err(|failure| failure.why)?;
                let fine = (200..300).contains(&answer.status);
                if fine { Ok(()) } else { Err(format!("HTTP {}", answer.status).into()) }
            }
        }
    }
}
