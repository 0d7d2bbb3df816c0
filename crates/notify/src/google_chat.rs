//! Channel kind `google_chat`: a message to an incoming webhook of Google Chat; all about one incident is one thread.
//!
//! The thread is named by `thread.threadKey`, which we derive from the number of the incident, and is answered with
//! `messageReplyOption=REPLY_MESSAGE_FALLBACK_TO_NEW_THREAD`; one message per second and space; a message has at most
//! 32,000 bytes (<https://developers.google.com/workspace/chat/quickstart/webhooks>,
//! <https://developers.google.com/workspace/chat/limits>). In a text `<users/all>` calls everybody and `<url|name>` is a
//! link: no `<` is followed by a name here.

use crate::{
    channel::{Kind, Message},
    identity, outside, room,
};
use serde_json::{Value, json};

/// Bytes of text; far below the limit, so that it is read at a glance.
const BYTES: usize = 4096;

/// The row of the table.
pub(crate) const KIND: Kind = Kind {
    name: "google_chat",
    summary: (
        "Google Chat のスペースに書き込む (Webhook、インシデントごとに一つのスレッド)",
        "writes to a space of Google Chat through a webhook, one thread for each incident",
    ),
    example: "\
kind: google_chat
url: secret:google-chat-url       # or url_env, url_file; the URL is a password
",
    parse: |fields, problems| {
        room::parse(fields, problems, document, |url| {
            url.query_pairs_mut()
                .append_pair("messageReplyOption", "REPLY_MESSAGE_FALLBACK_TO_NEW_THREAD");
        })
    },
};

fn document(message: &Message<'_>) -> Value {
    let text = format!("{}\n{}", message.subject(), message.text());
    let harmless = |text: &str| text.replace('<', "<\u{200b}");
    json!({
        "text": outside::fit(&text, BYTES, str::len, harmless),
        "thread": {"threadKey": identity::thread(&message.notice.about)},
    })
}
