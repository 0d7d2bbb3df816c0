//! Channel kind `pagerduty`: incidents as events of PagerDuty's Events API v2: trigger, acknowledge, resolve.
//!
//! `POST /v2/enqueue` with `routing_key`, `event_action`, `dedup_key` (at most 255 characters) and `payload`: `summary`
//! (at most 1024), `source`, `severity` (critical, error, warning, info), `timestamp`, `custom_details`; 512 KB in all;
//! 202 when taken, 429 when there were too many (<https://developer.pagerduty.com/docs/send-alert-event>). The
//! `dedup_key` follows from the number of the incident: told again it is the same incident there, and every event of it,
//! from whichever life of hikeshi, finds it.

use crate::{
    bearer,
    channel::{Channel, Kind, Message, Settings, Told},
    identity, outside,
    post::Poster,
};
use domain::{
    fact::{About, Event},
    severity::{Level, Priority},
};
use futures::future::BoxFuture;
use reqwest::{Url, header::HeaderMap};
use secrets::Reader;
use serde_json::{Value, json};
use source::{Fields, Hidden, Problems, Secret};
use std::sync::Arc;

/// The limit of a summary.
const SUMMARY: usize = 1024;
/// Bytes of the text.
const TEXT: usize = 100_000;

/// The row of the table.
pub(crate) const KIND: Kind = Kind {
    name: "pagerduty",
    summary: (
        "PagerDuty にインシデントを送る (Events API v2: 発生・対応開始・復旧)",
        "sends incidents to PagerDuty (Events API v2: trigger, acknowledge, resolve)",
    ),
    example: "\
kind: pagerduty
routing_key: secret:pagerduty     # the integration key; or routing_key_env, routing_key_file
source: hikeshi-tokyo             # names this hikeshi where several share a service; without it: hikeshi
pager: true
",
    parse,
};

#[derive(Clone, Debug)]
struct PagerDuty {
    api: Url,
    routing_key: Secret,
    source: String,
}

fn parse(fields: &mut Fields<'_>, problems: &mut Problems) -> Option<Arc<dyn Settings>> {
    let api = bearer::api(fields, "https://events.pagerduty.com", problems);
    let keys = ["routing_key", "routing_key_env", "routing_key_file"];
    let routing_key = bearer::secret(fields, keys, problems);
    let source = fields.text_or("source", "hikeshi", problems);
    Some(Arc::new(PagerDuty { api: api?, routing_key: routing_key?, source }))
}

impl Settings for PagerDuty {
    fn is_room(&self) -> bool {
        true
    }

    fn is_mirror(&self) -> bool {
        true
    }

    fn secrets(&self) -> Vec<Secret> {
        vec![self.routing_key.clone()]
    }

    fn make(&self, reader: Reader) -> Box<dyn Channel> {
        Box::new(Events { pagerduty: self.clone(), poster: Poster::new(), reader })
    }
}

struct Events {
    pagerduty: PagerDuty,
    poster: Poster,
    reader: Reader,
}

impl Channel for Events {
    fn tell<'a>(&'a self, message: &'a Message<'a>) -> BoxFuture<'a, Told> {
        Box::pin(async move {
            let routing_key = match self.reader.read(&self.pagerduty.routing_key).await {
                Ok(key) => key,
                Err(why) => return Told::try_again(why),
            };
            let url = bearer::at(&self.pagerduty.api, "/v2/enqueue");
            let json = self.pagerduty.document(message, &routing_key).to_string();
            let told = self.poster.post(url, HeaderMap::new(), json).await;
            // The key stands in the body, so an answer that repeats the body repeats the key.
            let detail = told.detail.replace(routing_key.reveal().trim(), "***");
            Told { detail, ..told }
        })
    }
}

impl PagerDuty {
    fn document(&self, message: &Message<'_>, routing_key: &Hidden) -> Value {
        let notice = message.notice;
        let action = match notice.event {
            Event::Resolved => "resolve",
            Event::Acknowledged => "acknowledge",
            _ => "trigger",
        };
        let severity = match (notice.priority, notice.level) {
            (Some(Priority::P0), _) | (None, Some(Level::Critical)) => "critical",
            (Some(Priority::P1), _) => "error",
            (Some(Priority::P2), _) | (None, Some(Level::Warning)) => "warning",
            _ => "info",
        };
        // What is told of many alerts together, and a test, has no end of its own there.
        let about = match &notice.about {
            About::Alerts(_) | About::News(_) | About::Channel(..) | About::Digest(_) => {
                identity::key(notice)
            }
            about => identity::thread(about),
        };
        json!({
            "routing_key": routing_key.reveal().trim(),
            "event_action": action,
            "dedup_key": outside::cut(&format!("{}/{about}", self.source), 250),
            "client": "hikeshi",
            "payload": {
                "summary": outside::fit(&message.subject(), SUMMARY, outside::units, str::to_owned),
                "source": self.source,
                "severity": severity,
                "timestamp": message.owed_at.to_string(),
                "custom_details": {
                    "text": outside::fit(&message.text(), TEXT, str::len, str::to_owned),
                    "notice": notice.id.to_string(),
                },
            },
        })
    }
}
