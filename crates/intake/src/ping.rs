//! Format `ping`: signs of life of backups and batch jobs, as clients of healthchecks.io send them, and the push of
//! Uptime Kuma. A job that stays silent is found by whoever waits for it, not here.

use crate::{
    answer::{Answer, Heard, Rejected},
    format::{Format, Reader},
    request::{Context, Request},
    text::cut,
    word::{Ping, PingKind, Word},
};
use serde::Serialize;
use std::sync::Arc;

/// Bytes of a body that are kept.
pub const BODY_BYTES: usize = 10_000;
/// Characters of a name.
const SLUG_CHARS: usize = 100;

/// The row of the table.
pub(crate) const KIND: Format = Format {
    name: "ping",
    summary: (
        "バッチやバックアップの生存信号 (healthchecks.io 互換、Uptime Kuma の push も可)",
        "signs of life of jobs and backups, as healthchecks.io has them; Uptime Kuma's push too",
    ),
    paths: &[
        ("GET", "/{slug}"),
        ("GET", "/{slug}/start"),
        ("GET", "/{slug}/fail"),
        ("GET", "/{slug}/log"),
        ("GET", "/{slug}/{exit}"),
        ("GET", "/api/push/{slug}"),
    ],
    example: "kind: ping\n",
    parse: |_, _| Some(Arc::new(Pings)),
};

#[derive(Debug)]
struct Pings;

impl Reader for Pings {
    fn read(&self, request: &Request, _: &Context) -> Result<Heard, Rejected> {
        if !matches!(request.method, "GET" | "HEAD" | "POST") {
            return Err(refused(405, "method not allowed"));
        }
        let segments = request.segments();
        let parts: Vec<&str> = segments.iter().map(AsRef::as_ref).collect();
        match parts[..] {
            ["api", "push", slug] => push(slug, request),
            [slug] if request.query_value("status").is_some() => push(slug, request),
            [slug] => ping(slug, PingKind::Success, request),
            [slug, "start"] => ping(slug, PingKind::Start, request),
            [slug, "fail"] => ping(slug, PingKind::Fail, request),
            [slug, "log"] => ping(slug, PingKind::Log, request),
            [slug, code] if is_number(code) => {
                let code = code.parse().map_err(|_| refused(400, "invalid url format"))?;
                ping(slug, PingKind::Exit(code), request)
            }
            _ => Err(refused(404, "not found")),
        }
    }
}

fn refused(status: u16, why: &str) -> Rejected {
    Rejected::new(why, Answer::text(status, why))
}

fn is_number(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

fn ping(slug: &str, kind: PingKind, request: &Request) -> Result<Heard, Rejected> {
    let is_slug = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_');
    if slug.len() > SLUG_CHARS || !slug.bytes().all(is_slug) {
        return Err(refused(400, "invalid url format"));
    }
    let run = match request.query_value("rid") {
        Some(rid) => Some(uuid(&rid).ok_or_else(|| refused(400, "invalid uuid format"))?),
        None => None,
    };
    // A character more than what is kept, so that a cut is seen.
    let body = String::from_utf8_lossy(&request.body[..request.body.len().min(BODY_BYTES + 4)]);
    let body = cut(&body, BODY_BYTES).into_owned();
    let ping = Ping { slug: slug.to_owned(), kind, run, body, at: None };
    Ok(Heard::all(vec![Word::Ping(ping)], Answer::text(200, "OK")))
}

/// A UUID in its canonical form, in lower case.
fn uuid(text: &str) -> Option<String> {
    let is_right = |(index, byte): (usize, u8)| match index {
        8 | 13 | 18 | 23 => byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    };
    let is_uuid = text.len() == 36 && text.bytes().enumerate().all(is_right);
    is_uuid.then(|| text.to_ascii_lowercase())
}

#[derive(Serialize)]
struct Pushed<'a> {
    ok: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    msg: Option<&'a str>,
}

/// Uptime Kuma: `?status=up|down&msg=&ping=`.
fn push(slug: &str, request: &Request) -> Result<Heard, Rejected> {
    let refuse =
        |why: &str| Rejected::new(why, Answer::json(404, &Pushed { ok: false, msg: Some(why) }));
    let is_slug = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if slug.is_empty() || slug.len() > SLUG_CHARS || !slug.bytes().all(is_slug) {
        return Err(refuse("Monitor not found or not active."));
    }
    let kind = match request.query_value("status").as_deref().unwrap_or("up") {
        "up" => PingKind::Success,
        "down" => PingKind::Fail,
        _ => return Err(refuse("status is neither up nor down")),
    };
    let mut body = request.query_value("msg").unwrap_or_default().into_owned();
    if let Some(ping_ms) = request.query_value("ping").filter(|text| text.parse::<f64>().is_ok()) {
        body.push_str(&format!(" ({ping_ms} ms)"));
    }
    let body = cut(body.trim(), BODY_BYTES).into_owned();
    let ping = Ping { slug: slug.to_owned(), kind, run: None, body, at: None };
    let answer = Answer::json(200, &Pushed { ok: true, msg: None });
    Ok(Heard::all(vec![Word::Ping(ping)], answer))
}
