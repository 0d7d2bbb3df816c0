//! Channel kind `teams`: an Adaptive Card to a workflow of Microsoft Teams ("Post to a channel when a webhook request is
//! received").
//!
//! The document is a message with one attachment of type `application/vnd.microsoft.card.adaptive`, at most 28 KB
//! (<https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using>). The text
//! stands in a `RichTextBlock`, whose runs know no Markdown (<https://adaptivecards.io/explorer/TextRun.html>): what an
//! alert says is never a link and never a mention.

use crate::{
    channel::{Kind, Message},
    outside, room,
};
use domain::fact::Event;
use serde_json::{Value, json};

/// Bytes of text; the card around it and the escapes of JSON stay below 28 KB with it.
const BYTES: usize = 12_000;
/// Characters of the subject.
const SUBJECT: usize = 200;

/// The row of the table.
pub(crate) const KIND: Kind = Kind {
    name: "teams",
    summary: (
        "Microsoft Teams のチャネルに書き込む (ワークフローの Webhook)",
        "writes to a channel of Microsoft Teams through the webhook of a workflow",
    ),
    example: "\
kind: teams
url: secret:teams-url             # or url_env, url_file; the URL is a password
",
    parse: |fields, problems| room::parse(fields, problems, document, |_| ()),
};

fn document(message: &Message<'_>) -> Value {
    let color = match message.notice.event {
        Event::Resolved => "good",
        Event::Update
        | Event::Reminder
        | Event::Test
        | Event::Acknowledged
        | Event::Draft
        | Event::Digest
        | Event::Statement => "default",
        _ => "attention",
    };
    let run = |text: String| json!({"type": "TextRun", "text": text});
    let mut title = run(outside::cut(&message.subject(), SUBJECT));
    title["weight"] = "bolder".into();
    title["color"] = color.into();
    let text = outside::fit(&message.text(), BYTES, str::len, str::to_owned);
    let block = |run: Value| json!({"type": "RichTextBlock", "inlines": [run]});
    // A line feed inside of a run is shown as a space by some clients: every line is a block.
    let lines = text.lines().map(|line| block(run(line.to_owned())));
    let body: Vec<_> = std::iter::once(block(title)).chain(lines.take(60)).collect();
    json!({
        "type": "message",
        "attachments": [{
            "contentType": "application/vnd.microsoft.card.adaptive",
            "contentUrl": null,
            "content": {
                "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                "type": "AdaptiveCard",
                "version": "1.4",
                "body": body,
            },
        }],
    })
}
