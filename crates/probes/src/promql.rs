//! Probe kind `promql`: asks an existing Prometheus, or whatever speaks its query API, for one value.

use crate::{
    answers::Asking,
    probe::{Kind, Probe, Seat, Settings},
    vector::Query,
};
use source::{Fields, Problems, Secret};
use std::sync::Arc;

/// The row of the table.
pub(crate) const KIND: Kind = Kind {
    name: "promql",
    summary: (
        "既存の Prometheus (互換サーバーも可) に PromQL で値を一つ問い合わせる",
        "asks an existing Prometheus, or a server that speaks its API, for one value in PromQL",
    ),
    example: "\
kind: promql
service: api-1
url: http://127.0.0.1:9090
query: sum(rate(http_requests_total{job=\"api\",code=~\"5..\"}[5m]))
take: only               # or max, min, sum, count of the series
empty_is: 0              # no series counts as this; unknown unless written
headers_env: {Authorization: PROMETHEUS_AUTHORIZATION}
every: 30s
",
    readings: &[
        (
            "value",
            "値。系列がなければ不明、サーバーが答えなければ測定失敗",
            "the value; unknown without any series, failed when the server does not answer",
        ),
        ("series", "系列の数", "how many series there are"),
    ],
    parse,
};

#[derive(Debug)]
struct PromQl(Query);

fn parse(fields: &mut Fields<'_>, problems: &mut Problems) -> Option<Arc<dyn Settings>> {
    Query::parse(&["api", "v1", "query"], fields, problems)
        .map(|query| Arc::new(PromQl(query)) as _)
}

impl Settings for PromQl {
    fn make(&self, seat: Seat) -> Box<dyn Probe> {
        // The server gives up when we do: a look that was cut must leave no query running there.
        let limit = format!("{}ms", seat.timeout.as_millis().max(1));
        let request = self.0.request.clone().with_query([("timeout", limit.as_str())]);
        Asking::new(seat, "value", request, self.0.reader)
    }

    fn secrets(&self) -> Vec<Secret> {
        self.0.request.secrets()
    }
}
