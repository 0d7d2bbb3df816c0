//! One HTTP request with its expectations: asked, measured and judged.

use crate::{
    expect::Expect,
    reach::{self, Wrong},
};
use domain::said::Said;
use egress::tls;
use reqwest::{
    Client, Method, Response, Url,
    dns::{Addrs, Name, Resolve, Resolving},
    header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue},
    redirect::Policy,
};
use secrets::Reader;
use source::{Fields, Node, Problems, Secret, Shape};
use std::{error::Error, fmt, io, sync::Arc, time::Duration};
use tokio::time::{Instant, timeout};

/// A request as configured.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    url: Url,
    method: Method,
    headers: Vec<(HeaderName, HeaderValue)>,
    /// What stands before the secret, for example `Bearer `.
    secret_headers: Vec<(HeaderName, &'static str, Secret)>,
    body: Option<String>,
    expect: Expect,
    redirects: usize,
    http2: bool,
    body_limit: u64,
}

/// What came of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Answer {
    /// The status, when there was one.
    pub status: Option<u16>,
    /// Until the last byte of the body; the timeout when it did not come (C5); nothing when nobody answered.
    pub latency_ms: Option<f64>,
    /// In which point it is not what is expected.
    pub wrong: Option<Wrong>,
    /// The header.
    pub headers: HeaderMap,
    /// The body, when all of it came.
    pub body: Vec<u8>,
}

/// Said when a look ends before its secrets are there.
pub(crate) fn no_secret() -> Said {
    Said::new("秘密情報を時間内に取得できませんでした", "its secret was not had in time")
}
/// How much of a body is read unless a person says otherwise.
const BODY_LIMIT: u64 = 1 << 20;

impl Request {
    /// Takes the keys of a request.
    pub fn parse(fields: &mut Fields<'_>, problems: &mut Problems) -> Option<Self> {
        Self::parse_large(fields, BODY_LIMIT, problems)
    }

    /// The same, for answers that are usually larger.
    pub fn parse_large(
        fields: &mut Fields<'_>,
        usual_limit: u64,
        problems: &mut Problems,
    ) -> Option<Self> {
        let url = fields.required("url", problems).and_then(|node| url(node, problems));
        let method =
            fields.optional("method").map_or(Some(Method::GET), |node| node.parse(problems));
        let mut headers = Vec::new();
        let mut secret_headers = Vec::new();
        for (name, node) in header_names(fields.optional("headers"), problems) {
            match &node.shape {
                Shape::Scalar(text) if Secret::reference(text, &node.place).is_some() => {
                    secret_headers.extend(
                        Secret::reference(text, &node.place).map(|secret| (name, "", secret)),
                    );
                }
                _ => headers.extend(node.parse(problems).map(|value| (name, value))),
            }
        }
        for (name, node) in header_names(fields.optional("headers_env"), problems) {
            secret_headers
                .extend(node.text(problems).map(|variable| (name, "", Secret::Env(variable))));
        }
        let body = fields.text("body", problems);
        let expect = Expect::parse(fields.optional("expect"), problems);
        let redirects = fields.count_or("redirects", 3, problems);
        let http2 = fields.flag_or("http2", false, problems);
        let body_limit =
            fields.optional("body_limit").map_or(Some(usual_limit), |node| node.bytes(problems));
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

    /// A GET of this URL, without redirects, for kinds that have keys of their own.
    pub fn get(url: Url, body_limit: u64) -> Self {
        Self {
            url,
            method: Method::GET,
            headers: Vec::new(),
            secret_headers: Vec::new(),
            body: None,
            expect: Expect::default(),
            redirects: 0,
            http2: false,
            body_limit,
        }
    }

    /// The same with a token to be read at every look.
    #[must_use]
    pub fn with_token(mut self, token: Option<Secret>) -> Self {
        self.secret_headers.extend(token.map(|token| (AUTHORIZATION, "Bearer ", token)));
        self
    }

    /// The same below another path of the URL; every segment is escaped.
    #[must_use]
    pub fn below(mut self, segments: &[&str]) -> Self {
        if let Ok(mut path) = self.url.path_segments_mut() {
            path.pop_if_empty().extend(segments);
        }
        self
    }

    /// The same with more parameters in the URL.
    #[must_use]
    pub fn with_query<'a>(mut self, pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        self.url.query_pairs_mut().extend_pairs(pairs);
        self
    }

    /// The same with a header, unless a person wrote it.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: &'static str) -> Self {
        if self.headers.iter().all(|(known, _)| *known != name) {
            self.headers.push((name, HeaderValue::from_static(value)));
        }
        self
    }

    /// The same as a POST of this JSON.
    #[must_use]
    pub fn with_json(mut self, body: String) -> Self {
        (self.method, self.body) = (Method::POST, Some(body));
        self.with_header(CONTENT_TYPE, "application/json")
    }

    /// Where it goes.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// The secrets that are sent, so that they can be masked elsewhere.
    pub fn secrets(&self) -> Vec<Secret> {
        self.secret_headers.iter().map(|(.., secret)| secret.clone()).collect()
    }

    /// A client for this request. Every look makes a new connection, as a visitor would.
    ///
    /// # Errors
    /// A sentence when this machine cannot ask at all.
    pub fn client(&self) -> Result<Client, Said> {
        let mut tls = match tls::config() {
            Err(error) if self.url.scheme() == "https" => return Err(error.into()),
            config => config.unwrap_or_else(|_| tls::config_without_trust()),
        };
        tls.alpn_protocols =
            if self.http2 { vec!["h2".into()] } else { vec!["h2".into(), "http/1.1".into()] };
        let builder = Client::builder()
            .user_agent("hikeshi")
            .tls_backend_preconfigured(tls)
            .dns_resolver(Arc::new(Names))
            .redirect(self.redirect_policy())
            .pool_max_idle_per_host(0);
        let builder = if self.http2 { builder.http2_prior_knowledge() } else { builder };
        builder.build().map_err(|error| chain(&error).into())
    }

    /// Secrets are for the one they were written for: they do not go along to another host.
    fn redirect_policy(&self) -> Policy {
        let (origin, limit) = (self.url.origin(), self.redirects);
        let has_secrets = !self.secret_headers.is_empty();
        Policy::custom(move |attempt| {
            // The first of those before is the URL that was asked for, no redirect.
            if attempt.previous().len() > limit {
                attempt.error("too many redirects")
            } else if has_secrets && attempt.url().origin() != origin {
                attempt.stop()
            } else {
                attempt.follow()
            }
        })
    }

    /// Asks and judges; ends by `limit` at the latest.
    ///
    /// # Errors
    /// A sentence when the request could not even be made, for example because a secret is missing.
    pub async fn ask(
        &self,
        reader: &Reader,
        client: &Client,
        limit: Duration,
    ) -> Result<Answer, Said> {
        let request = self.build(reader, client);
        let request = timeout(limit, request).await.map_err(|_| no_secret())??;
        let begun = Instant::now();
        let mut answer = match timeout(limit, self.exchange(client, request)).await {
            Ok(answer) => answer,
            Err(_) => {
                let wrong = Wrong::new(
                    "timeout",
                    Said::new(
                        format!("{limit:?} 以内に応答が完了しません"),
                        format!("no full answer within {limit:?}"),
                    ),
                );
                Answer { wrong: Some(wrong), ..Answer::default() }
            }
        };
        let spent = match &answer.wrong {
            Some(wrong) if wrong.cause == "timeout" => Some(limit),
            Some(_) if answer.status.is_none() => None,
            _ => Some(begun.elapsed()),
        };
        answer.latency_ms = spent.map(|spent| spent.as_secs_f64() * 1000.0);
        Ok(answer)
    }

    async fn build(&self, reader: &Reader, client: &Client) -> Result<reqwest::Request, Said> {
        let mut headers: HeaderMap = self.headers.iter().cloned().collect();
        for (name, before, secret) in &self.secret_headers {
            let secret = reader.read(secret).await?;
            let value = HeaderValue::from_str(&format!("{before}{}", secret.reveal()));
            let mut value = value.map_err(|_| {
                Said::new(
                    format!("ヘッダー {name} の秘密情報に、ヘッダーに使えない文字があります"),
                    format!("the secret for the header {name} has bytes that no header may have"),
                )
            })?;
            value.set_sensitive(true);
            headers.insert(name.clone(), value);
        }
        let builder = client.request(self.method.clone(), self.url.clone()).headers(headers);
        let builder =
            if let Some(body) = &self.body { builder.body(body.clone()) } else { builder };
        builder.build().map_err(|error| chain(&error).into())
    }

    async fn exchange(&self, client: &Client, request: reqwest::Request) -> Answer {
        let response = match client.execute(request).await {
            Ok(response) => response,
            Err(error) => return Answer { wrong: Some(wrong(&error)), ..Answer::default() },
        };
        let (status, headers) = (response.status(), response.headers().clone());
        let (body, outcome) = match self.read(response).await {
            Ok(body) => {
                let outcome = self.expect.judge(status, &headers, &body);
                (body, outcome)
            }
            Err(wrong) => (Vec::new(), Err(wrong)),
        };
        let status = Some(status.as_u16());
        Answer { status, headers, body, wrong: outcome.err(), ..Answer::default() }
    }

    /// The body, as far as the limit: an answer that never ends must not fill the memory.
    async fn read(&self, mut response: Response) -> Result<Vec<u8>, Wrong> {
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| wrong(&error))? {
            body.extend_from_slice(&chunk);
            if body.len() as u64 > self.body_limit {
                let detail = Said::new(
                    format!(
                        "本文が {} バイトを超えています。正しければ `body_limit` を上げてください",
                        self.body_limit
                    ),
                    format!(
                        "the body is longer than {} bytes; raise `body_limit` if that is right",
                        self.body_limit
                    ),
                );
                return Err(Wrong::new("body", detail));
            }
        }
        Ok(body)
    }
}

/// Reads an http or https URL without a password in it.
pub(crate) fn url(node: &Node, problems: &mut Problems) -> Option<Url> {
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
        f.write_str(&self.0.detail.en)
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
            return Some(Wrong::new(
                "garbage",
                Said::new(
                    format!("HTTP ではありません: {error}"),
                    format!("this is not HTTP: {error}"),
                ),
            ));
        }
        if error.is_incomplete_message() {
            return Some(Wrong::new(
                "reset",
                Said::new(
                    "応答の途中で接続が切れました",
                    "the connection was closed before the answer was complete",
                ),
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
