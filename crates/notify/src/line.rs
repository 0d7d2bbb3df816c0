//! Channel kind `line`: a push message of the LINE Messaging API to a person, with buttons that answer.
//!
//! `POST /v2/bot/message/push` with a bearer token. `X-Line-Retry-Key` is a UUID that we derive from the key of the
//! notice: however often it is tried, LINE takes it once and answers 409 after that
//! (<https://developers.line.biz/en/docs/messaging-api/retrying-api-request/>). A text has at most 5000 UTF-16 code
//! units, the label of a quick reply 20 characters, the data of a postback 300
//! (<https://developers.line.biz/en/reference/messaging-api/#send-push-message>). The answer of the person comes to
//! `/answer/line/NAME` of hikeshi. A 200 is no proof: LINE has answered 200 and delivered nothing (2022-07-28).

use crate::{
    bearer,
    channel::{Answering, Channel, Kind, Message, Settings, Told},
    identity, outside,
    post::{JSON, Poster, Refused},
};
use domain::{message, wish::Wish};
use futures::future::BoxFuture;
use reqwest::{
    StatusCode, Url,
    header::{AUTHORIZATION, HeaderMap, HeaderValue},
};
use secrets::Reader;
use serde_json::{Value, json};
use source::{Fields, Problems, Secret};
use std::sync::Arc;

/// The limit of a text.
const UNITS: usize = 5000;

/// The row of the table.
pub(crate) const KIND: Kind = Kind {
    name: "line",
    summary: (
        "LINE Messaging API で一人に送る (対応・承認のボタンつき)",
        "pushes to a person over the LINE Messaging API, with buttons that acknowledge and approve",
    ),
    example: "\
kind: line                        # each contact has its user id here: sato: {line: U4af4980629…}
token: secret:line-token          # the channel access token; or token_env, token_file
channel_secret: secret:line       # proves that an answer comes from LINE; or …_env, …_file
pager: true
",
    parse,
};

#[derive(Clone, Debug)]
struct Line {
    api: Url,
    token: Secret,
    channel_secret: Option<Secret>,
}

fn parse(fields: &mut Fields<'_>, problems: &mut Problems) -> Option<Arc<dyn Settings>> {
    let api = bearer::api(fields, "https://api.line.me", problems);
    let token = bearer::secret(fields, ["token", "token_env", "token_file"], problems);
    let channel_secret = Secret::take(
        fields,
        ["channel_secret", "channel_secret_env", "channel_secret_file"],
        problems,
    );
    Some(Arc::new(Line { api: api?, token: token?, channel_secret }))
}

impl Settings for Line {
    fn is_room(&self) -> bool {
        false
    }

    fn secrets(&self) -> Vec<Secret> {
        std::iter::once(&self.token).chain(&self.channel_secret).cloned().collect()
    }

    fn answering(&self) -> Option<Answering> {
        self.channel_secret.clone().map(|secret| Answering { service: "line", secret })
    }

    fn make(&self, reader: Reader) -> Box<dyn Channel> {
        Box::new(Push { line: self.clone(), poster: Poster::new(), reader })
    }
}

struct Push {
    line: Line,
    poster: Poster,
    reader: Reader,
}

impl Channel for Push {
    fn tell<'a>(&'a self, message: &'a Message<'a>) -> BoxFuture<'a, Told> {
        Box::pin(async move {
            let Some(to) = message.address else {
                return Told::hopeless("LINE needs a user id; give the contact one");
            };
            let token = match bearer::header(&self.reader, &self.line.token).await {
                Ok(token) => token,
                Err(why) => return Told::try_again(why),
            };
            let key = HeaderValue::from_str(&identity::uuid(message.notice)).expect("hex digits");
            let mut headers = HeaderMap::from_iter([(AUTHORIZATION, token)]);
            headers.insert("x-line-retry-key", key);
            let url = bearer::at(&self.line.api, "/v2/bot/message/push");
            let can_answer = self.line.channel_secret.is_some();
            let json = document(message, to, can_answer).to_string();
            match self.poster.send(url, headers, JSON, json).await {
                Ok(taken) => {
                    let id = taken.json()["sentMessages"][0]["id"].as_str().map(str::to_owned);
                    taken.told.with_receipt(id)
                }
                Err(Refused { status: Some(StatusCode::CONFLICT), told }) => {
                    Told::delivered(format!("taken before: {}", told.detail))
                }
                Err(refused) => refused.told,
            }
        })
    }
}

fn document(message: &Message<'_>, to: &str, can_answer: bool) -> Value {
    let text = format!("{}\n{}", message.subject(), message.text_with_link());
    let mut bubble = json!({
        "type": "text",
        "text": outside::fit(&text, UNITS, outside::units, str::to_owned),
    });
    let wishes = if can_answer { message.wishes() } else { Vec::new() };
    let item = |wish: &Wish| {
        let label = wish.label();
        let label = label.text(message.language);
        let action = json!({
            "type": "postback",
            "label": label,
            "data": message.button(wish),
            "displayText": format!("{label}: {}", message::subject_of(&message.notice.about)),
        });
        json!({"type": "action", "action": action})
    };
    if !wishes.is_empty() {
        bubble["quickReply"] = json!({"items": wishes.iter().map(item).collect::<Vec<_>>()});
    }
    json!({"to": to, "messages": [bubble]})
}
