//! One HTTP request with its expectations: asked, measured and judged.

use crate::{
    expect::Expect,
    reach::{self, Wrong},
    tls,
};
use domain::said::Said;
use reqwest::{
    Client, Method, Response, Url,
    dns::{Addrs, Name, Resolve, Resolving},
    header::{HeaderMap, HeaderName, HeaderValue},
    redirect::Policy,
};
use source::{Fields, Node, Problems, Secret};
use std::{error::Error, fmt, io, sync::Arc, time::Duration};
use tokio::time::{Instant, timeout};

/// A request as configured.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    url: Url,
    method: Method,
    headers: Vec<(HeaderName, HeaderValue)>,
    secret_headers: Vec<(HeaderName, Secret)>,
    body: Option<String>,
    expect: Expect,
    redirects: usize,
    http2: bool,
    body_limit: u64,
}

/// What came of it.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    /// The status, when there was one.
    pub status: Option<u16>,
    /// Until the last byte of the body; the timeout when it did not come (C5); nothing when nobody answered.
    pub latency_ms: Option<f64>,
    /// In which point it is not what is expected.
    pub wrong: Option<Wrong>,
}

impl Request {
    /// Takes the keys of a request.
    pub fn parse(fields: &mut Fields<'_>, problems: &mut Problems) -> Option<Self> {
        let url = fields.required("url", problems).and_then(|node| url(node, problems));
        let method =
            fields.optional("method").map_or(Some(Method::GET), |node| node.parse(problems));
        let mut headers = Vec::new();
        for (name, node) in header_names(fields.optional("headers"), problems) {
            headers.extend(node.parse(problems).map(|value| (name, value)));
        }
        let mut secret_headers = Vec::new();
        for (name, node) in header_names(fields.optional("headers_env"), problems) {
            secret_headers
                .extend(node.text(problems).map(|variable| (name, Secret::Env(variable))));
        }
        let body = fields.text("body", problems);
        let expect = Expect::parse(fields.optional("expect"), problems);
        let redirects = fields.count_or("redirects", 3, problems);
        let http2 = fields.flag_or("http2", false, problems);
        let body_limit =
            fields.optional("body_limit").map_or(Some(1 << 20), |node| node.bytes(problems));
        Some(Self {
            url: url?,
            method: method?,
            headers,
            secret_headers,
            body,
            expect: expect?,
            redirects: usize::try_from(redirects).unwrap_or(usize::MAX),
            http2,
            body_limit: body_limit?,
        })
    }

    /// A client for this request. Every look makes a new connection, as a visitor would.
    ///
    /// # Errors
    /// A sentence when this machine cannot ask at all.
    pub fn client(&self) -> Result<Client, String> {
        let mut tls = match tls::config() {
            Err(error) if self.url.scheme() == "https" => return Err(error),
            config => config.unwrap_or_else(|_| tls::config_without_trust()),
        };
        tls.alpn_protocols =
            if self.http2 { vec!["h2".into()] } else { vec!["h2".into(), "http/1.1".into()] };
        let builder = Client::builder()
            .user_agent("hikeshi")
            .tls_backend_preconfigured(tls)
            .dns_resolver(Arc::new(Names))
            .redirect(Policy::limited(self.redirects))
            .pool_max_idle_per_host(0);
        let builder = if self.http2 { builder.http2_prior_knowledge() } else { builder };
        builder.build().map_err(|error| chain(&error))
    }

    /// Asks and judges; ends by `limit` at the latest.
    ///
    /// # Errors
    /// A sentence when the request could not even be made, for example because a secret is missing.
    pub async fn ask(&self, client: &Client, limit: Duration) -> Result<Answer, String> {
        let request = self.build(client)?;
        let begun = Instant::now();
        let (status, outcome) = match timeout(limit, self.exchange(client, request)).await {
            Ok(answer) => answer,
            Err(_) => {
                (None, Err(Wrong::new("timeout", format!("no full answer within {limit:?}"))))
            }
        };
        let spent = match &outcome {
            Err(wrong) if wrong.cause == "timeout" => Some(limit),
            Err(_) if status.is_none() => None,
            _ => Some(begun.elapsed()),
        };
        let latency_ms = spent.map(|spent| spent.as_secs_f64() * 1000.0);
        Ok(Answer { status, latency_ms, wrong: outcome.err() })
    }

    fn build(&self, client: &Client) -> Result<reqwest::Request, String> {
        let mut headers: HeaderMap = self.headers.iter().cloned().collect();
        for (name, secret) in &self.secret_headers {
            let value = HeaderValue::from_str(secret.read()?.reveal());
            let mut value = value.map_err(|_| {
                format!("the secret for the header {name} has bytes that no header may have")
            })?;
            value.set_sensitive(true);
            headers.insert(name.clone(), value);
        }
        let builder = client.request(self.method.clone(), self.url.clone()).headers(headers);
        let builder =
            if let Some(body) = &self.body { builder.body(body.clone()) } else { builder };
        builder.build().map_err(|error| chain(&error))
    }

    async fn exchange(
        &self,
        client: &Client,
        request: reqwest::Request,
    ) -> (Option<u16>, Result<(), Wrong>) {
        let response = match client.execute(request).await {
            Ok(response) => response,
            Err(error) => return (None, Err(wrong(&error))),
        };
        let (status, headers) = (response.status(), response.headers().clone());
        let outcome = match self.read(response).await {
            Ok(body) => self.expect.judge(status, &headers, &body),
            Err(wrong) => Err(wrong),
        };
        (Some(status.as_u16()), outcome)
    }

    /// The body, as far as the limit: an answer that never ends must not fill the memory.
    async fn read(&self, mut response: Response) -> Result<Vec<u8>, Wrong> {
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| wrong(&error))? {
            body.extend_from_slice(&chunk);
            if body.len() as u64 > self.body_limit {
                let detail = format!(
                    "the body is longer than {} bytes; raise `body_limit` if that is right",
                    self.body_limit
                );
                return Err(Wrong::new("body", detail));
            }
        }
        Ok(body)
    }
}

fn url(node: &Node, problems: &mut Problems) -> Option<Url> {
    let url: Url = node.parse(problems)?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
        problems.add_with_hint(
            &node.place,
            Said::new("http か https の URL が必要です", "expected an http or https URL"),
            Said::new(
                "例: http://127.0.0.1:8080/health",
                "for example http://127.0.0.1:8080/health",
            ),
        );
        return None;
    }
    if url.password().is_some() {
        problems.add_with_hint(
            &node.place,
            Said::new("URL にパスワードを書かないでください", "do not write a password in a URL"),
            Said::new(
                "`headers_env: {Authorization: 変数名}` を使ってください",
                "use `headers_env: {Authorization: VARIABLE}`",
            ),
        );
        return None;
    }
    Some(url)
}

fn header_names<'a>(
    node: Option<&'a Node>,
    problems: &mut Problems,
) -> Vec<(HeaderName, &'a Node)> {
    let Some(entries) = node.and_then(|node| node.entries(problems)) else { return Vec::new() };
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

/// Looks up names with errors that can be told from others.
struct Names;

#[derive(Debug)]
struct NoAddress(Wrong);

impl fmt::Display for NoAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.detail)
    }
}

impl Error for NoAddress {}

impl Resolve for Names {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let addresses = reach::resolve(name.as_str(), 0).await.map_err(NoAddress)?;
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

/// What an error of the client says about the target, from the innermost cause that is known.
fn wrong(error: &reqwest::Error) -> Wrong {
    if error.is_redirect() {
        return Wrong::new("redirect", "too many redirects");
    }
    let mut next: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = next {
        if let Some(found) = known(error) {
            return found;
        }
        next = error.source();
    }
    Wrong::new("garbage", chain(error))
}

fn known(error: &(dyn Error + 'static)) -> Option<Wrong> {
    if let Some(NoAddress(wrong)) = error.downcast_ref() {
        return Some(wrong.clone());
    }
    if let Some(error) = error.downcast_ref::<rustls::Error>() {
        return Some(Wrong::new("tls", error.to_string()));
    }
    if let Some(error) = error.downcast_ref::<hyper::Error>() {
        if error.is_parse() {
            return Some(Wrong::new("garbage", format!("this is not HTTP: {error}")));
        }
        if error.is_incomplete_message() {
            return Some(Wrong::new(
                "reset",
                "the connection was closed before the answer was complete",
            ));
        }
    }
    let io = error.downcast_ref::<io::Error>()?;
    match io.get_ref() {
        // TLS errors travel inside I/O errors, sometimes two deep.
        Some(inner) => known(inner).or_else(|| inner.source().and_then(known)),
        None => Some(Wrong::from_io(io)),
    }
    .or_else(|| (io.kind() == io::ErrorKind::UnexpectedEof).then(|| Wrong::from_io(io)))
}

/// The error and what caused it, without the URL: it may hold what is nobody's business.
fn chain(error: &(dyn Error + 'static)) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    crate::outside::shown(&innermost.to_string())
}
