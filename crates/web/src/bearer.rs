//! Programs that use the API from elsewhere: whose token they show, whether it may, and in whose name they act.

use crate::{
    answer::Refused, caller::Caller, doors::digest, extract::BODY_LIMIT, own_name, state::Shared,
    tokens::hex,
};
use axum::{
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use domain::{carried_accounts::Scope, command::Command, ids::AccountName, permission, said::Said};
use serde_json::{Map, Value};

/// What stands before one route of the address.
#[derive(Clone)]
pub(crate) struct Gate {
    pub(crate) shared: Shared,
    /// What it takes.
    pub(crate) scope: Scope,
    /// Whoever is on this machine may use it without a token.
    pub(crate) is_open: bool,
}

/// Lets through who may: with a token under any name of ours, and without one from this machine where the route is open.
pub(crate) async fn pass(State(gate): State<Gate>, request: Request, next: Next) -> Response {
    let Some(token) = shown(request.headers()) else {
        if gate.is_open {
            return own_name::only(request, next).await;
        }
        return challenge(
            Refused::unknown_caller(Said::new(
                "この操作には `Authorization: Bearer TOKEN` が必要です (hikeshi token new --api)",
                "this takes `Authorization: Bearer TOKEN`: `hikeshi token new --api` makes one",
            )),
            r#"Bearer realm="hikeshi""#,
        );
    };
    let caller = match known(&gate.shared, token).await {
        Ok(caller) => caller,
        Err(refusal) => return refusal,
    };
    // Whether it is enough for what is asked for, which may be a team's, is checked where it is sent.
    if caller.most < gate.scope.rights() {
        let scope = gate.scope;
        return challenge(
            Refused::forbidden(Said::new(
                format!(
                    "このトークンか、その持ち主 {} の権限が足りません: {scope} が必要です",
                    caller.name
                ),
                format!(
                    "the token, or {} whose it is, may not do this: it takes `{scope}`",
                    caller.name
                ),
            )),
            r#"Bearer realm="hikeshi", error="insufficient_scope""#,
        );
    }
    match signed(request, &caller).await {
        Ok(request) => caller.does(next.run(request)).await,
        Err(refused) => refused.into_response(),
    }
}

/// The token that a request shows (RFC 6750, 2.1).
fn shown(headers: &HeaderMap) -> Option<&str> {
    let text = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = text.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Whose token it is. Whoever guesses waits; a token that is right is never held up by them.
async fn known(shared: &Shared, token: &str) -> Result<Caller, Response> {
    let digest = hex(&digest(token));
    let found = shared.look(move |world| {
        let (token, name, rights) = permission::caller(world.state, &digest, world.now)?;
        Some((
            Caller { name: name.clone(), most: rights },
            token.is_news(world.now).then_some(token.id),
        ))
    });
    match found.await.map_err(IntoResponse::into_response)? {
        Some((caller, news)) => {
            if let Some(id) = news {
                // Nobody waits for it: a journal that takes no facts must not keep programs from reading.
                drop(shared.submit(Command::UseApiToken(id)));
            }
            Ok(caller)
        }
        None => Err(wrong(shared)),
    }
}

fn wrong(shared: &Shared) -> Response {
    if let Err(seconds) = shared.doors.wrong.take(shared.doors.now()) {
        let said = Said::new(
            format!("正しくないトークンが続いたため、{seconds} 秒後にもう一度お試しください"),
            format!("there were too many wrong tokens: try again in {seconds} seconds"),
        );
        let refused = Refused { status: StatusCode::TOO_MANY_REQUESTS, kind: "too_often", said };
        return ([(header::RETRY_AFTER, seconds.to_string())], refused).into_response();
    }
    challenge(
        Refused::unknown_caller(Said::new(
            "このトークンは API では使えません (正しくない、期限切れ、失効済み、持ち主がいない、または連携用)",
            "this token does not open the API: it is wrong, over, revoked, nobody's any more, or an integration's",
        )),
        r#"Bearer realm="hikeshi", error="invalid_token""#,
    )
}

fn challenge(refused: Refused, how: &'static str) -> Response {
    ([(header::WWW_AUTHENTICATE, HeaderValue::from_static(how))], refused).into_response()
}

/// The request in the name of whoever has shown the token: whatever acts reads `by` from its body, and it is written there
/// anew. So no body can name anybody else, however it is written.
async fn signed(request: Request, caller: &Caller) -> Result<Request, Refused> {
    let (mut parts, body) = request.into_parts();
    parts.extensions.insert(caller.clone());
    let is_read = matches!(parts.method, Method::GET | Method::HEAD);
    // Only a mail is taken as it is. Everything else is read as JSON, whatever it calls itself: what is JSON to a handler
    // and not to us would keep the name that it brings.
    if is_read || parts.headers.get(header::CONTENT_TYPE).is_some_and(is_mail) {
        return Ok(Request::from_parts(parts, body));
    }
    let bytes = to_bytes(body, BODY_LIMIT).await.map_err(|_| Refused {
        status: StatusCode::PAYLOAD_TOO_LARGE,
        kind: "too_large",
        said: Said::same(format!("a body has at most {BODY_LIMIT} bytes")),
    })?;
    let body = with_name(&bytes, &caller.name)?;
    parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    parts.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
    parts.headers.remove(header::TRANSFER_ENCODING);
    Ok(Request::from_parts(parts, Body::from(body)))
}

fn is_mail(value: &HeaderValue) -> bool {
    let text = value.to_str().unwrap_or_default();
    let kind = text.split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("message/rfc822")
}

/// The body with `by`; nothing at all is an empty object.
fn with_name(bytes: &[u8], name: &AccountName) -> Result<Vec<u8>, Refused> {
    let mut fields: Map<String, Value> = match bytes.trim_ascii() {
        [] => Map::new(),
        text => serde_json::from_slice(text)
            .map_err(|error| Refused::bad(format!("the body must be a JSON object: {error}")))?,
    };
    let own = Value::from(name.as_str());
    if fields.get("by").is_some_and(|by| *by != own) {
        return Err(Refused::forbidden(Said::new(
            format!("`by` はトークンの持ち主 {name} か、書かないでください"),
            format!("`by` must be {name}, whose token this is, or must not be there"),
        )));
    }
    fields.insert("by".into(), own);
    serde_json::to_vec(&fields).map_err(Refused::fault)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_speaks_in_no_other_name() {
        let name = AccountName::from("佐藤");
        let body = |text: &str| with_name(text.as_bytes(), &name);
        for good in ["", "{}", r#"{"by": "佐藤"}"#, r#"{"by":"eve","by":"佐藤"}"#] {
            let bytes = body(good).expect(good);
            assert_eq!(String::from_utf8_lossy(&bytes), r#"{"by":"佐藤"}"#, "{good}");
        }
        for (bad, status) in [
            (r#"{"by": "eve"}"#, 403),
            (r#"{"by": null}"#, 403),
            (r#"{"by": ["佐藤"]}"#, 403),
            (r#"{"by":"佐藤","b\u0079":"eve"}"#, 403),
            (r#"["eve"]"#, 400),
            ("\"eve\"", 400),
            ("{", 400),
            ("{}{}", 400),
        ] {
            assert_eq!(body(bad).expect_err(bad).status, status, "{bad}");
        }
    }

    #[test]
    fn a_token_is_shown_as_the_standard_says() {
        let shown_in = |text: &'static str| {
            let headers =
                HeaderMap::from_iter([(header::AUTHORIZATION, text.parse().expect("ok"))]);
            shown(&headers).map(ToOwned::to_owned)
        };
        assert_eq!(shown_in("Bearer hk_1").as_deref(), Some("hk_1"));
        assert_eq!(shown_in("bearer  hk_1").as_deref(), Some("hk_1"));
        assert_eq!(shown_in("Basic aGtfMQ=="), None);
        assert_eq!(shown_in("hk_1"), None);
    }
}
