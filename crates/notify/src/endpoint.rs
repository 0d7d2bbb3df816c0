//! Where a message is posted to. The URL of a hook is its password: only the host is ever shown.

use domain::said::Said;
use reqwest::Url;
use secrets::Reader;
use source::{Fields, Hidden, Node, Problems, Secret, Shape};
use std::fmt;

/// A URL, or the place where it stands.
#[derive(Clone)]
pub(crate) enum Endpoint {
    /// Written in the configuration.
    Given(Url),
    /// Kept elsewhere.
    Kept(Secret),
}

impl Endpoint {
    /// Takes exactly one of `url` (which may be `secret:NAME`), `url_env` and `url_file`.
    pub fn parse(fields: &mut Fields<'_>, problems: &mut Problems) -> Option<Self> {
        let given = fields.optional("url");
        let kept = Secret::take_kept(fields, ["url_env", "url_file"], problems);
        match (given, kept) {
            (Some(node), None) if is_reference(node) => {
                Secret::reference(&node.text(problems)?, &node.place).map(Self::Kept)
            }
            (Some(node), None) => {
                let url = parse(&node.text(problems)?);
                if url.is_none() {
                    problems.add_with_hint(
                        &node.place,
                        Said::new(
                            "http か https の URL が必要です",
                            "expected an http or https URL",
                        ),
                        Said::new(
                            "例: https://hooks.slack.com/services/…",
                            "for example https://hooks.slack.com/services/…",
                        ),
                    );
                }
                url.map(Self::Given)
            }
            (None, Some(secret)) => Some(Self::Kept(secret)),
            _ => {
                problems.add_with_hint(
                    fields.place(),
                    Said::new(
                        "`url`, `url_env`, `url_file` のうち一つだけが必要です",
                        "exactly one of `url`, `url_env` and `url_file` is needed",
                    ),
                    Said::new(
                        "トークンを含む URL は `url_env: 変数名` に",
                        "a URL that holds a token belongs into `url_env: VARIABLE`",
                    ),
                );
                None
            }
        }
    }

    /// The secret in it.
    pub fn secret(&self) -> Option<&Secret> {
        match self {
            Self::Given(_) => None,
            Self::Kept(secret) => Some(secret),
        }
    }

    /// The URL, read now.
    ///
    /// # Errors
    /// A sentence that names the place, never the value.
    pub async fn url(&self, reader: &Reader) -> Result<Url, String> {
        match self {
            Self::Given(url) => Ok(url.clone()),
            Self::Kept(secret) => {
                let text: Hidden = reader.read(secret).await?;
                parse(text.reveal().trim())
                    .ok_or_else(|| format!("{secret} holds no http or https URL"))
            }
        }
    }
}

fn is_reference(node: &Node) -> bool {
    matches!(&node.shape, Shape::Scalar(text) if Secret::reference(text, &node.place).is_some())
}

/// Host and port, for people.
pub(crate) fn host(url: &Url) -> String {
    let host = url.host_str().unwrap_or("no host");
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

fn parse(text: &str) -> Option<Url> {
    let url: Url = text.parse().ok()?;
    (matches!(url.scheme(), "http" | "https") && url.host_str().is_some()).then_some(url)
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Given(url) => write!(f, "Endpoint({})", host(url)),
            Self::Kept(secret) => write!(f, "Endpoint({secret})"),
        }
    }
}
