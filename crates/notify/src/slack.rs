//! Channel kind `slack`: a message to an incoming webhook of Slack, Mattermost, Rocket.Chat or any other that takes its form.

use crate::{
    channel::{Channel, Kind, Message, Settings, Told},
    endpoint::Endpoint,
    outside,
    post::Poster,
};
use futures::future::BoxFuture;
use reqwest::header::HeaderMap;
use secrets::Reader;
use source::{Fields, Problems, Secret};
use std::sync::Arc;

/// Slack recommends no more than this in a message.
const CHARS: usize = 4000;
/// Words behind an `@` that wake a whole room.
const CALLS: [&str; 5] = ["channel", "here", "everyone", "all", "group"];

/// The row of the table.
pub(crate) const KIND: Kind = Kind {
    name: "slack",
    summary: (
        "チャットの部屋に書き込む (Slack 互換の Incoming Webhook)",
        "writes to a chat room through a Slack-compatible incoming webhook",
    ),
    example: "\
kind: slack
url: secret:chat-url              # or url_env, url_file, or the URL itself, which is a password
timeout: 10s
",
    parse,
};

#[derive(Clone, Debug)]
struct Slack {
    endpoint: Endpoint,
}

fn parse(fields: &mut Fields<'_>, problems: &mut Problems) -> Option<Arc<dyn Settings>> {
    Endpoint::parse(fields, problems).map(|endpoint| Arc::new(Slack { endpoint }) as _)
}

impl Settings for Slack {
    fn is_room(&self) -> bool {
        true
    }

    fn secrets(&self) -> Vec<Secret> {
        self.endpoint.secret().cloned().into_iter().collect()
    }

    fn make(&self, reader: Reader) -> Box<dyn Channel> {
        Box::new(Room { slack: self.clone(), poster: Poster::new(), reader })
    }
}

struct Room {
    slack: Slack,
    poster: Poster,
    reader: Reader,
}

impl Channel for Room {
    fn tell<'a>(&'a self, message: &'a Message<'a>) -> BoxFuture<'a, Told> {
        Box::pin(async move {
            let url = match self.slack.endpoint.url(&self.reader).await {
                Ok(url) => url,
                Err(why) => return Told::try_again(why),
            };
            let json = serde_json::json!({
                "text": text(message),
                "unfurl_links": false,
                "unfurl_media": false,
            });
            self.poster.post(url, HeaderMap::new(), json.to_string()).await
        })
    }
}

fn text(message: &Message<'_>) -> String {
    let text = format!("{}\n{}", message.subject(), message.text());
    escape(&outside::cut(&text, CHARS))
}

/// Nothing in the text is markup, a link in disguise, or a call to the whole room.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '@' => {
                escaped.push('@');
                let word: String = text[at + 1..].chars().take(8).collect();
                let word = word.to_lowercase();
                // `service_down@api-1` stays what it is; ` @sato` and `@channel` call nobody.
                if !before.is_ascii_alphanumeric()
                    || CALLS.iter().any(|call| word.starts_with(call))
                {
                    escaped.push('\u{200b}');
                }
            }
            c => escaped.push(c),
        }
        before = c;
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_text_is_no_markup_and_calls_nobody() {
        assert_eq!(
            escape("<!channel> & <https://evil|ok>"),
            "&lt;!channel&gt; &amp; &lt;https://evil|ok&gt;"
        );
        assert_eq!(
            escape("@channel x@HERE @sato"),
            "@\u{200b}channel x@\u{200b}HERE @\u{200b}sato"
        );
        assert_eq!(escape("service_down@api-1"), "service_down@api-1");
    }
}
