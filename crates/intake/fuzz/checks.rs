//! What must hold whatever bytes arrive. The fuzz targets ask here, and so do the tests that read what they found.

use domain::{
    labels::Labels,
    matcher::{self, Matcher},
    signal::Told,
};
use intake::{Word, alertmanager, kinds, limits};
use jiff::Timestamp;
use std::str;

/// Bytes of an answer: nobody gets back much more than they sent.
const ANSWER_BYTES: usize = 64 << 10;

/// Reads bytes as a request of one format.
pub fn format(name: &str, bytes: &[u8]) {
    let index = kinds::KINDS.iter().position(|format| format.name == name);
    let heard = kinds::read_any(index.expect("a format of the table"), bytes);
    let answer = match &heard {
        Ok(heard) => &heard.answer,
        Err(rejected) => rejected.answer(),
    };
    assert!((200..600).contains(&answer.status), "{answer:?}");
    assert!(answer.body.len() <= ANSWER_BYTES + bytes.len(), "{} bytes", answer.body.len());
    for word in heard.iter().flat_map(|heard| &heard.words) {
        if let Word::Told(told) = word {
            an_alert(told);
        }
        serde_json::to_string(word).expect("every word can be written down");
    }
}

/// Reads bytes as what Alertmanager's API takes beside alerts: a silence, and queries.
pub fn alertmanager_asks(bytes: &[u8]) {
    if let Ok(silence) = alertmanager::silences::read(bytes, Timestamp::UNIX_EPOCH) {
        assert!(!silence.matchers.is_empty() && silence.ends_at > silence.starts_at);
        silence.matchers.iter().for_each(a_matcher);
    }
    let Ok(text) = str::from_utf8(bytes) else { return };
    let _ = alertmanager::query::AlertsQuery::read(text);
    let _ = alertmanager::query::SilencesQuery::read(text);
}

/// An alert keeps the limits, and comes back from the journal as it went in.
fn an_alert(told: &Told) {
    let count = told.labels.iter().count();
    assert!((1..=limits::PAIRS).contains(&count), "{count} labels");
    let bytes = told.labels.as_json().len() + told.annotations.as_json().len();
    assert!(bytes <= limits::ALERT_BYTES, "{bytes} bytes");
    let json = serde_json::to_string(told).expect("it can be written down");
    assert_eq!(serde_json::from_str::<Told>(&json).expect("it can be read"), *told, "{json}");
}

/// A matcher reads back as it is, from its text and from the journal.
fn a_matcher(matcher: &Matcher) {
    let text = matcher.to_string();
    assert_eq!(text.parse().as_ref(), Ok(matcher), "{text}");
    let json = serde_json::to_string(matcher).expect("it can be written down");
    assert_eq!(serde_json::from_str::<Matcher>(&json).expect("it can be read"), *matcher);
}

/// Reads bytes as labels, and as matchers.
pub fn labels_and_matchers(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    let labels = serde_json::from_str::<Labels>(text);
    if let Ok(labels) = &labels {
        assert_eq!(serde_json::from_str::<Labels>(labels.as_json()).expect("JSON"), *labels);
        assert_eq!(Labels::new(labels.iter()), *labels);
        assert_eq!(labels.iter().count() == 0, labels.is_empty());
    }
    for matcher in matcher::parse_all(text).into_iter().flatten() {
        a_matcher(&matcher);
        labels.iter().for_each(|labels| _ = matcher.matches(labels));
    }
}
