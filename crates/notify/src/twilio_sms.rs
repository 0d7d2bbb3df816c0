//! Channel kind `twilio_sms`: a short message; the reply `7a` acknowledges INC-7, `7c` closes it (as GoAlert does).
//!
//! A body has at most 1600 characters (<https://www.twilio.com/docs/messaging/api/message-resource>). Replies come to
//! `/answer/twilio/NAME/sms` of hikeshi, which is entered as the webhook of the number; `delivered` as a status callback
//! proves that the phone has it (<https://www.twilio.com/docs/messaging/guides/track-outbound-message-status>).

use crate::{
    channel::{Kind, Message, Settings},
    outside,
    twilio::Product,
};
use source::{Fields, Problems};
use std::sync::Arc;

/// The limit of a body.
const UNITS: usize = 1600;
/// A page that costs ten messages helps nobody: the text before the codes.
const TEXT: usize = 600;

/// The row of the table.
pub(crate) const KIND: Kind = Kind {
    name: "twilio_sms",
    summary: (
        "SMS を送る (Twilio 互換。`7a` の返信で INC-7 に対応、`7c` でクローズ)",
        "sends a short message (compatible with Twilio; the reply `7a` acknowledges INC-7, `7c` closes it)",
    ),
    example: "\
kind: twilio_sms                  # each contact has a number here: sato: {sms: \"+819012345678\"}
account: AC0123456789abcdef0123456789abcdef
token: secret:twilio              # the auth token; or token_env, token_file
from: \"+815012345678\"
pager: true
",
    parse,
};

/// What a short message and a call differ in.
const PRODUCT: Product = Product {
    resource: "Messages",
    without_number: "a short message needs a number; give the contact one",
    status_event: None,
    fields,
};

fn parse(fields: &mut Fields<'_>, problems: &mut Problems) -> Option<Arc<dyn Settings>> {
    PRODUCT.parse(fields, problems)
}

fn fields(message: &Message<'_>) -> Vec<(&'static str, String)> {
    vec![("Body", body(message))]
}

fn body(message: &Message<'_>) -> String {
    let text = format!("{}\n{}", message.subject(), message.text());
    let mut body = outside::fit(&text, TEXT, outside::units, str::to_owned);
    if let Some(link) = message.link() {
        // The codes are of use only where replies can reach hikeshi, which is where there is a link.
        if let Some(incident) = message.asks_about() {
            let number = incident.0;
            body.push_str(&message.language.pick(
                format!("\n返信: {number}a 対応 / {number}c クローズ"),
                format!("\nReply {number}a to acknowledge, {number}c to close"),
            ));
        }
        body.push('\n');
        body.push_str(&link);
    }
    outside::fit(&body, UNITS, outside::units, str::to_owned)
}
