//! The address under which a browser found us: which names are ours, and whether the way to it is encrypted.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use crate::desk::Desk;

/// Everything comes from here, nothing is inline, nobody frames it.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const HEADERS: [(HeaderName, &str); 6] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    // Not `no-referrer`: with it, browsers hide the origin of our own forms from us.
    (header::REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()"),
];

/// The public address of the pages.
#[derive(Clone, Debug)]
pub(crate) struct Public {
    host: String,
    is_secure: bool,
}

impl Public {
    /// Of an address such as `https://hikeshi.example.jp`.
    pub(crate) fn of(url: &str) -> Option<Self> {
        let (scheme, rest) = url.split_once("://")?;
        let host = rest.split('/').next().unwrap_or_default().to_ascii_lowercase();
        Some(Self { host, is_secure: scheme == "https" })
    }
}

/// The host that a request names.
fn host(headers: &HeaderMap) -> &str {
    headers.get(header::HOST).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// Whether the browser came over TLS: the public address says so, which a proxy in front serves.
pub(crate) fn is_secure(desk: &Desk, headers: &HeaderMap) -> bool {
    desk.public
        .as_ref()
        .is_some_and(|public| public.is_secure && host(headers).eq_ignore_ascii_case(&public.host))
}

/// Whether a request that acts comes from one of our own pages. Browsers say where a form was sent from; what says
/// nothing is no browser, and has no cookie that it did not get by signing in.
pub(crate) fn is_from_here(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = text("sec-fetch-site") {
        return matches!(site, "same-origin" | "none");
    }
    text("origin").is_none_or(|origin| {
        let rest = origin.split_once("://").map(|(_, rest)| rest);
        rest.is_some_and(|rest| rest.eq_ignore_ascii_case(host(headers)))
    })
}

/// Lets through what names us, and adds what protects a page to every answer.
pub(crate) async fn guard(State(desk): State<Desk>, request: Request, next: Next) -> Response {
    let host = host(request.headers());
    let is_public =
        desk.public.as_ref().is_some_and(|public| host.eq_ignore_ascii_case(&public.host));
    let is_secure = is_secure(&desk, request.headers());
    let mut response = if is_public || web::is_own_name(host) {
        next.run(request).await
    } else {
        let reason = "the Host of this request is neither this machine nor `public_url`\n";
        (StatusCode::FORBIDDEN, reason).into_response()
    };
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if is_secure {
        let value = HeaderValue::from_static("max-age=31536000");
        headers.insert(header::STRICT_TRANSPORT_SECURITY, value);
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(all: &[(&'static str, &'static str)]) -> HeaderMap {
        let pairs = all
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
        pairs.collect()
    }

    #[test]
    fn forms_of_other_sites_are_not_ours() {
        let own = ("host", "hikeshi.example.jp");
        for good in [
            &[own, ("sec-fetch-site", "same-origin")][..],
            &[own, ("origin", "https://hikeshi.example.jp")],
            &[own],
        ] {
            assert!(is_from_here(&headers(good)), "{good:?}");
        }
        for bad in [
            &[own, ("sec-fetch-site", "cross-site"), ("origin", "https://hikeshi.example.jp")][..],
            &[own, ("sec-fetch-site", "same-site")],
            &[own, ("origin", "https://evil.example")],
            &[own, ("origin", "https://hikeshi.example.jp.evil.example")],
            &[own, ("origin", "null")],
        ] {
            assert!(!is_from_here(&headers(bad)), "{bad:?}");
        }
    }
}
