//! Probe kind `elasticsearch`: counts documents in Elasticsearch or OpenSearch.

use crate::{
    answers::{self, Asking, Reader},
    ask::{Answer, Request},
    outside::shown,
    probe::{Kind, Probe, Seat, Settings},
};
use domain::{
    reading::{Observation, Reading},
    said::Said,
};
use serde_json::{Value, json};
use source::{Fields, Problems, Secret};
use std::sync::Arc;

/// The row of the table.
pub(crate) const KIND: Kind = Kind {
    name: "elasticsearch",
    summary: (
        "Elasticsearch / OpenSearch で条件に合う文書を数える",
        "counts the documents that match in Elasticsearch or OpenSearch",
    ),
    example: "\
kind: elasticsearch
service: api-1
url: http://127.0.0.1:9200
index: logs-api-*
query: 'level:ERROR AND service:api'      # query string syntax
# or the body of _count itself:  body: '{\"query\": {\"term\": {\"level\": \"ERROR\"}}}'
since: 5m                                 # only documents of the last five minutes
time_field: '@timestamp'
headers_env: {Authorization: ELASTICSEARCH_AUTHORIZATION}
every: 30s
",
    readings: &[(
        "count",
        "条件に合う文書の数。サーバーが全部を数えられなければ測定失敗",
        "how many documents match; failed when the server cannot count all of them",
    )],
    parse,
};

#[derive(Debug)]
struct Counting {
    request: Request,
}

fn parse(fields: &mut Fields<'_>, problems: &mut Problems) -> Option<Arc<dyn Settings>> {
    let index = fields.required("index", problems).and_then(|node| node.text(problems));
    let query = fields.text("query", problems);
    let since = fields.optional("since").and_then(|node| node.duration(problems));
    let time_field = fields.text_or("time_field", "@timestamp", problems);
    // `body` belongs to the request; it is looked at here because only one of the two can be.
    let body = fields.text("body", problems);
    let request = Request::parse(fields, problems);
    let body = match (query, body) {
        (Some(query), None) => {
            let mut filter = vec![json!({"query_string": {"query": query}})];
            if let Some(since) = since {
                let gte = format!("now-{}ms", since.as_millis());
                filter.push(json!({"range": {time_field: {"gte": gte}}}));
            }
            json!({"query": {"bool": {"filter": filter}}}).to_string()
        }
        (None, Some(body)) if since.is_none() && serde_json::from_str::<Value>(&body).is_ok() => {
            body
        }
        _ => {
            let message = Said::new(
                "`query` (と `since`)、または JSON の `body` のどちらか一つを書いてください",
                "write either `query` (with `since` if you like) or a `body` of JSON",
            );
            problems.add(fields.place(), message);
            return None;
        }
    };
    let request = request?.below(&[&index?, "_count"]).with_json(body);
    Some(Arc::new(Counting { request }))
}

impl Settings for Counting {
    fn make(&self, seat: Seat) -> Box<dyn Probe> {
        Asking::new(seat, "count", self.request.clone(), Count)
    }

    fn secrets(&self) -> Vec<Secret> {
        self.request.secrets()
    }
}

struct Count;

impl Reader for Count {
    fn read(&mut self, seat: &Seat, answer: &Answer) -> Observation {
        match judge(answer) {
            Ok(count) => seat.observation().with("count", Reading::number(count)),
            Err(why) => seat.failed("count", why),
        }
    }
}

fn judge(answer: &Answer) -> Result<f64, Said> {
    let body = answers::json(&answer.body);
    if let Some(wrong) = &answer.wrong {
        let refusal = refusal(&body.unwrap_or_default()["error"]);
        return Err(refusal.unwrap_or_else(|| wrong.said()));
    }
    let body = body?;
    let shards = &body["_shards"];
    if shards["failed"].as_u64().unwrap_or(0) > 0 {
        let reason = refusal(&shards["failures"][0]["reason"]).unwrap_or_default();
        let (failed, total) = (&shards["failed"], &shards["total"]);
        return Err(Said::new(
            format!("シャード {total} 個中 {failed} 個で数えられませんでした。{}", reason.ja),
            format!("{failed} of {total} shards could not count. {}", reason.en),
        ));
    }
    body["count"].as_f64().ok_or_else(|| {
        Said::new(
            format!("応答に件数がありません: {}", shown(&body.to_string())),
            format!("there is no count in the answer: {}", shown(&body.to_string())),
        )
    })
}

/// The server's own words when it could not answer. Old servers write a text, others an object.
fn refusal(error: &Value) -> Option<Said> {
    let words = match error {
        Value::String(text) => shown(text),
        error => {
            let cause = error.get("root_cause").and_then(|causes| causes.get(0)).unwrap_or(error);
            let kind = cause["type"].as_str()?;
            format!("{}: {}", shown(kind), shown(cause["reason"].as_str().unwrap_or("no reason")))
        }
    };
    Some(Said::new(format!("サーバーの応答: {words}"), format!("the server says {words}")))
}
