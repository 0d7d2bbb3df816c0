//! One query to Prometheus' query API, which Loki and others speak too: an instant vector becomes one value.

use crate::{
    answers::{self, Reader},
    ask::{Answer, Request},
    outside::shown,
    probe::Seat,
    series::Take,
};
use domain::reading::{Observation, Reading};
use domain::said::Said;
use serde_json::Value;
use source::{Fields, Problems};

/// A query as configured.
#[derive(Clone, Debug)]
pub(crate) struct Query {
    pub request: Request,
    pub reader: Vector,
}

/// How the answer becomes one value.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Vector {
    take: Take,
    empty_is: Option<f64>,
}

impl Query {
    /// Takes `url` and the other keys of a request, `query`, `take` and `empty_is`; `path` is where the server
    /// answers queries.
    pub fn parse(path: &[&str], fields: &mut Fields<'_>, problems: &mut Problems) -> Option<Self> {
        let request = Request::parse(fields, problems);
        let query = fields.required("query", problems).and_then(|node| node.text(problems));
        let take =
            fields.optional("take").map_or(Some(Take::Only), |node| Take::parse(node, problems));
        let empty_is = fields.optional("empty_is").and_then(|node| node.number(problems));
        let request = request?.below(path).with_query([("query", query?.as_str())]);
        Some(Self { request, reader: Vector { take: take?, empty_is } })
    }
}

impl Reader for Vector {
    fn read(&mut self, seat: &Seat, answer: &Answer) -> Observation {
        self.judge(seat, answer).unwrap_or_else(|why| seat.failed("value", why))
    }
}

impl Vector {
    /// An error is why the server could not be asked: no statement about the service.
    fn judge(self, seat: &Seat, answer: &Answer) -> Result<Observation, Said> {
        let body = answers::json(&answer.body);
        if let Some(wrong) = &answer.wrong {
            return Err(refusal(&body.unwrap_or_default()).unwrap_or_else(|| wrong.said()));
        }
        let body = body?;
        if let Some(refusal) = refusal(&body) {
            return Err(refusal);
        }
        let values = values(&body["data"])?;
        let value = match (values.as_slice(), self.empty_is) {
            ([], None) => Reading::Unknown(Said::new("系列がありません", "no series")),
            ([], Some(empty)) => Reading::number(empty),
            (values, _) => self.take.of(values)?,
        };
        let mut notes =
            vec![Said::new(format!("{} 系列", values.len()), format!("{} series", values.len()))];
        notes.extend(warnings(&body));
        Ok(seat
            .observation()
            .with("value", value)
            .with("series", Reading::number(values.len() as f64))
            .because(Said::join(&notes, "; ")))
    }
}

/// The server's own words when it could not answer.
fn refusal(body: &Value) -> Option<Said> {
    let error = body["error"].as_str()?;
    let kind = body["errorType"].as_str().unwrap_or("error");
    Some(Said::new(
        format!("サーバーの応答: {}: {}", shown(kind), shown(error)),
        format!("the server says {}: {}", shown(kind), shown(error)),
    ))
}

/// An answer with a warning may be only a part of the truth: a store was not reached, a name means nothing.
fn warnings(body: &Value) -> Vec<Said> {
    let lists = [&body["warnings"], &body["infos"]];
    let mut warnings: Vec<Said> = lists
        .into_iter()
        .filter_map(Value::as_array)
        .flatten()
        .filter_map(Value::as_str)
        .take(5)
        .map(|text| {
            Said::new(format!("警告: {}", shown(text)), format!("warning: {}", shown(text)))
        })
        .collect();
    if body["isPartial"] == true {
        warnings.push(Said::new("警告: 応答が一部だけです", "warning: the answer is partial"));
    }
    warnings
}

fn values(data: &Value) -> Result<Vec<f64>, Said> {
    let kind = data["resultType"].as_str().unwrap_or("nothing");
    let points: Vec<&Value> = match (kind, data["result"].as_array()) {
        ("scalar", Some(_)) => vec![&data["result"]],
        ("vector", Some(series)) => series.iter().map(|series| &series["value"]).collect(),
        _ => {
            return Err(Said::new(
                format!(
                    "クエリの結果が系列ごとの数値ではなく {} です。範囲指定を外すか、数えてください",
                    shown(kind)
                ),
                format!(
                    "the query brings a {}, not a number for each series; take off its range or count it",
                    shown(kind)
                ),
            ));
        }
    };
    points.into_iter().map(value).collect()
}

/// A point is its time and its value as text; a histogram has no such value.
fn value(point: &Value) -> Result<f64, Said> {
    point[1].as_str().and_then(|text| text.parse().ok()).ok_or_else(|| {
        Said::new(
            format!("{} は値ではありません", shown(&point.to_string())),
            format!("{} is no value", shown(&point.to_string())),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn scalars_and_vectors_are_read_and_nothing_else() {
        let vector = json!({"resultType": "vector", "result": [
            {"metric": {"job": "api"}, "value": [1435781430.781, "1"]},
            {"metric": {"job": "db"}, "value": [1435781430.781, "+Inf"]},
        ]});
        assert_eq!(values(&vector), Ok(vec![1.0, f64::INFINITY]));
        let scalar = json!({"resultType": "scalar", "result": [1435781430.781, "2.5"]});
        assert_eq!(values(&scalar), Ok(vec![2.5]));
        let matrix = json!({"resultType": "matrix", "result": []});
        assert!(values(&matrix).expect_err("a range").en.contains("a matrix"));
        let histogram =
            json!({"resultType": "vector", "result": [{"metric": {}, "histogram": [1, {}]}]});
        assert!(values(&histogram).is_err());
        assert!(values(&json!(null)).is_err());
    }
}
