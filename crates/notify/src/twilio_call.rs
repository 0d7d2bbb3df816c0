//! Channel kind `twilio_call`: a phone call that reads the message aloud; 4 acknowledges, 6 closes (as GoAlert does). During
//! a test 4 says that it has arrived.
//!
//! `Twiml` has at most 4000 characters (<https://www.twilio.com/docs/voice/api/call-resource>). `<Gather numDigits="1">`
//! posts the key to its `action` (<https://www.twilio.com/docs/voice/twiml/gather>); `<Say language="ja-JP">` speaks
//! (<https://www.twilio.com/docs/voice/twiml/say>). Where no answer is possible (no `public_url`), the text is read twice
//! and no key is offered. What became of the call comes as a status callback; only a key is proof that a person listened.

use crate::{
    channel::{Kind, Message, Settings},
    outside,
    twilio::Product,
};
use domain::wish::Wish;
use source::{Fields, Problems};
use std::sync::Arc;

/// Characters that are read aloud: about a minute. Escaped and said twice they stay below the limit of 4000.
const SPOKEN: usize = 200;

/// The row of the table.
pub(crate) const KIND: Kind = Kind {
    name: "twilio_call",
    summary: (
        "電話をかけて読み上げる (Twilio 互換。4 で対応開始、6 でクローズ)",
        "calls a phone and reads aloud (compatible with Twilio; 4 acknowledges, 6 closes)",
    ),
    example: "\
kind: twilio_call                 # each contact has a number here: sato: {phone: \"+819012345678\"}
account: AC0123456789abcdef0123456789abcdef
token: secret:twilio              # the auth token; or token_env, token_file
from: \"+815012345678\"
api: https://api.twilio.com       # or a compatible service
pager: true
",
    parse,
};

/// What a call and a short message differ in.
const PRODUCT: Product = Product {
    resource: "Calls",
    without_number: "a call needs a number; give the contact one",
    status_event: Some("completed"),
    fields,
};

fn parse(fields: &mut Fields<'_>, problems: &mut Problems) -> Option<Arc<dyn Settings>> {
    PRODUCT.parse(fields, problems)
}

fn fields(message: &Message<'_>) -> Vec<(&'static str, String)> {
    vec![("Twiml", twiml(message))]
}

fn twiml(message: &Message<'_>) -> String {
    let language = message.language;
    let code = language.pick("ja-JP", "en-US");
    let text = format!("{}\n{}", message.subject(), message.text());
    let text = outside::markup(&outside::cut(&text, SPOKEN));
    let say = |text: &str| format!("<Say language=\"{code}\">{text}</Say>");
    match (message.answers, keys(message)) {
        (Some(answers), Some(keys)) => {
            let action = outside::markup(&answers.hook("twilio", "voice"));
            let listen = format!(
                "<Gather numDigits=\"1\" timeout=\"10\" method=\"POST\" action=\"{action}\">{}{}</Gather>",
                say(&text),
                say(keys)
            );
            format!("<Response>{listen}{listen}</Response>")
        }
        _ => format!("<Response>{0}<Pause length=\"1\"/>{0}</Response>", say(&text)),
    }
}

/// Which keys are heard, if any.
fn keys(message: &Message<'_>) -> Option<&'static str> {
    let language = message.language;
    let of_test = || {
        let is_test = matches!(message.wishes()[..], [Wish::Confirm(_)]);
        is_test.then(|| {
            language
                .pick("届いたら 4 を押してください。", "Press 4 to confirm that this has arrived.")
        })
    };
    let of_incident = message.asks_about().map(|_| {
        language.pick(
            "対応を開始する場合は 4 を、クローズする場合は 6 を押してください。",
            "Press 4 to acknowledge, or 6 to close.",
        )
    });
    of_incident.or_else(of_test)
}
