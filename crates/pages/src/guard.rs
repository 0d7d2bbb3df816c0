//! What stands before every page: whom it answers, and the headers that protect it.

use crate::{address, desk::Desk};
use axum::{
    extract::{Request, State},
    http::{HeaderName, HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

/// What pages of one sort may load, run and tell others.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Terms {
    policy: &'static str,
    referrer: &'static str,
}

/// Everything comes from here, nothing is inline, nobody frames it.
const PAGES: Terms = Terms {
    policy: "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; \
             form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    // Not `no-referrer`: with it, browsers hide the origin of our own forms from us.
    referrer: "same-origin",
};

/// Behind a link that answers: no script runs at all, and the address, which is the key, is told to nobody.
pub(crate) const ANSWERING: Terms = Terms {
    policy: "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; \
             frame-ancestors 'none'",
    referrer: "no-referrer",
};

/// Behind a link that enrols: the script of the page runs, the one that stays on the device is registered, and they speak
/// to nobody but us.
pub(crate) const ENROLLING: Terms = Terms {
    policy: "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; worker-src 'self'; \
             connect-src 'self'; manifest-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'",
    referrer: "no-referrer",
};

const HEADERS: [(HeaderName, &str); 4] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()"),
];

/// Lets through what names us, and adds what protects a page to every answer.
pub(crate) async fn guard(State(desk): State<Desk>, request: Request, next: Next) -> Response {
    let is_secure = address::is_secure(desk.public.as_ref(), request.headers());
    let response = if address::is_ours(desk.public.as_ref(), request.headers()) {
        next.run(request).await
    } else {
        let reason = "the Host of this request is neither this machine nor `public_url`\n";
        (StatusCode::FORBIDDEN, reason).into_response()
    };
    protected(response, PAGES, is_secure)
}

/// Adds what protects a page behind a link to every answer. Each request proves itself by a signature, so that the name in
/// `Host` matters to none of them.
pub(crate) async fn protect(
    State((desk, terms)): State<(Desk, Terms)>,
    request: Request,
    next: Next,
) -> Response {
    let is_secure = address::is_secure(desk.public.as_ref(), request.headers());
    protected(next.run(request).await, terms, is_secure)
}

fn protected(mut response: Response, terms: Terms, is_secure: bool) -> Response {
    let headers = response.headers_mut();
    let own = [
        (header::CONTENT_SECURITY_POLICY, terms.policy),
        (header::REFERRER_POLICY, terms.referrer),
    ];
    for (name, value) in HEADERS.into_iter().chain(own) {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if is_secure {
        let value = HeaderValue::from_static("max-age=31536000");
        headers.insert(header::STRICT_TRANSPORT_SECURITY, value);
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}
