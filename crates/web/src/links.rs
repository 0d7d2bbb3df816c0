//! Links with which a person answers: signed, for one person and one purpose, and good for a day, or for minutes where
//! something would run.
//!
//! `payload.signature`, both base64url; the payload is JSON, the signature HMAC-SHA256 (RFC 2104) with a key that lies in
//! the data folder. Who changes a byte, or comes late, holds nothing.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{
    approval::ANSWER_WITHIN,
    fact::{About, Asks, NoticeOwed},
    ids::{ContactName, IncidentId, NoticeId},
    wish,
};
use hmac::{Hmac, KeyInit, Mac};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use std::fmt;

/// How long a link is good. An incident that nobody took for a day has told its people again.
const GOOD_FOR: SignedDuration = SignedDuration::from_hours(24);
/// What a signature of ours is about: the same key signs nothing else in the same words.
const CONTEXT: &[u8] = b"hikeshi answer 1\n";
/// Longer than any token of ours.
const LONGEST: usize = 2048;

/// What a token is good for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Answer on a page what the message asked.
    Answer(Asks),
    /// A service reports on a message about this incident, if it is about one.
    Report(Option<IncidentId>),
}

/// What a token grants.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// For what.
    pub purpose: Purpose,
    /// The notice that carried it.
    pub notice: NoticeId,
    /// The only person who may use it.
    pub person: ContactName,
    /// Until when.
    pub until: Timestamp,
}

/// Makes and reads tokens.
#[derive(Clone)]
pub struct Links {
    base: String,
    key: [u8; 32],
}

impl Links {
    /// With the public address, without a slash at its end, and a key of 256 random bits.
    pub fn new(base: impl Into<String>, key: [u8; 32]) -> Self {
        Self { base: base.into(), key }
    }

    /// The public address.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// The token of a link in a notice to a person, and that for reports on it; none: there is nothing to answer, or nobody
    /// in particular is told.
    pub fn tokens(&self, notice: &NoticeOwed, now: Timestamp) -> Option<(String, String)> {
        let person = notice.to.clone()?;
        let asks = wish::asked(notice)?;
        let incident = match &notice.about {
            About::Incident(id) => Some(*id),
            _ => None,
        };
        let token = |purpose, good_for| {
            let until = now.saturating_add(good_for).ok()?;
            Some(self.sign(&Grant { purpose, notice: notice.id, person: person.clone(), until }))
        };
        // The question itself ends sooner; no link outlives it by more than the way to the phone takes.
        let good_for = if matches!(asks, Asks::Approval(_)) { ANSWER_WITHIN } else { GOOD_FOR };
        let page = token(Purpose::Answer(asks), good_for)?;
        Some((page, token(Purpose::Report(incident), GOOD_FOR)?))
    }

    /// A token.
    pub fn sign(&self, grant: &Grant) -> String {
        let payload = serde_json::to_vec(grant).expect("names and numbers always become JSON");
        let signature = self.mac(&payload).finalize().into_bytes();
        format!("{}.{}", URL_SAFE_NO_PAD.encode(payload), URL_SAFE_NO_PAD.encode(signature))
    }

    /// What a token grants now; none: it is not ours, or its time is over.
    pub fn read(&self, token: &str, now: Timestamp) -> Option<Grant> {
        let (payload, signature) = token.split_once('.').filter(|_| token.len() <= LONGEST)?;
        let payload = URL_SAFE_NO_PAD.decode(payload).ok()?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        self.mac(&payload).verify_slice(&signature).ok()?;
        let grant: Grant = serde_json::from_slice(&payload).ok()?;
        (now < grant.until).then_some(grant)
    }

    fn mac(&self, payload: &[u8]) -> Hmac<Sha256> {
        let mut mac = Hmac::new_from_slice(&self.key).expect("a key of any length");
        mac.update(CONTEXT);
        mac.update(payload);
        mac
    }
}

/// The key is shown nowhere.
impl fmt::Debug for Links {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Links({})", self.base)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    #[test]
    fn a_token_is_good_for_its_day_and_for_nobody_who_changes_it() {
        let links = Links::new("https://hikeshi.example.jp", [7; 32]);
        let grant = Grant {
            purpose: Purpose::Answer(Asks::Incident(IncidentId(7))),
            notice: NoticeId(12),
            person: "佐藤".into(),
            until: at("2026-11-23T01:00:00Z"),
        };
        let token = links.sign(&grant);
        assert_eq!(links.read(&token, at("2026-11-22T01:00:00Z")), Some(grant.clone()));
        assert_eq!(links.read(&token, at("2026-11-23T01:00:00Z")), None, "its time is over");
        let now = at("2026-11-22T01:00:00Z");
        assert_eq!(Links::new("x", [8; 32]).read(&token, now), None, "another key");
        for (index, _) in token.char_indices() {
            let mut other = token.clone().into_bytes();
            other[index] = if other[index] == b'A' { b'B' } else { b'A' };
            let other = String::from_utf8(other).expect("ASCII");
            assert_ne!(
                links.read(&other, now).as_ref(),
                Some(&Grant { notice: NoticeId(13), ..grant.clone() })
            );
            assert!(links.read(&other, now).is_none_or(|read| read == grant), "{other}");
        }
        for nonsense in ["", ".", "a.b", &"a".repeat(5000), "e30.e30"] {
            assert_eq!(links.read(nonsense, now), None);
        }
        assert!(!format!("{links:?}").contains('7'));
    }
}
