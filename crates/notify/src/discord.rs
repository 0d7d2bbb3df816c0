//! Channel kind `discord`: a message to a webhook of Discord.
//!
//! `content` has at most 2000 characters; `allowed_mentions` with an empty `parse` calls nobody; a 429 says in
//! `Retry-After` how long to wait (<https://docs.discord.com/developers/resources/webhook#execute-webhook>,
//! <https://docs.discord.com/developers/topics/rate-limits>).

use crate::{
    channel::{Kind, Message},
    outside, room,
};
use serde_json::{Value, json};

/// The limit of `content`.
const UNITS: usize = 2000;
/// The bit of a message in which links show no previews (`SUPPRESS_EMBEDS`).
const NO_PREVIEWS: u32 = 1 << 2;

/// The row of the table.
pub(crate) const KIND: Kind = Kind {
    name: "discord",
    summary: (
        "Discord のチャンネルに書き込む (Webhook)",
        "writes to a channel of Discord through a webhook",
    ),
    example: "\
kind: discord
url: secret:discord-url           # or url_env, url_file; the URL is a password
",
    parse: |fields, problems| room::parse(fields, problems, document, |_| ()),
};

fn document(message: &Message<'_>) -> Value {
    let text = format!("{}\n{}", message.subject(), message.text());
    json!({
        "content": outside::fit(&text, UNITS, outside::units, outside::markdown),
        "allowed_mentions": {"parse": []},
        "flags": NO_PREVIEWS,
    })
}
