//! Channel kind `ntfy`: a push message over ntfy.sh or a server of one's own, to a topic, or to a topic for each person.
//!
//! A JSON document is posted to the root of the server: `topic`, `title`, `message`, `priority` from 1 to 5, `tags`, and up
//! to three `actions` (<https://docs.ntfy.sh/publish/#publish-as-json>). A message has at most 4096 bytes; a longer one
//! becomes an attachment. Nothing of an alert stands in a header.

use crate::{
    bearer,
    channel::{Channel, Kind, Message, Settings, Told},
    outside,
    post::{JSON, Poster},
};
use domain::{fact::Event, severity::Priority};
use futures::future::BoxFuture;
use reqwest::{
    Url,
    header::{AUTHORIZATION, HeaderMap},
};
use secrets::Reader;
use serde_json::{Value, json};
use source::{Fields, Problems, Secret};
use std::sync::Arc;

/// The limit of a message.
const BYTES: usize = 4096;
/// Characters of a title.
const TITLE: usize = 200;

/// The row of the table.
pub(crate) const KIND: Kind = Kind {
    name: "ntfy",
    summary: (
        "ntfy で携帯に通知する (優先度とボタンつき)",
        "pushes to phones over ntfy, with a priority and a button",
    ),
    example: "\
kind: ntfy
api: https://ntfy.example.jp      # without it https://ntfy.sh
topic: ops-7f3k                   # a room; without it each contact has a topic of its own
token: secret:ntfy                # or token_env, token_file; none: an open topic
pager: true
",
    parse,
};

#[derive(Clone, Debug)]
struct Ntfy {
    api: Url,
    topic: Option<String>,
    token: Option<Secret>,
}

fn parse(fields: &mut Fields<'_>, problems: &mut Problems) -> Option<Arc<dyn Settings>> {
    let api = bearer::api(fields, "https://ntfy.sh", problems);
    let topic = fields.text("topic", problems);
    let token = Secret::take(fields, ["token", "token_env", "token_file"], problems);
    Some(Arc::new(Ntfy { api: api?, topic, token }))
}

impl Settings for Ntfy {
    fn is_room(&self) -> bool {
        self.topic.is_some()
    }

    fn secrets(&self) -> Vec<Secret> {
        self.token.iter().cloned().collect()
    }

    fn make(&self, reader: Reader) -> Box<dyn Channel> {
        Box::new(Publisher { ntfy: self.clone(), poster: Poster::new(), reader })
    }
}

struct Publisher {
    ntfy: Ntfy,
    poster: Poster,
    reader: Reader,
}

impl Channel for Publisher {
    fn tell<'a>(&'a self, message: &'a Message<'a>) -> BoxFuture<'a, Told> {
        Box::pin(async move {
            let Some(topic) = self.ntfy.topic.as_deref().or(message.address) else {
                return Told::hopeless("ntfy needs a topic; give the contact one");
            };
            let mut headers = HeaderMap::new();
            if let Some(token) = &self.ntfy.token {
                match bearer::header(&self.reader, token).await {
                    Ok(token) => headers.insert(AUTHORIZATION, token),
                    Err(why) => return Told::try_again(why),
                };
            }
            let url = bearer::at(&self.ntfy.api, "/");
            let json = document(message, topic).to_string();
            match self.poster.send(url, headers, JSON, json).await {
                Ok(taken) => {
                    let id = taken.json()["id"].as_str().map(str::to_owned);
                    taken.told.with_receipt(id)
                }
                Err(refused) => refused.told,
            }
        })
    }
}

fn document(message: &Message<'_>, topic: &str) -> Value {
    let notice = message.notice;
    let (priority, tag) = match (notice.event, notice.priority) {
        (Event::Resolved, _) => (3, "white_check_mark"),
        (Event::Report, _) => (5, "rotating_light"),
        (
            Event::Update
            | Event::Reminder
            | Event::Acknowledged
            | Event::Draft
            | Event::Statement
            | Event::Digest,
            _,
        ) => (2, "information_source"),
        (_, Some(Priority::P0)) => (5, "rotating_light"),
        (_, Some(Priority::P1)) => (4, "rotating_light"),
        _ => (3, "warning"),
    };
    let mut document = json!({
        "topic": topic,
        "title": outside::cut(&message.subject(), TITLE),
        "message": outside::fit(&message.text(), BYTES, str::len, str::to_owned),
        "priority": priority,
        "tags": [tag],
    });
    if let Some(answers) = message.answers {
        let label = message.language.pick("回答", "Answer");
        document["click"] = answers.link().into();
        document["actions"] = json!([{"action": "view", "label": label, "url": answers.link()}]);
    }
    document
}
