//! Probe kind `json`: values out of a JSON answer over HTTP, and the age of a time in it.

use crate::{
    answers::{self, Asking, Reader, pointer, reached},
    ask::{Answer, Request},
    moment,
    outside::shown,
    probe::{Kind, Probe, ReadingMeaning, Seat, Settings},
    reach::Wrong,
    series::number,
};
use domain::{
    reading::{Observation, Reading},
    said::Said,
};
use jiff::tz::TimeZone;
use serde_json::Value;
use source::{Fields, Problems, Secret};
use std::sync::Arc;

/// The row of the table.
pub(crate) const KIND: Kind = Kind {
    name: "json",
    summary: (
        "HTTP の JSON 応答から値と時刻の古さを読む",
        "reads values, and the age of a time, out of a JSON answer over HTTP",
    ),
    example: "\
kind: json
service: batch
url: http://127.0.0.1:8080/api/status
values:                          # reading: JSON pointer; a number, a text or true and false
  queued: /queue/length
  state: /state
  ready: /ready
age_of: /last_run/finished_at    # reading age_seconds: RFC 3339, or seconds or milliseconds since 1970
zone: Asia/Tokyo                 # only where the time names no zone
every: 30s
",
    readings: READINGS,
    parse,
};

const READINGS: &[ReadingMeaning] = &[
    ("up", "期待どおりに JSON で応答したか", "whether the answer is JSON and what is expected"),
    ("latency_ms", "応答を読み終わるまでの時間", "time to the last byte"),
    ("cause", "期待と違う点 (http と同じ)", "what is wrong, as for http"),
    ("age_seconds", "`age_of` の時刻からの秒数", "seconds since the time at `age_of`"),
];

#[derive(Clone, Debug)]
struct Json {
    request: Request,
    pointers: Pointers,
}

#[derive(Clone, Debug)]
struct Pointers {
    values: Vec<(String, String)>,
    age_of: Option<String>,
    zone: Option<TimeZone>,
}

fn parse(fields: &mut Fields<'_>, problems: &mut Problems) -> Option<Arc<dyn Settings>> {
    let request = Request::parse(fields, problems);
    let written = answers::named(fields.optional("values"), READINGS, problems);
    let values: Vec<_> = written
        .into_iter()
        .filter_map(|(name, node)| Some((name, pointer(node, problems)?)))
        .collect();
    let age_of = fields.optional("age_of");
    if values.is_empty() && age_of.is_none() {
        let message = Said::new("`values` か `age_of` が必要です", "write `values` or `age_of`");
        problems.add(fields.place(), message);
    }
    let age_of = age_of.and_then(|node| pointer(node, problems));
    let zone = moment::zone(fields, problems);
    Some(Arc::new(Json { request: request?, pointers: Pointers { values, age_of, zone } }))
}

impl Settings for Json {
    fn make(&self, seat: Seat) -> Box<dyn Probe> {
        Asking::new(seat, "up", self.request.clone(), self.pointers.clone())
    }

    fn own_readings(&self) -> Vec<String> {
        self.pointers.values.iter().map(|(name, _)| name.clone()).collect()
    }

    fn secrets(&self) -> Vec<Secret> {
        self.request.secrets()
    }
}

impl Reader for Pointers {
    fn read(&mut self, seat: &Seat, answer: &Answer) -> Observation {
        let document = match &answer.wrong {
            Some(wrong) => Err(wrong.clone()),
            None => answers::json(&answer.body).map_err(|why| Wrong::new("body", why)),
        };
        match document {
            Ok(document) => self.observe(reached(seat, answer), &document),
            Err(wrong) => {
                let answer = Answer { wrong: Some(wrong), ..answer.clone() };
                self.unread(reached(seat, &answer))
            }
        }
    }
}

impl Pointers {
    fn observe(&self, mut seen: Observation, document: &Value) -> Observation {
        let mut notes = Vec::new();
        for (name, pointer) in &self.values {
            let reading = reading(document.pointer(pointer));
            if let Reading::Unknown(why) = &reading {
                notes.push(why.within(|why| format!("{pointer}: {why}")));
            }
            seen = seen.with(name, reading);
        }
        if let Some(pointer) = &self.age_of {
            let reading = self.age(document.pointer(pointer), &seen);
            if let Reading::Unknown(why) = &reading {
                notes.push(why.within(|why| format!("{pointer}: {why}")));
            }
            seen = seen.with("age_seconds", reading);
        }
        if notes.is_empty() { seen } else { seen.because(Said::join(&notes, "; ")) }
    }

    fn age(&self, value: Option<&Value>, seen: &Observation) -> Reading {
        let Some(value) = value else {
            return Reading::Unknown(Said::new("応答にありません", "not in the answer"));
        };
        match moment::from_json(value, self.zone.as_ref()) {
            Ok(at) => number(seen.at.duration_since(at).as_secs_f64()),
            Err(why) => Reading::Unknown(why),
        }
    }

    /// Without an answer nothing is known about any value.
    fn unread(&self, mut seen: Observation) -> Observation {
        let age = self.age_of.is_some().then_some("age_seconds");
        for name in self.values.iter().map(|(name, _)| name.as_str()).chain(age) {
            seen = seen.with(
                name,
                Reading::Failed(Said::new("JSON の応答がありません", "no JSON answer")),
            );
        }
        seen
    }
}

fn reading(value: Option<&Value>) -> Reading {
    match value {
        None => Reading::Unknown(Said::new("応答にありません", "not in the answer")),
        Some(Value::Null) => Reading::Unknown(Said::new("値が null です", "the value is null")),
        Some(Value::Bool(flag)) => Reading::flag(*flag),
        Some(Value::Number(value)) => number(value.as_f64().unwrap_or(f64::NAN)),
        Some(Value::String(text)) => Reading::text(shown(text)),
        Some(Value::Array(_)) => Reading::Unknown(Said::new(
            "リストです。その中の値を指してください",
            "a list; point at one of its values",
        )),
        Some(Value::Object(_)) => Reading::Unknown(Said::new(
            "オブジェクトです。その中の値を指してください",
            "an object; point at one of its values",
        )),
    }
}
