//! Probe kind `freshness`: whether data are as new as a business calendar says they must be.

use crate::{
    answers::{self, Asking, Reader, pointer},
    aside::{Aside, Blocking},
    ask::{Answer, Request},
    business_days::Calendar,
    matching, moment,
    probe::{Kind, Probe, Seat, Settings},
};
use domain::{
    reading::{Observation, Reading},
    said::Said,
};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use source::{Fields, Problems, Secret};
use std::sync::Arc;

/// The row of the table.
pub(crate) const KIND: Kind = Kind {
    name: "freshness",
    summary: (
        "データが営業日カレンダーどおりに更新されているかを見る",
        "looks whether data are as new as a business calendar expects them",
    ),
    example: "\
kind: freshness
service: prices
path: /srv/prices/*.csv            # the newest file that matches
# or a time in a JSON answer:      url: http://127.0.0.1:8080/api/status   pointer: /prices/newest
expected:
  days: [mon, tue, wed, thu, fri]  # these unless written
  from: '00:00'                    # data from then on are of that day
  by: '18:00'                      # by then they must be there
  zone: Asia/Tokyo
  holidays: [2026-11-23]
  also: [2026-12-05]               # a Saturday on which data come all the same
every: 1m
",
    readings: &[
        ("late", "期限を過ぎても新しいデータがないか", "whether newer data should have been there"),
        ("late_seconds", "期限を過ぎた秒数。遅れていなければ 0", "for how long; 0 when not late"),
        ("age_seconds", "最新データの古さ", "how old the newest data are"),
        ("expected_at", "次のデータの期限", "by when newer data than these are, or were, expected"),
    ],
    parse,
};

/// Clocks differ; more than this is no difference of clocks.
const CLOCK_SKEW: SignedDuration = SignedDuration::from_mins(10);

#[derive(Clone, Debug)]
struct Freshness {
    source: Source,
    calendar: Calendar,
}

#[derive(Clone, Debug)]
enum Source {
    Files(String),
    Json { request: Box<Request>, pointer: String },
}

fn parse(fields: &mut Fields<'_>, problems: &mut Problems) -> Option<Arc<dyn Settings>> {
    let expected = fields.required("expected", problems);
    let calendar = expected.and_then(|node| Calendar::parse(node, problems));
    let path = fields.text("path", problems);
    let source = match (path, fields.optional("url")) {
        (Some(path), None) => {
            if let Err(error) = glob::Pattern::new(&path) {
                problems.add(fields.place(), Said::same(format!("`{path}`: {error}")));
            }
            Some(Source::Files(path))
        }
        (None, Some(_)) => {
            let pointer =
                fields.required("pointer", problems).and_then(|node| pointer(node, problems));
            let request = Request::parse(fields, problems);
            request
                .zip(pointer)
                .map(|(request, pointer)| Source::Json { request: Box::new(request), pointer })
        }
        _ => {
            let message = Said::new(
                "`path`、または `url` と `pointer` のどちらかを書いてください",
                "write either `path`, or `url` and `pointer`",
            );
            problems.add(fields.place(), message);
            None
        }
    };
    Some(Arc::new(Freshness { source: source?, calendar: calendar? }))
}

impl Settings for Freshness {
    fn make(&self, seat: Seat) -> Box<dyn Probe> {
        let calendar = self.calendar.clone();
        match &self.source {
            Source::Files(pattern) => {
                let files = Files { seat: seat.clone(), pattern: pattern.clone(), calendar };
                Aside::new(seat, "late", files)
            }
            Source::Json { request, pointer } => {
                let reader = Pointed { pointer: pointer.clone(), calendar };
                Asking::new(seat, "late", (**request).clone(), reader)
            }
        }
    }

    fn secrets(&self) -> Vec<Secret> {
        match &self.source {
            Source::Files(_) => Vec::new(),
            Source::Json { request, .. } => request.secrets(),
        }
    }
}

struct Files {
    seat: Seat,
    pattern: String,
    calendar: Calendar,
}

impl Blocking for Files {
    fn look(&mut self) -> Vec<Observation> {
        let newest = matching::newest_first(&self.pattern).map(|all| {
            let file = all.into_iter().find(|found| !found.is_folder);
            file.map(|file| (file.modified, file.path.display().to_string()))
        });
        vec![observe(&self.seat, &self.calendar, newest)]
    }
}

struct Pointed {
    pointer: String,
    calendar: Calendar,
}

impl Reader for Pointed {
    fn read(&mut self, seat: &Seat, answer: &Answer) -> Observation {
        observe(seat, &self.calendar, self.newest(answer))
    }
}

impl Pointed {
    fn newest(&self, answer: &Answer) -> Result<Newest, Said> {
        if let Some(wrong) = &answer.wrong {
            return Err(wrong.said());
        }
        let document = answers::json(&answer.body)?;
        match document.pointer(&self.pointer) {
            None => Err(Said::new(
                format!("{} が応答にありません", self.pointer),
                format!("{} is not in the answer", self.pointer),
            )),
            // What the newest of no data is.
            Some(Value::Null) => Ok(None),
            Some(value) => {
                let at = moment::from_json(value, Some(self.calendar.zone()))?;
                Ok(Some((at, self.pointer.clone())))
            }
        }
    }
}

/// The time of the newest data and where they are; nothing when there are none at all.
type Newest = Option<(Timestamp, String)>;

fn observe(seat: &Seat, calendar: &Calendar, newest: Result<Newest, Said>) -> Observation {
    let seen = seat.observation();
    let now = seen.at;
    let (newest, place) = match newest {
        Ok(Some(newest)) => newest,
        Ok(None) => {
            let unknown = || {
                Reading::Unknown(Said::new("データが 1 件もありません", "there are no data at all"))
            };
            return seen
                .with("late", Reading::flag(true))
                .with("late_seconds", unknown())
                .with("age_seconds", unknown())
                .with("expected_at", unknown())
                .because(Said::new("データが 1 件もありません", "there are no data at all"));
        }
        Err(why) => return seat.failed("late", why),
    };
    let age = now.duration_since(newest);
    if age < -CLOCK_SKEW {
        return seat.failed(
            "late",
            Said::new(
                format!("{place} の時刻 {newest} が未来です"),
                format!("{place} is of {newest}, which is yet to come"),
            ),
        );
    }
    let Some(expected) = calendar.next_expected(newest) else {
        return seat.failed(
            "late",
            Said::new(
                "カレンダーに 1 年以内の営業日がありません",
                "the calendar has no business day within a year",
            ),
        );
    };
    let late = now.duration_since(expected).max(SignedDuration::ZERO);
    let local = expected.to_zoned(calendar.zone().clone()).strftime("%FT%T%:z").to_string();
    let detail = if late.is_zero() { "newer data are due by" } else { "newer data were due by" };
    seen.with("late", Reading::flag(!late.is_zero()))
        .with("late_seconds", Reading::number(late.as_secs_f64()))
        .with("age_seconds", Reading::number(age.as_secs_f64().max(0.0)))
        .with("expected_at", Reading::text(local.clone()))
        .because(format!("the newest data are of {newest} ({place}); {detail} {local}"))
}
