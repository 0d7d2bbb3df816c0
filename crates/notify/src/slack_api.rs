//! Channel kind `slack_api`: messages of a Slack app, one thread for each incident, with buttons that answer.
//!
//! `POST /api/chat.postMessage` with a bot token (scope `chat:write`). A refusal is a 200 with `"ok": false` and a word in
//! `error`; a 429 has `Retry-After` (<https://docs.slack.dev/reference/methods/chat.postMessage>,
//! <https://docs.slack.dev/apis/web-api/rate-limits>). The answer's `ts` names the message: later ones about the same
//! incident carry it as `thread_ts`, and what makes it worse or ends it is shown in the room as well. A section has at
//! most 3000 characters, a button 75 (<https://docs.slack.dev/reference/block-kit/blocks/section-block>); `&`, `<` and
//! `>` are escaped (<https://docs.slack.dev/messaging/formatting-message-text>). Who presses the button is reported to
//! `/answer/slack/NAME` of hikeshi.

use crate::{
    bearer,
    channel::{Answering, Channel, Kind, Message, Settings, Told},
    outside,
    post::{JSON, Poster, Taken},
    slack,
};
use domain::{fact::Event, wish::Wish};
use futures::future::BoxFuture;
use reqwest::{
    Url,
    header::{AUTHORIZATION, HeaderMap},
};
use secrets::Reader;
use serde_json::{Value, json};
use source::{Fields, Problems, Secret};
use std::sync::Arc;

/// The limit of a section.
const SECTION: usize = 3000;
/// The limit of the text that asks once more (<https://docs.slack.dev/reference/block-kit/composition-objects/confirmation-dialog-object>).
const CONFIRM: usize = 300;
/// The limit that Slack recommends for `text`, which notifications show.
const TEXT: usize = 4000;
/// Refusals that pass.
const PASSING: [&str; 6] = [
    "ratelimited",
    "rate_limited",
    "internal_error",
    "fatal_error",
    "service_unavailable",
    "request_timeout",
];

/// The row of the table.
pub(crate) const KIND: Kind = Kind {
    name: "slack_api",
    summary: (
        "Slack アプリとして書き込む (インシデントごとのスレッド、対応・承認のボタン)",
        "writes as a Slack app: a thread for each incident, and buttons that acknowledge and approve",
    ),
    example: "\
kind: slack_api
token: secret:slack-bot           # the bot token, xoxb-…; or token_env, token_file
channel: C0123456789              # the id of the channel
signing_secret: secret:slack-sign # proves that an answer comes from Slack; or …_env, …_file
",
    parse,
};

#[derive(Clone, Debug)]
struct SlackApi {
    api: Url,
    token: Secret,
    channel: String,
    signing_secret: Option<Secret>,
}

fn parse(fields: &mut Fields<'_>, problems: &mut Problems) -> Option<Arc<dyn Settings>> {
    let api = bearer::api(fields, "https://slack.com", problems);
    let token = bearer::secret(fields, ["token", "token_env", "token_file"], problems);
    let channel = fields.required("channel", problems).and_then(|node| node.text(problems));
    let signing_secret = Secret::take(
        fields,
        ["signing_secret", "signing_secret_env", "signing_secret_file"],
        problems,
    );
    Some(Arc::new(SlackApi { api: api?, token: token?, channel: channel?, signing_secret }))
}

impl Settings for SlackApi {
    fn is_room(&self) -> bool {
        true
    }

    fn is_mirror(&self) -> bool {
        true
    }

    fn secrets(&self) -> Vec<Secret> {
        std::iter::once(&self.token).chain(&self.signing_secret).cloned().collect()
    }

    fn answering(&self) -> Option<Answering> {
        self.signing_secret.clone().map(|secret| Answering { service: "slack", secret })
    }

    fn make(&self, reader: Reader) -> Box<dyn Channel> {
        Box::new(App { slack: self.clone(), poster: Poster::new(), reader })
    }
}

struct App {
    slack: SlackApi,
    poster: Poster,
    reader: Reader,
}

impl Channel for App {
    fn tell<'a>(&'a self, message: &'a Message<'a>) -> BoxFuture<'a, Told> {
        Box::pin(async move {
            let token = match bearer::header(&self.reader, &self.slack.token).await {
                Ok(token) => token,
                Err(why) => return Told::try_again(why),
            };
            let headers = HeaderMap::from_iter([(AUTHORIZATION, token)]);
            let url = bearer::at(&self.slack.api, "/api/chat.postMessage");
            let json = self.slack.document(message).to_string();
            match self.poster.send(url, headers, JSON, json).await {
                Ok(taken) => judge(taken),
                Err(refused) => refused.told,
            }
        })
    }
}

/// Slack refuses with a 200.
fn judge(taken: Taken) -> Told {
    let json = taken.json();
    let detail = &taken.told.detail;
    if json["ok"] == true {
        return taken.told.with_receipt(json["ts"].as_str().map(str::to_owned));
    }
    let Some(error) = json["error"].as_str().map(outside::line) else {
        return Told::try_again(format!("{detail}: this is no answer of Slack"));
    };
    let detail = format!("{detail}: {}", outside::cut(&error, 100));
    if PASSING.contains(&error.as_str()) { Told::try_again(detail) } else { Told::hopeless(detail) }
}

impl SlackApi {
    fn document(&self, message: &Message<'_>) -> Value {
        let text = format!("{}\n{}", message.subject(), message.text());
        let shown = outside::fit(&text, SECTION, |text| text.chars().count(), slack::escape);
        let mut blocks = vec![json!({
            "type": "section",
            "text": {"type": "plain_text", "text": shown, "emoji": false},
        })];
        let wishes = if self.signing_secret.is_some() { message.wishes() } else { Vec::new() };
        if !wishes.is_empty() {
            let elements: Vec<Value> = wishes.iter().map(|wish| button(message, wish)).collect();
            blocks.push(json!({"type": "actions", "elements": elements}));
        }
        let mut document = json!({
            "channel": self.channel,
            "text": outside::fit(&text, TEXT, |text| text.chars().count(), slack::escape),
            "blocks": blocks,
            "unfurl_links": false,
            "unfurl_media": false,
        });
        if let Some(thread) = message.receipt {
            let is_loud =
                matches!(message.notice.event, Event::Raised | Event::Escalated | Event::Resolved);
            document["thread_ts"] = thread.into();
            document["reply_broadcast"] = is_loud.into();
        }
        document
    }
}

/// A button; one that lets something run asks once more, so that no slip of the thumb does.
fn button(message: &Message<'_>, wish: &Wish) -> Value {
    let language = message.language;
    let plain = |text: &str| json!({"type": "plain_text", "text": text});
    let label = wish.label();
    let mut button = json!({
        "type": "button",
        "action_id": wish.verb(),
        "text": plain(label.text(language)),
        "value": message.button(wish),
    });
    match wish {
        Wish::Acknowledge(_) | Wish::Approve(_) => button["style"] = "primary".into(),
        Wish::Refuse(_) => button["style"] = "danger".into(),
        _ => {}
    }
    if wish.is_grave() {
        let asked = outside::cut(&message.subject(), CONFIRM);
        button["confirm"] = json!({
            "title": plain(language.pick("実行してよいですか?", "May it run?")),
            "text": plain(&asked),
            "confirm": plain(label.text(language)),
            "deny": plain(language.pick("やめる", "Cancel")),
        });
    }
    button
}
