//! Whether a request means this machine: a site whose name its owner lets point here must not read or act through the
//! browser of somebody who sits here (DNS rebinding).

use crate::{answer::Refused, way::Way};
use axum::{
    extract::Request,
    http::header,
    middleware::Next,
    response::{IntoResponse, Response},
};
use domain::said::Said;

/// Lets through what was sent on this machine, and names it by an address, or as localhost. A proxy in front says so in `Host`.
pub(crate) async fn only(request: Request, next: Next) -> Response {
    if !Way::present().is_local {
        return Refused::unknown_caller(Said::new(
            "他の場所からは `Authorization: Bearer TOKEN` が必要です (hikeshi token new --api)",
            "from elsewhere, the API takes `Authorization: Bearer TOKEN`: `hikeshi token new --api` makes one",
        ))
        .into_response();
    }
    let host = request.headers().get(header::HOST).and_then(|value| value.to_str().ok());
    if is_own_name(host.unwrap_or_default()) {
        return next.run(request).await;
    }
    Refused::forbidden(Said::new(
        "Host がアドレスでも localhost でもありません。前段のプロキシで設定してください",
        "the Host of this request is neither an address nor localhost; a proxy in front must set it",
    ))
    .into_response()
}

/// The same for what shows a token in its own way: from elsewhere it comes in under any name, because no door is open there.
pub(crate) async fn unless_from_elsewhere(request: Request, next: Next) -> Response {
    match Way::present().is_local {
        true => only(request, next).await,
        false => next.run(request).await,
    }
}

/// Whether a `Host` names this machine by an address, or as localhost.
pub fn is_own_name(host: &str) -> bool {
    let is_port = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let name = match host.rsplit_once(':') {
        Some((name, port)) if is_port(port) => name,
        _ => host,
    };
    let address = name.trim_start_matches('[').trim_end_matches(']');
    name.eq_ignore_ascii_case("localhost") || address.parse::<std::net::IpAddr>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_and_localhost_are_this_machine() {
        for own in ["127.0.0.1:7070", "localhost", "LOCALHOST:7070", "[::1]:7070", "192.0.2.1"] {
            assert!(is_own_name(own), "{own}");
        }
        for other in
            ["evil.example", "evil.example:7070", "127.0.0.1.evil.example:7070", "", ":7070"]
        {
            assert!(!is_own_name(other), "{other}");
        }
    }
}
