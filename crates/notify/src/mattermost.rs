//! Channel kind `mattermost`: a message to an incoming webhook of Mattermost.
//!
//! `text` is Markdown of at most 16383 characters; a longer one becomes several messages
//! (<https://developers.mattermost.com/integrate/webhooks/incoming/>).

use crate::{
    channel::{Kind, Message},
    outside, room,
};
use serde_json::{Value, json};

/// The limit of `text`.
const UNITS: usize = 16_383;

/// The row of the table.
pub(crate) const KIND: Kind = Kind {
    name: "mattermost",
    summary: (
        "Mattermost のチャンネルに書き込む (Incoming Webhook)",
        "writes to a channel of Mattermost through an incoming webhook",
    ),
    example: "\
kind: mattermost
url: secret:mattermost-url        # or url_env, url_file; the URL is a password
",
    parse: |fields, problems| room::parse(fields, problems, document, |_| ()),
};

fn document(message: &Message<'_>) -> Value {
    let text = format!("{}\n{}", message.subject(), message.text());
    json!({"text": outside::fit(&text, UNITS, outside::units, outside::markdown)})
}
