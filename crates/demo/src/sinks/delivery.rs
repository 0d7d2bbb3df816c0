//! What a sink received, as one line of its file, written and read.

use crate::error::DemoError;
use crate::folder::Folder;
use jiff::Timestamp;
use mail_parser::{Address, MessageParser};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::io::ErrorKind;

/// The three sinks and the name of their file.
pub const NAMES: [&str; 3] = ["mail", "chat", "phone"];

/// Something that arrived, decoded.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Delivery {
    /// Which sink took it: `mail`, `chat` or `phone`.
    pub sink: String,
    /// When it was complete.
    pub at: Timestamp,
    /// Who sent it, for mail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The recipients of a mail, the path of a webhook.
    pub to: Vec<String>,
    /// The subject of a mail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// The text of a mail; the `text` of a webhook's JSON, else its whole body.
    pub body: String,
    /// The JSON a webhook was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub json: Option<Value>,
}

impl Delivery {
    /// A mail as it came over the wire; `to` are the recipients of its envelope.
    pub fn mail(to: Vec<String>, sender: &str, raw: &[u8]) -> Delivery {
        let message = MessageParser::default().parse(raw);
        let message = message.as_ref();
        let from = message.and_then(|it| it.from()).and_then(Address::first);
        let from = from.and_then(|it| it.address().map(str::to_owned));
        let body = message.and_then(|it| it.body_text(0)).map(|text| text.replace("\r\n", "\n"));
        Delivery {
            sink: "mail".into(),
            at: Timestamp::now(),
            from: Some(from.unwrap_or_else(|| sender.to_owned())),
            to,
            subject: message.and_then(|it| it.subject()).map(str::to_owned),
            body: body.unwrap_or_else(|| String::from_utf8_lossy(raw).into_owned()),
            json: None,
        }
    }

    /// What was posted to a webhook.
    pub fn webhook(sink: &str, path: &str, raw: &[u8]) -> Delivery {
        let json: Option<Value> = serde_json::from_slice(raw).ok();
        let text = json.as_ref().and_then(|json| json["text"].as_str()).map(str::to_owned);
        Delivery {
            sink: sink.to_owned(),
            at: Timestamp::now(),
            from: None,
            to: vec![path.to_owned()],
            subject: None,
            body: text.unwrap_or_else(|| String::from_utf8_lossy(raw).into_owned()),
            json,
        }
    }
}

/// Everything that arrived at any sink, oldest first. A line still being written is left out.
///
/// # Errors
/// [`DemoError::File`] when a file cannot be read or holds something else.
pub fn read(folder: &Folder) -> Result<Vec<Delivery>, DemoError> {
    let mut deliveries = Vec::new();
    for name in NAMES {
        let path = folder.sink(name);
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            Err(error) => return Err(DemoError::file("read", path)(error)),
        };
        let complete = text.rfind('\n').map_or("", |end| &text[..end]);
        for line in complete.lines() {
            let delivery: Delivery = serde_json::from_str(line)
                .map_err(|error| DemoError::file("understand", &path)(error.into()))?;
            deliveries.push(delivery);
        }
    }
    deliveries.sort_by_key(|delivery| delivery.at);
    Ok(deliveries)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_japanese_mail_is_decoded_so_that_it_can_be_searched() {
        let raw = "From: =?UTF-8?B?54Gr5raI44GX?= <oncall@example.jp>\r\n\
                   Subject: =?UTF-8?B?W1AwXSDnt4rmgKXkuovmhYs=?=\r\n\
                   MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\
                   Content-Transfer-Encoding: quoted-printable\r\n\r\n\
                   =E5=BD=B1=E9=9F=BF=E7=AF=84=E5=9B=B2: all\r\n";
        let mail =
            Delivery::mail(vec!["sre@example.jp".into()], "bounce@example.jp", raw.as_bytes());
        assert_eq!(mail.subject.as_deref(), Some("[P0] 緊急事態"));
        assert_eq!(mail.body, "影響範囲: all\n");
        assert_eq!(mail.from.as_deref(), Some("oncall@example.jp"));
        assert_eq!(mail.to, ["sre@example.jp"]);
    }

    #[test]
    fn a_webhook_keeps_its_json_and_its_text() {
        let body = br#"{"text":"api-2 is down","event":"firing"}"#;
        let chat = Delivery::webhook("chat", "/services/T/B", body);
        assert_eq!(chat.body, "api-2 is down");
        assert_eq!(chat.json.expect("was JSON")["event"], "firing");
        let phone = Delivery::webhook("phone", "/call", b"not json");
        assert_eq!((phone.body.as_str(), phone.json), ("not json", None));
    }

    #[test]
    fn deliveries_of_all_sinks_are_read_in_order_without_a_torn_line() {
        let place = tempfile::tempdir().expect("a temporary folder");
        let folder = Folder::create(place.path()).expect("the working folder");
        assert_eq!(read(&folder).expect("nothing yet"), []);
        let line = |sink: &str, at: &str| json!({"sink": sink, "at": at, "to": [], "body": ""});
        let later = format!("{}\n{{\"torn", line("mail", "2026-11-22T02:00:00Z"));
        std::fs::write(folder.sink("mail"), later).expect("writes");
        let earlier = format!("{}\n", line("phone", "2026-11-22T01:00:00Z"));
        std::fs::write(folder.sink("phone"), earlier).expect("writes");
        let read = read(&folder).expect("reads");
        let sinks: Vec<&str> = read.iter().map(|it| it.sink.as_str()).collect();
        assert_eq!(sinks, ["phone", "mail"]);
    }
}
