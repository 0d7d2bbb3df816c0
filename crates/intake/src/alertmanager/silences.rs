//! Silences on the wire: `POST /silences`, and how one is shown.

use super::errors;
use crate::{answer::Rejected, limits, text::Text, time};
use domain::{labels::Labels, matcher::Matcher};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Matchers of one silence.
const MATCHERS: usize = 100;
/// Bytes of the comment, and of the creator's name.
const TEXT_BYTES: usize = 16 << 10;

/// What somebody asks to be silenced. A start in the past means now.
#[derive(Clone, Debug, PartialEq)]
pub struct SilenceAsk {
    /// The silence to change; none: a new one.
    pub id: Option<String>,
    /// Which alerts; at least one matcher, and not all of them match what an alert lacks.
    pub matchers: Vec<Matcher>,
    /// From when.
    pub starts_at: Timestamp,
    /// Until when: after the start and after now.
    pub ends_at: Timestamp,
    /// Who, as they name themselves.
    pub created_by: String,
    /// Why.
    pub comment: String,
    /// What else is said.
    pub annotations: Labels,
}

/// The body as it is, before it is judged.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Posted<'a> {
    id: Option<String>,
    comment: Option<String>,
    created_by: Option<String>,
    #[serde(borrow)]
    ends_at: Option<Text<'a>>,
    matchers: Option<Vec<PostedMatcher>>,
    #[serde(borrow)]
    starts_at: Option<Text<'a>>,
    annotations: Option<BTreeMap<String, String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PostedMatcher {
    is_equal: Option<bool>,
    is_regex: Option<bool>,
    name: Option<String>,
    value: Option<String>,
}

/// Reads the body of `POST /silences`.
///
/// # Errors
/// 400 for what is no JSON or means nothing, 422 for what is missing; worded as Alertmanager does.
pub fn read(body: &[u8], now: Timestamp) -> Result<SilenceAsk, Rejected> {
    let text = String::from_utf8_lossy(body);
    let text = match text.trim() {
        "" => return Err(errors::coded(602, "silence in body is required")),
        "null" => "{}",
        text => text,
    };
    let posted: Posted =
        serde_json::from_str(text).map_err(|error| errors::unreadable("silence", &error))?;
    let required = |name: &str| errors::coded(602, format!("{name} in body is required"));
    let comment = posted.comment.ok_or_else(|| required("comment"))?;
    let created_by = posted.created_by.ok_or_else(|| required("createdBy"))?;
    let ends_at = posted.ends_at.ok_or_else(|| required("endsAt"))?;
    let matchers = posted.matchers.ok_or_else(|| required("matchers"))?;
    let starts_at = posted.starts_at.ok_or_else(|| required("startsAt"))?;
    let matchers = read_matchers(matchers)?;
    let at = |name: &str, text: &Text| {
        let at = time::read(text.as_ref()).map_err(|why| {
            errors::coded(400, format!("parsing silence body from \"\" failed, because {why}"))
        })?;
        at.ok_or_else(|| {
            errors::plain(400, format!("invalid silence: invalid zero {name} timestamp"))
        })
    };
    let (starts_at, ends_at) = (at("start", &starts_at)?, at("end", &ends_at)?);
    let refuse = |why: &str| Err(errors::plain(400, format!("Failed to create silence: {why}")));
    if starts_at >= ends_at {
        return refuse("start time must be before end time");
    }
    if ends_at < now {
        return refuse("end time can't be in the past");
    }
    if comment.len() > TEXT_BYTES || created_by.len() > TEXT_BYTES {
        return refuse("comment or creator is too long");
    }
    let annotations: Vec<_> = posted.annotations.unwrap_or_default().into_iter().collect();
    let annotations = limits::annotations(&annotations)
        .map_err(|why| errors::plain(400, format!("invalid silence: {why}")))?;
    let id = posted.id.filter(|id| !id.is_empty());
    Ok(SilenceAsk { id, matchers, starts_at, ends_at, created_by, comment, annotations })
}

fn read_matchers(posted: Vec<PostedMatcher>) -> Result<Vec<Matcher>, Rejected> {
    let invalid = |why: String| errors::plain(400, format!("invalid silence: {why}"));
    if posted.is_empty() {
        return Err(errors::coded(612, "matchers in body should have at least 1 items"));
    }
    if posted.len() > MATCHERS {
        return Err(invalid(format!("more than {MATCHERS} matchers")));
    }
    let mut matchers = Vec::with_capacity(posted.len());
    for (index, posted) in posted.into_iter().enumerate() {
        let required = |field: &str| {
            errors::coded(602, format!("matchers.{index}.{field} in body is required"))
        };
        let is_regex = posted.is_regex.ok_or_else(|| required("isRegex"))?;
        let name = posted.name.ok_or_else(|| required("name"))?;
        let value = posted.value.ok_or_else(|| required("value"))?;
        if name.len() > limits::NAME_BYTES || value.len() > limits::LABEL_BYTES {
            return Err(invalid(format!("invalid label matcher {index}: it is too long")));
        }
        let matcher = Matcher::new(name, value, is_regex, posted.is_equal.unwrap_or(true));
        matchers
            .push(matcher.map_err(|why| invalid(format!("invalid label matcher {index}: {why}")))?);
    }
    // A silence of everything that lacks a label would silence nearly everything.
    if matchers.iter().all(|matcher| matcher.is_equal && matcher.accepts("")) {
        return Err(invalid("at least one matcher must not match the empty string".into()));
    }
    Ok(matchers)
}

/// Where a silence stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum SilenceState {
    /// It holds.
    Active,
    /// It will begin.
    Pending,
    /// It is over.
    Expired,
}

/// A silence as clients see it.
#[derive(Clone, Copy, Debug)]
pub struct SilenceView<'a> {
    /// Its UUID.
    pub id: &'a str,
    /// Where it stands.
    pub state: SilenceState,
    /// When it was changed last.
    pub updated_at: Timestamp,
    /// Why.
    pub comment: &'a str,
    /// Who.
    pub created_by: &'a str,
    /// From when.
    pub starts_at: Timestamp,
    /// Until when.
    pub ends_at: Timestamp,
    /// Which alerts.
    pub matchers: &'a [Matcher],
    /// What else was said.
    pub annotations: &'a Labels,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown<'a> {
    id: &'a str,
    status: ShownStatus,
    updated_at: String,
    comment: &'a str,
    created_by: &'a str,
    ends_at: String,
    matchers: &'a [Matcher],
    starts_at: String,
    annotations: &'a Labels,
}

#[derive(Serialize)]
struct ShownStatus {
    state: SilenceState,
}

impl Serialize for SilenceView<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let shown = Shown {
            id: self.id,
            status: ShownStatus { state: self.state },
            updated_at: time::text(self.updated_at),
            comment: self.comment,
            created_by: self.created_by,
            ends_at: time::text(self.ends_at),
            matchers: self.matchers,
            starts_at: time::text(self.starts_at),
            annotations: self.annotations,
        };
        shown.serialize(serializer)
    }
}

impl SilenceView<'_> {
    /// The key by which Alertmanager sorts a list: active ones by their end, then pending ones by their start, then
    /// expired ones, the last first.
    pub fn order(&self) -> (u8, i128) {
        match self.state {
            SilenceState::Active => (0, self.ends_at.as_nanosecond()),
            SilenceState::Pending => (1, self.starts_at.as_nanosecond()),
            SilenceState::Expired => (2, -self.ends_at.as_nanosecond()),
        }
    }
}

#[derive(Serialize)]
struct Put<'a> {
    #[serde(rename = "silenceID")]
    silence_id: &'a str,
}

/// What `POST /silences` answers: the silence that holds now. A changed one may have a new id.
pub fn put(id: &str) -> crate::answer::Answer {
    crate::answer::Answer::json(200, &Put { silence_id: id })
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"{"matchers":[{"name":"alertname","value":"Down|Slow","isRegex":true}],
        "startsAt":"2026-11-22T20:00:00Z","endsAt":"2026-11-22T22:00:00Z",
        "createdBy":"sato","comment":"the disk is being replaced"}"#;

    fn now() -> Timestamp {
        "2026-11-22T20:00:00Z".parse().expect("a time")
    }

    fn refused(body: &str) -> (u16, String) {
        let rejected = read(body.as_bytes(), now()).expect_err("refused");
        (rejected.status(), String::from_utf8(rejected.answer().body.clone()).expect("JSON"))
    }

    #[test]
    fn a_silence_is_asked_for_as_amtool_does() {
        let ask = read(GOOD.as_bytes(), now()).expect("a silence");
        assert_eq!(ask.matchers[0].to_string(), r#"alertname=~"Down|Slow""#);
        assert_eq!((ask.id, ask.created_by.as_str()), (None, "sato"));
        let edited = GOOD.replacen('{', r#"{"id":"b3a1","annotations":{"ticket":"OPS-7"},"#, 1);
        let ask = read(edited.as_bytes(), now()).expect("a silence");
        assert_eq!(ask.id.as_deref(), Some("b3a1"));
        assert_eq!(ask.annotations.as_json(), r#"{"ticket":"OPS-7"}"#);
    }

    #[test]
    fn what_is_wrong_is_told_as_alertmanager_does() {
        let with = |from: &str, to: &str| refused(&GOOD.replace(from, to));
        let coded =
            |code: u16, message: &str| (422, format!(r#"{{"code":{code},"message":"{message}"}}"#));
        assert_eq!(with(r#""comment""#, r#""x""#), coded(602, "comment in body is required"));
        assert_eq!(
            with(r#""isRegex":true"#, r#""x":1"#),
            coded(602, "matchers.0.isRegex in body is required")
        );
        assert_eq!(
            refused(r#"{"matchers":[],"startsAt":"","endsAt":"","createdBy":"","comment":""}"#),
            coded(612, "matchers in body should have at least 1 items")
        );
        assert_eq!(refused("null"), coded(602, "comment in body is required"));
        let plain = |message: &str| (400, format!("\"{message}\""));
        assert_eq!(
            with("T20:", "T22:"),
            plain("Failed to create silence: start time must be before end time")
        );
        assert_eq!(
            with("2026-", "2025-"),
            plain("Failed to create silence: end time can't be in the past")
        );
        assert_eq!(
            with("Down|Slow", ".*"),
            plain("invalid silence: at least one matcher must not match the empty string")
        );
        let (status, body) = with("Down|Slow", "(");
        assert!(
            status == 400 && body.starts_with("\"invalid silence: invalid label matcher 0: "),
            "{body}"
        );
        assert_eq!(with("2026-11-22T22:00:00Z", "0001-01-01T00:00:00Z").0, 400);
        assert_eq!(with("2026-11-22T22:00:00Z", "tomorrow").0, 400);
    }

    /// A negative matcher is allowed by itself: `env!=production` silences much, and says so.
    #[test]
    fn a_negative_matcher_alone_is_fine() {
        let body = GOOD.replace(r#""isRegex":true"#, r#""isRegex":false,"isEqual":false"#);
        assert!(read(body.as_bytes(), now()).is_ok());
    }

    #[test]
    fn a_silence_is_shown_with_every_field_that_clients_need() {
        let (matchers, annotations) = ([Matcher::equal("a", "b")], Labels::default());
        let view = SilenceView {
            id: "b3a1",
            state: SilenceState::Active,
            updated_at: now(),
            comment: "</script>",
            created_by: "sato",
            starts_at: now(),
            ends_at: now(),
            matchers: &matchers,
            annotations: &annotations,
        };
        assert_eq!(
            serde_json::to_string(&view).expect("JSON"),
            r#"{"id":"b3a1","status":{"state":"active"},"updatedAt":"2026-11-22T20:00:00.000Z","comment":"</script>","createdBy":"sato","endsAt":"2026-11-22T20:00:00.000Z","matchers":[{"name":"a","value":"b","isRegex":false,"isEqual":true}],"startsAt":"2026-11-22T20:00:00.000Z","annotations":{}}"#
        );
        let pending = SilenceView { state: SilenceState::Pending, ..view };
        let expired = SilenceView { state: SilenceState::Expired, ..view };
        assert!(view.order() < pending.order() && pending.order() < expired.order());
        assert_eq!(put("b3a1").body, br#"{"silenceID":"b3a1"}"#);
    }
}
