//! Probe kind `http`: one request, judged by status, header and body.

use crate::{
    ask::{Answer, Request},
    probe::{Kind, Probe, Seat, Settings},
    subject::Subject,
    unseen,
};
use domain::reading::{Observation, Reading};
use domain::said::Said;
use futures::future::BoxFuture;
use reqwest::Client;
use source::{Fields, Problems, Secret};
use std::sync::Arc;

/// The row of the table.
pub(crate) const KIND: Kind = Kind {
    name: "http",
    summary: (
        "HTTP で問い合わせ、ステータス・本文・ヘッダー・応答時間を見る",
        "asks over HTTP and looks at status, body, header and time",
    ),
    example: "\
kind: http
service: api-1
url: http://127.0.0.1:8080/health
method: GET                       # GET unless written otherwise
headers: {accept: application/json}
expect:
  status: [200]                   # 200 alone unless written otherwise
  json: {/status: healthy}        # JSON pointer: value
  body_contains: database
every: 5s
timeout: 15s                      # longer than ten seconds, so that ten can be measured
redirects: 3
body_limit: 1MiB
",
    readings: READINGS,
    parse,
};

const READINGS: &[crate::probe::ReadingMeaning] = &[
    ("up", "期待どおりに応答したか", "whether the answer is what is expected"),
    ("status", "HTTP ステータス", "the HTTP status"),
    (
        "latency_ms",
        "本文の最後までの時間。時間切れならその制限時間",
        "time to the last byte; the timeout when it is exceeded",
    ),
    (
        "cause",
        "期待と違う点: dns refused unreachable timeout tls reset redirect status header body garbage",
        "what is wrong: dns refused unreachable timeout tls reset redirect status header body garbage",
    ),
];

#[derive(Debug)]
struct Http {
    request: Request,
}

fn parse(fields: &mut Fields<'_>, problems: &mut Problems) -> Option<Arc<dyn Settings>> {
    Request::parse(fields, problems).map(|request| Arc::new(Http { request }) as _)
}

impl Settings for Http {
    fn make(&self, seat: Seat) -> Box<dyn Probe> {
        Box::new(Looking { seat, client: self.request.client(), request: self.request.clone() })
    }

    fn secrets(&self) -> Vec<Secret> {
        self.request.secrets()
    }

    fn subject(&self) -> Subject {
        let url = self.request.url();
        match (url.host_str(), url.port_or_known_default()) {
            (Some(host), Some(port)) => {
                Subject::Port { host: host.trim_matches(['[', ']']).to_owned(), port }
            }
            _ => Subject::Readings,
        }
    }

    fn origin(&self) -> Option<String> {
        Some(self.request.url().origin().ascii_serialization())
    }
}

struct Looking {
    seat: Seat,
    client: Result<Client, Said>,
    request: Request,
}

impl Probe for Looking {
    fn look(&mut self) -> BoxFuture<'_, Vec<Observation>> {
        Box::pin(async move {
            let answer = match &self.client {
                Ok(client) => {
                    self.request.ask(&self.seat.reader(), client, self.seat.timeout).await
                }
                Err(why) => Err(why.clone()),
            };
            vec![match answer {
                Ok(answer) => observe(&self.seat, &answer),
                Err(why) => self.seat.failed("up", why),
            }]
        })
    }
}

fn observe(seat: &Seat, answer: &Answer) -> Observation {
    let unanswered = unseen::no_answer;
    let seen = seat
        .observation()
        .with("up", Reading::flag(answer.wrong.is_none()))
        .with(
            "status",
            answer.status.map_or_else(unanswered, |status| Reading::number(f64::from(status))),
        )
        .with("latency_ms", answer.latency_ms.map_or_else(unanswered, Reading::number));
    match (&answer.wrong, answer.status) {
        (Some(wrong), _) => {
            seen.with("cause", Reading::text(wrong.cause)).because(wrong.detail.clone())
        }
        (None, Some(status)) => seen.because(format!("HTTP {status}")),
        (None, None) => seen,
    }
}
