//! `POST /alerts`: what Prometheus sends every minute. Read in one pass, without a tree and mostly without copies.

use super::errors;
use crate::{
    answer::{Answer, Heard, ProblemList, Rejected},
    limits,
    text::Text,
    time,
    word::Word,
};
use domain::signal::{Fingerprint, Told};
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use std::fmt;

type Pairs<'a> = Vec<(Text<'a>, Text<'a>)>;

/// Reads the body. Alerts that are valid count even where others are not: the answer is then 400 with all reasons, or
/// 422 where one has no labels at all. Unknown fields are ignored.
///
/// # Errors
/// The body is not a list of alerts.
pub fn read(body: &[u8]) -> Result<Heard, Rejected> {
    // Bytes that are no UTF-8 become U+FFFD, as in Go.
    let text = String::from_utf8_lossy(body);
    match text.trim() {
        "" => return Err(errors::coded(602, "alerts in body is required")),
        "null" => return Ok(Heard::all(Vec::new(), Answer::empty(200))),
        _ => {}
    }
    let mut batch = Batch::default();
    let mut json = serde_json::Deserializer::from_str(&text);
    let read = json.deserialize_seq(&mut batch).and_then(|()| json.end());
    read.map_err(|error| errors::unreadable("alerts", &error))?;
    let (words, problems, without_labels) =
        (batch.words, batch.problems.told(), batch.without_labels);
    let answer = match without_labels {
        _ if problems.is_empty() => Answer::empty(200),
        Some(index) => {
            errors::coded(602, format!("{index}.labels in body is required")).answer().clone()
        }
        None => Answer::json(400, &problems.join("; ")),
    };
    Ok(Heard { words, problems, answer })
}

/// What has been read so far, and room for the pairs of the alert that is read now.
#[derive(Default)]
struct Batch<'de> {
    words: Vec<Word>,
    problems: ProblemList,
    without_labels: Option<usize>,
    labels: Pairs<'de>,
    annotations: Pairs<'de>,
}

impl<'de> Visitor<'de> for &mut Batch<'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of alerts")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        for index in 0.. {
            let alert = OneAlert { labels: &mut self.labels, annotations: &mut self.annotations };
            let Some(rest) = seq.next_element_seed(alert)? else { break };
            if !rest.has_labels {
                self.without_labels.get_or_insert(index);
            }
            match told(&self.labels, &self.annotations, rest) {
                Ok(told) => self.words.push(Word::Told(told)),
                Err(problem) => self.problems.push(problem),
            }
        }
        Ok(())
    }
}

/// What an alert says beside its pairs.
#[derive(Default)]
struct Rest<'de> {
    has_labels: bool,
    starts_at: Text<'de>,
    ends_at: Text<'de>,
    generator_url: Text<'de>,
}

fn told(labels: &Pairs, annotations: &Pairs, rest: Rest) -> Result<Told, String> {
    let labels = limits::labels(labels)?;
    let annotations = limits::annotations(annotations)?;
    limits::together(&labels, &annotations)?;
    let at = |name: &str, text: &Text| {
        time::read(text.as_ref()).map_err(|why| format!("invalid {name}: {why}"))
    };
    let (starts_at, ends_at) = (at("startsAt", &rest.starts_at)?, at("endsAt", &rest.ends_at)?);
    if starts_at.zip(ends_at).is_some_and(|(start, end)| end < start) {
        return Err("start time must be before end time".into());
    }
    let generator_url: Box<str> = rest.generator_url.as_ref().into();
    if generator_url.len() > limits::URL_BYTES {
        return Err(format!("generatorURL has more than {} bytes", limits::URL_BYTES));
    }
    let fingerprint = Fingerprint(labels.hash64());
    Ok(Told { fingerprint, labels, annotations, generator_url, starts_at, ends_at })
}

#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "camelCase")]
enum Field {
    Labels,
    Annotations,
    StartsAt,
    EndsAt,
    #[serde(rename = "generatorURL")]
    GeneratorUrl,
    #[serde(other)]
    Other,
}

/// One alert; its pairs go into lists that are used again for the next.
struct OneAlert<'b, 'de> {
    labels: &'b mut Pairs<'de>,
    annotations: &'b mut Pairs<'de>,
}

impl<'de> DeserializeSeed<'de> for OneAlert<'_, 'de> {
    type Value = Rest<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Rest<'de>, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for OneAlert<'_, 'de> {
    type Value = Rest<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an alert")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Rest<'de>, A::Error> {
        let mut rest = Rest::default();
        self.labels.clear();
        self.annotations.clear();
        while let Some(field) = map.next_key()? {
            match field {
                Field::Labels => rest.has_labels = map.next_value_seed(AllPairs(self.labels))?,
                Field::Annotations => {
                    map.next_value_seed(AllPairs(self.annotations))?;
                }
                Field::StartsAt => rest.starts_at = map.next_value()?,
                Field::EndsAt => rest.ends_at = map.next_value()?,
                Field::GeneratorUrl => rest.generator_url = map.next_value()?,
                Field::Other => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(rest)
    }
}

/// An object of texts, or `null`; gives whether there was one.
struct AllPairs<'b, 'de>(&'b mut Pairs<'de>);

impl<'de> DeserializeSeed<'de> for AllPairs<'_, 'de> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for AllPairs<'_, 'de> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of texts")
    }

    fn visit_unit<E>(self) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<bool, A::Error> {
        while let Some(pair) = map.next_entry()? {
            self.0.push(pair);
        }
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(body: &str) -> Heard {
        read(body.as_bytes()).expect("a list of alerts")
    }

    fn told_of(body: &str) -> Vec<Told> {
        let words = heard(body).words.into_iter();
        words
            .map(|word| if let Word::Told(told) = word { told } else { panic!("{word:?}") })
            .collect()
    }

    fn refused(body: &str) -> (u16, String) {
        let rejected = read(body.as_bytes()).expect_err("nothing counts");
        (rejected.status(), String::from_utf8(rejected.answer().body.clone()).expect("JSON"))
    }

    /// The number is the one that Alertmanager 0.25 shows for these labels.
    #[test]
    fn an_alert_of_prometheus_is_told_with_the_number_it_has_there() {
        let body = r#"[{"labels":{"instance":"api-1","alertname":"InstanceDown","empty":""},
            "annotations":{"summary":"api-1 is down"},"startsAt":"2026-11-22T19:50:00.5Z",
            "endsAt":"0001-01-01T00:00:00Z","generatorURL":"http://prometheus/graph","new":{"x":[1]}}]"#;
        let all = told_of(body);
        assert_eq!(all[0].fingerprint.to_string(), "0e15cccbaf2fb5cc");
        assert_eq!(all[0].labels.as_json(), r#"{"alertname":"InstanceDown","instance":"api-1"}"#);
        assert_eq!(all[0].starts_at.map(|at| at.as_millisecond()), Some(1_795_377_000_500));
        assert_eq!((all[0].ends_at, &*all[0].generator_url), (None, "http://prometheus/graph"));
        assert_eq!(heard(body).answer, Answer::empty(200));
    }

    /// What Alertmanager 0.25 answers to the same batch, but for the name `a b`, which is one now.
    #[test]
    fn the_valid_ones_of_a_batch_count_and_all_reasons_are_told() {
        let body = r#"[{"labels":{"a b":"x"}},{"labels":{"a":""}},{"labels":{"a":"b"}},
            {"labels":{"a":"b"},"startsAt":"2026-01-02T00:00:00Z","endsAt":"2026-01-01T00:00:00Z"},
            {"labels":{"a":"b"},"startsAt":"99999-01-01T00:00:00Z"}]"#;
        let heard = heard(body);
        assert_eq!(heard.words.len(), 2);
        assert_eq!(heard.answer.status, 400);
        let told: String = serde_json::from_slice(&heard.answer.body).expect("a JSON text");
        assert_eq!(
            told,
            "at least one label pair required; start time must be before end time; invalid startsAt: \
             `99999-01-01T00:00:00Z` is not a time such as 2026-01-02T15:04:05Z"
        );
    }

    #[test]
    fn an_alert_without_labels_is_told_as_alertmanager_does_and_costs_no_other() {
        let heard = heard(r#"[{"labels":{"a":"b"}},{"annotations":{}},{"labels":null}]"#);
        assert_eq!((heard.words.len(), heard.problems.len()), (1, 2));
        assert_eq!(heard.answer.status, 422);
        assert_eq!(heard.answer.body, br#"{"code":602,"message":"1.labels in body is required"}"#);
    }

    #[test]
    fn what_is_no_list_of_alerts_is_refused_as_a_whole() {
        let (status, body) = refused("[{]");
        assert_eq!(status, 400);
        assert!(
            body.starts_with(
                r#"{"code":400,"message":"parsing alerts body from \"\" failed, because "#
            ),
            "{body}"
        );
        assert_eq!(refused("{}").0, 400);
        assert_eq!(refused("[] x").0, 400);
        assert_eq!(refused(r#"[{"labels":{"a":1}}]"#).0, 400);
        let required = (422, r#"{"code":602,"message":"alerts in body is required"}"#.to_owned());
        assert_eq!(refused(""), required);
    }

    #[test]
    fn an_empty_list_is_fine_and_the_last_of_two_fields_counts() {
        for nothing in ["[]", " null "] {
            assert_eq!(heard(nothing), Heard::all(Vec::new(), Answer::empty(200)));
        }
        assert_eq!(refused("[null]").0, 400);
        let all = told_of(
            r#"[{"labels":{"a":"1","a":"2"},"startsAt":null,"generatorURL":"x","generatorURL":"y"}]"#,
        );
        assert_eq!((all[0].labels.as_json(), &*all[0].generator_url), (r#"{"a":"2"}"#, "y"));
    }

    /// A decoder that builds what nobody asked for could be made to run out of its stack.
    #[test]
    fn an_unknown_field_may_be_as_deep_as_it_likes() {
        let body = format!(
            r#"[{{"labels":{{"a":"b"}},"x":{}{}}}]"#,
            "[".repeat(50_000),
            "]".repeat(50_000)
        );
        assert_eq!(told_of(&body).len(), 1);
    }

    #[test]
    fn bytes_that_are_no_utf8_do_not_cost_the_batch() {
        let heard = read(b"[{\"labels\":{\"a\":\"\xff\"}}]").expect("read");
        assert_eq!(heard.words.len(), 1);
    }

    #[test]
    fn a_thousand_wrong_alerts_make_a_short_answer() {
        let body = format!("[{}]", vec![r#"{"labels":{"a":""}}"#; 1000].join(","));
        let heard = heard(&body);
        assert_eq!(heard.problems.len(), 21);
        let told = String::from_utf8(heard.answer.body).expect("JSON");
        assert!(told.len() < 1000 && told.ends_with("and 980 more\""), "{told}");
    }
}
